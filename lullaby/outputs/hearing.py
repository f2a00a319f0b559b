"""A running engine into ears instead of files, and what a performance says of itself to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lullaby.measure.arc import Stretch
from lullaby.model.performance import Performance
from lullaby.model.take import Take, Touch
from lullaby.outputs.render import Rendered, Source, Watcher
from lullaby.units import MICRO, gain_to_db

if TYPE_CHECKING:
    from lullaby.measure.listening import Measurement

Taker = Callable[[NDArray[np.float32]], object]
BLOCK = 32768  # frames asked for at a time
BEFORE = -(1 << 40)  # a grid point before anything, pre-roll and means over the past included


def hear(
    source: Source, takers: Mapping[str, Taker], *, watcher: Watcher | None = None
) -> Rendered:
    """Hand a source's blocks, to the end of its tail, to takers by the name of the stream."""
    first, peak = source.position, 0.0
    while not source.ended:
        streams = source.read_all(BLOCK)
        if not streams["master"].shape[1]:
            continue
        for name, taker in takers.items():
            taker(streams[name])
        loudest = float(np.abs(streams["master"]).max())
        peak = max(peak, loudest)
        if watcher is not None:
            watcher.at(source.position, loudest)
    return Rendered(
        frames=source.position - first,
        sample_rate=source.sample_rate,
        peak_dbfs=float(gain_to_db(peak)),
        muted=tuple(sorted(source.muted)),
        messages=tuple(source.messages),
    )


def stretches(performance: Performance) -> list[Stretch]:
    """Return the scenes; those visited again are numbered, so that each has its own name."""
    often = Counter(span.name for span in performance.scenes)
    return [
        Stretch(
            f"{span.name} ({span.visit + 1})" if often[span.name] > 1 else span.name,
            span.start_us / MICRO,
            span.length_us / MICRO,
        )
        for span in performance.scenes
    ]


def written(
    performance: Performance, seconds: int, from_s: float = 0.0
) -> dict[str, NDArray[np.float64]]:
    """Return every arc as the score wrote it, in the middle of each second from a moment on."""
    times_s = from_s + np.arange(seconds) + 0.5
    return {name: np.asarray(arc(times_s)) for name, arc in performance.arcs.items()}


def arcs_to_judge(
    performance: Performance, measured: Measurement
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return panic and surrender as written, for every row; 0 where the score has no such arc."""
    seconds = len(measured.rows)
    arcs = written(performance, seconds)
    nothing = np.zeros(seconds)
    return arcs.get("panic", nothing), arcs.get("surrender", nothing)


def frozen_take(performance: Performance, sample_rate: int) -> Take:
    """Return the take of a hand that holds surrender at 0, everywhere and from before the start."""
    take = Take(sample_rate)
    owners = dict.fromkeys([*performance.parts, *(bus.name for bus in performance.buses)])
    for name in ("surrender", *(f"{owner}.surrender" for owner in owners)):
        take.add(Touch(BEFORE, name, 0.0))
    return take
