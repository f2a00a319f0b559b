"""A picture of data, signals and sound on one axis of time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.errors import UsageError
from lullaby.measure.layers import Panel, layers
from lullaby.measure.palette import EMBER, OTHERS, TEAL
from lullaby.model.performance import Performance
from lullaby.model.signal import Known, Signal
from lullaby.outputs.verifying import Check
from lullaby.units import MICRO

COLOURS = (TEAL, *OTHERS)
MOST = 4  # signals that are drawn
POINTS = 2000


def draw(
    performance: Performance,
    samples: NDArray[np.float32],
    sample_rate: int,
    path: Path,
    checks: Sequence[Check] = (),
) -> None:
    """Draw each signal in its data's units, what was read back from the sound, and the sound.

    Raises UsageError for a score without signals, or where pictures cannot be drawn.
    """
    known = performance.known or Known()
    if not known.signals:
        raise UsageError("the score has no signals to draw; 'lullaby picture' draws its sound")
    length_s = samples.shape[1] / sample_rate
    panels = [
        _panel(signal, colour, length_s, checks)
        for signal, colour in zip(list(known.signals.values())[:MOST], COLOURS, strict=False)
    ]
    marks = [(mark.name, mark.at_us / MICRO) for mark in performance.marks]
    arcs = {name: curve for name, curve in performance.arcs.items() if name == "panic"}
    t = np.linspace(0.0, length_s, POINTS)
    if arcs:
        panels.append(Panel("panic", t, arcs["panic"](t), EMBER))
    layers(samples, sample_rate, performance.title, panels, marks, path)


def _panel(signal: Signal, colour: str, length_s: float, checks: Sequence[Check]) -> Panel:
    t = np.linspace(0.0, length_s, POINTS)
    values: Any = np.asarray(signal.data(signal(t), t))
    if signal.present is not None:
        values = np.where(signal.present(t) > 0.5, values, np.nan)
    heard: tuple[Any, Any] | None = None
    for check in checks:
        told = check.data_heard is not None and np.isfinite(check.data_heard).any()
        if check.signal == signal.name and told and check.at_s is not None:
            heard = (check.at_s, check.data_heard)
            break
    name = f"{signal.name}, {signal.unit}" if signal.unit else signal.name
    return Panel(name, t, values, colour, signal.scale.kind == "log", heard)
