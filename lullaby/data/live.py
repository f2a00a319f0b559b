"""Signals of streams: rows in, touches out, and the take that holds them is the recording.

Rows are stamped by when they come, in seconds since the start.  Each signal of a fed source is a
name that hands may hold, like an arc; ``Live`` gives what to hold it at, at most four times a
second.  A piece rendered again with the session's take has the session's samples.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, nan

import numpy as np

from lullaby.data.cells import numbers
from lullaby.data.delimited import CANDIDATES, split
from lullaby.data.faults import fault
from lullaby.data.feeds import Feed
from lullaby.data.formulas import counted, reckoned
from lullaby.data.online import Chain, Extremes, Point
from lullaby.data.records import text_column
from lullaby.data.scales import stated
from lullaby.data.steps import looks_ahead
from lullaby.data.words import word_of
from lullaby.errors import Finding, ScoreError, UsageError
from lullaby.model.formula import cells
from lullaby.model.score import Score
from lullaby.model.score_place import Where
from lullaby.model.signal import Nodes, Signal
from lullaby.model.table import SignalDef, SourceDef

CELL_S = 0.25  # composers see what is live in cells of this
AT_ONCE = 10_000  # rows of a source taken in one cell
MOST_STRUCK = 50  # and noted for parts that sound for each: as many, evenly picked
HELD_S = 20.0  # a value is held this long if the score does not say


def check(score: Score, fed: frozenset[str]) -> None:
    """Raise ScoreError for everything in a score that cannot be done with a stream."""
    known = {source.name for source in score.sources}
    for name in sorted(fed - known):
        raise UsageError(f"--feed {name}: the score has no source of this name")
    found: list[Finding] = []
    for one in score.signals:
        if source_of(one) in fed:
            found += [f for where, text in _cannot(one) for f in fault(where, text).findings]
    for source in score.sources:
        found += _doubled(source, fed)
    streams = {one.name for one in score.signals if source_of(one) in fed}
    for cue in [*score.cues, *(cue for scene in score.scenes for cue in scene.cues)]:
        if cue.each in fed and cue.rest is None:
            message = f"a cue for each row of the stream '{cue.each}' wants a rest: say rest: 2 s"
            found += fault(cue.where, message).findings
    for one in score.signals:
        if any(cell.name in streams for cell in cells(one.source) if not cell.column):
            message = f"signal '{one.name}': signals of a stream are joined in an arc"
            found += fault(one.place("from"), message).findings
    if found:
        raise ScoreError(found)


def _doubled(source: SourceDef, fed: frozenset[str]) -> Sequence[Finding]:
    if source.name not in fed or source.doubles != "mean":
        return ()
    message = "'doubles: mean' waits for rows of one time; those of a stream sound as they come"
    return fault(source.place("doubles"), f"source '{source.name}': {message}").findings


def source_of(one: SignalDef) -> str:
    """Return the source whose columns a signal is made from; "" where it is made from signals."""
    return next((cell.name for cell in cells(one.source) if cell.column), "")


_NO_RANGE = "a stream has no percentiles yet; state its range: 20..400"
_UNKNOWN = {
    "nominal": "a stream's words are not known yet; state them: range: [ok, slow]",
    "ordinal": "a stream's values are not known yet; state them: range: [1, 2, 5]",
}


def _cannot(one: SignalDef) -> list[tuple[Where, str]]:
    found: list[tuple[Where, str]] = []
    if one.range is None and one.rolling_s is None and not one.values:
        message = _UNKNOWN.get(
            one.scale, "a stream has no percentiles yet; state its range: 20..400"
        )
        found.append((one.place("range"), f"signal '{one.name}': {message}"))
    if one.scale == "quantile":
        found.append((one.place("scale"), f"signal '{one.name}': a stream has no quantiles yet"))
    if one.gaps == "linear":
        message = f"signal '{one.name}': 'gaps: linear' looks ahead; with a stream say hold 20 s"
        found.append((one.place("gaps"), message))
    for step in one.steps:
        if twin := looks_ahead(step):
            message = f"signal '{one.name}': '{step.text}' looks ahead; with a stream say {twin}"
            found.append((step.where, message))
    return found


def placeholder(one: SignalDef) -> Signal:
    """Return a signal before its first value: missing."""
    nodes, gone = unknown(one.name, 0.0), unknown(f"{one.name}/missing", 1.0)
    return Signal(one.name, nodes, stated(one), gone, one.unit, rolling_s=one.rolling_s)


def unknown(name: str, value: float) -> Nodes:
    """Return what stands for a curve of a stream until hands hold it."""
    # Two nodes: one alone would be a constant, which nobody can take over.
    return Nodes(f"fed {name}", np.array([0.0, 1.0]), np.full(2, value), "step")


class Live:
    """The signals of all fed sources of a score."""

    def __init__(self, score: Score, feeds: Mapping[str, Feed]) -> None:
        check(score, frozenset(feeds))
        self._sources = [_Source(s, feeds[s.name]) for s in score.sources if s.name in feeds]
        self._signals = [_Signal(one) for one in score.signals if source_of(one) in feeds]
        self._struck = {part.each for part in score.parts if part.each}
        self._said: dict[str, float] = {}

    @property
    def strange(self) -> int:
        """Return how many lines were no rows."""
        return sum(source.strange for source in self._sources)

    @property
    def came(self) -> dict[str, int]:
        """Return how many rows of each source were taken by the last advance."""
        return {source.name: source.came for source in self._sources}

    @property
    def taken(self) -> int:
        """Return how many rows were taken."""
        return sum(source.taken for source in self._sources)

    def advance(self, now_s: float) -> list[tuple[str, float | None]]:
        """Return the names to touch and their values, with all that has come up to ``now_s``.

        All of them belong to one grid point; None lets a name go.  ``now_s`` only ever grows,
        whatever the piece does.
        """
        values: dict[str, float] = {}
        noted: list[tuple[str, float | None]] = []
        for source in self._sources:
            rows = source.rows()
            for signal in self._signals:
                if signal.source == source.name:
                    signal.take(rows, now_s)
                    values |= signal.values(now_s)
            if rows and source.name in self._struck:
                noted += _noted(source.name, [row.numbers for row in rows])
            elif rows:
                last = rows[-1].numbers
                values |= {f"{source.name}.{n}": x for n, x in last.items() if isfinite(x)}
        changed = {n: v for n, v in values.items() if self._said.get(n) != v}
        self._said |= changed
        return [*changed.items(), *noted]


def _noted(source: str, rows: list[dict[str, float]]) -> list[tuple[str, float | None]]:
    # Row by row: the source's name, its columns, and the name let go.
    found: list[tuple[str, float | None]] = []
    picked = np.linspace(0, len(rows) - 1, min(len(rows), MOST_STRUCK)).round().astype(np.int64)
    for row in (rows[int(i)] for i in picked):
        found.append((source, 1.0))
        found += [(f"{source}.{n}", x) for n, x in row.items() if n and isfinite(x)]
    return [*found, (source, None)]


@dataclass(frozen=True)
class _Row:
    numbers: dict[str, float]
    words: dict[str, str]


class _Signal:
    def __init__(self, one: SignalDef) -> None:
        self._def, self.source = one, source_of(one)
        self._chain = Chain(one.steps)
        self._scale = placeholder(one).scale
        self._held_s = HELD_S if one.hold_s is None else one.hold_s
        self._held_s = inf if one.gaps == "drop" else self._held_s
        self._ends = None if one.rolling_s is None else Extremes(one.rolling_s)
        self._due: deque[Point] = deque()
        self._last: Point | None = None  # as a share

    def take(self, rows: list[_Row], now_s: float) -> None:
        for row in rows:
            value = self._value(row)
            if isfinite(value) or self._def.gaps != "drop":
                self._due.extend(self._chain.push(now_s, value))
        self._due.extend(self._chain.passed(now_s))

    def _value(self, row: _Row) -> float:
        source = self._def.source
        if self._def.scale == "nominal":
            word = row.words[next(cells(source)).column]
            words = self._scale.words
            return float(words.index(word)) if word in words else nan
        return float(counted(source, lambda cell: np.float64(row.numbers[cell.column])))

    def _share(self, t: float, x: float) -> float:
        scale = self._scale
        if self._ends is not None:
            low, high = self._ends.of(t, x)
            scale = replace(scale, low=low, high=high)
        return float(np.clip(scale.share(x), 0.0, 1.0))

    def values(self, now_s: float) -> dict[str, float]:
        while self._due and self._due[0][0] <= now_s:
            t, x = self._due.popleft()
            if isfinite(x):
                self._last = t, self._share(t, x)
        if self._last is None:
            return {}
        name = self._def.name
        missing = float(now_s - self._last[0] > self._held_s)
        return {name: self._last[1], f"{name}.missing": missing}


class _Source:
    def __init__(self, source: SourceDef, feed: Feed) -> None:
        self.name, self._def, self._feed = source.name, source, feed
        self._names: list[str] = []
        self._delimiter = source.delimiter
        self.strange = self.taken = self.came = 0

    def rows(self) -> list[_Row]:
        """Return the rows that came, by the names that are used; those that ``where`` keeps."""
        found = []
        for line in self._feed.lines()[-AT_ONCE:]:
            text = line.decode("utf-8", "replace").strip().removeprefix("\ufeff")
            cells_by_name = self._cells(text) if text else None
            if cells_by_name is None:
                continue
            row = self._row(cells_by_name)
            if self._kept(row):
                found.append(row)
        self.came = len(found)
        self.taken += self.came
        return found

    def _kept(self, row: _Row) -> bool:
        keep = self._def.keep
        if keep is None:
            return True
        return bool(reckoned(keep, lambda cell: np.float64(row.numbers[cell.column or cell.name])))

    def _cells(self, text: str) -> dict[str, str] | None:
        if text.startswith("{"):
            try:
                made = json.loads(text)
            except (ValueError, RecursionError):
                self.strange += 1
                return None
            return {str(k): str(v) for k, v in made.items()} if isinstance(made, dict) else None
        if not self._delimiter:
            self._delimiter = max(CANDIDATES, key=lambda c: len(split(text, c)))
        cells_found = [cell.strip().strip('"') for cell in split(text, self._delimiter)]
        if not self._names:
            first = cells_found[0].lstrip("+-.")
            if not first[:1].isdigit():
                self._names = cells_found
                return None
            self._names = [f"c{i + 1}" for i in range(len(cells_found))]
        if len(cells_found) != len(self._names):
            self.strange += 1
            return None
        return dict(zip(self._names, cells_found, strict=True))

    def _row(self, by_name: Mapping[str, str]) -> _Row:
        source = self._def
        decimal = source.decimal or "."

        def cell(name: str) -> str:
            return by_name.get(source.columns.get(name, name), "")

        words = {name: word_of(cell(name), decimal, source.missing) for name in source.worded}
        wanted = {name: cell(name) for name in source.used}
        if not wanted:
            return _Row({}, words)
        found, _ = numbers(text_column(list(wanted.values())), decimal, source.missing)
        by_used = dict(zip(wanted, found.tolist(), strict=True)) if len(found) else {"": nan}
        return _Row(by_used, words)
