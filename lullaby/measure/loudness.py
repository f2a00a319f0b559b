"""Loudness and true peak of a stream: ITU-R BS.1770-5, EBU R 128, Tech 3341 and 3342."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from lullaby.measure.block import checked_block, checked_rate
from lullaby.measure.k_weighting import k_weighting
from lullaby.units import gain_to_db, power_to_db

OFFSET_DB = -0.691  # so that a 997 Hz sine reads its own level
HOPS_PER_S = 100
MOMENTARY_HOPS, SHORT_TERM_HOPS = 40, 300  # 400 ms and 3 s
TENTH = 10  # hops between two gating blocks
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
RANGE_GATE_LU = -20.0
RANGE_PERCENTS = (10.0, 95.0)
# L R C LFE Ls Rs; other counts have all their channels in front or behind the listener, where
# BS.1770-5 table 4 gives 1.0
WEIGHTS = {5: (1.0, 1.0, 1.0, 1.41, 1.41), 6: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}


@dataclass(frozen=True)
class Loudness:
    """What a meter reads at one moment; -inf is silence, or too little heard for a value."""

    momentary_lufs: float  # the last 400 ms
    short_term_lufs: float  # the last 3 s
    integrated_lufs: float  # all of it, gated
    range_lu: float
    true_peak_db: float  # dB re full scale, the highest of all channels
    momentary_max_lufs: float
    short_term_max_lufs: float


class LoudnessMeter:
    """A meter for a stream of blocks of any length, with one number kept for every 100 ms.

    ``weights``: one factor of power a channel; by default 1, with 1.41 for the surrounds of five
    (L R C Ls Rs) and six channels (L R C LFE Ls Rs) and 0 for the LFE. Momentary and short-term
    loudness move every 10 ms, with silence before the first frame. Raises UsageError for blocks
    of another shape and for samples that are not numbers.
    """

    def __init__(
        self, channels: int, sample_rate: int, weights: Sequence[float] | None = None
    ) -> None:
        from lullaby.dsp.metering import CellEnergies
        from lullaby.dsp.true_peak import true_peak_state

        self.channels = channels
        self.sample_rate = checked_rate(sample_rate)
        self._weights = np.array(weights or WEIGHTS.get(channels, (1.0,) * channels))
        self._cells = CellEnergies(
            channels, sample_rate, HOPS_PER_S, k_weighting(sample_rate)[np.newaxis]
        )
        self._peak_state = true_peak_state(channels)
        self._peak = 0.0
        self._recent = np.zeros(SHORT_TERM_HOPS)  # the newest hops, for the sliding windows
        self._hops = 0
        self._tenths = array("d")  # mean square of every 100 ms, for the gates
        self._momentary_max = 0.0
        self._short_term_max = 0.0

    def add(self, block: ArrayLike) -> None:
        """Hear a block of shape (channels, frames)."""
        from lullaby.dsp.true_peak import true_peak

        checked = checked_block(block, self.channels)
        self._peak = max(self._peak, float(true_peak(checked, self._peak_state).max()))
        hops = self._cells.add(checked)[:, :, 0] @ self._weights
        if len(hops):
            self._take(hops)

    def _take(self, hops: NDArray[np.float64]) -> None:
        known = np.concatenate((self._recent, hops))
        n = len(hops)
        momentary = sliding_window_view(known, MOMENTARY_HOPS)[-n:].mean(axis=1)
        short_term = sliding_window_view(known, SHORT_TERM_HOPS)[-n:].mean(axis=1)
        self._momentary_max = max(self._momentary_max, float(momentary.max()))
        self._short_term_max = max(self._short_term_max, float(short_term.max()))
        first = TENTH - self._hops % TENTH  # hops until the next whole tenth of a second
        ends = np.arange(SHORT_TERM_HOPS + first, len(known) + 1, TENTH)
        for end in ends:
            self._tenths.append(float(known[end - TENTH : end].mean()))
        self._recent = known[-SHORT_TERM_HOPS:].copy()
        self._hops += n

    def tenths(self) -> NDArray[np.float64]:
        """Return the weighted mean square of every whole 100 ms heard so far."""
        return np.array(self._tenths, np.float64)

    def last_tenths(self, count: int) -> NDArray[np.float64]:
        """Return at most the last ``count`` of them."""
        return np.array(self._tenths[-count:], np.float64)

    @property
    def momentary_lufs(self) -> float:
        """Loudness of the last 400 ms."""
        return lufs(float(self._recent[-MOMENTARY_HOPS:].mean()))

    @property
    def short_term_lufs(self) -> float:
        """Loudness of the last 3 s."""
        return lufs(float(self._recent.mean()))

    @property
    def momentary_max_lufs(self) -> float:
        """Highest momentary loudness so far."""
        return lufs(self._momentary_max)

    @property
    def short_term_max_lufs(self) -> float:
        """Highest short-term loudness so far."""
        return lufs(self._short_term_max)

    @property
    def integrated_lufs(self) -> float:
        """Gated loudness of all that was heard; -inf below 400 ms."""
        blocks = _windows(self.tenths(), 4)
        loud = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
        if not len(loud):
            return -np.inf
        gate = lufs(float(loud.mean())) + RELATIVE_GATE_LU
        return lufs(float(loud[loud > _power(gate)].mean()))

    @property
    def range_lu(self) -> float:
        """Loudness range (Tech 3342); 0 below 3 s."""
        blocks = _windows(self.tenths(), 30)
        loud = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
        if not len(loud):
            return 0.0
        gate = lufs(float(loud.mean())) + RANGE_GATE_LU
        low, high = np.percentile(loud[loud > _power(gate)], RANGE_PERCENTS)
        return lufs(float(high)) - lufs(float(low))

    @property
    def true_peak_db(self) -> float:
        """Highest true peak so far, dB re full scale."""
        from lullaby.dsp.true_peak import TRUE_PEAK_LATENCY_FRAMES, true_peak

        state = {name: values.copy() for name, values in self._peak_state.items()}
        rest = np.zeros((self.channels, TRUE_PEAK_LATENCY_FRAMES), np.float32)
        return float(gain_to_db(max(self._peak, float(true_peak(rest, state).max()))))

    def read(self) -> Loudness:
        """Return all readings of this moment."""
        return Loudness(
            momentary_lufs=self.momentary_lufs,
            short_term_lufs=self.short_term_lufs,
            integrated_lufs=self.integrated_lufs,
            range_lu=self.range_lu,
            true_peak_db=self.true_peak_db,
            momentary_max_lufs=self.momentary_max_lufs,
            short_term_max_lufs=self.short_term_max_lufs,
        )


def loudness(
    samples: ArrayLike, sample_rate: int, weights: Sequence[float] | None = None
) -> Loudness:
    """Return the loudness of a whole clip of shape (channels, frames); see ``LoudnessMeter``."""
    block = checked_block(samples)
    meter = LoudnessMeter(block.shape[0], sample_rate, weights)
    second = checked_rate(sample_rate)
    for at in range(0, block.shape[1], second):
        meter.add(block[:, at : at + second])
    return meter.read()


def lufs(power: float) -> float:
    """Return the loudness in LUFS of a K-weighted, channel-weighted mean square."""
    return float(OFFSET_DB + power_to_db(power))


def _power(level_lufs: float) -> float:
    return float(10.0 ** ((level_lufs - OFFSET_DB) / 10.0))


def _windows(tenths: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    if len(tenths) < length:
        return np.zeros(0)
    windows: NDArray[np.float64] = sliding_window_view(tenths, length).mean(axis=1)
    return windows
