"""A signal made: its column, its steps, its range, and the curve it is in the piece."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lullaby.data.faults import TableError, fault, shown
from lullaby.data.formulas import counted
from lullaby.data.joined import Laid, laid, placed
from lullaby.data.reported import reported, warned
from lullaby.data.scales import rolled, scale_of
from lullaby.data.steps import Series, stepped
from lullaby.data.table import Table
from lullaby.model.chance import Floats
from lullaby.model.formula import Cell, cells
from lullaby.model.scale import Scale, in_order
from lullaby.model.signal import Nodes, Rows, Signal, Span
from lullaby.model.table import SignalDef
from lullaby.units import MICRO


@dataclass(frozen=True)
class Made:
    """A signal with what it was made from."""

    signal: Signal
    series: Series  # after the steps, in data units
    shares: Floats  # of its values; NaN where missing
    source: str
    laid: Laid
    notes: tuple[str, ...]


def made(
    one: SignalDef,
    tables: Mapping[str, Table],
    spans: Mapping[str, Span],
    rows: Mapping[str, Rows],
    others: Mapping[str, Made],
) -> Made:
    """Return a signal; raises ScoreError for one that has nothing to say or no sensible range."""
    raw = _source(one, tables, others)
    source, span = raw.source, spans[raw.source]
    table, row_s = tables[source], rows[source].at_us / MICRO
    series, row_t = raw.series, table.time
    if one.gaps == "drop":
        kept = ~np.isnan(series.values)
        if np.array_equal(series.time, row_t):
            row_t, row_s = row_t[kept], row_s[kept]
        series = Series(series.time[kept], series.values[kept], series.bin_s)
    try:
        series = stepped(series, one.steps, span.first)
        known = series.values[~np.isnan(series.values)]
        if not len(known):
            message = f"signal '{one.name}' has no value: all of it is missing"
            raise fault(one.place("from"), message)
        joined = bool(cells_are_signals(one)) and not one.steps
        scale = scale_of(one, known, raw.words, joined=joined)
        moving = None
        if one.rolling_s is None:
            shares = scale.share(series.values)
        else:
            moving, shares = rolled(one, scale, series.time, series.values)
    except TableError as error:
        raise fault(one.place("steps"), f"signal '{one.name}': {error}") from None
    digest = _digest(one, series, scale, span)
    rowwise = np.array_equal(series.time, row_t)  # so that a row's event reads the row itself
    at_s = row_s if rowwise else placed(series.time, span)
    found = laid(series, shares, one, span, at_s, digest)
    report = reported(one, series, scale, shares, found, span)
    signal = Signal(
        name=one.name,
        nodes=found.nodes,
        scale=scale,
        present=found.present,
        unit=one.unit,
        polarity="up" if scale.low <= scale.high else "down",
        late_s=found.late_s,
        rolling_s=one.rolling_s,
        ends=None if moving is None else _moving(moving, shares, at_s + found.late_s, digest),
        report=report,
    )
    return Made(signal, series, shares, source, found, (*raw.notes, *warned(one, scale, report)))


def _moving(scale: Scale, shares: Floats, at_s: Floats, digest: str) -> tuple[Nodes, Nodes]:
    known = ~np.isnan(shares)
    low, high = (
        Nodes(f"{digest}/{name}", at_s[known], end[known])
        for name, end in (("low", scale.low), ("high", scale.high))
    )
    return low, high


def cells_are_signals(one: SignalDef) -> list[str]:
    """Return the signals that a signal is made from."""
    return [cell.name for cell in cells(one.source) if not cell.column]


@dataclass(frozen=True)
class _Raw:
    """What a signal is made from, before its steps."""

    series: Series
    source: str
    words: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def _source(one: SignalDef, tables: Mapping[str, Table], others: Mapping[str, Made]) -> _Raw:
    names = list(cells(one.source))
    if names[0].column:
        source = names[0].name
        table = tables[source]
        if one.scale == "nominal":
            return _worded(one, table, source, names[0].column)
        values = counted(one.source, lambda cell: table.columns[cell.column])
        return _Raw(Series(table.time, _like(values, table.time)), source)
    found = [others[cell.name] for cell in names]
    source = found[0].source
    if any(f.source != source for f in found):
        message = f"signal '{one.name}': signals of one source are joined here, not of two"
        raise fault(one.place("from"), f"{message}; join others in an arc")
    time = np.unique(np.concatenate([f.series.time for f in found]))

    def look_up(cell: Cell) -> Floats:
        # What each of them had last, and missing where that was missing.
        other = others[cell.name]
        i = np.searchsorted(other.series.time, time, side="right") - 1
        return np.where(i < 0, np.nan, np.clip(other.shares, 0.0, 1.0)[np.maximum(i, 0)])

    widths = [f.series.bin_s for f in found]
    bin_s = widths[0] if len(set(widths)) == 1 else None
    return _Raw(Series(time, _like(counted(one.source, look_up), time), bin_s), source)


def _worded(one: SignalDef, table: Table, source: str, column: str) -> _Raw:
    # Words by their place in the order of the scale; those it has not are missing, and told.
    codes, known = table.codes[column], table.words[column]
    used = {known[int(code)] for code in np.unique(codes[~np.isnan(codes)])}
    words = one.values or tuple(in_order(used))
    place = {word: float(i) for i, word in enumerate(words)}
    by_code = np.array([*(place.get(word, np.nan) for word in known), np.nan])
    values = by_code[np.where(np.isnan(codes), len(known), codes).astype(np.int64)]
    strange = in_order(used - set(words))
    notes = []
    if strange:
        count = int((np.isnan(values) & ~np.isnan(codes)).sum())
        listed = ", ".join(shown(word) for word in strange[:5])
        notes = [f"signal '{one.name}': {count} rows hold words outside its range ({listed})"]
    return _Raw(Series(table.time, values), source, words, tuple(notes))


def _like(values: Any, time: Floats) -> Floats:
    return np.broadcast_to(np.asarray(values, np.float64), time.shape).copy()


def _digest(one: SignalDef, series: Series, scale: Scale, span: Span) -> str:
    made = hashlib.blake2b(digest_size=16)
    for part in (series.time, series.values):
        made.update(np.ascontiguousarray(part).tobytes())
    said = (scale, scale.table, span, one.between, one.gaps, one.hold_s, one.rolling_s)
    made.update(repr(said).encode())
    return f"{one.name}:{made.hexdigest()}"
