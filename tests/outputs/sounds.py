"""A source of given samples, in the manner of the engine."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.model.performance import Mark, Performance, Span
from lullaby.model.sheet import Master

RATE = 48000


def performance(title: str = "Tëst") -> Performance:
    return Performance(
        title=title,
        seed=5,
        runs=(),
        buses=(),
        master=Master(),
        ceiling_dbtp=-1.0,
        scenes=(Span("city, living", 0, 1_000_000), Span("the child", 1_000_000, 1_500_000)),
        marks=(Mark("Zone 7 — gone", 1_250_000),),
        arcs={},
        length_us=2_500_000,
    )


def noise(frames: int, gain: float = 0.25, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (gain * rng.standard_normal((2, frames))).astype(np.float32).clip(-0.9, 0.9)


class Playback:
    """Streams of samples from a place on."""

    sample_rate = RATE

    def __init__(self, position: int = 0, **streams: np.ndarray) -> None:
        self.performance = performance()
        self.position = position
        self.messages: list[str] = []
        self.muted: set[str] = set()
        self._streams = {name.replace("_", " "): block for name, block in streams.items()}

    @property
    def ended(self) -> bool:
        return self.position >= self._streams["master"].shape[1]

    def read_all(self, frames: int) -> dict[str, Any]:
        first = self.position
        self.position = min(first + frames, self._streams["master"].shape[1])
        return {name: block[:, first : self.position] for name, block in self._streams.items()}
