"""Statistics of the data time just past, at every row: windows that end with the row itself.

What a row gets depends on the rows up to it alone, and not in the last bit on those after: a table
that has grown gives the same numbers again.
"""

from __future__ import annotations

import numpy as np

from lullaby.data.bins import share
from lullaby.data.faults import TableError
from lullaby.model.chance import Floats

MOST_CELLS = 200_000_000  # rows times window that a sliding quantile may look at
AT_ONCE = 1 << 20


def slid(time: Floats, values: Floats, what: str, width_s: float) -> Floats:
    """Return a statistic of the last ``width_s`` seconds at each row, itself included.

    Where nothing is known it is NaN; 0 for sum and count.
    """
    known = ~np.isnan(values)
    rows = np.flatnonzero(known)
    t, x = time[rows], values[rows]
    # For each row, those of the known rows that lie in its window: first <= i < last.
    last = np.cumsum(known)
    first = np.minimum(np.searchsorted(t, time - width_s, side="right"), last)
    size = last - first
    if what == "count":
        counts: Floats = size.astype(np.float64)
        return counts
    if what in ("sum", "mean"):
        total = _totals(x, first, last)
        return total if what == "sum" else _where(size, total, size)
    if not len(x):
        return np.full(len(time), np.nan)
    if what == "first":
        return np.where(size > 0, x[np.minimum(first, len(x) - 1)], np.nan)
    if what == "last":
        return np.where(size > 0, x[np.maximum(last - 1, 0)], np.nan)
    if what in ("min", "max"):
        return _extreme(x, first, size, np.minimum if what == "min" else np.maximum)
    return _quantiles(x, first, size, share(what))


def spread(time: Floats, values: Floats, width_s: float) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of the window at each row."""
    mean = slid(time, values, "mean", width_s)
    known = ~np.isnan(values)
    base = float(values[known][0]) if known.any() else 0.0
    square = slid(time, (values - base) ** 2, "mean", width_s)
    return mean, np.sqrt(np.maximum(0.0, square - (mean - base) ** 2))


def _where(size: np.ndarray, total: Floats, count: np.ndarray) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(size > 0, total / count, np.nan)


def _totals(x: Floats, first: np.ndarray, last: np.ndarray) -> Floats:
    # Sums from the first row on: taken from values less the first one, so that little cancels.
    base = float(x[0]) if len(x) else 0.0
    sums = np.concatenate(([0.0], np.cumsum(x - base)))
    total: Floats = sums[last] - sums[first] + base * (last - first)
    return total


def _extreme(x: Floats, first: np.ndarray, size: np.ndarray, smaller: np.ufunc) -> Floats:
    # Ranges of any length from two that are powers of two long and may overlap.
    out = np.full(len(size), np.nan)
    power = np.frexp(np.maximum(size, 1).astype(np.float64))[1] - 1
    level, width = x.copy(), 1
    for k in range(int(power.max()) + 1):
        here = np.flatnonzero((power == k) & (size > 0))
        a = first[here]
        out[here] = smaller(level[a], level[a + size[here] - width])
        if len(level) > width:
            level = smaller(level[:-width], level[width:])
        width *= 2
    return out


def _quantiles(x: Floats, first: np.ndarray, size: np.ndarray, at: float) -> Floats:
    widest = int(size.max(initial=0))
    if widest * len(size) > MOST_CELLS:
        message = (
            f"windows of up to {widest} rows at each of {len(size)}: too many; use 'per' first"
        )
        raise TableError(message)
    out = np.full(len(size), np.nan)
    if not widest:
        return out
    step = max(1, AT_ONCE // widest)
    for begin in range(0, len(size), step):
        f, n = first[begin : begin + step], size[begin : begin + step]
        at_most = np.arange(widest)
        window = np.where(
            at_most < n[:, None], x[np.minimum(f[:, None] + at_most, len(x) - 1)], np.inf
        )
        window.sort(axis=1)
        rank = at * np.maximum(n - 1, 0)
        low = np.floor(rank).astype(np.int64)
        rows = np.arange(len(n))
        a, b = window[rows, low], window[rows, np.minimum(low + 1, np.maximum(n - 1, 0))]
        with np.errstate(invalid="ignore"):
            out[begin : begin + step] = np.where(n > 0, a + (rank - low) * (b - a), np.nan)
    return out
