"""W2: 16 voices of white noise through a moving band-pass, with 30 random impulses a second.

Prints the real-time factor and the time a frame and voice take: of the bare workload, made of the
pieces static is made of, and of the whole module with its fades, bursts, whistles, second filter.
The minimum of several runs; 115 times real time on one core is what the fastest peer reaches.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lullaby.dsp.approximate import coefficients, octaves, turned
from lullaby.dsp.filters import flushed
from lullaby.dsp.kernel import kernel
from lullaby.dsp.noise import white
from lullaby.dsp.radio import spark
from lullaby.engine.alone import alone, rendered
from lullaby.modules.static import Static

VOICES, RATE, LENGTH_S, RUNS = 16, 48000, 20.0, 30
Q = 2.0
BAR = 115.0
F32, I32 = np.float32, np.int32


@kernel
def steered(v: int, frame: int, g: Any) -> None:
    # Centre 300 to 3400 Hz by a sine of each voice's own rate; slopes from where it is to there.
    lfo = turned((0.1 + 0.013 * v) * frame / RATE + 0.159 * v)
    a1, a2, a3 = coefficients(1010.0 * octaves(1.751 * lfo), Q, np.pi / RATE)
    g[v + 80] = (a1 - g[v + 32]) / 64.0
    g[v + 96] = (a2 - g[v + 48]) / 64.0
    g[v + 112] = (a3 - g[v + 64]) / 64.0


@kernel
def step(first: int, p: Any, f: Any, g: Any, y: Any) -> None:
    for i in range(64):
        n = I32(first + i)
        for v in range(VOICES):
            x = white(p[v], n)
            v3 = x - g[v + 16]
            v1 = g[v + 32] * g[v] + g[v + 48] * v3
            v2 = g[v + 16] + g[v + 48] * g[v] + g[v + 64] * v3
            g[v], g[v + 16] = 2.0 * v1 - g[v], 2.0 * v2 - g[v + 16]
            g[v + 32] += g[v + 80]
            g[v + 48] += g[v + 96]
            g[v + 64] += g[v + 112]
            y[16 * i + v] = F32(v1 / Q) + (f[v + 32] if I32(i) == p[v + 16] else F32(0))


@kernel
def mixed(y: Any, f: Any, t: Any, out: Any, at: int) -> None:
    for c in range(2):
        side, to = f[16 * c :], out[c, at:]
        for i in range(64):
            row, sums = y[16 * i :], t[8 * i :]
            for v in range(8):
                sums[v] = row[v] * side[v] + row[v + 8] * side[v + 8]
        for i in range(64):
            a = (t[8 * i] + t[8 * i + 1]) + (t[8 * i + 2] + t[8 * i + 3])
            b = (t[8 * i + 4] + t[8 * i + 5]) + (t[8 * i + 6] + t[8 * i + 7])
            to[i] += a + b


@kernel
def workload(out: Any, p: Any, f: Any, g: Any, y: Any) -> None:
    t = np.zeros(512, F32)
    for s in range(out.shape[1] // 64):
        for v in range(VOICES):
            steered(v, s * 64 + 64, g)
            place, size = spark(np.uint64(v), s, 30.0 * 64 / RATE)
            p[v + 16], f[v + 32] = place, 0.2 * size
        step(s * 64, p, f, g, y)
        mixed(y, f, t, out, s * 64)
        for v in range(2 * VOICES):
            g[v] = flushed(g[v])


def bare() -> None:
    f = np.zeros(48, np.float32)
    pan = (np.arange(VOICES) + 0.5) / VOICES * np.pi / 2.0
    f[:16], f[16:32] = np.cos(pan), np.sin(pan)
    out = np.zeros((2, int(LENGTH_S * RATE)), np.float32)
    keys = np.arange(1, 33, dtype=np.int32) * 7919
    workload(out, keys, f, np.zeros(128), np.zeros(64 * VOICES, np.float32))
    assert 0.3 < np.sqrt((out**2).mean()) < 3.0


def report(name: str, run: Callable[[], Any]) -> None:
    run()  # compiles
    best = float("inf")
    for _ in range(RUNS):
        begun = time.process_time()
        run()
        best = min(best, time.process_time() - begun)
    factor = LENGTH_S / best
    each_ns = best * 1e9 / (LENGTH_S * RATE * VOICES)
    print(f"{name:24s} {factor:6.0f} x real time  {each_ns:5.2f} ns  {factor / BAR:5.1f} x the bar")


def main() -> None:
    report("W2 noise and impulses", bare)
    module = alone(Static, fixed={"voices": VOICES})
    report("the module static", lambda: rendered(module, LENGTH_S))


if __name__ == "__main__":
    main()
