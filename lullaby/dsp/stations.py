"""The voice of sirens: motors drive choppers, choppers a mouth, and the wind brings them here.

What is costly is worked out at grid points from the time since an event's start, and moves
straight between them.  Events keep their lanes from step to step until one begins or ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.chopper import (
    A_BY,
    AIR,
    DRAW,
    EDGE,
    EDGE_BY,
    F_ROWS,
    FILTERS,
    FLOW,
    G_MORE,
    HOLD,
    IC2,
    JITTER,
    LANES,
    LEFT,
    LEFT_BY,
    OPEN,
    P_ROWS,
    PACE,
    PACE_BY,
    QUICK,
    RIGHT,
    RIGHT_BY,
    SCALE,
    SHUT,
    SIZE,
    TO_A,
    TO_B,
    TO_G,
    UNIT,
    VOWEL,
    WIDE,
    WIDE_BY,
    A,
    B,
    G,
    arrive,
    puff,
    puff_either,
    puff_quickly,
    soften,
    speak,
    stand,
    tear,
)
from lullaby.dsp.kernel import VECTOR, kernel
from lullaby.dsp.noise import hashed, key32
from lullaby.dsp.oscillators import wrapped
from lullaby.dsp.station_steering import (
    CYCLE,
    D_ROWS,
    END,
    FLOWING,
    FRAME_S,
    GAIN,
    JITTERED,
    K_ROWS,
    LEFT_IS,
    LOCKS_FROM,
    OPENING,
    PACE_IS,
    RIGHT_IS,
    SHARED,
    START,
    SURRENDER,
    TO_LEFT,
    TO_PACE,
    TO_RIGHT,
    VOWELS,
    eased_between,
    lay,
    mouthed,
    share,
    steer,
)
from lullaby.dsp.summing import SUMS, sum_up
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32
# Of each event, at the last grid point: all that moves.
MEMORY = {"phase": "i4", "draw": "i4", "aboard": "i8", "pace": "f4", "left": "f4", "right": "f4"}
MEMORY |= {"filters": f"({FILTERS},5)f4"}
HALF_CYCLE = 2147483648.0
SLOWLY = 4.02  # frames, four and a little more, in which a port opens slowly
NEVER = 1 << 62
TINY = F32(1e-20)  # of a filter's state: below it silence, far above where arithmetic gets slow


@kernel
def gather(grid: int, state: Any, who: Any) -> Any:
    """Fill ``who`` with the events of a step, in order; return how many, and until when."""
    n, until = 0, NEVER
    for e in range(len(state)):
        m = state[e]
        if m.start >= grid + STEP:
            until = min(until, m.start // STEP * STEP)
        elif m.end > grid:
            who[n] = e
            n += 1
            until = min(until, (m.end + STEP - 1) // STEP * STEP)
    return n, until


@kernel
def board(
    n: int,
    k: Any,
    d: Any,
    p: Any,
    f: Any,
    g: Any,
    key: Any,
    events: Any,
    state: Any,
    who: Any,
    shared: Any,
    grid: int,
    rate: float,
) -> int:
    """Put events into lanes; return how many lanes are at work, whole vectors.

    New ones are given the memory of having been what they are at the grid point before them; lanes
    that nobody stands in go on unheard as the last one's shadow.
    """
    width = -(-n // VECTOR) * VECTOR
    for v in range(n, width):  # what a shadow is must not hang on who else stands in the table
        who[v] = who[n - 1]
    for v in range(width):
        e, m = events[who[v]], state[who[v]]
        lay(v, k, d, e, m)
        if v < n and m.aboard == 0:
            calm = eased_between(shared[SURRENDER], e.begins, e.arrives)
            turn = e.rest_hz * m.start / rate + e.rest_turn if calm > LOCKS_FROM else e.phase
            m.phase = wrapped(int((turn - np.floor(turn)) * CYCLE))
            m.draw = I32(key32(~m.key))
        p[v], p[v + DRAW], key[v] = m.phase, m.draw, key32(m.key)
        f[v + SHUT] = e.shuts
        k[v + PACE_IS], k[v + LEFT_IS], k[v + RIGHT_IS] = m.pace, m.left, m.right
        for j in range(FILTERS):
            for c in range(5):
                g[j * SIZE + c * LANES + v] = m.filters[j, c]
        if v >= n:
            k[v + GAIN] = F32(0)
    steer(width, k, d, p, g, shared, grid, rate, events, who)
    mouthed(width, k, g, shared[FRAME_S])
    for v in range(width):
        m = state[who[v]]
        if v >= n or m.aboard == 0:
            m.aboard = 1
            k[v + PACE_IS], k[v + LEFT_IS] = k[v + TO_PACE], k[v + TO_LEFT]
            k[v + RIGHT_IS] = k[v + TO_RIGHT]
            for j in range(FILTERS):
                for c in range(3):
                    row = j * SIZE + c * LANES + v
                    g[row + A] = g[row + TO_A]
    return width


@kernel
def leave(n: int, k: Any, p: Any, g: Any, state: Any, who: Any) -> None:
    """Keep what the lanes have come to."""
    for v in range(n):
        m = state[who[v]]
        m.phase, m.draw = p[v], p[v + DRAW]
        m.pace, m.left, m.right = k[v + PACE_IS], k[v + LEFT_IS], k[v + RIGHT_IS]
        for j in range(FILTERS):
            for c in range(5):
                m.filters[j, c] = g[j * SIZE + c * LANES + v]


@kernel
def aim(
    width: int,
    n: int,
    k: Any,
    d: Any,
    p: Any,
    f: Any,
    key: Any,
    before: Any,
    after: Any,
    grid: int,
) -> Any:
    """Let every lane reach what it shall be at the next grid point, in straight lines.

    Returns in how many lanes ports open in less than ``SLOWLY`` frames, and how many begin or end
    within the step.
    """
    per_frame, opened, opens = F32(1.0 / STEP), F32(before[OPENING]), F32(after[OPENING])
    slowly, least, quick = F32(SLOWLY / HALF_CYCLE), max(opened, opens), 0
    for v in range(width):
        # Where the ramp of whole numbers ends, not where it should have.
        pace, paces, shut = k[v + PACE_IS], k[v + TO_PACE], f[v + SHUT]
        wide = SCALE / pace
        f[v + WIDE], f[v + WIDE_BY] = wide, (SCALE / paces - wide) * per_frame
        edge = UNIT / (shut - opened)
        f[v + EDGE], f[v + EDGE_BY] = edge, (UNIT / (shut - opens) - edge) * per_frame
        p[v + PACE], p[v + PACE_BY] = I32(pace), I32(np.floor((paces - pace) * per_frame))
    for v in range(width):
        f[v + LEFT], f[v + LEFT_BY] = k[v + LEFT_IS], (k[v + TO_LEFT] - k[v + LEFT_IS]) * per_frame
        right_by = (k[v + TO_RIGHT] - k[v + RIGHT_IS]) * per_frame
        f[v + RIGHT], f[v + RIGHT_BY] = k[v + RIGHT_IS], right_by
    for v in range(width):
        pace = max(k[v + PACE_IS], k[v + TO_PACE])
        f[v + QUICK] = F32(1) if slowly * pace > f[v + SHUT] - least else F32(0)
    for v in range(n):
        quick += 1 if f[v + QUICK] > F32(0) else 0
    for v in range(width):
        p[v + AIR] = I32(hashed(key[v], U32((grid - np.int64(d[v + START]) + STEP) // STEP)))
    partly = 0
    for v in range(n):
        partly += 1 if d[v + START] > grid or d[v + END] < grid + STEP else 0
    if partly > 0:
        for v in range(n):
            lead, stop = max(d[v + START] - grid, 0.0), min(d[v + END] - grid, 1.0 * STEP)
            part = F32(STEP / (stop - lead))
            f[v + LEFT_BY] *= part
            f[v + RIGHT_BY] *= part
            f[v + LEFT] -= F32(lead) * f[v + LEFT_BY]
            f[v + RIGHT] -= F32(lead) * f[v + RIGHT_BY]
            if lead > 0.0:  # it begins at its own frame, with the phase it was given
                p[v] = wrapped(int(p[v]) - int(lead) * int(p[v + PACE]))
    for v in range(n, width):
        f[v + LEFT] = f[v + LEFT_BY] = f[v + RIGHT] = f[v + RIGHT_BY] = F32(0)
    return quick, partly


@kernel
def bend(width: int, filters: int, held: int, g: Any) -> None:
    """Let the filters of every lane reach their next coefficients; from ``held`` on, at once."""
    for j in range(filters):
        h = g[j * SIZE : (j + 1) * SIZE]
        if j >= held:
            for v in range(3 * LANES):
                h[v + A] = h[v + TO_A]
            for v in range(2 * LANES):
                h[v] = F32(0)
        for row in range(0, 3 * LANES, LANES):
            here, to, by = h[row + A :], h[row + TO_A :], h[row + A_BY :]
            for v in range(width):
                by[v] = (to[v] - here[v]) * F32(HOLD / STEP)
        for v in range(width):
            # The mean of b g over the mean of b, less the mean of g.
            apart = (h[v + TO_B] - h[v + B]) * (h[v + TO_G] - h[v + G])
            h[v + G_MORE] = F32(0.5) * apart / (h[v + TO_B] + h[v + B])


@kernel
def settle(width: int, filters: int, k: Any, g: Any) -> None:
    """Make the end of a step the start of the next one; nothing of a ramp's rounding stays."""
    for v in range(width):
        k[v + PACE_IS] = k[v + TO_PACE]
        k[v + LEFT_IS] = k[v + TO_LEFT]
        k[v + RIGHT_IS] = k[v + TO_RIGHT]
    for j in range(filters):
        h = g[j * SIZE : (j + 1) * SIZE]
        for v in range(width):
            h[v] = h[v] if abs(h[v]) > TINY else F32(0)
            h[v + IC2] = h[v + IC2] if abs(h[v + IC2]) > TINY else F32(0)
            h[v + A], h[v + B], h[v + G] = h[v + TO_A], h[v + TO_B], h[v + TO_G]


