"""Wooden bars, which what ticks and cracks comes to rest as, and the breath that they share."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel
from lullaby.dsp.partials import BREATH_HZ, eased_between
from lullaby.dsp.struck import T60, struck
from lullaby.units import STEP

BAR = (1.0, 4.0, 10.0)  # partials of a tuned bar (Fletcher and Rossing 1998, marimba)
BAR_GAINS = (1.0, 0.10, 0.03)
BAR_RINGS = (1.0, 0.22, 0.07)
HOLLOW, HOLLOW_RISE_S = 0.25, 1.5  # its time constant, over the ring of the bar; how it comes up


@kernel
def breathed(now: Any, grid: int, sample_rate: int) -> Any:
    """Return the gain of the common breath, six a minute."""
    depth = now.breath * eased_between(now.surrender, 0.6, 1.0)
    return 1.0 + depth * np.sin(2.0 * np.pi * BREATH_HZ * grid / sample_rate)


@kernel
def bar(heard: Any, event: Any, m: Any, now: Any, then: Any, grid: int, sample_rate: int) -> None:
    """Add one step of a wooden bar: three partials, the higher ones soon gone."""
    since, before = grid - m.start, breathed(now, grid, sample_rate)
    to = breathed(then, grid + STEP, sample_rate) / before
    left, right = before * m.left, before * m.right
    for j in range(len(BAR)):
        g = BAR_GAINS[j] * (1.0 if j == 0 else event.hard)
        hz, decay_s = event.pitch_hz * BAR[j], event.ring_s * BAR_RINGS[j] / T60
        struck(heard, since, hz, decay_s, event.rise_s, g * left, g * right, to, sample_rate)
    if event.bloom > 0.0:
        g, hz, decay_s = event.bloom, event.pitch_hz, event.ring_s * HOLLOW
        struck(heard, since, hz, decay_s, HOLLOW_RISE_S, g * left, g * right, to, sample_rate)
