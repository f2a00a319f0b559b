"""MIDI controllers that come in: knobs and faders that take arcs and parameters.

The controllers that the score gives its arcs are bound from the start; any other is bound by
learning: the next one that moves.  A knob takes hold only once it reaches the value as it is, so
that nothing jumps.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lullaby.errors import LullabyError
from lullaby.live.hold import Control, Holdable

TOP7, TOP14 = 127.0, 16383.0
NEAR = 2.5 / TOP7  # of the range: a knob this near is where the value is
FINE = 32  # the fine half of controller n is n + 32, for n below 32
SWITCHES = range(120, 128)  # messages of the mode, no knobs
MOVED = 2  # steps a knob must move to be learnt, so that a trembling one is not

Knob = tuple[int, int]  # channel, or ANY; controller
ANY = -1


@dataclass
class _Bound:
    """A knob and what it moves."""

    control: Control
    holds: bool = False
    last: float | None = None  # where the knob stood, as a share
    sent: float | None = None  # the share it set last


class Knobs:
    """Turns control changes into touches.

    ``now`` tells the value a name has, for the pick-up: where it is None or answers None, a knob
    takes hold at once.  ``fine`` takes controllers 0 to 31 with 32 to 63 as one of 14 bits.
    """

    def __init__(
        self,
        held: Holdable,
        controls: Mapping[str, Control],
        now: Callable[[str], float | None] | None = None,
        fine: bool = False,
    ) -> None:
        self._held, self._controls, self._now, self._fine = held, controls, now, fine
        self._bound: dict[Knob, _Bound] = {}
        self._coarse: dict[Knob, int] = {}
        self._learns: Control | None = None
        self._seen: dict[Knob, int] = {}
        self._lock = threading.Lock()
        self.refused = 0  # messages that could not be used
        for control in controls.values():
            if control.cc is not None:
                self.bind(control.name, control.cc)

    def bind(self, name: str, cc: int, channel: int = ANY) -> None:
        """Give a controller, of one channel (0..15) or of any, to a name.  Raises KeyError."""
        with self._lock:
            self._bound[channel, cc] = _Bound(self._controls[name])

    def learn(self, name: str | None) -> None:
        """Bind the next controller that moves to a name; None gives up.  Raises KeyError."""
        with self._lock:
            self._learns = None if name is None else self._controls[name]
            self._seen.clear()

    @property
    def learning(self) -> str | None:
        """Return the name that waits for a controller."""
        control = self._learns
        return None if control is None else control.name

    @property
    def bindings(self) -> dict[Knob, str]:
        """Return the names by channel (-1: any) and controller."""
        with self._lock:
            return {knob: bound.control.name for knob, bound in self._bound.items()}

    def let_go(self, name: str) -> None:
        """Give a name back to the score; its knob must pick it up again."""
        with self._lock:
            for bound in self._bound.values():
                if bound.control.name == name:
                    bound.holds, bound.sent = False, None
        self._held.release(name)

    def hear(self, message: bytes) -> None:
        """Take in one message of a port; whatever it is, nothing is raised."""
        if len(message) != 3 or message[0] & 0xF0 != 0xB0 or max(message[1:]) > TOP7:
            return
        channel, cc, value = message[0] & 0x0F, message[1], message[2]
        if cc in SWITCHES:
            return
        with self._lock:
            if self._learns is not None and self._learnt(channel, cc, value):
                return
            found = self._moved(channel, cc, value)
        if found is not None:
            try:
                self._held.touch(*found)
            except LullabyError:
                self.refused += 1

    def _learnt(self, channel: int, cc: int, value: int) -> bool:
        before = self._seen.setdefault((channel, cc), value)
        control = self._learns
        if control is None or abs(value - before) < MOVED or (self._fine and FINE <= cc < 2 * FINE):
            return False
        for knob, bound in list(self._bound.items()):
            if bound.control.name == control.name:
                del self._bound[knob]
        self._bound[channel, cc] = _Bound(control)
        self._learns = None
        return True

    def _moved(self, channel: int, cc: int, value: int) -> tuple[str, float] | None:
        share = value / TOP7
        if self._fine and cc < FINE:
            self._coarse[channel, cc] = value
            share = (value << 7) / TOP14
        elif self._fine and cc < 2 * FINE:
            cc -= FINE
            share = (self._coarse.get((channel, cc), 0) << 7 | value) / TOP14
        bound = self._bound.get((channel, cc)) or self._bound.get((ANY, cc))
        if bound is None or not self._picked_up(bound, share):
            return None
        bound.sent = share
        return bound.control.name, bound.control.value(share)

    def _picked_up(self, bound: _Bound, share: float) -> bool:
        before, bound.last = bound.last, share
        value = None if self._now is None else self._now(bound.control.name)
        if value is None:
            bound.holds = True
            return True
        here = bound.control.share(value)
        if bound.holds and bound.sent is not None and abs(here - bound.sent) > 2.0 * NEAR:
            bound.holds = False  # something else has moved it since
        crossed = before is not None and min(before, share) <= here <= max(before, share)
        bound.holds = bound.holds or crossed or abs(here - share) <= NEAR
        return bound.holds
