"""The chopper siren: air let through a row of ports, so many pulses a turn of the shaft.

A port's opening over one cycle is a trapezoid: it opens, stays open, closes.  Its four corners are
rounded by a B-spline four frames wide, which takes away what would fold back (PolyBLAMP; Esqueda,
Valimaki and Bilbao 2016, "Rounding corners with BLAMP").  Behind it a
low-pass, a mouth of three formants, and the place where it stands.  One pass each, as what is 32
bits wide goes twice as many lanes at a time as the filters; lanes innermost, rows of ``LANES``
numbers at fixed offsets, so that it vectorises.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import LANES, inlined, kernel
from lullaby.dsp.noise import white
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32
# Rows of p, int32: phase (2^32 a cycle), its step a frame, the step's own step, cycles begun,
# frames since the start.
PACE, PACE_BY, BEGUN, SINCE = (i * LANES for i in range(1, 5))
P_ROWS = 5
# Rows of f, float32: a value and its step a frame; where a port shuts never moves.
OPEN, OPEN_BY, FLOW, FLOW_BY, JITTER, JITTER_BY = (i * LANES for i in range(6))
LEFT, LEFT_BY, RIGHT, RIGHT_BY, VOWEL, VOWEL_BY, SHUT = (i * LANES for i in range(6, 13))
F_ROWS = 13
# Rows of g, float64, for each filter: two integrators, three coefficients, their steps a frame.
IC2, A1, A2, A3, A1_BY, A2_BY, A3_BY = (i * LANES for i in range(1, 8))
FILTERS = 4  # a low-pass, three formants
SIZE = 8 * LANES  # of one filter
Q = (0.7, 5.0, 7.0, 9.0)  # low-pass flattest; formants 70 to 350 Hz wide
FORMANT_GAIN = (2.2, 2.1, 1.4)  # a mouth takes no loudness away
GAIN_1, GAIN_2, GAIN_3 = (g / q for g, q in zip(FORMANT_GAIN, Q[1:], strict=True))
SPREAD = F32(3.0**0.5)  # a uniform number of -1..1 has this part of its range as deviation
SHORTEST = F32(0.15)  # no period is shorter than this share of the mean one
UNIT = F32(2.0**-31)


@inlined
def rounding(d: Any) -> Any:
    """Return what rounds a corner ``d`` frames away: a cubic B-spline integrated twice."""
    wide = max(F32(0), F32(2) - abs(d))
    near = max(F32(0), F32(1) - abs(d))
    wide_2, near_2 = wide * wide, near * near
    return (wide * wide_2 * wide_2 - F32(4) * near * near_2 * near_2) * F32(1.0 / 120.0)


@inlined
def opening(x: Any, full: Any, shut: Any, step: Any) -> Any:
    """Return how far a port is open, 0..1, float32, less its mean.

    ``x``: the naive saw -1..1, 0 in the middle of the opening; the port is fully open for
    ``|x| < full`` and shut for ``|x| > shut``; ``step``: the rise of x a frame.
    Corners must lie more than two frames from 0 and 1: ``2 step < full, 1 - shut``.
    """
    away = abs(x)
    slope, per_step = F32(1) / (shut - full), F32(1) / step
    rounded = rounding((away - shut) * per_step) - rounding((away - full) * per_step)
    plain = min(max((shut - away) * slope, F32(0)), F32(1))
    return plain + rounded * slope * step - (full + shut) * F32(0.5)


@kernel
def puff(width: int, p: Any, f: Any, key: Any, y: Any) -> None:
    """Fill one step of ``y``, ``LANES`` a frame, with pulses and the noise of the air in them."""
    for i in range(STEP):
        for v in range(width):
            step = F32(p[v + PACE]) * UNIT
            pulse = opening(F32(p[v]) * UNIT, f[v], f[v + SHUT], step)
            hiss = white(key[v], U32(p[v + SINCE])) * f[v + FLOW]
            y[i * LANES + v] = pulse + hiss * (pulse + F32(0.5))
            p[v] += p[v + PACE]
            p[v + PACE] += p[v + PACE_BY]
            p[v + SINCE] += I32(1)
            f[v] += f[v + OPEN_BY]
            f[v + FLOW] += f[v + FLOW_BY]


@kernel
def tear(width: int, p: Any, f: Any, key: Any, y: Any) -> None:
    """As ``puff``, but every period is longer or shorter by ``JITTER`` (deviation, a ratio).

    A period's length is keyed by its number.  At 0.6 nothing of the pitch is left.
    """
    for i in range(STEP):
        for v in range(width):
            drawn = white(~key[v], U32(p[v + BEGUN])) * SPREAD
            pace = F32(p[v + PACE]) / max(SHORTEST, F32(1) + f[v + JITTER] * drawn)
            pulse = opening(F32(p[v]) * UNIT, f[v], f[v + SHUT], pace * UNIT)
            hiss = white(key[v], U32(p[v + SINCE])) * f[v + FLOW]
            y[i * LANES + v] = pulse + hiss * (pulse + F32(0.5))
            before = p[v]
            p[v] += I32(pace)
            p[v + BEGUN] += I32(p[v] < before)
            p[v + PACE] += p[v + PACE_BY]
            p[v + SINCE] += I32(1)
            f[v] += f[v + OPEN_BY]
            f[v + FLOW] += f[v + FLOW_BY]
            f[v + JITTER] += f[v + JITTER_BY]


@inlined
def filtered(v: int, g: Any, x: Any) -> Any:
    """Return band-pass (times Q) and low-pass of a lane's state-variable filter; move it on."""
    v3 = x - g[v + IC2]
    v1 = g[v + A1] * g[v] + g[v + A2] * v3
    v2 = g[v + IC2] + g[v + A2] * g[v] + g[v + A3] * v3
    g[v] = 2.0 * v1 - g[v]
    g[v + IC2] = 2.0 * v2 - g[v + IC2]
    g[v + A1] += g[v + A1_BY]
    g[v + A2] += g[v + A2_BY]
    g[v + A3] += g[v + A3_BY]
    return v1, v2


