"""The door: everything that starts or stops is faded there, so that nothing ever clicks."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def smooth(place: Any) -> Any:
    """Return an S-shaped gain for a place on the way from 0 to 1."""
    return place * place * (3.0 - 2.0 * place)


class Fader:
    """A gain on its way; full is bit-transparent."""

    def __init__(self, sample_rate: int, place: float = 1.0) -> None:
        self._sample_rate = sample_rate
        self.place, self.goal, self._step = place, place, 1.0

    def to(self, goal: float, over_s: float) -> None:
        """Go to 0 or 1; ``over_s`` is the time for the whole way."""
        self.goal = goal
        self._step = 1.0 / max(1.0, over_s * self._sample_rate)

    @property
    def moving(self) -> bool:
        """Return whether it is on its way."""
        return self.place != self.goal

    @property
    def remaining_s(self) -> float:
        """Return how long it is still on its way."""
        return abs(self.goal - self.place) / self._step / self._sample_rate

    def apply(self, block: NDArray[np.float32]) -> None:
        """Multiply a block, shape (2, frames), by the gain."""
        if not self.moving:
            if self.place < 1.0:
                block *= np.float32(smooth(self.place))
            return
        way = self._step * np.arange(1, block.shape[1] + 1)
        if self.goal > self.place:
            places = np.minimum(self.place + way, self.goal)
        else:
            places = np.maximum(self.place - way, self.goal)
        block *= smooth(places).astype(np.float32)
        self.place = float(places[-1])
