"""The chopper's spectrum: where it falls, and what must not be in it."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp.chopper import (
    EDGE,
    F_ROWS,
    LANES,
    OPEN,
    P_ROWS,
    PACE,
    SCALE,
    SHUT,
    UNIT,
    WIDE,
    puff,
    puff_quickly,
)
from lullaby.dsp.oscillators import step_of
from lullaby.units import STEP, gain_to_db

RATE = 48000
FRAMES = 1 << 16


def pulses(hz: float, full: float, shut: float, *, quickly: bool = False) -> np.ndarray:
    p, f = np.zeros(P_ROWS * LANES, np.int32), np.zeros(F_ROWS * LANES, np.float32)
    p[PACE : PACE + LANES] = step_of(hz, RATE)
    f[SHUT : SHUT + LANES], f[WIDE : WIDE + LANES] = shut, SCALE / p[PACE]
    f[EDGE : EDGE + LANES] = UNIT / (shut - full)
    slowly = hz / RATE < (shut - full) / 8.0 and not quickly
    opens = puff if slowly else puff_quickly
    shared, y = np.zeros(8, np.float32), np.zeros(LANES * STEP, np.float32)
    shared[OPEN] = full
    found = []
    for _ in range(FRAMES // STEP):
        opens(16, p, f, shared, y)
        found.append(y.reshape(STEP, LANES)[:, 0].copy())
    return np.concatenate(found)


def spectrum_db(sound: np.ndarray) -> np.ndarray:
    """Return levels re the strongest line; Blackman-Harris, whose own skirts lie below -92 dB."""
    a = (0.35875, -0.48829, 0.14128, -0.01168)
    turn = 2.0 * np.pi * np.arange(len(sound)) / len(sound)
    window = sum(x * np.cos(k * turn) for k, x in enumerate(a))
    power = np.abs(np.fft.rfft(sound * window))
    return gain_to_db(power / power.max())


@pytest.mark.parametrize("hz", [465.3, 697.1, 1571.9])
@pytest.mark.parametrize("full", [0.20, 0.32])
def test_what_folds_back_below_16_khz_is_below_minus_70_db(hz: float, full: float) -> None:
    levels = spectrum_db(pulses(hz, full, 0.48))
    at = np.arange(len(levels)) * RATE / FRAMES
    off = np.abs(at / hz - np.round(at / hz)) * hz
    between = (off > 8.0 * RATE / FRAMES) & (at > hz / 2) & (at < 16000)
    assert levels[between].max() < -70.0


def test_harmonics_fall_6_to_12_db_an_octave() -> None:
    hz = 200.0
    for full in (0.20, 0.38):
        levels = spectrum_db(pulses(hz, full, 0.48))
        line = np.round(np.arange(1, 65) * hz * FRAMES / RATE).astype(int)
        peaks = np.array([levels[i - 4 : i + 5].max() for i in line])
        # The loudest line of each octave: a trapezoid's lines come and go under its envelope.
        octaves = [peaks[2**k - 1 : 2 ** (k + 1) - 1].max() for k in range(6)]
        fall = -np.polyfit(np.arange(6), octaves, 1)[0]
        assert 6.0 <= fall <= 12.5


def test_it_stands_still_at_no_level_but_its_own() -> None:
    sound = pulses(480.0, 0.25, 0.5)[: 48000 // 480 * 480]
    assert abs(sound.mean(dtype=np.float64)) < 1e-4


def test_a_port_that_opens_slowly_is_the_same_by_the_shorter_way() -> None:
    near = pulses(465.3, 0.25, 0.48) - pulses(465.3, 0.25, 0.48, quickly=True)
    assert 0.0 < np.abs(near).max() < 1e-6  # two ways indeed
