"""Radio static: stations side by side, noise and impulses through moving filters, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import radio_station as station
from lullaby.dsp.approximate import exponential
from lullaby.dsp.filters import flushed
from lullaby.dsp.kernel import LANES, VECTOR, inlined, kernel, mix, uniform
from lullaby.dsp.noise import key32, white
from lullaby.dsp.oscillators import TO_UNIT, sine
from lullaby.units import STEP

F32, I32 = np.float32, np.int32
MEMORY = station.MEMORY
SMALLEST = 0.25  # one over how much larger the largest impulse is

HOLD = 8  # frames a filter's coefficients stand still: finer than that is not heard, and costs
FRAME_OF = np.arange(STEP).astype(np.float32)

# Rows of p, int32.
NOISE, FRAME, PLACE, PHASE, PACE, PACES = (i * LANES for i in range(6))
# Rows of f, float32: gains, each with its growth a frame, in the order of ``station``; the size of
# an impulse; the filters' states and the burst's, kept from step to step; coefficients and what
# they grow by in a hold.  Eight bits less than float64 has are heard by nobody: the lowest band
# lies at 300 Hz, where both differ by less than -120 dBFS.
RAW, BAND, LOW, TONE, LEFT, RIGHT, HOT = (2 * i * LANES for i in range(7))
BY = LANES
SIZE, STATE, BURST, COEF, SLOPE = (i * LANES for i in (14, 15, 19, 20, 26))
ROWS = 32


@kernel
def spark(key: Any, step: int, mean: float) -> Any:
    """Return where in a step of 64 frames an impulse falls, and its size: 64 and 0 for none.

    ``mean``: how many a step are expected; there is one at most, which up to 0.1 is as good as a
    Poisson stream.  Sizes are 1..4, one over a uniform number, so that the energies of crackle fall
    as E^-1.5 (exponents of 1.3 to 1.6: Houle and Sethna 1996).
    """
    chance = 1.0 - exponential(-mean)
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
    p, f = np.zeros(6 * LANES, I32), np.zeros(ROWS * LANES, F32)
    who = np.zeros(LANES, np.int64)
    y = np.zeros(2 * LANES * STEP, F32)
    dies = F32(np.exp(-1.0 / (station.BURST_S * sample_rate)))
    before, after = np.zeros(station.SHARED), np.zeros(station.SHARED)
    station.share(curves[0], start_frame, sample_rate, after)
    for s in range(out.shape[1] // STEP):
        grid, n = start_frame + s * STEP, 0
        before[:] = after
        station.share(curves[s + 1], grid + STEP, sample_rate, after)
        for e in range(len(events)):
            m = state[e]
            if m.start < grid + STEP and m.end > grid:
                if not m.begun:
                    station.steer(events[e], m, curves[s], before, grid, sample_rate)
                board(n, p, f, events[e], m, curves[s + 1], after, grid, sample_rate)
                who[n] = e
                n += 1
            if n == LANES or (n > 0 and e == len(events) - 1):  # a tile is full, or the last one
                width = -(-n // VECTOR) * VECTOR
                for v in range(n, width):
                    clear(v, p, f)
                hiss(width, p, f, dies, y)
                sing(width, f, y)
                for v in range(n):
                    leave(v, p, f, state[who[v]])
                add(width, y, out, s * STEP)
                n = 0


@kernel
def board(
    v: int, p: Any, f: Any, event: Any, m: Any, then: Any, shared: Any, grid: int, rate: int
) -> None:
    """Lay an event into lane ``v`` for the step from ``grid``: values, and their slopes."""
    r = m.ramp
    for j in range(6):
        f[v + COEF + j * LANES] = f[v + SLOPE + j * LANES] = r[j]
    for j in range(6):
        f[v + 2 * j * LANES] = r[j + 6]
    pace, hot = r[station.PACE], r[station.CRACKLE]
    rate_hz = station.steer(event, m, then, shared, grid + STEP, rate)
    for j in range(6):
        f[v + SLOPE + j * LANES] = (r[j] - f[v + SLOPE + j * LANES]) * (HOLD / STEP)
    for j in range(6):
        f[v + BY + 2 * j * LANES] = (r[j + 6] - np.float64(f[v + 2 * j * LANES])) / STEP
    f[v + HOT], f[v + HOT + BY] = hot, (r[station.CRACKLE] - hot) / STEP
    for j in range(5):
        f[v + STATE + j * LANES] = m.filters[j]
    place, size = spark(m.key, grid // STEP, rate_hz * STEP / rate)
    f[v + SIZE] = size
    p[v + NOISE] = I32(key32(m.key))
    p[v + FRAME] = I32(grid - m.start)
    p[v + PLACE] = I32(place)
    p[v + PHASE] = m.phase
    p[v + PACE] = I32(pace)
    p[v + PACES] = I32((r[station.PACE] - pace) / STEP)


@kernel
def clear(v: int, p: Any, f: Any) -> None:
    """Make a lane silent."""
    for j in range(6):
        p[v + j * LANES] = 0
    for j in range(ROWS):
        f[v + j * LANES] = F32(0)


@kernel
def leave(v: int, p: Any, f: Any, m: Any) -> None:
    """Carry what a lane remembers to the next step."""
    for j in range(5):
        m.filters[j] = flushed(np.float64(f[v + STATE + j * LANES]))
    m.phase = p[v + PHASE]


@kernel
def hiss(width: int, p: Any, f: Any, dies: Any, y: Any) -> None:
    """Fill ``y`` with one step of every lane's noise and, behind it, of its whistle."""
    for i in range(STEP):
        n = FRAME_OF[i]
        for v in range(width):
            hit = f[v + SIZE] if I32(i) == p[v + PLACE] else F32(0)
            burst = f[v + BURST] * dies + hit
            f[v + BURST] = burst
            hot = f[v + HOT] + n * f[v + HOT + BY]
            y[2 * LANES * i + v] = white(p[v], p[v + FRAME] + I32(i)) * (F32(1) + burst * hot)
            tone = f[v + TONE] + n * f[v + TONE + BY]
            y[2 * LANES * i + v + LANES] = tone * sine(F32(p[v + PHASE]) * TO_UNIT)
            p[v + PHASE] += p[v + PACE]
            p[v + PACE] += p[v + PACES]


