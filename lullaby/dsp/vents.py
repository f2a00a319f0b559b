"""Vents: noise of molten rock through filters and a bank of glass, eight side by side.

Of one white noise a lane makes a churn (a band of brown noise), a hiss (a high-pass whose spectrum
rises by 6 dB an octave), and what excites four resonators: complex poles, each of whose power is
that of the noise whatever its pitch and ring.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import obsidian
from lullaby.dsp.filters import flushed, svf
from lullaby.dsp.kernel import kernel, uniform
from lullaby.dsp.noise import key32, white
from lullaby.dsp.oscillators import step_of
from lullaby.dsp.panning import placed
from lullaby.dsp.partials import BREATH_HZ, below, eased_between, sing, turned
from lullaby.units import STEP

I32 = np.int32
LANES = 8
MODES = obsidian.MODES
HARDENS, ARRIVES = obsidian.HARDENS, obsidian.ARRIVES
CALMS, ENDS = obsidian.CALMS, obsidian.ENDS
T60 = 6.907755  # time constants in a decay of 60 dB
BROWN_HZ, BROWN_Q = 42.0, 0.55  # under it there is nothing to hear, and nothing to move a cone
HISS_Q, TOP_Q, CHURN_Q = 0.707, 0.6, 0.6
CHURN, HISS, GLASS, TONE = 7.0, 0.27, 0.17, 0.17  # gains, for what they are to one another
WEIGHTS = (1.0, 0.55, 0.35, 0.2)  # of the modes
SWELLS_HZ = (0.3, 0.6, 1.2)  # of the churn, each a third less: a 1/f envelope
SWELL_DB = 6.0
ROUGH_RATE = 48_000.0  # noise of another rate is as loud in each hertz
REVERSED_HZ = 70.0 / 180.0

# Of each event: filters' states, resonators', the last noise; what the grid point had: coefficients
# and gains in the order of the rows below; then phases of the tones.
MEMORY = {"begun": "i8", "left": "f8", "right": "f8", "whole": "f8"}
MEMORY |= {"states": "17f8", "ramp": "17f8", "phases": "5i8", "tones": "5f8"}

# Rows of g, float64, LANES each: states, then what is ramped (with its slope after it).
BROWN, LOW, HIGH, TOP, LAST, RESONANT = (i * LANES for i in (0, 2, 4, 6, 8, 9))
STATES, RAMPED = 17, 17
RAMPS, SLOPES = STATES * LANES, (STATES + RAMPED) * LANES
LOW_G, TOP_G, CHURN_G, HISS_G, OUT_G, POLE_RE, POLE_IM, MODE_G = 0, 1, 2, 3, 4, 5, 9, 13
ROWS = STATES + 2 * RAMPED

hardened = kernel(obsidian.hardened)
ratio = kernel(obsidian.ratio)
mode_hz = kernel(obsidian.mode_hz)
rings_s = kernel(obsidian.rings_s)
cooled_hz = kernel(obsidian.hiss_hz)
LIQUID, HARD = np.array(obsidian.LIQUID), np.array(obsidian.HARD)


@kernel
def tones_of(event: Any) -> Any:
    """Return the tones of the chord, over its root, that the modes come to; then the ground."""
    return event.tone_0, event.tone_1, event.tone_2, event.tone_3, 1.0


@kernel
def drift(seed: float, cycles: float) -> Any:
    """Return a smooth unsteadiness, 0..1, a new value drawn each cycle."""
    k = np.floor(cycles)
    key, x = np.uint64(seed * 2.0**53), cycles - k
    a, b = uniform(key, np.int64(k)), uniform(key, np.int64(k) + 1)
    return a + (b - a) * x * x * (3.0 - 2.0 * x)


@kernel
def swell(seed: float, time_s: float) -> Any:
    """Return the gain of the churn: three drifts, slower ones larger."""
    x, weight = 0.0, 1.0
    for j in range(len(SWELLS_HZ)):
        x += weight * (2.0 * drift(seed, SWELLS_HZ[j] * time_s + 1000.0 * j) - 1.0)
        weight *= 0.7
    return 10.0 ** (SWELL_DB * x / 20.0)


@kernel
def faded(event: Any, m: Any, grid: int, sample_rate: int) -> Any:
    """Return the gain of an event's ends; neighbours in a chain add up to one."""
    first, last = (m.start + STEP - 1) // STEP * STEP, m.end // STEP * STEP
    rise = eased_between((grid - first) / (event.rise_s * sample_rate), 0.0, 1.0)
    return rise * eased_between((last - grid) / (event.fall_s * sample_rate), 0.0, 1.0)


