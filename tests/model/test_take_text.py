"""A take as text: read back to the bit, and every mistake told with its line."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lullaby.errors import ScoreError
from lullaby.model.take import Take, Touch
from lullaby.model.take_text import Recorded, read, written

HEAD = "lullaby take 1\ntitle T\nseed 7\nrate 48000\n\n"


def recorded() -> Recorded:
    take = Take(44100)
    chance = random.Random(3)
    grid = -5
    for _ in range(500):
        grid += chance.randrange(3)
        value = None if chance.random() < 0.2 else chance.uniform(-1e3, 1e3) ** 3
        take.add(Touch(grid, chance.choice(["panic", "a.rate", "hall.level"]), value))
    return Recorded(take, 12345678901, "Even\nsong \x1b☾", 12.25)


def test_it_is_read_back_to_the_bit() -> None:
    one = recorded()
    again = read(written(one))
    assert again.take.names == one.take.names
    assert again.take.touches.tobytes() == one.take.touches.tobytes()
    assert (again.take.sample_rate, again.seed, again.from_s) == (44100, 12345678901, 12.25)
    assert again.title == "Even song ☾"
    assert written(again) == written(read(written(again)))


def test_letting_go_is_a_dash() -> None:
    take = read(HEAD + "10 0.5 panic\r\n20 - panic\n").take
    assert take.rows[0] == (10, 0, 0.5)
    assert math.isnan(take.rows[1][2])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "first line must be 'lullaby take 1'"),
        ("lullaby take 2\n", 1, "first line must be"),
        ("lullaby take 1\nrate 48000\n\n", 1, "a line 'seed'"),
        ("lullaby take 1\nseed 1\nrate 7\n\n", 1, "a line 'rate' with a number from 8000"),
        ("lullaby take 1\nseed 1\nseed 2\n\n", 3, "each once"),
        ("lullaby take 1\nevil 1\n\n", 2, "the head has"),
        ("lullaby take 1\nseed 1\nrate 48000\nfrom nan\n\n", 1, "seconds from 0 on"),
        (HEAD + "10 0.5\n", 6, "a touch is"),
        (HEAD + "1.5 0.5 panic\n", 6, "no grid point"),
        (HEAD + "1 nan panic\n", 6, "'nan' is no value"),
        (HEAD + "1 1e999 panic\n", 6, "is no value"),
        (HEAD + "1 0.5 __class__.x\n", 6, "no name"),
        (HEAD + "5 0.5 panic\n4 0.5 panic\n", 7, "grid point 4 comes after 5"),
        (HEAD + "5 0.5 panic" + "x" * 300 + "\n", 6, "a touch is"),
        (HEAD + "\n5 0.5 panic\n", 6, "a touch is"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(ScoreError) as caught:
        read(text, "a.take")
    assert str(caught.value).startswith(f"a.take:{line}:1: ")
    assert says in str(caught.value)


def test_of_many_mistakes_twenty_are_told() -> None:
    with pytest.raises(ScoreError) as caught:
        read(HEAD + "x\n" * 100_000)
    assert len(caught.value.findings) == 20


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789.-+eE \n\rpanic_x", max_size=80))
def test_any_text_is_a_take_or_an_error(text: str) -> None:
    for head in ("", HEAD):
        try:
            take = read(head + text).take
        except ScoreError:
            continue
        assert all(math.isfinite(value) or math.isnan(value) for _, _, value in take.rows)


def test_a_name_no_score_has_is_not_written() -> None:
    take = Take(48000)
    take.add(Touch(0, "two words", 1.0))
    with pytest.raises(ValueError, match="no name"):
        written(Recorded(take, 1))
