"""A signal made: its column, its steps, its range, and the curve it is in the piece."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lullaby.data.faults import TableError, fault
from lullaby.data.formulas import reckoned
from lullaby.data.joined import Laid, laid, placed
from lullaby.data.steps import Series, stepped
from lullaby.data.tables import Table
from lullaby.model.chance import Floats
from lullaby.model.formula import Cell, cells
from lullaby.model.scale import Scale, quantiles
from lullaby.model.signal import Rows, Signal, Span
from lullaby.model.table import SignalDef
from lullaby.units import MICRO

AUTO = (2.0, 98.0)  # percentiles


@dataclass(frozen=True)
class Made:
    """A signal with what it was made from."""

    signal: Signal
    series: Series  # after the steps, in data units
    source: str
    laid: Laid
    notes: tuple[str, ...]


def made(
    one: SignalDef,
    tables: Mapping[str, Table],
    spans: Mapping[str, Span],
    rows: Mapping[str, Rows],
    others: Mapping[str, Made],
) -> Made:
    """Return a signal; raises ScoreError for one that has nothing to say or no sensible range."""
    series, source = _source(one, tables, others)
    span = spans[source]
    try:
        series = stepped(series, one.steps, span.first)
    except TableError as error:
        raise fault(one.place("steps"), f"signal '{one.name}': {error}") from None
    known = series.values[~np.isnan(series.values)]
    if not len(known):
        raise fault(one.place("from"), f"signal '{one.name}' has no value: all of it is missing")
    if bool(cells_are_signals(one)) and one.range is None and not one.steps:
        low, high = 0.0, 1.0
    else:
        low, high = one.range or _auto(known)
    scale = _scale(one, known, low, high)
    shares = scale.share(series.values)
    digest = _digest(one, series, scale, span)
    table = tables[source]
    if np.array_equal(series.time, table.time):  # so that a row's event reads the row itself
        at_s = rows[source].at_us / MICRO
    else:
        at_s = placed(series.time, span)
    found = laid(series, shares, one, span, at_s, digest)
    report = _report(one, series, scale, shares, found, span)
    signal = Signal(
        name=one.name,
        nodes=found.nodes,
        scale=scale,
        present=found.present,
        unit=one.unit,
        polarity="up" if low <= high else "down",
        late_s=found.late_s,
        report=report,
    )
    return Made(signal, series, source, found, tuple(_warnings(one, report)))


def cells_are_signals(one: SignalDef) -> list[str]:
    """Return the signals that a signal is made from."""
    return [cell.name for cell in cells(one.source) if not cell.column]


def _source(
    one: SignalDef, tables: Mapping[str, Table], others: Mapping[str, Made]
) -> tuple[Series, str]:
    names = list(cells(one.source))
    if names[0].column:
        source = names[0].name
        table = tables[source]
        values = reckoned(one.source, lambda cell: table.columns[cell.column])
        return Series(table.time, _like(values, table.time)), source
    found = [others[cell.name] for cell in names]
    source = found[0].source
    if any(f.source != source for f in found):
        message = f"signal '{one.name}': signals of one source are joined here, not of two"
        raise fault(one.place("from"), f"{message}; join others in an arc")
    time = np.unique(np.concatenate([f.series.time for f in found]))

    def look_up(cell: Cell) -> Floats:
        # What each of them had last, and missing where that was missing.
        other = others[cell.name]
        i = np.searchsorted(other.series.time, time, side="right") - 1
        shares = other.signal.scale.share(other.series.values)
        return np.where(i < 0, np.nan, np.clip(shares, 0.0, 1.0)[np.maximum(i, 0)])

    widths = [f.series.bin_s for f in found]
    bin_s = widths[0] if len(set(widths)) == 1 else None
    return Series(time, _like(reckoned(one.source, look_up), time), bin_s), source


def _like(values: Any, time: Floats) -> Floats:
    return np.broadcast_to(np.asarray(values, np.float64), time.shape).copy()


def _auto(known: Floats) -> tuple[float, float]:
    low, high = np.percentile(known, AUTO)
    if low == high:  # nearly constant: all there is
        low, high = known.min(), known.max()
    return float(low), float(high)


def _scale(one: SignalDef, known: Floats, low: float, high: float) -> Scale:
    if one.scale == "quantile":
        return Scale("quantile", low, high, quantiles(known, low, high))
    if one.scale == "log" and min(low, high) <= 0.0:
        message = f"signal '{one.name}': its range {low:.6g}..{high:.6g} reaches 0"
        raise fault(one.place("scale"), f"{message}; 'scale: symlog' can, or state a range over 0")
    return Scale(one.scale, low, high)


def _digest(one: SignalDef, series: Series, scale: Scale, span: Span) -> str:
    made = hashlib.blake2b(digest_size=16)
    for part in (series.time, series.values):
        made.update(np.ascontiguousarray(part).tobytes())
    made.update(repr((scale, span, one.between, one.gaps, one.hold_s)).encode())
    return f"{one.name}:{made.hexdigest()}"


def _report(
    one: SignalDef, series: Series, scale: Scale, shares: Floats, found: Laid, span: Span
) -> dict[str, Any]:
    known = ~np.isnan(shares)
    outside = known & ((shares < 0.0) | (shares > 1.0))
    below = (series.values <= 0.0) & (scale.kind == "log")
    outside |= known & below
    steps = np.abs(np.diff(np.clip(shares[known], 0.0, 1.0)))
    steps = steps[steps > 0.0]
    return {
        "low": scale.low,
        "high": scale.high,
        "stated": one.range is not None,
        "scale": scale.kind,
        "points": int(known.sum()),
        "points_per_s": float(known.sum() / max(span.length_s, 1e-9)),
        "missing": float(1.0 - known.mean()),
        "clipped": float(outside.sum() / max(1, known.sum())),
        "least": float(series.values[known].min()),
        "greatest": float(series.values[known].max()),
        "typical_step": float(np.median(steps)) if len(steps) else 0.0,
        "used": float(np.ptp(np.clip(shares[known], 0.0, 1.0))),
        "gaps_s": [tuple(gap) for gap in found.gaps.tolist()],
        "held_s": found.held_s,
        "late_s": found.late_s,
        "between": one.between,
        "gaps": one.gaps,
    }


def _warnings(one: SignalDef, report: Mapping[str, Any]) -> list[str]:
    lines = []
    if report["low"] == report["high"]:
        lines.append(
            f"signal '{one.name}': its range has no width ({report['low']:.6g}): all maps to 0.5"
        )
    elif report["least"] == report["greatest"]:
        lines.append(f"signal '{one.name}': its value never changes ({report['least']:.6g})")
    if report["clipped"] > 0.05:
        share = 100.0 * report["clipped"]
        lines.append(f"signal '{one.name}': {share:.0f} % of its values lie outside its range")
    return lines
