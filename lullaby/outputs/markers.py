"""Named places in a file: where scenes begin, and what cues marked."""

from __future__ import annotations

from dataclasses import dataclass

from lullaby.model.performance import Performance
from lullaby.units import MICRO


@dataclass(frozen=True, order=True)
class Marker:
    """A frame of a file and what happens there."""

    frame: int
    label: str


def markers(performance: Performance, sample_rate: int, first: int, last: int) -> list[Marker]:
    """Return the markers of frames ``first`` to ``last`` (exclusive) of a piece, in their order.

    The scene in which the file begins stands at its frame 0.
    """
    found: list[Marker] = []
    for scene in performance.scenes:
        begin = _frame(scene.start_us, sample_rate)
        end = _frame(scene.start_us + scene.length_us, sample_rate)
        if begin < last and end > first:
            found.append(Marker(max(begin, first) - first, scene.name))
    for mark in performance.marks:
        frame = _frame(mark.at_us, sample_rate)
        if first <= frame < last:
            found.append(Marker(frame - first, mark.name))
    return sorted(found, key=lambda marker: marker.frame)


def _frame(time_us: int, sample_rate: int) -> int:
    return (2 * time_us * sample_rate + MICRO) // (2 * MICRO)
