"""Curves as controllers: sampled, sent only where the 7-bit value changes, within a budget."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Floats
from lullaby.model.curve import Curve

RATE_HZ = 50  # how often a curve is looked at, so at most so many messages a second
BIN_S = 1.0
CHUNK_S = 600.0
TOP, FINE_TOP = 127, 16383

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Stretch:
    """A curve over a stretch of the piece, as a share 0..1 of the controller's range."""

    start_s: float
    end_s: float
    share: Callable[[Floats], Floats]  # of times of the piece
    still: bool = False  # it never moves


@dataclass(frozen=True)
class Lane:
    """One controller of one track."""

    cc: int
    name: str
    says: str  # its range, for people
    stretches: tuple[Stretch, ...]
    fine: bool = False  # as a pair of controllers, 14 bits

    @property
    def top(self) -> int:
        """Return the highest value."""
        return FINE_TOP if self.fine else TOP

    @property
    def cost(self) -> int:
        """Return how many messages a value takes."""
        return 2 if self.fine else 1


@dataclass(frozen=True)
class Points:
    """When a controller changes (s), and to what (0..127; 0..16383 for a pair)."""

    at_s: Floats
    value: Counts


def ranged(low: float, high: float, log: bool) -> Callable[[Floats], Floats]:
    """Return the function from values to shares of a range, along a log scale if asked."""

    def share(x: Floats) -> Floats:
        x = np.clip(x, low, high)
        if log:
            return np.asarray(np.log(x / low) / np.log(high / low))
        return np.asarray((x - low) / (high - low))

    return share


def stretch(
    start_s: float, end_s: float, curve: Curve, to_share: Callable[[Floats], Floats]
) -> Stretch:
    """Return a stretch of a curve whose own time begins at ``start_s``."""
    return Stretch(
        start_s, end_s, lambda t: to_share(curve(t - start_s)), curve.constant is not None
    )


def points(lane: Lane, moments_s: Sequence[float]) -> Points:
    """Return where a lane's value changes; ``moments_s`` are looked at beside the steady grid."""
    at_s: list[Floats] = [np.zeros(0)]
    values: list[Counts] = [np.zeros(0, np.int64)]
    last = -1
    for part in lane.stretches:
        for t in _times(part, np.asarray(moments_s, np.float64)):
            value = np.rint(lane.top * np.clip(part.share(t), 0.0, 1.0)).astype(np.int64)
            changes = np.flatnonzero(np.diff(value, prepend=last))
            last = int(value[-1])
            at_s.append(t[changes])
            values.append(value[changes])
    return Points(np.concatenate(at_s), np.concatenate(values))


def _times(part: Stretch, moments_s: Floats) -> Iterator[Floats]:
    if part.still:
        yield np.array([part.start_s])
        return
    begin_s = part.start_s
    while begin_s < part.end_s:
        end_s = min(begin_s + CHUNK_S, part.end_s)
        steady = np.arange(np.ceil(begin_s * RATE_HZ), np.ceil(end_s * RATE_HZ)) / RATE_HZ
        # A microsecond late, so that what jumps there has jumped.
        own = moments_s[(moments_s > begin_s) & (moments_s < end_s)] + 1e-6
        yield np.unique(np.concatenate(([begin_s], steady, own, [end_s])))
        begin_s = end_s


def binned(at_s: Floats, bins: int) -> Counts:
    """Return how many times lie in each second."""
    where = np.minimum((np.asarray(at_s) / BIN_S).astype(np.int64), bins - 1)
    return np.bincount(where, minlength=bins).astype(np.int64)


def within(
    found: Sequence[Points], taken: Counts, budget: int, costs: Sequence[int] = ()
) -> list[Points]:
    """Return the points that fit: ``budget`` messages a second with those ``taken`` already.

    ``costs``: how many messages a point of each lane takes (one).
    Where they do not, each lane gets the same share (what one leaves, others have), one a second at
    least; what stays is spread evenly, with the first and last, so that the lane comes out right.
    """
    bins = len(taken)
    wanted = np.array([binned(lane.at_s, bins) for lane in found]).reshape(len(found), bins)
    allowed = wanted.copy()
    cost = np.array(costs or [1] * len(found), np.int64)
    for b in np.flatnonzero(cost @ allowed + taken > budget):
        shared = _shared(cost * allowed[:, b], budget - int(taken[b]))
        allowed[:, b] = np.maximum(shared // cost, np.minimum(allowed[:, b], 1))
    return [
        _kept(lane, *rows) if (rows[0] > rows[1]).any() else lane
        for lane, rows in zip(found, zip(wanted, allowed, strict=True), strict=True)
    ]


def _shared(wanted: Counts, budget: int) -> Counts:
    allowed = np.minimum(wanted, 1)
    while True:
        hungry = np.flatnonzero(allowed < wanted)
        each = (budget - int(allowed.sum())) // max(len(hungry), 1)
        if each < 1 or not len(hungry):
            return allowed
        allowed[hungry] = np.minimum(allowed[hungry] + each, wanted[hungry])


def _kept(lane: Points, wanted: Counts, allowed: Counts) -> Points:
    keep = np.ones(len(lane.at_s), bool)
    ends = np.cumsum(wanted)
    for b in np.flatnonzero(wanted > allowed):
        n, k, end = int(wanted[b]), int(allowed[b]), int(ends[b])
        chosen = end - 1 - np.arange(k) * (n - 1) // max(k - 1, 1)
        keep[end - n : end] = False
        keep[chosen] = True
    return Points(lane.at_s[keep], lane.value[keep])
