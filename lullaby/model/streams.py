"""Times that chance puts into any window of time, whatever window was asked before."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, exp, floor, log2

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Chance, Floats
from lullaby.model.curve import Curve

Window = tuple[float, float]  # s from the start of the run: first <= t < last


def poisson(
    chance: Chance, rate_hz: Callable[[Floats], Floats], most_hz: float, window: Window
) -> tuple[Floats, Chance]:
    """Return times of a Poisson stream, and a chance for each (thinning: Lewis, Shedler 1979).

    Candidates of rate ``most_hz`` lie in cells of a power of two of seconds, so that cell edges are
    exact; each survives with probability ``rate_hz / most_hz``.  ``most_hz`` is a constant of the
    module: another one makes another piece.
    """
    cell_s = 2.0 ** floor(log2(4.0 / most_hz))  # 2 to 4 candidates a cell
    cells = np.arange(floor(window[0] / cell_s), ceil(window[1] / cell_s))
    slots = np.arange(32)  # more than 31 where 4 are expected: once in 1e17 cells
    mean = most_hz * cell_s
    below = exp(-mean) * np.cumsum(np.cumprod(np.append(1.0, mean / slots[1:])))
    here = chance.at(cells)
    own = here.at(slots)
    t = ((cells + own.uniform("place").T) * cell_s).T
    count = np.searchsorted(below, here.uniform("count"))
    kept = (slots < count[:, None]) & _inside(t, window)
    t, own = t[kept], Chance(own.key[kept])
    kept = own.uniform("thinning") * most_hz < rate_hz(t)
    return _in_order(t[kept], own.key[kept])


def pulses(
    chance: Chance, rate_hz: Curve, slack: Curve, window: Window, most: float = 8.0
) -> tuple[Floats, Chance]:
    """Return pulses: regular at slack 0, nearly Poisson at 1, at the same mean rate.

    Pulse k is due when the integral of the rate passes k, and comes up to ``most`` periods LATE,
    never early: what is still to come of a curve cannot move it.  A slack run begins thin.
    """
    t, own, _ = numbered_pulses(chance, rate_hz, slack, window, most)
    return t, own


def numbered_pulses(
    chance: Chance,
    rate_hz: Curve,
    slack: Curve,
    window: Window,
    most: float = 8.0,
    *,
    running: bool = False,
) -> tuple[Floats, Chance, NDArray[np.int64]]:
    """Return pulses as ``pulses`` does, with their numbers.

    ``running``: as if the rate and slack of the start had stood before it, so that not even a slack
    run begins thin; those due before the start have negative numbers.
    """
    least = -ceil(most) if running else 0
    first = max(least, ceil(rate_hz.integral(window[0]) - most))
    k = np.arange(first, floor(rate_hz.integral(window[1])) + 1)
    due, own = rate_hz.when(k, window[1]), chance.at(k)
    late = most * own.uniform("late") * slack(np.clip(due, 0.0, window[1]))
    t = rate_hz.when(k + late, window[1])
    kept = _inside(t, window)
    order = np.lexsort((own.key[kept], t[kept]))
    return t[kept][order], Chance(own.key[kept][order]), k[kept][order]


def cells(length_s: float, window: Window, lead_s: float = 0.0) -> NDArray[np.int64]:
    """Return the k >= 0 whose cell starts, at ``k * length_s + lead_s``, in a window."""
    first = max(0, floor((window[0] - lead_s) / length_s))
    k = np.arange(first, max(first, ceil((window[1] - lead_s) / length_s) + 1))
    starts: Floats = k * np.float64(length_s) + lead_s
    kept: NDArray[np.int64] = k[_inside(starts, window)]
    return kept


def _inside(t: Floats, window: Window) -> NDArray[np.bool_]:
    return (t >= window[0]) & (t < window[1])


def _in_order(t: Floats, key: NDArray[np.uint64]) -> tuple[Floats, Chance]:
    order = np.lexsort((key, t))
    return t[order], Chance(key[order])
