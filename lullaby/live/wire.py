"""One output as the sender sees it: what sounds there, what still fits, what waits.

No second carries more than 300 messages, a third of what a DIN cable does.  Note-offs and realtime
always go; beyond the ceiling note-ons are left out, and of a controller the newest value waits.
"""

from __future__ import annotations

from collections import Counter, deque

from lullaby.live.ports import Lost, OutPort
from lullaby.outputs.midi_budget import CEILING
from lullaby.outputs.midi_stream import BEND, CONTROL, OFF, ON, Due, bend, control

SUSTAIN, SOUND_OFF, RESET, NOTES_OFF = 64, 120, 121, 123


class Held:
    """Which notes sound, and which channels were ever used."""

    def __init__(self) -> None:
        self.notes: Counter[tuple[int, int]] = Counter()  # channel, key
        self.channels: set[int] = set()

    def see(self, message: bytes) -> None:
        """Take in a message that was sent."""
        status = message[0] & 0xF0
        if not 0x80 <= status < 0xF0:
            return
        channel = message[0] & 0x0F
        self.channels.add(channel)
        if status == 0x90 and message[2]:
            self.notes[channel, message[1]] += 1
        elif status in (0x80, 0x90):
            self.notes.pop((channel, message[1]), None)

    def silence(self) -> list[bytes]:
        """Return what ends every note and puts the controllers of the used channels back."""
        made = [bytes((0x80 | channel, key, 64)) for channel, key in sorted(self.notes)]
        for channel in sorted(self.channels):
            made += [control(channel, SUSTAIN, 0), control(channel, NOTES_OFF, 0)]
            made += [bend(channel, 0), control(channel, RESET, 0)]
        return made


def panic() -> list[bytes]:
    """Return what silences any receiver: CC 120, 123 and 121 on all sixteen channels."""
    return [control(ch, cc, 0) for ch in range(16) for cc in (SOUND_OFF, NOTES_OFF, RESET)]


class Wire:
    """An output with its ceiling, its sounding notes and its waiting controllers."""

    def __init__(self, port: OutPort) -> None:
        self.port = port
        self.held = Held()
        self.sent = 0  # messages
        self.skipped = 0  # note-ons beyond the ceiling
        self._lately: deque[float] = deque()
        self._waiting: dict[bytes, bytes] = {}  # status and number -> the newest message

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
        for message in self.held.silence():
            self._send(message, now_s)
        self.held.notes.clear()

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
        try:
            self.port.send(message)
        except Lost:
            return
        self.held.see(message)
        self.sent += 1
        self._lately.append(now_s)
