"""The glass of a vent rings as long as it says, at the pitch it says, and its filters are flat."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp import obsidian, vents

RATE = 48000


def rung(hz: float, t60_s: float, length_s: float) -> np.ndarray:
    """Return what one mode does after a single frame of noise."""
    lanes, steps = vents.LANES, int(length_s * RATE / 64)
    pole, turn = np.exp(-6.907755 / (t60_s * RATE)), 2.0 * np.pi * hz / RATE
    states, slopes = np.zeros(2 * lanes), np.zeros(12 * lanes)
    re, im = np.full(lanes, pole * np.cos(turn)), np.full(lanes, pole * np.sin(turn))
    out = np.zeros(64 * steps)
    for s in range(steps):
        x, y = np.zeros(64 * lanes), np.zeros(64 * lanes)
        x[:lanes] = float(s == 0)
        vents.ring(lanes, states, re, im, np.ones(lanes), slopes, x, y)
        out[64 * s : 64 * (s + 1)] = y.reshape(64, lanes)[:, 3]
    return out


@pytest.mark.parametrize(("hz", "t60_s"), [(110.0, 4.0), (660.0, 0.2), (2000.0, 1.0)])
def test_a_mode_rings_for_its_time_at_its_pitch(hz: float, t60_s: float) -> None:
    x = rung(hz, t60_s, 0.6 * t60_s)
    n = int(0.05 * t60_s * RATE)
    early, late = (np.sqrt(np.mean(x[at : at + n] ** 2)) for at in (n, 10 * n))
    assert 20.0 * np.log10(late / early) == pytest.approx(-60.0 * 0.45, abs=0.7)
    bins = np.abs(np.fft.rfft(x * np.hanning(len(x)), 1 << 20))
    found = np.fft.rfftfreq(1 << 20, 1.0 / RATE)[bins.argmax()]
    assert abs(1200.0 * np.log2(found / hz)) < 5.0


def test_hardening_moves_the_modes_from_a_rubbed_glass_to_one_harmonic_row() -> None:
    liquid, hard = np.array(obsidian.LIQUID), np.array(obsidian.HARD)
    assert obsidian.ratio(liquid, hard, 0.0) == pytest.approx([1.0, 2.32, 4.25, 6.63])
    assert obsidian.ratio(liquid, hard, 1.0) == pytest.approx([1.0, 2.0, 4.0, 6.0])
    assert obsidian.rings_s(0.0, 4.0) == pytest.approx(0.2)
    assert obsidian.rings_s(1.0, 4.0) == pytest.approx(4.0)
    # By cold, by itself, or as it is given up; each alone is enough.
    assert obsidian.hardened(1.0, 0.0, 0.0) == 0.0
    assert obsidian.hardened(0.0, 0.0, 0.0) == 1.0
    assert obsidian.hardened(1.0, 1.0, 0.0) == 1.0
    assert obsidian.hardened(1.0, 0.0, 1.0) == 1.0


def test_the_hiss_closes_with_the_root_of_the_heat() -> None:
    corners = obsidian.hiss_hz(np.array([1.0, 0.35, 0.1225, 0.0429]), 16_000.0)
    assert corners == pytest.approx([12_000.0, 7100.0, 4200.0, 2485.0], rel=0.005)
    assert obsidian.hiss_hz(1.0, 3000.0) == 3000.0
