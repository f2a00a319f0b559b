"""Values of a performance read over the time of the piece."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lullaby.model.curve import Curve
from lullaby.model.performance import Performance, Run
from lullaby.units import MICRO

Floats = NDArray[np.float64]


def sampled(performance: Performance, kind: str, owner: str, name: str, t: Floats) -> Floats:
    """Return a value at times of the piece (s); NaN where the part does not play.

    ``kind`` is "part", "bus", "master" or "arc"; ``name`` that of the declaration,
    ``send.BUS`` or ``duck.PART``.
    """
    found = np.full(len(t), np.nan)
    if kind == "part":
        for run in performance.runs:
            if run.part == owner:
                here = (t * MICRO >= run.start_us) & (t * MICRO < run.end_us)
                found[here] = _read(_of_run(run, name), t[here] - run.start_us / MICRO)
        return found
    if kind == "arc":
        return _read(performance.arcs[owner], t)
    if kind == "master":
        return _read(performance.master.curves[name], t)
    bus = next(b for b in performance.buses if b.name == owner)
    curves: dict[str, Curve] = {}
    for effect in bus.effects:
        curves |= effect.curves
    return _read(_one(curves, bus.level_db, bus.sends_db, name), t)


def _of_run(run: Run, name: str) -> Curve:
    if name == "pan":
        return run.pan_each or run.desk.pan
    if name.startswith("duck."):
        return run.desk.ducks_db[name.removeprefix("duck.")]
    return _one(run.settings.curves, run.desk.level_db, run.desk.sends_db, name)


def _one(
    curves: Mapping[str, Curve], level_db: Curve, sends_db: Mapping[str, Curve], name: str
) -> Curve:
    if name.startswith("send."):
        return sends_db[name.removeprefix("send.")]
    return curves.get(name, level_db)


def _read(curve: Curve, t: Floats) -> Floats:
    # One time at once: what remembers the past would fill in all that lies between.
    return np.asarray([float(curve(t[i : i + 1])[0]) for i in range(len(t))])
