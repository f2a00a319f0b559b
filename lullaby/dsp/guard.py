"""What stands between a faulty part and everybody else."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import bits, kernel
from lullaby.units import STEP


@kernel
def first_fault(block: Any, limit: float) -> int:
    """Return the first step of 64 frames that holds NaN, infinity or more than ``limit``, or -1.

    ``block``: float32, shape (channels, frames), frames a multiple of 64; ``limit``: linear.
    """
    most = bits(np.float32(limit))
    for s in range(block.shape[1] // STEP):
        for c in range(block.shape[0]):
            row = block[c, s * STEP : (s + 1) * STEP]
            signed = row.view(np.int32)  # without the sign they are in order, NaN above all
            top = np.int32(0)
            for i in range(STEP):
                top = max(top, signed[i] & np.int32(0x7FFFFFFF))
            if top > most:
                return s
    return -1
