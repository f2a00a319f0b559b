"""Singing: glottis, breath and mouth of many notes side by side, a step of 64 frames at a time.

Lanes are notes.  A step is sung in passes: where each glottis is in its period, what it gives
there, then the resonances, three over the whole step at a time, lanes inside, so that many of them
go through the processor at once.

A resonance y = g x + B y1 + C y2 with g = 1 - B - C is worked out by its differences:

    d = g (x - y1) - C d1
    y = y1 + d

Single precision is enough for it in this form: its own noise lies 115 dB below the voice.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.glottis import BITS, PER_RD, RD, ROWS
from lullaby.dsp.kernel import fused, inlined, kernel
from lullaby.dsp.noise import hashed
from lullaby.dsp.summing import sum_up
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32

LANES = 16  # more of them do not fit the first cache with all that one step is worked out in

# What moves, a row of lanes at each grid point; B of every section follows, then C of every
# section; the first section is a zero.
PITCH, VOICED, RDS, BREATHY, JITTER, SHIMMER = range(6)
MOVING = 6
# What a lane keeps: phase, the last draw for its periods and frame, whole numbers; and what never
# moves of it.
PHASE, DRAWN, FRAME, KEY, TABLE, OPEN = range(6)
KEPT = 6
# The same inside a step, flat, in rows of LANES: whole numbers, and what moves with its growths.
AT, DRAW, BREATH_DRAW, SHUT = (LANES * row for row in range(4))
PACE, LOUD, AIR, SHAKE, WAVER, TO_PACE, TO_LOUD, TO_AIR = (LANES * row for row in range(8))
# Of each section, in rows of LANES: what it gave last, by how much that differed from the one
# before, g and -C, what those grow by in a hold.
Y, D, G, R, TO_G, TO_R = (LANES * row for row in range(6))
SIZE = 6 * LANES
HOLD = 8  # frames coefficients stand still: finer than that is not heard, and costs
TOGETHER = 5  # sections that go through a step at once: one waits for its last frame, others work
RUN = 4  # frames that a lane does at once: more, and a compiler does them one by one
# A phase is a place in a period, and how far it is on the way to the next.
PLACE, ON, TO_SHARE = U32(32 - BITS), U32(2 ** (32 - BITS) - 1), F32(2.0 ** (BITS - 32))
HALF, UNIT = F32(2.0**-15), F32(2.0**-31)
CLOSED = F32(0.5)  # of the breath's noise while the glottis is closed
BREATH_KEY = U32(0x5BD1E995)
GOLDEN = 0.6180339887498949
TINY = F32(1e-20)  # of a resonance: below it silence, far above where arithmetic gets slow
NUMBER = np.arange(STEP).astype(np.float32)


@kernel
def ordered(zeros: int, count: int) -> Any:
    """Return where each of ``count`` sections has its turn, and the number of zeros behind it.

    After the zeros low and high ones are mixed evenly, by multiples of the golden section.  High
    ones lift what low ones take away: all of one kind first would leave in between so little of one
    end of the band that single precision would not hold it (-10 dB instead of -115).
    """
    made = np.zeros(count + 1, np.int64)
    for j in range(count):
        own = (j * GOLDEN + 0.6) % 1.0
        for i in range(count):
            other = (i * GOLDEN + 0.6) % 1.0
            before = i < j if i < zeros or j < zeros else other < own
            made[j] += 1 if before else 0
    made[count] = zeros
    return made


@kernel
def workplace(zeros: int, count: int) -> Any:
    """Return what a step of ``count`` sections is worked out in, the first of them zeros.

    Whole numbers (uint32), what moves (float32), places in the period (int32), of 64 frames how far
    each is on the way to the next, strength and noise (float32), the sections and the sound
    (float32), and the order of the sections.
    """
    return (
        np.zeros(4 * LANES, U32),
        np.zeros(8 * LANES, F32),
        np.zeros(STEP * LANES, U32),
        np.zeros(3 * STEP * LANES, F32),
        np.zeros(count * SIZE, F32),
        np.zeros(STEP * LANES, F32),
        ordered(zeros, count),
    )


@inlined
def following(last: Any) -> Any:
    """Return the draw after one, uint32: a linear congruence (Press et al. 1992, section 7.1)."""
    return U32(U32(last * U32(1664525)) + U32(1013904223))


@kernel
def turn(whole: Any, moves: Any, spots: Any, given: Any) -> None:
    """Work out one step of all lanes: place, strength and noise of every frame."""
    for first in range(0, STEP, RUN):
        n = NUMBER[first]
        for v in range(LANES):
            phase, drawn, breath, shut = (
                whole[v],
                whole[v + DRAW],
                whole[v + BREATH_DRAW],
                whole[v + SHUT],
            )
            pace_0, pace_by, shake = moves[v + PACE], moves[v + TO_PACE], moves[v + SHAKE] * UNIT
            loud_0, loud_by, waver = moves[v + LOUD], moves[v + TO_LOUD], moves[v + WAVER] * UNIT
            air_0, air_by = moves[v + AIR], moves[v + TO_AIR]
            for i in range(RUN):
                x, at = n + F32(i), LANES * (first + i) + v
                # Every period has a length and a strength of its own (jitter, shimmer).
                strong, long = F32(I32(drawn)), F32(I32(drawn << U32(12)))
                spots[at] = phase >> PLACE
                given[at] = F32(I32(phase & ON)) * TO_SHARE
                loud = fused(x, loud_by, loud_0)
                given[at + STEP * LANES] = fused(loud * waver, strong, loud)
                air = fused(x, air_by, air_0) * UNIT
                gate = air if phase < shut else air * CLOSED
                given[at + 2 * STEP * LANES] = F32(I32(breath)) * gate
                pace = (pace_0 + pace_by * x) * (F32(1) + shake * long)
                turned = U32(phase + U32(I32(pace)))
                drawn = following(drawn) if turned < phase else drawn
                phase, breath = turned, following(breath)
            whole[v], whole[v + DRAW], whole[v + BREATH_DRAW] = phase, drawn, breath


@kernel
def source(now: Any, then: Any, kept: Any, table: Any, work: Any) -> None:
    """Leave one step of flow and breath of all lanes in the sound of ``work``.

    ``now`` and ``then``: (MOVING.., lanes), at both ends of the step, the pitch as phase a frame,
    2^32 a cycle; ``kept``: (KEPT, lanes) int64, moved on.
    """
    lanes = kept.shape[1]
    whole, moves, spots, given, _, sound, _ = work
    for v in range(lanes):
        key, frame = U32(kept[KEY, v]), U32(kept[FRAME, v])
        whole[v + AT], whole[v + SHUT] = U32(kept[PHASE, v]), U32(kept[OPEN, v])
        whole[v + DRAW] = hashed(key, frame) if frame == 0 else U32(kept[DRAWN, v])
        whole[v + BREATH_DRAW] = hashed(key ^ BREATH_KEY, frame)
        moves[v + PACE], moves[v + TO_PACE] = ramp(now, then, PITCH, v)
        moves[v + LOUD], moves[v + TO_LOUD] = ramp(now, then, VOICED, v)
        moves[v + AIR], moves[v + TO_AIR] = ramp(now, then, BREATHY, v)
        moves[v + SHAKE], moves[v + WAVER] = F32(now[JITTER, v]), F32(now[SHIMMER, v])
    turn(whole, moves, spots, given)
    for v in range(lanes):
        kept[PHASE, v], kept[DRAWN, v] = whole[v + AT], whole[v + DRAW]
        kept[FRAME, v] += STEP
        row, goal = nearest(now[RDS, v]), nearest(then[RDS, v])
        first = kept[TABLE, v]
        low = table[first + row * ROWS : first + (row + 1) * ROWS]
        if row == goal:
            read(v, low, spots, given, sound)
        else:
            high = table[first + goal * ROWS : first + (goal + 1) * ROWS]
            cross(v, low, high, spots, given, sound)
    for i in range(STEP):
        strength, noise = given[STEP * LANES + LANES * i :], given[2 * STEP * LANES + LANES * i :]
        flow = sound[LANES * i :]
        for v in range(whole_vectors(lanes)):
            flow[v] = fused(flow[v], strength[v], noise[v])


@inlined
def whole_vectors(lanes: int) -> int:
    """Return how many lanes are at work, as a bound the compiler does not know."""
    return -(-lanes // LANES) * LANES


@kernel
def nearest(rd: float) -> int:
    """Return the nearest row of the table."""
    return int(min(max((rd - RD[0]) * PER_RD + 0.5, 0.0), len(RD) - 1.0))


@kernel
def ramp(now: Any, then: Any, k: int, v: int) -> Any:
    """Return a value at the start of a step, and its growth a frame."""
    return F32(now[k, v]), F32((then[k, v] - now[k, v]) / STEP)


@inlined
def period(low: Any, spot: Any, on: Any) -> Any:
    """Return a period at a place and a share of the way to the next, straight between them."""
    return fused(on, low[spot + U32(1)] - low[spot], low[spot])


@kernel
def read(v: int, low: Any, spots: Any, given: Any, sound: Any) -> None:
    """Leave one step of lane ``v`` in ``sound``: its period at its places."""
    for i in range(STEP):
        at = v + LANES * i
        sound[at] = period(low, spots[at], given[at])


@kernel
def cross(v: int, low: Any, high: Any, spots: Any, given: Any, sound: Any) -> None:
    """Leave one step of lane ``v`` in ``sound``, going from one period to another."""
    for i in range(STEP):
        at = v + LANES * i
        a, b = period(low, spots[at], given[at]), period(high, spots[at], given[at])
        sound[at] = a + NUMBER[i] * F32(1.0 / STEP) * (b - a)


@kernel
def tune(lanes: int, now: Any, then: Any, b: int, c: int, section: Any, past: Any) -> None:
    """Set one section of all lanes, ``b`` and ``c`` the rows of its coefficients.

    ``past``: (2, lanes), what it gave last and by how much that differed from the one before.
    """
    part = HOLD / STEP
    for v in range(lanes):
        section[v + Y], section[v + D] = past[0, v], past[1, v]
        g = 1.0 - now[b, v] - now[c, v]
        section[v + G], section[v + R] = g, -now[c, v]
        section[v + TO_G] = (1.0 - then[b, v] - then[c, v] - g) * part
        section[v + TO_R] = (now[c, v] - then[c, v]) * part


@kernel
def settle(lanes: int, section: Any, past: Any) -> None:
    """Keep in ``past`` what a section has come to."""
    for v in range(lanes):
        y, d = section[v + Y], section[v + D]
        past[0, v] = y if abs(y) > TINY else F32(0)
        past[1, v] = d if abs(d) > TINY else F32(0)


@inlined
def resonance(y: Any, d: Any, g: Any, r: Any, x: Any) -> Any:
    """Return the next frame of a section, and by how much it differs from the one before."""
    d = fused(g, x - y, r * d)
    return y + d, d


@inlined
def held(v: int, f: Any, holds: Any) -> Any:
    """Return what a section gave last, its difference, and g and -C after some holds."""
    return (
        f[v + Y],
        f[v + D],
        fused(holds, f[v + TO_G], f[v + G]),
        fused(holds, f[v + TO_R], f[v + R]),
    )


@kernel
def resonate(lanes: int, f: Any, sound: Any) -> None:
    """Pass a step of ``sound`` through one section."""
    for first in range(0, STEP, HOLD):
        holds = F32(first // HOLD)
        for v in range(lanes):
            y, d, g, r = held(v, f, holds)
            for i in range(HOLD):
                at = v + LANES * (first + i)
                y, d = resonance(y, d, g, r, sound[at])
                sound[at] = y
            f[v + Y], f[v + D] = y, d


@kernel
def resonate_thrice(lanes: int, f: Any, sound: Any) -> None:
    """Pass a step of ``sound`` through three sections."""
    for first in range(0, STEP, HOLD):
        holds = F32(first // HOLD)
        for v in range(lanes):
            y0, d0, g0, r0 = held(v, f, holds)
            y1, d1, g1, r1 = held(v + SIZE, f, holds)
            y2, d2, g2, r2 = held(v + 2 * SIZE, f, holds)
            for i in range(HOLD):
                at = v + LANES * (first + i)
                y0, d0 = resonance(y0, d0, g0, r0, sound[at])
                y1, d1 = resonance(y1, d1, g1, r1, y0)
                y2, d2 = resonance(y2, d2, g2, r2, y1)
                sound[at] = y2
            f[v + Y], f[v + D] = y0, d0
            f[v + SIZE + Y], f[v + SIZE + D] = y1, d1
            f[v + 2 * SIZE + Y], f[v + 2 * SIZE + D] = y2, d2


@kernel
def resonate_together(lanes: int, f: Any, sound: Any) -> None:
    """Pass a step of ``sound`` through TOGETHER sections."""
    for first in range(0, STEP, HOLD):
        holds = F32(first // HOLD)
        for v in range(lanes):
            y0, d0, g0, r0 = held(v, f, holds)
            y1, d1, g1, r1 = held(v + SIZE, f, holds)
            y2, d2, g2, r2 = held(v + 2 * SIZE, f, holds)
            y3, d3, g3, r3 = held(v + 3 * SIZE, f, holds)
            y4, d4, g4, r4 = held(v + 4 * SIZE, f, holds)
            for i in range(HOLD):
                at = v + LANES * (first + i)
                y0, d0 = resonance(y0, d0, g0, r0, sound[at])
                y1, d1 = resonance(y1, d1, g1, r1, y0)
                y2, d2 = resonance(y2, d2, g2, r2, y1)
                y3, d3 = resonance(y3, d3, g3, r3, y2)
                y4, d4 = resonance(y4, d4, g4, r4, y3)
                sound[at] = y4
            f[v + Y], f[v + D] = y0, d0
            f[v + SIZE + Y], f[v + SIZE + D] = y1, d1
            f[v + 2 * SIZE + Y], f[v + 2 * SIZE + D] = y2, d2
            f[v + 3 * SIZE + Y], f[v + 3 * SIZE + D] = y3, d3
            f[v + 4 * SIZE + Y], f[v + 4 * SIZE + D] = y4, d4


@inlined
def moved(lanes: int, f: Any) -> None:
    """Move the coefficients of a section on by one hold."""
    for v in range(lanes):
        f[v + G] += f[v + TO_G]
        f[v + R] += f[v + TO_R]


@kernel
def cancel(lanes: int, f: Any, sound: Any) -> None:
    """Take one resonance out of a step of ``sound``: the inverse of ``resonate``."""
    for first in range(0, STEP, HOLD):
        for i in range(first, first + HOLD):
            for v in range(lanes):
                x, y = sound[v + LANES * i], f[v + Y]
                d = x - y
                sound[v + LANES * i] = y + (d - f[v + R] * f[v + D]) / f[v + G]
                f[v + Y], f[v + D] = x, d
        moved(lanes, f)


@kernel
def speak(lanes: int, now: Any, then: Any, past: Any, work: Any) -> None:
    """Pass a step of the sound of ``work`` through all sections.

    ``past``: (sections, 2, lanes), moved on.
    """
    _, _, _, _, sections, sound, order = work
    count, width, zeros, k = past.shape[0], whole_vectors(lanes), order[-1], 0
    for j in range(count):
        b, c = MOVING + j, MOVING + count + j
        tune(lanes, now, then, b, c, sections[order[j] * SIZE :], past[j])
    while k < count:
        if k < zeros:
            cancel(lanes, sections[k * SIZE :], sound)
            k += 1
        elif count - k >= TOGETHER:
            resonate_together(width, sections[k * SIZE :], sound)
            k += TOGETHER
        elif count - k >= 3:
            resonate_thrice(width, sections[k * SIZE :], sound)
            k += 3
        else:
            resonate(width, sections[k * SIZE :], sound)
            k += 1
    for j in range(count):
        settle(lanes, sections[order[j] * SIZE :], past[j])


@kernel
def sing(out: Any, controls: Any, kept: Any, past: Any, table: Any) -> None:
    """Replace ``out``, (frames, lanes) float32, by the notes of all lanes, LANES at most.

    ``controls``: (steps + 1, MOVING + 2 sections, lanes), both ends of every step; ``kept``:
    (KEPT, lanes) int64; ``past``: (sections, 2, lanes).
    """
    lanes, work = kept.shape[1], workplace(1, past.shape[0])
    sound = work[5]
    for s in range(out.shape[0] // STEP):
        now, then = controls[s], controls[s + 1]
        source(now, then, kept, table, work)
        speak(lanes, now, then, past, work)
        for i in range(STEP):
            for v in range(lanes):
                out[s * STEP + i, v] = sound[v + LANES * i]


@kernel
def add(sound: Any, pans: Any, scratch: Any, out: Any, first: int) -> None:
    """Add a step of all lanes to ``out``, (2, frames), by their gains; always in their order.

    ``pans``: (2, LANES) float32; ``scratch``: 3 STEP LANES, float32, is used up.
    """
    left, right = pans[0], pans[1]
    sides, there = scratch[: 2 * STEP * LANES], scratch[STEP * LANES :]
    for i in range(STEP):
        for v in range(whole_vectors(len(left))):
            sides[LANES * i + v] = sound[LANES * i + v] * left[v]
            there[LANES * i + v] = sound[LANES * i + v] * right[v]
    sum_up(sides, scratch[2 * STEP * LANES :], out, first)
