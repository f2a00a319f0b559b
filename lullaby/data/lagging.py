"""A one-pole lag over rows at uneven times, without a loop over rows."""

from __future__ import annotations

import numpy as np

from lullaby.model.chance import Floats

NOTHING = 1e-18  # a weight under this changes no result


def lagged(time: Floats, values: Floats, lag_s: float) -> Floats:
    """Return y of ``y += (x - y) * (1 - exp(-dt / lag_s))`` from row to row; NaN where x is.

    Missing rows are passed over, so that after a gap the value is soon up to date.  Rows are joined
    with those 1, 2, 4, ... before them: a fixed order for each row, whatever comes after it.
    """
    out = np.full(len(values), np.nan)
    rows = np.flatnonzero(~np.isnan(values))
    if not len(rows):
        return out
    x = values[rows]
    keep = np.exp(-np.diff(time[rows], prepend=np.inf) / lag_s)
    keep[0] = 0.0  # the first value stands from its start
    y = (1.0 - keep) * x
    back = 1
    while back < len(x) and keep.any():
        y[back:] = y[back:] + keep[back:] * y[:-back]
        keep[back:] = keep[back:] * keep[:-back]
        keep[:back] = 0.0
        keep[keep < NOTHING] = 0.0
        back *= 2
    out[rows] = y
    return out
