"""How much of a long piece must be known to lay out a stretch of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lullaby.engine.firing import Firing
from lullaby.engine.timeline import Visit, seconds
from lullaby.engine.weave import Change, spoken
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


@dataclass(frozen=True)
class Kicked:
    """A kick of an arc, at a place in the piece."""

    at_us: int
    depth: float
    over_s: float


@dataclass(frozen=True)
class Said:
    """All that scenes and cues say of each thing, in the order of time."""

    score: Score
    visits: Sequence[Visit]
    firings: Sequence[Firing]

    @cached_property
    def arcs(self) -> Mapping[str, list[Change]]:
        """Return what is said of each arc."""
        made: dict[str, list[Change]] = {arc.name: [] for arc in self.score.arcs}
        for visit in self.visits:
            for name, value in visit.scene.arcs.items():
                made[name].append(spoken(visit, value))
        return {name: _in_time([*made[name], *self.set_by_cues(name)]) for name in made}

    @cached_property
    def buses(self) -> Mapping[str, Mapping[str, list[Change]]]:
        """Return what is said of each parameter of a bus, by bus."""
        made: dict[str, dict[str, list[Change]]] = {}
        for visit in self.visits:
            for bus, values in visit.scene.mix.items():
                for name, value in values.items():
                    made.setdefault(bus, {}).setdefault(name, []).append(spoken(visit, value))
        return made

    @cached_property
    def _set(self) -> Mapping[str, list[Change]]:
        made: dict[str, list[Change]] = {}
        for f in self.firings:
            clock = f.stretch.visit.clock.moved(f.since_s) if f.cue.settings else None
            for target, value in f.cue.settings.items():
                assert clock is not None
                made.setdefault(target, []).append(Change(f.at_us, None, 0, value, f.path, clock))
        return made

    @cached_property
    def _owned(self) -> Mapping[str, list[str]]:
        made: dict[str, list[str]] = {}
        for target in sorted(self._set):
            made.setdefault(target.partition(".")[0], []).append(target)
        return made

    def set_by_cues(self, target: str) -> list[Change]:
        """Return what cues set a target (``panic`` or ``hall.decay_s``) to."""
        return self._set.get(target, [])

    def settings(self, owner: str) -> Iterator[tuple[str, list[Change]]]:
        """Yield what cues set of a part or bus, by parameter."""
        for target in self._owned.get(owner, []):
            if "." in target:
                yield target.partition(".")[2], self._set[target]

    @cached_property
    def _kicks(self) -> Mapping[str, tuple[list[Kicked], float]]:
        made: dict[str, list[Kicked]] = {}
        for f in self.firings:
            for name, (depth, over) in f.cue.kicks.items():
                if isinstance(depth, Number):
                    key = named(self.score.seed, f.path)
                    over_s = seconds(over, f.stretch.visit.clock, 0.0, key, f.since_s)
                    made.setdefault(name, []).append(Kicked(f.at_us, depth.value, over_s))
        return {n: (kicks, max(k.over_s for k in kicks)) for n, kicks in made.items()}

    def kicks(self, arc: str, within: tuple[float, float]) -> list[Kicked]:
        """Return the kicks of an arc that may be felt between two places."""
        kicks, longest_s = self._kicks.get(arc, ([], 0.0))
        first = bisect_left(kicks, within[0] - longest_s * MICRO, key=lambda k: k.at_us)
        return kicks[first : bisect_right(kicks, within[1], key=lambda k: k.at_us)]


def _in_time(changes: list[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: change.start_us)
