"""Where beats lie in seconds: a tempo that stands or glides, and its exact integral.

Along a leg the tempo grows by the same ratio every second.  That is a straight line over the beats
(d bpm / d beat = 60 growth, a constant), so both directions have a closed form: with growth g,
beats = bpm / 60 * (e^(g t) - 1) / g.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import expm1, log1p
from typing import Any

import numpy as np

from lullaby.model.chance import Chance, Floats
from lullaby.model.curve import Curve

STANDING = 1e-12  # of growth times time: below it a tempo does not move


@dataclass(frozen=True)
class Leg:
    """A stretch in which the tempo stands or grows evenly."""

    start_s: float
    start_beat: float
    bpm: float  # where it begins
    growth: float = 0.0  # per second; 0: it stands

    def beats(self, lasting_s: float) -> float:
        """Return how many beats lie in the first seconds of it."""
        if abs(self.growth * lasting_s) < STANDING:
            return lasting_s * self.bpm / 60.0
        return self.bpm / 60.0 * expm1(self.growth * lasting_s) / self.growth

    def seconds(self, beats: float) -> float:
        """Return how long its first beats take."""
        grown = 60.0 * beats * self.growth / self.bpm
        if abs(grown) < STANDING:
            return beats * 60.0 / self.bpm
        return log1p(grown) / self.growth


@dataclass(frozen=True)
class Pulse:
    """The beats of a stretch of the piece: legs in order from its start; the last never ends."""

    legs: tuple[Leg, ...]
    beats_a_bar: float = 4.0

    @classmethod
    def even(cls, bpm: float, beats_a_bar: float = 4.0) -> Pulse:
        """Return the pulse of a tempo that stands."""
        return cls((Leg(0.0, 0.0, bpm),), beats_a_bar)

    @property
    def bpm(self) -> float:
        """Return the tempo at the start."""
        return self.legs[0].bpm

    @property
    def glides(self) -> bool:
        """Return whether the tempo ever changes."""
        return len(self.legs) > 1 or self.legs[0].growth != 0.0

    def beats(self, at_s: float) -> float:
        """Return how many beats lie before a time (s from the start)."""
        leg = self._last(at_s, "start_s")
        return leg.start_beat + leg.beats(at_s - leg.start_s)

    def seconds(self, beat: float) -> float:
        """Return when a beat is (s from the start)."""
        leg = self._last(beat, "start_beat")
        return leg.start_s + leg.seconds(beat - leg.start_beat)

    def lasting(self, beats: float, from_s: float = 0.0) -> float:
        """Return how long some beats take from a time on (s)."""
        if not self.glides:
            return beats * 60.0 / self.bpm
        return self.seconds(self.beats(from_s) + beats) - from_s

    def tempo(self, at_s: Any) -> Floats:
        """Return the tempo (bpm) at times; before the start it is that of the start."""
        t = np.maximum(np.asarray(at_s, np.float64), 0.0)
        starts, _, bpm, growth = self._columns()
        i = np.maximum(np.searchsorted(starts, t, side="right") - 1, 0)
        return np.asarray(bpm[i] * np.exp(growth[i] * (t - starts[i])))

    def counted(self, at_s: Any) -> Floats:
        """Return the beats before each time; as ``beats``, for arrays."""
        t = np.asarray(at_s, np.float64)
        starts, first, bpm, growth = self._columns()
        i = np.maximum(np.searchsorted(starts, t, side="right") - 1, 0)
        here, grown = t - starts[i], growth[i] * (t - starts[i])
        standing = (t < 0.0) | (np.abs(grown) < STANDING)  # before the start it stands
        safe = np.where(standing, 1.0, growth[i])
        ran = np.where(standing, here, np.expm1(np.where(standing, 0.0, grown)) / safe)
        return np.asarray(first[i] + bpm[i] / 60.0 * ran)

    def moved(self, by_s: float) -> Pulse:
        """Return the same pulse counted from a later place on."""
        if not self.glides:
            return self
        beat = self.beats(by_s)
        here = self._last(by_s, "start_s")
        bpm = float(self.tempo(by_s))
        later = [
            Leg(leg.start_s - by_s, leg.start_beat - beat, leg.bpm, leg.growth)
            for leg in self.legs
            if leg.start_s > by_s
        ]
        return Pulse((Leg(0.0, 0.0, bpm, here.growth), *later), self.beats_a_bar)

    def _last(self, place: float, which: str) -> Leg:
        low, high = 0, len(self.legs)
        while high - low > 1:
            middle = (low + high) // 2
            if getattr(self.legs[middle], which) <= place:
                low = middle
            else:
                high = middle
        leg = self.legs[low]
        # Before the start the tempo stands.
        return leg if place >= 0.0 else Leg(leg.start_s, leg.start_beat, leg.bpm)

    def _columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        kept: tuple[Floats, Floats, Floats, Floats] | None = self.__dict__.get("_kept")
        if kept is None:
            rows = [(leg.start_s, leg.start_beat, leg.bpm, leg.growth) for leg in self.legs]
            a, b, c, d = np.array(rows).T
            kept = self.__dict__["_kept"] = (a, b, c, np.where(a < 0.0, 0.0, d))
        return kept


class Legs:
    """Legs laid end to end."""

    def __init__(self, bpm: float) -> None:
        self.at_s, self.at_beat, self.bpm = 0.0, 0.0, bpm
        self._made: list[Leg] = []

    def add(self, lasting_s: float, goal_bpm: float) -> None:
        """Lay one that goes to a tempo evenly; one of no length is a jump."""
        if lasting_s > 0.0:
            growth = float(np.log(goal_bpm / self.bpm)) / lasting_s
            leg = Leg(self.at_s, self.at_beat, self.bpm, growth)
            self._made.append(leg)
            self.at_s, self.at_beat = self.at_s + lasting_s, self.at_beat + leg.beats(lasting_s)
        self.bpm = goal_bpm

    def pulse(self, beats_a_bar: float) -> Pulse:
        """Return them as a pulse that then stands."""
        return Pulse((*self._made, Leg(self.at_s, self.at_beat, self.bpm)), beats_a_bar)


def mean_bpm(tempi: Sequence[float]) -> float:
    """Return the mean over time of legs of one length from each tempo to the next."""
    total = 0.0
    for a, b in pairwise(tempi):
        grown = float(np.log(b / a))
        total += a if abs(grown) < STANDING else (b - a) / grown
    return total / (len(tempi) - 1)


@dataclass(frozen=True)
class Paced(Curve):
    """Beats a second, or in another unit, at the tempo of the moment."""

    pulse: Pulse
    start_s: float  # of the pulse, in the time of the run
    scale: float = 1.0

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the tempo at times, over 60 and times ``scale``."""
        return self.pulse.tempo(np.asarray(t, np.float64) - self.start_s) * (self.scale / 60.0)

    def bounds(self) -> tuple[float, float]:
        """Return the slowest and the fastest."""
        tempi = [leg.bpm * self.scale / 60.0 for leg in self.pulse.legs]
        return min(tempi), max(tempi)


@dataclass(frozen=True)
class InBeats(Curve):
    """A curve that runs over beats, heard in time."""

    curve: Curve
    pulse: Pulse
    start_s: float  # of the pulse, in the time of the run

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the curve at the beats that times come to."""
        return self.curve(self.pulse.counted(np.asarray(t, np.float64) - self.start_s), own)

    def bounds(self) -> tuple[float, float]:
        """Return those of the curve."""
        return self.curve.bounds()
