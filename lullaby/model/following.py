"""Curves made of other curves: arithmetic, mapping, smoothing, clipping, snapping."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from lullaby.model.chance import Chance, Floats
from lullaby.model.curve import Curve, between, eased, kept

OPERATIONS = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "min": np.minimum,
    "max": np.maximum,
}


@dataclass(frozen=True)
class Arithmetic(Curve):
    """Two curves under one operation: ``+ - * / ^ min max``."""

    operation: str
    left: Curve
    right: Curve

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the operation of both values."""
        with np.errstate(all="ignore"):  # what is not finite is clipped or refused by who asks
            x: Floats = OPERATIONS[self.operation](self.left(t, own), self.right(t, own))
        return x

    def bounds(self) -> tuple[float, float]:
        """Return the widest of the operation over the corners of both ranges."""
        with np.errstate(all="ignore"):
            corners = [
                float(OPERATIONS[self.operation](np.float64(a), np.float64(b)))
                for a, b in product(self.left.bounds(), self.right.bounds())
            ]
        finite = [c for c in corners if np.isfinite(c)]
        low, high = self.right.bounds()
        if not finite or len(finite) < len(corners) or (self.operation == "/" and low <= 0 <= high):
            return -np.inf, np.inf
        return min(finite), max(finite)


@dataclass(frozen=True)
class Mapped(Curve):
    """A stretch of another curve taken as 0..1, shaped, and laid over a target range."""

    source: Curve
    source_low: float = 0.0
    source_high: float = 1.0
    target_low: float = 0.0
    target_high: float = 1.0
    shape: str = "linear"
    log: bool = False

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the mapped value; outside the stretch it stays at its ends."""
        x = (self.source(t, own) - self.source_low) / (self.source_high - self.source_low)
        x = eased(kept(x), self.shape)
        return between(self.target_low, self.target_high, x, self.log)

    def bounds(self) -> tuple[float, float]:
        """Return the target range."""
        return min(self.target_low, self.target_high), max(self.target_low, self.target_high)


@dataclass(frozen=True)
class Clipped(Curve):
    """Another curve kept inside a range; what is not a number becomes the low end."""

    source: Curve
    low: float
    high: float

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the value, not outside the range."""
        x = self.source(t, own)
        return kept(np.where(np.isnan(x), self.low, x), self.low, self.high)

    def bounds(self) -> tuple[float, float]:
        """Return what of the source's bounds lies in the range."""
        low, high = self.source.bounds()
        return min(max(low, self.low), self.high), max(min(high, self.high), self.low)

    @property
    def constant(self) -> float | None:
        """Return the clipped constant of the source, if it is one."""
        value = self.source.constant
        return None if value is None else min(max(value, self.low), self.high)


@dataclass(frozen=True)
class Transposed(Curve):
    """A pitch in Hz moved by an interval in cents."""

    pitch_hz: Curve
    cents: Curve

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the moved pitch in Hz."""
        x: Floats = self.pitch_hz(t, own) * 2.0 ** (self.cents(t, own) / 1200.0)
        return x

    def bounds(self) -> tuple[float, float]:
        """Return the widest of both."""
        (a, b), (c, d) = self.pitch_hz.bounds(), self.cents.bounds()
        return a * 2.0 ** (c / 1200.0), b * 2.0 ** (d / 1200.0)


@dataclass(frozen=True)
class Snapped(Curve):
    """A pitch moved to the nearest of a list of pitches, by interval."""

    source: Curve
    degrees_hz: tuple[float, ...]  # rising

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the nearest degree in Hz."""
        degrees = np.asarray(self.degrees_hz)
        edges = np.sqrt(degrees[1:] * degrees[:-1])
        return degrees[np.searchsorted(edges, self.source(t, own))]

    def bounds(self) -> tuple[float, float]:
        """Return the outermost degrees."""
        return self.degrees_hz[0], self.degrees_hz[-1]


