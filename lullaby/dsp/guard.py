"""What stands between a faulty part and everybody else."""

from __future__ import annotations

from typing import Any

from lullaby.dsp.kernel import kernel
from lullaby.units import STEP


@kernel
def first_fault(block: Any, limit: float) -> int:
    """Return the first step of 64 frames that holds NaN, infinity or more than ``limit``, or -1.

    ``block``: float32, shape (channels, frames), frames a multiple of 64; ``limit``: linear.
    """
    for s in range(block.shape[1] // STEP):
        for c in range(block.shape[0]):
            row = block[c, s * STEP : (s + 1) * STEP]
            fine = True
            for i in range(STEP):
                fine &= abs(row[i]) <= limit  # false for NaN, too
            if not fine:
                return s
    return -1
