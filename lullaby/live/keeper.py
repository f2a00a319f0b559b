"""Keeps a sound card: sees that it is lost, lets time go on, opens it again and fades in."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

from lullaby.errors import DeviceError
from lullaby.live.ring import Ring

LOST_S = 1.0  # without a call from the card
WAITS_S = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)  # between tries, the last for ever


class Card(Protocol):
    """Something that takes frames out of a ring in real time."""

    name: str
    sample_rate: int

    def start(self, ring: Ring) -> None:
        """Begin; raises DeviceError."""

    def active(self) -> bool:
        """Return whether it still runs, as far as it knows."""

    def close(self) -> None:
        """End at once; never raises."""


class Keeper:
    """Looks after a card; ``tend`` is called every tenth of a second or so.

    ``reopen`` returns another card of the same sample rate, or raises DeviceError.
    """

    def __init__(
        self,
        card: Card,
        ring: Ring,
        reopen: Callable[[], Card],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.card, self._ring, self._reopen, self._now = card, ring, reopen, now
        self.losses = 0
        self.lost = False
        self.why = ""
        self._calls, self._seen_s = -1, now()
        self._tries, self._next_s = 0, 0.0
        self._drained_s = 0.0

    def tend(self) -> None:
        """Look whether the card is there; if not, keep time and try to get it back."""
        now_s = self._now()
        if not self.lost:
            self._watch(now_s)
            return
        frames = int((now_s - self._drained_s) * self._ring.sample_rate)
        frames = min(frames, self._ring.filled)  # the rest follows as soon as it is made
        self._drained_s += frames / self._ring.sample_rate
        self._ring.skip(frames)
        if now_s >= self._next_s:
            self._try(now_s)

    def close(self) -> None:
        """Let the card go."""
        self.card.close()

    def _watch(self, now_s: float) -> None:
        calls = self._ring.calls
        if calls != self._calls and self.card.active():
            self._calls, self._seen_s = calls, now_s
        elif now_s - self._seen_s > LOST_S:
            self.card.close()
            self.lost, self.losses = True, self.losses + 1
            self.why = f"{self.card.name} was lost"
            self._drained_s, self._tries, self._next_s = self._seen_s, 0, now_s

    def _try(self, now_s: float) -> None:
        try:
            card = self._reopen()
            self._ring.fade_in()
            card.start(self._ring)
        except DeviceError as error:
            self.why = str(error)
            self._next_s = now_s + WAITS_S[min(self._tries, len(WAITS_S) - 1)]
            self._tries += 1
            return
        self.card, self.lost, self.why = card, False, ""
        self._calls, self._seen_s = -1, now_s
