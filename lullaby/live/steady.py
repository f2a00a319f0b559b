"""A clock that moves evenly along one that moves in steps."""

from __future__ import annotations

from collections.abc import Callable

TAKES_S = 1.0  # how long a difference takes to be made up
JUMP_S = 0.2  # beyond this it is no unsteadiness but another place


class Steady:
    """The position a source of time gives, smoothed by a steady clock.

    A source that is read off a sound card moves a block at a time; this moves evenly, at most a
    fifth slower or faster than real time, and ends up nowhere else.  ``jumped`` tells, once,
    that the source went to another place.
    """

    def __init__(self, source: Callable[[], float], now: Callable[[], float]) -> None:
        self._source, self._now = source, now
        self._at_s, self._position_s = now(), source()
        self._jumped = False

    def __call__(self) -> float:
        """Return the position now."""
        now_s, raw_s = self._now(), self._source()
        passed_s = now_s - self._at_s
        expected_s = self._position_s + passed_s
        away_s = raw_s - expected_s
        if abs(away_s) > JUMP_S:
            self._jumped = True
            self._position_s = raw_s
        else:
            self._position_s = expected_s + away_s * min(1.0, passed_s / TAKES_S)
        self._at_s = now_s
        return self._position_s

    def jumped(self) -> bool:
        """Return whether the source jumped since this was asked last."""
        was, self._jumped = self._jumped, False
        return was
