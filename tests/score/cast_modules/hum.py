"""A second module."""

from __future__ import annotations

from lullaby.model.module import Module
from lullaby.model.sheet import param, surrender


class Hum(Module):
    """A hum."""

    swell = param(0.5, "ratio", (0.0, 1.0), "Swell.")
    surrender = surrender()
