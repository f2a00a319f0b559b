"""A look at a table nobody has described: its columns, which of them is time, which are numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lullaby.data import dates, delimited, records
from lullaby.data.cells import Column, numbers
from lullaby.data.faults import TableError
from lullaby.data.opening import Limits
from lullaby.data.tables import LIKE_TIME, MOST_BAD
from lullaby.errors import UsageError
from lullaby.model.chance import Floats

ENOUGH = 20_000  # rows from which the kind of a column is told


@dataclass(frozen=True)
class Look:
    """What was seen of one column: its values as far as they were read, NaN where missing."""

    name: str
    kind: str  # "time", "date", "number" or "text"
    values: Floats


def looked(path: Path, limits: Limits | None = None) -> list[Look]:
    """Return the columns of a table by its first rows.  Raises UsageError for what is no table."""
    limits = limits or Limits()
    try:
        found = [_look(name, column) for name, column in _columns(path, limits)]
    except TableError as error:
        raise UsageError(f"{path}: {error}") from None
    if not found or not len(found[0].values):
        raise UsageError(f"{path}: the table has no rows")
    return found


def chosen(
    found: list[Look], x: str | None, y: tuple[str, ...], most: int = 4
) -> tuple[Look | None, list[Look]]:
    """Return the column of times (None: rows follow each other evenly) and those to be heard.

    Without ``y`` the first columns of numbers that change.  Raises UsageError for an unknown name
    or where nothing can be heard.
    """
    by_name = {one.name: one for one in found}
    for name in (*y, *([x] if x else [])):
        if name not in by_name:
            known = ", ".join(list(by_name)[:20])
            raise UsageError(f"there is no column {name!r} (known: {known})")
    if x:
        time: Look | None = by_name[x]
        if by_name[x].kind == "text":
            raise UsageError(f"column {x!r} holds neither numbers nor dates, so it is no time")
    else:
        time = next((one for one in found if one.kind in ("date", "time")), None)
    if y:
        heard = [by_name[name] for name in dict.fromkeys(y)]
        if len(heard) > most:
            raise UsageError(f"at most {most} columns can be told apart, not {len(heard)}")
        bad = next((one.name for one in heard if one.kind in ("text", "date")), None)
        if bad is not None:
            raise UsageError(f"column {bad!r} holds no numbers")
    else:
        heard = [o for o in found if o is not time and o.kind in ("number", "time") and _moves(o)]
        heard = heard[:most]
    if not heard:
        raise UsageError("no column of numbers that change: name one with --y")
    return time, heard


def _moves(one: Look) -> bool:
    known = one.values[~np.isnan(one.values)]
    return len(known) > 1 and bool(known.min() < known.max())


def _columns(path: Path, limits: Limits) -> list[tuple[str, Any]]:
    stem = path.name.lower().removesuffix(".gz")
    if stem.endswith(".npy"):
        return list(records.numpy_columns(path, limits).items())
    if stem.endswith(".parquet"):
        return list(records.parquet_columns(path, limits, None).items())
    if stem.endswith((".json", ".jsonl", ".ndjson")):
        made = records.json_columns(path, limits, lines=not stem.endswith(".json"))
        return list(made.items())
    if not stem.endswith((".csv", ".tsv", ".txt")):
        raise TableError("data files are csv, tsv, txt, json, jsonl, npy, parquet; .gz may follow")
    form = delimited.layout(path, limits, "\t" if stem.endswith(".tsv") else "", "")
    wanted = list(range(len(form.names)))
    for chunk in delimited.chunks(path, limits, form, "", wanted):
        if chunk.rows:
            return list(zip(form.names, chunk.columns, strict=True))
    return []


def _look(name: str, column: Any) -> Look:
    if not isinstance(column, Column):
        values = np.asarray(column, np.float64)[:ENOUGH]
        return Look(name, _of_numbers(name, values), values)
    column = Column(column.data, column.start[:ENOUGH], column.end[:ENOUGH])
    filled = np.flatnonzero(column.end > column.start)
    if len(filled) and dates.is_date(column.text(int(filled[0]))):
        values, bad = dates.seconds(column)
        if bad.mean() <= MOST_BAD:
            return Look(name, "date", values)
    values, bad = numbers(column, ".", ())
    if bad.mean() > MOST_BAD:
        values, bad = numbers(column, ",", ())
    if bad.mean() > MOST_BAD or np.isnan(values).all():
        return Look(name, "text", np.full(len(bad), np.nan))
    return Look(name, _of_numbers(name, values), values)


def _of_numbers(name: str, values: Floats) -> str:
    rises = len(values) > 1 and not np.isnan(values).any() and bool((np.diff(values) >= 0.0).all())
    return "time" if rises and LIKE_TIME.fullmatch(name) else "number"
