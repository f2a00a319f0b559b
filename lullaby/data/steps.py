"""The steps of a signal, one after the other, in data time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lullaby.data.bins import binned
from lullaby.data.formulas import counted
from lullaby.data.lagging import lagged
from lullaby.data.sliding import slid, spread
from lullaby.model.chance import Floats
from lullaby.model.table import Step


@dataclass(frozen=True)
class Series:
    """Values at times (s of data time, rising); NaN is missing.

    ``bin_s``: the width of the bins they stand for, None where they are rows.
    """

    time: Floats
    values: Floats
    bin_s: float | None = None


def stepped(series: Series, steps: tuple[Step, ...], first: float) -> Series:
    """Return a series after its steps; bins begin at ``first``."""
    for step in steps:
        series = _one(series, step, first)
    return series


def looks_ahead(step: Step) -> str:
    """Return what to write instead of a step that needs what is still to come, or ""."""
    if step.kind == "detrend":
        return "zscore over 6 h"
    return "zscore over 6 h" if step.kind == "zscore" and not step.amounts else ""


def _one(series: Series, step: Step, first: float) -> Series:
    t, x = series.time, series.values
    match step.kind:
        case "per":
            width_s = step.amounts[0]
            made = binned(t, x, step.what, width_s, first)
            return Series(*made, width_s if step.what != "minmax" else 0.5 * width_s)
        case "over":
            return replace(series, values=slid(t, x, step.what, step.amounts[0]))
        case "lag":
            return replace(series, values=lagged(t, x, step.amounts[0]))
        case "late":
            return replace(series, time=t + step.amounts[0])
        case "clip":
            return replace(series, values=np.clip(x, step.amounts[0], step.amounts[1]))
        case "formula":
            assert step.formula is not None
            made = counted(step.formula, lambda _: x)
            return replace(series, values=np.broadcast_to(made, x.shape).astype(np.float64))
        case "zscore":
            return replace(series, values=_zscore(t, x, step.amounts))
    return replace(series, values=_whole(t, x, step.kind))


def _whole(t: Floats, x: Floats, kind: str) -> Floats:
    known = np.flatnonzero(~np.isnan(x))
    out = np.full(len(x), np.nan)
    if not len(known):
        return out
    if kind == "diff":
        out[known[1:]] = np.diff(x[known])
    elif kind == "total":
        out[known] = np.cumsum(x[known])
    elif kind == "detrend":
        out[known] = x[known] - _trend(t[known], x[known])
    return out


def _trend(t: Floats, x: Floats) -> Floats:
    middle = t.mean()
    spread_s = float(((t - middle) ** 2).sum())
    slope = float(((t - middle) * (x - x.mean())).sum()) / spread_s if spread_s > 0.0 else 0.0
    line: Floats = x.mean() + slope * (t - middle)
    return line


def _zscore(t: Floats, x: Floats, amounts: tuple[float, ...]) -> Floats:
    if amounts:
        mean, deviation = spread(t, x, amounts[0])
    else:
        known = ~np.isnan(x)
        mean = np.full(len(x), x[known].mean() if known.any() else np.nan)
        deviation = np.full(len(x), x[known].std() if known.any() else np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = (x - mean) / deviation
    return np.where(
        deviation > 1e-12 * np.maximum(1.0, np.abs(mean)), score, np.where(np.isnan(x), np.nan, 0.0)
    )
