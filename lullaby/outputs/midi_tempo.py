"""Time in a MIDI file: a tempo map, and every moment placed by inverting the map as written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, inf, log, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Floats
from lullaby.model.pulse import Leg, Pulse
from lullaby.model.score import Clock
from lullaby.units import MICRO

TICKS = 960  # a quarter
RENEWED = 256  # quarters after which the tempo takes up what rounding to microseconds left
COARSE_S, FINE_S = 1e-4, 2e-5  # how far off a tempo that stands may be, and what is not worth less
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


Clocks = Sequence[tuple[int, Clock | Pulse]]  # microseconds at which each begins


class TempoMap:
    """The tempi and meters of a file, and where a second of the piece lies in it.

    ``clocks``: where each begins (microseconds) and what it is, in order, the first at 0.  A beat
    is a quarter; below 40 bpm it is written in halves or longer, so that half a tick stays below
    1 ms.  A tempo is a whole number of microseconds a quarter; what that leaves is made good every
    256 quarters, so bars never drift by more than 0.2 ms.  Where it glides it goes in steps of a
    quarter of a beat (shorter where that would be coarse), each of the length that its end is
    where the exact integral says.
    """

    def __init__(self, clocks: Clocks, length_us: int) -> None:
        self.tempi: list[Tempo] = []
        self.meters: list[Meter] = []
        begun: list[tuple[int, Pulse]] = []
        goes_on: tuple[int, Pulse] | None = None  # what the last one is from its own place on
        for at_us, clock in clocks:
            pulse = clock if isinstance(clock, Pulse) else Pulse.even(clock.bpm, clock.beats_a_bar)
            if goes_on is None or pulse != goes_on[1].moved((at_us - goes_on[0]) / MICRO):
                begun.append((at_us, pulse))
            goes_on = at_us, pulse
        ends_us = [at_us for at_us, _ in begun[1:]] + [length_us]
        for (at_us, pulse), end_us in zip(begun, ends_us, strict=True):
            self._add(at_us, pulse, end_us)

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

    def _add(self, at_us: int, pulse: Pulse, end_us: int) -> None:
        pieces = list(_pieces(pulse, (end_us - at_us) / MICRO))
        tick = begun_tick = 0
        begun_beat = at = 0.0
        doubled, reached_bpm = -1, 0.0
        for i, piece in enumerate(pieces):
            anew = piece.doubled != doubled or piece.bpm != reached_bpm
            if anew:
                place_us = at_us + piece.start_s * MICRO
                tick = begun_tick = self.tick(place_us / MICRO) if self.tempi else 0
                at, begun_beat = self._at(tick) if self.tempi else 0, piece.start_beat
            if piece.doubled != doubled:
                doubled = piece.doubled
                self._meter(tick, pulse.beats_a_bar * 2**doubled, max(1, 4 >> doubled))
            beat_ticks = TICKS << doubled
            last = i == len(pieces) - 1
            ends = begun_tick + round((piece.end_beat - begun_beat) * beat_ticks)
            step = piece.step_ticks()
            while tick < ends or (anew and last):
                later = tick + step if last else min(tick + step, ends)
                beat = begun_beat + (later - begun_tick) / beat_ticks
                goal = (at_us + pulse.seconds(beat) * MICRO) * TICKS
                quarter_us = max(1, round((goal - at) / (later - tick)))
                if not self.tempi or anew or quarter_us != self.tempi[-1].quarter_us:
                    self.tempi.append(Tempo(tick, int(at), quarter_us))
                tick, at = later, at + (later - tick) * quarter_us
                anew = False
            reached_bpm = piece.end_bpm

    def _at(self, tick: int) -> int:
        last = self.tempi[-1]
        return last.at + (tick - last.tick) * last.quarter_us

    def _meter(self, tick: int, quarters: float, wanted: int) -> None:
        for denominator in (wanted, 4, 8, 16, 32):
            numerator = quarters * denominator / 4
            if numerator == int(numerator) and 1 <= numerator <= 255:
                self.meters.append(Meter(tick, int(numerator), denominator))
                return


@dataclass(frozen=True)
class _Piece:
    """A stretch of a pulse that is written in one note value."""

    start_s: float
    start_beat: float
    end_beat: float
    bpm: float
    end_bpm: float
    growth: float
    doubled: int  # a beat is two to this many quarters

    def step_ticks(self) -> int:
        """Return how long the tempo may stand."""
        if self.growth == 0.0:
            return RENEWED * TICKS
        longest_s, easily_s = (sqrt(8.0 * e / abs(self.growth)) for e in (COARSE_S, FINE_S))
        slow_s = 60.0 / (min(self.bpm, self.end_bpm) * (TICKS << self.doubled))
        step = (TICKS // 4) << self.doubled
        while step > 1 and step * slow_s > longest_s:
            step //= 2
        while step * 2 * slow_s < easily_s and step < RENEWED * TICKS:
            step *= 2
        return step


def _pieces(pulse: Pulse, lasting_s: float) -> Iterator[_Piece]:
    ends_s = [leg.start_s for leg in pulse.legs[1:]] + [inf]
    for leg, leg_end_s in zip(pulse.legs, ends_s, strict=True):
        start_s, end_s = max(0.0, leg.start_s), min(leg_end_s, lasting_s)
        if start_s >= end_s and start_s > 0.0:
            return
        edges = [start_s, *_crossings(leg, start_s, end_s), max(start_s, end_s)]
        for a, b in pairwise(edges):
            tempi = [leg.bpm * exp(leg.growth * (t - leg.start_s)) for t in (a, 0.5 * (a + b), b)]
            beats = [leg.start_beat + leg.beats(t - leg.start_s) for t in (a, b)]
            if b == leg_end_s:
                tempi[2] = _end_bpm(pulse, leg, tempi[2])
            yield _Piece(a, beats[0], beats[1], tempi[0], tempi[2], leg.growth, _doubled(tempi[1]))


def _end_bpm(pulse: Pulse, leg: Leg, reached: float) -> float:
    """Return the tempo of the next leg where it goes on smoothly from one, else what it reached."""
    following = pulse.legs[pulse.legs.index(leg) + 1].bpm
    return following if abs(following / reached - 1.0) < 1e-6 else reached


def _doubled(bpm: float) -> int:
    doubled = 0
    while bpm * 2**doubled < SLOWEST_BPM:
        doubled += 1
    return doubled


def _crossings(leg: Leg, start_s: float, end_s: float) -> list[float]:
    # Where a gliding tempo passes one at which another note value is written.
    if leg.growth == 0.0:
        return []
    found = []
    for doubled in range(16):
        at_s = leg.start_s + log(SLOWEST_BPM / 2**doubled / leg.bpm) / leg.growth
        if start_s < at_s < end_s:
            found.append(at_s)
    return sorted(found)
