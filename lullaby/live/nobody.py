"""A card that plays to nobody in real time: for machines without sound, and for trying things."""

from __future__ import annotations

import threading
import time

import numpy as np

from lullaby.live.ring import Ring

PERIOD_S = 0.02


class Nobody:
    """Takes frames at the pace of a sound card and throws them away."""

    def __init__(self, sample_rate: int = 48000) -> None:
        self.name, self.sample_rate = "none", sample_rate
        self._closed = threading.Event()

    def start(self, ring: Ring) -> None:
        """Begin to take frames."""
        threading.Thread(target=self._run, args=(ring,), name="nobody", daemon=True).start()

    def active(self) -> bool:
        """Return whether it still takes frames."""
        return not self._closed.is_set()

    def close(self) -> None:
        """Take no more."""
        self._closed.set()

    def _run(self, ring: Ring) -> None:
        begun_s, taken = time.monotonic(), 0
        while not self._closed.wait(PERIOD_S):
            due = int((time.monotonic() - begun_s) * self.sample_rate) - taken
            ring.read(np.zeros((due, 2), np.float32))
            taken += due
