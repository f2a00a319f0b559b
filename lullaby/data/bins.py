"""Statistics of bins of data time; a bin is stamped at its end, when all of it is known."""

from __future__ import annotations

import numpy as np

from lullaby.data.faults import TableError
from lullaby.model.chance import Floats

MOST_BINS = 5_000_000


def binned(
    time: Floats, values: Floats, what: str, width_s: float, first: float
) -> tuple[Floats, Floats]:
    """Return one value a bin, at its end; an empty bin is missing, for sum and count 0.

    Bins begin at ``first``.  "minmax" gives two values a bin, in the order they came, the second
    half a bin late.  Raises TableError for more than five million bins.
    """
    known = ~np.isnan(values)
    bins = np.floor((time - first) / width_s + 1e-9).astype(np.int64)
    count = int(bins[-1]) + 1 if len(bins) else 0
    if count > MOST_BINS:
        raise TableError(f"{count} bins of this width; {MOST_BINS} are the most")
    ends: Floats = first + np.arange(1, count + 1, dtype=np.float64) * width_s
    if what == "count":
        return ends, np.bincount(bins[known], minlength=count).astype(np.float64)
    if what == "sum":
        return ends, np.bincount(bins[known], values[known], minlength=count).astype(np.float64)
    bins, values = bins[known], values[known]
    if what == "minmax":
        return _extremes(ends, bins, values, width_s)
    out = np.full(count, np.nan)
    if not len(bins):
        return ends, out
    if what in ("first", "last"):
        at = np.flatnonzero(np.diff(bins, prepend=-1)) if what == "first" else _lasts(bins)
        out[bins[at]] = values[at]
        return ends, out
    there, starts, sizes = np.unique(bins, return_index=True, return_counts=True)
    if what == "mean":
        out[there] = np.add.reduceat(values, starts) / sizes
    elif what == "min":
        out[there] = np.minimum.reduceat(values, starts)
    elif what == "max":
        out[there] = np.maximum.reduceat(values, starts)
    else:
        out[there] = _quantiles(bins, values, starts, sizes, share(what))
    return ends, out


def share(what: str) -> float:
    """Return the share below a quantile: 0.5 for "median", 0.95 for "p95"."""
    return 0.5 if what == "median" else float(what[1:]) / 100.0


def _lasts(bins: np.ndarray) -> np.ndarray:
    return np.append(np.flatnonzero(np.diff(bins)), len(bins) - 1)


def _quantiles(
    bins: np.ndarray, values: Floats, starts: np.ndarray, sizes: np.ndarray, at: float
) -> Floats:
    # Linear between neighbours in rank (Hyndman, Fan 1996, type 7).
    ordered = values[np.lexsort((values, bins))]
    rank = at * (sizes - 1)
    low = np.floor(rank).astype(np.int64)
    high = np.minimum(low + 1, sizes - 1)
    a, b = ordered[starts + low], ordered[starts + high]
    made: Floats = a + (rank - low) * (b - a)
    return made


def _extremes(
    ends: Floats, bins: np.ndarray, values: Floats, width_s: float
) -> tuple[Floats, Floats]:
    out = np.full((len(ends), 2), np.nan)
    if len(bins):
        there, starts = np.unique(bins, return_index=True)
        order = np.lexsort((values, bins))
        last = np.append(starts[1:], len(bins)) - 1
        low, high = order[starts], order[last]
        out[there, 0] = values[np.minimum(low, high)]
        out[there, 1] = values[np.maximum(low, high)]
    times = np.stack((ends, ends + 0.5 * width_s), axis=1)
    return times.reshape(-1), out.reshape(-1)
