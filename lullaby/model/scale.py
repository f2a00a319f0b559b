"""How data units lie on 0..1, and back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lullaby.model.chance import Floats

SCALES = ("linear", "log", "symlog", "sqrt", "pow", "quantile", "ordinal", "nominal")
TABLED = ("quantile", "ordinal")
STEPPED = ("nominal",)  # nothing lies between its values
SYMLOG_KNEE = 0.01  # of the farther end: within this of zero a symlog is nearly straight
MOST_QUANTILES = 1001
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]{1,2})?", re.ASCII)
LONGEST_NUMBER = 40
LEAST_MIDDLE = 1e-9  # of the way: a middle that is nearer to an end is as if it were there


@dataclass(frozen=True)
class Scale:
    """Data units ``low`` at 0 and ``high`` at 1, even along a kind of scale.

    ``low`` above ``high`` turns the polarity over; both may be arrays, ends of a moving range.
    ``quantile`` and ``ordinal`` have rising ``table`` values that lie evenly on 0..1 from the lower
    end to the higher one.  ``nominal`` counts its ``words`` from 0.  ``mid`` is what 0.5 means,
    ``levels`` how many shares there are: even ones, from 0 to 1.
    """

    kind: str
    low: Any
    high: Any
    table: tuple[float, ...] = field(default=(), repr=False)
    power: float = 1.0
    mid: float | None = None
    levels: int | None = None
    words: tuple[str, ...] = ()

    def share(self, x: Any) -> Floats:
        """Return where data values lie, 0..1 inside the range; NaN stays NaN."""
        x = np.asarray(x, np.float64)
        u = self._plain(x)
        if self.mid is not None:
            u = _pulled(u, float(self._plain(np.asarray(self.mid))))
        if self.levels is not None:
            u = np.where((u >= 0.0) & (u <= 1.0), self._stepped(u), u)
        # A constant: the middle, whatever comes.
        made: Floats = np.where((self.low == self.high) & ~np.isnan(x), 0.5, u)
        return made

    def value(self, share: Any) -> Floats:
        """Return the data value at a share of the way: the inverse; of levels the nearest one's."""
        u = np.asarray(share, np.float64)
        if self.levels is not None:
            u = self._stepped(u)
        if self.mid is not None:
            u = _pulled(u, 1.0 - float(self._plain(np.asarray(self.mid))))
        if self.kind in TABLED:
            v = 1.0 - u if self.low > self.high else u
            x = np.interp(v, np.linspace(0.0, 1.0, len(self.table)), np.asarray(self.table))
        else:
            low, high = (np.asarray(end, np.float64) for end in (self.low, self.high))
            a, b = self._bent(low), self._bent(high)
            x = self._straight(a * (1.0 - u) + b * u)
        x = np.where(u == 0.0, self.low, np.where(u == 1.0, self.high, x))
        if self.kind == "nominal":
            x = np.floor(x + 0.5)
        made: Floats = np.where(self.low == self.high, self.low, x)
        return made

    def _plain(self, x: Floats) -> Floats:
        # Without ``mid`` and ``levels``.
        low, high = (np.asarray(end, np.float64) for end in (self.low, self.high))
        if self.kind in TABLED:
            u = _interpolated(x, np.asarray(self.table), np.linspace(0.0, 1.0, len(self.table)))
            return 1.0 - u if self.low > self.high else u
        with np.errstate(all="ignore"):
            a, b = self._bent(low), self._bent(high)
            u = (self._bent(x) - a) / (b - a)
        u = np.where(x == low, 0.0, np.where(x == high, 1.0, u))
        below = (x <= 0.0) & (self.kind == "log")
        return np.where(below, np.where(low < high, 0.0, 1.0), u)

    def _stepped(self, u: Floats) -> Floats:
        assert self.levels is not None
        last = self.levels - 1
        made: Floats = np.clip(np.floor(u * last + 0.5), 0, last) / last
        return made

    def _far(self) -> Floats:
        far: Floats = np.maximum(np.maximum(np.abs(self.low), np.abs(self.high)), 1e-300)
        return far

    def _bent(self, x: Floats) -> Floats:
        if self.kind == "log":
            return np.log(x)
        if self.kind == "symlog":
            return np.sign(x) * np.log1p(np.abs(x) / (SYMLOG_KNEE * self._far()))
        if self.kind == "sqrt":
            return np.sign(x) * np.sqrt(np.abs(x))
        if self.kind == "pow":
            made: Floats = np.sign(x) * (np.abs(x) / self._far()) ** self.power
            return made
        return x

    def _straight(self, y: Floats) -> Floats:
        if self.kind == "log":
            return np.exp(y)
        if self.kind == "symlog":
            return np.sign(y) * np.expm1(np.abs(y)) * (SYMLOG_KNEE * self._far())
        if self.kind == "sqrt":
            return np.sign(y) * y * y
        if self.kind == "pow":
            made: Floats = np.sign(y) * np.abs(y) ** (1.0 / self.power) * self._far()
            return made
        return y


def _pulled(u: Floats, middle: float) -> Floats:
    # The one projective map of 0..1 that takes 0, ``middle``, 1 to 0, 0.5, 1: smooth, rising, and
    # its inverse is the same with 1 - middle.  Outside nothing is bent.
    middle = min(max(middle, LEAST_MIDDLE), 1.0 - LEAST_MIDDLE)
    inside = (u >= 0.0) & (u <= 1.0)
    v = np.where(inside, u, 0.0)
    made = v * (1.0 - middle) / (v * (1.0 - 2.0 * middle) + middle)
    return np.where(inside, made, u)


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


def in_order(words: set[str]) -> list[str]:
    """Return words sorted: numbers by their value, then texts by their letters."""
    return sorted(words, key=lambda word: (_number(word) is None, _number(word) or 0.0, word))


def as_numbers(words: tuple[str, ...]) -> tuple[float, ...] | None:
    """Return words as the numbers they are, None if one of them is none."""
    found = [_number(word) for word in words]
    return tuple(x for x in found if x is not None) if words and None not in found else None


def _number(word: str) -> float | None:
    return float(word) if NUMBER.fullmatch(word) and len(word) <= LONGEST_NUMBER else None
