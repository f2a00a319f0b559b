"""A second module."""

from __future__ import annotations

from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Module
from lullaby.model.sheet import param, surrender


class Sigh(Gesture):
    """It sinks and comes back."""

    over_s = param(4.0, "s", (0.5, 20.0), "How long.")
    depth_db = param(6.0, "dB", (0.0, 40.0), "How much softer.")
    bends = (Bend("level_db", "depth_db", -1.0), Bend("swell", "depth_db", 0.05, turn=0.5))


class Hum(Module):
    """A hum."""

    swell = param(0.5, "ratio", (0.0, 1.0), "Swell.")
    surrender = surrender()
    gestures = knows(sigh=Sigh)
