"""Wings in the air: two strokes a beat, each a saw whose edge is as soft as the wing is slow.

The stroke down is a saw of the wing's own pitch, stroke down and stroke up together are one an
octave higher; so the share of the second says how alike the strokes are, from a plain saw (0) over
a buzz whose second harmonic is strongest (0.52: 4 dB over the first) to the octave alone (1).
Edges are rounded over a time, which takes away what would fold back, and what is too bright: from
a few frames to half a cycle, where nothing but a sine is left.  Lanes innermost, so that it
vectorises; edges and shares stand still for a few frames, gains are worked out from the frame's
number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import fused, inlined, kernel
from lullaby.dsp.summing import SUMS
from lullaby.units import STEP

F32, I32 = np.float32, np.int32

LANES = 64  # side by side: what is done once for all of them is half of what sixteen cost
# Rows of p, int32: phase (2^32 a cycle), its step a frame, the step's own step.
PACE, PACE_BY = LANES, 2 * LANES
P_ROWS = 3
# Rows of f, float32, values and their steps a frame: half a cycle of the octave over half of what
# an edge takes; share of the octave; gains.
EDGE, EDGE_BY, EVEN, EVEN_BY, LEFT, LEFT_BY, RIGHT, RIGHT_BY = (i * LANES for i in range(8))
F_ROWS = 8
UNIT = F32(2.0**-31)
HALF_CYCLE = I32(-(2**31))  # so that every step of the saw is one of the octave too
RUN = 4  # frames that a lane does at once: more, and a compiler does them one by one
MIDDLE = F32(0.5 * (RUN - 1))  # of a run, in frames
FRAME = np.arange(STEP).astype(np.float32)


@inlined
def rounded(at: Any, edge: Any, less: Any) -> Any:
    """Return what rounds off the step of a saw, of the sign of the saw, float32.

    ``at``: the phase, 2^31 half a cycle; ``edge``: one over how much of it is rounded, ``less``:
    1 less 2^31 times that.  The step becomes a smooth one, 3 v^2 - 2 v^3 as steep, whose spectrum
    falls 18 dB an octave beyond its first zero; its two halves add up to none.
    """
    v = max(F32(0), fused(abs(at), edge, less))
    return np.copysign(v * v * v * (F32(2) - v), at)


@kernel
def beat(width: int, p: Any, f: Any, sides: Any) -> None:
    """Add one step of all wings, each where it is, to ``sides``: left, right, 16 sums a frame.

    A gain below 0 is one not yet, or no longer, heard.  ``EDGE`` must be 1 or more, and no less
    than a quarter of the sample rate over two of the wing's pitch keeps images 70 dB down.
    """
    for lanes in range(0, width, SUMS):
        end = min(width - lanes, SUMS)  # no bound the compiler knows: it takes vectors apart
        turns, h = p[lanes:], f[lanes:]
        for first in range(0, STEP, RUN):
            n, to = FRAME[first], sides[first * SUMS :]
            for v in range(end):
                at, pace, pace_by = turns[v], turns[v + PACE], turns[v + PACE_BY]
                sharp = fused(n + MIDDLE, h[v + EDGE_BY], h[v + EDGE])
                share = fused(n + MIDDLE, h[v + EVEN_BY], h[v + EVEN])
                steep, less = sharp * UNIT, F32(1) - sharp
                steeper, lesser = steep + steep, less - sharp
                left_by, right_by = h[v + LEFT_BY], h[v + RIGHT_BY]
                left, right = fused(n, left_by, h[v + LEFT]), fused(n, right_by, h[v + RIGHT])
                for i in range(RUN):
                    x = F32(i)
                    one, two = F32(at), F32(I32(at + at + HALF_CYCLE))
                    down = fused(one, UNIT, -rounded(one, steeper, lesser))
                    both = fused(two, UNIT, -rounded(two, steep, less))
                    wing = fused(share, both - down, down)
                    here = i * SUMS + v
                    to[here] = fused(wing, max(F32(0), fused(x, left_by, left)), to[here])
                    here += STEP * SUMS
                    to[here] = fused(wing, max(F32(0), fused(x, right_by, right)), to[here])
                    at, pace = I32(at + pace), I32(pace + pace_by)
                turns[v], turns[v + PACE] = at, pace
