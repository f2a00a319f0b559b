"""The events of a whole performance in any window, in the time of the piece."""

from __future__ import annotations

from lullaby.engine.composer import composer
from lullaby.engine.hands import Hands
from lullaby.model.event import Events, in_order
from lullaby.model.performance import Performance
from lullaby.model.take import Take
from lullaby.units import MICRO

RATE = 48000  # only places hands on the grid; events never see it


def events(performance: Performance, from_s: float, to_s: float) -> list[tuple[str, Events]]:
    """Return each part's events that start in a window of the piece, in the order of the score."""
    hands = Hands(Take(RATE))
    made: dict[str, list[Events]] = {part: [] for part in performance.parts}
    for run in performance.runs:
        start_s = run.start_us / MICRO
        found = composer(performance, run, RATE, hands)((from_s - start_s, to_s - start_s))
        if len(found):
            found["at_s"] += start_s
            made[run.part].append(found)
    return [(part, in_order(*tables)) for part, tables in made.items() if tables]
