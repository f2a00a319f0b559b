"""How much softer a run is under others: their events, followed; a pure function of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, floor
from threading import Lock

import numpy as np

from lullaby.engine.composer import Composer, composer, identity
from lullaby.engine.hands import HELD_S, Hands, bound
from lullaby.model.chance import Floats
from lullaby.model.curve import Curve
from lullaby.model.event import LONGEST_S
from lullaby.model.performance import Performance, Run
from lullaby.model.presence import RELEASE_S, Spans, ends, heard, manner, merged
from lullaby.units import MICRO, micros_to_grid

CELL_S = 4.0  # of a leader composed at a time, where no hand can come between
KEPT_S = LONGEST_S + 30.0  # of what was composed, for those who ask a little later


class Leaders:
    """When the runs that others give way to sound: composed once, whoever asks and in any order."""

    def __init__(
        self, performance: Performance, sample_rate: int, hands: Hands, *, live: bool = False
    ) -> None:
        self.performance = performance
        self.cell_s = HELD_S if live else CELL_S
        self._sample_rate, self._hands = sample_rate, hands
        self._composers: dict[int, Composer] = {}
        self._cells: dict[int, dict[int, Spans]] = {}  # of each run: events of a cell, from and to
        self._lock = Lock()  # runs are played side by side

    def composer(self, i: int) -> Composer:
        """Return the composer of a run, by its place in the performance."""
        if i not in self._composers:
            run = self.performance.runs[i]
            self._composers[i] = composer(self.performance, run, self._sample_rate, self._hands)
        return self._composers[i]

    def within(self, i: int, first: int, until: int) -> Spans:
        """Return from when to when the events sound that begin in some cells of a run (s)."""
        with self._lock:
            cells = self._cells.setdefault(i, {})
            missing = [k for k in range(first, until) if k not in cells]
            if missing:
                self._compose(i, cells, missing[0], missing[-1] + 1)
            spans = [cells[k] for k in range(first, until)]
            oldest = until - ceil(KEPT_S / self.cell_s)
            for k in [k for k in cells if k < oldest]:
                del cells[k]
        at_s = np.concatenate([np.zeros(0), *(begins for begins, _ in spans)])
        return at_s, np.concatenate([np.zeros(0), *(ends for _, ends in spans)])

    def _compose(self, i: int, cells: dict[int, Spans], first: int, until: int) -> None:
        run = self.performance.runs[i]
        length_s = (run.end_us - run.start_us) / MICRO
        edges = np.arange(first, until + 1) * self.cell_s
        made = self.composer(i)((float(edges[0]), float(edges[-1])))
        end_s = np.minimum(ends(run.settings, made["at_s"], made["duration_s"]), length_s)
        places = np.searchsorted(made["at_s"], edges)
        places[-1] = len(made)
        for k in range(first, until):
            begin, end = places[k - first], places[k - first + 1]
            cells[k] = made["at_s"][begin:end].copy(), end_s[begin:end]


@dataclass
class _Leader:
    """One run of a leader: when it is heard, worked out as it is asked for."""

    place: int
    run: Run
    leaders: Leaders
    at_s: Floats = field(default_factory=lambda: np.zeros(0))
    end_s: Floats = field(default_factory=lambda: np.zeros(0))
    holds_s: float = np.inf  # from here on all is known ...
    cell: int = 0  # ... up to the start of this cell

    def heard(self, t: Floats) -> Floats:
        """Return how far the run is there at times of its own, 0..1."""
        first_s, last_s = float(t.min()), float(t.max())
        cell_s = self.leaders.cell_s
        until = max(0, floor(last_s / cell_s) + 1)
        length_s = (self.run.end_us - self.run.start_us) / MICRO
        if first_s < self.holds_s:
            self.at_s = self.end_s = np.zeros(0)
            self._learn(floor(max(0.0, first_s - LONGEST_S - RELEASE_S) / cell_s), until)
        elif until > self.cell:
            self._learn(self.cell, until)
        kept = self.end_s > first_s - RELEASE_S
        self.at_s, self.end_s, self.holds_s = self.at_s[kept], self.end_s[kept], first_s
        spans = merged(self.at_s, self.end_s)
        return heard(t, spans, self.run.desk.fade, length_s, manner(self.run.settings))

    def _learn(self, first: int, until: int) -> None:
        at_s, end_s = self.leaders.within(self.place, first, until)
        self.at_s = np.concatenate((self.at_s, at_s))
        self.end_s = np.concatenate((self.end_s, end_s))
        self.cell = until


class Ducking:
    """What a run's desk says of the parts it gives way to."""

    def __init__(
        self,
        performance: Performance,
        run: Run,
        sample_rate: int,
        hands: Hands,
        leaders: Leaders | None = None,
    ) -> None:
        self.ducks_db = run.desk.ducks_db
        self._run = run
        self._told = leaders or Leaders(performance, sample_rate, hands)
        first_grid = micros_to_grid(run.start_us, sample_rate)
        self._depths: dict[str, Curve] = {
            part: bound(curve, hands, first_grid, sample_rate, held=False)
            for part, curve in run.desk.ducks_db.items()
        }
        self._runs: dict[str, list[tuple[int, Run]]] = {part: [] for part in run.desk.ducks_db}
        for i, other in enumerate(performance.runs):
            if other.part in self._runs:
                self._runs[other.part].append((i, other))
        self._leaders: dict[int, _Leader] = {}

    def go_on(self, old: Ducking) -> None:
        """Take over what the same run, laid out anew, knows of those it gives way to."""
        places = {identity(run): (i, run) for found in self._runs.values() for i, run in found}
        for leader in old._leaders.values():
            i, run = places.get(identity(leader.run), (None, None))
            if i is None or run is None:
                continue
            self._told.composer(i).go_on(old._told.composer(leader.place))
            known = (leader.at_s, leader.end_s, leader.holds_s, leader.cell)
            self._leaders[i] = _Leader(i, run, self._told, *known)

    def softer_db(self, t: Floats) -> Floats:
        """Return how much softer the run is, dB, at times of its own."""
        total = np.zeros(len(t))
        for part, depth in self._depths.items():
            there = self._there(part, t)
            if there.any():
                total += depth(t) * there
        return total

    def _there(self, part: str, t: Floats) -> Floats:
        out = np.zeros(len(t))
        for i, other in self._runs[part]:
            # Both ends are whole microseconds: the distance is the same wherever both lie.
            shift_s = (self._run.start_us - other.start_us) / MICRO
            length_s = (other.end_us - other.start_us) / MICRO
            if t[-1] + shift_s < 0.0 or t[0] + shift_s > length_s + RELEASE_S:
                self._leaders.pop(i, None)
                continue
            if i not in self._leaders:
                self._leaders[i] = _Leader(i, other, self._told)
            out = np.maximum(out, self._leaders[i].heard(t + shift_s))
        return out


def ducking(leaders: Leaders, run: Run, sample_rate: int, hands: Hands) -> Ducking | None:
    """Return how a run gives way to others; None where it gives way to none."""
    if not run.desk.ducks_db:
        return None
    return Ducking(leaders.performance, run, sample_rate, hands, leaders)
