"""Integrals of rates from time 0 on, for phases that any moment can ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STEP_S = 0.0625  # an exact binary fraction
CHUNK = 128  # steps between two remembered sums: 8 s
KEPT = 64  # of the remembered sums: more than eight minutes


class RunningSum:
    """Sums a table of rates by the trapezoid rule in fixed steps, one after the other.

    Summed from time 0 in one order, so every way of asking gives the same bits; of what has been
    passed the last minutes are remembered, every 8 s.  Nothing later than the times asked for is
    read.
    """

    def __init__(self, rates: Callable[[Floats], Floats], columns: int) -> None:
        """``rates``: for times of shape (n, 1) the rates, shape (n, columns)."""
        self._rates = rates
        self._columns = columns
        self._known: list[Floats] = [np.zeros(columns)]
        self._first = 0  # the chunk at whose start the first of them stands

    def go_on(self, old: RunningSum) -> None:
        """Take over what another one of the same rates has added up."""
        self._known, self._first = list(old._known), old._first

    def __call__(self, time_s: Any, column: Any) -> Floats:
        """Return the integral of a column of the rates to each time, a multiple of 1/16 s >= 0."""
        step = np.round(np.asarray(time_s, np.float64) / STEP_S).astype(np.int64)
        column = np.asarray(column, np.int64)
        sums = np.zeros(len(step))
        for chunk in np.unique(step // CHUNK):
            here = step // CHUNK == chunk
            rows = self._rows(int(chunk), int(step[here].max() - chunk * CHUNK))
            sums[here] = rows[step[here] - chunk * CHUNK, column[here]]
        return sums

    def _rows(self, chunk: int, steps: int) -> Floats:
        if chunk < self._first:
            self._known, self._first = [np.zeros(self._columns)], 0
        while self._first + len(self._known) <= chunk:
            last = self._first + len(self._known) - 1
            self._known.append(self._chunk(last, CHUNK)[-1].copy())
            if len(self._known) > 2 * KEPT:
                del self._known[:KEPT]
                self._first += KEPT
        return self._chunk(chunk, steps)

    def _chunk(self, chunk: int, steps: int) -> Floats:
        t = (chunk * CHUNK + np.arange(steps + 1, dtype=np.float64)) * STEP_S
        rate = self._rates(t[:, None])
        sums = np.empty(rate.shape)
        sums[0] = self._known[chunk - self._first]
        sums[1:] = (rate[1:] + rate[:-1]) * (0.5 * STEP_S)
        return sums.cumsum(axis=0)
