"""What hands and live data did, by grid index, so that a session can be rendered again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOUCH = np.dtype([("grid", "i8"), ("name", "i4"), ("value", "f8")])  # value NaN: let go


@dataclass(frozen=True)
class Touch:
    """One thing a hand did: from a grid point (64 frames) on, a name has a value, or is let go.

    The point is never one that has been read already: the end of what is rendered counts as read.
    """

    grid: int
    name: str
    value: float | None


@dataclass
class Take:
    """A typed stream of touches, in order of their grid points."""

    sample_rate: int
    names: list[str] = field(default_factory=list)
    rows: list[tuple[int, int, float]] = field(default_factory=list)

    def add(self, touch: Touch) -> None:
        """Append a touch; raises ValueError if it lies before the last one."""
        if self.rows and touch.grid < self.rows[-1][0]:
            raise ValueError(f"touch at grid {touch.grid} after one at {self.rows[-1][0]}")
        if touch.name not in self.names:
            self.names.append(touch.name)
        value = np.nan if touch.value is None else float(touch.value)
        self.rows.append((touch.grid, self.names.index(touch.name), value))

    @property
    def touches(self) -> NDArray[Any]:
        """Return the stream as a structured array (grid, name, value)."""
        return np.array(self.rows, TOUCH)

    def of(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the grid points and values of one name."""
        if name not in self.names:
            return np.zeros(0, np.int64), np.zeros(0)
        rows = self.touches
        rows = rows[rows["name"] == self.names.index(name)]
        return rows["grid"].copy(), rows["value"].copy()
