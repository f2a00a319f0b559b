"""Knobs take arcs and parameters: by the score's numbers, by learning, and without a jump."""

from __future__ import annotations

import random

import pytest

from lullaby.live.hold import Control
from lullaby.live.knobs import Knobs
from tests.live.sessions import Diary

CONTROLS = {
    "panic": Control("panic", cc=21),
    "surrender": Control("surrender"),
    "a.rate": Control("a.rate", 0.5, 50.0, "/s", log=True),
    "gone": Control("gone", cc=99),
}


def cc(number: int, value: int, channel: int = 0) -> bytes:
    return bytes((0xB0 | channel, number, value))


def test_the_score_s_number_takes_the_arc_from_any_channel() -> None:
    diary = Diary()
    knobs = Knobs(diary, CONTROLS)
    for message in (cc(21, 127), cc(21, 0, 5), cc(22, 64), cc(21, 64)):
        knobs.hear(message)
    assert diary.did == [
        ("touch", "panic", 1.0),
        ("touch", "panic", 0.0),
        ("touch", "panic", pytest.approx(64 / 127)),
    ]


def test_the_next_knob_that_moves_is_learnt() -> None:
    diary = Diary()
    knobs = Knobs(diary, CONTROLS)
    knobs.learn("a.rate")
    assert knobs.learning == "a.rate"
    knobs.hear(cc(50, 64, 2))
    knobs.hear(cc(51, 10, 2))
    knobs.hear(cc(50, 65, 2))  # it trembles
    assert knobs.learning == "a.rate"
    knobs.hear(cc(51, 20, 2))
    assert knobs.learning is None
    knobs.hear(cc(51, 127, 2))
    knobs.hear(cc(51, 127, 3))  # of another channel
    assert diary.did == [("touch", "a.rate", 50.0)]
    assert knobs.bindings[2, 51] == "a.rate"
    knobs.learn("a.rate")
    knobs.hear(cc(7, 0))
    knobs.hear(cc(7, 9))
    assert (2, 51) not in knobs.bindings
    with pytest.raises(KeyError):
        knobs.learn("nobody")


def test_a_parameter_moves_along_its_own_scale() -> None:
    diary = Diary()
    knobs = Knobs(diary, CONTROLS)
    knobs.bind("a.rate", 30, channel=1)
    knobs.hear(cc(30, 64, 1))
    ((_, _, value),) = diary.did
    assert value == pytest.approx(0.5 * 100.0 ** (64 / 127))


def test_a_knob_takes_hold_only_where_the_value_is() -> None:
    diary = Diary()
    diary.values["panic"] = 0.5
    knobs = Knobs(diary, CONTROLS, now=diary.values.get)
    for value in (10, 20, 40, 55):
        knobs.hear(cc(21, value))
    assert diary.did == []
    knobs.hear(cc(21, 70))  # through it, in one leap
    knobs.hear(cc(21, 90))
    assert [value for _, _, value in diary.did] == pytest.approx([70 / 127, 90 / 127])
    diary.values["panic"] = 0.1  # somebody else moved it
    knobs.hear(cc(21, 92))
    assert len(diary.did) == 2
    knobs.let_go("panic")
    assert diary.did[-1] == ("release", "panic")


def test_fourteen_bits_in_pairs() -> None:
    diary = Diary()
    knobs = Knobs(diary, CONTROLS, fine=True)
    knobs.hear(cc(21, 64))
    knobs.hear(cc(53, 1))
    assert [value for *_, value in diary.did] == pytest.approx([8192 / 16383, 8193 / 16383])


def test_whatever_comes_in_nothing_is_raised() -> None:
    diary = Diary()
    knobs = Knobs(diary, CONTROLS)
    knobs.hear(cc(99, 5))  # the session does not have it
    assert knobs.refused == 1
    chance = random.Random(2)
    for _ in range(5000):
        knobs.hear(chance.randbytes(chance.randrange(6)))
    assert all(0.0 <= value <= 1.0 for what, name, value in diary.did if name == "panic")
