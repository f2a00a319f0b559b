"""What each row of a part with ``each`` should sound like, and the tones that are heard of it.

Rows are compared as they are sounded: after ``at_most`` and ``merge``.  A row without a tone near
its time is not made up for: it counts as not heard.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lullaby.errors import UsageError
from lullaby.measure.struck_tones import Tones, struck_tones
from lullaby.model.chance import Chance, Floats
from lullaby.model.context import VerifyDef
from lullaby.model.performance import Performance, Run
from lullaby.model.signal import Known
from lullaby.outputs.asked_for import curve_of, data_in, plain, span, widest_step_cents
from lullaby.outputs.untruths import untrue
from lullaby.units import MICRO, STEP

READ = ("pitch", "level", "pan")
OPEN = 0.1  # as far as a part must have faded in: what is softer is not read
SHUT = 1e-4  # as far as it can be undone
NEAR_S = 0.05  # a tone farther from a row's time is not that row's
WIDE = 2.0 ** (5 / 12)  # how far beyond the tones of its rows a pitch is looked for
LOWEST_HZ, HIGHEST_HZ = 35.0, 4000.0


class Struck:
    """The rows of one run: when they sound, and what is wanted of each."""

    def __init__(
        self,
        performance: Performance,
        run: Run,
        one: VerifyDef,
        known: Known,
        control: str,
        length_s: float,
    ) -> None:
        assert run.strikes is not None
        if one.parameter not in READ:
            choice = "pitch, level and pan"
            raise UsageError(f"'{one.name}': of a part with 'each' {choice} are read back")
        self.curve = curve_of(run, one)
        signals, columns = data_in(self.curve, performance, one)
        self.signals, self.columns = signals, columns
        self.snapped = widest_step_cents(self.curve)
        t = run.strikes.at_s
        start_s = run.start_us / MICRO
        here = (run.desk.fade(t) > OPEN) & (t + start_s < length_s)
        truth = untrue(control, plain(self.curve), known, signals, columns, t[here])
        own = Chance(run.key).of("rows").at(run.strikes.index[here])
        self.at_s = t[here] + start_s
        self.wanted: Floats = truth(t[here], own)


def tones_of(sound: Any, sample_rate: int, runs: Sequence[Run]) -> Tones:
    """Return all tones in the sound of a part, float (2, frames)."""
    return struck_tones(_opened(sound, sample_rate, runs), sample_rate, *_bounds(runs))


def heard(parameter: str, tones: Tones, at_s: Floats, wanted: Floats) -> tuple[Floats, float]:
    """Return a parameter of each row's tone (NaN: none is there), and how far onsets are off (ms).

    ``at_s``: when the rows should sound, in the piece.
    """
    mine = _matched(tones, at_s)
    found = mine >= 0
    if not found.any():
        return np.full(len(at_s), np.nan), np.inf
    column = {"pitch": tones.pitch_hz, "level": tones.level_db, "pan": tones.pan}[parameter]
    made = np.where(found, column[np.maximum(mine, 0)], np.nan)
    off_ms = 1000.0 * np.abs(tones.at_s[mine[found]] - at_s[found])
    if parameter == "level":
        # How loud a module is by itself is no data: only differences are.
        made = made + np.median(wanted[found]) - np.median(made[found])
    return made, float(np.percentile(off_ms, 95))


def _opened(sound: Any, sample_rate: int, runs: Sequence[Run]) -> Floats:
    # As if the part had not faded in and out: a tone that grows is no tone that dies away.
    made = np.array(sound, np.float64)
    for run in runs:
        first = round(run.start_us * sample_rate / MICRO)
        last = min(round(run.end_us * sample_rate / MICRO), made.shape[1])
        grid = np.arange(first // STEP, last // STEP + 2) * STEP
        fade = run.desk.fade((grid - first) / sample_rate)
        made[:, first:last] /= np.maximum(np.interp(np.arange(first, last), grid, fade), SHUT)
    return made


def _bounds(runs: Sequence[Run]) -> tuple[float, float]:
    curve = runs[0].settings.curves.get("pitch_hz")
    if curve is None:
        return LOWEST_HZ, HIGHEST_HZ
    low, high = span(curve)
    return max(low / WIDE, LOWEST_HZ), min(high * WIDE, HIGHEST_HZ)


def _matched(tones: Tones, at_s: Floats) -> np.ndarray:
    """Return the tone of each row, -1 for none: the nearest first, and each tone once."""
    mine = np.full(len(at_s), -1, np.int64)
    if not len(tones.at_s):
        return mine
    first = np.searchsorted(tones.at_s, at_s - NEAR_S)
    last = np.searchsorted(tones.at_s, at_s + NEAR_S)
    pairs = [
        (abs(tones.at_s[j] - at_s[i]), i, j)
        for i in range(len(at_s))
        for j in range(first[i], last[i])
    ]
    taken: set[int] = set()
    for _, i, j in sorted(pairs):
        if mine[i] < 0 and j not in taken:
            mine[i] = j
            taken.add(j)
    return mine
