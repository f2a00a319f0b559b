"""W3 swarm: 200 band-limited saws, each with a slow random walk of its pitch and of its pan.

Prints the real-time factor on one core and ns a frame and voice, best of several runs: of the bare
workload, made of the pieces the swarm is made of, and of the module wasps with its ways in space,
Doppler and stings.  The bar, the best engine measured on this workload, is 19 times real time; the
goal is five times that.
Run: ``python -m benchmarks.w3_swarm``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lullaby.dsp.approximate import octaves
from lullaby.dsp.kernel import VECTOR, kernel
from lullaby.dsp.summing import SUMS, sum_up
from lullaby.dsp.swarm_steering import wandered
from lullaby.dsp.wings import (
    EDGE,
    EDGE_BY,
    F_ROWS,
    LANES,
    LEFT,
    LEFT_BY,
    P_ROWS,
    PACE,
    PACE_BY,
    RIGHT,
    RIGHT_BY,
    beat,
)
from lullaby.engine.alone import alone, rendered
from lullaby.modules.wasps import Wasps
from lullaby.units import STEP

VOICES, RATE, LENGTH_S, RUNS = 200, 48000, 10.0, 20
TILES = -(-VOICES // LANES)
BAR, GOAL = 19.0, 95.0
F32, I32, U32 = np.float32, np.int32, np.uint32
WALK_HZ, PAN_HZ = 0.7, 0.3
CYCLE = 4294967296.0
LEFT_IS, RIGHT_IS, EDGE_IS, TO_LEFT, TO_RIGHT, TO_EDGE, TO_PACE = (i * LANES for i in range(7))


@kernel
def walk(width: int, key: Any, k: Any, p: Any, f: Any, time_s: float) -> None:
    """Let every lane reach its pitch and pan at the next grid point."""
    walk_i, pan_i = U32(np.floor(time_s * WALK_HZ)), U32(np.floor(time_s * PAN_HZ))
    walk_x = F32(time_s * WALK_HZ - np.floor(time_s * WALK_HZ))
    pan_x = F32(time_s * PAN_HZ - np.floor(time_s * PAN_HZ))
    per_frame, half, loud = F32(1.0 / STEP), F32(0.5), F32(0.05)
    for v in range(width):
        place = wandered(key[v], walk_i, walk_x)
        side = half * wandered(~key[v], pan_i, pan_x)
        hz = F32(158.1) * octaves(F32(0.66) * place)  # 100 to 250 Hz
        k[v + TO_PACE] = hz * F32(CYCLE / RATE)
        k[v + TO_EDGE] = F32(0.125 * RATE) / hz
        k[v + TO_LEFT], k[v + TO_RIGHT] = loud * np.sqrt(half - side), loud * np.sqrt(half + side)
    for v in range(width):
        p[v + PACE_BY] = I32(I32(I32(k[v + TO_PACE]) - p[v + PACE]) + I32(STEP // 2)) >> I32(6)
        f[v + EDGE], f[v + EDGE_BY] = k[v + EDGE_IS], (k[v + TO_EDGE] - k[v + EDGE_IS]) * per_frame
        f[v + LEFT], f[v + LEFT_BY] = k[v + LEFT_IS], (k[v + TO_LEFT] - k[v + LEFT_IS]) * per_frame
        f[v + RIGHT] = k[v + RIGHT_IS]
        f[v + RIGHT_BY] = (k[v + TO_RIGHT] - k[v + RIGHT_IS]) * per_frame
    for v in range(3 * LANES):
        k[v + LEFT_IS] = k[v + TO_LEFT]


@kernel
def workload(out: Any, key: Any, k: Any, p: Any, f: Any, sides: Any, scratch: Any) -> None:
    """All voices, a step at a time."""
    for s in range(out.shape[1] // STEP):
        for j in range(TILES):
            width = min(VOICES - j * LANES, LANES)
            width = -(-width // VECTOR) * VECTOR
            walk(width, key[j], k[j], p[j], f[j], (s + 1) * STEP / RATE)
            beat(width, p[j], f[j], sides)
        sum_up(sides, scratch, out, s * STEP)


def bare() -> None:
    key = (np.arange(TILES * LANES, dtype=np.uint32) * 7919 + 1).reshape(TILES, LANES)
    k = np.zeros((TILES, 7 * LANES), F32)
    k[:, EDGE_IS : EDGE_IS + LANES] = 0.125 * RATE / 158.1
    p, f = np.zeros((TILES, P_ROWS * LANES), I32), np.zeros((TILES, F_ROWS * LANES), F32)
    p[:, :LANES] = key.view(np.int32) << 8
    p[:, PACE : PACE + LANES] = 158.1 / RATE * CYCLE
    sides, scratch = np.zeros(2 * STEP * SUMS, F32), np.zeros(STEP * SUMS, F32)
    out = np.zeros((2, round(LENGTH_S * RATE)), F32)
    workload(out, key, k, p, f, sides, scratch)
    assert 0.05 < out.std() < 1.0


def report(name: str, voices: int, run: Callable[[], Any]) -> None:
    """Print a line for a run of so many voices."""
    run()  # compiles
    best = float("inf")
    for _ in range(RUNS):
        begun = time.process_time()
        run()
        best = min(best, time.process_time() - begun)
    factor = LENGTH_S / best
    each_ns = best * 1e9 / (LENGTH_S * RATE * voices)
    print(f"{name:28} {factor:5.0f} x real time on one core  {each_ns:5.2f} ns a frame and voice")


def main() -> None:
    """Print a line for the workload and one for each swarm."""
    report("W3, 200 saws that wander", VOICES, bare)
    print(f"  the bar is {BAR:.0f}, the goal {GOAL:.0f}")
    for voices in (48, 200):
        run = alone(Wasps, {"panic": 1.0}, {"voices": voices})
        report(f"the module wasps, {voices}", voices, lambda run=run: rendered(run, LENGTH_S))
        run = alone(Wasps, {"panic": 0.2, "surrender": 0.6}, {"voices": voices})
        report(f"  on its way to rest, {voices}", voices, lambda run=run: rendered(run, LENGTH_S))


if __name__ == "__main__":
    main()