@kernel
def soften(width: int, g: Any, y: Any) -> None:
    """Pass one step of every lane through its low-pass, in place."""
    for i in range(STEP):
        for v in range(width):
            _, low = filtered(v, g, np.float64(y[i * LANES + v]))
            y[i * LANES + v] = F32(low)


@kernel
def speak(width: int, f: Any, g: Any, y: Any) -> None:
    """Pass one step of every lane through its mouth, three formants side by side, in place."""
    for i in range(STEP):
        for v in range(width):
            x = np.float64(y[i * LANES + v])
            one, _ = filtered(v + SIZE, g, x)
            two, _ = filtered(v + 2 * SIZE, g, x)
            three, _ = filtered(v + 3 * SIZE, g, x)
            said = F32(one * GAIN_1 + two * GAIN_2 + three * GAIN_3)
            y[i * LANES + v] += f[v + VOWEL] * (said - y[i * LANES + v])
            f[v + VOWEL] += f[v + VOWEL_BY]


@kernel
def stand(width: int, f: Any, y: Any, out: Any, at: int) -> None:
    """Add one step of all lanes, each where it stands, to ``out``, always in the same order.

    A gain below 0 is one not yet, or no longer, heard.  ``y`` has three spare rows behind it.
    """
    z, q = y[STEP * LANES :], y[(STEP + 2) * LANES :]
    z[: 2 * LANES] = F32(0)
    for i in range(STEP):
        for v in range(width):
            x = y[i * LANES + v]
            z[v] = x * max(F32(0), f[v + LEFT])
            z[v + LANES] = x * max(F32(0), f[v + RIGHT])
            f[v + LEFT] += f[v + LEFT_BY]
            f[v + RIGHT] += f[v + RIGHT_BY]
        for v in range(8):
            q[v] = (z[v] + z[v + 8]) + (z[v + 16] + z[v + 24])
            q[v + 8] = (z[v + 32] + z[v + 40]) + (z[v + 48] + z[v + 56])
        out[0, at + i] += ((q[0] + q[1]) + (q[2] + q[3])) + ((q[4] + q[5]) + (q[6] + q[7]))
        out[1, at + i] += ((q[8] + q[9]) + (q[10] + q[11])) + ((q[12] + q[13]) + (q[14] + q[15]))
