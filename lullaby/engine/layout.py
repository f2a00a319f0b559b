"""A score laid out in time as far as it is asked for: visits, what goes off, what is said when."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from math import inf
from threading import Lock

from lullaby.engine.arcs import Arcs, beside
from lullaby.engine.fed_cues import Called, Waiting, hanging, numbered
from lullaby.engine.firing import Firing, Firings, Stretch
from lullaby.engine.follows import check_circles
from lullaby.engine.legends import check_legend
from lullaby.engine.timeline import Course, endless, piece_clock
from lullaby.engine.untimed import check_times
from lullaby.engine.weave import Change, Loom, Within, kicked
from lullaby.engine.windows import MANY, Said, back_us
from lullaby.model.curve import Curve
from lullaby.model.following import Clipped, Kick, Touchable
from lullaby.model.score import ArcDef, Cue, Score, Tuning
from lullaby.model.signal import Known, led
from lullaby.model.value import Number
from lullaby.units import MICRO

EVER: Within = (-inf, inf)
CHUNK_US = 3600 * MICRO  # laid out at a time


class Layout:
    """What happens in a piece, from its start to as far as anybody has asked.

    Laying it out further changes nothing before.  Raises ScoreError for what only shows then.
    """

    def __init__(self, score: Score, called: Sequence[Called] = ()) -> None:
        """Lay nothing out yet; ``called``: when cues went off that wait for a stream."""
        if (score.sources or score.signals) and score.known is None:
            raise ValueError("the data of a score are read (data.resolved) before it is arranged")
        self.score = score
        self.known = score.known or Known()
        self.endless = endless(score)
        self.clock = piece_clock(score)
        check_circles(score)
        if self.endless:
            check_times(score)
            check_legend(score)
        self.course = Course(score)
        self.said = Said(score)
        self.back_us: float = inf
        self._tunings: list[tuple[int, Tuning]] = [(0, score.tuning)]
        self._firings = Firings(score, self.said.fire, self._arcs_so_far)
        self._called = sorted(called)
        self.waiting: list[Waiting] = []  # cues that wait for a stream
        self._streamed = self._of_streams() if self.known.fed else {}
        self._taken = 0  # visits that were taken in
        self._laid_us = 0
        # With that from which it was called: what finds cues out is one for both.
        self._turn = Lock()

    def calling(self, called: Sequence[Called]) -> Layout:
        """Return the layout in which more cues of streams go off; of both only one may go further.

        Laid out as far as this one, unless what was found out so far may hang on it.
        """
        with self._turn:
            return self._calling(called)

    def _calling(self, called: Sequence[Called]) -> Layout:
        every = sorted([*self._called, *called])
        found = [self._call(one) for one in sorted(called)]
        if self._firings.watched or not all(found):
            return Layout(self.score, every)
        made = copy(self)
        made.said, made._called, made.waiting = self.said.copy(), every, list(self.waiting)
        for one, waiting in zip(sorted(called), found, strict=True):
            assert waiting is not None
            begin_us, end_us = waiting.stretch.visit.start_us, waiting.stretch.end_us
            times = [c.at_us for c in every if c.cue == one.cue and begin_us <= c.at_us < end_us]
            number = times.index(one.at_us)
            made.said.fire(Firing(waiting.cue, one.at_us, waiting.stretch, number))
        return made

    def _call(self, one: Called) -> Waiting | None:
        # Where a cue stands that goes off now; None where it is not after all that went off
        # before, or just when another does.
        if not all(c.at_us < one.at_us for c in self._called if c.cue == one.cue):
            return None
        if not one.at_us < (self._laid_us if self.endless else self._end_us):
            return None
        i = bisect_left(self.said.firings, one.at_us, key=lambda f: f.at_us)
        if any(f.at_us == one.at_us for f in self.said.firings[i : i + 1]):
            return None
        for waiting in reversed(self.waiting):
            begin_us, end_us = waiting.stretch.visit.start_us, waiting.stretch.end_us
            if waiting.number == one.cue and begin_us <= one.at_us < end_us:
                return waiting
        return None

    def to_the_end(self, until_us: int | None) -> int:
        """Lay the piece out once and for all, as far as it goes or as it is wanted.

        Returns how long it is.
        """
        if self.endless and until_us is not None:
            self.further(until_us - CHUNK_US)
        self.course.grow(until_us if self.endless else None)
        whole_us = self._end_us
        length_us = whole_us if until_us is None else min(whole_us, until_us)
        self._firings.serve(self.said.fire, self._arcs_so_far)
        self._take(length_us, whole_us)
        self._firings.advance(inf if length_us == whole_us and not self.endless else length_us)
        return length_us

    def further(self, until_us: int) -> None:
        """Lay an endless piece out up to the end of the visit that a place lies in, or more."""
        with self._turn:
            if self._laid_us < until_us and self._firings.done_us != self._laid_us:
                # The other one went further meanwhile.
                self.__dict__.update(vars(Layout(self.score, self._called)))
            self._firings.serve(self.said.fire, self._arcs_so_far)
            self._further(until_us)

    def _further(self, until_us: int) -> None:
        while self._laid_us < until_us:
            self.course.grow(min(until_us, self._laid_us + CHUNK_US))
            self._take(self._end_us, self._end_us)
            self._firings.advance(self._end_us, cut=False)
            self._laid_us = self._end_us

    @property
    def _end_us(self) -> int:
        return self.course.visits[-1].end_us if self.course.visits else 0

    def _take(self, length_us: int, whole_us: int) -> None:
        visits = self.course.visits
        if not self._taken and visits:
            own_us = self.course.own_end_us
            end_us: float = inf if self.endless else min(length_us, own_us)
            length_us = length_us if self.endless else whole_us
            first_us = self.course.lead_us
            own_us = (length_us if self.endless else own_us) - first_us
            whole = replace(visits[0], start_us=first_us, length_us=own_us, clock=self.clock)
            for cue in self.score.cues:
                self._begin(cue, Stretch(whole, "piece", end_us))
        while self._taken < len(visits) and visits[self._taken].start_us < max(1, length_us):
            visit = visits[self._taken]
            if not self._taken:
                self._tunings = [(visit.start_us, visit.tuning)]
            elif visit.tuning != self._tunings[-1][1]:
                self._tunings.append((visit.start_us, visit.tuning))
            self.said.visit(visit)
            for cue in visit.scene.cues:
                self._begin(cue, Stretch(visit, visit.name, visit.end_us))
            self._taken += 1
        if self._taken > MANY:
            self.back_us = back_us(self.score, visits)

    def _of_streams(self) -> dict[int, int]:
        # The cues that wait for a stream, by identity, with their numbers.
        arcs = self.arcs(0, EVER)
        found: dict[str, list[Curve]] = {n: [c] for n, c in self.known.curves().items()}
        for name, curve in arcs.items():
            loom = self.loom(0, f"arc {name}", arcs)
            said = [s.arcs[name] for s in self.score.scenes if name in s.arcs]
            found[name] = [curve, *(loom.woven(name, v, [], home=self.home()) for v in said)]
        names = hanging(self.known, found)
        return {id(c): i for i, c in numbered(self.score) if c.each in names or _of(c) in names}

    def _begin(self, cue: Cue, stretch: Stretch) -> None:
        number = self._streamed.get(id(cue))
        if number is None:
            self._firings.begin(cue, stretch)
            return
        self.waiting.append(Waiting(number, cue, stretch))
        here = range(stretch.visit.start_us, 1 << 62)
        times = [c.at_us for c in self._called if c.cue == number and c.at_us in here]
        for i, at_us in enumerate(t for t in times if t < stretch.end_us):
            self._firings.give(Firing(cue, at_us, stretch, i))

    def arcs(self, origin_us: int, within: Within) -> Arcs:
        """Return the arcs, in the time of an origin, as far as they are asked for."""

        def woven(arc: ArcDef, others: Mapping[str, Curve]) -> Curve:
            name = arc.name
            loom = self.loom(origin_us, f"arc {name}", others, within)
            curve = loom.woven(name, arc.value, self.said.arcs[name], home=self.home())
            kicks = [
                Kick(loom.relative(k.at_us), k.depth, k.over_s)
                for k in self.said.kicks(name, within)
            ]
            return Touchable(name, Clipped(kicked(curve, kicks), 0.0, 1.0))

        return Arcs(self.score, woven)

    def home(self) -> Change:
        """Return where a thing's own value is spoken: in the piece's time, drawn once."""
        first_us = self.course.lead_us
        length_us = None if self.endless else self.course.own_end_us - first_us
        return Change(first_us, length_us, 0, Number(0.0), "", self.clock)

    def loom(
        self, origin_us: int, owner: str, arcs: Mapping[str, Curve], within: Within = EVER
    ) -> Loom:
        """Return what the values of one thing are woven with, in the time of an origin."""
        data = {n: led(c, origin_us / MICRO) for n, c in self.known.curves().items()}
        made = beside(arcs, data)
        lead_us = self.course.lead_us
        return Loom(self.score.seed, origin_us, owner, made, self._tunings, within, lead_us)

    def within(self, from_us: float, to_us: float) -> Within:
        """Return between which places what is said may be felt in a stretch."""
        return from_us - self.back_us, to_us

    def _arcs_so_far(self) -> Mapping[str, Curve]:
        within = self.within(self._laid_us, inf)
        return {**self.known.curves(), **self.arcs(0, within)}


def _of(cue: Cue) -> str:
    return cue.when[0] if cue.when else ""
