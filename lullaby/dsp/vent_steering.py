"""What a vent is at a grid point: corners, gains and poles, from its event and the parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import obsidian
from lullaby.dsp.kernel import kernel, uniform
from lullaby.dsp.panning import placed
from lullaby.dsp.partials import BREATH_HZ, below, eased_between, turned
from lullaby.dsp.struck import T60
from lullaby.units import STEP

MODES = obsidian.MODES
HARDENS, ARRIVES = obsidian.HARDENS, obsidian.ARRIVES
CALMS, ENDS = obsidian.CALMS, obsidian.ENDS
CHURN, HISS, GLASS, TONE = 7.0, 0.27, 0.17, 0.17  # gains, for what they are to one another
WEIGHTS = (1.0, 0.55, 0.35, 0.2)  # of the modes
SWELLS_HZ = (0.3, 0.6, 1.2)  # of the churn, each a third less: a 1/f envelope
SWELL_DB = 6.0
ROUGH_RATE = 48_000.0  # noise of another rate is as loud in each hertz
REVERSED_HZ = 70.0 / 180.0

# Places of what is ramped: tangents of the corners, gains, then poles and excitations of the modes.
LOW_G, TOP_G, CHURN_G, HISS_G, OUT_G, POLE_RE, POLE_IM, MODE_G = 0, 1, 2, 3, 4, 5, 9, 13
RAMPED = 17

# Of each event: its place; what the glass was worked out from; its values at the last grid point.
MEMORY = {"begun": "i8", "left": "f8", "right": "f8", "whole": "f8"}
MEMORY |= dict.fromkeys(("heat", "glassy", "calm", "ring_s", "root_hz", "hard"), "f8")
MEMORY |= {"scales": f"{MODES}f8", "ramp": f"{RAMPED}f8"}
MEMORY |= {"phases": f"{MODES + 1}i8", "tones": f"{MODES + 1}f8"}

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
    corner_hz *= 1.0 - 0.75 * event.steam * age
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
    wave = (1.0 - event.steam) * (0.12 + 0.88 * wave * wave) + event.steam * np.exp(-3.0 * age)
    r[HISS_G] = g * wave * (0.75 + 0.5 * now.panic)

    if moved(m, now):
        temper(event, m, now, r, sample_rate)
    g = GLASS * event.glass * m.hard * (1.0 - 0.7 * eased_between(calm, 0.7, 1.0)) * breath
    rests = TONE * event.glass * eased_between(calm, 0.7, 1.0) * breath * fade
    for j in range(MODES):
        r[MODE_G + j] = g * m.scales[j]
        tones[j] = rests * WEIGHTS[j]
    ground = now.ground * event.ground * eased_between(calm, 0.85, 1.0)
    tones[MODES] = TONE * ground * breath * fade


@kernel
def moved(m: Any, now: Any) -> Any:
    """Return whether anything that the glass depends on has moved."""
    same = m.heat == now.heat and m.glassy == now.glass and m.calm == now.surrender
    return not (same and m.ring_s == now.ring_s and m.root_hz == now.root_hz)


@kernel
def temper(event: Any, m: Any, now: Any, r: Any, sample_rate: int) -> None:
    """Work out poles and gains of the glass."""
    m.heat, m.glassy, m.calm = now.heat, now.glass, now.surrender
    m.ring_s, m.root_hz = now.ring_s, now.root_hz
    given = eased_between(now.surrender, HARDENS[0], HARDENS[1])
    way = eased_between(now.surrender, ARRIVES[0], ARRIVES[1])
    m.hard = max(hardened(now.heat, now.glass, given), event.bowed)
    pole = np.exp(-T60 / (rings_s(m.hard, now.ring_s) * sample_rate))
    scale = np.sqrt(6.0 * (1.0 - pole * pole))  # of white noise whose power is a third
    chord = tones_of(event)
    for j in range(MODES):
        glass_hz = event.first_hz * ratio(LIQUID[j], HARD[j], m.hard)
        hz = mode_hz(glass_hz, now.root_hz * chord[j], way)
        turn = 2.0 * np.pi * hz / sample_rate
        r[POLE_RE + j], r[POLE_IM + j] = pole * np.cos(turn), pole * np.sin(turn)
        m.scales[j] = scale * WEIGHTS[j] * below(hz, sample_rate)


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
