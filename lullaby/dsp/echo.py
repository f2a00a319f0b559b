"""Echoes: two delay lines that feed each other, darker each time, at a length that glides."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.delay_line import FRAME, LEAST, fixed, glide, read, ring, write
from lullaby.dsp.fdn import blend
from lullaby.dsp.kernel import kernel
from lullaby.units import STEP

F32 = np.float32
FASTEST = FRAME // 2 * STEP  # how far a length glides in a step: to half or one and a half of pitch
SETTLING = FRAME // 1024 * STEP  # how far a still length moves to be whole, in a step: 2 cents


def at_rest(sample_rate: int, longest_s: float) -> dict[str, Any]:
    """Return the memory of silent lines."""
    return {
        "known": np.zeros(1, np.int64),
        "length": np.zeros(3, np.int64),  # as it glides, its speed, what is added to make it whole
        "lines": ring(2, longest_s * sample_rate + LEAST),
        "damped": np.zeros(2),
    }


@kernel
def lengths(now: float, then: float, sample_rate: float, length: Any, known: Any) -> Any:
    """Move ``length`` by a step; return the delay at both of its ends.

    A length that stands still is a whole number of frames, so that an echo is exact and loses
    nothing however often it comes round.
    """
    goal = fixed(max(now * sample_rate, LEAST + 0.0))
    goal_then = fixed(max(then * sample_rate, LEAST + 0.0))
    still = now == then
    if known[0] == 0:
        known[0] = 1
        length[0] = goal
        length[2] = nearest(length[0]) if still else 0
    begin = length[0] + length[2]
    glide(length, goal, goal_then, FASTEST)
    wanted = nearest(goal) if still and length[0] == goal else 0
    length[2] += min(max(wanted - length[2], -SETTLING), SETTLING)
    return begin, length[0] + length[2]


@kernel
def nearest(delay: Any) -> Any:
    """Return what is missing from a delay to the nearest whole frame."""
    return ((delay + FRAME // 2) >> 32 << 32) - delay


@kernel
def echo(
    block: Any,
    start_frame: int,
    sample_rate: float,
    curves: Any,
    known: Any,
    length: Any,
    lines: Any,
    damped: Any,
) -> None:
    """Replace ``block``, shape (2, frames), by dry and echoes; the last four are ``at_rest``."""
    out, fed = np.zeros((2, STEP), F32), np.zeros((2, STEP), F32)
    for s in range(block.shape[1] // STEP):
        grid, at = start_frame + s * STEP, s * STEP
        now, then = curves[s], curves[s + 1]
        begin, end = lengths(now.time_s, then.time_s, sample_rate, length, known)
        for c in range(2):
            read(lines[c], grid, begin, end, out[c])
        darken(out, damped, now.damping_hz, then.damping_hz, sample_rate, fed)
        back, back_by = now.feedback, (then.feedback - now.feedback) / STEP
        over, over_by = now.cross, (then.cross - now.cross) / STEP
        for i in range(STEP):
            amount, share = back + back_by * i, over + over_by * i
            left, right = fed[0, i], fed[1, i]
            fed[0, i] = block[0, at + i] + F32(amount * (left + share * (right - left)))
            fed[1, i] = block[1, at + i] + F32(amount * (right + share * (left - right)))
        for c in range(2):
            write(lines[c], grid, fed[c])
        blend(block, at, out, now.wet, then.wet)


@kernel
def darken(x: Any, damped: Any, now: float, then: float, sample_rate: float, y: Any) -> None:
    """Fill ``y`` with a step of ``x`` through a one-pole low-pass that is 3 dB down at a cutoff."""
    share, share_then = opened(now, sample_rate), opened(then, sample_rate)
    share_by = (share_then - share) / STEP
    left, right = damped[0], damped[1]
    for i in range(STEP):
        left += share * (x[0, i] - left)
        right += share * (x[1, i] - right)
        y[0, i], y[1, i] = F32(left), F32(right)
        share += share_by
    damped[0] = left if abs(left) > 1e-30 else 0.0
    damped[1] = right if abs(right) > 1e-30 else 0.0


@kernel
def opened(cutoff_hz: float, sample_rate: float) -> Any:
    """Return the share of the new that a one-pole low-pass takes, exact at its -3 dB point."""
    c = 1.0 - np.cos(2.0 * np.pi * min(cutoff_hz, 0.49 * sample_rate) / sample_rate)
    return np.sqrt(c * (c + 2.0)) - c
