"""The chopper siren: air let through a row of ports, so many pulses a turn of the shaft.

A port's opening over one cycle is a trapezoid: it opens, stays open, closes.  Its four corners are
rounded by a B-spline four frames wide, which takes away what would fold back (PolyBLAMP; Esqueda,
Valimaki and Bilbao 2016, "Rounding corners with BLAMP").  Behind it a
low-pass, a mouth of three formants, and the place where it stands.  One pass each, lanes innermost,
rows of ``LANES`` numbers at fixed offsets, so that it vectorises; a lane does some frames before
the next one has its turn, so that what it remembers stays in the processor.  What ramps is worked
out from the frame's number, as writing it back would cost more than the sum.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import fused, inlined, kernel
from lullaby.dsp.summing import SUMS
from lullaby.units import STEP

F32, I32 = np.float32, np.int32
LANES = 64  # side by side: what is done once for all of them is half of what sixteen cost
# Rows of p, int32: phase (2^32 a cycle), its step a frame, the step's own step, and the last draws
# for the noise of the air and for the length of a period.
PACE, PACE_BY, AIR, DRAW = (i * LANES for i in range(1, 5))
P_ROWS = 5
# Rows of f, float32: where a port shuts; then values and their steps a frame: one over the fall of
# a port's edge (as phase), SCALE frames a unit of phase, gains.
SHUT, EDGE, EDGE_BY, WIDE, WIDE_BY, LEFT, LEFT_BY, RIGHT, RIGHT_BY = (i * LANES for i in range(9))
QUICK = 9 * LANES  # 1 where a port opens in less than four frames, else 0
F_ROWS = 10
# What all lanes share, float32: values and their steps a frame.
OPEN, OPEN_BY, FLOW, FLOW_BY, JITTER, JITTER_BY, VOWEL, VOWEL_BY = range(8)
# Rows of g, float32, for each filter: two integrators, three coefficients, what they will be
# at the end of the step, what they grow by in a hold, and by how much more than that the last has
# grown in the middle of the step.  Single precision
# errs by less than -120 dBFS down to a cutoff of 70 Hz.
IC2, A, B, G, TO_A, TO_B, TO_G, A_BY, B_BY, G_BY, G_MORE = (i * LANES for i in range(1, 12))
FILTERS = 4  # a low-pass, three formants
SIZE = 12 * LANES  # of one filter
Q = (0.7, 5.0, 7.0, 9.0)  # low-pass flattest; formants 70 to 350 Hz wide
FORMANT_GAIN = (2.2, 2.1, 1.4)  # a mouth takes no loudness away
SPREAD = F32(3.0**0.5)  # a uniform number of -1..1 has this part of its range as deviation
SHORTEST = F32(0.15)  # no period is shorter than this share of the mean one
UNIT, HALF_HALF = F32(2.0**-31), F32(2.0**30)  # one over half a cycle, half of it
SCALE = F32(120.0**-0.2)  # its fifth power takes a B-spline's second sum to 1
HALF = F32(0.5)
HOLD = 8  # frames ports and coefficients stand still: finer than that is not heard, and costs
HOLDS = F32(STEP // HOLD)
MIDDLE = F32(0.5 * (HOLD - 1))  # of a hold, in frames
RUN = 4  # frames of a pulse that a lane does at once: more, and a compiler does them one by one
FRAME = np.arange(STEP).astype(np.float32)


@inlined
def drawn(last: Any) -> Any:
    """Return the draw after one, int32: a linear congruence (Press et al. 1992, section 7.1)."""
    return I32(I32(last * I32(1664525)) + I32(1013904223))


@inlined
def rounding(d: Any) -> Any:
    """Return what rounds a corner ``d / SCALE`` frames away: a cubic B-spline's second sum."""
    wide = F32(2) * SCALE - abs(d)
    near = max(wide - SCALE, F32(0))
    wide = max(wide, F32(0))
    wide_2, near_2 = wide * wide, near * near
    return fused(near_2 * near_2 * near, F32(-4), wide_2 * wide_2 * wide)


