"""Time in a MIDI file: a tempo map, and every moment placed by inverting the map as written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Floats
from lullaby.model.score import Clock
from lullaby.units import MICRO

TICKS = 960  # a quarter
RENEWED = 256  # quarters after which the tempo takes up what rounding to microseconds left
SLOWEST_BPM = 40.0  # of quarters, so that half a tick stays below 1 ms

Ticks = NDArray[np.int64]


@dataclass(frozen=True)
class Tempo:
    """A tempo from a tick on."""

    tick: int
    at: int  # microseconds times TICKS, by the tempi before
    quarter_us: int


@dataclass(frozen=True)
class Meter:
    """A time signature from a tick on."""

    tick: int
    numerator: int
    denominator: int


class TempoMap:
    """The tempi and meters of a file, and where a second of the piece lies in it.

    ``clocks``: where each clock begins (microseconds) and what it is, in order, the first at 0.
    A beat is a quarter; a clock below 40 bpm is written in halves or longer, so that half a tick
    stays below 1 ms.  A tempo is a whole number of microseconds a quarter; what that leaves is
    made good every 256 quarters, so bars never drift by more than 0.2 ms.
    """

    def __init__(self, clocks: Sequence[tuple[int, Clock]], length_us: int) -> None:
        self.tempi: list[Tempo] = []
        self.meters: list[Meter] = []
        begun: list[tuple[int, Clock]] = []
        for at_us, clock in clocks:
            if not begun or clock != begun[-1][1]:
                begun.append((at_us, clock))
        ends_us = [at_us for at_us, _ in begun[1:]] + [length_us]
        for (at_us, clock), end_us in zip(begun, ends_us, strict=True):
            self._add(at_us, clock, end_us)

    def ticks(self, time_s: Any) -> Ticks:
        """Return the nearest ticks of times in seconds of the piece."""
        time_s = np.asarray(time_s, np.float64)
        starts_s = np.array([tempo.at for tempo in self.tempi]) / (TICKS * MICRO)
        i = np.maximum(np.searchsorted(starts_s, time_s, side="right") - 1, 0)
        tick = np.array([tempo.tick for tempo in self.tempi])[i]
        quarter_s = np.array([tempo.quarter_us for tempo in self.tempi])[i] / MICRO
        found: Ticks = tick + np.rint((time_s - starts_s[i]) / quarter_s * TICKS).astype(np.int64)
        return found

    def tick(self, time_s: float) -> int:
        """Return the nearest tick of one time."""
        return int(self.ticks(time_s))

    def seconds(self, ticks: Any) -> Floats:
        """Return when ticks are, by the map as written."""
        ticks = np.asarray(ticks, np.int64)
        firsts = np.array([tempo.tick for tempo in self.tempi])
        i = np.maximum(np.searchsorted(firsts, ticks, side="right") - 1, 0)
        at = np.array([tempo.at for tempo in self.tempi])[i]
        quarter_us = np.array([tempo.quarter_us for tempo in self.tempi])[i]
        found: Floats = (at + (ticks - firsts[i]) * quarter_us) / (TICKS * MICRO)
        return found

    def _add(self, at_us: int, clock: Clock, end_us: int) -> None:
        doubled = 0
        while clock.bpm * 2**doubled < SLOWEST_BPM:
            doubled += 1
        exact_us = 60.0 * MICRO / (clock.bpm * 2**doubled)
        tick = self.tick(at_us / MICRO) if self.tempi else 0
        at = self._at(tick) if self.tempi else 0
        self._meter(tick, clock.beats_a_bar * 2**doubled, max(1, 4 >> doubled))
        quarters, first = 0, True
        while first or at_us + quarters * exact_us < end_us:
            quarters += RENEWED
            goal = (at_us + quarters * exact_us) * TICKS
            quarter_us = round((goal - at) / (RENEWED * TICKS))
            if not self.tempi or first or quarter_us != self.tempi[-1].quarter_us:
                self.tempi.append(Tempo(tick, at, quarter_us))
            tick, at = tick + RENEWED * TICKS, at + RENEWED * TICKS * quarter_us
            first = False

    def _at(self, tick: int) -> int:
        last = self.tempi[-1]
        return last.at + (tick - last.tick) * last.quarter_us

    def _meter(self, tick: int, quarters: float, wanted: int) -> None:
        for denominator in (wanted, 4, 8, 16, 32):
            numerator = quarters * denominator / 4
            if numerator == int(numerator) and 1 <= numerator <= 255:
                self.meters.append(Meter(tick, int(numerator), denominator))
                return
