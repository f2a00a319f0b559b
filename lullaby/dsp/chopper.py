"""The chopper siren: air let through a row of ports, so many pulses a turn of the shaft.

A port's opening over one cycle is a trapezoid: it opens, stays open, closes.  Its four corners are
rounded by a B-spline four frames wide, which takes away what would fold back (PolyBLAMP; Esqueda,
Valimaki and Bilbao 2016, "Rounding corners with BLAMP").  Behind it a
low-pass, a mouth of three formants, and the place where it stands.  One pass each, lanes innermost,
rows of ``LANES`` numbers at fixed offsets, so that it vectorises.  What ramps is worked out from
the frame's number, as writing it back would cost more than the sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import LANES, inlined, kernel
from lullaby.units import STEP

F32, I32 = np.float32, np.int32
# Rows of p, int32: phase (2^32 a cycle), its step a frame, the step's own step, and the last draws
# for the noise of the air and for the length of a period.
PACE, PACE_BY, AIR, DRAW = (i * LANES for i in range(1, 5))
P_ROWS = 5
# Rows of f, float32: where a port shuts; then values and their steps a frame: one over the fall of
# a port's edge, frames a unit of phase, gains.
SHUT, EDGE, EDGE_BY, WIDE, WIDE_BY, LEFT, LEFT_BY, RIGHT, RIGHT_BY = (i * LANES for i in range(9))
F_ROWS = 9
# What all lanes share, float32: values and their steps a frame.
OPEN, OPEN_BY, FLOW, FLOW_BY, JITTER, JITTER_BY, VOWEL, VOWEL_BY = range(8)
# Rows of g, float32, for each filter: two integrators, three coefficients, what they
# grow by in a hold.  Single precision errs by less than -120 dBFS down to a cutoff of 70 Hz.
IC2, A1, A2, A3, A1_BY, A2_BY, A3_BY = (i * LANES for i in range(1, 8))
FILTERS = 4  # a low-pass, three formants
SIZE = 8 * LANES  # of one filter
Q = (0.7, 5.0, 7.0, 9.0)  # low-pass flattest; formants 70 to 350 Hz wide
FORMANT_GAIN = (2.2, 2.1, 1.4)  # a mouth takes no loudness away
GAIN_1, GAIN_2, GAIN_3 = (F32(g / q) for g, q in zip(FORMANT_GAIN, Q[1:], strict=True))
SPREAD = F32(3.0**0.5)  # a uniform number of -1..1 has this part of its range as deviation
SHORTEST = F32(0.15)  # no period is shorter than this share of the mean one
UNIT = F32(2.0**-31)
HOLD = 8  # frames a filter's coefficients stand still: finer than that is not heard, and costs
FRAME = np.arange(STEP).astype(np.float32)


@inlined
def drawn(last: Any) -> Any:
    """Return the draw after one, int32: a linear congruence (Press et al. 1992, section 7.1)."""
    return I32(I32(last * I32(1664525)) + I32(1013904223))


@inlined
def rounding(d: Any) -> Any:
    """Return 120 times what rounds a corner ``d`` frames away: a cubic B-spline's second sum."""
    wide = max(F32(0), F32(2) - abs(d))
    near = max(F32(0), F32(1) - abs(d))
    wide_2, near_2 = wide * wide, near * near
    return wide * wide_2 * wide_2 - F32(4) * near * near_2 * near_2


@inlined
def opening(x: Any, full: Any, shut: Any, edge: Any, step: Any, wide: Any) -> Any:
    """Return how far a port is open, 0..1, float32, less its mean.

    ``x``: the naive saw -1..1, 0 in the middle of the opening; the port is fully open for
    ``|x| < full`` and shut for ``|x| > shut``; ``edge``: one over what lies between; ``step``: the
    rise of x a frame, ``wide``: one over it.
    Corners must lie more than two frames from 0 and 1: ``2 step < full, 1 - shut``.
    """
    away = abs(x)
    rounded = rounding((away - shut) * wide) - rounding((away - full) * wide)
    plain = min(max((shut - away) * edge, F32(0)), F32(1))
    return plain + rounded * (edge * step * F32(1.0 / 120.0)) - (full + shut) * F32(0.5)


@kernel
def puff(width: int, p: Any, f: Any, all_of: Any, y: Any) -> None:
    """Fill one step of ``y``, ``LANES`` a frame, with pulses and the noise of the air in them."""
    for i in range(STEP):
        n = FRAME[i]
        full, flow = all_of[OPEN] + n * all_of[OPEN_BY], all_of[FLOW] + n * all_of[FLOW_BY]
        for v in range(width):
            edge, wide = f[v + EDGE] + n * f[v + EDGE_BY], f[v + WIDE] + n * f[v + WIDE_BY]
            step = F32(p[v + PACE]) * UNIT
            pulse = opening(F32(p[v]) * UNIT, full, f[v + SHUT], edge, step, wide)
            hiss = F32(p[v + AIR]) * UNIT * flow
            y[i * LANES + v] = pulse + hiss * (pulse + F32(0.5))
            p[v] += p[v + PACE]
            p[v + PACE] += p[v + PACE_BY]
            p[v + AIR] = drawn(p[v + AIR])


