"""What a parameter asks for by its data alone, and the way back from there to the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lullaby.errors import UsageError
from lullaby.model.chance import Chance, Floats
from lullaby.model.context import VerifyDef
from lullaby.model.curve import Curve, inside, remade
from lullaby.model.following import Mapped, Mean, Smoothed, Snapped, Touchable
from lullaby.model.performance import Performance, Run
from lullaby.model.signal import Nodes, Signal, signals_in
from lullaby.units import ratio_to_cents


def curve_of(run: Run, one: VerifyDef) -> Curve:
    """Return the curve of the parameter that is verified."""
    if one.parameter == "level":
        return run.level_each or run.desk.level_db
    if one.parameter == "pan":
        return run.pan_each or run.desk.pan
    by_name = type(run.settings).by_score_name()
    return run.settings.curves[by_name[one.parameter].name]


def plain(curve: Curve) -> Curve:
    """Return a curve without what smooths or snaps it."""
    made: dict[int, Curve] = {}

    def bare(inner: Curve) -> Curve | None:
        if isinstance(inner, Smoothed | Mean | Snapped | Touchable):
            return remade(inner.source, bare, made)
        return None

    return remade(curve, bare, made)


def _given(curve: Curve, shares: Floats) -> Floats:
    given = _Given(shares)
    made = remade(curve, lambda inner: given if _is_data(inner) else None)
    return made(np.zeros(len(shares)))


def _is_data(curve: Curve) -> bool:
    return isinstance(curve, Signal) or (isinstance(curve, Nodes) and bool(curve.name))


@dataclass(frozen=True)
class _Given(Curve):
    values: Floats

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        return self.values

    def bounds(self) -> tuple[float, float]:
        return float(self.values.min()), float(self.values.max())


def in_data(
    curve: Curve, signals: Mapping[str, Signal], columns: set[str], values: Floats
) -> tuple[Floats | None, str]:
    """Return what values of a parameter mean in data units, if they mean one signal or column."""
    if len(signals) + len(columns) != 1:
        return None, ""
    signal = next(iter(signals.values()), None)
    low, high = (0.0, 1.0) if signal else _bounds(curve, next(iter(columns)))
    shares = np.linspace(low, high, 1025)
    given = _given(plain(curve), shares)
    steps = np.diff(given)
    if not ((steps > 0.0).all() or (steps < 0.0).all()):
        return None, ""
    if steps[0] < 0.0:
        given, shares = given[::-1], shares[::-1]
    found = np.interp(values, given, shares)
    return (found, "") if signal is None else (signal.data(found), signal.unit)


def _bounds(curve: Curve, column: str) -> tuple[float, float]:
    found = [c.bounds() for c in inside(curve) if isinstance(c, Nodes) and c.name == column]
    return found[0] if found else (0.0, 1.0)


def span(curve: Curve) -> tuple[float, float]:
    """Return the least and the greatest value a parameter is sent to."""
    low, high = _target(curve) or curve.bounds()
    return min(low, high), max(low, high)


def _target(curve: Curve) -> tuple[float, float] | None:
    return next((c.bounds() for c in inside(curve) if isinstance(c, Mapped)), None)


def widest_step_cents(curve: Curve) -> float:
    """Return the widest step (cents) a curve snaps by; 0 where it does not."""
    found = inside(curve, lambda c: not isinstance(c, Snapped))
    return max((_widest_degree_cents(c) for c in found if isinstance(c, Snapped)), default=0.0)


def _widest_degree_cents(curve: Snapped) -> float:
    low, high = curve.source.bounds()
    degrees = np.asarray(curve.degrees_hz)
    within = degrees[(degrees >= low * 0.97) & (degrees <= high * 1.03)]
    if len(within) < 2:
        return 1200.0
    return float(ratio_to_cents(within[1:] / within[:-1]).max())


def data_in(
    curve: Curve, performance: Performance, one: VerifyDef
) -> tuple[dict[str, Signal], set[str]]:
    """Return the signals and columns that a parameter follows.  Raises UsageError for none."""
    signals, columns = signals_in([curve], performance.arcs)
    if not signals and not columns:
        raise UsageError(f"'{one.name}' follows no data, so there is nothing to verify")
    return signals, columns