@dataclass(frozen=True)
class Smoothed(Curve):
    """Another curve after a one-pole lag, rising and falling at different times if asked.

    Computed in fixed steps of a 16th of the shorter time (or a 256th of the longer, where that is
    more); steps are joined linearly, one step late.  So that any moment can be the start, it is
    computed anew for every ten of the longer times, each from ten times before its own start.
    """

    source: Curve
    rise_s: float
    fall_s: float

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the smoothed value."""
        t = np.asarray(t, np.float64)
        if not t.size:
            return self.source(t, own)
        step_s = max(min(self.rise_s, self.fall_s) / 16.0, max(self.rise_s, self.fall_s) / 256.0)
        k = np.floor(t / step_s)
        first, last = int(k.min()) - 1, int(k.max())
        nodes = self._nodes(first, last, step_s)
        i = k.astype(np.int64) - first
        share = t / step_s - k
        joined: Floats = nodes[i - 1] * (1.0 - share) + nodes[i] * share
        return joined

    def _nodes(self, first: int, last: int, step_s: float) -> Floats:
        memory = max(1, int(np.ceil(10.0 * max(self.rise_s, self.fall_s) / step_s)))
        nodes, k = np.empty(last - first + 1), first
        while k <= last:
            turn = k // memory
            end, start = min(last, (turn + 1) * memory - 1), (turn - 1) * memory
            y = self._way(turn, start, end, step_s)
            nodes[k - first : end - first + 1] = y[k - start : end - start + 1]
            k = end + 1
        return nodes

    def _way(self, turn: int, start: int, end: int, step_s: float) -> Floats:
        # The nodes from ``start`` on; what was worked out for the last call is gone on with.
        ways: dict[int, Floats] = self.__dict__.get("_ways", {})
        known = ways.get(turn, np.empty(0))
        if len(known) > end - start:
            return known
        x = self.source(np.arange(start + len(known), end + 1) * step_s).tolist()
        rise, fall = (1.0 - math.exp(-step_s / s) for s in (self.rise_s, self.fall_s))
        y, more = (float(known[-1]) if len(known) else x[0]), []
        for value in x:
            y += (value - y) * (rise if value > y else fall)
            more.append(y)
        made: Floats = np.concatenate((known, more))
        self.__dict__["_ways"] = {k: v for k, v in ways.items() if k == turn - 1} | {turn: made}
        return made

    def bounds(self) -> tuple[float, float]:
        """Return the bounds of the source."""
        return self.source.bounds()


@dataclass(frozen=True)
class Mean(Curve):
    """The mean of another curve over the seconds before, so that a jump becomes a slope.

    Sampled at 16 points a second since the start of the run, joined linearly, one point late.
    ``ahead``: how many points may be worked out before they are asked for.
    """

    source: Curve
    length_s: float
    ahead: int = field(default=0, compare=False)

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the mean over the last ``length_s`` seconds."""
        if self.source.constant is not None or not np.size(t):
            return self.source(t, own)
        known = self.__dict__.get("_answer")
        if known is not None and known[0] is t:  # all who follow one arc ask with the same times
            answer: Floats = known[1]
            return answer
        x = np.asarray(t, np.float64) * 16.0
        k = np.floor(x)
        first = int(k.min()) - 1
        nodes = self._nodes(first, int(k.max()))
        i = k.astype(np.int64) - first
        share = x - k
        joined: Floats = nodes[i - 1] * (1.0 - share) + nodes[i] * share
        self.__dict__["_answer"] = (t, joined)
        return joined

    def _nodes(self, first: int, last: int) -> Floats:
        # Nodes lie in the past of who asks, so those of the last call still hold.
        known: tuple[int, Floats] | None = self.__dict__.get("_known")
        start, nodes = known or (first, np.zeros(0))
        if not start <= first <= start + len(nodes):
            start, nodes = first, nodes[:0]
        begin = start + len(nodes)
        if begin <= last:
            more = self._means(begin, last + self.ahead)
            nodes = np.concatenate((nodes[first - start :], more))
            start = first
            self.__dict__["_known"] = (start, nodes)
        asked: Floats = nodes[first - start : last - start + 1]
        return asked

    def _means(self, first: int, last: int) -> Floats:
        n = max(1, round(self.length_s * 16.0))
        x = self._heard(first - n + 1, last)
        rows = np.lib.stride_tricks.sliding_window_view(x, last - first + 1)
        # An accumulation adds one after the other: the same sum whatever was asked for with it.
        total: Floats = np.add.accumulate(rows, axis=0)[-1]
        return total / n

    def _heard(self, first: int, last: int) -> Floats:
        # The source at points in the past: those of the last call still hold.
        start, known = self.__dict__.get("_source", (first, np.zeros(0)))
        if not start <= first <= start + len(known):
            start, known = first, known[:0]
        more = self.source(np.arange(start + len(known), last + 1) / 16.0)
        x: Floats = np.concatenate((known[first - start :], more))
        self.__dict__["_source"] = (first, x)
        return x

    def bounds(self) -> tuple[float, float]:
        """Return the bounds of the source."""
        return self.source.bounds()


@dataclass(frozen=True)
class Kick(Curve):
    """A sudden rise that fades: ``depth`` at ``at_s``, gone to nothing ``over_s`` later."""

    at_s: float
    depth: float
    over_s: float

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return what the kick adds."""
        x = (np.asarray(t, np.float64) - self.at_s) / self.over_s
        return np.where((x < 0.0) | (x >= 1.0), 0.0, self.depth * (1.0 - kept(x)) ** 2)

    def bounds(self) -> tuple[float, float]:
        """Return 0 and the depth."""
        return min(0.0, self.depth), max(0.0, self.depth)


@dataclass(frozen=True)
class Kicks(Curve):
    """Many kicks added up; only those that can be felt at the times asked are reckoned."""

    kicks: tuple[Kick, ...]  # rising in time

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the sum of what the kicks add, in their order."""
        t = np.asarray(t, np.float64)
        total = np.zeros(t.shape)
        if not t.size:
            return total
        known: tuple[list[float], float] | None = self.__dict__.get("_known")
        if known is None:
            longest_s = max(kick.over_s for kick in self.kicks)
            self.__dict__["_known"] = known = [kick.at_s for kick in self.kicks], longest_s
        starts, longest_s = known
        first = bisect_left(starts, float(t.min()) - longest_s)
        for kick in self.kicks[first : bisect_right(starts, float(t.max()))]:
            total = total + kick(t)
        return total

    def bounds(self) -> tuple[float, float]:
        """Return the sum of all that fall, and of all that rise."""
        lows, highs = zip(*(kick.bounds() for kick in self.kicks), strict=True)
        return sum(lows), sum(highs)


@dataclass(frozen=True)
class Touchable(Curve):
    """A curve under a name that hands may take over (an arc, or ``part.parameter``)."""

    name: str
    source: Curve

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the curve as written; the engine lays the hands over it."""
        return self.source(t, own)

    def bounds(self) -> tuple[float, float]:
        """Return the bounds as written."""
        return self.source.bounds()

    @property
    def constant(self) -> float | None:
        """Return the constant as written."""
        return self.source.constant
