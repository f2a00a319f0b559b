"""Many saws, each through its own resonant low-pass and to its own place, in one pass.

A bank is four arrays of lanes at fixed offsets; a voice boards a lane, is aimed at what it shall
be at the next grid point, sung for a step of 64 frames, and added to the others.  Lanes are the
inner loop, so that eight of them go through the processor side by side, recursion and all.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.filters import flushed, svf
from lullaby.dsp.kernel import LANES, inlined, kernel
from lullaby.dsp.oscillators import TO_UNIT, step_of, wide_blep_saw, wrapped
from lullaby.units import STEP

F32, I32 = np.float32, np.int32

# Rows of LANES: in ``turns`` phase, step and its growth; in ``slopes`` gains left and right, frames
# a unit of saw, then their growths; in ``filters`` ic1, ic2, a1, a2, a3, then the growths of a.
PHASE, PACE, BEND = 0, LANES, 2 * LANES
LEFT, RIGHT, WIDE, TO_LEFT, TO_RIGHT, TO_WIDE = (LANES * row for row in range(6))
IC1, IC2, A1, A2, A3, TO_A1, TO_A2, TO_A3 = (LANES * row for row in range(8))
HALF_CYCLE = F32(2147483648.0)


@kernel
def bank() -> Any:
    """Return an empty bank: turns, slopes, filters, and what it sang, (64 x 2 x LANES)."""
    return (
        np.zeros(3 * LANES, np.int32),
        np.zeros(6 * LANES, np.float32),
        np.zeros(8 * LANES, np.float64),
        np.zeros(2 * LANES * STEP, np.float32),
    )


@kernel
def board(
    v: int, turns: Any, slopes: Any, filters: Any, phase: int, pitch_hz: float, sample_rate: int
) -> None:
    """Put a silent voice into lane ``v``: phase 2^32 a cycle, pitch below an eighth of the rate."""
    turns[v + PHASE] = I32(wrapped(phase))
    turns[v + PACE] = I32(step_of(pitch_hz, sample_rate))
    slopes[v + WIDE] = HALF_CYCLE / F32(turns[v + PACE])
    slopes[v + LEFT] = slopes[v + RIGHT] = F32(0)
    for row in range(8):
        filters[v + row * LANES] = 0.0


@kernel
def tune(v: int, filters: Any, cutoff_hz: float, q: float, sample_rate: int) -> None:
    """Set the filter of lane ``v`` at once, as its first grid point needs."""
    filters[v + A1], filters[v + A2], filters[v + A3], _ = svf(cutoff_hz, q, sample_rate)


@kernel
def aim(
    v: int,
    turns: Any,
    slopes: Any,
    filters: Any,
    pitch_hz: float,
    cutoff_hz: float,
    q: float,
    left: float,
    right: float,
    sample_rate: int,
) -> None:
    """Let lane ``v`` reach pitch, filter and gains at the next grid point, in straight lines."""
    pace = np.int64(turns[v + PACE])
    bend = (step_of(pitch_hz, sample_rate) - pace + STEP // 2) // STEP
    turns[v + BEND] = I32(bend)
    per_frame = F32(1.0 / STEP)
    wide = HALF_CYCLE / F32(pace + STEP * bend)
    slopes[v + TO_WIDE] = (wide - slopes[v + WIDE]) * per_frame
    slopes[v + TO_LEFT] = (F32(left) - slopes[v + LEFT]) * per_frame
    slopes[v + TO_RIGHT] = (F32(right) - slopes[v + RIGHT]) * per_frame
    a1, a2, a3, _ = svf(cutoff_hz, q, sample_rate)
    filters[v + TO_A1] = (a1 - filters[v + A1]) / STEP
    filters[v + TO_A2] = (a2 - filters[v + A2]) / STEP
    filters[v + TO_A3] = (a3 - filters[v + A3]) / STEP
    filters[v + IC1] = flushed(filters[v + IC1])
    filters[v + IC2] = flushed(filters[v + IC2])


@kernel
def sing(lanes: int, turns: Any, slopes: Any, filters: Any, sung: Any) -> None:
    """Sing one step of the first ``lanes`` lanes: saw, low-pass (Simper 2013), two gains.

    Two passes, as what is 32 bits wide goes twice as many lanes at a time as the filters.
    """
    for i in range(STEP):
        for v in range(lanes):
            x = F32(turns[v]) * TO_UNIT
            sung[2 * LANES * i + v] = wide_blep_saw(x, slopes[v + WIDE])
            slopes[v + WIDE] += slopes[v + TO_WIDE]
            turns[v] += turns[v + PACE]
            turns[v + PACE] += turns[v + BEND]
    for i in range(STEP):
        for v in range(lanes):
            v3 = sung[2 * LANES * i + v] - filters[v + IC2]
            v1 = filters[v + A1] * filters[v] + filters[v + A2] * v3
            v2 = filters[v + IC2] + filters[v + A2] * filters[v] + filters[v + A3] * v3
            filters[v] = 2.0 * v1 - filters[v]
            filters[v + IC2] = 2.0 * v2 - filters[v + IC2]
            sung[2 * LANES * i + v] = F32(v2) * slopes[v]
            sung[2 * LANES * i + v + LANES] = F32(v2) * slopes[v + RIGHT]
            filters[v + A1] += filters[v + TO_A1]
            filters[v + A2] += filters[v + TO_A2]
            filters[v + A3] += filters[v + TO_A3]
            slopes[v] += slopes[v + TO_LEFT]
            slopes[v + RIGHT] += slopes[v + TO_RIGHT]


@kernel
def add(lanes: int, sung: Any, out: Any, first: int) -> None:
    """Add what was sung to ``out``, (2, frames), from a frame on; always in the lanes' order.

    ``lanes`` must be a multiple of four; idle ones hold zeros.
    """
    for i in range(STEP):
        out[0, first + i] += summed(lanes, sung[2 * LANES * i :])
        out[1, first + i] += summed(lanes, sung[2 * LANES * i + LANES :])


@inlined
def summed(lanes: int, row: Any) -> Any:
    """Return the sum of a row, as four sums side by side."""
    a, b, c, d = F32(0), F32(0), F32(0), F32(0)
    for v in range(0, lanes, 4):
        a += row[v]
        b += row[v + 1]
        c += row[v + 2]
        d += row[v + 3]
    return (a + b) + (c + d)
