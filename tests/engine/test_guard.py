"""A part that fails is faded out and reported; everybody else plays on, bit for bit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lullaby.engine.engine import Engine
from lullaby.model.module import Voice
from lullaby.model.performance import Performance
from lullaby.model.score import PartDef, Stay
from lullaby.model.sheet import choice
from tests.engine.cast import MEMORY, Pings, pings
from tests.engine.piece import C, performed, scene, score

FRAMES = 520_000
WRONG = {"nan": np.nan, "inf": np.inf, "huge": 1e30, "minus": -np.inf}


def faulty(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any, what: str
) -> None:
    pings(out, start_frame, sample_rate, curves, events, state)
    if start_frame + out.shape[1] > 96_000:
        if what == "error":
            raise RuntimeError("no such luck")
        out[0, -1] = WRONG[what]


class Broken(Pings):
    """Pings that go wrong two seconds into their run."""

    what = choice("nan", (*WRONG, "error"), "What goes wrong.")

    def voice(self, sample_rate: int) -> Voice:
        what = self.what
        return Voice(lambda *a: faulty(*a, what), MEMORY, sample_rate)


def broken(what: str) -> Performance:
    made = score()
    c = PartDef("c", Broken, settings=C.settings, fixed={"what": what})
    return performed(replace(made, parts=(*made.parts[:2], c)))


@pytest.mark.parametrize("what", [*WRONG, "error"])
def test_a_fault_stays_where_it_is(what: str) -> None:
    with Engine(broken(what), stems=True, stretch=8192) as engine:
        heard = engine.read_all(FRAMES)
        assert engine.muted == {"c"}
        assert all("part 'c'" in line for line in engine.messages)
        if what == "error":
            assert "no such luck" in engine.messages[0]
        assert len(engine.messages) == 3
    with Engine(performed(), stems=True) as engine:
        whole = engine.read_all(FRAMES)
    for name, sound in heard.items():
        assert np.isfinite(sound).all(), name
        assert np.abs(sound).max() <= 1.0, name
    for name in ("stem a", "stem b"):
        assert np.array_equal(heard[name], whole[name])
    # Before the fault the part is what it should be; after the third it is silent.
    first = 80_000
    assert np.array_equal(heard["stem c"][:, :first], whole["stem c"][:, :first])
    assert np.abs(heard["stem c"][:, -48_000:]).max() == 0.0
    assert np.abs(whole["stem c"][:, -96_000:]).max() > 0.001


@pytest.mark.parametrize("stretch", [1024, 8192, 65536])
def test_the_part_leaves_without_a_click(stretch: int) -> None:
    with Engine(broken("nan"), stems=True, stretch=stretch) as engine:
        sound = engine.read_all(FRAMES)["stem c"]
    with Engine(performed(), stems=True) as engine:
        usual = np.abs(np.diff(engine.read_all(FRAMES)["stem c"])).max()
    assert np.abs(np.diff(sound)).max() <= 1.2 * usual


def test_a_run_begun_before_its_part_was_muted_is_silent_with_any_number_of_threads() -> None:
    made = score()
    c = PartDef("c", Broken, settings=C.settings, fixed={"what": "error"})
    scenes = (
        scene("one", [Stay("a"), Stay("c")], 3.9),
        scene("two", [Stay("a")], 0.6),
        scene("three", [Stay("a"), Stay("c")], 3.0),
    )
    performance = performed(replace(made, parts=(made.parts[0], c), scenes=scenes))
    heard = []
    for jobs in (1, 3):
        with Engine(performance, stems=True, jobs=jobs) as engine:
            sounds = engine.read_all(FRAMES)
            heard.append((sounds, list(engine.messages), set(engine.muted)))
    (alone, said, muted), (together, also, too) = heard
    assert muted == too == {"c"}
    assert said == also
    assert len(said) == 3
    for name, sound in alone.items():
        assert np.array_equal(sound, together[name]), name
    assert np.abs(alone["stem c"][:, -96_000:]).max() == 0.0
