"""Data as they are not: in other order, late, upside down, another column.

What reads data back must tell them from the true ones; a check that cannot fail proves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lullaby.errors import UsageError
from lullaby.model.chance import Chance, Floats, named
from lullaby.model.curve import Curve, remade
from lullaby.model.signal import Known, Nodes, Signal

CONTROLS = ("shuffled", "shifted", "flipped", "another")
SHIFT_S = 10.0
BLOCKS = 12  # of a shuffle


@dataclass(frozen=True)
class _Untrue(Curve):
    """Data as they are not: in other order, late, upside down."""

    source: Curve
    how: str
    low: float
    high: float

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        t = np.asarray(t, np.float64)
        if self.how == "flipped":
            a, b = self.source.bounds()
            return a + b - self.source(t, own)
        if self.how == "shifted":
            return self.source(np.maximum(t - SHIFT_S, self.low), own)
        width = max(self.high - self.low, 1e-9) / BLOCKS
        block = np.clip(np.floor((t - self.low) / width), 0, BLOCKS - 1).astype(np.int64)
        order = np.argsort(Chance(named("shuffled")).at(np.arange(BLOCKS)).uniform("order"))
        return self.source(t + (order[block] - block) * width, own)

    def bounds(self) -> tuple[float, float]:
        return self.source.bounds()


def untrue(
    control: str,
    curve: Curve,
    known: Known,
    signals: Mapping[str, Signal],
    columns: set[str],
    t: Floats,
) -> Curve:
    """Return a curve as it would be of data that are not so; as it is without a ``control``.

    ``signals``, ``columns``: what it follows; ``t``: where it is read.  Raises UsageError.
    """
    if not control:
        return curve
    if control not in CONTROLS:
        raise UsageError(f"there is no control {control!r}; {', '.join(CONTROLS)} are")
    low, high = (float(t[0]), float(t[-1])) if len(t) else (0.0, 1.0)
    other = next((s for n, s in known.signals.items() if n not in signals), None)

    def put(inner: Curve) -> Curve | None:
        if isinstance(inner, Signal) and control == "another":
            if other is None:
                raise UsageError("there is no other signal to compare with")
            return replace(other, nodes=replace(other.nodes, lead_s=inner.nodes.lead_s))
        if isinstance(inner, Nodes) and inner.name and control == "another":
            return _other_column(inner, known)
        if isinstance(inner, Signal | Nodes):
            return _Untrue(inner, control, low, high)
        return None

    return remade(curve, put)


def _other_column(column: Nodes, known: Known) -> Curve:
    source, _, own = column.name.partition(".")
    rows = known.rows[source].columns if source in known.rows else {}
    for name, values in rows.items():
        there = ~np.isnan(values)
        if name != own and there.any() and np.ptp(values[there]) > 0.0:
            other = known.columns[f"{source}.{name}"]
            (low, high), (a, b) = column.bounds(), other.bounds()
            moved = low + (other.values - a) * ((high - low) / (b - a))
            return replace(other, values=moved, lead_s=column.lead_s)
    raise UsageError(f"there is no column but '{column.name}' to compare with")
