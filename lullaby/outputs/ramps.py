"""Curves as straight pieces: as few points as keep within a tolerance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Floats

LOOKED_AT_HZ = 50.0
CHUNK_S = 600.0


def straightened(x: Floats, y: Floats, tolerance: float) -> NDArray[np.int64]:
    """Return which points stay so that lines between them pass all others within a tolerance.

    ``x`` rises.  Douglas and Peucker (1973), with the distance along y.
    """
    keep = np.zeros(len(x), bool)
    if len(x):
        keep[[0, -1]] = True
    open_ = [(0, len(x) - 1)]
    while open_:
        first, last = open_.pop()
        if last - first < 2:
            continue
        inner = slice(first + 1, last)
        line = np.interp(x[inner], x[[first, last]], y[[first, last]])
        away = np.abs(y[inner] - line)
        worst = int(away.argmax())
        if away[worst] > tolerance:
            middle = first + 1 + worst
            keep[middle] = True
            open_ += [(first, middle), (middle, last)]
    return np.flatnonzero(keep)


def ramps(
    start_s: float,
    end_s: float,
    value: Callable[[Floats], Floats],
    place: Callable[[Floats], Floats],
    tolerance: float,
) -> tuple[Floats, Floats]:
    """Return places and values of a curve's corners from one moment to another.

    ``place`` turns seconds into the time the lines are drawn in, such as beats.
    """
    xs: list[Floats] = [np.zeros(0)]
    ys: list[Floats] = [np.zeros(0)]
    begin_s = start_s
    while begin_s < end_s:
        until_s = min(begin_s + CHUNK_S, end_s)
        steady = np.arange(np.ceil(begin_s * LOOKED_AT_HZ), np.ceil(until_s * LOOKED_AT_HZ))
        t = np.unique(np.concatenate(([begin_s], steady / LOOKED_AT_HZ, [until_s])))
        x, y = place(t), value(t)
        kept = straightened(x, y, tolerance)
        later = slice(1, None) if len(xs) > 1 else slice(None)  # the seam is there already
        xs.append(x[kept][later])
        ys.append(y[kept][later])
        begin_s = until_s
    return np.concatenate(xs), np.concatenate(ys)
