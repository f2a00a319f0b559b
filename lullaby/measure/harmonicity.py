"""Harmonics-to-noise ratio: how nearly a sound repeats within 25 ms."""

from __future__ import annotations

from collections import deque
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.units import power_to_db

FLOOR_HZ, CEILING_HZ = 40.0, 1000.0  # a chord repeats at the fundamental its tones have in common
LOW_PASS_HZ = 4000.0
FRAMES_PER_S = 4
MEMORY_S = 10
UNHEARD = 1e-9  # mean square of a frame, -90 dB
WORST, BEST = 0.01, 1 - 4.4e-4  # repetition at which the ratio is held: -20 and 33.6 dB
FINE = 4  # lags are read at about 16 times the highest frequency


class Harmonicity:
    """The harmonics-to-noise ratio of the last 10 s, from frames of a quarter second.

    Autocorrelation over that of the window (Boersma 1993, "Accurate short-term analysis of the
    fundamental frequency and the harmonics-to-noise ratio of a sampled sound"), low-passed at
    4 kHz, lags of 1 to 25 ms, channels pooled; the mean of the frames in dB.
    """

    def __init__(self, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        self._ratios: deque[float | None] = deque(maxlen=MEMORY_S * FRAMES_PER_S)

    def add(self, second: NDArray[np.float32]) -> float:
        """Hear a frame of about 1 s (channels, frames); return the ratio in dB, 0 for silence."""
        frames = max(1, round(FRAMES_PER_S * second.shape[1] / self.sample_rate))
        for part in np.array_split(second, frames, axis=1):
            self._ratios.append(_ratio_db(part, self.sample_rate))
        known = [ratio for ratio in self._ratios if ratio is not None]
        return sum(known) / len(known) if known else 0.0


def _ratio_db(part: NDArray[np.float32], sample_rate: int) -> float | None:
    n = part.shape[1]
    window, kept, size, own = _window(n, sample_rate)
    centred = part - part.mean(axis=1, keepdims=True)
    if float((centred.astype(np.float64) ** 2).mean()) < UNHEARD:
        return None
    bins = np.fft.rfft(centred * window, _padded(n), axis=1)
    lags = _autocorrelation(bins[:, :kept], size)
    if lags[0] <= 0:
        return None
    rate = sample_rate * size / _padded(n)  # of the lags
    shortest, longest = int(rate / CEILING_HZ), min(int(rate / FLOOR_HZ) + 2, size // 2)
    repeats = lags[:longest] / lags[0] / own[:longest]
    inner = repeats[1:-1]
    tops = np.flatnonzero((inner >= repeats[:-2]) & (inner > repeats[2:])) + 1
    tops = tops[tops >= shortest]
    best = max((_risen(repeats[t - 1 : t + 2]) for t in tops), default=WORST)
    best = min(max(best, WORST), BEST)
    return float(power_to_db(best / (1 - best)))


def _risen(three: NDArray[np.float64]) -> float:
    # the top of the parabola through a peak and its neighbours
    before, here, after = (float(v) for v in three)
    fall = 2 * here - before - after
    return here + (before - after) ** 2 / (8 * fall) if fall > 0 else here


def _padded(n: int) -> int:
    return 1 << int(np.ceil(np.log2(2 * n)))


def _autocorrelation(bins: NDArray[Any], size: int) -> NDArray[np.float64]:
    # fewer bins than the size asks for are padded with zeros: finer lags
    power = (bins.real.astype(np.float64) ** 2 + bins.imag.astype(np.float64) ** 2).sum(axis=0)
    return np.fft.irfft(power, size)


@lru_cache(maxsize=8)
def _window(n: int, sample_rate: int) -> tuple[NDArray[np.float32], int, int, NDArray[np.float64]]:
    window = np.hanning(n + 2)[1:-1].astype(np.float32)
    padded = _padded(n)
    # keep the bins up to the low-pass, and come back to lags on a grid FINE times denser
    kept = min(int(LOW_PASS_HZ * padded / sample_rate), padded // 2) + 1
    size = min(padded, 1 << int(np.ceil(np.log2(2 * FINE * kept))))
    own = _autocorrelation(np.fft.rfft(window, padded)[np.newaxis], padded)
    own = np.interp(np.arange(size // 2) / size, np.arange(padded) / padded, own)
    return window, kept, size, own / own[0]
