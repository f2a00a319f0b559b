"""Tuning files, read by a small reader of the published formats, give the tones of the score."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from lullaby import Piece
from lullaby.model.score import Score, Tuning
from lullaby.outputs.tuning_files import keyboard, live_scale, on_keys, scale, tunings
from lullaby.score.tones import SCALES
from tests.outputs.test_midi_file import choir

TUNINGS = [
    Tuning(110.0, SCALES["just"], True),
    Tuning(261.0, SCALES["pythagorean"], True),
    Tuning(50.0, SCALES["chromatic"], True),
    Tuning(55.0, (1.0, 2.0, 3.0, 5.0, 8.0, 12.0)),
    Tuning(40.0, (2.0, 3.1415926, 7.7)),
    Tuning(300.0, tuple(2.0 ** (k / 19) for k in range(19)), True),
    Tuning(441.0, (1.0,), True),
]


def read_scale(text: str) -> list[float]:
    """Return the cents of a ``.scl``: description, count, then a pitch a line."""
    lines = [line for line in text.splitlines() if not line.startswith("!")]
    count = int(lines[1].split()[0])
    pitches = [line.split()[0] for line in lines[2 : 2 + count]]
    assert len(pitches) == count
    return [float(p) if "." in p else 1200.0 * float(np.log2(float(Fraction(p)))) for p in pitches]


def read_keys(scl: str, kbm: str) -> dict[int, float]:
    """Return the frequency (Hz) of each key under a scale and a map of size 0."""
    cents = read_scale(scl)
    values = [line for line in kbm.splitlines() if not line.startswith("!")]
    size, first, last, middle, reference, octave = (int(values[i]) for i in (0, 1, 2, 3, 4, 6))
    assert (size, middle, octave) == (0, reference, len(cents))

    def pitch(key: int) -> float:
        octaves, degree = divmod(key - middle, octave)
        return octaves * cents[-1] + (cents[degree - 1] if degree else 0.0)

    base_hz = float(values[5])
    return {key: base_hz * 2.0 ** (pitch(key) / 1200.0) for key in range(first, last + 1)}


@pytest.mark.parametrize("tuning", TUNINGS)
def test_every_tone_is_on_a_key_within_a_hundredth_of_a_cent(tuning: Tuning) -> None:
    keys = read_keys(scale(tuning, "any"), keyboard(tuning))
    found = np.log2(np.array(list(keys.values())))
    for octave in (-1, 0, 1) if tuning.repeats else (0,):
        for ratio in tuning.ratios:
            exact = np.log2(tuning.root_hz * ratio) + octave
            assert 1200.0 * np.abs(found - exact).min() < 0.01
    nearest = min(keys, key=lambda k: abs(keys[k] - tuning.root_hz * tuning.ratios[0]))
    exact_key = 69.0 + 12.0 * np.log2(tuning.root_hz * tuning.ratios[0] / 440.0)
    assert abs(nearest - exact_key) <= 0.5


def test_ratios_stay_ratios_and_the_rest_is_cents() -> None:
    said = scale(TUNINGS[0], "Just").splitlines()
    assert said[-7:] == [" 9/8", " 5/4", " 4/3", " 3/2", " 5/3", " 15/8", " 2/1"]
    assert " 700.000000" in scale(TUNINGS[2], "Equal").splitlines()


def test_live_has_the_frequency_of_the_first_tone() -> None:
    text = live_scale(TUNINGS[0], "Höhe")
    assert read_scale(text) == read_scale(scale(TUNINGS[0], "x"))
    directives = [line.split() for line in text.splitlines() if "@ABL" in line]
    assert directives == [["!", "@ABL", "REFERENCE_PITCH", "4", "0", "110.000000000"]]
    assert text.isascii()


def test_only_what_keys_do_not_give_has_files() -> None:
    equal = Tuning(55.0, SCALES["chromatic"], True)
    assert on_keys(equal)
    assert not on_keys(replace(equal, root_hz=56.0))
    just = TUNINGS[0]
    assert tunings([Tuning(), equal, just, equal, just, TUNINGS[1]]) == [just, TUNINGS[1]]


def tuned(*used: Tuning) -> Score:
    made = choir()
    scenes = tuple(replace(s, tuning=t) for s, t in zip(made.scenes, used, strict=True))
    return replace(made, scenes=scenes)


def test_they_stand_beside_the_file(tmp_path: Path) -> None:
    Piece(tuned(TUNINGS[0], TUNINGS[3])).midi(tmp_path / "a.mid")
    names = {"a.mid", "a.scl", "a.kbm", "a.ascl", "a_2.scl", "a_2.kbm", "a_2.ascl"}
    assert {p.name for p in tmp_path.iterdir()} == names
    keys = read_keys((tmp_path / "a_2.scl").read_text(), (tmp_path / "a_2.kbm").read_text())
    assert list(keys.values()) == pytest.approx([55.0 * r for r in TUNINGS[3].ratios], rel=1e-6)
    for path in tmp_path.iterdir():
        path.unlink()
    Piece(choir()).midi(tmp_path / "b.mid")
    assert [p.name for p in tmp_path.iterdir()] == ["b.mid"]
