"""Mute and solo: a gain a part that a performer moves, outside any score and any take."""

from __future__ import annotations

import numpy as np

from lullaby.model.chance import Floats
from lullaby.units import STEP

FADE_S = 0.03  # from silent to full


class PartFaders:
    """A gain for each part that was ever muted; parts at full are not touched, bit for bit."""

    def __init__(self, sample_rate: int) -> None:
        self._step = STEP / (FADE_S * sample_rate)
        self._gains: dict[str, float] = {}
        self._goals: dict[str, float] = {}

    def move(self, part: str, goal: float, at_once: bool = False) -> None:
        """Fade a part to a gain, 0 to 1, or set it."""
        if part not in self._goals and goal == 1.0:
            return
        self._goals[part] = goal
        if at_once or part not in self._gains:
            self._gains[part] = goal if at_once else 1.0

    def next(self, frames: int) -> dict[str, Floats]:
        """Return the gains at the grid points of the next stretch, of parts that are not full."""
        made = {}
        for part, goal in list(self._goals.items()):
            now = self._gains[part]
            way = self._step * np.arange(frames // STEP + 1)
            gains = np.minimum(now + way, goal) if goal > now else np.maximum(now - way, goal)
            self._gains[part] = float(gains[-1])
            if gains[-1] == gains[0] == 1.0:
                del self._goals[part], self._gains[part]
            else:
                made[part] = gains
        return made
