"""Radio static: stations side by side, noise and impulses through moving filters, in one pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import radio_station as station
from lullaby.dsp.approximate import exponential
from lullaby.dsp.filters import flushed
from lullaby.dsp.kernel import LANES, VECTOR, fused, inlined, kernel, mix, uniform
from lullaby.dsp.noise import key32, white
from lullaby.dsp.oscillators import TO_UNIT, sine
from lullaby.dsp.summing import SUMS, sum_up
from lullaby.units import STEP

F32, I32 = np.float32, np.int32
MEMORY = station.MEMORY
SMALLEST = 0.25  # one over how much larger the largest impulse is

HOLD = 8  # frames a filter's coefficients stand still: finer than that is not heard, and costs
RUN = 4  # frames that a lane does at once: more, and a compiler does them one by one
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
    number = uniform(key, step)
    if number >= mean:  # which is more than the chance: mostly nothing else need be worked out
        return STEP, 0.0
    chance = 1.0 - exponential(-mean)
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
    y, tone = np.zeros(LANES * STEP, F32), np.zeros(LANES * STEP, F32)
    sides = np.zeros(2 * SUMS * STEP, F32)
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
                clear(n, width, p, f)
                ramps(f)
                hiss(width, p, f, dies, y)
                if whistles(width, f):
                    whistle(width, p, f, tone)
                else:
                    pass_by(width, p, tone)
                sing(width, f, y, tone, sides)
                for v in range(n):
                    leave(v, p, f, state[who[v]])
                n = 0
        sum_up(sides, y, out, s * STEP)


@kernel
def board(
    v: int, p: Any, f: Any, event: Any, m: Any, then: Any, shared: Any, grid: int, rate: int
) -> None:
    """Lay an event into lane ``v`` for the step from ``grid``: values at both of its ends."""
    r = m.ramp
    for j in range(6):
        f[v + COEF + j * LANES] = r[j]
        f[v + 2 * j * LANES] = r[j + 6]
    pace, f[v + HOT] = r[station.PACE], r[station.CRACKLE]
    rate_hz = station.steer(event, m, then, shared, grid + STEP, rate)
    for j in range(6):
        f[v + SLOPE + j * LANES] = r[j]
        f[v + BY + 2 * j * LANES] = r[j + 6]
    f[v + HOT + BY] = r[station.CRACKLE]
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
def ramps(f: Any) -> None:
    """Make slopes of what every lane's values are at the end of the step."""
    for v in range(6 * LANES):
        f[v + SLOPE] = (f[v + SLOPE] - f[v + COEF]) * F32(HOLD / STEP)
    for j in range(7):
        for v in range(LANES):
            now = f[v + 2 * j * LANES]
            f[v + BY + 2 * j * LANES] = (f[v + BY + 2 * j * LANES] - now) * F32(1.0 / STEP)


@kernel
def clear(n: int, width: int, p: Any, f: Any) -> None:
    """Make the lanes from ``n`` on silent."""
    for j in range(6):
        p[j * LANES + n : j * LANES + width] = 0
    for j in range(ROWS):
        f[j * LANES + n : j * LANES + width] = F32(0)
    for j in (1, 4):  # what is divided by
        for row in (COEF + j * LANES, SLOPE + j * LANES):
            f[row + n : row + width] = F32(1)


@kernel
def leave(v: int, p: Any, f: Any, m: Any) -> None:
    """Carry what a lane remembers to the next step."""
    for j in range(5):
        m.filters[j] = flushed(np.float64(f[v + STATE + j * LANES]))
    m.phase = p[v + PHASE]


@kernel
def hiss(width: int, p: Any, f: Any, dies: Any, y: Any) -> None:
    """Fill ``y`` with one step of every lane's noise."""
    for first in range(0, STEP, RUN):
        n = FRAME_OF[first]
        for v in range(width):
            key, frame, place = p[v], I32(p[v + FRAME] + first), I32(p[v + PLACE] - first)
            size, burst, hot_0, hot_by = f[v + SIZE], f[v + BURST], f[v + HOT], f[v + HOT + BY]
            for i in range(RUN):
                burst = fused(burst, dies, size if I32(i) == place else F32(0))
                hot = burst * fused(n + F32(i), hot_by, hot_0)
                noise = white(key, frame + I32(i))
                y[LANES * (first + i) + v] = fused(noise, hot, noise)
            f[v + BURST] = burst


@kernel
def whistles(width: int, f: Any) -> bool:
    """Return whether any lane is heard to whistle in this step."""
    heard = 0
    for v in range(width):
        heard += 1 if f[v + TONE] != F32(0) or f[v + TONE + BY] != F32(0) else 0
    return heard > 0


