"""Singing: glottis, breath and mouth of many notes side by side, a step of 64 frames at a time.

Lanes are notes.  A step is sung in passes: where each glottis is in its period, what it gives
there, then one resonance after the other over the whole step, lanes inside, so that eight of them
go through the processor at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.filters import flushed
from lullaby.dsp.glottis import BITS, PER_RD, RD, ROWS
from lullaby.dsp.kernel import inlined, kernel
from lullaby.dsp.noise import hashed
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32

LANES = 16  # more of them do not fit the first cache with all that one step is worked out in

# What moves, a row of lanes at each grid point; B of every section follows, then C of every
# section; the first section is a zero.
PITCH, VOICED, RDS, BREATHY, JITTER, SHIMMER = range(6)
MOVING = 6
# What a lane keeps: phase, cycle and frame, whole numbers; and what never moves of it.
PHASE, CYCLE, FRAME, KEY, TABLE, OPEN = range(6)
KEPT = 6
# The same inside a step, flat, in rows of LANES: whole numbers, and what moves with its growths.
AT, TURN, TIME, DRAW, BREATH_DRAW, SHUT = (LANES * row for row in range(6))
PACE, LOUD, AIR, SHAKE, WAVER, TO_PACE, TO_LOUD, TO_AIR = (LANES * row for row in range(8))
B, C, TO_B, TO_C = (LANES * row for row in range(4))
# A phase is a place in a period, and how far it is on the way to the next.
PLACE, ON, TO_SHARE = U32(32 - BITS), U32(2 ** (32 - BITS) - 1), F32(2.0 ** (BITS - 32))
HALF = F32(2.0**-15)
CLOSED = F32(0.5)  # of the breath's noise while the glottis is closed
BREATH_KEY = U32(0x5BD1E995)


@kernel
def workplace() -> Any:
    """Return what a step is worked out in.

    Whole numbers (uint32), what moves (float32), phases (uint32), strengths and noises (float32)
    of 64 frames, coefficients (float64), and the sound, two frames from before in front (float64).
    """
    return (
        np.zeros(6 * LANES, U32),
        np.zeros(8 * LANES, F32),
        np.zeros(STEP * LANES, U32),
        np.zeros(2 * STEP * LANES, F32),
        np.zeros(4 * LANES, np.float64),
        np.zeros((STEP + 2) * LANES, np.float64),
    )


@kernel
def turn(lanes: int, whole: Any, moves: Any, phases: Any, given: Any) -> None:
    """Work out one step of all lanes: phase, strength and noise of every frame."""
    for i in range(STEP):
        x, row = F32(i), LANES * i
        for v in range(lanes):
            # Every period has a length and a strength of its own (jitter, shimmer).
            drawn = hashed(whole[v + DRAW], whole[v + TURN])
            long = F32(I32(drawn & U32(0xFFFF)) - I32(32768)) * HALF
            strong = F32(I32(drawn >> U32(16)) - I32(32768)) * HALF
            unsteady = F32(1) + moves[v + WAVER] * strong
            given[v + row] = (moves[v + LOUD] + moves[v + TO_LOUD] * x) * unsteady
            white = F32(I32(hashed(whole[v + BREATH_DRAW], whole[v + TIME]))) * F32(2.0**-31)
            phase = whole[v]
            gate = F32(1) if phase < whole[v + SHUT] else CLOSED
            air = moves[v + AIR] + moves[v + TO_AIR] * x
            given[v + row + STEP * LANES] = white * gate * air
            phases[v + row] = phase
            pace = moves[v + PACE] + moves[v + TO_PACE] * x
            pace *= F32(1) + moves[v + SHAKE] * long
            turned = U32(phase + U32(I32(pace)))
            whole[v + TURN] = U32(whole[v + TURN] + (U32(1) if turned < phase else U32(0)))
            whole[v] = turned
            whole[v + TIME] = U32(whole[v + TIME] + U32(1))


@kernel
def source(now: Any, then: Any, kept: Any, table: Any, work: Any) -> None:
    """Leave one step of flow and breath of all lanes in the sound of ``work``.

    ``now`` and ``then``: (MOVING.., lanes), at both ends of the step, the pitch as phase a frame,
    2^32 a cycle; ``kept``: (KEPT, lanes) int64, moved on.
    """
    lanes = kept.shape[1]
    whole, moves, phases, given, _, sound = work
    for v in range(lanes):
        whole[v + AT], whole[v + TURN] = U32(kept[PHASE, v]), U32(kept[CYCLE, v])
        whole[v + TIME], whole[v + DRAW] = U32(kept[FRAME, v]), U32(kept[KEY, v])
        whole[v + BREATH_DRAW] = whole[v + DRAW] ^ BREATH_KEY
        whole[v + SHUT] = U32(kept[OPEN, v])
        moves[v + PACE], moves[v + TO_PACE] = ramp(now, then, PITCH, v)
        moves[v + LOUD], moves[v + TO_LOUD] = ramp(now, then, VOICED, v)
        moves[v + AIR], moves[v + TO_AIR] = ramp(now, then, BREATHY, v)
        moves[v + SHAKE], moves[v + WAVER] = F32(now[JITTER, v]), F32(now[SHIMMER, v])
    turn(lanes, whole, moves, phases, given)
    for v in range(lanes):
        kept[PHASE, v], kept[CYCLE, v] = whole[v + AT], whole[v + TURN]
        kept[FRAME, v] = whole[v + TIME]
        row, goal = nearest(now[RDS, v]), nearest(then[RDS, v])
        first = kept[TABLE, v]
        low = table[first + row * ROWS : first + (row + 1) * ROWS]
        if row == goal:
            read(v, low, phases, given, sound)
        else:
            high = table[first + goal * ROWS : first + (goal + 1) * ROWS]
            cross(v, low, high, phases, given, sound)


@kernel
def nearest(rd: float) -> int:
    """Return the nearest row of the table."""
    return int(min(max((rd - RD[0]) * PER_RD + 0.5, 0.0), len(RD) - 1.0))


@kernel
def ramp(now: Any, then: Any, k: int, v: int) -> Any:
    """Return a value at the start of a step, and its growth a frame."""
    return F32(now[k, v]), F32((then[k, v] - now[k, v]) / STEP)


@inlined
def period(low: Any, phase: Any) -> Any:
    """Return a period at a phase, straight between two of its frames."""
    spot = phase >> PLACE
    on = F32(I32(phase & ON)) * TO_SHARE
    return low[spot] + on * (low[spot + U32(1)] - low[spot])


@kernel
def read(v: int, low: Any, phases: Any, given: Any, sound: Any) -> None:
    """Leave one step of lane ``v`` in ``sound``: its period at its phases, and its noise."""
    for i in range(STEP):
        flow = period(low, phases[v + LANES * i])
        strength, noise = given[v + LANES * i], given[v + LANES * i + STEP * LANES]
        sound[v + LANES * (i + 2)] = np.float64(flow * strength + noise)


@kernel
def cross(v: int, low: Any, high: Any, phases: Any, given: Any, sound: Any) -> None:
    """Leave one step of lane ``v`` in ``sound``, going from one period to another."""
    for i in range(STEP):
        phase, share = phases[v + LANES * i], F32(i) * F32(1.0 / STEP)
        a = period(low, phase)
        flow = a + share * (period(high, phase) - a)
        strength, noise = given[v + LANES * i], given[v + LANES * i + STEP * LANES]
        sound[v + LANES * (i + 2)] = np.float64(flow * strength + noise)


@kernel
def tune(lanes: int, now: Any, then: Any, b: int, c: int, filters: Any) -> None:
    """Set the coefficients of one section of all lanes, ``b`` and ``c`` their rows."""
    for v in range(lanes):
        filters[v + B], filters[v + TO_B] = now[b, v], (then[b, v] - now[b, v]) / STEP
        filters[v + C], filters[v + TO_C] = now[c, v], (then[c, v] - now[c, v]) / STEP


@kernel
def resonate(lanes: int, filters: Any, sound: Any, past: Any) -> None:
    """Pass a step of ``sound`` through one resonance; ``past``: (2, lanes), moved on."""
    for v in range(lanes):
        sound[v], sound[v + LANES] = past[0, v], past[1, v]
    for i in range(STEP):
        at, row = np.float64(i), LANES * i
        for v in range(lanes):
            p = filters[v + B] + filters[v + TO_B] * at
            q = filters[v + C] + filters[v + TO_C] * at
            x = (1.0 - p - q) * sound[v + row + 2 * LANES]
            sound[v + row + 2 * LANES] = x + (p * sound[v + row + LANES] + q * sound[v + row])
    for v in range(lanes):
        past[0, v] = flushed(sound[v + LANES * STEP])
        past[1, v] = flushed(sound[v + LANES * (STEP + 1)])


@kernel
def cancel(lanes: int, filters: Any, sound: Any, past: Any) -> None:
    """Take one resonance out of a step of ``sound``: the inverse of ``resonate``."""
    for v in range(lanes):
        sound[v], sound[v + LANES] = past[0, v], past[1, v]
        past[0, v] = sound[v + LANES * STEP]
        past[1, v] = sound[v + LANES * (STEP + 1)]
    for back in range(STEP):
        i = STEP - 1 - back  # from the end, as what went in is still needed
        at, row = np.float64(i), LANES * i
        for v in range(lanes):
            p = filters[v + B] + filters[v + TO_B] * at
            q = filters[v + C] + filters[v + TO_C] * at
            x = sound[v + row + 2 * LANES] - (p * sound[v + row + LANES] + q * sound[v + row])
            sound[v + row + 2 * LANES] = x / (1.0 - p - q)


@kernel
def sing(out: Any, controls: Any, kept: Any, past: Any, table: Any) -> None:
    """Replace ``out``, (frames, lanes) float32, by the notes of all lanes, LANES at most.

    ``controls``: (steps + 1, MOVING + 2 sections, lanes), both ends of every step; ``kept``:
    (KEPT, lanes) int64; ``past``: (sections, 2, lanes).
    """
    lanes, count = kept.shape[1], past.shape[0]
    work = workplace()
    filters, sound = work[4], work[5]
    for s in range(out.shape[0] // STEP):
        now, then = controls[s], controls[s + 1]
        source(now, then, kept, table, work)
        for k in range(count):
            tune(lanes, now, then, MOVING + k, MOVING + count + k, filters)
            if k == 0:
                cancel(lanes, filters, sound, past[k])
            else:
                resonate(lanes, filters, sound, past[k])
        for i in range(STEP):
            for v in range(lanes):
                out[s * STEP + i, v] = F32(sound[v + LANES * (i + 2)])


@kernel
def add(lanes: int, sound: Any, pans: Any, out: Any, first: int) -> None:
    """Add a step of all lanes to ``out``, (2, frames), by their gains; always in their order.

    ``pans``: (2, lanes); ``lanes`` a multiple of four.
    """
    for i in range(STEP):
        row = sound[LANES * (i + 2) :]
        a, b, c, d = 0.0, 0.0, 0.0, 0.0
        e, f, g, h = 0.0, 0.0, 0.0, 0.0
        for v in range(0, lanes, 4):
            a += row[v] * pans[0, v]
            b += row[v + 1] * pans[0, v + 1]
            c += row[v + 2] * pans[0, v + 2]
            d += row[v + 3] * pans[0, v + 3]
            e += row[v] * pans[1, v]
            f += row[v + 1] * pans[1, v + 1]
            g += row[v + 2] * pans[1, v + 2]
            h += row[v + 3] * pans[1, v + 3]
        out[0, first + i] += F32((a + b) + (c + d))
        out[1, first + i] += F32((e + f) + (g + h))
