"""How much of a long piece must be known to lay out a stretch of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lullaby.engine.firing import Firing
from lullaby.engine.timeline import Visit, seconds
from lullaby.engine.weave import Change, Within, spoken
from lullaby.model.chance import named
from lullaby.model.event import LONGEST_S
from lullaby.model.score import Clock, Score
from lullaby.model.value import Following, Number, Time
from lullaby.units import MICRO

MANY = 256  # visits; a piece with fewer is laid out as a whole
LAGS = 20  # times a lag, what is smoothed looks back at most
ALWAYS_S = 600.0  # looked back in any case: events that still sound, effects that still ring
AFTER_US = round(LONGEST_S * MICRO)


def back_us(score: Score, visits: Sequence[Visit]) -> int:
    """Return how far back anything in a piece looks: sums of lags, however they follow."""
    clocks = [score.clock, *(s.clock for s in score.scenes if s.clock)]
    beat_s = 60.0 / min(min(clock.bpm, clock.ends_bpm) for clock in clocks)
    bar_s = beat_s * max(clock.beats_a_bar for clock in clocks)
    longest_s = max((v.length_us for v in visits), default=0) / MICRO
    unit_s = {"s": 1.0, "beat": beat_s, "bar": bar_s, "share": longest_s}
    lags_s = sum(_most(time) * unit_s[time.unit] for time in _lags(score))
    return round((ALWAYS_S + LAGS * lags_s) * MICRO)


def _most(time: Time) -> float:
    return max(abs(time.amount) + abs(time.spread), abs(time.until or 0.0))


def _lags(score: Score) -> Iterator[Time]:
    waiting: list[Any] = [score.parts, score.buses, score.arcs, score.scenes, score.cues]
    waiting.append(score.master)
    seen: set[int] = set()
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, str | bytes | int | float) or inner is None or id(inner) in seen:
            continue
        seen.add(id(inner))
        if isinstance(inner, Following):
            yield from (time for time in (inner.lag, inner.rise, inner.fall) if time)
        if isinstance(inner, tuple | list):
            waiting += inner
        elif isinstance(inner, Mapping):
            waiting += inner.values()
        elif isinstance(inner, Clock):
            continue
        elif hasattr(inner, "__dataclass_fields__"):
            waiting += vars(inner).values()


@dataclass(frozen=True, slots=True)
class Kicked:
    """A kick of an arc, at a place in the piece."""

    at_us: int
    depth: float
    over_s: float


class Said:
    """All that scenes and cues say of each thing, in the order of time, as it becomes known."""

    def __init__(self, score: Score) -> None:
        self.score = score
        self.firings: list[Firing] = []
        self.arcs: dict[str, list[Change]] = {arc.name: [] for arc in score.arcs}
        self.buses: dict[str, dict[str, list[Change]]] = {}
        self._set: dict[str, dict[str, list[Change]]] = {}  # by part or bus, then by parameter
        self._kicks: dict[str, list[Kicked]] = {}
        self._longest_s: dict[str, float] = {}

    def copy(self) -> Said:
        """Return the same as known so far, which goes its own way."""
        made = Said(self.score)
        made.firings = self.firings.copy()
        made.arcs = {name: said.copy() for name, said in self.arcs.items()}
        made.buses = {b: {n: said.copy() for n, said in v.items()} for b, v in self.buses.items()}
        made._set = {o: {n: said.copy() for n, said in v.items()} for o, v in self._set.items()}
        made._kicks = {name: kicks.copy() for name, kicks in self._kicks.items()}
        made._longest_s = dict(self._longest_s)
        return made

    def visit(self, visit: Visit) -> None:
        """Take in what a scene says."""
        for name, value in visit.scene.arcs.items():
            insort(self.arcs[name], spoken(visit, value), key=_start_us)
        for bus, values in visit.scene.mix.items():
            for name, value in values.items():
                said = self.buses.setdefault(bus, {}).setdefault(name, [])
                said.append(spoken(visit, value))

    def fire(self, f: Firing) -> None:
        """Take in what a cue says, and that it goes off."""
        insort(self.firings, f, key=_at_us)
        clock = f.stretch.visit.clock
        for target, value in f.cue.settings.items():
            change = Change(f.at_us, None, 0, value, f.path, clock.moved(f.since_s))
            owner, dot, name = target.partition(".")
            into = self._set.setdefault(owner, {}).setdefault(name, []) if dot else self.arcs[owner]
            insort(into, change, key=_start_us)
        for name, (depth, over) in f.cue.kicks.items():
            if isinstance(depth, Number):
                over_s = seconds(over, clock, 0.0, named(self.score.seed, f.path), f.since_s)
                kick = Kicked(f.at_us, depth.value, over_s)
                insort(self._kicks.setdefault(name, []), kick, key=_at_us)
                self._longest_s[name] = max(self._longest_s.get(name, 0.0), over_s)

    def settings(self, owner: str) -> Iterator[tuple[str, list[Change]]]:
        """Yield what cues set of a part or bus, by parameter."""
        yield from sorted(self._set.get(owner, {}).items())

    def kicks(self, arc: str, within: Within) -> list[Kicked]:
        """Return the kicks of an arc that may be felt between two places."""
        kicks, longest_s = self._kicks.get(arc, []), self._longest_s.get(arc, 0.0)
        first = bisect_left(kicks, within[0] - longest_s * MICRO, key=_at_us)
        return kicks[first : bisect_right(kicks, within[1], key=_at_us)]


def _start_us(change: Change) -> int:
    return change.start_us


def _at_us(one: Firing | Kicked) -> int:
    return one.at_us
