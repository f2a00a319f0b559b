"""When cues go off: at times, every so often, or when an arc crosses a level.

All of it is reckoned while arranging: a pure function of time, arcs without hands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lullaby.engine.timeline import Visit, seconds
from lullaby.model.chance import named
from lullaby.model.curve import Curve
from lullaby.model.score import Cue, Score
from lullaby.units import MICRO, seconds_to_micros

Micros = NDArray[np.int64]
Floats = NDArray[np.float64]

WATCH_US = 62_500  # between two looks at an arc; between them a crossing is found by halving
LOOKS = 4096  # taken at once
MOST_FIRINGS = 20_000
LEAST_US = 10_000  # between two firings of one cue


@dataclass(frozen=True)
class Stretch:
    """Where a cue stands: a visit to a scene, or the whole piece."""

    visit: Visit  # its clock, start and length
    path: str  # names its draws
    end_us: int  # nothing goes off by itself from here on
    last_us: float  # and nothing at all from here on: where the piece is left


@dataclass(frozen=True)
class Firing:
    """One time a cue goes off."""

    cue: Cue
    at_us: int
    stretch: Stretch
    number: int

    @property
    def path(self) -> str:
        """Return what names the draws of this firing."""
        return f"cue {self.cue.text}/{self.stretch.path}/{self.number}"

    @property
    def since_s(self) -> float:
        """Return how long after the start of its stretch it is."""
        return (self.at_us - self.stretch.visit.start_us) / MICRO


def fired(
    score: Score,
    cues: Sequence[tuple[Cue, Stretch]],
    arcs_after: Callable[[tuple[Firing, ...]], Mapping[str, Curve]],
) -> tuple[Firing, ...]:
    """Return every firing of all cues, in time.

    ``arcs_after`` gives the arcs as some firings leave them; crossings are found one after the
    other, since each may move the arcs after it.  Raises ScoreError where it never stops.
    """
    found: list[Firing] = []

    def note(firing: Firing) -> None:
        if len(found) >= MOST_FIRINGS:
            message = f"cues go off more than {MOST_FIRINGS} times"
            raise score.refused(firing.cue.where, message)
        found.append(firing)

    for cue, stretch in cues:
        for firing in timed(cue, stretch, score.seed):
            note(firing)
        for firing in each_row(cue, stretch, score):
            note(firing)
    watches = [Watch(cue, stretch, score.seed) for cue, stretch in cues if cue.when]
    if not watches:
        return _in_time(found)
    arcs = arcs_after(_in_time(found))
    waiting = {i: w.next(arcs[w.name], w.stretch.end_us) for i, w in enumerate(watches)}
    while any(at_us is not None for at_us in waiting.values()):
        at_us, i = min((at, i) for i, at in waiting.items() if at is not None)
        note(watches[i].fired(at_us))
        again = [i]
        cue = watches[i].cue
        if any(arc.name in (*cue.settings, *cue.kicks) for arc in score.arcs):
            for j, watch in enumerate(watches):
                if j != i:
                    watch.pass_by(arcs[watch.name], at_us)
            arcs = arcs_after(_in_time(found))
            again = list(waiting)
        for j in again:
            watch = watches[j]
            waiting[j] = watch.next(arcs[watch.name], watch.stretch.end_us)
    return _in_time(found)


def _in_time(firings: list[Firing]) -> tuple[Firing, ...]:
    return tuple(sorted(firings, key=lambda f: f.at_us))


def each_row(cue: Cue, stretch: Stretch, score: Score) -> Iterator[Firing]:
    """Yield a firing at each row of the data that a cue names, not within ``rest`` of the last."""
    if not cue.each or score.known is None:
        return
    at_us = score.known.rows[cue.each].at_us
    rest_us = LEAST_US
    if cue.rest is not None:
        visit = stretch.visit
        key = named(score.seed, stretch.path, cue.text, "rest")
        rest_s = seconds(cue.rest, visit.clock, visit.length_us / MICRO, key)
        rest_us = max(LEAST_US, seconds_to_micros(rest_s))
    begin, end = np.searchsorted(at_us, (stretch.visit.start_us, stretch.end_us))
    number, free_us = 0, stretch.visit.start_us
    for place in at_us[begin:end]:
        if place >= free_us:
            yield Firing(cue, int(place), stretch, number)
            number, free_us = number + 1, int(place) + rest_us


def timed(cue: Cue, stretch: Stretch, seed: int) -> Iterator[Firing]:
    """Yield the firings of a cue that has ``at`` or ``every``, in the order they are written."""
    visit = stretch.visit
    for i, time in enumerate(cue.at):
        key = named(seed, stretch.path, cue.text, "at", i)
        at_us = visit.start_us + seconds_to_micros(
            seconds(time, visit.clock, visit.length_us / MICRO, key)
        )
        if at_us < stretch.last_us:
            yield Firing(cue, at_us, stretch, i)
    if cue.every is None:
        return
    at_us, number = visit.start_us, 0
    while True:
        key = named(seed, stretch.path, cue.text, "every", number)
        since_s = (at_us - visit.start_us) / MICRO
        wait_s = seconds(cue.every, visit.clock, visit.length_us / MICRO, key, since_s)
        at_us += max(LEAST_US, seconds_to_micros(wait_s))
        if at_us >= stretch.end_us:
            return
        yield Firing(cue, at_us, stretch, number)
        number += 1


class Watch:
    """Waits for an arc to cross a level, in one stretch.

    It goes off where the arc passes the level, not where it already lies beyond it; again only
    after it has been ``back`` on the near side, and not within ``rest`` of the last time.
    """

    def __init__(self, cue: Cue, stretch: Stretch, seed: int) -> None:
        assert cue.when is not None
        self.cue, self.stretch = cue, stretch
        self.name, self._sign, self._level = cue.when
        visit = stretch.visit
        key = named(seed, stretch.path, cue.text, "rest")
        rest_s = 0.0
        if cue.rest is not None:
            rest_s = seconds(cue.rest, visit.clock, visit.length_us / MICRO, key)
        self._rest_us = max(LEAST_US, seconds_to_micros(rest_s))
        self._here_us = visit.start_us  # all before has been looked at
        self._armed: bool | None = None  # None: the first look decides
        self._free_us = visit.start_us
        self._number = 0

    def next(self, curve: Curve, until_us: int) -> int | None:
        """Return where it goes off before ``until_us``, None if nowhere."""
        return self._scan(curve, min(until_us, self.stretch.end_us))[2]

    def pass_by(self, curve: Curve, until_us: int) -> None:
        """Take what lies before a time, at which the arc may change, as seen."""
        end_us = min(until_us, self.stretch.end_us)
        if end_us > self._here_us:
            self._here_us, self._armed, _ = self._scan(curve, end_us)

    def fired(self, at_us: int) -> Firing:
        """Return the firing at a crossing that was found, and rest."""
        self._here_us, self._armed = at_us, False
        self._free_us = at_us + self._rest_us
        self._number += 1
        return Firing(self.cue, at_us, self.stretch, self._number - 1)

    def _scan(self, curve: Curve, end_us: int) -> tuple[int, bool | None, int | None]:
        # Where it stands after looking, whether it is armed there, and what it found.
        here_us, armed = self._here_us, self._armed
        while here_us < end_us:
            grid = (here_us // WATCH_US + 1 + np.arange(LOOKS)) * WATCH_US
            looks = np.concatenate(([here_us], grid[grid < end_us]))
            if len(looks) <= LOOKS:
                looks = np.append(looks, end_us)
            armed, found = self._look(curve, looks, armed)
            if found is not None:
                return found, armed, found
            here_us = int(looks[-1])
        return here_us, armed, None

    def _look(self, curve: Curve, looks: Micros, armed: bool | None) -> tuple[bool, int | None]:
        depth = self._depth(curve, looks)
        beyond, near = depth > 0.0, depth <= -self.cue.back
        if armed is None:
            armed = not bool(beyond[0])
        i = 0
        while True:
            wanted = (beyond if armed else near)[i:]
            if not wanted.any():
                return armed, None
            i += int(wanted.argmax())
            if not armed:
                armed = True
                continue
            at_us = self._halved(curve, int(looks[max(0, i - 1)]), int(looks[i]))
            if at_us >= looks[-1]:  # the last look is the first of the next stretch of them
                return armed, None
            if at_us >= self._free_us:
                return armed, at_us
            armed = False  # it crossed while resting

    def _depth(self, curve: Curve, at_us: Micros) -> Floats:
        over: Floats = curve(at_us / MICRO) - self._level
        return over if self._sign == ">" else -over

    def _halved(self, curve: Curve, before_us: int, after_us: int) -> int:
        while after_us - before_us > 1:
            middle_us = (before_us + after_us) // 2
            if self._depth(curve, np.asarray([middle_us]))[0] > 0.0:
                after_us = middle_us
            else:
                before_us = middle_us
        return after_us
