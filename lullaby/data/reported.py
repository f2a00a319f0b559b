"""What the making of a signal found, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lullaby.data.faults import shown
from lullaby.data.joined import Laid
from lullaby.data.steps import Series
from lullaby.model.chance import Floats
from lullaby.model.scale import TABLED, Scale
from lullaby.model.signal import Span, span_text
from lullaby.model.table import SignalDef


def reported(
    one: SignalDef, series: Series, scale: Scale, shares: Floats, found: Laid, span: Span
) -> dict[str, Any]:
    """Return what the making of a signal found, for ``check`` and for programs."""
    known = ~np.isnan(shares)
    outside = known & ((shares < 0.0) | (shares > 1.0))
    below = (series.values <= 0.0) & (scale.kind == "log")
    if scale.kind in TABLED:  # their shares never leave 0..1
        ends = min(scale.low, scale.high), max(scale.low, scale.high)
        below = (series.values < ends[0]) | (series.values > ends[1])
    outside |= known & below
    steps = np.abs(np.diff(np.clip(shares[known], 0.0, 1.0)))
    steps = steps[steps > 0.0]
    return {
        "low": scale.low,
        "high": scale.high,
        "stated": one.range is not None or bool(one.values),
        "rolling_s": one.rolling_s,
        "scale": f"pow {scale.power:g}" if scale.kind == "pow" else scale.kind,
        "mid": scale.mid,
        "levels": _levels(scale),
        "words": list(scale.words),
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


def _levels(scale: Scale) -> int | None:
    if scale.kind == "nominal":
        return len(scale.words)
    return scale.levels or (len(scale.table) if scale.kind == "ordinal" else None)


def warned(one: SignalDef, scale: Scale, report: Mapping[str, Any]) -> list[str]:
    """Return what is doubtful about a signal, in lines."""
    lines = []
    if scale.words:
        if report["least"] == report["greatest"]:
            word = scale.words[int(report["least"])]
            lines.append(f"signal '{one.name}': its value never changes ({shown(word)})")
        return lines
    if report["low"] == report["high"]:
        lines.append(
            f"signal '{one.name}': its range has no width ({report['low']:.6g}): all maps to 0.5"
        )
    elif report["least"] == report["greatest"]:
        lines.append(f"signal '{one.name}': its value never changes ({report['least']:.6g})")
    elif one.rolling_s is not None and report["used"] == 0.0:
        window = span_text(one.rolling_s)
        lines.append(f"signal '{one.name}': no two of its values lie within {window}: all are 0.5")
    if report["clipped"] > 0.05:
        share = 100.0 * report["clipped"]
        lines.append(f"signal '{one.name}': {share:.0f} % of its values lie outside its range")
    return lines
