"""Who is asked for which gesture, when, and with which words: firings become askings."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from math import inf
from typing import Any

import numpy as np

from lullaby.engine.firing import Firing
from lullaby.engine.stays import Presence
from lullaby.engine.timeline import Visit
from lullaby.engine.weave import Change, Loom
from lullaby.errors import ScoreError
from lullaby.model.chance import named
from lullaby.model.curve import Curve
from lullaby.model.following import Clipped
from lullaby.model.gesture import MOST_LETTERS, Asking, Gesture
from lullaby.model.score import PartDef, Score
from lullaby.model.sheet import Fixed, Param, Sheet
from lullaby.model.value import Number, Value
from lullaby.units import MICRO, seconds_to_micros

ALL = "all"
MOST_ASKINGS = 200_000  # of a piece
MOST_A_SECOND = 50  # of one part
GONE_US = MICRO  # how long a part that only answered stays after its last sound


def unsaid(p: Param, sheet: type[Sheet], arcs: Mapping[str, Curve]) -> Value | Curve:
    """Return what a parameter does where nothing is said of it."""
    follow = p.follows
    if (
        follow
        and follow.name in arcs
        and (follow.name == p.name or follow.name not in sheet.params())
    ):
        return follow.curve(arcs[follow.name])
    return Number(p.default)


class Askings:
    """All that the parts of a piece are asked for, by the firings of its cues.

    ``loom``: of the whole piece, in its time, with all arcs.  What was asked for before
    ``from_us`` is told only where it says who answers.  Raises ScoreError where it is too much,
    before anything is made of it.
    """

    def __init__(
        self,
        score: Score,
        firings: Sequence[Firing],
        loom: Loom,
        visits: Sequence[Visit],
        from_us: float = -inf,
    ) -> None:
        self._score, self._seed, self._loom, self._visits = score, score.seed, loom, visits
        self._all, self._from_us = firings, from_us
        late = firings[bisect_left(firings, from_us, key=lambda f: f.at_us) :]
        self._firings = [firing for firing in late if firing.cue.do]
        total = 0
        for part in score.parts if self._firings else ():
            recent: deque[int] = deque(maxlen=MOST_A_SECOND)
            for firing, _, _ in _asked(part, self._firings):
                total += 1
                full = len(recent) == MOST_A_SECOND and firing.at_us - recent[0] < MICRO
                if full or total > MOST_ASKINGS:
                    raise self._refused(firing, part if full else None)
                recent.append(firing.at_us)

    def of(self, part: PartDef, found: Sequence[Presence]) -> list[tuple[Asking, ...]]:
        """Return what each presence of a part is asked for, in times from its start."""
        made: list[list[Asking]] = [[] for _ in found]
        there = _There(found)
        for firing, gesture, _ in _asked(part, self._firings):
            i = there.at(firing.at_us)
            if i is not None:
                made[i].append(self._asking(part, firing, gesture, found[i].enter_us))
        return [tuple(askings) for askings in made]

    def between(
        self, part: PartDef, found: Sequence[Presence], length_us: int
    ) -> Iterator[tuple[Presence, str, tuple[Asking, ...]]]:
        """Yield where a part that is not playing answers: one presence between two others."""
        groups: dict[int, list[tuple[Firing, str]]] = {}
        there = _There(found)
        named_only = {
            id(cue)
            for cue in {id(f.cue): f.cue for f in self._all}.values()
            if any(goal.partition(".")[0] == part.name for goal in cue.do)
        }
        called = [f for f in self._all if id(f.cue) in named_only] if named_only else []
        for firing, gesture, to_all in _asked(part, called):
            sounds = part.module.gestures[gesture].sounds_s > 0.0
            if sounds and not to_all and there.at(firing.at_us) is None:
                gap = there.begun(firing.at_us)
                groups.setdefault(gap, []).append((firing, gesture))
        for group in groups.values():
            first = group[0][0]
            visit = [v for v in self._visits if v.start_us <= first.at_us][-1]
            ends = [
                f.at_us + seconds_to_micros(_lasts_s(part.module.gestures[g])) for f, g in group
            ]
            over_us, leave_us = GONE_US, max(ends)
            if leave_us > length_us:
                leave_us, over_us = max(length_us, first.at_us), self._visits[-1].fade_us
            here = replace(visit, start_us=first.at_us)
            askings = tuple(
                self._asking(part, f, g, first.at_us) for f, g in group if f.at_us >= self._from_us
            )
            name = f"{visit.name} {first.path}"
            yield Presence(here, first.at_us, 0, leave_us, over_us, ()), name, askings

    def _refused(self, firing: Firing, part: PartDef | None) -> ScoreError:
        message = f"cues ask for more than {MOST_ASKINGS} gestures"
        if part is not None:
            message = f"part '{part.name}' is asked more than {MOST_A_SECOND} times within a second"
        return self._score.refused(firing.cue.where, message)

    def _asking(self, part: PartDef, firing: Firing, gesture: str, origin_us: int) -> Asking:
        kind = part.module.gestures[gesture]
        words = tuple(
            self._moving(part, firing, gesture, p)
            if isinstance(p, Param)
            else _fixed(p, firing.cue.words.get(name, p.default))
            for name, p in kind.words().items()
        )
        key = named(self._seed, firing.path, part.name, gesture)
        return Asking(gesture, self._relative(firing.at_us, origin_us), key, words)

    def _moving(self, part: PartDef, firing: Firing, gesture: str, p: Param) -> float:
        loom = replace(self._loom, owner=f"part {part.name}")
        given = firing.cue.words.get(p.name)
        kind = part.module.gestures[gesture]
        if isinstance(given, Number) or (given is None and p.follows is None):
            return min(max(given.value if given else p.default, p.low), p.high)
        base = given if given is not None else unsaid(p, kind, loom.arcs)
        clock = firing.stretch.visit.clock
        home = Change(firing.at_us, None, 0, Number(0.0), firing.path, clock)
        curve = loom.woven(f"{gesture} {p.name}", base, [], log=p.log, home=home)
        return float(Clipped(curve, p.low, p.high)(np.asarray(loom.relative(firing.at_us))))

    def _relative(self, at_us: int, origin_us: int) -> float:
        return (at_us - origin_us) / MICRO


def _asked(part: PartDef, firings: Sequence[Firing]) -> Iterator[tuple[Firing, str, bool]]:
    # Which gestures of a part each firing asks for, and whether only because it asks all.
    for firing in firings:
        found: dict[str, bool] = {}
        for goal in firing.cue.do:
            owner, _, gesture = goal.partition(".")
            if gesture in part.module.gestures and owner in (ALL, part.name):
                found[gesture] = found.get(gesture, True) and owner == ALL
        for gesture, to_all in found.items():
            yield firing, gesture, to_all


class _There:
    """Which of a part's presences holds a place."""

    def __init__(self, found: Sequence[Presence]) -> None:
        self._order = sorted(range(len(found)), key=lambda i: found[i].enter_us)
        self._enters = [found[i].enter_us for i in self._order]
        self._ends = [found[i].end_us for i in self._order]
        self._latest = list(accumulate(self._ends, max))

    def begun(self, at_us: int) -> int:
        """Return how many have begun by then."""
        return bisect_right(self._enters, at_us)

    def at(self, at_us: int) -> int | None:
        """Return the number of the one that holds it; of two that overlap, the later."""
        i = self.begun(at_us) - 1
        while i >= 0 and self._latest[i] > at_us:
            if self._ends[i] > at_us:
                return self._order[i]
            i -= 1
        return None


def _lasts_s(gesture: type[Gesture]) -> float:
    return gesture.begins_s + gesture.sounds_s


def _fixed(p: Fixed[Any], value: Any) -> float | str:
    if p.kind == "choice":
        return float(p.options.index(value))
    return str(value)[:MOST_LETTERS] if p.kind == "text" else float(value)
