"""Tones that carry data: one faithful line with two companions, and tones that are struck.

The line's pitch and spectrum are those of the curves at every grid point, and its K-weighted level
is the same whatever they are; roughness beats it, nothing else does.  The companions are its
detuned neighbours and, surrendered, the octave and the fifth of the common root.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import companions
from lullaby.dsp.filters import flushed, svf
from lullaby.dsp.kernel import kernel, uniform
from lullaby.dsp.oscillators import step_of
from lullaby.dsp.panning import placed
from lullaby.dsp.partials import BREATH_HZ, SUM, below, eased_between, rough_phase, sing, turned
from lullaby.units import STEP

F32 = np.float32

HARMONICS = 10
LINES = 3
STRUCK_PARTIALS = 6
COMPANION = 0.2  # of the line's amplitude, each
COMPANION_TONES = (2.0, 3.0)  # of the root, where surrender leads them
COMPANION_BREATH = 0.6
ROUGHEST = 0.75  # depth of the beating at roughness 1
AIR_HZ, AIR_CALM_HZ, AIR_Q = 900.0, 420.0, 1.2
AIR_GAIN = 0.76
LAST_S = 0.02  # over which a struck tone is let go at its end

MEMORY = dict.fromkeys(("begun", "phase_0", "phase_1", "phase_2"), "i8")
MEMORY |= dict.fromkeys(("step_0", "step_1", "step_2"), "i8")
MEMORY |= dict.fromkeys(("fade", "left", "right", "whole"), "f8")
MEMORY |= dict.fromkeys(("air_0", "air_1", "air_2", "air_3"), "f8")

line_hz = kernel(companions.beside_hz)

# Corners of the K-weighting's analogue prototypes (ITU-R BS.1770): low cut, then high shelf.
CUT_HZ, CUT_Q = 38.13547087602444, 0.5003270373238773
SHELF_HZ, SHELF_Q = 1681.974450955533, 0.7071752369554196
SHELF_HIGH, SHELF_BAND = 1.5848647, 1.2587209


@kernel
def k_power(frequency_hz: float) -> Any:
    """Return the power gain of the K-weighting at a frequency."""
    x = (frequency_hz / CUT_HZ) ** 2
    cut = x * x / ((1.0 - x) ** 2 + x / CUT_Q**2)
    y = (frequency_hz / SHELF_HZ) ** 2
    above = (1.0 - SHELF_HIGH * y) ** 2 + y * (SHELF_BAND / SHELF_Q) ** 2
    return cut * above / ((1.0 - y) ** 2 + y / SHELF_Q**2)


@kernel
def share(k: int, pitch_hz: float, cutoff_hz: float, sample_rate: int) -> Any:
    """Return the amplitude of harmonic ``k``: 1/k, 12 dB an octave less over the cutoff."""
    f = k * pitch_hz
    return below(f, sample_rate) / (k * np.sqrt(1.0 + (f / cutoff_hz) ** 4))


@kernel
def evened(pitch_hz: float, cutoff_hz: float, harmonics: int, sample_rate: int) -> Any:
    """Return the gain that makes a spectrum's K-weighted power 1."""
    power = 1e-9
    for k in range(1, harmonics + 1):
        power += share(k, pitch_hz, cutoff_hz, sample_rate) ** 2 * k_power(k * pitch_hz)
    return 1.0 / np.sqrt(power)


@kernel
def spectra(now: Any, grid: int, sample_rate: int, hz: Any, gains: Any) -> None:
    """Fill pitches (3) and gains (3, harmonics, 2) of all lines at a grid point."""
    hz[0] = now.pitch_hz
    calm = eased_between(now.surrender, 0.6, 1.0)
    breath = 1.0 + COMPANION_BREATH * now.breath * calm * np.sin(
        2.0 * np.pi * BREATH_HZ * grid / sample_rate
    )
    whole = now.sustain * np.sqrt(1.0 - now.air)
    whole *= evened(now.pitch_hz, now.cutoff_hz, HARMONICS, sample_rate)
    beside = COMPANION * breath
    for j in range(LINES):
        side = 0.0
        if j > 0:
            side = now.width_deg if j == 2 else -now.width_deg
            tone = COMPANION_TONES[0] if j == 1 else COMPANION_TONES[1]
            hz[j] = line_hz(
                now.pitch_hz, now.root_hz * tone, now.detune_cents * (2 * j - 3), now.surrender
            )
        left, right = placed(0.0, side, 1.0)
        for k in range(HARMONICS):
            g = whole * share(k + 1, hz[j], now.cutoff_hz, sample_rate)
            if j > 0:
                g *= beside
            gains[j, k, 0], gains[j, k, 1] = g * left, g * right


