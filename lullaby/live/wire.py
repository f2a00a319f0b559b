"""One output as the sender sees it: what sounds there, what still fits, what waits.

No second carries more than 300 messages, a third of what a DIN cable does.  Note-offs and realtime
always go; beyond the ceiling note-ons are left out, and of a controller the newest value waits.
"""

from __future__ import annotations

from collections import deque

from lullaby.live.held import Held, panic
from lullaby.live.ports import Lost, OutPort
from lullaby.outputs.midi_budget import CEILING
from lullaby.outputs.midi_stream import BEND, CONTROL, OFF, ON, Due


class Wire:
    """An output with its ceiling, its sounding notes and its waiting controllers."""

    def __init__(self, port: OutPort) -> None:
        self.port = port
        self.held = Held()
        self.sent = 0  # messages
        self.skipped = 0  # note-ons beyond the ceiling
        self._lately: deque[float] = deque()
        self._waiting: dict[bytes, bytes] = {}  # status and number -> the newest message
        self._last_words: list[bytes] = []

    def put(self, due: Due, now_s: float) -> None:
        """Send what is due, as far as it fits at a time (s, of any steady clock)."""
        if due.rank == ON:
            if self._room(now_s) < len(due.messages):
                self.skipped += 1
                return
        elif due.rank == OFF:
            key = (due.messages[0][0] & 0x0F, due.messages[0][1])
            if key not in self.held.notes:  # its note-on was left out, or silenced
                return
        elif due.rank in (BEND, CONTROL):
            (message,) = due.messages
            self._waiting.pop(message[:2], None)
            self._waiting[message[:2]] = message
            self.flush(now_s)
            return
        for message in due.messages:
            self._send(message, now_s)

    def flush(self, now_s: float) -> None:
        """Send of the controllers that wait as many as fit, those longest waiting first."""
        while self._waiting and self._room(now_s) > 0:
            key = next(iter(self._waiting))
            self._send(self._waiting.pop(key), now_s)

    @property
    def waits(self) -> bool:
        """Return whether a controller waits for room."""
        return bool(self._waiting)

    def silence(self, now_s: float) -> None:
        """End every note and put the controllers of the used channels back."""
        self._waiting.clear()
        self._last_words = self.held.silence()
        self.again(now_s)
        self.held.notes.clear()

    def again(self, now_s: float) -> None:
        """Say once more what ended the notes last."""
        for message in self._last_words:
            self._send(message, now_s)

    def panic(self, now_s: float) -> None:
        """Silence whatever is at the other end."""
        self._waiting.clear()
        for message in [*self.held.silence(), *panic()]:
            self._send(message, now_s)
        self.held.notes.clear()

    def _room(self, now_s: float) -> int:
        while self._lately and self._lately[0] <= now_s - 1.0:
            self._lately.popleft()
        return CEILING - len(self._lately)

    def _send(self, message: bytes, now_s: float) -> None:
        # Seen first: whatever stops the player in the middle of this, the note is known.
        self.held.see(message)
        try:
            self.port.send(message)
        except Lost:
            return
        self.sent += 1
        self._lately.append(now_s)
