"""What is struck: a sine that rises fast and dies away, one step at a time.

All that sounds is a formula of the frames since the stroke, so a stroke needs no memory, begins at
its own frame inside a step, and can be joined at any moment.  Frames lie inside: they vectorise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.approximate import exponential
from lullaby.dsp.kernel import fused, inlined, kernel
from lullaby.dsp.oscillators import TO_UNIT, sine, step_of, wrapped
from lullaby.dsp.panning import placed
from lullaby.units import STEP

F32, I32 = np.float32, np.int32
COUNT = np.arange(STEP, dtype=np.int32)
RAMP = COUNT.astype(np.float32)
T60 = 6.907755  # time constants in a decay of 60 dB
GONE = 9.2  # time constants after which a stroke is 80 dB down, and over
HIGHEST, HIGHEST_HZ = 0.45, 18_000.0  # of the sample rate; what is higher is not struck


@inlined
def dying(x: Any) -> Any:
    """Return e^-x of float32 0 <= x <= 10, within 2e-3 of it, 1e-4 up to 5.

    A series of the 64th root, squared six times.
    """
    z = x * F32(-1.0 / 64.0)
    q = fused(fused(F32(1.0 / 6.0), z, F32(0.5)), z, F32(1.0))
    q = fused(q, z, F32(1.0))
    q *= q
    q *= q
    q *= q
    q *= q
    q *= q
    return q * q


@kernel
def strike(
    heard: Any, since: Any, step: Any, fall: float, rise: float, left: float, right: float, to: Any
) -> None:
    """Add one step of a stroke to ``heard``, float32 (2, 64).

    ``since``: frames from the stroke to the first frame of the step, negative where it is still to
    come.  ``step``: of its phase a frame, 2^32 a cycle.  ``fall``: one over the frames in which it
    falls to 1/e; needs 0.15 or less.  ``rise``: frames it takes to come up, smoothly.  ``left`` and
    ``right``: gains; ``to``: what they are multiplied by at the end of the step, 1 at its start.
    """
    over = max(since, 0)
    alive = exponential(-fall * over)
    gain_l, gain_r = F32(left * alive), F32(right * alive)
    late, begun, falls, up = F32(over - since), F32(since), F32(fall), F32(1.0 / rise)
    grows = F32((to - 1.0) / STEP)
    p, d = I32(wrapped(int(step) * int(since))), I32(wrapped(step))
    for i in range(STEP):
        n = RAMP[i]
        x = min(max((n + begun) * up, F32(0)), F32(1))
        y = x * x * fused(F32(-2), x, F32(3)) * dying(falls * max(n - late, F32(0)))
        y *= fused(grows, n, F32(1)) * sine(F32(I32(p + d * COUNT[i])) * TO_UNIT)
        heard[0, i] = fused(y, gain_l, heard[0, i])
        heard[1, i] = fused(y, gain_r, heard[1, i])


@kernel
def struck(
    heard: Any,
    since: Any,
    frequency_hz: float,
    decay_s: float,
    rise_s: float,
    left: float,
    right: float,
    to: float,
    sample_rate: int,
) -> None:
    """Add one step of a stroke told in Hz and seconds, if it has begun and is not over.

    ``decay_s``: in which it falls to 1/e, 0.15 ms or more.  What is too high for the sample rate is
    silent.
    """
    frames = decay_s * sample_rate
    if since <= -STEP or since > rise_s * sample_rate + GONE * frames:
        return
    if frequency_hz > min(HIGHEST * sample_rate, HIGHEST_HZ):
        return
    rise = max(rise_s * sample_rate, 2.0)
    strike(heard, since, step_of(frequency_hz, sample_rate), 1.0 / frames, rise, left, right, to)


@kernel
def entered(event: Any, m: Any) -> Any:
    """Place an event that begins (``m.left``, ``m.right``); return whether it does."""
    if m.begun == 1:
        return False
    m.begun = 1
    m.left, m.right = placed(event.level_db, event.azimuth_deg, event.distance_m)
    return True


@kernel
def handed(heard: Any, out: Any, at: int) -> None:
    """Add one step to ``out``, (2, frames), from frame ``at`` on, and make ``heard`` silent."""
    for i in range(STEP):
        out[0, at + i] += heard[0, i]
        out[1, at + i] += heard[1, i]
        heard[0, i] = heard[1, i] = F32(0)
