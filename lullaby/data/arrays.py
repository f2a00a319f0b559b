"""Arrays, series and frames as a table file, so that there is one way into a piece."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from lullaby.errors import UsageError


def written(data: Any, folder: Path) -> Path:
    """Write what holds numbers as a .npy table into a folder and return the file.

    ``data``: an array of one or two dimensions, a mapping of names to arrays, or anything with
    pandas' ``index`` and ``name`` or ``columns``; an index that rises becomes the column ``time``.
    Raises UsageError for anything else.
    """
    columns = _columns(data)
    sizes = {len(column) for column in columns.values()}
    if len(sizes) != 1 or sizes == {0}:
        raise UsageError("the columns are empty or differ in length")
    kinds = [(name, "f8") for name in columns]
    table = np.zeros(sizes.pop(), kinds)
    for name, column in columns.items():
        table[name] = column
    file = folder / "data.npy"
    np.save(file, table, allow_pickle=False)
    return file


def _columns(data: Any) -> dict[str, Any]:
    if hasattr(data, "columns") and hasattr(data, "index"):
        named = {str(name): data[name] for name in data.columns}
        return _indexed(data.index, {n: c for n, c in named.items() if _is_numeric(c)})
    if hasattr(data, "index") and hasattr(data, "name") and hasattr(data, "to_numpy"):
        return _indexed(data.index, {str(data.name or "value"): data})
    if isinstance(data, Mapping):
        return {str(name): _numbers(column) for name, column in data.items()}
    array = np.asarray(data)
    if array.ndim == 1:
        return {"value": _numbers(array)}
    if array.ndim == 2:
        return {f"c{j + 1}": _numbers(array[:, j]) for j in range(array.shape[1])}
    raise UsageError("an array of one or two dimensions can be heard")


def _indexed(index: Any, columns: Mapping[str, Any]) -> dict[str, Any]:
    made = {name: _numbers(column) for name, column in columns.items()}
    stamps = np.asarray(index)
    if stamps.dtype.kind in "Mbiuf" and len(stamps) > 1:
        time = _numbers(stamps)
        if np.all(np.diff(time) > 0.0) and "time" not in made:
            return {"time": time, **made}
    return made


def _is_numeric(column: Any) -> bool:
    return np.asarray(column).dtype.kind in "biufM"


def _numbers(column: Any) -> Any:
    array = np.asarray(column)
    if array.dtype.kind == "M":
        return array.astype("datetime64[us]").astype(np.int64) / 1e6
    try:
        values = array.astype(np.float64)
    except (TypeError, ValueError):
        raise UsageError("a column holds something that is no number") from None
    if values.ndim != 1:
        raise UsageError("a column holds one number a row")
    return values
