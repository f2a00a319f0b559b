"""Roughness: a whole bus trembling too fast to be tremolo, which is what a scream does."""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.curve import INTEGRAL_STEP_S, Curve
from lullaby.model.effect import Effect, Processor
from lullaby.model.event import Events
from lullaby.model.sheet import Follow, flag, panic, param
from lullaby.units import STEP

WANDER = ((0.113, 0.6), (0.271, 0.4))  # Hz and share: two slow sines that never meet again


class Rough(Effect):
    """Amplitude modulation of a bus at 45 to 70 Hz; depth and rate rise with panic.

    y = x (1 + depth sin phase).  Roughness of one layer drowns in a dense mix; of the whole bus it
    does not.  Strongest near 70 Hz (Fastl and Zwicker, Psychoacoustics); 30 to 150 Hz is where
    screams have it (Arnal et al. 2015).  It leaves by its depth, never by its rate, which would
    become tremolo on the way.
    """

    panic = panic("How hot it is: depth and rate.")
    depth = param(
        0.2,
        "ratio",
        (0.0, 1.0),
        "Depth of the modulation: 0 leaves the sound as it is.",
        follows=Follow("panic", target=(0.0, 0.75), source=(0.4, 1.0), shape="smooth"),
    )
    rate_hz = param(
        60.0,
        "Hz",
        (30.0, 150.0),
        "Rate of the modulation.",
        log=True,
        follows=Follow("panic", target=(45.0, 70.0)),
    )
    wander_hz = param(3.0, "Hz", (0.0, 10.0), "How far the rate wanders up and down, slowly.")
    neutral = flag(False, "Keep the power of a steady sound (it rises by 1.1 dB at depth 0.75).")

    def processor(self, sample_rate: int) -> Processor:
        """Return a processor; it remembers nothing, its phase is a function of time."""
        return _Rough(self.rate_hz, self.wander_hz, self.neutral, sample_rate)


class _Rough:
    def __init__(self, rate_hz: Curve, wander_hz: Curve, neutral: bool, sample_rate: int) -> None:
        from lullaby.dsp.roughness import roughen

        self._roughen, self._neutral, self._sample_rate = roughen, neutral, sample_rate
        self._rate_hz, self._wander_hz = rate_hz, wander_hz
        # What the integral is at its own steps, from the first last asked for on.
        self._turns: tuple[int, Floats] = 0, np.zeros(0)
        self.state: dict[str, Any] = {}

    def process(self, block: Any, start_frame: int, curves: Events) -> None:
        grid = np.arange(start_frame // STEP, start_frame // STEP + len(curves))
        cycles = self._cycles(np.asarray(grid * (STEP / self._sample_rate), np.float64))
        self._roughen(block, cycles, curves, self._neutral)

    def _cycles(self, t: Floats) -> Floats:
        # The rate's own integral, so that any moment can be the start, plus the wander's.
        swing = np.zeros_like(t)
        for wander_hz, share in WANDER:
            w = 2.0 * np.pi * wander_hz
            swing += share * (1.0 - np.cos(w * t)) / w
        return np.asarray(self._integral(t) + self._wander_hz(t) * swing)

    def _integral(self, t: Floats) -> Floats:
        first, last = floor(t[0] / INTEGRAL_STEP_S), floor(t[-1] / INTEGRAL_STEP_S) + 1
        begin, known = self._turns
        if not begin <= first <= begin + len(known):
            begin, known = first, known[:0]
        known = known[first - begin :]
        if first + len(known) <= last:
            more = self._rate_hz.integrals(first + len(known), last)
            known = np.concatenate((known, more))
        self._turns = first, known
        nodes = known[: last + 1 - first]
        k = np.floor(t / INTEGRAL_STEP_S).astype(np.int64)
        share = t / INTEGRAL_STEP_S - k
        return np.asarray(nodes[k - first] + share * (nodes[k - first + 1] - nodes[k - first]))
