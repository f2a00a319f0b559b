"""Lines over a sound, on one axis of time: data, what is read back of them, the spectrogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lullaby.errors import UsageError
from lullaby.measure import picture as house
from lullaby.measure.arc import arc_reading
from lullaby.measure.block import checked_block, checked_rate
from lullaby.measure.features import features
from lullaby.measure.palette import INK, NIGHT

TOP, BOTTOM, GAP = 0.90, 0.058, 0.035
SOUND = 0.42  # of the height, the spectrogram's


@dataclass(frozen=True)
class Panel:
    """One line over time: ``values`` at ``at_s``, and what was read back (times, values)."""

    name: str
    at_s: Any
    values: Any
    colour: str
    log: bool = False
    heard: tuple[Any, Any] | None = None


def layers(
    samples: ArrayLike,
    sample_rate: int,
    title: str,
    panels: Sequence[Panel],
    marks: Sequence[tuple[str, float]],
    path: Path,
) -> None:
    """Draw panels over the spectrogram of a sound as a PNG or SVG of 1600 x 900 pixels.

    ``samples``: (channels, frames), at least 1 s.  Raises UsageError for another suffix or without
    matplotlib (extra ``picture``), OutputError where the file cannot be written whole.
    """
    house.check_picture(path)
    block = checked_block(samples)
    if block.shape[1] < checked_rate(sample_rate):
        raise UsageError("a picture needs at least 1 s of sound")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    rows = features(block, sample_rate)
    index = arc_reading(rows, []).index
    length_s = block.shape[1] / sample_rate
    size = (house.WIDTH / house.DPI, house.HEIGHT / house.DPI)
    figure = Figure(figsize=size, dpi=house.DPI, facecolor=NIGHT)
    FigureCanvasAgg(figure)
    house._heading(figure, title, length_s, rows)
    each = (TOP - BOTTOM - SOUND - GAP * len(panels)) / max(len(panels), 1)
    drawn = []
    for i, panel in enumerate(panels):
        bottom = TOP - (i + 1) * each - i * GAP
        axes = figure.add_axes((house.LEFT, bottom, house.RIGHT - house.LEFT, each))
        house._plain(axes, length_s)
        _line(axes, panel)
        drawn.append(axes)
    sound = figure.add_axes((house.LEFT, BOTTOM, house.RIGHT - house.LEFT, SOUND))
    house._plain(sound, length_s)
    house._sound(sound, block, sample_rate, index, length_s)
    house._times(sound, length_s)
    for axes in (*drawn, sound):
        for _, at_s in marks:
            axes.axvline(at_s, color=INK, linewidth=0.8, alpha=0.5, dashes=(2, 3))
    house._write(figure, path)


def _line(axes: Any, panel: Panel) -> None:
    if panel.log:
        axes.set_yscale("log")
    axes.plot(panel.at_s, panel.values, color=panel.colour, linewidth=1.8)
    if panel.heard is not None:
        axes.plot(*panel.heard, ".", color=INK, markersize=2.2, alpha=0.6)
    known = panel.values[np.isfinite(panel.values)]
    if len(known) and known.min() < known.max():
        ends = [float(known.min()), float(known.max())]
        axes.set_yticks(ends, [f"{end:.3g}" for end in ends])
        axes.minorticks_off()
    name = panel.name + (" (dots: read back from the sound)" if panel.heard is not None else "")
    house._text(
        axes, 0.0, 1.02, name, 9.5, color=panel.colour, transform=axes.transAxes, va="bottom"
    )
