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
A_OCTAVE = 48  # candidates
HARMONICS = 8
NEAR = 0.035  # of a period: as far as the exact one lies from its candidate
SILENT = 1e-5  # amplitude under which nothing is heard
AT_ONCE = 256


def pitch_hz(sound: Any, sample_rate: int, at_s: Floats, low_hz: float, high_hz: float) -> Floats:
    """Return the pitch between two bounds.

    Which of its octaves is told by the spectrum: amplitudes at the harmonics less those half way
    between them (after Camacho and Harris 2008, "A sawtooth waveform inspired pitch estimator");
    how high it is exactly by the difference function around that period (after De Cheveigne and
    Kawahara 2002, "YIN, a fundamental frequency estimator").
    """
    mono = np.asarray(sound, np.float64).mean(axis=0)
    longest = int(np.ceil(sample_rate / low_hz)) + 3
    width = int(np.ceil(PERIODS * sample_rate / low_hz))
    size = width + longest
    octaves = np.log2(high_hz / low_hz)
    candidates = low_hz * 2.0 ** np.linspace(0.0, octaves, int(np.ceil(octaves * A_OCTAVE)) + 1)
    found = np.full(len(at_s), np.nan)
    first = np.round(np.asarray(at_s) * sample_rate).astype(np.int64) - size // 2
    padded = np.pad(mono, size)
    for start in range(0, len(first), AT_ONCE):
        places = np.clip(first[start : start + AT_ONCE] + size, 0, len(padded) - size)
        frames = padded[places[:, None] + np.arange(size)]
        near_hz = _strongest(frames, candidates, sample_rate)
        exact = _period(frames, width, longest, sample_rate / near_hz)
        loud = np.sqrt(np.mean(frames * frames, axis=1)) > SILENT
        found[start : start + AT_ONCE] = np.where(loud, sample_rate / exact, np.nan)
    return found


def _strongest(frames: Floats, candidates: Floats, rate: int) -> Floats:
    n = 4 << int(np.ceil(np.log2(frames.shape[1])))
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), n))
    score = np.zeros((len(frames), len(candidates)))
    for half in range(1, 2 * HARMONICS + 2):
        bins = np.round(half * 0.5 * candidates * n / rate).astype(np.int64)
        amplitude = np.where(
            bins < spectrum.shape[1], spectrum[:, np.minimum(bins, spectrum.shape[1] - 1)], 0.0
        )
        if half % 2 == 0:
            score += amplitude / np.sqrt(half / 2)
        else:
            around = [k for k in (half // 2, half // 2 + 1) if 1 <= k <= HARMONICS]
            score -= 0.5 * amplitude * sum(k**-0.5 for k in around)
    made: Floats = candidates[score.argmax(axis=1)]
    return made


def _period(frames: Floats, width: int, longest: int, near: Floats) -> Floats:
    n = 1 << int(np.ceil(np.log2(frames.shape[1] + width)))
    head = np.fft.rfft(frames[:, :width], n)
    correlation = np.fft.irfft(np.conj(head) * np.fft.rfft(frames, n), n)[:, :longest]
    energy = np.cumsum(np.pad(frames * frames, ((0, 0), (1, 0))), axis=1)
    lags = np.arange(longest)
    moving = energy[:, width + lags] - energy[:, lags]
    difference = moving[:, :1] + moving - 2.0 * correlation
    around = np.abs(lags / near[:, None] - 1.0) < NEAR
    around[:, [0, -1]] = False
    # At least the nearest lag, where periods are short.
    row = np.arange(len(frames))
    around[row, np.clip(np.round(near).astype(np.int64), 1, longest - 2)] = True
    lag = np.where(around, difference, np.inf).argmin(axis=1)
    a, b, c = (difference[row, lag + step] for step in (-1, 0, 1))
    bend = a - 2.0 * b + c
    shift = np.where(bend > 0.0, 0.5 * (a - c) / np.where(bend > 0.0, bend, 1.0), 0.0)
    made: Floats = lag + np.clip(shift, -1.0, 1.0)
    return made


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
            # What lies 60 dB under the strongest line is no colour, however much of it there is.
            amplitude[amplitude < 1e-3 * amplitude.max()] = 0.0
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
