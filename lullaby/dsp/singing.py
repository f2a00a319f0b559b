"""Singing: glottis, breath and mouth of many notes side by side, a step of 64 frames at a time.

Lanes are notes.  A step is sung in two passes: the source of every lane, then one resonance after
the other over the whole step, lanes inside, so that eight of them go through the processor at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.filters import flushed
from lullaby.dsp.glottis import PER_RD, RD, ROW, ROWS
from lullaby.dsp.kernel import inlined, kernel
from lullaby.dsp.noise import hashed
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32

# What moves, a row of lanes at each grid point.
PITCH, VOICED, RDS, BREATHY, JITTER, SHIMMER = range(6)
MOVING = 6  # then B of every section, then C of every section; the first section is a zero
# What a lane keeps: phase, cycle and frame, whole numbers; and what never moves of it.
PHASE, CYCLE, FRAME, KEY, TABLE, OPEN = range(6)
KEPT = 6
LOWEST_RD = F32(RD[0])
RD_ROWS = F32(PER_RD)
LAST_RD = F32(len(RD) - 1.001)
TO_INDEX, TO_SHARE = F32(2.0**-21), F32(2.0**-21)
HALF = F32(2.0**-15)
CLOSED = F32(0.5)  # of the breath's noise while the glottis is closed


@inlined
def table_row(rd: Any) -> Any:
    """Return where Rd lies in the table, in rows."""
    return min(max((rd - LOWEST_RD) * RD_ROWS, F32(0)), LAST_RD)


@kernel
def source(now: Any, then: Any, kept: Any, table: Any, heard: Any) -> None:
    """Fill ``heard``, (64 + 2, lanes) float64 from its third row on, with flow and breath.

    ``now`` and ``then``: (MOVING.., lanes), at both ends of the step, the pitch as phase a frame,
    2^32 a cycle; ``kept``: (KEPT, lanes) int64, moved on.
    """
    lanes = kept.shape[1]
    phase, cycle = np.empty(lanes, U32), np.empty(lanes, U32)
    frame, key = np.empty(lanes, U32), np.empty(lanes, U32)
    row, opened = np.empty(lanes, I32), np.empty(lanes, U32)
    moving, by = np.empty((MOVING, lanes), F32), np.empty((MOVING, lanes), F32)
    for v in range(lanes):
        phase[v], cycle[v] = U32(kept[PHASE, v]), U32(kept[CYCLE, v])
        frame[v], key[v] = U32(kept[FRAME, v]), U32(kept[KEY, v])
        row[v], opened[v] = I32(kept[TABLE, v]), U32(kept[OPEN, v])
        for k in range(MOVING):
            moving[k, v] = F32(now[k, v])
            by[k, v] = F32((then[k, v] - now[k, v]) / STEP)
    pitch, voiced, rd = moving[PITCH], moving[VOICED], moving[RDS]
    breathy, jitter, shimmer = moving[BREATHY], moving[JITTER], moving[SHIMMER]
    for i in range(STEP):
        x = F32(i)
        to = heard[i + 2]
        for v in range(lanes):
            # Every period has a length and a strength of its own (jitter, shimmer).
            drawn = hashed(key[v], cycle[v])
            long = F32(I32(drawn & U32(0xFFFF)) - I32(32768)) * HALF
            strong = F32(I32(drawn >> U32(16)) - I32(32768)) * HALF
            at = table_row(rd[v] + by[RDS, v] * x)
            below = I32(at)
            share = at - F32(below)
            spot = row[v] + below * I32(ROWS) + I32(phase[v] >> U32(21))
            on = F32(I32(phase[v] & U32(0x1FFFFF))) * TO_SHARE
            a = table[spot] + on * (table[spot + 1] - table[spot])
            other = spot + I32(ROWS)
            b = table[other] + on * (table[other + 1] - table[other])
            flow = a + share * (b - a)
            strength = voiced[v] + by[VOICED, v] * x
            strength *= F32(1) + (shimmer[v] + by[SHIMMER, v] * x) * strong
            white = F32(I32(hashed(key[v] ^ U32(0x5BD1E995), frame[v]))) * F32(2.0**-31)
            gate = F32(1) if phase[v] < opened[v] else CLOSED
            noise = white * gate * (breathy[v] + by[BREATHY, v] * x)
            to[v] = np.float64(flow * strength + noise)
            pace = (pitch[v] + by[PITCH, v] * x) * (F32(1) + (jitter[v] + by[JITTER, v] * x) * long)
            turned = U32(phase[v] + U32(I32(pace)))
            cycle[v] = U32(cycle[v] + (U32(1) if turned < phase[v] else U32(0)))
            phase[v] = turned
            frame[v] = U32(frame[v] + U32(1))
    for v in range(lanes):
        kept[PHASE, v], kept[CYCLE, v], kept[FRAME, v] = phase[v], cycle[v], frame[v]


@kernel
def resonate(x: Any, y: Any, b: Any, c: Any, b_then: Any, c_then: Any, past: Any) -> None:
    """Pass a step of ``x`` through one resonance into ``y``, both (64 + 2, lanes).

    ``past``: (2, lanes), its last two frames, moved on; B and C go in straight lines, (lanes,).
    """
    lanes = past.shape[1]
    b_by, c_by = (b_then - b) / STEP, (c_then - c) / STEP
    for v in range(lanes):
        y[0, v], y[1, v] = past[0, v], past[1, v]
    for i in range(STEP):
        at = np.float64(i)
        old, last, new, given = y[i], y[i + 1], y[i + 2], x[i + 2]
        for v in range(lanes):
            p, q = b[v] + b_by[v] * at, c[v] + c_by[v] * at
            new[v] = (1.0 - p - q) * given[v] + (p * last[v] + q * old[v])
    for v in range(lanes):
        past[0, v], past[1, v] = flushed(y[STEP, v]), flushed(y[STEP + 1, v])


@kernel
def cancel(x: Any, y: Any, b: Any, c: Any, b_then: Any, c_then: Any, past: Any) -> None:
    """Take one resonance out of ``x``: the inverse of ``resonate``."""
    lanes = past.shape[1]
    b_by, c_by = (b_then - b) / STEP, (c_then - c) / STEP
    for v in range(lanes):
        x[0, v], x[1, v] = past[0, v], past[1, v]
    for i in range(STEP):
        at = np.float64(i)
        old, last, given, new = x[i], x[i + 1], x[i + 2], y[i + 2]
        for v in range(lanes):
            p, q = b[v] + b_by[v] * at, c[v] + c_by[v] * at
            new[v] = (given[v] - p * last[v] - q * old[v]) / (1.0 - p - q)
    for v in range(lanes):
        past[0, v], past[1, v] = flushed(x[STEP, v]), flushed(x[STEP + 1, v])


@kernel
def sing(out: Any, controls: Any, kept: Any, past: Any, table: Any) -> None:
    """Replace ``out``, (frames, lanes) float32, by the notes of all lanes.

    ``controls``: (steps + 1, MOVING + 2 sections, lanes), both ends of every step; ``kept``:
    (KEPT, lanes) int64; ``past``: (sections, 2, lanes).
    """
    lanes, count = kept.shape[1], past.shape[0]
    one, two = np.zeros((STEP + 2, lanes)), np.zeros((STEP + 2, lanes))
    for s in range(out.shape[0] // STEP):
        now, then = controls[s], controls[s + 1]
        source(now, then, kept, table, one)
        for k in range(count):
            m, n = MOVING + k, MOVING + count + k
            if k == 0:
                cancel(one, two, now[m], now[n], then[m], then[n], past[k])
            else:
                resonate(one, two, now[m], now[n], then[m], then[n], past[k])
            one, two = two, one
        for i in range(STEP):
            for v in range(lanes):
                out[s * STEP + i, v] = F32(one[i + 2, v])


@kernel
def add(heard: Any, pans: Any, out: Any, first: int) -> None:
    """Add a step of all lanes, as ``resonate`` leaves it, to ``out``, (2, frames), by its gains.

    ``pans``: (2, lanes).  Always in the order of the lanes.
    """
    for i in range(STEP):
        row, left, right = heard[i + 2], 0.0, 0.0
        for v in range(len(row)):
            left += row[v] * pans[0, v]
            right += row[v] * pans[1, v]
        out[0, first + i] += F32(left)
        out[1, first + i] += F32(right)
