from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp import fdn
from lullaby.dsp.delay_line import ring
from lullaby.units import STEP


def test_the_matrix_keeps_the_energy() -> None:
    x = np.random.default_rng(1).standard_normal((fdn.LINES, STEP)).astype(np.float32)
    y = x.copy()
    fdn.scatter(y)
    y *= 0.25  # as feed_back does
    assert (y**2).sum(axis=0) == pytest.approx((x**2).sum(axis=0), rel=1e-5)
    fdn.scatter(y)  # a symmetric orthogonal matrix undoes itself
    y *= 0.25
    assert np.abs(y - x).max() < 1e-5


def test_every_line_feeds_every_line() -> None:
    for j in range(fdn.LINES):
        y = np.zeros((fdn.LINES, STEP), np.float32)
        y[j] = 1.0
        fdn.scatter(y)
        assert np.array_equal(np.abs(y), np.ones_like(y))


def test_what_is_fed_back_is_scattered_and_new() -> None:
    rng = np.random.default_rng(3)
    y = rng.standard_normal((fdn.LINES, STEP)).astype(np.float32)
    x = rng.standard_normal((2, STEP)).astype(np.float32)
    lines = ring(fdn.LINES, 200.0)
    fdn.feed_back(lines, 3 * STEP, y, x)
    wanted = 0.25 * y + fdn.TAKES[:, None] * x[np.arange(fdn.LINES) % 2]
    assert lines[:, 3 * STEP : 4 * STEP] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("rate", [22050.0, 48000.0, 96000.0])
@pytest.mark.parametrize(("decay_s", "damping_hz"), [(0.2, 200.0), (2.0, 5000.0), (30.0, 8000.0)])
def test_a_line_loses_what_its_length_asks_at_both_frequencies(
    decay_s: float, damping_hz: float, rate: float
) -> None:
    length_s = 0.08
    pole, feed, gain = fdn.loss(length_s, decay_s, damping_hz, rate)
    assert 0.0 < pole < 1.0
    w = 2.0 * np.pi * damping_hz / rate
    low, high = feed / (1.0 - pole), abs(feed / (1.0 - pole * np.exp(-1j * w)))
    assert 20.0 * np.log10(low) == pytest.approx(-60.0 * length_s / decay_s, rel=1e-9)
    assert low == pytest.approx(gain)
    assert 20.0 * np.log10(high) == pytest.approx(-120.0 * length_s / decay_s, rel=1e-6)


def test_the_blend_keeps_the_power_of_sounds_that_differ() -> None:
    rng = np.random.default_rng(2)
    for wet in (0.0, 0.3, 0.7, 1.0):
        dry, hall = (rng.standard_normal((2, STEP * 200)).astype(np.float32) for _ in range(2))
        for s in range(200):
            fdn.blend(dry, s * STEP, hall[:, s * STEP : (s + 1) * STEP], wet, wet)
        assert (dry**2).mean() == pytest.approx(1.0, abs=0.04)
