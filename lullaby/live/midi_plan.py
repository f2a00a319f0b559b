"""The messages of a piece, for a port, from its score and performance."""

from __future__ import annotations

from lullaby.engine.listing import events
from lullaby.engine.timeline import visits
from lullaby.model.performance import Performance
from lullaby.model.score import Score
from lullaby.outputs.midi_file import Form
from lullaby.outputs.midi_stream import Stream, stream
from lullaby.units import MICRO


def planned(score: Score, performance: Performance, form: Form | None = None) -> Stream:
    """Return all messages of a piece, or of its stretch that is laid out; no sound is made."""
    from_us = performance.scenes[0].start_us if performance.scenes else 0
    end_us = max([performance.length_us, *(run.end_us for run in performance.runs)])
    return stream(
        performance,
        events(performance, from_us / MICRO, end_us / MICRO),
        [(visit.start_us, visit.clock) for visit in visits(score, performance.length_us)],
        {arc.name: arc.cc for arc in score.arcs},
        form or Form(),
    )
