"""Echoes: a stereo delay that answers itself."""

from __future__ import annotations

from math import ceil, log10
from typing import Any

from lullaby.model.effect import Effect, Processor
from lullaby.model.event import Events
from lullaby.model.sheet import param

GLIDE_S_PER_S = 0.5  # how fast the time between echoes moves


class Delay(Effect):
    """Echoes, each darker and softer than the one before, from side to side if asked.

    A time that moves glides like a tape whose head is pushed, never faster than half a second a
    second: an echo bends in pitch but stays one echo.  (A crossfade between two times would keep
    the pitch, but sound both at once, as a comb, for as long as the time moves.)  A time that
    stands still is a whole number of frames.
    """

    time_s = param(0.5, "s", (0.01, 4.0), "Time from echo to echo.", log=True)
    feedback = param(0.45, "ratio", (0.0, 0.95), "Level of each echo against the one before.")
    damping_hz = param(
        4000.0, "Hz", (200.0, 20000.0), "Cutoff each echo after the first passes.", log=True
    )
    cross = param(0.0, "ratio", (0.0, 1.0), "How much each echo changes sides: 1 is ping-pong.")
    wet = param(0.35, "ratio", (0.0, 1.0), "Share of the echoes: 0 only the sound, 1 only they.")

    def processor(self, sample_rate: int) -> Processor:
        """Return silent lines."""
        return _Delay(sample_rate, type(self).time_s.high)

    def hears_from_s(self) -> float:
        """Return the time until the echoes have fallen by 92 dB and the time has glided home."""
        low_s, high_s = self.time_s.bounds()
        feedback = self.feedback.bounds()[1]
        echoes = 1 + (ceil(92.0 / (-20.0 * log10(feedback))) if feedback > 1e-5 else 0)
        # A hundredth for the damping, which holds a little of each echo back.
        return echoes * (high_s + 0.01) + (high_s - low_s) / GLIDE_S_PER_S

    def gap_s(self) -> float:
        """Return the longest time between two echoes."""
        return self.time_s.bounds()[1]


class _Delay:
    def __init__(self, sample_rate: int, longest_s: float) -> None:
        from lullaby.dsp.echo import at_rest, echo

        self._echo, self._sample_rate = echo, float(sample_rate)
        self.state = at_rest(sample_rate, longest_s)

    def process(self, block: Any, start_frame: int, curves: Events) -> None:
        self._echo(block, start_frame, self._sample_rate, curves, *self.state.values())