@kernel
def blow(
    width: int, n: int, torn: bool, quick: int, p: Any, f: Any, all_of: Any, y: Any, q: Any, z: Any
) -> None:
    """Fill one step of ``y`` with pulses, in the cheapest way that their ports allow."""
    if torn:
        tear(width, p, f, all_of, y)
    elif quick == 0:
        puff(width, p, f, all_of, y)
    elif quick == n:
        puff_quickly(width, p, f, all_of, y)
    else:
        puff_either(width, p, f, all_of, y, q, z)


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all sirens to ``out``, shape (2, frames)."""
    rate, tiles = np.float64(sample_rate), (len(events) + LANES - 1) // LANES
    k, d = np.zeros((tiles, K_ROWS * LANES), F32), np.zeros((tiles, D_ROWS * LANES))
    g = np.zeros((tiles, FILTERS * SIZE), F32)
    p, f = np.zeros((tiles, P_ROWS * LANES), I32), np.zeros((tiles, F_ROWS * LANES), F32)
    key, who = np.zeros((tiles, LANES), np.uint32), np.zeros(tiles * LANES, np.int64)
    width = np.zeros(tiles, np.int64)
    y, sides = np.zeros(STEP * LANES, F32), np.zeros(2 * STEP * SUMS, F32)
    q, z = np.zeros(P_ROWS * LANES, I32), np.zeros(STEP * LANES, F32)
    all_of, before, after = np.zeros(8, F32), np.zeros(SHARED), np.zeros(SHARED)
    n, until = 0, start_frame
    share(curves[0], start_frame, rate, after)
    for s in range(out.shape[1] // STEP):
        grid = start_frame + s * STEP
        before[:] = after
        share(curves[s + 1], grid + STEP, rate, after)
        if grid >= until:
            for b in range(0, n, LANES):
                j = b // LANES
                leave(min(n - b, LANES), k[j], p[j], g[j], state, who[b:])
            n, until = gather(grid, state, who)
            for b in range(0, n, LANES):
                j = b // LANES
                width[j] = board(
                    min(n - b, LANES),
                    k[j],
                    d[j],
                    p[j],
                    f[j],
                    g[j],
                    key[j],
                    events,
                    state,
                    who[b:],
                    before,
                    grid,
                    rate,
                )
        if n == 0:
            continue
        for row, name in ((OPEN, OPENING), (FLOW, FLOWING), (JITTER, JITTERED), (VOWEL, VOWELS)):
            all_of[row] = before[name]
            all_of[row + 1] = (after[name] - before[name]) * (1.0 / STEP)
        torn = before[JITTERED] > 0.0 or after[JITTERED] > 0.0
        mouths = before[VOWELS] > 0.0 or after[VOWELS] > 0.0
        filters, held = FILTERS if mouths else 1, FILTERS if before[VOWELS] > 0.0 else 1
        for b in range(0, n, LANES):
            j, w, here = b // LANES, width[b // LANES], min(n - b, LANES)
            kj, dj, gj, pj, fj = k[j], d[j], g[j], p[j], f[j]
            steer(w, kj, dj, pj, gj, after, grid + STEP, rate, events, who[b:])
            quick, partly = aim(w, here, kj, dj, pj, fj, key[j], before, after, grid)
            if mouths:
                mouthed(w, kj, gj, after[FRAME_S])
            blow(w, here, torn, quick, pj, fj, all_of, y, q, z)
            bend(w, filters, held, gj)  # here, when what mouths wrote has come to rest in memory
            if mouths:
                speak(w, gj, all_of, y)
            else:
                soften(w, gj, y)
            if partly > 0:
                arrive(w, fj, y, sides)
            else:
                stand(w, fj, y, sides)
            settle(w, filters, kj, gj)
        sum_up(sides, y, out, s * STEP)
    for b in range(0, n, LANES):
        j = b // LANES
        leave(min(n - b, LANES), k[j], p[j], g[j], state, who[b:])
