"""What a mixing desk does to a block: gain, pan, width and sums, ramped between grid points.

Blocks are float32, shape (2, frames), frames a multiple of 64; controls are float64 with a value at
each grid point of the block, both ends included.  Inside a step a control moves on a line, so the
result does not depend on how time is cut into blocks.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel
from lullaby.units import STEP

SLOPE = 1.0 / STEP


@kernel
def ramp(block: Any, gains: Any) -> None:
    """Multiply a block by linear gains."""
    for c in range(block.shape[0]):
        row = block[c]
        for s in range(len(gains) - 1):
            g, d = gains[s], (gains[s + 1] - gains[s]) * SLOPE
            part = row[s * STEP : (s + 1) * STEP]
            for i in range(STEP):
                part[i] *= np.float32(g + d * i)


@kernel
def add_ramped(target: Any, block: Any, gains: Any) -> None:
    """Add a block times linear gains to another of the same shape: a send."""
    for c in range(block.shape[0]):
        for s in range(len(gains) - 1):
            g, d = gains[s], (gains[s + 1] - gains[s]) * SLOPE
            part = block[c][s * STEP : (s + 1) * STEP]
            into = target[c][s * STEP : (s + 1) * STEP]
            for i in range(STEP):
                into[i] += np.float32(g + d * i) * part[i]


@kernel
def rotate(block: Any, pan: Any) -> None:
    """Move a stereo image: -1 all to the left, 0 untouched, 1 all to the right.

    One side is turned into the other by an angle, so power is kept where both sides differ
    (the sine-cosine law; Rumsey 2001, Spatial Audio, chapter 2).
    """
    left, right = block[0], block[1]
    for s in range(len(pan) - 1):
        a, b = pan[s] * 0.5 * np.pi, pan[s + 1] * 0.5 * np.pi
        # Cosine and sine at both ends, on a line between them: within 64 frames the same.
        c0, c1 = np.cos(a), np.cos(b)
        to_right0, to_right1 = np.sin(max(a, 0.0)), np.sin(max(b, 0.0))
        to_left0, to_left1 = np.sin(max(-a, 0.0)), np.sin(max(-b, 0.0))
        stay_left0, stay_left1 = (c0 if a > 0.0 else 1.0), (c1 if b > 0.0 else 1.0)
        stay_right0, stay_right1 = (c0 if a < 0.0 else 1.0), (c1 if b < 0.0 else 1.0)
        lp, rp = left[s * STEP : (s + 1) * STEP], right[s * STEP : (s + 1) * STEP]
        for i in range(STEP):
            x = i * SLOPE
            y, z = lp[i], rp[i]
            sl = np.float32(stay_left0 + (stay_left1 - stay_left0) * x)
            sr = np.float32(stay_right0 + (stay_right1 - stay_right0) * x)
            tl = np.float32(to_left0 + (to_left1 - to_left0) * x)
            tr = np.float32(to_right0 + (to_right1 - to_right0) * x)
            lp[i] = y * sl + z * tl
            rp[i] = z * sr + y * tr


@kernel
def widen(block: Any, width: Any) -> None:
    """Scale the side signal of a stereo block: 0 mono, 1 untouched, 2 twice as wide."""
    left, right = block[0], block[1]
    for s in range(len(width) - 1):
        w, d = width[s], (width[s + 1] - width[s]) * SLOPE
        lp, rp = left[s * STEP : (s + 1) * STEP], right[s * STEP : (s + 1) * STEP]
        for i in range(STEP):
            half = np.float32(0.5)
            middle, side = (lp[i] + rp[i]) * half, (lp[i] - rp[i]) * half
            side *= np.float32(w + d * i)
            lp[i] = middle + side
            rp[i] = middle - side


@kernel
def block_dc(block: Any, pole: float, state: Any) -> None:
    """Remove what does not move: y[n] = x[n] - x[n-1] + pole y[n-1] (Smith, Digital Filters).

    ``state``: float64, shape (channels, 2), the last input and output; what is below 1e-30 becomes
    0 at grid points, so that silence costs no denormal arithmetic.
    """
    for c in range(block.shape[0]):
        x1, y1 = state[c, 0], state[c, 1]
        row = block[c]
        for s in range(block.shape[1] // STEP):
            part = row[s * STEP : (s + 1) * STEP]
            for i in range(STEP):
                x = np.float64(part[i])
                y1 = x - x1 + pole * y1
                x1 = x
                part[i] = np.float32(y1)
            if abs(y1) < 1e-30:
                y1 = 0.0
        state[c, 0], state[c, 1] = x1, y1
