"""Rows of a stream that parts are struck by: read from what hands did, a little after they came.

A session notes each row of a source as touches of one grid point: the source's own name, then a
touch for each of its columns, and at last the name let go.  Rows that came together are spread over
the next quarter of a second, each a cell later than it was noted: by then no composer has looked
there yet, so a take gives the same strikes as the session did.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.engine.hands import HELD_S, Hands
from lullaby.model.chance import Chance, Floats
from lullaby.model.curve import Curve, inside, remade
from lullaby.model.event import LONGEST_S
from lullaby.model.following import Touchable
from lullaby.model.performance import FedStrikes
from lullaby.model.score import PartDef
from lullaby.units import MICRO, STEP

KEPT_S = 3.0 * LONGEST_S  # of rows, while it plays

Micros = NDArray[np.int64]


def fed_strikes(part: PartDef, curves: Iterable[Curve], arcs: Mapping[str, Curve]) -> FedStrikes:
    """Return how a part is struck by the rows of its stream; what it reads of them, not by arcs."""

    def into(inner: Curve) -> bool:
        return not (isinstance(inner, Touchable) and inner.name in arcs)

    found = (inner for curve in curves for inner in inside(curve, into))
    names = {inner.name for inner in found if isinstance(inner, Touchable)}
    needs = sorted(n for n in names if n.partition(".")[0] == part.each)
    return FedStrikes(part.each, tuple(needs), part.at_most_hz, part.merge)


@dataclass
class _Group:
    """Rows noted at one grid point."""

    grid: int
    first: int  # number of its first row
    rows: list[dict[str, float]] = field(default_factory=list)

    def at_us(self, sample_rate: int) -> Micros:
        begin_us = self.grid * STEP * MICRO / sample_rate + HELD_S * MICRO
        spread = np.arange(len(self.rows)) * (HELD_S * MICRO / max(1, len(self.rows)))
        made: Micros = np.ceil(begin_us + spread).astype(np.int64)
        return made


class _Noted:
    """The rows of a source in a take that may still grow."""

    def __init__(self, hands: Hands, source: str) -> None:
        self._hands, self._source = hands, source
        self._begin()

    def _begin(self) -> None:
        self._take, self._read, self._count = self._hands.take, 0, 0
        self._grids: list[int] = []
        self._groups: list[_Group] = []
        self._row: dict[str, float] | None = None

    def _look(self) -> None:
        if self._take is not self._hands.take:
            self._begin()
        names, rows = self._take.names, self._take.rows
        for i in range(self._read, len(rows)):
            grid, name, value = rows[i]
            if names[name] == self._source:
                self._row = None if np.isnan(value) else self._added(grid)
            elif self._row is not None and names[name].partition(".")[0] == self._source:
                self._row[names[name]] = value
        self._read = len(rows)
        if self._hands.live and self._grids:
            # A stream goes on for days; what is over is never asked for again.
            old = self._grids[-1] - KEPT_S * self._take.sample_rate / STEP
            gone = bisect_left(self._grids, old)
            if gone > len(self._grids) // 2:
                del self._grids[:gone], self._groups[:gone]

    def _added(self, grid: int) -> dict[str, float]:
        if not self._grids or self._grids[-1] != grid:
            self._grids.append(grid)
            self._groups.append(_Group(grid, self._count))
        row: dict[str, float] = {}
        self._groups[-1].rows.append(row)
        self._count += 1
        return row

    def between(
        self, first_us: float, last_us: float
    ) -> tuple[Micros, Micros, list[dict[str, float]]]:
        """Return when rows strike, in the piece, their numbers and their columns."""
        self._look()
        rate = self._hands.take.sample_rate
        begin = (first_us / MICRO - 2.0 * HELD_S) * rate / STEP - 1.0
        end = (last_us / MICRO - HELD_S) * rate / STEP + 1.0
        here = self._groups[bisect_left(self._grids, begin) : bisect_left(self._grids, end)]
        if not here:
            return np.zeros(0, np.int64), np.zeros(0, np.int64), []
        at_us = np.concatenate([group.at_us(rate) for group in here])
        number = np.concatenate([g.first + np.arange(len(g.rows)) for g in here])
        rows = [row for group in here for row in group.rows]
        order = np.lexsort((number, at_us))
        kept = order[(at_us[order] >= first_us) & (at_us[order] < last_us)]
        return at_us[kept], number[kept], [rows[int(i)] for i in kept]


@dataclass(frozen=True, eq=False)
class _Column(Curve):
    """A column as it is in the row that sounds; at other times, as hands hold it."""

    name: str
    held: Curve
    struck: Struck

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        return self.struck.column(self.name, np.asarray(t, np.float64), self.held)

    def bounds(self) -> tuple[float, float]:
        return self.held.bounds()


class Struck:
    """The strikes of one run, window by window, in the run's own time."""

    def __init__(self, fed: FedStrikes, start_us: int, hands: Hands) -> None:
        self._fed, self._start_us = fed, start_us
        self._noted = _Noted(hands, fed.source)
        self._at_s: Floats = np.zeros(0)
        self._columns: dict[str, Floats] = {}

    def reading(self, curve: Curve, made: dict[int, Curve]) -> Curve:
        """Return a curve that reads the columns of the row that sounds."""

        def put(inner: Curve) -> Curve | None:
            if isinstance(inner, Touchable) and inner.name in self._fed.needs:
                return _Column(inner.name, inner, self)
            return None

        return remade(curve, put, made)

    def column(self, name: str, t: Floats, held: Curve) -> Floats:
        """Return a column at times of strikes, and what is held at others."""
        otherwise = held(t)
        values = self._columns.get(name)
        if values is None or not len(values):
            return otherwise
        i = np.maximum(np.searchsorted(self._at_s, t, side="right") - 1, 0)
        return np.where(self._at_s[i] == t, values[i], otherwise)

    def within(self, window: tuple[float, float], level: Curve | None) -> tuple[Floats, Micros]:
        """Return when the rows of a window strike, and their numbers."""
        fed = self._fed
        cell_us = 0.0 if fed.at_most_hz is None else MICRO / fed.at_most_hz
        first_us, last_us = (self._start_us + t * MICRO for t in window)
        # Where they are thinned, all rows of a cell must have come: they sound a cell later.
        low_us, high_us = first_us - cell_us - 2.0, last_us - cell_us + 2.0
        if cell_us:
            low_us = np.floor(low_us / cell_us) * cell_us
            high_us = np.ceil(high_us / cell_us) * cell_us
        at_us, number, rows = self._noted.between(low_us, high_us)
        complete = [i for i, row in enumerate(rows) if all(n in row for n in fed.needs)]
        at_us, number = at_us[complete], number[complete]
        columns = {n: np.array([rows[i][n] for i in complete]) for n in fed.needs}
        at_s = (at_us + int(np.ceil(cell_us)) - self._start_us) / MICRO
        self._at_s, self._columns = at_s, columns
        if cell_us and len(at_us):
            kept = self._merged(at_us, cell_us, level)
            at_s, number = at_s[kept], number[kept]
            self._at_s, self._columns = at_s, {n: c[kept] for n, c in self._columns.items()}
        inside = (at_s >= window[0]) & (at_s < window[1])
        return at_s[inside], number[inside]

    def _merged(self, at_us: Micros, cell_us: float, level: Curve | None) -> NDArray[np.int64]:
        cell = np.floor(at_us / cell_us)
        rank: Floats = np.arange(len(at_us), dtype=np.float64)
        if self._fed.merge == "loudest" and level is not None:
            rank = -level(self._at_s)
        elif self._fed.merge == "nearest":
            rank = np.abs(at_us - (cell + 0.5) * cell_us)
        best = np.lexsort((np.arange(len(at_us)), rank, cell))
        starts = np.flatnonzero(np.diff(cell[best], prepend=cell[best[0]] - 1.0))
        kept: NDArray[np.int64] = np.sort(best[starts])
        if self._fed.merge == "mean":
            counts = np.diff(starts, append=len(at_us))
            for name, values in self._columns.items():
                self._columns[name] = np.repeat(np.add.reduceat(values, starts) / counts, counts)
        return kept
