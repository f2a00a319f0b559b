"""Signals as controllers: the data themselves, beside the notes they made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lullaby.model.context import ChannelDef
from lullaby.model.performance import Performance
from lullaby.model.signal import Signal
from lullaby.outputs.midi_lanes import Lane, Stretch

MOST_WORDS = 16


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
        says = f"{one.signal} {_meaning(signal)}"
        made.append(Lane(one.cc, one.signal, says, (Stretch(0.0, end_s, signal),)))
    return made


def _meaning(signal: Signal) -> str:
    # What 0 and 127 stand for, and how the values between lie.
    scale = signal.scale
    kind = "" if scale.kind == "linear" else f", {scale.kind}"
    kind += f" {scale.power:g}" if scale.kind == "pow" else ""
    kind += "" if scale.mid is None else f", half at {scale.mid:.6g}"
    kind += "" if scale.levels is None else f", {scale.levels} levels"
    if scale.words:
        return ", ".join(signal.words[:MOST_WORDS]) + kind
    if signal.rolling_s is not None:
        return f"{signal.said(0.0)} to {signal.said(1.0)}{kind}"
    ends = [f"{float(signal.data(np.float64(u))):.6g}" for u in (0.0, 1.0)]
    return f"{ends[0]}..{ends[1]} {signal.unit}".rstrip() + kind


def joined(own: Sequence[Lane], data: Sequence[Lane]) -> list[Lane]:
    """Return both; where they share a controller, data come before the module's own."""
    taken = {lane.cc for lane in data}
    return [*(lane for lane in own if lane.cc not in taken), *data]
