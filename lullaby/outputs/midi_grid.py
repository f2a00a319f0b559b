"""The ticks of a file that is written coarser or finer than the tempo map counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.model.chance import Floats
from lullaby.outputs.midi_tempo import TICKS, TempoMap, Ticks

PPQ = (240, 480, 960, 1920)  # ticks a quarter that a file can have


class Grid:
    """A tempo map whose moments fall on the ticks of a file with ``ppq`` of them a quarter.

    It counts as the map does, 960 a quarter; ``written`` turns that into the file's own ticks.
    ``ppq`` is one of ``PPQ``.
    """

    def __init__(self, tempo: TempoMap, ppq: int = TICKS) -> None:
        self.tempo, self.ppq = tempo, ppq
        self.step = max(1, TICKS // ppq)

    def ticks(self, time_s: Any) -> Ticks:
        """Return the nearest ticks of times in seconds of the piece."""
        found = self.tempo.ticks(time_s)
        if self.step == 1:
            return found
        return self.step * np.rint(found / self.step).astype(np.int64)

    def tick(self, time_s: float) -> int:
        """Return the nearest tick of one time."""
        return int(self.ticks(time_s))

    def seconds(self, ticks: Any) -> Floats:
        """Return when ticks are, by the map as written."""
        return self.tempo.seconds(ticks)

    def written(self, tick: int) -> int:
        """Return a tick as the file counts it."""
        return (2 * tick * self.ppq + TICKS) // (2 * TICKS)


Timed = TempoMap | Grid
