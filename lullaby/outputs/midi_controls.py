"""Which controllers a part has: its module's declaration, its heat, and its fader."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.curve import Curve
from lullaby.model.performance import Desk, Run
from lullaby.outputs.midi_lanes import Lane, Stretch, ranged, stretch
from lullaby.units import MICRO, db_to_gain

EXPRESSION = 11  # level and fade of the part
USUAL = {"surrender": 1, "panic": 20}  # where the module does not say otherwise
PAIRED = frozenset({*range(1, 6), *range(7, 32)})  # not bank select (0) nor data entry (6)
There = Callable[[str, Floats], Floats]
FREE = (*range(20, 32), *range(102, 120))  # undefined controllers, for arcs


def controls(runs: Sequence[Run], end_s: float, there: There) -> list[Lane]:
    """Return the controllers of one part, by the runs it plays (in order of time).

    ``there``: how far a part is heard at times of the piece, for those who give way to it.
    """
    module = type(runs[0].settings)
    declared = dict(module.midi.cc)
    for name, cc in USUAL.items():
        if cc not in declared.values():
            declared.setdefault(name, cc)
    lanes = []
    for name, cc in declared.items():
        p = module.params().get(name)
        if p is None or p.each:  # what is drawn for each event has no curve
            continue
        share = ranged(p.low, p.high, p.log)
        pieces = tuple(
            stretch(begin_s, until_s, run.settings.curves[name], share)
            for run, begin_s, until_s in _times(runs, end_s)
        )
        unit = "" if p.unit == "ratio" else p.unit
        scale = ", log" if p.log else ""
        says = f"{p.score_name} {p.low:g}..{p.high:g} {unit}".rstrip() + scale
        lanes.append(Lane(cc, name, says, pieces))
    if EXPRESSION not in declared.values():
        fader = tuple(
            Stretch(begin_s, until_s, _fader(run.desk, begin_s, there))
            for run, begin_s, until_s in _times(runs, end_s)
        )
        lanes.append(Lane(EXPRESSION, "level", "level and fade, 40 log10(v / 127) dB", fader))
    return lanes


def arc_controls(
    arcs: Mapping[str, Curve], numbers: Mapping[str, int | None], end_s: float
) -> list[Lane]:
    """Return the controllers of the arcs: by their own numbers, else the next free one."""
    given = {cc for cc in numbers.values() if cc is not None}
    free = iter([cc for cc in FREE if cc not in given])
    lanes = []
    for name, curve in arcs.items():
        cc = numbers.get(name)
        if cc is None:
            cc = next(free, None)
        if cc is None:
            break
        low, high = _range(curve)
        share = ranged(low, high, log=False)
        lanes.append(
            Lane(cc, name, f"{name} {low:g}..{high:g}", (stretch(0.0, end_s, curve, share),))
        )
    return lanes


def chosen(lanes: list[Lane], wanted: bool | frozenset[str]) -> list[Lane]:
    """Return the lanes that are wanted: all, none, or those of these numbers or names."""
    if isinstance(wanted, bool):
        return lanes if wanted else []
    return [lane for lane in lanes if wanted & {str(lane.cc), lane.name}]


def refined(lanes: list[Lane]) -> list[Lane]:
    """Return lanes as pairs of controllers (n and n + 32, MIDI 1.0), where n has one to itself."""
    taken = {lane.cc for lane in lanes}
    return [
        replace(lane, fine=True) if lane.cc in PAIRED and lane.cc + 32 not in taken else lane
        for lane in lanes
    ]


def _range(curve: Curve) -> tuple[float, float]:
    # An arc is a share, 0 to 1, unless it goes beyond.
    low, high = curve.bounds()
    if not (np.isfinite(low) and np.isfinite(high)):
        return 0.0, 1.0
    return min(low, 0.0), max(high, 1.0)


def _times(runs: Sequence[Run], end_s: float) -> list[tuple[Run, float, float]]:
    begins = [run.start_us / MICRO for run in runs]
    lasts = [*begins[1:], end_s]
    return [
        (run, begin_s, min(run.end_us / MICRO, last_s, end_s))
        for run, begin_s, last_s in zip(runs, begins, lasts, strict=True)
    ]


def _fader(desk: Desk, begin_s: float, there: There) -> Callable[[Floats], Floats]:
    def share(t: Floats) -> Floats:
        level_db = desk.level_db(t - begin_s)
        for part, depth in desk.ducks_db.items():
            level_db = level_db - depth(t - begin_s) * there(part, t)
        gain = db_to_gain(level_db) * desk.fade(t - begin_s)
        return np.asarray(np.sqrt(np.clip(gain, 0.0, 1.0)))

    return share
