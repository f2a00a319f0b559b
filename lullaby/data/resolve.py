"""All data of a score, read and laid into the piece: what its values follow by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b

import numpy as np

from lullaby.data import dates
from lullaby.data.advice import advice
from lullaby.data.cells import Column, numbers
from lullaby.data.faults import fault, shown
from lullaby.data.live import check, placeholder, source_of, unknown
from lullaby.data.lock import changed, locked
from lullaby.data.opening import Limits
from lullaby.data.records import text_column
from lullaby.data.signals import Made, cells_are_signals, made
from lullaby.data.table import Table
from lullaby.data.tables import read
from lullaby.errors import Finding, ScoreError
from lullaby.model.chance import Floats
from lullaby.model.legend import inside_us
from lullaby.model.score import Score
from lullaby.model.signal import Known, Nodes, Rows, Span
from lullaby.model.table import SourceDef
from lullaby.units import MICRO, seconds_to_micros

LONGEST_S = 7 * 24 * 3600.0


def resolved(
    score: Score, limits: Limits | None = None, fed: frozenset[str] = frozenset()
) -> Score:
    """Return the score with its data read: ``score.known``.

    ``fed``: sources that a stream stands for, whose files are not read.  Raises ScoreError with
    every source and signal that is wrong, each at its place.
    """
    if not score.sources and not score.signals:
        return score
    score, files = locked(score)
    found = _moved(replace(score, known=known(score, limits, fed)))
    notes = changed(found, files)
    if notes and found.known is not None:
        found = replace(found, known=replace(found.known, notes=(*found.known.notes, *notes)))
    return found


def _moved(score: Score) -> Score:
    # With a legend before it the piece begins later, and so do the data.
    if score.known is None or score.legend is None or score.legend.place != "before":
        return score
    return replace(score, known=score.known.moved(inside_us(score) / MICRO))


def known(score: Score, limits: Limits | None = None, fed: frozenset[str] = frozenset()) -> Known:
    """Return the signals, columns and rows of a score."""
    check(score, fed)
    tables: dict[str, Table] = {}
    spans: dict[str, Span] = {}
    findings: list[Finding] = []
    for source in score.sources:
        if source.name in fed:
            continue
        try:
            tables[source.name], spans[source.name] = _laid(source, read(source, limits))
        except ScoreError as error:
            findings += error.findings
    if findings:
        raise ScoreError(findings)
    rows = {name: _rows(name, table, spans[name]) for name, table in tables.items()}
    streams = {one.name: placeholder(one) for one in score.signals if source_of(one) in fed}
    files = replace(score, signals=tuple(s for s in score.signals if s.name not in streams))
    signals = _signals(files, tables, spans, rows)
    notes = [note for table in tables.values() for note in table.notes]
    notes += [note for one in signals.values() for note in one.notes]
    notes += advice(score, rows)
    return Known(
        signals={**{name: one.signal for name, one in signals.items()}, **streams},
        columns={
            f"{name}.{column}": _column(f"{name}.{column}", rows[name], column)
            for name, table in tables.items()
            for column in table.columns
        }
        | {
            f"{source.name}.{column}": unknown(column, 0.0)
            for source in score.sources
            if source.name in fed
            for column in source.used
        },
        missing={
            **{f"{name}.missing": _missing(one) for name, one in signals.items()},
            **{f"{n}.missing": s.present for n, s in streams.items() if s.present is not None},
        },
        rows=rows,
        spans=spans,
        files={name: table.digest for name, table in tables.items()},
        notes=tuple(notes),
        fed=fed,
    )


def _laid(source: SourceDef, table: Table) -> tuple[Table, Span]:
    # The rows of the span, and where they lie in the piece.
    first, last = float(table.time[0]), float(table.time[-1])
    if source.span is not None:
        where = source.place("span")
        first, last = (_data_time(t, table, source) for t in source.span)
        if not first < last:
            raise fault(where, f"source '{source.name}': its span ends before it begins")
        inside = (table.time >= first) & (table.time <= last)
        if not inside.any():
            ends = f"{_said(table.time[0], table)} to {_said(table.time[-1], table)}"
            raise fault(where, f"{source.file}: no row lies in the span; it has {ends}")
        table = table.only(inside)
    length_s = source.length_s if source.length_s is not None else last - first
    if length_s > LONGEST_S:
        message = f"source '{source.name}' lasts {length_s / 86400.0:.3g} days; the piece at most 7"
        raise fault(source.place("for"), f"{message}: say how long it is to last, 'for: 3:00'")
    return table, Span(first, last, source.at_s, length_s, table.calendar)


def _data_time(text: str, table: Table, source: SourceDef) -> float:
    column = text_column([text.strip()])
    values, bad = dates.seconds(column) if table.calendar else _number(column)
    if bad[0] or np.isnan(values[0]):
        wanted = "a date such as 2018-02-04T00:00:00Z" if table.calendar else "a number of seconds"
        raise fault(
            source.place("span"), f"{shown(text)}: the times of {source.file} want {wanted}"
        )
    return float(values[0])


def _number(column: Column) -> tuple[Floats, np.ndarray]:
    return numbers(column, ".", ())


def _said(time: float, table: Table) -> str:
    if not table.calendar:
        return f"{time:.6g}"
    return str(np.datetime64(round(time), "s"))


def _signals(
    score: Score,
    tables: Mapping[str, Table],
    spans: Mapping[str, Span],
    rows: Mapping[str, Rows],
) -> dict[str, Made]:
    done: dict[str, Made] = {}
    todo = {one.name: one for one in score.signals}
    findings: list[Finding] = []
    while todo:
        ready = [n for n, s in todo.items() if not any(o in todo for o in cells_are_signals(s))]
        if not ready:
            one = next(iter(todo.values()))
            raise fault(one.place("from"), f"signal '{one.name}' is made from itself in a circle")
        for name in ready:
            one = todo.pop(name)
            if any(other not in done for other in cells_are_signals(one)):
                continue  # what it is made from is wrong, and told already
            try:
                done[name] = made(one, tables, spans, rows, done)
            except ScoreError as error:
                findings += error.findings
    if findings:
        raise ScoreError(findings)
    return {one.name: done[one.name] for one in score.signals}


def _rows(name: str, table: Table, span: Span) -> Rows:
    # Rows lie at whole microseconds, no two at one: those of one time follow each other.
    at_us = seconds_to_micros(span.at_s) + np.round(
        (table.time - span.first) * (span.speed * 1e6)
    ).astype(np.int64)
    order = np.arange(len(at_us))
    at_us = np.maximum.accumulate(at_us - order) + order
    made = blake2b(table.digest.encode(), digest_size=16)
    for part in (at_us, *table.columns.values(), *table.codes.values()):
        made.update(np.ascontiguousarray(part).tobytes())
    words = {name: (codes, table.words[name]) for name, codes in table.codes.items()}
    return Rows(name, made.hexdigest(), at_us, table.columns, words)


def _column(name: str, rows: Rows, column: str) -> Nodes:
    # A column used straight: in data units, the last value there was.
    values = rows.columns[column]
    there = np.flatnonzero(~np.isnan(values))
    digest = f"{name}:{rows.digest}"
    if not len(there):
        return Nodes(digest, np.zeros(1), np.zeros(1), "step", name=name)
    return Nodes(digest, rows.at_us[there] / 1e6, values[there], "step", name=name)


def _missing(one: Made) -> Nodes:
    present = one.laid.present
    digest = f"{one.signal.nodes.digest}/missing"
    if present is None:
        return Nodes(digest, np.zeros(1), np.zeros(1), "step")
    return Nodes(digest, present.at_s, 1.0 - present.values)
