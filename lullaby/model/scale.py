"""How data units lie on 0..1, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lullaby.model.chance import Floats

SCALES = ("linear", "log", "symlog", "sqrt", "quantile")
SYMLOG_KNEE = 0.01  # of the farther end: within this of zero a symlog is nearly straight
MOST_QUANTILES = 1001


@dataclass(frozen=True)
class Scale:
    """Data units ``low`` at 0 and ``high`` at 1, even along a kind of scale.

    ``low`` above ``high`` turns the polarity over.  ``quantile`` has rising ``table`` values that
    lie evenly on 0..1 from the lower end to the higher one.
    """

    kind: str
    low: float
    high: float
    table: tuple[float, ...] = field(default=(), repr=False)

    def share(self, x: Any) -> Floats:
        """Return where data values lie, 0..1 inside the range; NaN stays NaN."""
        x = np.asarray(x, np.float64)
        if self.low == self.high:  # a constant: the middle, whatever comes
            return np.where(np.isnan(x), np.nan, 0.5)
        if self.kind == "quantile":
            u = _interpolated(x, np.asarray(self.table), np.linspace(0.0, 1.0, len(self.table)))
            return 1.0 - u if self.low > self.high else u
        with np.errstate(all="ignore"):
            a, b = (self._bent(np.asarray(end)) for end in (self.low, self.high))
            u = (self._bent(x) - a) / (b - a)
        u = np.where(x == self.low, 0.0, np.where(x == self.high, 1.0, u))
        below = (x <= 0.0) & (self.kind == "log")
        end = 0.0 if self.low < self.high else 1.0
        return np.where(below, end, u)

    def value(self, share: Any) -> Floats:
        """Return the data value at a share of the way: the inverse."""
        u = np.asarray(share, np.float64)
        if self.low == self.high:
            return np.full(u.shape, self.low)
        if self.kind == "quantile":
            v = 1.0 - u if self.low > self.high else u
            evenly = np.linspace(0.0, 1.0, len(self.table))
            return np.asarray(np.interp(v, evenly, np.asarray(self.table)), np.float64)
        a, b = (self._bent(np.asarray(end)) for end in (self.low, self.high))
        x = self._straight(a * (1.0 - u) + b * u)
        return np.where(u == 0.0, self.low, np.where(u == 1.0, self.high, x))

    def _knee(self) -> float:
        return SYMLOG_KNEE * max(abs(self.low), abs(self.high))

    def _bent(self, x: Floats) -> Floats:
        if self.kind == "log":
            return np.log(x)
        if self.kind == "symlog":
            return np.sign(x) * np.log1p(np.abs(x) / self._knee())
        if self.kind == "sqrt":
            return np.sign(x) * np.sqrt(np.abs(x))
        return x

    def _straight(self, y: Floats) -> Floats:
        if self.kind == "log":
            return np.exp(y)
        if self.kind == "symlog":
            return np.sign(y) * np.expm1(np.abs(y)) * self._knee()
        if self.kind == "sqrt":
            return np.sign(y) * y * y
        return y


def quantiles(values: Floats, low: float, high: float) -> tuple[float, ...]:
    """Return the table of a quantile scale: distinct, rising, from the lower end to the higher."""
    least, most = min(low, high), max(low, high)
    inside = values[(values >= least) & (values <= most)]
    if not len(inside):
        return (least, most)
    table = np.quantile(inside, np.linspace(0.0, 1.0, min(len(inside), MOST_QUANTILES)))
    table[0], table[-1] = least, most
    return tuple(np.maximum.accumulate(table).tolist())


def _interpolated(x: Floats, table: Floats, shares: Floats) -> Floats:
    # Of equal values in the table the middle share, so that a common value keeps its inverse.
    first = np.searchsorted(table, x, side="left")
    last = np.searchsorted(table, x, side="right") - 1
    equal = (last >= first) & ~np.isnan(x)
    inner = np.interp(x, table, shares)
    middle = 0.5 * (shares[np.clip(first, 0, len(table) - 1)] + shares[np.clip(last, 0, None)])
    u = np.where(equal, middle, inner)
    u = np.where(x <= table[0], 0.0, np.where(x >= table[-1], 1.0, u))
    return np.where(np.isnan(x), np.nan, u)
