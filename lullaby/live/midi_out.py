"""A piece at MIDI ports in real time, beside the sound or alone.

A thread of its own sends on absolute deadlines: it sleeps until half a millisecond before each and
looks at the clock from there.  What could not be sent in time because the process stood still is
not sent in a burst: the place is taken up anew.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Sequence
from math import inf

from lullaby.live.beat_clock import BeatClock
from lullaby.live.guard import Guarded
from lullaby.live.held import AGAIN, APART_S
from lullaby.live.kept import Kept
from lullaby.live.ports import OutPort
from lullaby.live.sequencer import Sequencer
from lullaby.live.steady import Steady
from lullaby.live.timecode import Timecode
from lullaby.live.wire import Wire
from lullaby.outputs.midi_stream import Stream

Position = Callable[[], float]  # where in the piece it is (s), read at any time

SPIN_S = 0.0005  # a sleep may end this much late
LONGEST_S = 0.1  # between two looks at the source of time
STALLED_S = 0.25  # later than this the place is taken up anew
LEAD_S = 0.1  # from Start to the first beat, where there is no sound to follow
KEPT = 4096  # of the newest delays


class MidiOut:
    """The messages of a stream, following a source of time.

    ``ports`` one for each the stream wants; ``clock`` sends MIDI clock, ``timecode`` one of
    ``timecode.RATES``; ``offset_s`` is how much later than the source everything goes out (the
    sound's way to the ear, say).  All methods return at once and may be called from any thread.
    """

    def __init__(
        self,
        stream: Stream,
        ports: Sequence[OutPort],
        *,
        clock: bool = False,
        timecode: str | None = None,
        offset_s: float = 0.0,
    ) -> None:
        self.wires = [Wire(port) for port in ports]
        self.ended = threading.Event()  # the piece came to its end, or was stopped
        self.failed: Exception | None = None  # what ended it, if it was neither
        self.stalls = 0  # how often the process stood still for too long
        self.late_s: list[float] = []  # of the newest wake-ups, how much after they were due
        self._clock, self._timecode, self._offset_s = clock, timecode, offset_s
        self._sequencer = self._made(stream)
        self._source: Steady | None = None
        self._lock = threading.RLock()
        self._changed = threading.Event()
        self._closed = False
        self._due_s, self._moved = inf, False  # where something is due; whether that is news
        for port in ports:
            if isinstance(port, Kept | Guarded):
                port.returned = self._returned
        atexit.register(self.stop)
        self._thread = threading.Thread(target=self._run, name="midi out", daemon=True)
        self._thread.start()

    def start(self, position_s: float, source: Position) -> None:
        """Roll from a position on, or on again after a pause; ``source`` says how far it is."""
        with self._lock:
            if self._closed:
                return
            self.ended.clear()
            self._source = Steady(lambda: source() - self._offset_s, time.perf_counter)
            # At the very start nothing is left out, however late the first look at the source is.
            begins_s = 0.0 if position_s <= 0.0 else position_s - self._offset_s
            self._go(min(begins_s, self._here()))

    def alone(self, from_s: float = 0.0) -> None:
        """Roll in real time, without a sound to follow."""
        begins = time.perf_counter() + LEAD_S + max(0.0, -self._offset_s) - from_s
        self.start(from_s, lambda: time.perf_counter() - begins)

    def seek(self, position_s: float) -> None:
        """Go to another place, as the source of time does."""
        with self._lock:
            if self._sequencer.rolling:
                self._go(position_s - self._offset_s)

    def pause(self) -> None:
        """Stand still: every note ends, the clock stops."""
        with self._lock:
            if self._sequencer.rolling:
                self._sequencer.halt(self._here(), time.perf_counter())
        self._changed.set()

    def load(self, stream: Stream) -> None:
        """Go on with another stream for the same ports, such as that of a score saved anew."""
        with self._lock:
            rolling, here = self._sequencer.rolling, self._here()
            self._sequencer.halt(here, time.perf_counter())
            self._sequencer = self._made(stream)
            if rolling:
                self._go(here)

    def panic(self) -> None:
        """Silence whatever is at the other end; the piece goes on."""
        with self._lock:
            for wire in self.wires:
                wire.panic(time.perf_counter())

    def stop(self) -> None:
        """End every note, put the controllers back and let the ports go; a second time nothing."""
        with self._lock:
            if self._closed:
                return
            self._sequencer.halt(self._here(), time.perf_counter())
            for _ in range(AGAIN):
                time.sleep(APART_S)
                for wire in self.wires:
                    wire.again(time.perf_counter())
            self._closed = True
            for wire in self.wires:
                wire.port.close()
        atexit.unregister(self.stop)
        self._changed.set()
        self.ended.set()

    def _go(self, here_s: float) -> None:
        self._sequencer.locate(here_s, time.perf_counter())
        self._due_s, self._moved = here_s, True
        self._changed.set()

    def _made(self, stream: Stream) -> Sequencer:
        clock = BeatClock(stream.tempo) if self._clock else None
        timecode = Timecode(self._timecode) if self._timecode else None
        return Sequencer(stream, self.wires, clock, timecode)

    def _here(self) -> float:
        return self._source() if self._source is not None else 0.0

    def _returned(self) -> None:
        # The port is back: whoever is there now has heard nothing of what went before.
        with self._lock:
            if self._sequencer.rolling:
                self._go(self._here())

    def _run(self) -> None:
        try:
            while True:
                with self._lock:
                    if self._closed:
                        return
                    left_s = self._step()
                self._wait(left_s)
        except Exception as error:
            self.failed = error
            self.stop()

    def _step(self) -> float:
        # One look at the clock; returns how long until something is due.
        if self._source is None or not self._sequencer.rolling:
            return inf
        now_s = time.perf_counter()
        here_s = self._source()
        jumped = self._source.jumped()
        moved, self._moved = self._moved, False
        if jumped or here_s - self._due_s > STALLED_S:
            self.stalls += not jumped
            self._sequencer.locate(here_s, now_s)
        elif not moved and self._due_s <= here_s:
            self.late_s.append(here_s - self._due_s)
            del self.late_s[:-KEPT]
        self._sequencer.advance(here_s, now_s)
        if self._sequencer.over(here_s):
            self._sequencer.halt(here_s, now_s)
            self.ended.set()
        self._due_s = self._sequencer.due_s(here_s)
        return self._due_s - here_s

    def _wait(self, left_s: float) -> None:
        if left_s > LONGEST_S:
            # Nothing is due for long: only look whether the source is still where it should be.
            self._changed.wait(None if left_s == inf else LONGEST_S)
        else:
            until_s = time.perf_counter() + left_s
            if left_s > SPIN_S:
                self._changed.wait(left_s - SPIN_S)
            while time.perf_counter() < until_s and not self._changed.is_set():
                time.sleep(0.0)  # lets the sound's own threads have the interpreter
        self._changed.clear()
