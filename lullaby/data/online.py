"""Steps taken as rows come: each gives what the same step gives of a whole table, no later.

A machine takes a value at a time (s) and gives those that follow from it; ``passed`` tells it that
time has gone on without one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from math import exp, isnan, nan

import numpy as np

from lullaby.data.bins import binned
from lullaby.data.formulas import counted
from lullaby.data.sliding import slid, spread
from lullaby.model.table import Step

Point = tuple[float, float]
MOST_ROWS = 100_000  # of a bin or a window; the oldest go first


class Machine:
    """One step; by itself it gives what it gets."""

    def push(self, t: float, x: float) -> list[Point]:
        """Return what follows from a value (NaN: missing)."""
        return [(t, x)]

    def passed(self, t: float) -> list[Point]:
        """Return what follows from time having come to ``t``."""
        return []


class Bins(Machine):
    """A value a bin, given at its end."""

    def __init__(self, what: str, width_s: float, first: float) -> None:
        self._what, self._width_s, self._first = what, width_s, first
        self._k = 0
        self._rows: deque[Point] = deque(maxlen=MOST_ROWS)

    def push(self, t: float, x: float) -> list[Point]:
        """Return the bins that are over when a row comes."""
        k = int(np.floor((t - self._first) / self._width_s + 1e-9))
        made = self._over(k)
        self._rows.append((t, x))
        return made

    def passed(self, t: float) -> list[Point]:
        """Return the bins that are over."""
        return self._over(int(np.floor((t - self._first) / self._width_s + 1e-9)))

    def _over(self, k: int) -> list[Point]:
        made: list[Point] = []
        while self._k < k:
            made += self._closed(self._first + (self._k + 1) * self._width_s)
            self._k += 1
            self._rows.clear()
        return made

    def _closed(self, end: float) -> list[Point]:
        if not self._rows:
            value = 0.0 if self._what in ("count", "sum") else nan
            values = [value, value] if self._what == "minmax" else [value]
        else:
            x = np.array([row[1] for row in self._rows])
            middle = np.full(len(x), end - 0.5 * self._width_s)
            _, found = binned(middle, x, self._what, self._width_s, end - self._width_s)
            values = found.tolist()
        return [(end + 0.5 * self._width_s * i, value) for i, value in enumerate(values)]


class Window(Machine):
    """A statistic of the rows just past."""

    def __init__(self, width_s: float, found: Callable[[np.ndarray, np.ndarray], float]) -> None:
        self._width_s, self._found = width_s, found
        self._rows: deque[Point] = deque(maxlen=MOST_ROWS)

    def push(self, t: float, x: float) -> list[Point]:
        """Return the statistic of the window that ends with a row."""
        self._rows.append((t, x))
        while self._rows[0][0] <= t - self._width_s:
            self._rows.popleft()
        times, values = np.array(self._rows).T
        return [(t, self._found(times, values))]


class Extremes:
    """The least and the greatest value of the time just past."""

    def __init__(self, width_s: float) -> None:
        self._width_s = width_s
        # Only rows that no later one undoes: their values fall, or rise.
        self._least: deque[Point] = deque(maxlen=MOST_ROWS)
        self._greatest: deque[Point] = deque(maxlen=MOST_ROWS)

    def of(self, t: float, x: float) -> tuple[float, float]:
        """Return both for the window that ends with a row."""
        while self._least and self._least[-1][1] >= x:
            self._least.pop()
        while self._greatest and self._greatest[-1][1] <= x:
            self._greatest.pop()
        for rows in (self._least, self._greatest):
            rows.append((t, x))
            while rows[0][0] <= t - self._width_s:
                rows.popleft()
        return self._least[0][1], self._greatest[0][1]


class Each(Machine):
    """What is reckoned from a value, and from the one before where there is one."""

    def __init__(self, reckon: Callable[[Point, Point | None], float]) -> None:
        self._reckon = reckon
        self._before: Point | None = None

    def push(self, t: float, x: float) -> list[Point]:
        """Return the value reckoned; missing stays missing and is passed over."""
        if isnan(x):
            return [(t, nan)]
        kept, value = self._kept((t, x), self._reckon((t, x), self._before))
        self._before = kept
        return [(t, value)]

    def _kept(self, now: Point, value: float) -> tuple[Point, float]:
        return now, value


class Carried(Each):
    """As ``Each``, but what was reckoned is the value before."""

    def _kept(self, now: Point, value: float) -> tuple[Point, float]:
        return (now[0], value), value


class Late(Machine):
    """Everything some time later."""

    def __init__(self, late_s: float) -> None:
        self._late_s = late_s

    def push(self, t: float, x: float) -> list[Point]:
        """Return the value with its later time."""
        return [(t + self._late_s, x)]


def machine(step: Step, first: float) -> Machine:
    """Return the machine of a step that looks at nothing ahead."""
    s = step.amounts[0] if step.amounts else 0.0
    match step.kind:
        case "per":
            return Bins(step.what, s, first)
        case "over":
            return Window(s, lambda t, x: float(slid(t, x, step.what, s)[-1]))
        case "lag":
            return Carried(lambda now, before: _lagged(now, before, s))
        case "late":
            return Late(s)
        case "diff":
            return Each(lambda now, before: nan if before is None else now[1] - before[1])
        case "total":
            return Carried(lambda now, before: now[1] + (before[1] if before else 0.0))
        case "zscore":
            return Window(s, lambda t, x: _zscore(t, x, s))
        case "clip":
            low, high = step.amounts
            return Each(lambda now, _: min(max(now[1], low), high))
    formula = step.formula
    assert formula is not None
    return Each(lambda now, _: float(counted(formula, lambda _: np.float64(now[1]))))


def _lagged(now: Point, before: Point | None, lag_s: float) -> float:
    if before is None:
        return now[1]
    return before[1] + (now[1] - before[1]) * (1.0 - exp(-(now[0] - before[0]) / lag_s))


def _zscore(t: np.ndarray, x: np.ndarray, width_s: float) -> float:
    mean, deviation = (float(a[-1]) for a in spread(t, x, width_s))
    if isnan(x[-1]) or isnan(mean):
        return nan
    return (float(x[-1]) - mean) / deviation if deviation > 1e-12 * max(1.0, abs(mean)) else 0.0


class Chain:
    """All steps of a signal, one feeding the next."""

    def __init__(self, steps: Sequence[Step], first: float = 0.0) -> None:
        self._machines = [machine(step, first) for step in steps]

    def push(self, t: float, x: float) -> list[Point]:
        """Return what comes out for a row."""
        return self._through([(t, x)], 0)

    def passed(self, t: float) -> list[Point]:
        """Return what comes out as time goes on to ``t``."""
        made: list[Point] = []
        for i, one in enumerate(self._machines):
            made += self._through(one.passed(t), i + 1)
        return made

    def _through(self, points: list[Point], first: int) -> list[Point]:
        for one in self._machines[first:]:
            points = [out for t, x in points for out in one.push(t, x)]
        return points
