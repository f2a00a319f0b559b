"""When cues go off: at times, every so often, or when an arc crosses a level.

All of it is reckoned while arranging: a pure function of time, arcs without hands.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from math import inf

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
MOST_FIRINGS = 20_000  # an hour
HOUR_US = 3600 * MICRO
LEAST_US = 10_000  # between two firings of one cue


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a cue stands: a visit to a scene, or the whole piece."""

    visit: Visit  # its clock, start and length
    path: str  # names its draws
    end_us: float  # nothing goes off by itself from here on


@dataclass(frozen=True, slots=True)
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


class Firings:
    """Every firing of the cues of a piece, in the order in which they are found out.

    ``note`` is told each of them, and ``arcs`` gives the arcs as all that were noted leave them.
    """

    def __init__(
        self,
        score: Score,
        note: Callable[[Firing], None],
        arcs: Callable[[], Mapping[str, Curve]],
    ) -> None:
        self._score, self._note, self._arcs = score, note, arcs
        self._waiting: list[tuple[int, int, int, Firing]] = []  # a heap: place, cue, number
        self._sources: list[tuple[int, Firing, Iterator[Firing]]] = []  # cue, the next one
        self._watches: list[Watch] = []
        self._begun = self._count = 0
        self.watched = False  # whether any cue ever waited for an arc
        self.done_us: float = 0  # all before has been found out

    def begin(self, cue: Cue, stretch: Stretch) -> None:
        """Take up a cue in its stretch."""
        order, self._begun = self._begun, self._begun + 1
        for firing in at_times(cue, stretch, self._score.seed):
            heappush(self._waiting, (firing.at_us, order, firing.number, firing))
        for source in (
            every(cue, stretch, self._score.seed),
            each_row(cue, stretch, self._score),
        ):
            self._go_on(order, source)
        if cue.when:
            self.watched = True
            self._watches.append(Watch(cue, stretch, self._score.seed))

    def serve(
        self, note: Callable[[Firing], None], arcs: Callable[[], Mapping[str, Curve]]
    ) -> None:
        """Tell another one from now on."""
        self._note, self._arcs = note, arcs

    def give(self, firing: Firing) -> None:
        """Take in a firing that was found otherwise."""
        order, self._begun = self._begun, self._begun + 1
        heappush(self._waiting, (firing.at_us, order, firing.number, firing))

    def advance(self, until_us: float, *, cut: bool = True) -> None:
        """Find out all that goes off before a place.

        Crossings are found one after the other, since each may move the arcs after it.  Not
        ``cut``: more is to come, and the last moment is left to it.
        Raises ScoreError where it never stops.
        """
        hours = 1 if until_us == inf else 1 + int(until_us) // HOUR_US
        most = MOST_FIRINGS * hours
        self._pull(until_us, len(self._waiting) + most)
        self.done_us = until_us
        while self._waiting and self._waiting[0][0] < until_us:
            self._tell(heappop(self._waiting)[-1], most)
        if not self._watches:
            return
        last_us = until_us if cut else until_us // WATCH_US * WATCH_US
        watches = self._watches
        ends = [
            min(w.stretch.end_us, until_us if w.stretch.end_us <= until_us else last_us)
            for w in watches
        ]
        arcs = self._arcs()
        waiting = [w.next(arcs[w.name], end) for w, end in zip(watches, ends, strict=True)]
        while any(at_us is not None for at_us in waiting):
            at_us, i = min((at, i) for i, at in enumerate(waiting) if at is not None)
            self._tell(watches[i].fired(at_us), most)
            again = [i]
            cue = watches[i].cue
            if any(arc.name in (*cue.settings, *cue.kicks) for arc in self._score.arcs):
                for j, watch in enumerate(watches):
                    if j != i:
                        watch.pass_by(arcs[watch.name], at_us)
                arcs = self._arcs()
                again = list(range(len(watches)))
            for j in again:
                waiting[j] = watches[j].next(arcs[watches[j].name], ends[j])
        if not cut:
            for watch, end in zip(watches, ends, strict=True):
                watch.pass_by(arcs[watch.name], end)
            self._watches = [w for w in watches if w.stretch.end_us > until_us]

    def _tell(self, firing: Firing, most: int) -> None:
        if self._count >= most:
            message = f"cues go off more than {MOST_FIRINGS} times an hour"
            raise self._score.refused(firing.cue.where, message)
        self._count += 1
        self._note(firing)

    def _go_on(self, order: int, source: Iterator[Firing]) -> None:
        firing = next(source, None)
        if firing is not None:
            self._sources.append((order, firing, source))

    def _pull(self, until_us: float, most: int) -> None:
        # One more than may be there: the count of those that are told refuses it.
        sources, self._sources = self._sources, []
        for order, first, source in sources:
            firing: Firing | None = first
            while firing is not None and firing.at_us < until_us:
                heappush(self._waiting, (firing.at_us, order, firing.number, firing))
                firing = next(source, None) if len(self._waiting) <= most else None
            if firing is not None:
                self._sources.append((order, firing, source))


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


def at_times(cue: Cue, stretch: Stretch, seed: int) -> Iterator[Firing]:
    """Yield the firings of a cue that has ``at``, in the order they are written."""
    visit = stretch.visit
    for i, time in enumerate(cue.at):
        key = named(seed, stretch.path, cue.text, "at", i)
        since_s = seconds(time, visit.clock, visit.length_us / MICRO, key)
        yield Firing(cue, visit.start_us + seconds_to_micros(since_s), stretch, i)


def every(cue: Cue, stretch: Stretch, seed: int) -> Iterator[Firing]:
    """Yield the firings of a cue that has ``every``."""
    if cue.every is None:
        return
    visit = stretch.visit
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

    def begin(self, at_us: int) -> None:
        """Look at nothing before a time."""
        self._here_us = max(self._here_us, at_us)

    def next(self, curve: Curve, until_us: float) -> int | None:
        """Return where it goes off before ``until_us``, None if nowhere."""
        return self._scan(curve, min(until_us, self.stretch.end_us))[2]

    def pass_by(self, curve: Curve, until_us: float) -> None:
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

    def _scan(self, curve: Curve, end_us: float) -> tuple[int, bool | None, int | None]:
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
