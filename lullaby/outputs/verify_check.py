"""One parameter as it was read back from sound, and whether that is near enough to its data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lullaby.measure import reading_back
from lullaby.model.chance import Floats
from lullaby.model.context import VerifyDef
from lullaby.units import ratio_to_cents

LEAST = {"pitch": 0.98, "level": 0.95, "pan": 0.93, "cutoff": 0.9, "density": 0.93}
MOST = {"pitch": 60.0, "level": 1.5, "pan": 0.1, "density": 0.05}
UNITS = {"pitch": "cents", "level": "dB", "pan": "", "cutoff": "octaves", "density": "/s"}
LOCKED_LEAST, LOCKED_SPARE_CENTS = 0.93, 30.0
MEDIAN_CENTS = 15.0
COVERAGE = 0.95
ONSET_MS = 20.0  # how far from the time of its row a tone may begin


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
    onset_ms: float | None = None  # 95 % error of where struck tones begin
    locked_cents: float = 0.0  # the widest step it snaps by

    @property
    def passes(self) -> bool:
        """Return whether nothing failed."""
        return not self.failures


def compared(one: VerifyDef, at_s: Floats, wanted: Floats, heard: Floats, control: str) -> Check:
    """Return how far what was heard (NaN: nothing) is from what was wanted; nothing failed yet."""
    kind = one.parameter
    there = np.isfinite(heard)
    coverage = float(there.mean())
    x, y = wanted[there], heard[there]
    errors = np.abs(ratio_to_cents(y / x)) if kind == "pitch" else np.abs(y - x)
    median, most = (float(np.percentile(errors, p)) if len(errors) else np.inf for p in (50, 95))
    return Check(
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


def judged(one: VerifyDef, check: Check) -> Check:
    """Return the check with all in which it failed (the thresholds are those of the docs)."""
    assert check.wanted is not None
    assert check.heard is not None
    there = np.isfinite(check.heard)
    found = _failures(one, check, check.wanted[there], check.heard[there])
    if check.onset_ms is not None and not check.onset_ms <= ONSET_MS:
        found.append(f"onsets off by {check.onset_ms:.3g} ms, at most {ONSET_MS:g}")
    return replace(check, failures=tuple(found))


def _failures(one: VerifyDef, check: Check, x: Floats, y: Floats) -> list[str]:
    kind, locked = check.kind, check.locked_cents
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
