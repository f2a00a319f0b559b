"""The poster of a performance: what is written, over what was rendered of it."""

from __future__ import annotations

import difflib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lullaby.errors import UsageError
from lullaby.measure.picture import poster
from lullaby.model.performance import Performance
from lullaby.outputs.hearing import stretches, written
from lullaby.units import MICRO


def stream(performance: Performance, part: str | None) -> str:
    """Return the engine's name for a part's or bus's stem, or for the whole (None).

    Raises UsageError for a name that is neither.
    """
    if part is None:
        return "master"
    names = [*performance.parts, *(bus.name for bus in performance.buses)]
    if part in names:
        return f"stem {part}"
    near = difflib.get_close_matches(part, names, 1)
    hint = f" (did you mean {near[0]!r}?)" if near else f"; there are {', '.join(names)}"
    raise UsageError(f"there is no part {part!r}{hint}")


def draw(
    performance: Performance,
    samples: NDArray[np.float32],
    sample_rate: int,
    path: Path,
    *,
    part: str | None = None,
    from_s: float = 0.0,
    rows: NDArray[np.void] | None = None,
) -> None:
    """Draw samples (channels, frames) of a performance, from ``from_s`` on, as a .png or .svg.

    ``rows``: their features, if they are known already.
    """
    length_s = samples.shape[1] / sample_rate
    scenes = []
    for scene in stretches(performance):
        first = max(0.0, scene.start_s - from_s)
        last = min(length_s, scene.start_s + scene.length_s - from_s)
        if last > first:
            scenes.append((scene.name, first, last - first))
    marks = [(mark.name, mark.at_us / MICRO - from_s) for mark in performance.marks]
    poster(
        samples,
        sample_rate,
        title=performance.title if part is None else f"{performance.title}: {part}",
        scenes=scenes,
        arcs=written(performance, int(length_s), from_s),
        marks=[(name, at_s) for name, at_s in marks if 0.0 <= at_s <= length_s],
        path=path,
        rows=rows,
    )