@inlined
def filtered(v: int, at: int, a: int, f: Any, x: Any) -> Any:
    """Return band-pass and low-pass of the filter of states ``at``, coefficients ``a``."""
    low = f[v + at + LANES]
    v3 = x - low
    v1 = f[v + a] * f[v + at] + f[v + a + LANES] * v3
    v2 = low + f[v + a + LANES] * f[v + at] + f[v + a + 2 * LANES] * v3
    f[v + at], f[v + at + LANES] = v1 + v1 - f[v + at], v2 + v2 - low
    return v1, v2


@kernel
def sing(width: int, f: Any, y: Any) -> None:
    """Pass one step of every lane through its filters to its two sides, in place.

    Lanes inside, fixed offsets: it vectorises.
    """
    for first in range(0, STEP, HOLD):
        for i in range(first, first + HOLD):
            n = FRAME_OF[i]
            for v in range(width):
                x = y[2 * LANES * i + v]
                v1, v2 = filtered(v, STATE, COEF, f, x)
                raw, band = f[v] + n * f[v + BY], f[v + BAND] + n * f[v + BAND + BY]
                low = f[v + LOW] + n * f[v + LOW + BY]
                x = raw * x + band * v1 + low * v2 + y[2 * LANES * i + v + LANES]
                v1, v2 = filtered(v, STATE + 2 * LANES, COEF + 3 * LANES, f, x)
                left = f[v + LEFT] + n * f[v + LEFT + BY]
                right = f[v + RIGHT] + n * f[v + RIGHT + BY]
                y[2 * LANES * i + v] = v2 * max(F32(0), left)
                y[2 * LANES * i + v + LANES] = v2 * max(F32(0), right)
        for j in range(6):
            for v in range(width):
                f[v + COEF + j * LANES] += f[v + SLOPE + j * LANES]


@kernel
def add(width: int, y: Any, out: Any, at: int) -> None:
    """Add the lanes to ``out``, always in the same order; ``y`` is used up."""
    for first in range(8, width, 8):
        for i in range(2 * STEP):
            row = y[LANES * i :]
            for v in range(8):
                row[v] += row[v + first]
    for i in range(STEP):
        for c in range(2):
            q = y[2 * LANES * i + c * LANES :]
            a, b = (q[0] + q[1]) + (q[2] + q[3]), (q[4] + q[5]) + (q[6] + q[7])
            out[c, at + i] += a + b
