"""Tables that are not delimited text: JSON, JSON lines, NumPy and Parquet files, as columns."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from lullaby.data.cells import Column
from lullaby.data.faults import TableError
from lullaby.data.opening import Limits, whole

Columns = dict[str, Any]  # name -> float array, or a Column of text


def json_columns(path: Path, limits: Limits, *, lines: bool) -> Columns:
    """Return a JSON table: a list of records, of rows or of numbers, or a table of lists.

    ``lines``: a record or row a line.  Raises TableError for anything else.
    """
    data = whole(path, limits, limits.bytes_of_json)
    try:
        text = data.decode("utf-8-sig")
        if lines:
            found = [_loaded(line) for line in text.splitlines() if line.strip()]
        else:
            found = _loaded(text)
    except UnicodeError:
        raise TableError("JSON is UTF-8") from None
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise TableError(f"this is no JSON{where}") from None
    return _tabled(found, limits)


def _loaded(text: str) -> Any:
    return json.loads(text, parse_int=_number, parse_float=_number, parse_constant=lambda _: None)


def _number(text: str) -> float:
    return float(text) if len(text) <= 400 else float("nan")


def _tabled(found: Any, limits: Limits) -> Columns:
    if isinstance(found, dict) and found and all(isinstance(v, list) for v in found.values()):
        if len({len(v) for v in found.values()}) > 1:
            raise TableError("its lists differ in length")
        return _checked({k: _column(v) for k, v in found.items()}, limits)
    if not isinstance(found, list):
        raise TableError("a table is a list of records, or a record of lists")
    if not found:
        raise TableError("the table is empty")
    if all(isinstance(row, dict) for row in found):
        names = dict.fromkeys(key for row in found for key in row)
        _few(len(names), limits)
        return _checked({n: _column([row.get(n) for row in found]) for n in names}, limits)
    if all(isinstance(row, list) for row in found):
        width = max(len(row) for row in found)
        _few(width, limits)
        rows = [[*row, *[None] * (width - len(row))] for row in found]
        return _checked({f"c{j + 1}": _column([r[j] for r in rows]) for j in range(width)}, limits)
    return _checked({"c1": _column(found)}, limits)


def _few(columns: int, limits: Limits) -> None:
    if columns > limits.columns:
        raise TableError(f"more than {limits.columns} columns")


def _checked(columns: Columns, limits: Limits) -> Columns:
    _few(len(columns), limits)
    for column in columns.values():
        size = len(column.start) if isinstance(column, Column) else len(column)
        if size > limits.rows:
            raise TableError(f"more than {limits.rows} rows")
    return columns


def _column(cells: Iterable[Any]) -> Any:
    cells = list(cells)
    if not any(isinstance(cell, str) for cell in cells):
        numbers = (c if isinstance(c, float) and not isinstance(c, bool) else np.nan for c in cells)
        return np.fromiter(numbers, np.float64, len(cells))
    return text_column([c if isinstance(c, str) else "" if c is None else str(c) for c in cells])


def text_column(cells: list[str]) -> Column:
    """Return text cells as a column of bytes."""
    encoded = [cell.encode() for cell in cells]
    sizes = np.array([len(cell) for cell in encoded], np.int64)
    ends = np.cumsum(sizes)
    data = np.frombuffer(b"".join(encoded) or b"\0", np.uint8)
    return Column(data, ends - sizes, ends)


def numpy_columns(path: Path, limits: Limits) -> Columns:
    """Return a .npy file: one column, a row of columns, or named fields; never pickles."""
    data = whole(path, limits, limits.bytes_a_file)
    try:
        array = np.load(io.BytesIO(data), allow_pickle=False)
    except (ValueError, OSError, EOFError, MemoryError):
        raise TableError("this is no .npy file of numbers") from None
    if not isinstance(array, np.ndarray):
        raise TableError("this is an .npz archive; a .npy file is wanted")
    if array.dtype.names:
        _few(len(array.dtype.names), limits)
        made = {name: array[name] for name in array.dtype.names}
    elif array.ndim == 1:
        made = {"c1": array}
    elif array.ndim == 2:
        _few(array.shape[1], limits)
        made = {f"c{j + 1}": array[:, j] for j in range(array.shape[1])}
    else:
        raise TableError("an array of numbers has one or two dimensions")
    return _checked({name: _floats(column) for name, column in made.items()}, limits)


def parquet_columns(path: Path, limits: Limits, wanted: set[str] | None) -> Columns:
    """Return columns of a Parquet file; raises TableError where pyarrow is not installed."""
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise TableError("Parquet wants pyarrow: install 'lullaby[parquet]'") from None
    try:
        file = parquet.ParquetFile(path)
        if file.metadata.num_rows > limits.rows:
            raise TableError(f"more than {limits.rows} rows")
        names = [n for n in file.schema_arrow.names if wanted is None or n in wanted]
        table = file.read(columns=names)
        return {n: _floats(table[n].to_numpy()) for n in names}
    except (OSError, ValueError) as error:
        raise TableError(f"this is no Parquet file ({type(error).__name__})") from None


def _floats(array: Any) -> Any:
    array = np.ascontiguousarray(array)
    if array.ndim != 1:
        raise TableError("a column holds one number a row")
    if array.dtype.kind == "M":
        stamps = array.astype("datetime64[us]")
        return np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64) / 1e6)
    if array.dtype.kind in "biuf":
        values = array.astype(np.float64)
        values[~np.isfinite(values)] = np.nan
        return values
    if array.dtype.kind in "SUO":
        return text_column([_text(cell) for cell in array])
    raise TableError(f"numbers of the type {array.dtype} cannot be read")


def _text(cell: Any) -> str:
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    return "" if cell is None else str(cell)
