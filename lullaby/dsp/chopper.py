"""The chopper siren: air let through a row of ports, so many pulses a turn of the shaft.

A port's opening over one cycle is a trapezoid: it opens, stays open, closes.  Its four corners are
rounded by the integral of a triangle, two frames wide, which takes away what would fold back
(PolyBLAMP; Esqueda, Valimaki and Bilbao 2016, "Rounding corners with BLAMP").  Phases are int32,
2^32 to a cycle, lanes innermost; ``p`` and ``f`` hold rows of ``LANES`` numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import LANES, inlined, kernel
from lullaby.dsp.noise import white
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32
# Rows of p: phase, its step a frame, the step's own step, cycles begun, and frames since start.
PHASE, PACE, PACE_BY, CYCLE, AGE = (i * LANES for i in range(5))
P_ROWS = 5
# Rows of f: value at this frame and its step a frame; where a port shuts never moves.
OPEN, OPEN_BY, SHUT, _, FLOW, FLOW_BY, JITTER, JITTER_BY = (i * LANES for i in range(8))
LEFT, LEFT_BY, RIGHT, RIGHT_BY, VOWEL, VOWEL_BY = (i * LANES for i in range(8, 14))
F_ROWS = 14
SPREAD = F32(3.0**0.5)  # a uniform number of -1..1 has this part of its range as deviation
SHORTEST = F32(0.15)  # no period is shorter than this share of the mean one


@inlined
def opening(x: Any, full: Any, shut: Any, step: Any) -> Any:
    """Return how far a port is open, 0..1, float32, less its mean.

    ``x``: the naive saw -1..1, 0 in the middle of the opening; the port is fully open for
    ``|x| < full`` and shut for ``|x| > shut``; ``step``: the rise of x a frame.
    Corners must lie more than one frame from 0 and 1: ``step < full, 1 - shut``.
    """
    away = abs(x)
    slope, per_step = F32(1) / (shut - full), F32(1) / step
    at_full = max(F32(0), F32(1) - abs(away - full) * per_step)
    at_shut = max(F32(0), F32(1) - abs(away - shut) * per_step)
    rounded = (at_shut * at_shut * at_shut - at_full * at_full * at_full) * F32(1.0 / 6.0)
    plain = min(max((shut - away) * slope, F32(0)), F32(1))
    return plain + rounded * slope * step - (full + shut) * F32(0.5)


@kernel
def chop(width: int, p: Any, f: Any, key: Any, y: Any) -> None:
    """Fill one step of ``y``, ``LANES`` a frame, with pulses and the noise of the air in them."""
    for i in range(STEP):
        for v in range(width):
            x = F32(p[v]) * F32(2.0**-31)
            pulse = opening(x, f[v], f[v + SHUT], F32(p[v + PACE]) * F32(2.0**-31))
            hiss = white(key[v], U32(p[v + AGE])) * f[v + FLOW]
            y[i * LANES + v] = pulse + hiss * (pulse + F32(0.5))
            p[v] += p[v + PACE]
            p[v + PACE] += p[v + PACE_BY]
            p[v + AGE] += I32(1)
            f[v] += f[v + OPEN_BY]
            f[v + FLOW] += f[v + FLOW_BY]


@kernel
def dissolve(width: int, p: Any, f: Any, key: Any, y: Any) -> None:
    """As ``chop``, but every period is drawn anew: longer or shorter by ``JITTER`` (deviation).

    A period's length is keyed by its number.  At 0.6 nothing of the pitch is left.
    """
    for i in range(STEP):
        for v in range(width):
            x = F32(p[v]) * F32(2.0**-31)
            drawn = white(~key[v], U32(p[v + CYCLE])) * SPREAD
            pace = F32(p[v + PACE]) / max(SHORTEST, F32(1) + f[v + JITTER] * drawn)
            pulse = opening(x, f[v], f[v + SHUT], pace * F32(2.0**-31))
            hiss = white(key[v], U32(p[v + AGE])) * f[v + FLOW]
            y[i * LANES + v] = pulse + hiss * (pulse + F32(0.5))
            before = p[v]
            p[v] += I32(pace)
            p[v + CYCLE] += I32(p[v] < before)
            p[v + PACE] += p[v + PACE_BY]
            p[v + AGE] += I32(1)
            f[v] += f[v + OPEN_BY]
            f[v + FLOW] += f[v + FLOW_BY]
            f[v + JITTER] += f[v + JITTER_BY]