@kernel
def whistle(width: int, p: Any, f: Any, y: Any) -> None:
    """Fill ``y`` with one step of every lane's whistle."""
    for first in range(0, STEP, RUN):
        n = FRAME_OF[first]
        for v in range(width):
            phase, pace, paces = p[v + PHASE], p[v + PACE], p[v + PACES]
            tone_0, tone_by = f[v + TONE], f[v + TONE + BY]
            for i in range(RUN):
                tone = fused(n + F32(i), tone_by, tone_0)
                y[LANES * (first + i) + v] = tone * sine(F32(phase) * TO_UNIT)
                phase, pace = I32(phase + pace), I32(pace + paces)
            p[v + PHASE], p[v + PACE] = phase, pace


@kernel
def pass_by(width: int, p: Any, y: Any) -> None:
    """Let the phase of whistles that nobody hears go on, and be silent."""
    for v in range(width):
        p[v + PHASE] += I32(STEP) * p[v + PACE] + I32(STEP * (STEP - 1) // 2) * p[v + PACES]
    y[:] = F32(0)


@inlined
def filtered(first: Any, second: Any, a: Any, b: Any, g: Any, x: Any) -> Any:
    """Return a frame of a state-variable filter, and its two integrators after it.

    That of ``lullaby.dsp.filters`` with ``a = 2 a1``, ``b = 2 a2``, ``g = a3 / a2``, in seven
    operations: twice the band-pass, twice the low-pass.
    """
    band = fused(b, x - second, a * first)
    after = fused(g, band, second)
    return band, second + after, band - first, after


@kernel
def sing(width: int, f: Any, noise: Any, tone: Any, sides: Any) -> None:
    """Pass one step of every lane through its filters, and add it to its two ``sides``.

    Lanes inside, fixed offsets: it vectorises.
    """
    half = F32(0.5)
    for lanes in range(0, width, SUMS):
        end = min(width - lanes, SUMS)  # no bound the compiler knows: it takes vectors apart
        h = f[lanes:]
        for first in range(0, STEP, HOLD):
            n, held = FRAME_OF[first], F32(first // HOLD)
            x_in, t_in = noise[LANES * first + lanes :], tone[LANES * first + lanes :]
            to = sides[SUMS * first :]
            for v in range(end):
                r1, s1, r2, s2 = (
                    h[v + STATE],
                    h[v + STATE + LANES],
                    h[v + STATE + 2 * LANES],
                    h[v + STATE + 3 * LANES],
                )
                a1 = fused(held, h[v + SLOPE], h[v + COEF])
                b1 = fused(held, h[v + SLOPE + LANES], h[v + COEF + LANES])
                c1 = fused(held, h[v + SLOPE + 2 * LANES], h[v + COEF + 2 * LANES]) / b1
                a2 = fused(held, h[v + SLOPE + 3 * LANES], h[v + COEF + 3 * LANES])
                b2 = fused(held, h[v + SLOPE + 4 * LANES], h[v + COEF + 4 * LANES])
                c2 = fused(held, h[v + SLOPE + 5 * LANES], h[v + COEF + 5 * LANES]) / b2
                a1, b1, a2, b2 = a1 + a1, b1 + b1, a2 + a2, b2 + b2
                raw_0, raw_by = h[v + RAW], h[v + RAW + BY]
                band_0, band_by = h[v + BAND] * half, h[v + BAND + BY] * half
                low_0, low_by = h[v + LOW] * half, h[v + LOW + BY] * half
                left_0, left_by = h[v + LEFT] * half, h[v + LEFT + BY] * half
                right_0, right_by = h[v + RIGHT] * half, h[v + RIGHT + BY] * half
                for i in range(HOLD):
                    k, x = n + F32(i), x_in[LANES * i + v]
                    band, low, r1, s1 = filtered(r1, s1, a1, b1, c1, x)
                    x = fused(fused(k, raw_by, raw_0), x, t_in[LANES * i + v])
                    x = fused(fused(k, low_by, low_0), low, x)
                    x = fused(fused(k, band_by, band_0), band, x)
                    _, low, r2, s2 = filtered(r2, s2, a2, b2, c2, x)
                    here = max(F32(0), fused(k, left_by, left_0))
                    there = max(F32(0), fused(k, right_by, right_0))
                    at = SUMS * i + v
                    to[at] = fused(low, here, to[at])
                    at += SUMS * STEP
                    to[at] = fused(low, there, to[at])
                h[v + STATE], h[v + STATE + LANES] = r1, s1
                h[v + STATE + 2 * LANES], h[v + STATE + 3 * LANES] = r2, s2
