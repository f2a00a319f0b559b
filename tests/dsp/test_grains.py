"""Grains are Hann-windowed sines, and a cloud of them is the same however it is cut."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp.grains import cloud, windowed

RATE = 48000
KEY = np.uint64(31)


@pytest.mark.parametrize("begins", [0, 1, 63, 100])
def test_a_grain_is_a_sine_in_a_hann_window(begins: int) -> None:
    frames, hz = 480, 2000.0
    out = np.zeros((2, 64 * 12), np.float32)
    step = np.int32(round(hz / RATE * 2**32))
    for s in range(12):
        part = out[:, 64 * s : 64 * (s + 1)]
        since = np.int32(64 * s - begins)
        windowed(part[0], part[1], since, 1.0 / frames, np.int32(0), step, (0.6, 0.8))
    n = np.arange(out.shape[1]) - begins
    wanted = np.where((n >= 0) & (n <= frames), np.sin(np.pi * n / frames) ** 2, 0.0)
    wanted = wanted * np.sin(2.0 * np.pi * hz * n / RATE)
    assert np.abs(out[0] - 0.6 * wanted).max() < 3e-6
    assert np.abs(out[1] - 0.8 * wanted).max() < 3e-6


def whole(frames: int, stretch: int, from_frame: int = 0, per_s: float = 300.0) -> np.ndarray:
    out = np.zeros((2, frames), np.float32)
    for at in range(0, frames, stretch):
        part = out[:, at : at + stretch]
        cloud(part, from_frame + at, KEY, per_s, 0.08, 400.0, 3.32, 0.05, RATE)
    return out


def test_a_cloud_is_the_same_however_it_is_cut() -> None:
    once = whole(19200, 19200)
    for stretch in (64, 640, 1920):
        assert np.array_equal(whole(19200, stretch), once)
    assert np.array_equal(whole(6400, 640, from_frame=6400), once[:, 6400:12800])


def test_a_cloud_is_as_dense_and_as_high_as_asked() -> None:
    one, four = (whole(96000, 9600, per_s=p)[:, 9600:] for p in (200.0, 800.0))
    power = [float(np.mean(x.astype(np.float64) ** 2)) for x in (one, four)]
    assert power[1] / power[0] == pytest.approx(4.0, rel=0.15)
    bins = (np.abs(np.fft.rfft(four.astype(np.float64))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(four.shape[1], 1.0 / RATE)
    inside = (hz > 380.0) & (hz < 4200.0)
    assert bins[inside].sum() > 0.999 * bins.sum()
    left, right = np.mean(four.astype(np.float64) ** 2, axis=1)
    assert abs(10.0 * np.log10(left / right)) < 1.0
