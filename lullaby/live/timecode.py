"""MIDI time code: quarter frames while it rolls, a full frame wherever it goes (MTC, RP-004)."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, inf

RATES = {  # the number that stands for it, and frames a second
    "24": (0, Fraction(24)),
    "25": (1, Fraction(25)),
    "29.97df": (2, Fraction(30000, 1001)),
    "30": (3, Fraction(30)),
}
PIECES = 8  # quarter frames that make one time, which so comes every other frame
DROPPED = 2  # frame numbers left out each minute but the tenth
TEN_MINUTES = 17982  # frames of drop-frame code
MINUTE = 1798


class Timecode:
    """Time code of a piece, hour 0 at its start; ``rate`` is one of RATES."""

    def __init__(self, rate: str) -> None:
        self._number, self._fps = RATES[rate]
        self._count = ceil(self._fps)  # frame numbers a second
        self._next = 0  # quarter frame
        self._running = False

    @property
    def due_s(self) -> float:
        """Return when the next quarter frame is due; inf while it stands."""
        return float(self._next / (4 * self._fps)) if self._running else inf

    def locate(self, position_s: float, rolling: bool = True) -> list[bytes]:
        """Go to a position; return the full frame to be said at once.

        Rolling, the quarter frames begin with the next even frame.
        """
        frame = max(0, int(Fraction(position_s) * self._fps))
        self._running = rolling
        self._next = PIECES * max(0, ceil(Fraction(position_s) * self._fps / 2))
        hours, minutes, seconds, frames = self._shown(frame)
        head = bytes((0xF0, 0x7F, 0x7F, 0x01, 0x01))
        return [head + bytes((self._number << 5 | hours, minutes, seconds, frames, 0xF7))]

    def quarter(self) -> list[bytes]:
        """Return the next quarter frame, and go on to the one after."""
        piece = self._next % PIECES
        hours, minutes, seconds, frames = self._shown(self._next // PIECES * 2)
        field = (frames, seconds, minutes, self._number << 5 | hours)[piece // 2]
        nibble = field >> 4 if piece % 2 else field & 0x0F
        self._next += 1
        return [bytes((0xF1, piece << 4 | nibble))]

    def halt(self) -> list[bytes]:
        """Stand still: quarter frames just end."""
        self._running = False
        return []

    def _shown(self, frame: int) -> tuple[int, int, int, int]:
        if self._number == 2:
            tens, rest = divmod(frame, TEN_MINUTES)
            late = max(0, (rest - DROPPED) // MINUTE) if rest >= DROPPED else 0
            frame += DROPPED * (9 * tens + late)
        seconds, frames = divmod(frame, self._count)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return hours % 24, minutes, seconds, frames
