"""What sounds at a port, and what ends it; it imports nothing, so that the guard starts at once."""

from __future__ import annotations

from collections import Counter

SUSTAIN, SOUND_OFF, RESET, NOTES_OFF = 64, 120, 121, 123

# A driver without real-time rights may lose a whole period: last words are said three times.
AGAIN, APART_S = 2, 0.06


class Held:
    """Which notes sound, and which channels were ever used."""

    def __init__(self) -> None:
        self.notes: Counter[tuple[int, int]] = Counter()  # channel, key
        self.channels: set[int] = set()

    def see(self, message: bytes) -> None:
        """Take in a message that is sent."""
        status = message[0] & 0xF0
        if not 0x80 <= status < 0xF0:
            return
        channel = message[0] & 0x0F
        self.channels.add(channel)
        if status == 0x90 and message[2]:
            self.notes[channel, message[1]] += 1
        elif status in (0x80, 0x90):
            self.notes.pop((channel, message[1]), None)

    def ends(self) -> list[bytes]:
        """Return the note-off of every note."""
        return [bytes((0x80 | channel, key, 64)) for channel, key in sorted(self.notes)]

    def silence(self) -> list[bytes]:
        """Return what ends every note and puts the controllers of the used channels back."""
        made = self.ends()
        for channel in sorted(self.channels):
            made += [_zero(channel, SUSTAIN), _zero(channel, NOTES_OFF)]
            made += [bytes((0xE0 | channel, 0, 64)), _zero(channel, RESET)]
        return made


def panic() -> list[bytes]:
    """Return what silences any receiver: CC 120, 123 and 121 on all sixteen channels."""
    return [_zero(ch, cc) for ch in range(16) for cc in (SOUND_OFF, NOTES_OFF, RESET)]


def _zero(channel: int, cc: int) -> bytes:
    return bytes((0xB0 | channel, cc, 0))
