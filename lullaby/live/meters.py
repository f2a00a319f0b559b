"""Meters of a session: levels of parts, loudness and true peak of what goes to the speakers.

They run where sound is made ahead, never in the sound card's callback, and are read one ring later,
when it is heard.  Their memory does not grow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from lullaby.measure.k_weighting import k_weighting
from lullaby.measure.loudness import lufs
from lullaby.units import gain_to_db

HOPS_PER_S = 10
MOMENTARY, SHORT_TERM = 4, 30  # hops: 400 ms and 3 s (EBU Tech 3341)
PEAK_HOLD_S = 3.0


class MasterMeter:
    """Momentary and short-term loudness every 100 ms, and the highest true peak of 3 s."""

    def __init__(self, sample_rate: int) -> None:
        from lullaby.dsp.metering import CellEnergies
        from lullaby.dsp.true_peak import true_peak_state

        chain = k_weighting(sample_rate)[np.newaxis]
        self._cells = CellEnergies(2, sample_rate, HOPS_PER_S, chain)
        self._hops: deque[float] = deque([0.0] * SHORT_TERM, SHORT_TERM)
        self._state = true_peak_state(2)
        self._sample_rate = sample_rate
        self._peaks: deque[tuple[int, float]] = deque()  # falling: the first is the highest
        self._heard = 0
        self.highest = 0.0  # of the whole session, linear

    def add(self, block: Any) -> None:
        """Hear a block, shape (2, frames)."""
        from lullaby.dsp.true_peak import true_peak

        for hop in self._cells.add(block)[:, :, 0].sum(axis=1):
            self._hops.append(float(hop))
        peak = float(true_peak(block, self._state).max())
        self._heard += block.shape[1]
        self.highest = max(self.highest, peak)
        while self._peaks and self._peaks[-1][1] <= peak:
            self._peaks.pop()
        self._peaks.append((self._heard, peak))
        while self._peaks[0][0] < self._heard - PEAK_HOLD_S * self._sample_rate:
            self._peaks.popleft()

    @property
    def momentary_lufs(self) -> float:
        """Loudness of the last 400 ms."""
        return lufs(sum(list(self._hops)[-MOMENTARY:]) / MOMENTARY)

    @property
    def short_term_lufs(self) -> float:
        """Loudness of the last 3 s."""
        return lufs(sum(self._hops) / SHORT_TERM)

    @property
    def true_peak_dbtp(self) -> float:
        """Highest true peak of the last 3 s."""
        return float(gain_to_db(self._peaks[0][1] if self._peaks else 0.0))


class PartMeters:
    """Peak and power of each part between two looks."""

    def __init__(self) -> None:
        self._now: dict[str, tuple[float, float, int]] = {}

    def add(self, part: str, block: Any) -> None:
        """Hear a stretch of a part, shape (2, frames)."""
        flat = block.reshape(-1)
        peak, power, frames = self._now.get(part, (0.0, 0.0, 0))
        peak = max(peak, float(flat.max(initial=0.0)), -float(flat.min(initial=0.0)))
        self._now[part] = (peak, power + float(np.dot(flat, flat)), frames + flat.size)

    def take(self) -> Mapping[str, tuple[float, float]]:
        """Return the peak and mean square of each part since the last look."""
        now, self._now = self._now, {}
        return {n: (peak, power / frames) for n, (peak, power, frames) in now.items() if frames}
