"""The fader of a part that gives way goes down in MIDI as it does in the sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lullaby.engine.arrange import arrange
from lullaby.engine.ducking import Ducking
from lullaby.engine.hands import Hands
from lullaby.engine.listing import events
from lullaby.model.take import Take
from lullaby.outputs.leaders import Leaders
from lullaby.outputs.midi_controls import EXPRESSION, controls
from lullaby.outputs.midi_lanes import points
from tests.engine.asked import STRIKE, piece


def performed():
    made = piece(STRIKE)
    return arrange(replace(made, scenes=made.scenes[2:]))  # bells only answer


def test_the_curve_is_that_of_the_engine() -> None:
    performance = performed()
    (run,) = (r for r in performance.runs if r.part == "under")
    t = np.arange(0.0, 5.0, 64 / 48000)
    heard = Ducking(performance, run, 48000, Hands(Take(48000))).softer_db(t)
    there = Leaders(performance, dict(events(performance, 0.0, 9.0)))("bells", t)
    assert heard.max() == pytest.approx(12.0)
    assert heard.min() == 0.0
    assert 12.0 * there == pytest.approx(heard, abs=1e-9)


def test_the_fader_goes_down_by_as_many_decibels() -> None:
    performance = performed()
    runs = [r for r in performance.runs if r.part == "under"]
    found = {}
    for name, table in (("with", dict(events(performance, 0.0, 9.0))), ("without", {})):
        lanes = controls(runs, 5.0, Leaders(performance, table))
        (fader,) = (lane for lane in lanes if lane.cc == EXPRESSION)
        sent = points(fader, ())
        found[name] = sent.value[np.searchsorted(sent.at_s, 3.0, side="right") - 1]
    assert 40.0 * np.log10(found["without"] / found["with"]) == pytest.approx(12.0, abs=0.4)
