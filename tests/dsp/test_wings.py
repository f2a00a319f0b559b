"""Wings as they are heard alone: which harmonics, how soft an edge, and what must not be there."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp.flight import ALIKE
from lullaby.dsp.oscillators import step_of
from lullaby.dsp.summing import SUMS, sum_up
from lullaby.dsp.wings import EDGE, EVEN, F_ROWS, LANES, LEFT, P_ROWS, PACE, RIGHT, beat
from lullaby.units import STEP, gain_to_db

RATE = 48000
FRAMES = 1 << 16
HZ = 205 * RATE / FRAMES  # on a line of the spectrum


def beaten(lanes: dict[int, tuple[float, float, float]], frames: int = FRAMES) -> np.ndarray:
    """Return the sound of wings by lane, each (pitch Hz, corner Hz, share of the octave)."""
    p, f = np.zeros(P_ROWS * LANES, np.int32), np.zeros(F_ROWS * LANES, np.float32)
    f[EDGE : EDGE + LANES] = 1.0
    for v, (hz, cutoff_hz, even) in lanes.items():
        p[v], p[v + PACE] = (v - 32) << 26, step_of(hz, RATE)
        f[v + EDGE], f[v + EVEN] = max(cutoff_hz / (2.0 * hz), 1.0), even
        f[v + LEFT], f[v + RIGHT] = 1.0, 0.25
    sides, scratch = np.zeros(2 * STEP * SUMS, np.float32), np.zeros(STEP * SUMS, np.float32)
    out = np.zeros((2, frames), np.float32)
    for at in range(0, frames, STEP):
        beat(LANES, p, f, sides)
        sum_up(sides, scratch, out, at)
    return out


def spectrum_db(sound: np.ndarray) -> np.ndarray:
    """Return levels re the strongest line; Blackman-Harris, whose own skirts lie below -92 dB."""
    a = (0.35875, -0.48829, 0.14128, -0.01168)
    turn = 2.0 * np.pi * np.arange(len(sound)) / len(sound)
    bins = np.abs(np.fft.rfft(sound * sum(x * np.cos(k * turn) for k, x in enumerate(a))))
    return gain_to_db(bins / bins.max() + 1e-12)


def harmonics_db(sound: np.ndarray, hz: float, count: int) -> np.ndarray:
    levels = spectrum_db(sound)
    line = np.round(np.arange(1, count + 1) * hz * FRAMES / RATE).astype(int)
    return np.array([levels[i - 4 : i + 5].max() for i in line])


@pytest.mark.parametrize("hz", [101.3, 187.7, 251.9])
@pytest.mark.parametrize("cutoff_hz", [2000.0, 6000.0, 12000.0])
def test_what_folds_back_below_16_khz_is_below_minus_70_db(hz: float, cutoff_hz: float) -> None:
    levels = spectrum_db(beaten({0: (hz, cutoff_hz, ALIKE)})[0])
    at = np.arange(len(levels)) * RATE / FRAMES
    off = np.abs(at / hz - np.round(at / hz)) * hz
    between = (off > 8.0 * RATE / FRAMES) & (at > hz / 2) & (at < 16000)
    assert levels[between].max() < -70.0


def test_the_second_harmonic_is_four_db_over_the_first() -> None:
    levels = harmonics_db(beaten({0: (HZ, 6000.0, ALIKE)})[0], HZ, 12)
    assert levels.argmax() == 1
    assert levels[1] - levels[0] == pytest.approx(4.0, abs=0.2)


def test_one_stroke_alone_is_a_saw() -> None:
    levels = harmonics_db(beaten({0: (HZ, 12000.0, 0.0)})[0], HZ, 8)
    assert levels - levels[0] == pytest.approx(-20.0 * np.log10(np.arange(1, 9)), abs=0.2)


def test_strokes_alike_and_softest_are_a_sine_an_octave_up() -> None:
    levels = harmonics_db(beaten({0: (HZ, 0.0, 1.0)})[0], HZ, 12)
    assert levels[1] == pytest.approx(0.0, abs=0.1)
    assert np.delete(levels, 1).max() < -45.0


def test_an_edge_is_half_as_loud_where_its_corner_says() -> None:
    hz, cutoff_hz = 120.0, 2400.0
    soft = harmonics_db(beaten({0: (hz, cutoff_hz, 0.0)})[0], hz, 40)
    hard = harmonics_db(beaten({0: (hz, 12000.0, 0.0)})[0], hz, 40)
    assert (soft - hard)[int(cutoff_hz / hz) - 1] == pytest.approx(-6.0, abs=0.7)


def test_every_wing_is_heard_at_its_place_whoever_else_flies() -> None:
    wings = {v: (100.0 + 2.3 * v, 4000.0, ALIKE) for v in range(LANES)}
    together = beaten(wings, 1024)
    alone = sum(beaten({v: wing}, 1024).astype(np.float64) for v, wing in wings.items())
    assert np.abs(together).max() > 3.0
    assert np.abs(together - alone).max() < 1e-4
    one = beaten({5: wings[5]}, 1024)
    assert np.array_equal(one[1], 0.25 * one[0])
