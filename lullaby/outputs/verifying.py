"""The round trip: from the stems of a piece back to its data, and how far off that is.

Each parameter named under ``verify`` is read back from its part's own sound and compared with what
the raw signal asks for, by the piece's own time: smoothing and snapping are not made up for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lullaby.errors import UsageError
from lullaby.measure import reading_back
from lullaby.model.chance import Chance, Floats, named
from lullaby.model.context import VerifyDef
from lullaby.model.curve import Curve, inside, remade
from lullaby.model.following import Mapped, Mean, Smoothed, Snapped, Touchable
from lullaby.model.performance import MASTER, Performance, Run
from lullaby.model.signal import Known, Nodes, Signal, signals_in
from lullaby.units import MICRO, cents_to_ratio, db_to_gain, ratio_to_cents

CONTROLS = ("shuffled", "shifted", "flipped", "another")
EVERY_S = 0.1
WINDOW_S = {"level": 2.0, "pan": 0.5, "cutoff": 1.0, "density": 4.0}
LEAST = {"pitch": 0.98, "level": 0.95, "pan": 0.93, "cutoff": 0.9, "density": 0.93}
MOST = {"pitch": 60.0, "level": 1.5, "pan": 0.1, "density": 0.05}
UNITS = {"pitch": "cents", "level": "dB", "pan": "", "cutoff": "octaves", "density": "/s"}
LOCKED_LEAST, LOCKED_SPARE_CENTS = 0.93, 30.0
MEDIAN_CENTS = 15.0
COVERAGE = 0.95
SHIFT_S = 10.0
BLOCKS = 12  # of a shuffle


@dataclass(frozen=True)
class Check:
    """One parameter as it was read back."""

    name: str
    kind: str
    coverage: float
    spearman: float
    pearson: float
    median_error: float  # of the parameter, in ``unit``
    error_95: float
    unit: str
    data_median: float | None = None  # in the units of the data, where one signal stands alone
    data_95: float | None = None
    data_unit: str = ""
    failures: tuple[str, ...] = ()
    control: str = ""  # which untruth it was compared with
    signal: str = ""  # the one it follows
    data_heard: Floats | None = None  # what was read back, in data units
    at_s: Floats | None = None
    wanted: Floats | None = None
    heard: Floats | None = None

    @property
    def passes(self) -> bool:
        """Return whether nothing failed."""
        return not self.failures


def stems_of(performance: Performance, parts: set[str]) -> Performance:
    """Return the same piece with these parts alone, dry and without buses."""
    leads = {leader for run in performance.runs if run.part in parts for leader in run.leaders}
    runs = tuple(
        replace(run, into=MASTER, desk=replace(run.desk, sends_db={}))
        for run in performance.runs
        if run.part in parts or run.part in leads
    )
    return replace(performance, runs=runs, buses=())


def checked(
    performance: Performance,
    verify: tuple[VerifyDef, ...],
    stems: Mapping[str, Any],
    sample_rate: int,
    control: str = "",
) -> list[Check]:
    """Return a check for every entry of ``verify``; ``stems``: (2, frames) by part.

    ``control``: compare with shuffled, shifted or flipped data, or with another column; such a
    check must fail.  Raises UsageError for what cannot be measured.
    """
    return [_checked(performance, one, stems[one.part], sample_rate, control) for one in verify]


def _checked(
    performance: Performance, one: VerifyDef, sound: Any, sample_rate: int, control: str
) -> Check:
    known = performance.known or Known()
    runs = [run for run in performance.runs if run.part == one.part]
    found = [_Reading(performance, run, one, known, control) for run in runs]
    if not found:
        raise UsageError(f"part '{one.part}' never plays, so '{one.name}' cannot be verified")
    at_s = np.concatenate([f.at_s for f in found])
    wanted = np.concatenate([f.wanted for f in found])
    if len(at_s) < 10:
        raise UsageError(f"'{one.name}': there are no data long enough to be verified")
    heard = _heard(one.parameter, sound, sample_rate, at_s, wanted, found[0].span)
    return _judged(one, found[0], at_s, wanted, heard, control)


class _Reading:
    """What one run of a part should sound like, by its data alone."""

    def __init__(
        self, performance: Performance, run: Run, one: VerifyDef, known: Known, control: str
    ) -> None:
        if run.strikes is not None:
            raise UsageError(f"'{one.name}': a part with 'each' is not read back")
        self.curve = _of(run, one)
        signals, columns = signals_in([self.curve], performance.arcs)
        if not signals and not columns:
            raise UsageError(f"'{one.name}' follows no data, so there is nothing to verify")
        self.signals = signals
        self.snapped = _widest_step_cents(self.curve)
        start_s = run.start_us / MICRO
        half = WINDOW_S.get(one.parameter, 0.1) / 2.0
        first, last = _where(signals, columns, known, run)
        t = np.arange(np.ceil((first + half) / EVERY_S), (last - half) / EVERY_S) * EVERY_S
        kept = np.ones(len(t), bool)
        for side in (-half, 0.0, half):
            kept &= run.desk.fade(np.maximum(t - start_s + side, 0.0)) > 0.9
        self.at_s = t[kept]
        self.span = _span(one.parameter, self.curve)
        self.truth = _untrue(control, _plain(self.curve), known, signals, columns, t - start_s)
        self.wanted = self._meant(one.parameter, self.at_s - start_s, half)

    def _meant(self, parameter: str, t: Floats, half: float) -> Floats:
        if parameter in ("pitch", "pan"):
            return self.truth(t)
        if parameter == "cutoff":
            return np.log2(self.truth(t))
        inside = np.linspace(-half, half, 33)
        values = self.truth((t[:, None] + inside).ravel()).reshape(len(t), -1)
        if parameter == "level":
            power: Floats = 10.0 * np.log10(np.mean(db_to_gain(values) ** 2, axis=1))
            return power
        mean: Floats = values.mean(axis=1)
        return mean

    def in_data(self, values: Floats) -> tuple[Floats | None, str]:
        """Return what values of the parameter mean in data units, if they mean one signal."""
        if len(self.signals) != 1:
            return None, ""
        (signal,) = self.signals.values()
        shares = np.linspace(0.0, 1.0, 1025)
        given = _given(_plain(self.curve), shares)
        steps = np.diff(given)
        if not ((steps > 0.0).all() or (steps < 0.0).all()):
            return None, ""
        if steps[0] < 0.0:
            given, shares = given[::-1], shares[::-1]
        return signal.data(np.interp(values, given, shares)), signal.unit


def _of(run: Run, one: VerifyDef) -> Curve:
    if one.parameter == "level":
        return run.level_each or run.desk.level_db
    if one.parameter == "pan":
        return run.pan_each or run.desk.pan
    by_name = type(run.settings).by_score_name()
    return run.settings.curves[by_name[one.parameter].name]


def _where(
    signals: Mapping[str, Signal], columns: set[str], known: Known, run: Run
) -> tuple[float, float]:
    # From when to when, in the piece, all that is followed has rows.
    first, last = run.start_us / MICRO, run.end_us / MICRO
    for signal in signals.values():
        at_s = known.signals[signal.name].nodes.at_s
        first, last = max(first, float(at_s[0]) + signal.late_s), min(last, float(at_s[-1]))
    for column in columns:
        at_s = known.columns[column].at_s
        first, last = max(first, float(at_s[0])), min(last, float(at_s[-1]))
    return first, last


def _plain(curve: Curve) -> Curve:
    """Return a curve without what smooths or snaps it."""
    made: dict[int, Curve] = {}

    def bare(inner: Curve) -> Curve | None:
        if isinstance(inner, Smoothed | Mean | Snapped | Touchable):
            return remade(inner.source, bare, made)
        return None

    return remade(curve, bare, made)


def _given(curve: Curve, shares: Floats) -> Floats:
    given = _Given(shares)
    made = remade(curve, lambda inner: given if isinstance(inner, Signal) else None)
    return made(np.zeros(len(shares)))


@dataclass(frozen=True)
class _Given(Curve):
    values: Floats

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        return self.values

    def bounds(self) -> tuple[float, float]:
        return float(self.values.min()), float(self.values.max())


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


def _untrue(
    control: str,
    curve: Curve,
    known: Known,
    signals: Mapping[str, Signal],
    columns: set[str],
    t: Floats,
) -> Curve:
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
        if isinstance(inner, Signal | Nodes):
            return _Untrue(inner, control, low, high)
        return None

    return remade(curve, put)


def _span(parameter: str, curve: Curve) -> tuple[float, float]:
    low, high = _target(curve) or curve.bounds()
    return min(low, high), max(low, high)


def _target(curve: Curve) -> tuple[float, float] | None:
    return next((c.bounds() for c in inside(curve) if isinstance(c, Mapped)), None)


def _widest_step_cents(curve: Curve) -> float:
    found = inside(curve, lambda c: not isinstance(c, Snapped))
    return max((_widest_degree_cents(c) for c in found if isinstance(c, Snapped)), default=0.0)


def _widest_degree_cents(curve: Snapped) -> float:
    low, high = curve.source.bounds()
    degrees = np.asarray(curve.degrees_hz)
    within = degrees[(degrees >= low * 0.97) & (degrees <= high * 1.03)]
    if len(within) < 2:
        return 1200.0
    return float(ratio_to_cents(within[1:] / within[:-1]).max())


def _heard(
    parameter: str, sound: Any, rate: int, at_s: Floats, wanted: Floats, span: tuple[float, float]
) -> Floats:
    if parameter == "pitch":
        wide = float(cents_to_ratio(500.0))
        return reading_back.pitch_hz(sound, rate, at_s, span[0] / wide, span[1] * wide)
    window_s = WINDOW_S[parameter]
    if parameter == "density":
        onsets = reading_back.onsets_s(sound, rate)
        return reading_back.density_per_s(onsets, at_s, window_s)
    ways: dict[str, Callable[..., Floats]] = {
        "level": reading_back.level_db,
        "pan": reading_back.pan,
        "cutoff": reading_back.centroid_octaves,
    }
    heard = ways[parameter](sound, rate, at_s, window_s)
    if parameter in ("level", "cutoff"):
        # How loud or bright a module is by itself is no data: only differences are.
        heard = heard + np.nanmedian(wanted) - np.nanmedian(heard)
    return heard


def _judged(
    one: VerifyDef, reading: _Reading, at_s: Floats, wanted: Floats, heard: Floats, control: str
) -> Check:
    kind = one.parameter
    there = np.isfinite(heard)
    coverage = float(there.mean())
    x, y = wanted[there], heard[there]
    errors = np.abs(ratio_to_cents(y / x)) if kind == "pitch" else np.abs(y - x)
    median, most = (float(np.percentile(errors, p)) if len(errors) else np.inf for p in (50, 95))
    check = Check(
        name=one.name,
        kind=kind,
        coverage=coverage,
        spearman=reading_back.spearman(x, y),
        pearson=reading_back.pearson(np.log(x), np.log(y))
        if kind == "pitch"
        else reading_back.pearson(x, y),
        median_error=median,
        error_95=most,
        unit=UNITS[kind],
        control=control,
        at_s=at_s,
        wanted=wanted,
        heard=heard,
    )
    if kind in ("pitch", "pan", "density"):
        (meant, unit), (told_, _) = reading.in_data(x), reading.in_data(y)
        if meant is not None and told_ is not None and len(meant):
            off = np.abs(told_ - meant)
            check = replace(
                check,
                data_median=float(np.median(off)),
                data_95=float(np.percentile(off, 95)),
                data_unit=unit,
                signal=next(iter(reading.signals)),
                data_heard=reading.in_data(heard)[0],
            )
    return replace(check, failures=tuple(_failures(one, check, reading, x, y)))


def _failures(one: VerifyDef, check: Check, reading: _Reading, x: Floats, y: Floats) -> list[str]:
    kind, locked = check.kind, reading.snapped
    least = LOCKED_LEAST if kind == "pitch" and locked else LEAST[kind]
    least = least if one.rank is None else one.rank
    lines = []
    if check.coverage < COVERAGE:
        lines.append(f"coverage {check.coverage:.2f}, at least {COVERAGE}")
    if not check.spearman >= least:
        lines.append(f"rank correlation {check.spearman:.3f}, at least {least:g}")
    if kind == "density":
        most = MOST[kind] if one.error is None else one.error
        asked, counted = float(x.sum()), float(y.sum())
        if not abs(counted - asked) <= most * asked:
            lines.append(
                f"count off by {100 * (counted / asked - 1):+.1f} %, at most {100 * most:g} %"
            )
        return lines
    if kind == "cutoff":
        return lines
    most = MOST[kind] if one.error is None else one.error
    if kind == "pitch" and locked and one.error is None:
        most = 0.5 * locked + LOCKED_SPARE_CENTS
    if not check.error_95 <= most:
        lines.append(f"95 % error {check.error_95:.3g} {check.unit}, at most {most:g}".strip())
    if kind == "pitch" and not locked and one.error is None and check.median_error > MEDIAN_CENTS:
        lines.append(f"median error {check.median_error:.3g} cents, at most {MEDIAN_CENTS:g}")
    return lines