@kernel
def line(
    heard: Any, phase: int, step: int, to_hz: float, was: Any, becomes: Any, fades: Any, rate: int
) -> Any:
    """Add one step of a line's harmonics; return its phase and step at the next grid point."""
    fade, to_fade = fades
    bend = (step_of(to_hz, rate) - step + STEP // 2) // STEP
    for k in range(HARMONICS):
        if was[k, 0] + was[k, 1] > 0.0 or becomes[k, 0] + becomes[k, 1] > 0.0:
            n = k + 1
            sing(
                heard,
                n * phase,
                n * step,
                n * bend,
                was[k, 0] * fade,
                was[k, 1] * fade,
                becomes[k, 0] * to_fade,
                becomes[k, 1] * to_fade,
            )
    return (phase + STEP * step + SUM * bend) % 4294967296, step + STEP * bend


@kernel
def faded(event: Any, m: Any, grid: int, sample_rate: int) -> Any:
    """Return the gain of a cell's ends: neighbours add up to one."""
    first, last = (m.start + STEP - 1) // STEP * STEP, m.end // STEP * STEP
    frames = event.fade_s * sample_rate
    return eased_between((grid - first) / frames, 0.0, 1.0) * eased_between(
        (last - grid) / frames, 0.0, 1.0
    )


@kernel
def begin_line(event: Any, hz: Any, m: Any, grid: int, sample_rate: int) -> None:
    """Set the memory of a cell at the grid point at or before its first frame."""
    early_s = grid / sample_rate - event.at_s
    m.begun = 1
    m.phase_0 = turned(event.cycles_0 + hz[0] * early_s)
    m.phase_1 = turned(event.cycles_1 + hz[1] * early_s)
    m.phase_2 = turned(event.cycles_2 + hz[2] * early_s)
    m.step_0 = step_of(hz[0], sample_rate)
    m.step_1 = step_of(hz[1], sample_rate)
    m.step_2 = step_of(hz[2], sample_rate)
    m.left, m.right = placed(event.level_db, event.azimuth_deg, event.distance_m)
    m.whole = np.sqrt(m.left * m.left + m.right * m.right)
    m.fade = faded(event, m, grid, sample_rate) * m.whole


@kernel
def breathe(heard: Any, event: Any, now: Any, then: Any, m: Any, grid: int, rate: int) -> None:
    """Add one step of the cell's breath noise."""
    if now.air <= 0.0 and then.air <= 0.0:
        return
    key = np.uint64(event.key)
    calm = now.surrender
    centre_hz = AIR_HZ * (AIR_CALM_HZ / AIR_HZ) ** calm
    a1, a2, a3, k = svf(centre_hz, AIR_Q, rate)
    wide = np.sqrt(rate * AIR_Q / (np.pi * centre_hz))
    swell = 1.0 + 0.4 * np.sin(2.0 * np.pi * (0.25 - 0.15 * calm) * grid / rate)
    gain = AIR_GAIN * wide * swell * m.fade * now.sustain
    first = 2 * (grid - m.start // STEP * STEP)
    before, after = np.sqrt(now.air) * gain, np.sqrt(then.air) * gain
    b1, b2, c1, c2 = m.air_0, m.air_1, m.air_2, m.air_3
    for i in range(STEP):
        g = before + (after - before) * i / STEP
        v3 = 2.0 * uniform(key, first + 2 * i) - 1.0 - b2
        v1 = a1 * b1 + a2 * v3
        v2 = b2 + a2 * b1 + a3 * v3
        b1, b2 = 2.0 * v1 - b1, 2.0 * v2 - b2
        heard[0, i] += F32(k * v1 * g)
        v3 = 2.0 * uniform(key, first + 2 * i + 1) - 1.0 - c2
        v1 = a1 * c1 + a2 * v3
        v2 = c2 + a2 * c1 + a3 * v3
        c1, c2 = 2.0 * v1 - c1, 2.0 * v2 - c2
        heard[1, i] += F32(k * v1 * g)
    m.air_0, m.air_1, m.air_2, m.air_3 = flushed(b1), flushed(b2), flushed(c1), flushed(c2)


@kernel
def beaten(heard: Any, now: Any, then: Any, grid: int, sample_rate: int) -> None:
    """Beat one step by the roughness."""
    before = ROUGHEST * now.roughness * (1.0 - eased_between(now.surrender, 0.2, 0.7))
    after = ROUGHEST * then.roughness * (1.0 - eased_between(then.surrender, 0.2, 0.7))
    if before > 0.0 or after > 0.0:
        phase = rough_phase(grid / sample_rate)
        grow = rough_phase((grid + STEP) / sample_rate) - phase
        for i in range(STEP):
            depth = before + (after - before) * i / STEP
            swing = depth * np.sin(2.0 * np.pi * (phase + grow * i / STEP))
            gain = F32((1.0 + swing) / np.sqrt(1.0 + 0.5 * depth * depth))
            heard[0, i] *= gain
            heard[1, i] *= gain


@kernel
def envelope(event: Any, k: int, since_s: float, left_s: float) -> Any:
    """Return the envelope of a struck tone's harmonic ``k``: higher ones die sooner."""
    if since_s <= 0.0 or left_s <= 0.0:
        return 0.0
    fall = np.exp(-6.907755 * since_s / event.decay_s * k**0.5)
    return fall * eased_between(since_s / event.rise_s, 0.0, 1.0) * min(left_s / LAST_S, 1.0)


@kernel
def struck(out: Any, at: int, event: Any, m: Any, grid: int, sample_rate: int) -> None:
    """Add one step of a struck tone."""
    if m.begun == 0:
        m.begun = 1
        m.left, m.right = placed(event.level_db, event.azimuth_deg, event.distance_m)
        m.phase_0 = turned(event.pitch_hz * (grid / sample_rate - event.at_s))
        m.step_0 = step_of(event.pitch_hz, sample_rate)
        m.whole = evened(event.pitch_hz, event.bright_hz, STRUCK_PARTIALS, sample_rate)
    since_s = grid / sample_rate - event.at_s
    then_s = (grid + STEP) / sample_rate - event.at_s
    heard = out[:, at : at + STEP]
    for k in range(1, STRUCK_PARTIALS + 1):
        g = m.whole * share(k, event.pitch_hz, event.bright_hz, sample_rate)
        before = g * envelope(event, k, since_s, event.duration_s - since_s)
        after = g * envelope(event, k, then_s, event.duration_s - then_s)
        if before > 1e-7 or after > 1e-7:
            sing(
                heard,
                k * m.phase_0,
                k * m.step_0,
                0,
                before * m.left,
                before * m.right,
                after * m.left,
                after * m.right,
            )
    m.phase_0 = (m.phase_0 + STEP * m.step_0) % 4294967296


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add the line and all struck tones to ``out``, shape (2, frames)."""
    heard = np.zeros((2, STEP), np.float32)
    hz, to_hz = np.zeros(LINES), np.zeros(LINES)
    was, becomes = np.zeros((LINES, HARMONICS, 2)), np.zeros((LINES, HARMONICS, 2))
    fresh = False
    for s in range(out.shape[1] // STEP):
        grid = start_frame + s * STEP
        now, then = curves[s], curves[s + 1]
        lined = False
        for e in range(len(events)):
            event, m = events[e], state[e]
            if m.start >= grid + STEP or m.end <= grid:
                continue
            if event.struck > 0.0:
                struck(out, s * STEP, event, m, grid, sample_rate)
                continue
            if not lined:
                lined = True
                heard[:] = F32(0.0)
                if not fresh:
                    spectra(now, grid, sample_rate, hz, was)
                spectra(then, grid + STEP, sample_rate, to_hz, becomes)
            if m.begun == 0:
                begin_line(event, hz, m, grid, sample_rate)
            breathe(heard, event, now, then, m, grid, sample_rate)
            fades = (m.fade, faded(event, m, grid + STEP, sample_rate) * m.whole)
            m.phase_0, m.step_0 = line(
                heard, m.phase_0, m.step_0, to_hz[0], was[0], becomes[0], fades, sample_rate
            )
            m.phase_1, m.step_1 = line(
                heard, m.phase_1, m.step_1, to_hz[1], was[1], becomes[1], fades, sample_rate
            )
            m.phase_2, m.step_2 = line(
                heard, m.phase_2, m.step_2, to_hz[2], was[2], becomes[2], fades, sample_rate
            )
            m.fade = fades[1]
        fresh = lined
        if lined:
            was, becomes = becomes, was
            hz, to_hz = to_hz, hz
            beaten(heard, now, then, grid, sample_rate)
            for i in range(STEP):
                out[0, s * STEP + i] += heard[0, i]
                out[1, s * STEP + i] += heard[1, i]
