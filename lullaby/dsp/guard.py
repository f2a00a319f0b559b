"""What stands between a faulty part and everybody else: finds it, and takes it away gently."""

from __future__ import annotations

from typing import Any

import numpy as np

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


@kernel
def silence_from(block: Any, frame: int, fade_frames: int) -> None:
    """Replace everything from ``frame`` on by the last good value falling to 0 on a line.

    ``block``: float32, shape (channels, frames); the fall takes ``fade_frames`` frames.
    """
    for c in range(block.shape[0]):
        last = block[c, frame - 1] if frame > 0 else np.float32(0)
        for i in range(frame, block.shape[1]):
            left = 1.0 - (i - frame + 1) / fade_frames
            block[c, i] = last * np.float32(max(0.0, left))
