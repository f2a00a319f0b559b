"""What goes out when: the messages of a piece, its clock and its time code, by position.

No thread and no time of its own: somebody says how far the piece is, and everything due goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from lullaby.live.beat_clock import BeatClock
from lullaby.live.timecode import Timecode
from lullaby.live.wire import Wire
from lullaby.outputs.midi_stream import REALTIME, Due, Stream

RETRY_S = 0.02  # how soon what waits for room is tried again


class Sequencer:
    """The messages of a stream into wires; port i of the stream is wire i."""

    def __init__(
        self,
        stream: Stream,
        wires: Sequence[Wire],
        clock: BeatClock | None = None,
        timecode: Timecode | None = None,
    ) -> None:
        self.stream, self.wires = stream, wires
        self._clock, self._timecode = clock, timecode
        self._row = 0
        self._rolling = False
        self._set_up = False

    @property
    def rolling(self) -> bool:
        """Return whether anything goes out."""
        return self._rolling

    def due_s(self, position_s: float) -> float:
        """Return the position at which something is due next; inf where nothing ever is."""
        if not self._rolling:
            return inf
        rows = self.stream.rows
        due_s = rows[self._row].at_s if self._row < len(rows) else inf
        if self._clock is not None:
            due_s = min(due_s, self._clock.due_s)
        if self._timecode is not None:
            due_s = min(due_s, self._timecode.due_s)
        if any(wire.waits for wire in self.wires):
            due_s = min(due_s, position_s + RETRY_S)
        return min(due_s, max(self.stream.end_s, position_s))

    def locate(self, position_s: float, now_s: float) -> None:
        """Roll from a position on: controllers as they are there, long notes taken up again.

        ``now_s``: any steady clock, for the ceiling.
        """
        self.halt(position_s, now_s, last=False)
        if not self._set_up:
            self._put(self.stream.setup, now_s)
            self._set_up = True
        for said in (self._clock, self._timecode):
            if said is not None:
                self._tell(said.locate(position_s), now_s)
        self._row = self.stream.first(position_s)
        self._put(self.stream.chased(position_s), now_s)
        self._rolling = True

    def advance(self, position_s: float, now_s: float) -> None:
        """Send everything due up to a position, in order."""
        if not self._rolling:
            return
        for wire in self.wires:
            wire.flush(now_s)
        rows = self.stream.rows
        while True:
            row_s = rows[self._row].at_s if self._row < len(rows) else inf
            pulse_s = self._clock.due_s if self._clock is not None else inf
            quarter_s = self._timecode.due_s if self._timecode is not None else inf
            if min(row_s, pulse_s, quarter_s) > position_s:
                return
            if self._clock is not None and pulse_s <= min(row_s, quarter_s):
                self._tell(self._clock.pulse(), now_s)
            elif self._timecode is not None and quarter_s <= row_s:
                self._tell(self._timecode.quarter(), now_s)
            else:
                self._put((rows[self._row],), now_s)
                self._row += 1

    def over(self, position_s: float) -> bool:
        """Return whether the piece has come to its end."""
        return self._rolling and position_s >= self.stream.end_s

    def halt(self, position_s: float, now_s: float, last: bool = True) -> None:
        """Stand still: nothing sounds, and the clock says so.

        ``last``: the time code says where it stands.
        """
        was, self._rolling = self._rolling, False
        if was and self._clock is not None:
            self._tell(self._clock.halt(), now_s)
        for wire in self.wires:
            if was or wire.held.notes:
                wire.silence(now_s)
        if self._timecode is not None and was:
            self._timecode.halt()
            if last:
                self._tell(self._timecode.locate(position_s, rolling=False), now_s)

    def _tell(self, messages: Sequence[bytes], now_s: float) -> None:
        if messages:
            said = tuple(messages)
            self._put([Due(0.0, REALTIME, i, said) for i in range(len(self.wires))], now_s)

    def _put(self, rows: Sequence[Due], now_s: float) -> None:
        for row in rows:
            if row.port < len(self.wires):
                self.wires[row.port].put(row, now_s)