@kernel
def steer(event: Any, m: Any, now: Any, r: Any, tones: Any, grid: int, sample_rate: int) -> None:
    """Fill ``r`` with coefficients and gains, and ``tones`` with gains, at a grid point."""
    time_s = grid / sample_rate
    calm, louder = now.surrender, np.sqrt(sample_rate / ROUGH_RATE)
    fade = faded(event, m, grid, sample_rate)
    r[OUT_G] = np.sqrt(fade)
    breath = now.breath * eased_between(calm, 0.6, 1.0)
    breath = 1.0 + breath * np.sin(2.0 * np.pi * BREATH_HZ * time_s)

    corner_hz = now.churn_hz * REVERSED_HZ**now.reverse
    r[LOW_G] = np.tan(np.pi * corner_hz / sample_rate)
    g = CHURN * louder * event.churn * now.heat * (1.0 - eased_between(calm, CALMS[0], CALMS[1]))
    r[CHURN_G] = g * swell(event.seed, time_s)

    heat = max(now.heat, event.steam)
    corner_hz = cooled_hz(heat, max(now.hiss_hz, event.steam * obsidian.HOTTEST_HZ))
    age = min(max(time_s - event.at_s, 0.0) / event.duration_s, 1.0)
    corner_hz *= 1.0 - 0.7 * event.steam * age
    r[TOP_G] = np.tan(np.pi * min(max(corner_hz, 200.0), 0.45 * sample_rate) / sample_rate)
    g = (
        HISS
        * louder
        * sample_rate
        / ROUGH_RATE
        * event.hiss
        * (1.0 - eased_between(calm, ENDS[0], ENDS[1]))
    )
    g *= eased_between(corner_hz, obsidian.COLDEST_HZ, 2.0 * obsidian.COLDEST_HZ)
    wave = drift(event.seed * 0.7, event.swell_hz * time_s)
    wave = event.steam + (1.0 - event.steam) * (0.12 + 0.88 * wave * wave)
    r[HISS_G] = g * wave * (0.75 + 0.5 * now.panic)

    hard = max(
        hardened(now.heat, now.glass, eased_between(calm, HARDENS[0], HARDENS[1])), event.bowed
    )
    g = GLASS * event.glass * hard * (1.0 - 0.7 * eased_between(calm, 0.7, 1.0)) * breath
    ring_s = rings_s(hard, now.ring_s)
    pole = np.exp(-T60 / (ring_s * sample_rate))
    scale = np.sqrt(6.0 * (1.0 - pole * pole))  # of white noise whose power is a third
    chord = tones_of(event)
    rests = TONE * event.glass * eased_between(calm, 0.7, 1.0) * breath * fade
    way = eased_between(calm, ARRIVES[0], ARRIVES[1])
    for j in range(MODES):
        over = ratio(LIQUID[j], HARD[j], hard)
        tone_hz = now.root_hz * chord[j]
        hz = mode_hz(event.first_hz * over, tone_hz, way)
        turn = 2.0 * np.pi * hz / sample_rate
        r[POLE_RE + j], r[POLE_IM + j] = pole * np.cos(turn), pole * np.sin(turn)
        weight = WEIGHTS[j]
        r[MODE_G + j] = g * scale * weight * below(hz, sample_rate)
        tones[j] = rests * weight * below(tone_hz, sample_rate)
    ground = now.ground * event.ground * eased_between(calm, 0.85, 1.0)
    tones[MODES] = TONE * ground * breath * fade


@kernel
def begin(event: Any, m: Any, now: Any, grid: int, sample_rate: int) -> None:
    """Set the memory of an event at the grid point at or before its first frame."""
    m.begun = 1
    m.left, m.right = placed(event.level_db, event.azimuth_deg, event.distance_m)
    steer(event, m, now, m.ramp, m.tones, grid, sample_rate)
    m.whole = np.sqrt(m.left * m.left + m.right * m.right)
    early_s, chord = grid / sample_rate - event.at_s, tones_of(event)
    for j in range(MODES):
        m.phases[j] = turned(chord[j] * (event.cycles + now.root_hz * early_s) + 0.3 * j)
    m.phases[MODES] = turned(event.cycles + now.root_hz * early_s)


@kernel
def board(
    v: int, p: Any, g: Any, heard: Any, event: Any, m: Any, then: Any, grid: int, rate: int
) -> None:
    """Lay an event into lane ``v`` for the step from ``grid``, and sing its tones."""
    p[v], p[v + LANES] = I32(key32(np.uint64(event.key))), I32(grid - m.start)
    for j in range(STATES):
        g[v + j * LANES] = m.states[j]
    for j in range(RAMPED):
        g[v + RAMPS + j * LANES] = m.ramp[j]
    was, chord = m.tones.copy(), tones_of(event)
    steer(event, m, then, m.ramp, m.tones, grid + STEP, rate)
    for j in range(RAMPED):
        g[v + SLOPES + j * LANES] = (m.ramp[j] - g[v + RAMPS + j * LANES]) / STEP
    for j in range(MODES + 1):
        hz = then.root_hz * (chord[j])
        step = step_of(hz, rate)
        a, b = was[j], m.tones[j]
        if a > 0.0 or b > 0.0:
            left, right = (m.left, m.right) if j < MODES else (0.7071 * m.whole, 0.7071 * m.whole)
            sing(heard, m.phases[j], step, 0, a * left, a * right, b * left, b * right)
        m.phases[j] = (m.phases[j] + STEP * step) % 4294967296


