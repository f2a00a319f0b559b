"""The last bus: level, width, no DC, and never above the ceiling."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lullaby.engine.hands import Hands, bound, come_from
from lullaby.model.curve import Constant, Curve
from lullaby.model.performance import Performance
from lullaby.units import STEP, db_to_gain, gain_to_db

DC_HZ = 5.0  # corner of the high-pass that takes DC away


class MasterChain:
    """Level, width, DC block and limiter, with their memory."""

    HEARS_S = 2.0  # the limiter's release and the DC block are under -80 dB long before

    def __init__(self, performance: Performance, sample_rate: int, hands: Hands) -> None:
        from lullaby.dsp.limiter import limiter_latency_frames, limiter_state

        self._sample_rate, self._hands = sample_rate, hands
        self.latency: int = limiter_latency_frames(sample_rate)
        self._dc = np.zeros((2, 2))
        self._limiter = limiter_state(2, sample_rate)
        self.reduction_db = 0.0
        self._level_db: Curve = Constant(0.0)
        self._width: Curve = Constant(1.0)
        self.swap(performance)

    def swap(
        self,
        performance: Performance,
        from_s: float = 0.0,
        place_s: float = 0.0,
        fade_s: float = 0.0,
    ) -> None:
        """Take over the settings of another performance.

        Over a fade from its ``place_s`` on, level and width come from what they were at ``from_s``.
        """
        master = performance.master
        level_db, width = self._bound(master.level_db), self._bound(master.width)
        if fade_s > 0.0:
            level_db = come_from(self._level_db, level_db, from_s, place_s, fade_s)
            width = come_from(self._width, width, from_s, place_s, fade_s)
        self._level_db, self._width = level_db, width
        self._ceiling_dbtp = performance.ceiling_dbtp

    def process(self, block: Any, frame: int) -> Any:
        """Return the finished sound of a block (2, frames), ``latency`` frames late."""
        from lullaby.dsp.limiter import limit
        from lullaby.dsp.mixing import block_dc, ramp, widen

        grid = np.arange(frame // STEP, (frame + block.shape[1]) // STEP + 1)
        t = grid * (STEP / self._sample_rate)
        level = self._level_db.constant
        if level is None or level != 0.0:
            ramp(block, db_to_gain(self._level_db(t)))
        width = self._width.constant
        if width is None or width != 1.0:
            widen(block, self._width(t))
        block_dc(block, math.exp(-2.0 * math.pi * DC_HZ / self._sample_rate), self._dc)
        gains = limit(block, self._limiter, self._sample_rate, self._ceiling_dbtp)
        self.reduction_db = -float(gain_to_db(gains.min()))
        return block

    def snapshot(self) -> dict[str, Any]:
        """Return copies of the memory."""
        return {
            "dc": self._dc.copy(),
            "limiter": {name: array.copy() for name, array in self._limiter.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot."""
        self._dc[...] = state["dc"]
        for name, array in state["limiter"].items():
            self._limiter[name][...] = array

    def _bound(self, curve: Curve) -> Curve:
        return bound(curve, self._hands, 0, self._sample_rate, held=False)
