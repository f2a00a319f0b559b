"""Adding up what lanes sang, which lies side by side in memory, to one frame each."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel
from lullaby.units import STEP

SUMS = 16  # a frame and side, that lanes are added to


@kernel
def pairs(count: int, q: Any, r: Any) -> None:
    """Fill ``r`` with the sums of ``count`` pairs of ``q``."""
    for j in range(count):
        r[j] = q[2 * j] + q[2 * j + 1]


@kernel
def sum_up(sides: Any, scratch: Any, out: Any, at: int) -> None:
    """Add one step to ``out``, (2, frames), from frame ``at`` on, always in the same order.

    ``sides``: SUMS a frame, float32, 64 frames of the left and then of the right, is made 0;
    ``scratch``, half as long or longer, is used up.  Pairs of pairs, as those vectorise.
    """
    pairs(16 * STEP, sides, scratch)
    pairs(8 * STEP, scratch, sides)
    pairs(4 * STEP, sides, scratch)
    pairs(2 * STEP, scratch, sides)
    for i in range(STEP):
        out[0, at + i] += sides[i]
        out[1, at + i] += sides[STEP + i]
    for i in range(2 * SUMS * STEP):
        sides[i] = np.float32(0)
