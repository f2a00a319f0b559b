"""A sting: a burst of frequency modulation that is over at once, and a bump in the chest."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.approximate import sine_of
from lullaby.dsp.kernel import kernel
from lullaby.dsp.panning import placed
from lullaby.units import STEP

F32 = np.float32

RISE_S = 0.0006  # of the burst
INDEX = 2.6  # of the modulation when it begins (Chowning 1973); it is gone with the burst
BUMP_HZ = 60.0  # felt in the chest: 60 to 70 Hz (Wigram 1996)
BUMP_S = 0.05  # three swings under one swell, alike to both sides, so that nothing is pushed aside
BUMP = F32(0.6)  # of the burst's amplitude
FRAME = np.arange(STEP).astype(np.float32)
NONE, HALF, ONE, TURN = F32(0), F32(0.5), F32(1), F32(INDEX / (2.0 * np.pi))


@kernel
def sting(out: Any, at: int, event: Any, m: Any, grid: int, sample_rate: int, y: Any) -> None:
    """Add one step of a sting to ``out``, (2, frames), from frame ``at`` on.

    Of the event: ``pitch_hz`` the carrier's, ``burst_s`` how long the burst is, ``ratio`` of the
    modulator's pitch to the carrier's.  ``y`` holds 64 float32 that are used up.
    """
    left, right = placed(event.level_db, event.azimuth_deg, event.distance_m)
    begun, frame_s = F32(grid - m.start), F32(1.0 / sample_rate)
    per_bump, bump_hz, per_rise = F32(1.0 / BUMP_S), F32(BUMP_HZ), F32(1.0 / RISE_S)
    hz, mod_hz = F32(event.pitch_hz), F32(event.ratio * event.pitch_hz)
    per_burst = F32(1.0 / event.burst_s)
    for i in range(STEP):
        t = max((begun + FRAME[i]) * frame_s, NONE)
        swell = sine_of(HALF * min(t * per_bump, ONE))
        bump = swell * swell * sine_of(bump_hz * t - F32(0.5 * BUMP_S * BUMP_HZ))
        dies = max(ONE - t * per_burst, NONE)
        burst = sine_of(hz * t + TURN * dies * sine_of(mod_hz * t))
        y[i] = BUMP * bump + burst * dies * dies * min(t * per_rise, ONE)
    left_32, right_32 = F32(left), F32(right)
    for i in range(STEP):
        out[0, at + i] += left_32 * y[i]
        out[1, at + i] += right_32 * y[i]