@kernel
def leave(v: int, g: Any, m: Any) -> None:
    """Carry what a lane remembers to the next step."""
    for j in range(STATES):
        m.states[j] = flushed(g[v + j * LANES])


@kernel
def clear(v: int, p: Any, g: Any) -> None:
    """Make a lane silent."""
    p[v] = p[v + LANES] = 0
    for j in range(ROWS):
        g[v + j * LANES] = 0.0


@kernel
def burn(p: Any, g: Any, y: Any, fixed: Any) -> None:
    """Fill ``y`` with one step of every lane.  Lanes inside, fixed offsets: it vectorises."""
    b1, b2, b3, h1, h2, h3, hk = fixed
    for i in range(STEP):
        for v in range(LANES):
            x = np.float64(white(p[v], p[v + LANES] + I32(i)))
            # Brown: the band-pass of its low corner.
            r, s = g[v + BROWN], g[v + BROWN + LANES]
            v3 = x - s
            band = b1 * r + b2 * v3
            low = s + b2 * r + b3 * v3
            g[v + BROWN], g[v + BROWN + LANES] = 2.0 * band - r, 2.0 * low - s
            # Churn: a low-pass of it, whose corner moves.
            t = g[v + RAMPS + LOW_G * LANES]
            a1 = 1.0 / (1.0 + t * (t + 1.0 / CHURN_Q))
            r, s = g[v + LOW], g[v + LOW + LANES]
            v3 = band - s
            band = a1 * (r + t * v3)
            low = s + t * band
            g[v + LOW], g[v + LOW + LANES] = 2.0 * band - r, 2.0 * low - s
            out = low * g[v + RAMPS + CHURN_G * LANES]
            # Hiss: rising by 6 dB an octave, over its high-pass and under its low-pass.
            steep = x - g[v + LAST]
            g[v + LAST] = x
            r, s = g[v + HIGH], g[v + HIGH + LANES]
            v3 = steep - s
            band = h1 * r + h2 * v3
            low = s + h2 * r + h3 * v3
            g[v + HIGH], g[v + HIGH + LANES] = 2.0 * band - r, 2.0 * low - s
            high = steep - hk * band - low
            t = g[v + RAMPS + TOP_G * LANES]
            a1 = 1.0 / (1.0 + t * (t + 1.0 / TOP_Q))
            r, s = g[v + TOP], g[v + TOP + LANES]
            v3 = high - s
            band = a1 * (r + t * v3)
            low = s + t * band
            g[v + TOP], g[v + TOP + LANES] = 2.0 * band - r, 2.0 * low - s
            out += low * g[v + RAMPS + HISS_G * LANES]
            for j in range(MODES):
                re, im = g[v + RESONANT + 2 * j * LANES], g[v + RESONANT + (2 * j + 1) * LANES]
                c = g[v + RAMPS + (POLE_RE + j) * LANES]
                d = g[v + RAMPS + (POLE_IM + j) * LANES]
                # Excited by the noise times its gain, so that a gain that moves is not heard to.
                re, im = c * re - d * im + x * g[v + RAMPS + (MODE_G + j) * LANES], c * im + d * re
                g[v + RESONANT + 2 * j * LANES], g[v + RESONANT + (2 * j + 1) * LANES] = re, im
                out += im
            y[LANES * i + v] = out * g[v + RAMPS + OUT_G * LANES]
        for j in range(RAMPED * LANES):
            g[j + RAMPS] += g[j + SLOPES]


@kernel
def fixed_filters(sample_rate: int) -> Any:
    """Return the coefficients of the filters that stand still: brown, then the hiss's high-pass."""
    b1, b2, b3, _ = svf(BROWN_HZ, BROWN_Q, sample_rate)
    h1, h2, h3, hk = svf(obsidian.COLDEST_HZ, HISS_Q, sample_rate)
    return b1, b2, b3, h1, h2, h3, hk


@kernel
def mixed(y: Any, n: int, left: Any, right: Any, heard: Any) -> None:
    """Add the lanes to both sides."""
    for i in range(STEP):
        a, b = 0.0, 0.0
        for v in range(n):
            a += y[LANES * i + v] * left[v]
            b += y[LANES * i + v] * right[v]
        heard[0, i] += np.float32(a)
        heard[1, i] += np.float32(b)