@kernel
def tear(width: int, p: Any, f: Any, all_of: Any, y: Any) -> None:
    """As ``puff``, but every period is longer or shorter by ``JITTER`` (deviation, a ratio).

    At 0.6 nothing of the pitch is left.
    """
    for i in range(STEP):
        n = FRAME[i]
        full, flow = all_of[OPEN] + n * all_of[OPEN_BY], all_of[FLOW] + n * all_of[FLOW_BY]
        jitter = (all_of[JITTER] + n * all_of[JITTER_BY]) * UNIT * SPREAD
        for v in range(width):
            edge, wide = f[v + EDGE] + n * f[v + EDGE_BY], f[v + WIDE] + n * f[v + WIDE_BY]
            longer = max(SHORTEST, F32(1) + jitter * F32(p[v + DRAW]))
            pace = F32(p[v + PACE]) / longer
            pulse = opening(F32(p[v]) * UNIT, full, f[v + SHUT], edge, pace * UNIT, wide * longer)
            hiss = F32(p[v + AIR]) * UNIT * flow
            y[i * LANES + v] = pulse + hiss * (pulse + F32(0.5))
            before, last = p[v], p[v + DRAW]
            p[v] += I32(pace)
            p[v + DRAW] = drawn(last) if p[v] < before else last
            p[v + PACE] += p[v + PACE_BY]
            p[v + AIR] = drawn(p[v + AIR])


@inlined
def filtered(v: int, g: Any, x: Any) -> Any:
    """Return band-pass (times Q) and low-pass of a lane's state-variable filter; move it on."""
    v3 = x - g[v + IC2]
    v1 = g[v + A1] * g[v] + g[v + A2] * v3
    v2 = g[v + IC2] + g[v + A2] * g[v] + g[v + A3] * v3
    g[v] = v1 + v1 - g[v]
    g[v + IC2] = v2 + v2 - g[v + IC2]
    return v1, v2


@inlined
def tuned(width: int, g: Any) -> None:
    """Move a filter's coefficients on by one hold, in every lane."""
    for v in range(width):
        g[v + A1] += g[v + A1_BY]
        g[v + A2] += g[v + A2_BY]
        g[v + A3] += g[v + A3_BY]


@kernel
def soften(width: int, g: Any, y: Any) -> None:
    """Pass one step of every lane through its low-pass, in place."""
    for first in range(0, STEP, HOLD):
        tuned(width, g)
        for i in range(first, first + HOLD):
            for v in range(width):
                _, y[i * LANES + v] = filtered(v, g, y[i * LANES + v])


@kernel
def speak(width: int, g: Any, all_of: Any, y: Any) -> None:
    """Pass one step of every lane through its mouth, three formants side by side, in place."""
    for first in range(0, STEP, HOLD):
        for k in range(1, FILTERS):
            tuned(width, g[k * SIZE :])
        for i in range(first, first + HOLD):
            vowel = all_of[VOWEL] + FRAME[i] * all_of[VOWEL_BY]
            for v in range(width):
                x = y[i * LANES + v]
                one, _ = filtered(v + SIZE, g, x)
                two, _ = filtered(v + 2 * SIZE, g, x)
                three, _ = filtered(v + 3 * SIZE, g, x)
                said = one * GAIN_1 + two * GAIN_2 + three * GAIN_3
                y[i * LANES + v] = x + vowel * (said - x)


@kernel
def stand(width: int, f: Any, y: Any, t: Any, out: Any, at: int) -> None:
    """Add one step of all lanes, each where it stands, to ``out``, always in the same order.

    A gain below 0 is one not yet, or no longer, heard.  ``width``: a multiple of 16; ``y`` is used
    up, ``t``, ``LANES STEP``, is scratch.
    """
    for i in range(STEP):
        n = FRAME[i]
        for v in range(width):
            x = y[i * LANES + v]
            y[i * LANES + v] = x * max(F32(0), f[v + LEFT] + n * f[v + LEFT_BY])
            t[i * LANES + v] = x * max(F32(0), f[v + RIGHT] + n * f[v + RIGHT_BY])
    for c in range(2):
        side, to = y if c == 0 else t, out[c, at : at + STEP]
        half = min(width - 16, 16)  # no bound the compiler knows, which would take vectors apart
        for i in range(STEP):
            q = side[LANES * i :]
            for v in range(half):
                q[v] += q[v + 16]
        for i in range(STEP):
            q = side[LANES * i :]
            a, b = (q[0] + q[1]) + (q[2] + q[3]), (q[4] + q[5]) + (q[6] + q[7])
            d, e = (q[8] + q[9]) + (q[10] + q[11]), (q[12] + q[13]) + (q[14] + q[15])
            to[i] += (a + b) + (d + e)
