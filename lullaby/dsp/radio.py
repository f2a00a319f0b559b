"""Radio static: stations side by side, noise and impulses through moving filters, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import radio_station as station
from lullaby.dsp.filters import flushed
from lullaby.dsp.kernel import LANES, kernel, mix, uniform
from lullaby.dsp.noise import key32, white
from lullaby.dsp.oscillators import TO_UNIT, sine
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32
MEMORY = station.MEMORY
SMALLEST = 0.25  # one over how much larger the largest impulse is

# Offsets of the lanes' whole numbers, float32 and float64, a row of LANES each.
NOISE, FRAME, PLACE, PHASE, PACE, PACES = 0, 32, 64, 96, 128, 160
SIZE = 448  # after the gains: value, slope, value, slope, in the order of ``station``
STATE, COEF, SLOPE, BURST, DECAY = 0, 128, 320, 512, 544


@kernel
def spark(key: Any, step: int, mean: float) -> Any:
    """Return where in a step of 64 frames an impulse falls, and its size: 64 and 0 for none.

    ``mean``: how many a step are expected; there is one at most, which up to 0.1 is as good as a
    Poisson stream.  Sizes are 1..4, one over a uniform number, so that the energies of crackle fall
    as E^-1.5 (exponents of 1.3 to 1.6: Houle and Sethna 1996).
    """
    chance = 1.0 - np.exp(-mean)
    number = uniform(key, step)
    if number >= chance:
        return STEP, 0.0
    more = mix(key ^ mix(np.uint64(step)))
    place = np.int64(more >> np.uint64(58))
    return place, 1.0 / (SMALLEST + (1.0 - SMALLEST) * number / chance)


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all stations to ``out``, float32, shape (2, frames); a row of ``state`` an event."""
    p = np.zeros(6 * LANES, I32)
    f = np.zeros(15 * LANES, F32)
    g = np.zeros(18 * LANES)
    who = np.zeros(LANES, np.int64)
    y = np.zeros(2 * LANES * STEP, F32)
    for s in range(out.shape[1] // STEP):
        grid, n = start_frame + s * STEP, 0
        for e in range(len(events)):
            m = state[e]
            if m.start < grid + STEP and m.end > grid:
                board(n, p, f, g, events[e], m, curves[s], curves[s + 1], grid, sample_rate)
                who[n] = e
                n += 1
            if n == LANES or (n > 0 and e == len(events) - 1):  # a tile is full, or the last one
                width = (n + 7) // 8 * 8
                for v in range(n, width):
                    clear(v, p, f, g)
                sing(width, p, f, g, y)
                for v in range(n):
                    leave(v, p, g, state[who[v]])
                add(width, y, out, s * STEP)
                n = 0


@kernel
def board(
    v: int, p: Any, f: Any, g: Any, event: Any, m: Any, now: Any, then: Any, grid: int, rate: int
) -> None:
    """Lay an event into lane ``v`` for the step from ``grid``: values, and their slopes."""
    if not m.begun:
        station.steer(event, m, now, grid, rate)
    r = m.ramp
    for j in range(6):
        g[v + COEF + j * LANES] = r[j]
        g[v + SLOPE + j * LANES] = r[j]
    for j in range(6):
        f[v + 2 * j * LANES] = r[j + 6]
    pace, hot = r[station.PACE], r[station.CRACKLE]
    rate_hz = station.steer(event, m, then, grid + STEP, rate)
    for j in range(6):
        g[v + SLOPE + j * LANES] = (r[j] - g[v + SLOPE + j * LANES]) / STEP
    for j in range(6):
        f[v + (2 * j + 1) * LANES] = (r[j + 6] - np.float64(f[v + 2 * j * LANES])) / STEP
    f[v + 12 * LANES] = hot
    f[v + 13 * LANES] = (r[station.CRACKLE] - hot) / STEP
    for j in range(4):
        g[v + STATE + j * LANES] = m.filters[j]
    g[v + BURST], g[v + DECAY] = m.filters[4], np.exp(-1.0 / (station.BURST_S * rate))
    place, size = spark(m.key, grid // STEP, rate_hz * STEP / rate)
    f[v + SIZE] = size
    p[v + NOISE] = I32(key32(m.key))
    p[v + FRAME] = I32(grid - m.start)
    p[v + PLACE] = I32(place)
    p[v + PHASE] = m.phase
    p[v + PACE] = I32(pace)
    p[v + PACES] = I32((r[station.PACE] - pace) / STEP)


@kernel
def clear(v: int, p: Any, f: Any, g: Any) -> None:
    """Make a lane silent."""
    for j in range(6):
        p[v + j * LANES] = 0
    for j in range(15):
        f[v + j * LANES] = F32(0)
    for j in range(18):
        g[v + j * LANES] = 0.0


@kernel
def leave(v: int, p: Any, g: Any, m: Any) -> None:
    """Carry what a lane remembers to the next step."""
    for j in range(4):
        m.filters[j] = flushed(g[v + STATE + j * LANES])
    m.filters[4] = flushed(g[v + BURST])
    m.phase = p[v + PHASE]


@kernel
def sing(width: int, p: Any, f: Any, g: Any, y: Any) -> None:
    """Fill ``y`` with one step of every lane.  Lanes inside, fixed offsets: it vectorises."""
    for i in range(STEP):
        for v in range(width):
            hit = f[v + 448] if I32(i) == p[v + 64] else F32(0)
            g[v + 512] = g[v + 512] * g[v + 544] + hit
            x = white(p[v], p[v + 32]) * (F32(1) + F32(g[v + 512]) * f[v + 384])
            v3 = x - g[v + 32]
            v1 = g[v + 128] * g[v] + g[v + 160] * v3
            v2 = g[v + 32] + g[v + 160] * g[v] + g[v + 192] * v3
            g[v], g[v + 32] = 2.0 * v1 - g[v], 2.0 * v2 - g[v + 32]
            tone = f[v + 192] * sine(F32(p[v + 96]) * TO_UNIT)
            x = f[v] * x + f[v + 64] * F32(v1) + f[v + 128] * F32(v2) + tone
            v3 = x - g[v + 96]
            v1 = g[v + 224] * g[v + 64] + g[v + 256] * v3
            v2 = g[v + 96] + g[v + 256] * g[v + 64] + g[v + 288] * v3
            g[v + 64], g[v + 96] = 2.0 * v1 - g[v + 64], 2.0 * v2 - g[v + 96]
            y[64 * i + v] = F32(v2) * max(F32(0), f[v + 256])
            y[64 * i + v + 32] = F32(v2) * max(F32(0), f[v + 320])
            g[v + 128] += g[v + 320]
            g[v + 160] += g[v + 352]
            g[v + 192] += g[v + 384]
            g[v + 224] += g[v + 416]
            g[v + 256] += g[v + 448]
            g[v + 288] += g[v + 480]
            f[v] += f[v + 32]
            f[v + 64] += f[v + 96]
            f[v + 128] += f[v + 160]
            f[v + 192] += f[v + 224]
            f[v + 256] += f[v + 288]
            f[v + 320] += f[v + 352]
            f[v + 384] += f[v + 416]
            p[v + 32] += I32(1)
            p[v + 96] += p[v + 128]
            p[v + 128] += p[v + 160]


@kernel
def add(width: int, y: Any, out: Any, at: int) -> None:
    """Add the lanes to ``out`` in their order, which is the order of the events."""
    for i in range(STEP):
        for c in range(2):
            row = y[2 * LANES * i + c * LANES :]
            a, b, d, e = F32(0), F32(0), F32(0), F32(0)
            for v in range(0, width, 4):
                a += row[v]
                b += row[v + 1]
                d += row[v + 2]
                e += row[v + 3]
            out[c, at + i] += (a + b) + (d + e)
