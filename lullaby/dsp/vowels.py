"""What lanes of voices pass through: a low-pass each, and a mouth of three formants.

State-variable filters as in ``lullaby.dsp.filters``, with coefficients that move from frame to
frame.  ``g`` holds rows of ``LANES`` numbers in float64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.chopper import LEFT, LEFT_BY, RIGHT, RIGHT_BY, VOWEL, VOWEL_BY
from lullaby.dsp.kernel import LANES, kernel
from lullaby.units import STEP

F32 = np.float32
# Rows of one filter: two integrators, three coefficients, their steps a frame.
IC1, IC2, A1, A2, A3, A1_BY, A2_BY, A3_BY = (i * LANES for i in range(8))
ROWS = 8  # of one filter; the low-pass comes first, then three formants
FORMANTS = 3
SIZE = ROWS * LANES
G_ROWS = ROWS * (1 + FORMANTS)
Q = (0.7, 5.0, 7.0, 9.0)  # low-pass flattest; formants 70 to 350 Hz wide
FORMANT_GAIN = (1.6, 1.5, 1.0)


@kernel
def soften(width: int, g: Any, y: Any) -> None:
    """Pass one step of every lane through its low-pass, in place."""
    for i in range(STEP):
        for v in range(width):
            v3 = np.float64(y[i * LANES + v]) - g[v + IC2]
            v1 = g[v + A1] * g[v] + g[v + A2] * v3
            v2 = g[v + IC2] + g[v + A2] * g[v] + g[v + A3] * v3
            g[v] = 2.0 * v1 - g[v]
            g[v + IC2] = 2.0 * v2 - g[v + IC2]
            y[i * LANES + v] = F32(v2)
            g[v + A1] += g[v + A1_BY]
            g[v + A2] += g[v + A2_BY]
            g[v + A3] += g[v + A3_BY]


@kernel
def resonate(width: int, g: Any, gain: float, x: Any, z: Any) -> None:
    """Add the band-pass of ``x`` by one formant, 0 dB at its centre times ``gain``, to ``z``."""
    for i in range(STEP):
        for v in range(width):
            v3 = np.float64(x[i * LANES + v]) - g[v + IC2]
            v1 = g[v + A1] * g[v] + g[v + A2] * v3
            v2 = g[v + IC2] + g[v + A2] * g[v] + g[v + A3] * v3
            g[v] = 2.0 * v1 - g[v]
            g[v + IC2] = 2.0 * v2 - g[v + IC2]
            z[i * LANES + v] += F32(v1 * gain)
            g[v + A1] += g[v + A1_BY]
            g[v + A2] += g[v + A2_BY]
            g[v + A3] += g[v + A3_BY]


@kernel
def blend(width: int, f: Any, y: Any, z: Any) -> None:
    """Turn ``y`` into ``z`` by the share of the vowel."""
    for i in range(STEP):
        for v in range(width):
            y[i * LANES + v] += f[v + VOWEL] * (z[i * LANES + v] - y[i * LANES + v])
            f[v + VOWEL] += f[v + VOWEL_BY]


@kernel
def place(width: int, f: Any, y: Any, out: Any, at: int) -> None:
    """Add the lanes to both channels of ``out`` from frame ``at``, always in the same order."""
    a, b = np.zeros(LANES, F32), np.zeros(LANES, F32)
    for i in range(STEP):
        for v in range(width):
            a[v] = y[i * LANES + v] * f[v + LEFT]
            b[v] = y[i * LANES + v] * f[v + RIGHT]
            f[v + LEFT] += f[v + LEFT_BY]
            f[v + RIGHT] += f[v + RIGHT_BY]
        for half in (16, 8):
            for v in range(half):
                a[v] += a[v + half]
                b[v] += b[v + half]
        left = ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))
        right = ((b[0] + b[1]) + (b[2] + b[3])) + ((b[4] + b[5]) + (b[6] + b[7]))
        out[0, at + i] += left
        out[1, at + i] += right
