"""When parts are heard over a whole piece, for the faders of those who give way to them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.curve import Curve
from lullaby.model.event import Events
from lullaby.model.performance import Performance
from lullaby.model.presence import Manner, Spans, ends, heard, manner, merged
from lullaby.units import MICRO

Heard = tuple[float, float, Spans, Curve, Manner]  # a run: from, length (s), when, fade, how


class Leaders:
    """How far each part that others give way to is there, by all its events."""

    def __init__(self, performance: Performance, events: Mapping[str, Events]) -> None:
        wanted = {part for run in performance.runs for part in run.desk.ducks_db}
        self._runs: dict[str, list[tuple[float, float, Spans, Curve, Manner]]] = {
            p: [] for p in wanted
        }
        for run in performance.runs:
            if run.part not in wanted or run.part not in events:
                continue
            begin_s, end_s = run.start_us / MICRO, run.end_us / MICRO
            found = events[run.part]
            found = found[(found["at_s"] >= begin_s) & (found["at_s"] < end_s)]
            at_s = found["at_s"] - begin_s
            last_s = np.minimum(ends(run.settings, at_s, found["duration_s"]), end_s - begin_s)
            spans, how = merged(at_s, last_s), manner(run.settings)
            self._runs[run.part].append((begin_s, end_s - begin_s, spans, run.desk.fade, how))

    def __call__(self, part: str, t: Floats) -> Floats:
        """Return how far a part is heard at times of the piece, 0..1."""
        out = np.zeros(np.shape(t))
        for begin_s, length_s, spans, fade, how in self._runs.get(part, ()):
            out = np.maximum(out, heard(t - begin_s, spans, fade, length_s, how))
        return out
