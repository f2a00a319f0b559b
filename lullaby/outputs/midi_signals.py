"""Signals as controllers: the data themselves, beside the notes they made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lullaby.model.context import ChannelDef
from lullaby.model.performance import Performance
from lullaby.outputs.midi_lanes import Lane, Stretch


def signal_lanes(performance: Performance, part: str, end_s: float) -> list[Lane]:
    """Return the lanes that stand on a part's track ("": on that of the arcs), 0..1 as 0..127."""
    known = performance.known
    if known is None:
        return []
    made = []
    for one in performance.lanes:
        shown = performance.channels.get(one.part, ChannelDef()).shown
        if (one.part if one.part in performance.parts and shown else "") != part:
            continue
        signal = known.signals[one.signal]
        ends = [f"{float(signal.data(np.float64(u))):.6g}" for u in (0.0, 1.0)]
        scale = "" if signal.scale.kind == "linear" else f", {signal.scale.kind}"
        says = f"{one.signal} {ends[0]}..{ends[1]} {signal.unit}".rstrip() + scale
        made.append(Lane(one.cc, one.signal, says, (Stretch(0.0, end_s, signal),)))
    return made


def joined(own: Sequence[Lane], data: Sequence[Lane]) -> list[Lane]:
    """Return both; where they share a controller, data come before the module's own."""
    taken = {lane.cc for lane in data}
    return [*(lane for lane in own if lane.cc not in taken), *data]
