"""MIDI beside the sound: an output kept in step with a session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from lullaby.live.midi_out import MidiOut

LOOK_S = 0.05
BEGINS_S = 0.15  # a place before this is the beginning, seen late: what was due is still said
Look = Callable[[], tuple[bool, float]]  # whether it moves, and the place that is heard (s)


class Beside:
    """Starts, pauses and moves a MidiOut as a session does.

    ``look`` is asked twenty times a second; between, the place goes on with the steady clock, and
    a place that is another than expected is gone to.
    """

    def __init__(self, out: MidiOut, look: Look, threaded: bool = True) -> None:
        self._out, self._look = out, look
        self._moves, self._seen = False, (0.0, time.perf_counter())
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="beside", daemon=True)
        if threaded:
            self._thread.start()

    def tend(self) -> None:
        """Look once, and follow."""
        moves, place_s = self._look()
        self._seen = (place_s, time.perf_counter())
        if moves and not self._moves:
            self._out.start(0.0 if place_s < BEGINS_S else place_s, self.place_s)
        elif self._moves and not moves:
            self._out.pause()
        self._moves = moves

    def place_s(self) -> float:
        """Return the place that is heard now."""
        place_s, at_s = self._seen
        return place_s + time.perf_counter() - at_s

    def close(self) -> None:
        """Follow no more, and end every note."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)
        self._out.stop()

    def _run(self) -> None:
        while not self._over.wait(LOOK_S):
            self.tend()
