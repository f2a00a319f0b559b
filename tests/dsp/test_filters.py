"""The state-variable filter does what it says of itself, and stays stable while it moves."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp.filters import flushed, svf, svf_response
from lullaby.dsp.kernel import kernel

RATE = 48000.0
FRAMES = 1 << 17


@kernel
def filtered(x, low, band, high, cutoffs_hz, qs, rate):
    ic1, ic2 = 0.0, 0.0
    for s in range(len(x) // 64):
        a1, a2, a3, k = svf(cutoffs_hz[s], qs[s], rate)
        b1, b2, b3, _ = svf(cutoffs_hz[s + 1], qs[s + 1], rate)
        for i in range(64):
            n = s * 64 + i
            v3 = x[n] - ic2
            v1 = a1 * ic1 + a2 * v3
            v2 = ic2 + a2 * ic1 + a3 * v3
            ic1, ic2 = 2.0 * v1 - ic1, 2.0 * v2 - ic2
            low[n], band[n], high[n] = v2, k * v1, x[n] - k * v1 - v2
            a1 += (b1 - a1) / (64 - i)
            a2 += (b2 - a2) / (64 - i)
            a3 += (b3 - a3) / (64 - i)


def outputs(x: np.ndarray, cutoffs_hz: np.ndarray, qs: np.ndarray, rate: float = RATE) -> dict:
    made = {kind: np.zeros(len(x)) for kind in ("low", "band", "high")}
    filtered(x, *made.values(), cutoffs_hz, qs, rate)
    return made


@pytest.mark.parametrize("rate", [44100.0, 48000.0, 96000.0])
@pytest.mark.parametrize("q", [0.5, 0.70710678, 4.0])
@pytest.mark.parametrize("cutoff_hz", [60.0, 1000.0, 9000.0, 20000.0])
def test_the_impulse_response_is_the_stated_one(cutoff_hz: float, q: float, rate: float) -> None:
    x = np.zeros(FRAMES)
    x[0] = 1.0
    still = np.ones(FRAMES // 64 + 1)
    made = outputs(x, cutoff_hz * still, q * still, rate)
    hz = np.fft.rfftfreq(FRAMES, 1.0 / rate)[:-1]  # the tangent has no value at half the rate
    for kind, y in made.items():
        stated = svf_response(kind, cutoff_hz, q, rate, hz)
        assert np.abs(np.fft.rfft(y)[:-1] - stated).max() < 1e-6


def test_the_band_pass_is_0_db_at_its_centre_and_the_low_pass_at_0_hz() -> None:
    assert abs(svf_response("band", 700.0, 9.0, RATE, 700.0)) == pytest.approx(1.0)
    assert abs(svf_response("low", 700.0, 0.7071, RATE, 1e-6)) == pytest.approx(1.0)
    assert abs(svf_response("low", 700.0, 2.0, RATE, 700.0)) == pytest.approx(2.0)


@pytest.mark.parametrize("q", [0.5, 2.0, 20.0])
@pytest.mark.parametrize("steps", [1, 2, 7])
def test_it_stays_stable_while_thrown_from_end_to_end(q: float, steps: int) -> None:
    # The cutoff swings between 1 Hz and the highest in a few steps of 64 frames, for 2.7 s.
    turns = np.arange(FRAMES // 64 + 1) // steps % 2
    cutoffs_hz = np.where(turns == 0, 1.0, 30000.0)
    x = np.sign(np.sin(np.arange(FRAMES) * 0.013))
    made = outputs(x, cutoffs_hz, np.full(len(turns), q))
    for y in made.values():
        assert np.isfinite(y).all()
        assert np.abs(y).max() < 8.0 * max(q, 1.0)


def test_a_cutoff_outside_the_range_is_kept_inside() -> None:
    assert svf(-5.0, 1.0, RATE) == svf(1.0, 1.0, RATE)
    assert svf(1e9, 1.0, RATE) == svf(0.49 * RATE, 1.0, RATE)


def test_silence_leaves_no_denormals() -> None:
    assert flushed(1e-31) == 0.0
    assert flushed(-1e-310) == 0.0
    assert flushed(-1e-29) == -1e-29
