"""A spectrogram on a logarithmic frequency axis, for pictures."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LOWEST_HZ: Final = 30.0
HIGHEST_HZ: Final = 16_000.0
# Long windows where tones lie close, short ones where clicks are: seconds, and where each hands
# over to the next, over an octave, so that no seam shows.
WINDOWS_S: Final = (0.68, 0.17, 0.043)
CROSSINGS_HZ: Final = (250.0, 1500.0)
BANDS_PER_OCTAVE: Final = 24
SILENCE: Final = 1e-14
AT_ONCE = 1 << 21  # samples held as overlapping windows at a time


def log_spectrogram(
    samples: NDArray[np.float32], sample_rate: int, columns: int, rows: int
) -> NDArray[np.float64]:
    """Return levels in dB re a full-scale sine, shape (rows, columns), low frequencies first.

    Row centres lie evenly on a logarithmic axis from 30 Hz to 16 kHz, each the power of a 24th of
    an octave (after constant-Q analysis, Brown 1991, by three window lengths); a column is the mean
    over its share of the time. ``samples``: (channels, frames), their powers averaged.
    """
    centres = np.geomspace(LOWEST_HZ, HIGHEST_HZ, rows)
    power = np.zeros((rows, columns))
    for i, seconds in enumerate(WINDOWS_S):
        share = _share(centres, i)
        used = np.flatnonzero(share)
        part = _columns(samples, sample_rate, seconds, columns, centres[used])
        power[used] += share[used, np.newaxis] * part
    decibels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, SILENCE))
    return decibels


def _share(hz: NDArray[np.float64], i: int) -> NDArray[np.float64]:
    def over(crossing_hz: float) -> NDArray[np.float64]:
        return np.clip(np.log2(hz / crossing_hz) + 0.5, 0.0, 1.0)

    above = over(CROSSINGS_HZ[i - 1]) if i else np.ones_like(hz)
    below = 1 - over(CROSSINGS_HZ[i]) if i < len(CROSSINGS_HZ) else np.ones_like(hz)
    return np.minimum(above, below)


def _columns(
    samples: NDArray[np.float32],
    sample_rate: int,
    seconds: float,
    columns: int,
    centres: NDArray[np.float64],
) -> NDArray[np.float64]:
    channels, frames = samples.shape
    size = 1 << round(np.log2(seconds * sample_rate))
    hop = max(1, min(size // 2, frames // columns))
    window = np.hanning(size + 1)[:size].astype(np.float32)
    scale = 4.0 / (size * float((window.astype(np.float64) ** 2).sum())) / channels
    half = 2 ** (0.5 / BANDS_PER_OCTAVE)
    edges = np.concatenate((centres / half, centres * half)) * size / sample_rate + 0.5
    count = -(-frames // hop)
    padded = np.zeros((channels, (count - 1) * hop + size), np.float32)
    fits = min(frames, padded.shape[1] - size // 2)
    padded[:, size // 2 : size // 2 + fits] = samples[:, :fits]
    sums = np.zeros((len(centres), columns))
    hits = np.zeros(columns)
    place = np.minimum(np.arange(count) * hop * columns // frames, columns - 1)
    batch = max(1, AT_ONCE // size)
    for first in range(0, count, batch):
        last = min(first + batch, count)
        power = np.zeros((last - first, size // 2 + 1))
        for row in padded:
            windows = np.lib.stride_tricks.sliding_window_view(row, size)[
                first * hop : (last - 1) * hop + 1 : hop
            ]
            bins: NDArray[Any] = np.fft.rfft(windows * window, axis=1)
            power += bins.real.astype(np.float64) ** 2 + bins.imag.astype(np.float64) ** 2
        banded = _between(np.cumsum(power, axis=1), edges) * scale
        np.add.at(sums.T, place[first:last], banded)
        np.add.at(hits, place[first:last], 1.0)
    return _filled(sums, hits)


def _between(running: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    # power between fractional bins, from running sums (bin k ends at k + 1)
    whole = np.concatenate((np.zeros((len(running), 1)), running), axis=1)
    at = np.clip(edges, 0.0, whole.shape[1] - 1.001)
    low = at.astype(np.int64)
    part = at - low
    value = whole[:, low] * (1 - part) + whole[:, low + 1] * part
    bands = value.shape[1] // 2
    between: NDArray[np.float64] = value[:, bands:] - value[:, :bands]
    return between


def _filled(sums: NDArray[np.float64], hits: NDArray[np.float64]) -> NDArray[np.float64]:
    # a picture with more columns than windows repeats the last one
    filled = np.maximum.accumulate(np.where(hits > 0, np.arange(len(hits)), 0))
    means: NDArray[np.float64] = (sums / np.maximum(hits, 1.0))[:, filled]
    return means
