"""MIDI clock: 24 pulses a quarter, with Start, Stop, Continue and song position (MIDI 1.0).

Pulses lie where the tempo map has them, counted and never added up, so they cannot drift.
"""

from __future__ import annotations

from math import inf

from lullaby.outputs.midi_tempo import TICKS, TempoMap

PULSE, START, CONTINUE, STOP, POSITION = b"\xf8", b"\xfa", b"\xfb", b"\xfc", 0xF2
PULSES = 24  # a quarter
SIXTEENTH = PULSES // 4  # pulses
FARTHEST = (1 << 14) - 1  # sixteenths a song position can say
AHEAD = 512  # pulses worked out at once


class BeatClock:
    """The pulses of a piece from wherever it begins."""

    def __init__(self, tempo: TempoMap) -> None:
        self._tempo = tempo
        self._next = 0  # pulse
        self._continues = False  # with the next pulse
        self._running = False
        self._first, self._times_s = 0, tempo.seconds([])

    @property
    def due_s(self) -> float:
        """Return when the next pulse is due; inf while the clock stands."""
        return self._time(self._next) if self._running else inf

    def locate(self, position_s: float) -> list[bytes]:
        """Begin at a position; return what must be said at once.

        At the start of the piece that is Start, and the next pulse is beat 0.  Elsewhere it is the
        song position of the next sixteenth; Continue is said as that is reached.  Beyond
        16383 sixteenths no song position can be said, so the clock stays silent there.
        """
        self._running = True
        if position_s <= 0.0:
            self._next, self._continues = 0, False
            return [START]
        sixteenth = -(-self._tempo.tick(position_s) * 4 // TICKS)
        while self._time(sixteenth * SIXTEENTH) < position_s:
            sixteenth += 1
        if sixteenth > FARTHEST:
            self._running = False
            return []
        self._next, self._continues = sixteenth * SIXTEENTH, True
        return [bytes((POSITION, sixteenth & 0x7F, sixteenth >> 7))]

    def pulse(self) -> list[bytes]:
        """Return what the next pulse is, and go on to the one after."""
        said = [CONTINUE, PULSE] if self._continues else [PULSE]
        self._continues = False
        self._next += 1
        return said

    def halt(self) -> list[bytes]:
        """Stand still; return what must be said."""
        was, self._running = self._running, False
        return [STOP] if was else []

    def _time(self, pulse: int) -> float:
        if not self._first <= pulse < self._first + len(self._times_s):
            self._first = pulse
            wanted = range(pulse, pulse + AHEAD)
            self._times_s = self._tempo.seconds([k * (TICKS // PULSES) for k in wanted])
        return float(self._times_s[pulse - self._first])
