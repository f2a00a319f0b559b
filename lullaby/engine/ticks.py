"""Ticks of data time, as marks in the piece."""

from __future__ import annotations

import numpy as np

from lullaby.model.context import LegendDef
from lullaby.model.performance import Mark
from lullaby.model.signal import Known
from lullaby.units import MICRO

MOST = 1000


def ticks(known: Known, wanted: LegendDef | None) -> list[Mark]:
    """Return a mark at every tick of data time, of each source that is shown."""
    if wanted is None or wanted.tick_s is None:
        return []
    made = []
    for name, span in known.spans.items():
        first = np.ceil(span.first / wanted.tick_s) * wanted.tick_s
        times = np.arange(first, span.last + 1e-9, wanted.tick_s)[:MOST]
        for t in times:
            at_s = span.at_s + (float(t) - span.first) * span.speed
            text = str(np.datetime64(round(t), "s")) if span.calendar else f"{t:g} s"
            made.append(Mark(f"{name} {text}", round(at_s * MICRO)))
    return made
