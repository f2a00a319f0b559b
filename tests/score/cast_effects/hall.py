"""An effect with a time and a frequency."""

from __future__ import annotations

from lullaby.model.effect import Effect
from lullaby.model.sheet import count, param


class Hall(Effect):
    """A room."""

    decay_s = param(2.0, "s", (0.1, 20.0), "Decay.", log=True)
    damping_hz = param(4000.0, "Hz", (200.0, 16000.0), "Damping.", log=True)
    wet = param(1.0, "ratio", (0.0, 1.0), "Wet.")
    lines = count(8, (4, 16), "Lines.")
