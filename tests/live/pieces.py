"""A small stream of MIDI, from the test modules."""

from __future__ import annotations

from lullaby.live.midi_plan import planned
from lullaby.outputs.midi_file import Form
from lullaby.outputs.midi_stream import Stream
from tests.engine.piece import performed, score


def small_stream(mpe: str = "off", seed: int = 3) -> Stream:
    made = score(seed)
    return planned(made, performed(made), Form(mpe))
