"""The shipped pieces made of data: what went in comes out of their sound, and other data do not."""

from __future__ import annotations

import pytest

import lullaby
from lullaby.measure.struck_tones import Tones
from lullaby.outputs.verifying import CONTROLS, checked

PIECES = ("earthquakes", "el_nino", "glucose_day", "server_latency")


@pytest.mark.parametrize("name", PIECES)
def test_the_data_are_read_back_and_no_others(name: str) -> None:
    piece = lullaby.load(name)
    named = piece.score.verify
    stems = piece.stems({one.part for one in named})
    tones: dict[str, Tones] = {}
    for check in checked(piece.performance, named, stems, 48000, tones=tones):
        assert check.passes, (check, check.failures)
    for control in CONTROLS:
        for check in checked(piece.performance, named, stems, 48000, control, tones):
            assert not check.passes, (control, check)
