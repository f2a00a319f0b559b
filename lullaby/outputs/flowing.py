"""What a part that sounds on should sound like, by its data alone, and what is heard of it.

It is compared by the piece's own time: smoothing and snapping are not made up for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lullaby.measure import reading_back
from lullaby.model.chance import Floats
from lullaby.model.context import VerifyDef
from lullaby.model.performance import Performance, Run
from lullaby.model.signal import Known, Signal
from lullaby.outputs.asked_for import curve_of, data_in, plain, span, widest_step_cents
from lullaby.outputs.untruths import untrue
from lullaby.units import MICRO, cents_to_ratio, db_to_gain

EVERY_S = 0.1
WINDOW_S = {"level": 2.0, "pan": 0.5, "cutoff": 1.0, "density": 4.0}
OPEN = 0.9  # as far as a part must have faded in


class Flowing:
    """One run of a part: when it is read, and what is wanted there."""

    def __init__(
        self, performance: Performance, run: Run, one: VerifyDef, known: Known, control: str
    ) -> None:
        self.curve = curve_of(run, one)
        signals, columns = data_in(self.curve, performance, one)
        self.signals, self.columns = signals, columns
        self.snapped = widest_step_cents(self.curve)
        start_s = run.start_us / MICRO
        half = WINDOW_S.get(one.parameter, 0.1) / 2.0
        first, last = _where(signals, columns, known, run)
        t = np.arange(np.ceil((first + half) / EVERY_S), (last - half) / EVERY_S) * EVERY_S
        kept = np.ones(len(t), bool)
        for side in (-half, 0.0, half):
            kept &= run.desk.fade(np.maximum(t - start_s + side, 0.0)) > OPEN
        self.at_s = t[kept]
        self.span = span(self.curve)
        self.truth = untrue(control, plain(self.curve), known, signals, columns, t - start_s)
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


def heard(
    parameter: str, sound: Any, rate: int, at_s: Floats, wanted: Floats, within: tuple[float, float]
) -> Floats:
    """Return a parameter at times, read back from a sound (2, frames); NaN: nothing is heard.

    ``within``: the bounds of a pitch; where the unit has no zero, differences alone are heard.
    """
    if parameter == "pitch":
        wide = float(cents_to_ratio(500.0))
        return reading_back.pitch_hz(sound, rate, at_s, within[0] / wide, within[1] * wide)
    window_s = WINDOW_S[parameter]
    if parameter == "density":
        onsets = reading_back.onsets_s(sound, rate)
        return reading_back.density_per_s(onsets, at_s, window_s)
    ways: dict[str, Callable[..., Floats]] = {
        "level": reading_back.level_db,
        "pan": reading_back.pan,
        "cutoff": reading_back.centroid_octaves,
    }
    made = ways[parameter](sound, rate, at_s, window_s)
    if parameter in ("level", "cutoff"):
        # How loud or bright a module is by itself is no data: only differences are.
        made = made + np.nanmedian(wanted) - np.nanmedian(made)
    return made
