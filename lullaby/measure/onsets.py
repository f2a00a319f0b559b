"""Onsets by an absolute rule: the same on a quiet clip as on a loud one.

Six bands; an envelope of 10 ms every 5 ms; an onset where it rises by more than 6 dB in 30 ms
and stands more than 4 dB over the median of the last 300 ms and above -60 dBFS; what begins
within 50 ms is one.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lullaby.units import power_to_db

EDGES_HZ = (60.0, 200.0, 500.0, 1200.0, 2800.0, 6000.0, 12_000.0)
CELLS_PER_S = 200  # half the envelope's length
RISE_CELLS, MEDIAN_CELLS, MERGE_CELLS = 6, 60, 10
RISE_DB, OVER_DB, FAINTEST_DB = 6.0, 4.0, -60.0
SILENCE = 1e-12


class Onsets:
    """Counts onsets in a stream; what lies before the first frame is silence."""

    def __init__(self, channels: int, sample_rate: int) -> None:
        from lullaby.dsp.metering import CellEnergies

        self._cells = CellEnergies(channels, sample_rate, CELLS_PER_S, _bands(sample_rate))
        bands = len(_edges(sample_rate)) - 1
        self._half = np.zeros((1, bands))  # the last cell, still half of an envelope
        self._past_db = np.full((MEDIAN_CELLS, bands), float(power_to_db(SILENCE)))
        self._rising = np.zeros(bands, bool)
        self._heard = 0
        self._last = -MERGE_CELLS

    def add(self, block: NDArray[np.float32]) -> NDArray[np.float64]:
        """Hear a block (channels, frames); return the times (s) of the onsets found in it."""
        cells = self._cells.add(block).mean(axis=1)
        n = len(cells)
        if not n:
            return np.zeros(0)
        halves = np.concatenate((self._half, cells))
        # twice the mean square: a full-scale sine is 0 dBFS
        level_db = power_to_db(np.maximum(halves[1:] + halves[:-1], SILENCE))
        known = np.concatenate((self._past_db, level_db))
        rise = level_db - known[MEDIAN_CELLS - RISE_CELLS : -RISE_CELLS]
        middle = np.median(sliding_window_view(known[:-1], MEDIAN_CELLS, axis=0), axis=2)
        on = (rise > RISE_DB) & (level_db > middle + OVER_DB) & (level_db > FAINTEST_DB)
        begins = on & ~np.concatenate((self._rising[np.newaxis], on[:-1]))
        times = []
        for cell in np.flatnonzero(begins.any(axis=1)):
            at = self._heard + int(cell)
            if at - self._last >= MERGE_CELLS:
                self._last = at
                times.append(at / CELLS_PER_S)
        self._half = halves[-1:]
        self._past_db = known[-MEDIAN_CELLS:]
        self._rising = on[-1]
        self._heard += n
        return np.array(times)


def _edges(sample_rate: int) -> list[float]:
    return [hz for hz in EDGES_HZ if hz < 0.48 * sample_rate]


def _bands(sample_rate: int) -> NDArray[np.float64]:
    edges = _edges(sample_rate)
    return np.array(
        [
            _butterworth(low, sample_rate, "high") + _butterworth(high, sample_rate, "low")
            for low, high in pairwise(edges)
        ]
    )


def _butterworth(corner_hz: float, sample_rate: int, kind: str) -> list[list[float]]:
    # one section of second order, bilinear: enough apart, and settled within the envelope
    k = np.tan(np.pi * corner_hz / sample_rate)
    a0 = 1 + np.sqrt(2) * k + k * k
    a1, a2 = 2 * (k * k - 1) / a0, (1 - np.sqrt(2) * k + k * k) / a0
    gain = (k * k if kind == "low" else 1.0) / a0
    sign = 1.0 if kind == "low" else -1.0
    return [[float(v) for v in (gain, 2 * sign * gain, gain, a1, a2)]]
