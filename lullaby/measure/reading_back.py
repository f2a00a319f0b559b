"""What a stem that carries data says of it: pitch, level, place, brightness, density over time.

Every function takes a sound, float (2, frames), and times (s), and returns a value for each time,
NaN where there is none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from lullaby.measure.k_weighting import k_weighting
from lullaby.measure.onsets import Onsets

Floats = NDArray[np.float64]

PERIODS = 3.0  # of the lowest pitch, in a window
CLEAR = 0.15  # of the normalised difference: below it a period is taken at once
UNCLEAR = 0.4  # above it there is no pitch
SILENT = 1e-5  # amplitude under which nothing is heard
AT_ONCE = 256


def pitch_hz(
    sound: Any, sample_rate: int, at_s: Floats, low_hz: float, high_hz: float
) -> Floats:
    """Return the pitch between two bounds, by the normalised difference function.

    De Cheveigne and Kawahara 2002, "YIN, a fundamental frequency estimator", steps 1 to 5.
    """
    mono = np.asarray(sound, np.float64).mean(axis=0)
    longest = int(np.ceil(sample_rate / low_hz)) + 2
    shortest = max(2, int(np.floor(sample_rate / high_hz)) - 1)
    width = int(np.ceil(PERIODS * sample_rate / low_hz))
    size = width + longest
    found = np.full(len(at_s), np.nan)
    first = np.round(np.asarray(at_s) * sample_rate).astype(np.int64) - size // 2
    padded = np.pad(mono, size)
    for start in range(0, len(first), AT_ONCE):
        places = np.clip(first[start : start + AT_ONCE] + size, 0, len(padded) - size)
        frames = padded[places[:, None] + np.arange(size)]
        found[start : start + AT_ONCE] = _periods(frames, width, shortest, longest, sample_rate)
    return found


def _periods(frames: Floats, width: int, shortest: int, longest: int, rate: int) -> Floats:
    n = 1 << int(np.ceil(np.log2(frames.shape[1] + width)))
    head = np.fft.rfft(frames[:, :width], n)
    correlation = np.fft.irfft(np.conj(head) * np.fft.rfft(frames, n), n)[:, :longest]
    energy = np.cumsum(np.pad(frames * frames, ((0, 0), (1, 0))), axis=1)
    lags = np.arange(longest)
    moving = energy[:, width + lags] - energy[:, lags]
    difference = np.maximum(moving[:, :1] + moving - 2.0 * correlation, 0.0)
    sums = np.cumsum(difference[:, 1:], axis=1)
    level = difference[:, 1:] * lags[1:] / np.where(sums > 0.0, sums, 1.0)  # of lag 1, 2, ...
    window = level[:, shortest - 1 :]
    inner = window[:, 1:-1]
    hollow = (inner <= window[:, :-2]) & (inner < window[:, 2:])
    clear = hollow & (inner < CLEAR)
    deepest = np.where(hollow, inner, np.inf)
    best = np.where(clear.any(axis=1), clear.argmax(axis=1), deepest.argmin(axis=1))
    row = np.arange(len(frames))
    lag = best + shortest + 1
    a, b, c = (difference[row, lag + step] for step in (-1, 0, 1))
    bend = a - 2.0 * b + c
    exact = lag + np.where(bend > 0.0, 0.5 * (a - c) / np.where(bend > 0.0, bend, 1.0), 0.0)
    loud = np.sqrt(energy[:, -1] / frames.shape[1]) > SILENT
    voiced = loud & hollow.any(axis=1) & (deepest[row, best] < UNCLEAR)
    return np.where(voiced, rate / exact, np.nan)


def level_db(sound: Any, sample_rate: int, at_s: Floats, window_s: float) -> Floats:
    """Return the K-weighted level of windows around the times (ITU-R BS.1770)."""
    x = np.asarray(sound, np.float64)
    for b0, b1, b2, a1, a2 in k_weighting(sample_rate):
        x = lfilter([b0, b1, b2], [1.0, a1, a2], x, axis=-1)
    return _db(_mean((x * x).sum(axis=0), sample_rate, at_s, window_s))


def pan(sound: Any, sample_rate: int, at_s: Floats, window_s: float) -> Floats:
    """Return where a sound of the middle was turned to, -1 left to 1 right (sine-cosine law)."""
    x = np.asarray(sound, np.float64)
    left, right = (np.sqrt(_mean(side * side, sample_rate, at_s, window_s)) for side in x)
    made = 4.0 / np.pi * np.arctan2(right, left) - 1.0
    return np.where(np.maximum(left, right) > SILENT, made, np.nan)


def centroid_octaves(sound: Any, sample_rate: int, at_s: Floats, window_s: float) -> Floats:
    """Return the power centroid on a log scale, octaves over 1 Hz."""
    mono = np.asarray(sound, np.float64).mean(axis=0)
    size = int(window_s * sample_rate)
    padded = np.pad(mono, size)
    hz = np.fft.rfftfreq(size, 1.0 / sample_rate)
    inside = (hz > 40.0) & (hz < 16000.0)
    octaves, shape = np.log2(hz[inside]), np.hanning(size)
    found = np.full(len(at_s), np.nan)
    for i, t in enumerate(at_s):
        first = int(t * sample_rate) - size // 2 + size
        frame = padded[first : first + size]
        if len(frame) == size:
            amplitude = np.abs(np.fft.rfft(frame * shape))[inside]
            if amplitude.sum() > SILENT:
                found[i] = (octaves * amplitude).sum() / amplitude.sum()
    return found


def onsets_s(sound: Any, sample_rate: int) -> Floats:
    """Return the times of all onsets."""
    return Onsets(2, sample_rate).add(np.asarray(sound, np.float32))


def density_per_s(onsets: Floats, at_s: Floats, window_s: float) -> Floats:
    """Return the onsets a second in windows around the times."""
    half = window_s / 2.0
    counts = np.searchsorted(onsets, at_s + half) - np.searchsorted(onsets, at_s - half)
    made: Floats = counts / window_s
    return made


def _mean(power: Floats, sample_rate: int, at_s: Floats, window_s: float) -> Floats:
    sums = np.concatenate(([0.0], np.cumsum(power)))
    half = window_s / 2.0
    first, last = (
        np.clip(np.round((at_s + side) * sample_rate).astype(np.int64), 0, len(power))
        for side in (-half, half)
    )
    made: Floats = (sums[last] - sums[first]) / np.maximum(last - first, 1)
    return made


def _db(power: Floats) -> Floats:
    made: Floats = 10.0 * np.log10(np.maximum(power, 1e-20))
    return made


def spearman(a: Floats, b: Floats) -> float:
    """Return the rank correlation, ties at their mean rank; 0 where one never changes."""
    return pearson(_ranks(a), _ranks(b))


def pearson(a: Floats, b: Floats) -> float:
    """Return the linear correlation; 0 where one never changes."""
    if len(a) < 2:
        return 0.0
    x, y = a - a.mean(), b - b.mean()
    size = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float((x * y).sum() / size) if size > 1e-12 else 0.0


def _ranks(a: Floats) -> Floats:
    _, place, count = np.unique(a, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    made: Floats = (last - 0.5 * (count - 1))[place]
    return made
