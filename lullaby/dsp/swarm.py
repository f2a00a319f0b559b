"""The voice of a swarm: wings that fly about in space or rest on a chord, and stings.

What is costly is worked out at grid points from the time since the run began, and moves straight
between them.  Events keep their lanes from step to step until one begins or ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import VECTOR, kernel
from lullaby.dsp.noise import key32
from lullaby.dsp.oscillators import wrapped
from lullaby.dsp.stings import sting
from lullaby.dsp.summing import SUMS, sum_up
from lullaby.dsp.swarm_steering import (
    BEGUN,
    CALM,
    EDGE_IS,
    ENDS,
    EVEN_IS,
    GAIN,
    K_ROWS,
    LEFT_IS,
    LOCKS_FROM,
    P_ROWS,
    RIGHT_IS,
    SHARED,
    TO_EDGE,
    TO_EVEN,
    TO_LEFT,
    TO_PACE,
    TO_RIGHT,
    TONE,
    TONE_BY,
    lay,
    share,
    steer,
)
from lullaby.dsp.wings import (
    EDGE,
    EDGE_BY,
    EVEN,
    EVEN_BY,
    F_ROWS,
    LANES,
    LEFT,
    LEFT_BY,
    PACE,
    PACE_BY,
    RIGHT,
    RIGHT_BY,
    beat,
)
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32
# Of each event, at the last grid point: all that moves.
MEMORY = {"phase": "i4", "pace": "i4", "aboard": "i8", "left": "f4", "right": "f4"}
MEMORY |= {"edge": "f4", "even": "f4"}
NEVER = 1 << 62


@kernel
def gather(stings: bool, grid: int, events: Any, state: Any, who: Any) -> Any:
    """Fill ``who`` with the wings, or the stings, of a step; return how many, and until when."""
    n, until = 0, NEVER
    for e in range(len(state)):
        if (events[e].burst_s > 0.0) != stings:
            continue
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
    p: Any,
    f: Any,
    key: Any,
    events: Any,
    state: Any,
    who: Any,
    shared: Any,
    grid: int,
    rate: float,
) -> int:
    """Put wings into lanes; return how many lanes are at work, whole vectors.

    New ones are given the memory of having been what they are at the grid point before them; lanes
    that nobody flies in go on unheard as the last one's shadow.
    """
    width, fresh = -(-n // VECTOR) * VECTOR, 0
    for v in range(n, width):  # what a shadow is must not hang on who else stands in the table
        who[v] = who[n - 1]
    for v in range(width):
        e, m = events[who[v]], state[who[v]]
        lay(v, k, p, e, m, rate)
        p[v], p[v + PACE], key[v] = m.phase, m.pace, U32(e.wasp)
        k[v + LEFT_IS], k[v + RIGHT_IS] = m.left, m.right
        k[v + EDGE_IS], k[v + EVEN_IS] = m.edge, m.even
        fresh += 1 if m.aboard == 0 else 0
        if v >= n:
            k[v + GAIN] = F32(0)
            f[v + LEFT] = f[v + LEFT_BY] = f[v + RIGHT] = f[v + RIGHT_BY] = F32(0)
    if fresh > 0:
        steer(width, k, p, key, shared, grid)
    for v in range(width):
        m = state[who[v]]
        if v >= n or m.aboard == 0:
            m.aboard = 1
            p[v + PACE] = I32(k[v + TO_PACE])
            lead = I32(max(m.start - grid, 0))
            p[v] = I32(I32(key32(m.key)) - I32(lead * p[v + PACE]))
            if k[v + CALM] > LOCKS_FROM:
                p[v] = I32(p[v + TONE] + I32(p[v + TONE_BY] * wrapped(grid // STEP)))
            k[v + LEFT_IS], k[v + RIGHT_IS] = k[v + TO_LEFT], k[v + TO_RIGHT]
            k[v + EDGE_IS], k[v + EVEN_IS] = k[v + TO_EDGE], k[v + TO_EVEN]
    return width


@kernel
def leave(n: int, k: Any, p: Any, state: Any, who: Any) -> None:
    """Keep what the lanes have come to."""
    for v in range(n):
        m = state[who[v]]
        m.phase, m.pace = p[v], p[v + PACE]
        m.left, m.right, m.edge, m.even = (
            k[v + LEFT_IS],
            k[v + RIGHT_IS],
            k[v + EDGE_IS],
            k[v + EVEN_IS],
        )


@kernel
def aim(width: int, n: int, k: Any, p: Any, f: Any, grid: int) -> None:
    """Let every lane reach what it shall be at the next grid point, in straight lines."""
    per_frame, here = F32(1.0 / STEP), wrapped(grid)
    for v in range(width):
        p[v + PACE_BY] = I32(I32(I32(k[v + TO_PACE]) - p[v + PACE]) + I32(STEP // 2)) >> I32(6)
        f[v + EDGE], f[v + EDGE_BY] = k[v + EDGE_IS], (k[v + TO_EDGE] - k[v + EDGE_IS]) * per_frame
        f[v + EVEN], f[v + EVEN_BY] = k[v + EVEN_IS], (k[v + TO_EVEN] - k[v + EVEN_IS]) * per_frame
    for v in range(n):
        lead = max(F32(I32(p[v + BEGUN] - here)), F32(0))
        stop = min(F32(I32(p[v + ENDS] - here)), F32(STEP))
        part = F32(1) / (stop - lead)
        left_by = (k[v + TO_LEFT] - k[v + LEFT_IS]) * part
        right_by = (k[v + TO_RIGHT] - k[v + RIGHT_IS]) * part
        f[v + LEFT], f[v + LEFT_BY] = k[v + LEFT_IS] - lead * left_by, left_by
        f[v + RIGHT], f[v + RIGHT_BY] = k[v + RIGHT_IS] - lead * right_by, right_by
    for v in range(4 * LANES):  # left, right, edge, even: nothing of a ramp's rounding stays
        k[v + LEFT_IS] = k[v + TO_LEFT]


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all wings and stings to ``out``, shape (2, frames)."""
    rate, tiles = np.float64(sample_rate), (len(events) + LANES - 1) // LANES
    k = np.zeros((tiles, K_ROWS * LANES), F32)
    p, f = np.zeros((tiles, P_ROWS * LANES), I32), np.zeros((tiles, F_ROWS * LANES), F32)
    key, who = np.zeros((tiles, LANES), np.uint32), np.zeros(tiles * LANES, np.int64)
    stung, width = np.zeros(len(events), np.int64), np.zeros(tiles, np.int64)
    sides, scratch = np.zeros(2 * STEP * SUMS, F32), np.zeros(STEP * SUMS, F32)
    before, after = np.zeros(SHARED), np.zeros(SHARED)
    n, until, stings, until_sting = 0, start_frame, 0, start_frame
    share(curves[0], start_frame, rate, after)
    for s in range(out.shape[1] // STEP):
        grid = start_frame + s * STEP
        before[:] = after
        share(curves[s + 1], grid + STEP, rate, after)
        if grid >= until:
            for b in range(0, n, LANES):
                leave(min(n - b, LANES), k[b // LANES], p[b // LANES], state, who[b:])
            n, until = gather(False, grid, events, state, who)
            for b in range(0, n, LANES):
                j, here = b // LANES, min(n - b, LANES)
                width[j] = board(
                    here, k[j], p[j], f[j], key[j], events, state, who[b:], before, grid, rate
                )
        for b in range(0, n, LANES):
            j = b // LANES
            steer(width[j], k[j], p[j], key[j], after, grid + STEP)
            aim(width[j], min(n - b, LANES), k[j], p[j], f[j], grid)
            beat(width[j], p[j], f[j], sides)
        if n > 0:
            sum_up(sides, scratch, out, s * STEP)
        if grid >= until_sting:
            stings, until_sting = gather(True, grid, events, state, stung)
        for j in range(stings):
            sting(out, s * STEP, events[stung[j]], state[stung[j]], grid, sample_rate, scratch)
    for b in range(0, n, LANES):
        leave(min(n - b, LANES), k[b // LANES], p[b // LANES], state, who[b:])
