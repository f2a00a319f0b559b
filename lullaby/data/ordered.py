"""Rows in order of time; those of one time are kept, joined by their means, or refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lullaby.data.faults import fault
from lullaby.data.report import data_time
from lullaby.data.table import Table
from lullaby.model.chance import Floats
from lullaby.model.table import SourceDef


def in_order(table: Table, source: SourceDef) -> tuple[Table, list[str]]:
    """Return a table by time, with notes on what became of its rows.

    Raises ScoreError for rows of one time where ``doubles`` refuses them.
    """
    notes = []
    if (np.diff(table.time) < 0.0).any():
        table = table.only(np.argsort(table.time, kind="stable"))
        notes.append(f"{source.file}: its rows are not in order of time; sorted")
    same = np.flatnonzero(np.diff(table.time) == 0.0)
    if not len(same):
        return table, notes
    told = f"{source.file}: {len(same)} rows have the time of the row before"
    if source.doubles == "error":
        first = data_time(float(table.time[same[0]]), table.calendar)
        message = f"{told}, the first at {first}; 'doubles: mean' joins them, 'keep' does not"
        raise fault(source.place("doubles"), message)
    if source.doubles == "mean":
        return _joined(table), [*notes, f"{told}; joined with it by their mean"]
    return table, [*notes, told]


def _joined(table: Table) -> Table:
    # Of numbers the mean of those that are known, of words the last.
    starts = np.flatnonzero(np.diff(table.time, prepend=-np.inf) > 0.0)
    ends = np.append(starts[1:], len(table.time)) - 1
    return replace(
        table,
        time=table.time[starts],
        columns={name: _means(column, starts) for name, column in table.columns.items()},
        codes={name: _lasts(column, starts, ends) for name, column in table.codes.items()},
    )


def _means(column: Floats, starts: np.ndarray) -> Floats:
    known = ~np.isnan(column)
    with np.errstate(invalid="ignore"):
        total = np.add.reduceat(np.where(known, column, 0.0), starts)
        made: Floats = total / np.add.reduceat(known.astype(np.float64), starts)
    return made


def _lasts(column: Floats, starts: np.ndarray, ends: np.ndarray) -> Floats:
    known = np.where(np.isnan(column), -1, np.arange(len(column)))
    last = np.maximum.reduceat(known, starts)
    return np.where(last >= 0, column[np.where(last >= 0, last, ends)], np.nan)
