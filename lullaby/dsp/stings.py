"""A sting: a burst of frequency modulation that is over at once, and a bump in the chest."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel
from lullaby.dsp.panning import placed
from lullaby.units import STEP

F32 = np.float32

RISE_S = 0.0006  # of the burst
INDEX = 2.6  # of the modulation when it begins (Chowning 1973); it is gone with the burst
BUMP_HZ = 60.0  # felt in the chest: 60 to 70 Hz (Wigram 1996)
BUMP_S = 0.05  # three swings under one swell, alike to both sides, so that nothing is pushed aside
BUMP = 0.6  # of the burst's amplitude
TURN = 2.0 * np.pi


@kernel
def sting(out: Any, at: int, event: Any, m: Any, grid: int, sample_rate: int) -> None:
    """Add one step of a sting to ``out``, (2, frames), from frame ``at`` on.

    Of the event: ``pitch_hz`` the carrier's, ``burst_s`` how long the burst is, ``ratio`` of the
    modulator's pitch to the carrier's.
    """
    left, right = placed(event.level_db, event.azimuth_deg, event.distance_m)
    for i in range(max(m.start - grid, 0), min(m.end - grid, STEP)):
        t = (grid + i - m.start) / sample_rate
        y = 0.0
        if t < BUMP_S:
            swell = np.sin(0.5 * TURN * t / BUMP_S)
            y = BUMP * swell * swell * np.sin(TURN * BUMP_HZ * (t - 0.5 * BUMP_S))
        dies = 1.0 - t / event.burst_s
        if dies > 0.0:
            mod = INDEX * dies * np.sin(TURN * event.ratio * event.pitch_hz * t)
            y += min(t / RISE_S, 1.0) * dies * dies * np.sin(TURN * event.pitch_hz * t + mod)
        out[0, at + i] += F32(left * y)
        out[1, at + i] += F32(right * y)
