"""A series laid into the piece: nodes of a curve, and where it has nothing to say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lullaby.data.steps import Series
from lullaby.model.chance import Floats
from lullaby.model.signal import Nodes, Span
from lullaby.model.table import SignalDef

USUAL = 10.0  # times the usual distance of values: how long one is held if the score does not say
APART = 3.0  # times the usual distance: farther is a gap, where nothing is held
FADE_S = 0.1  # of the piece: how fast it goes silent, and comes back
FINEST_S = 0.02  # of the piece: nodes nearer than this are joined by minmax, so no peak is hidden


@dataclass(frozen=True)
class Laid:
    """Nodes 0..1, presence (None: never missing), and how late they sound in the piece."""

    nodes: Nodes
    present: Nodes | None
    gaps: Floats  # (n, 2): piece times from and to
    late_s: float
    held_s: float  # data time a value is held


def laid(
    series: Series, shares: Floats, made: SignalDef, span: Span, at_s: Floats, digest: str
) -> Laid:
    """Return a series' shares (0..1, NaN missing) as a curve; ``at_s``: its times in the piece."""
    known = np.flatnonzero(~np.isnan(shares))
    t, u = series.time[known], np.clip(shares[known], 0.0, 1.0)
    usual_s = series.bin_s or (float(np.median(np.diff(t))) if len(t) > 1 else 1.0)
    usual_s = usual_s if usual_s > 0.0 else 1e-3
    held_s = USUAL * usual_s if made.hold_s is None else made.hold_s
    if made.gaps in ("silence", "mark"):
        held_s = usual_s
    after = np.diff(t, append=t[-1])
    far = APART * usual_s
    breaks = after > far if series.bin_s is None else after > 1.5 * usual_s
    if made.gaps in ("linear", "drop"):
        breaks = np.zeros(len(t), bool)
    silent = breaks & (after > (far if made.gaps in ("silence", "mark") else held_s))
    late = {"step": 0.0, "linear": 1.0, "pchip": 2.0}[made.between] * (series.bin_s or 0.0)
    gaps = np.stack((t[silent] + held_s, t[silent] + after[silent]), axis=1)
    late_s = late * span.speed
    at_s = at_s[known] + late_s
    if made.between != "step" and breaks.any():
        at_s, u = _bridged(at_s, u, breaks, usual_s * span.speed)
    at_s, u = _thinned(at_s, u)
    slopes = _slopes(at_s, u) if made.between == "pchip" and len(at_s) > 2 else None
    nodes = Nodes(digest, at_s, u, made.between, slopes)
    gaps = placed(gaps + late, span)
    present = None if made.gaps in ("linear", "drop") else _present(gaps, digest)
    return Laid(nodes, present, gaps, late_s, held_s)


def placed(time: Floats, span: Span) -> Floats:
    """Return data times as piece times."""
    where: Floats = span.at_s + (time - span.first) * span.speed
    return where


def _bridged(at_s: Floats, u: Floats, breaks: np.ndarray, usual_s: float) -> tuple[Floats, Floats]:
    # Over a gap the last value is held, and goes to the next one in one usual distance.
    at = np.flatnonzero(breaks)
    times = np.maximum(at_s[at + 1] - usual_s, at_s[at])
    return np.insert(at_s, at + 1, times), np.insert(u, at + 1, u[at])


def _thinned(at_s: Floats, u: Floats) -> tuple[Floats, Floats]:
    # Of nodes that lie closer than anyone can hear, the least and the greatest of each cell stay.
    if len(at_s) < 1000 or len(at_s) * FINEST_S < 2.0 * (at_s[-1] - at_s[0]):
        return at_s, u
    cell = np.floor(at_s / FINEST_S).astype(np.int64)
    starts = np.flatnonzero(np.diff(cell, prepend=cell[0] - 1))
    order = np.lexsort((u, cell))
    low, high = order[starts], order[np.append(starts[1:], len(cell)) - 1]
    kept = np.unique(np.concatenate((low, high)))
    return at_s[kept], u[kept]


def _present(gaps: Floats, digest: str) -> Nodes | None:
    if not len(gaps):
        return None
    begin, end = gaps[:, 0], gaps[:, 1]
    out_s = np.minimum(FADE_S, 0.5 * (end - begin))
    times = np.stack((begin, begin + out_s, end, end + FADE_S), axis=1).reshape(-1)
    values = np.tile([1.0, 0.0, 0.0, 1.0], len(gaps))
    return Nodes(f"{digest}/present", np.maximum.accumulate(times), values)


def _slopes(x: Floats, y: Floats) -> Floats:
    # Weighted harmonic means of neighbours' slopes, 0 at a turn (Fritsch, Butland 1984).
    width = np.maximum(np.diff(x), 1e-12)
    rise = np.diff(y) / width
    a, b = rise[:-1], rise[1:]
    w1, w2 = 2.0 * width[1:] + width[:-1], width[1:] + 2.0 * width[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = (w1 + w2) / (w1 / a + w2 / b)
    inner = np.where(a * b > 0.0, inner, 0.0)
    return np.concatenate(([0.0], inner, [0.0]))