@inlined
def opening(at: Any, shut: Any, full: Any, edge: Any, pace: Any, wide: Any) -> Any:
    """Return how far a port is open, 0..1, float32, less its mean.

    ``at``: the phase, 0 in the middle of the opening, as all that follows 2^32 a cycle; the port is
    fully open within ``2 full`` of it and shut beyond ``2 shut``; ``edge``: one over what lies
    between; ``pace``: the rise of the phase a frame, ``wide``: ``SCALE`` over it.
    Corners must lie more than two frames from 0 and 2^31.
    """
    away, shuts, opens = abs(at), shut + shut, full + full
    rounded = rounding((away - shuts) * wide) - rounding((away - opens) * wide)
    plain = min(max(shuts - away, F32(0)), shuts - opens)
    return fused(rounded, pace, plain) * edge - (shut + full) * UNIT


@inlined
def opening_slowly(
    at: Any, middle: Any, corner: Any, mean: Any, edge: Any, pace: Any, wide: Any
) -> Any:
    """As ``opening``, for a port that takes four frames and more to open: for less work.

    Only one of the two corners, which are each other's mirror, is ever near.  ``middle``, ``shut +
    full``, is where it is half open, ``corner``, ``shut - full``, how far from there the corners
    are; ``mean``: ``0.5 - middle / 2^31``.
    """
    beyond = abs(at) - middle
    away = abs(beyond)
    rounded = rounding((away - corner) * wide)
    straight = fused(rounded, -pace, min(away, corner))
    return mean - np.copysign(straight * edge, beyond)


@kernel
def puff(width: int, p: Any, f: Any, all_of: Any, y: Any) -> None:
    """Fill one step of ``y``, ``LANES`` a frame, with pulses and the noise of the air in them.

    Every port must take four frames and more to open.  What a port is like, and how fast it turns,
    stands still for a hold, at what it is in the middle of it: only the phase goes on.
    """
    for first in range(0, STEP, HOLD):
        n = FRAME[first] + MIDDLE
        full = fused(n, all_of[OPEN_BY], all_of[OPEN]) * HALF_HALF
        flow = fused(n, all_of[FLOW_BY], all_of[FLOW]) * UNIT
        for v in range(width):
            edge, wide = (
                fused(n, f[v + EDGE_BY], f[v + EDGE]),
                fused(n, f[v + WIDE_BY], f[v + WIDE]),
            )
            at, pace, pace_by, air = p[v], p[v + PACE], p[v + PACE_BY], p[v + AIR]
            shut, rise = f[v + SHUT] * HALF_HALF, F32(pace)
            middle, corner = shut + full, shut - full
            mean = fused(middle, -UNIT, HALF)
            for i in range(RUN):
                pulse = opening_slowly(F32(at), middle, corner, mean, edge, rise, wide)
                y[(first + i) * LANES + v] = fused(F32(air) * flow, pulse + HALF, pulse)
                at, pace, air = I32(at + pace), I32(pace + pace_by), drawn(air)
            for i in range(RUN, HOLD):
                pulse = opening_slowly(F32(at), middle, corner, mean, edge, rise, wide)
                y[(first + i) * LANES + v] = fused(F32(air) * flow, pulse + HALF, pulse)
                at, pace, air = I32(at + pace), I32(pace + pace_by), drawn(air)
            p[v], p[v + PACE], p[v + AIR] = at, pace, air


@kernel
def puff_quickly(width: int, p: Any, f: Any, all_of: Any, y: Any) -> None:
    """As ``puff``, for ports that open faster than in four frames."""
    for first in range(0, STEP, RUN):
        n = FRAME[first // HOLD * HOLD] + MIDDLE
        full = fused(n, all_of[OPEN_BY], all_of[OPEN]) * HALF_HALF
        flow = fused(n, all_of[FLOW_BY], all_of[FLOW]) * UNIT
        for v in range(width):
            edge, wide = (
                fused(n, f[v + EDGE_BY], f[v + EDGE]),
                fused(n, f[v + WIDE_BY], f[v + WIDE]),
            )
            at, pace, pace_by, air = p[v], p[v + PACE], p[v + PACE_BY], p[v + AIR]
            shut, rise = f[v + SHUT] * HALF_HALF, F32(pace)
            for i in range(RUN):
                pulse = opening(F32(at), shut, full, edge, rise, wide)
                y[(first + i) * LANES + v] = fused(F32(air) * flow, pulse + HALF, pulse)
                at, pace, air = I32(at + pace), I32(pace + pace_by), drawn(air)
            p[v], p[v + PACE], p[v + AIR] = at, pace, air


@kernel
def puff_either(width: int, p: Any, f: Any, all_of: Any, y: Any, q: Any, z: Any) -> None:
    """As ``puff``, each lane in its own way, whoever else stands here; ``q``, ``z`` are used up."""
    for row in range(0, P_ROWS * LANES, LANES):
        for v in range(width):
            q[row + v] = p[row + v]
    puff(width, p, f, all_of, y)
    puff_quickly(width, q, f, all_of, z)
    for i in range(0, STEP * LANES, LANES):
        for v in range(width):
            y[i + v] = z[i + v] if f[v + QUICK] > F32(0) else y[i + v]


@kernel
def tear(width: int, p: Any, f: Any, all_of: Any, y: Any) -> None:
    """As ``puff``, but every period is longer or shorter by ``JITTER`` (deviation, a ratio).

    At 0.6 nothing of the pitch is left.
    """
    for first in range(0, STEP, RUN):
        n = FRAME[first // HOLD * HOLD] + MIDDLE
        full = fused(n, all_of[OPEN_BY], all_of[OPEN]) * HALF_HALF
        flow = fused(n, all_of[FLOW_BY], all_of[FLOW]) * UNIT
        jitter = fused(n, all_of[JITTER_BY], all_of[JITTER]) * UNIT * SPREAD
        for v in range(width):
            edge, wide = (
                fused(n, f[v + EDGE_BY], f[v + EDGE]),
                fused(n, f[v + WIDE_BY], f[v + WIDE]),
            )
            at, pace, pace_by, air = p[v], p[v + PACE], p[v + PACE_BY], p[v + AIR]
            shut, draw = f[v + SHUT] * HALF_HALF, p[v + DRAW]
            for i in range(RUN):
                longer = max(SHORTEST, fused(jitter, F32(draw), F32(1)))
                rise = F32(pace) / longer
                pulse = opening(F32(at), shut, full, edge, rise, wide * longer)
                y[(first + i) * LANES + v] = fused(F32(air) * flow, pulse + HALF, pulse)
                then = I32(at + I32(rise))
                draw = drawn(draw) if then < at else draw
                at, pace, air = then, I32(pace + pace_by), drawn(air)
            p[v], p[v + PACE], p[v + AIR], p[v + DRAW] = at, pace, air, draw


@inlined
def filtered(first: Any, second: Any, a: Any, b: Any, g: Any, x: Any) -> Any:
    """Return a frame of a state-variable filter's band-pass, and its two integrators after it.

    That of ``lullaby.dsp.filters``, written with ``a = 2 a1``, ``b = 2 w a2``, ``g = a3 / a2 / w``
    so that it takes five operations: the band-pass comes out ``2 w`` times as loud.  Twice the
    low-pass is the sum of the second integrator before and after.
    """
    band = fused(b, x - second, a * first)
    return band, band - first, fused(g, band, second)


@inlined
def held(v: int, g: Any, holds: Any) -> Any:
    """Return a lane's integrators and coefficients after some holds.

    ``a1``, ``a2`` and ``a3`` are what goes straight, so that the third here goes in an arc.
    """
    more = holds * (HOLDS - holds) * (F32(4) / (HOLDS * HOLDS))
    return (
        g[v],
        g[v + IC2],
        fused(holds, g[v + A_BY], g[v + A]),
        fused(holds, g[v + B_BY], g[v + B]),
        fused(more, g[v + G_MORE], fused(holds, g[v + G_BY], g[v + G])),
    )


@kernel
def soften(width: int, g: Any, y: Any) -> None:
    """Pass one step of every lane through its low-pass, in place; it comes out twice as loud."""
    for first in range(0, STEP, HOLD):
        holds = F32(first // HOLD + 1)
        for v in range(width):
            r, s, a, b, c = held(v, g, holds)
            for i in range(HOLD):
                before = s
                _, r, s = filtered(r, s, a, b, c, y[(first + i) * LANES + v])
                y[(first + i) * LANES + v] = before + s
            g[v], g[v + IC2] = r, s


@kernel
def speak(width: int, g: Any, all_of: Any, y: Any) -> None:
    """Pass one step of every lane through low-pass and mouth, three formants side by side.

    In place; it comes out twice as loud.
    """
    for first in range(0, STEP, HOLD):
        holds, vowel_by = F32(first // HOLD + 1), all_of[VOWEL_BY]
        vowel = all_of[VOWEL] + FRAME[first] * vowel_by
        for v in range(width):
            r, s, a, b, c = held(v, g, holds)
            r1, s1, a1, b1, c1 = held(v + SIZE, g, holds)
            r2, s2, a2, b2, c2 = held(v + 2 * SIZE, g, holds)
            r3, s3, a3, b3, c3 = held(v + 3 * SIZE, g, holds)
            for i in range(HOLD):
                before = s
                _, r, s = filtered(r, s, a, b, c, y[(first + i) * LANES + v])
                x = before + s
                one, r1, s1 = filtered(r1, s1, a1, b1, c1, x)
                two, r2, s2 = filtered(r2, s2, a2, b2, c2, x)
                three, r3, s3 = filtered(r3, s3, a3, b3, c3, x)
                said = one + two + three
                y[(first + i) * LANES + v] = fused(vowel + F32(i) * vowel_by, said - x, x)
            g[v], g[v + IC2] = r, s
            g[v + SIZE], g[v + SIZE + IC2] = r1, s1
            g[v + 2 * SIZE], g[v + 2 * SIZE + IC2] = r2, s2
            g[v + 3 * SIZE], g[v + 3 * SIZE + IC2] = r3, s3


@kernel
def arrive(width: int, f: Any, y: Any, sides: Any) -> None:
    """As ``stand``, where one begins or ends within the step: it is not heard at a gain below 0."""
    for lanes in range(0, width, SUMS):
        here, there = f[lanes + LEFT :], f[lanes + RIGHT :]
        here_by, there_by = f[lanes + LEFT_BY :], f[lanes + RIGHT_BY :]
        end = min(width - lanes, SUMS)  # no bound the compiler knows: it takes vectors apart
        for i in range(STEP):
            n, x = FRAME[i], y[i * LANES + lanes :]
            left, right = sides[i * SUMS :], sides[(STEP + i) * SUMS :]
            for v in range(end):
                left[v] = fused(x[v], max(F32(0), fused(n, here_by[v], here[v])), left[v])
                right[v] = fused(x[v], max(F32(0), fused(n, there_by[v], there[v])), right[v])


@kernel
def stand(width: int, f: Any, y: Any, sides: Any) -> None:
    """Add one step of all lanes, each where it stands, to ``sides``: left, right, 16 sums a frame.

    ``width``: a multiple of 16.  Two lanes of a sum at a time, in the order of ``arrive``.
    """
    for lanes in range(0, width, 2 * SUMS):
        if lanes + SUMS < width:
            stand_two(min(width - lanes, SUMS), f[lanes:], y[lanes:], sides)
        else:
            stand_one(width - lanes, f[lanes:], y[lanes:], sides)


@kernel
def stand_one(end: int, f: Any, y: Any, sides: Any) -> None:
    """Add one step of ``end`` lanes."""
    here, here_by, there, there_by = f[LEFT:], f[LEFT_BY:], f[RIGHT:], f[RIGHT_BY:]
    for first in range(0, STEP, HOLD):
        n, x, to = FRAME[first], y[first * LANES :], sides[first * SUMS :]
        for v in range(end):
            left, left_by, right, right_by = here[v], here_by[v], there[v], there_by[v]
            for i in range(HOLD):
                at, one = i * SUMS + v, x[i * LANES + v]
                to[at] = fused(one, fused(n + F32(i), left_by, left), to[at])
                at += STEP * SUMS
                to[at] = fused(one, fused(n + F32(i), right_by, right), to[at])


@kernel
def stand_two(end: int, f: Any, y: Any, sides: Any) -> None:
    """Add one step of ``end`` lanes and of those ``SUMS`` further on."""
    here, here_by, there, there_by = f[LEFT:], f[LEFT_BY:], f[RIGHT:], f[RIGHT_BY:]
    for first in range(0, STEP, HOLD):
        n, x, to = FRAME[first], y[first * LANES :], sides[first * SUMS :]
        for v in range(end):
            left, left_by, right, right_by = here[v], here_by[v], there[v], there_by[v]
            l2, l2_by, r2, r2_by = (
                here[v + SUMS],
                here_by[v + SUMS],
                there[v + SUMS],
                there_by[v + SUMS],
            )
            for i in range(HOLD):
                at, one, two = i * SUMS + v, x[i * LANES + v], x[i * LANES + SUMS + v]
                both = fused(one, fused(n + F32(i), left_by, left), to[at])
                to[at] = fused(two, fused(n + F32(i), l2_by, l2), both)
                at += STEP * SUMS
                both = fused(one, fused(n + F32(i), right_by, right), to[at])
                to[at] = fused(two, fused(n + F32(i), r2_by, r2), both)
