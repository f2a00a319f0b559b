"""A bank of partials that glide from a cluster to a chord: sines with ramped pitch and gain.

Each partial is two sines.  One glides, its phase the running sum of its pitch; near its tone it
hands over to one that has stood on that tone since the run began, so that partials that arrive at
one tone sing in one phase: they neither beat nor cancel, wherever they came from.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import gliding
from lullaby.dsp.kernel import fused, inlined, kernel
from lullaby.dsp.oscillators import TO_UNIT, sine, step_of, wrapped
from lullaby.dsp.panning import placed
from lullaby.units import STEP

F32, I32 = np.float32, np.int32

# Of each event, at the last grid point: phases and steps (2^32 a cycle) of the gliding and of the
# resting sine, and their gains left and right; its place; where it comes from, how far it is on its
# way and how loud it is there, each worked out anew only when what it depends on has moved.
MEMORY = {"begun": "i8", "phase": "i8", "step": "i8", "rest": "i8", "rest_step": "i8"}
MEMORY |= {"glide_left": "f8", "glide_right": "f8", "rest_left": "f8", "rest_right": "f8"}
MEMORY |= {"left": "f8", "right": "f8"}
MEMORY |= {"root_hz": "f8", "stretch": "f8", "detune_cents": "f8"}
MEMORY |= {"from_hz": "f8", "away": "f8", "from_tilt": "f8", "tone_tilt": "f8", "share_db": "f8"}
MEMORY |= {"surrender": "f8", "way": "f8", "glide_hz": "f8", "tone_hz": "f8"}
MEMORY |= {"resting": "f8", "hush_db": "f8", "dip_db": "f8"}
MEMORY |= {"tilt_db": "f8", "glide_gain": "f8", "rest_gain": "f8"}

BREATH_HZ = 0.1  # six a minute: the resonance rate of breathing (Steffen et al. 2017)
ROUGH_HZ = 66.0  # of the roughness: within the worst 40-80 Hz (Arnal et al. 2015)
ROUGH_WANDER_HZ, ROUGH_WANDER_RATE_HZ = 3.0, 0.17
ROUGH_MOST = 0.75
DIP_DB = -4.0  # of a partial in the last 30 cents, while unisons beat on arrival

eased_between = kernel(gliding.eased_between)
source_hz = kernel(gliding.source_hz)
wandered = kernel(gliding.wandered)
settled = kernel(gliding.settled)
tilted_db = kernel(gliding.tilted_db)
hushed_db = kernel(gliding.hushed_db)
lifted_db = kernel(gliding.lifted_db)
heat_db = kernel(gliding.heat_db)
rung = kernel(gliding.rung)
panic_tilt_db = kernel(gliding.panic_tilt_db)

LN2, LN10 = np.log(2.0), np.log(10.0)
COUNT = np.arange(STEP, dtype=np.int32)
TRIANGLE = (COUNT * (COUNT - 1) // 2).astype(np.int32)
RAMP = COUNT.astype(np.float32)
SUM = STEP * (STEP - 1) // 2


@inlined
def sing(
    out: Any, phase: int, step: int, bend: int, left: Any, right: Any, to_left: Any, to_right: Any
) -> None:
    """Add one step of a sine to ``out``, float32 (2, 64).

    Phase, step and the growth of the step a frame are whole numbers, 2^32 a cycle; gains go in a
    straight line.  The phase of a frame is a formula, so the frames vectorise.
    """
    p, d, b = I32(wrapped(phase)), I32(step), I32(bend)
    gain_l, gain_r = F32(left), F32(right)
    grow_l, grow_r = F32((to_left - left) / STEP), F32((to_right - right) / STEP)
    for i in range(STEP):
        # Cut to 32 bits at once, or it is reckoned in 64, at twice the cost.
        around = I32(p + I32(I32(d * COUNT[i]) + I32(b * TRIANGLE[i])))
        y = sine(F32(around) * TO_UNIT)
        out[0, i] = fused(y, fused(grow_l, RAMP[i], gain_l), out[0, i])
        out[1, i] = fused(y, fused(grow_r, RAMP[i], gain_r), out[1, i])


@kernel
def turned(cycles: float) -> Any:
    """Return the whole-number phase of a number of cycles."""
    return np.int64((cycles - np.floor(cycles)) * 4294967296.0)


@kernel
def weather(now: Any, grid: int, sample_rate: int) -> Any:
    """Return what all share at a grid point: unsteadiness, tilt (dB), gain of breath and heat."""
    calm = 1.0 - now.surrender
    jitter = (np.exp2(now.jitter_cents / 1200.0) - 1.0) * calm * calm
    swell = now.breath * eased_between(now.surrender, 0.6, 1.0)
    gain = 1.0 + swell * np.sin(2.0 * np.pi * BREATH_HZ * (grid / sample_rate))
    gain *= np.exp(heat_db(now.panic) * (LN10 / 20.0))
    return jitter, panic_tilt_db(now.panic, now.bright_db), gain


@kernel
def source(event: Any, now: Any, m: Any) -> None:
    """Work out where a partial comes from, and how tilt weighs it there and at its tone."""
    m.root_hz, m.stretch, m.detune_cents = now.root_hz, now.stretch, now.detune_cents
    m.from_hz = source_hz(
        now.root_hz, event.harmonic, event.strays, event.leans, now.stretch, now.detune_cents
    )
    m.away = np.log(m.from_hz / (event.tone * now.root_hz))
    m.from_tilt = tilted_db(np.log2(m.from_hz / now.root_hz), 1.0)
    m.tone_tilt = tilted_db(np.log2(event.tone), 1.0)
    m.share_db = 10.0 * np.log10(event.share * event.share / event.power)


@kernel
def headed(event: Any, now: Any, m: Any) -> None:
    """Work out how far a partial is on its way, and what hangs on that alone."""
    m.surrender = now.surrender
    way = eased_between(now.surrender, event.begins, event.arrives)
    away_cents = 1200.0 / LN2 * (1.0 - way) * abs(m.away)
    m.way, m.tone_hz = way, event.tone * now.root_hz
    m.glide_hz = m.tone_hz * np.exp((1.0 - way) * m.away)
    m.resting = settled(away_cents, way)
    m.hush_db = hushed_db(way, event.share)
    m.dip_db = DIP_DB * (1.0 - eased_between(away_cents, 15.0, 30.0)) * way


@kernel
def weighed(event: Any, m: Any, tilt_db: float) -> None:
    """Work out how loud a tilt makes a partial where it is, gliding and resting."""
    m.tilt_db, way = tilt_db, m.way
    tone_db = tilt_db * m.tone_tilt - lifted_db(tilt_db, event.lift)
    if m.resting < 1.0:
        from_db = tilt_db * m.from_tilt - lifted_db(tilt_db, event.lift)
        level_db = (1.0 - way) * from_db + way * (tone_db + m.share_db)
        level_db += m.hush_db
        level_db += m.dip_db
        m.glide_gain = np.exp(level_db * (LN10 / 20.0))
    if m.resting > 0.0:
        m.rest_gain = np.exp(tone_db * (LN10 / 20.0))


@kernel
def aimed(event: Any, now: Any, air: Any, m: Any, astray: float, sample_rate: int) -> Any:
    """Return pitch and gain of the gliding sine, then of the resting one, at a grid point.

    ``astray``: where its unsteadiness is there, -1..1.
    """
    moved = m.begun == 0 or m.surrender != now.surrender
    if m.root_hz != now.root_hz or m.stretch != now.stretch or m.detune_cents != now.detune_cents:
        source(event, now, m)
        moved = True
    jitter, tilt_db, shared = air
    if moved:
        headed(event, now, m)
    if moved or m.tilt_db != tilt_db:
        weighed(event, m, tilt_db)
    f, glide, rest = m.glide_hz, 0.0, 0.0
    if jitter > 0.0:
        f *= 1.0 + jitter * astray
    if m.resting < 1.0:
        glide = np.sqrt(1.0 - m.resting) * shared * m.glide_gain
        glide *= below(f, sample_rate)
    if m.resting > 0.0:
        rest = np.sqrt(m.resting) * shared * m.rest_gain
        rest *= below(m.tone_hz, sample_rate) * event.share
    return f, glide, m.tone_hz, rest


@inlined
def exact_sine(cycles: Any) -> Any:
    """Return the sine of a phase in cycles, within 1e-13: a Taylor series of a quarter turn."""
    x = cycles - np.floor(cycles + 0.5)
    x = 2.0 * np.pi * min(max(x, -0.5 - x), 0.5 - x)
    z = -x * x
    p = 1 / 39916800 + z * (1 / 6227020800 + z * (1 / 1307674368000 + z / 355687428096000))
    p = 1.0 + z * (1 / 6 + z * (1 / 120 + z * (1 / 5040 + z * (1 / 362880 + z * p))))
    return x * p


@kernel
def stray(time_s: float, steady: Any, astray: Any) -> None:
    """Fill in where the unsteadiness of each event is, as ``wandered``: all at once, vectorised."""
    slow_hz, slow_turn, quick_hz, quick_turn = steady[0], steady[1], steady[2], steady[3]
    for e in range(len(astray)):
        slow = exact_sine(slow_hz[e] * time_s + slow_turn[e])
        astray[e] = 0.6 * slow + 0.4 * exact_sine(quick_hz[e] * time_s + quick_turn[e])


@kernel
def below(frequency_hz: float, sample_rate: int) -> Any:
    """Return 1 for what can be heard and sampled, 0 from 18 kHz or 0.45 of the rate on."""
    top = min(18000.0, 0.45 * sample_rate)
    return min(max((top - frequency_hz) / 1000.0, 0.0), 1.0)


@kernel
def faded(event: Any, m: Any, grid: int, sample_rate: int) -> Any:
    """Return the gain of an event's ends: neighbours in a chain add up to one."""
    first, last = (m.start + STEP - 1) // STEP * STEP, m.end // STEP * STEP
    rise, fall = event.rise_s * sample_rate, event.fade_s * sample_rate
    gain = 1.0
    if grid - first < rise:
        gain = eased_between((grid - first) / rise, 0.0, 1.0)
    if last - grid < fall:
        gain *= eased_between((last - grid) / fall, 0.0, 1.0)
    if event.ring_s > 0.0:
        gain *= rung((grid - first) / sample_rate, event.rise_s, event.ring_s)
    return gain


@kernel
def roughened(out: Any, now: Any, then: Any, grid: int, sample_rate: int) -> None:
    """Beat one step with one slowly wandering roughness: it survives only if all share it."""
    before, after = roughness(now), roughness(then)
    if before > 0.0 or after > 0.0:
        phase = rough_phase(grid / sample_rate)
        step = rough_phase((grid + STEP) / sample_rate) - phase
        p, d = I32(wrapped(turned(phase))), I32(step * (4294967296.0 / STEP))
        depth, grow = F32(before), F32((after - before) / STEP)
        for i in range(STEP):
            y = sine(F32(I32(p + I32(d * COUNT[i]))) * TO_UNIT)
            gain = fused(fused(grow, RAMP[i], depth), y, F32(1))
            out[0, i] *= gain
            out[1, i] *= gain


@kernel
def roughness(now: Any) -> Any:
    """Return the depth of the roughness: it fades as a depth, its rate stays."""
    hot = eased_between(now.panic, 0.4, 1.0)
    return ROUGH_MOST * now.roughness * hot * (1.0 - eased_between(now.surrender, 0.2, 0.7))


@kernel
def rough_phase(time_s: float) -> Any:
    """Return the cycles the roughness has made since the run began."""
    around = 2.0 * np.pi * ROUGH_WANDER_RATE_HZ
    return ROUGH_HZ * time_s + ROUGH_WANDER_HZ / around * (1.0 - np.cos(around * time_s))


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all partials to ``out``, shape (2, frames); ``state[e]`` is the memory of an event."""
    heard = np.zeros((2, STEP), np.float32)
    steady, astray = np.zeros((4, len(events))), np.zeros(len(events))
    for e in range(len(events)):
        steady[0, e], steady[1, e] = events[e].slow_hz, events[e].slow_turn
        steady[2, e], steady[3, e] = events[e].quick_hz, events[e].quick_turn
    after = weather(curves[0], start_frame, sample_rate)
    for s in range(out.shape[1] // STEP):
        grid = start_frame + s * STEP
        now, then = curves[s], curves[s + 1]
        before, after = after, weather(then, grid + STEP, sample_rate)
        heard[:] = F32(0.0)
        if after[0] > 0.0:
            stray((grid + STEP) / sample_rate, steady, astray)
        for e in range(len(events)):
            event, m = events[e], state[e]
            if m.start >= grid + STEP or m.end <= grid:
                continue
            if m.begun == 0:
                begin(event, now, before, m, grid, sample_rate)
            on(heard, event, then, after, m, astray[e], grid, sample_rate)
        roughened(heard, now, then, grid, sample_rate)
        for i in range(STEP):
            out[0, s * STEP + i] += heard[0, i]
            out[1, s * STEP + i] += heard[1, i]


@kernel
def begin(event: Any, now: Any, air: Any, m: Any, grid: int, sample_rate: int) -> None:
    """Set the memory of an event at the grid point at or before its first frame."""
    astray = wandered(
        grid / sample_rate, event.slow_hz, event.slow_turn, event.quick_hz, event.quick_turn
    )
    f, _, tone_hz, _ = aimed(event, now, air, m, astray, sample_rate)
    early_s = grid / sample_rate - event.at_s
    m.begun = 1
    m.left, m.right = placed(event.level_db, event.azimuth_deg, event.distance_m)
    m.phase, m.step = turned(event.phase + f * early_s), step_of(f, sample_rate)
    m.rest = turned(event.rest_phase + tone_hz * early_s)
    m.rest_step = step_of(tone_hz, sample_rate)


@kernel
def on(
    heard: Any,
    event: Any,
    then: Any,
    air: Any,
    m: Any,
    astray: float,
    grid: int,
    sample_rate: int,
) -> None:
    """Add one step of an event and move its memory to the next grid point."""
    f, glide, tone_hz, rest = aimed(event, then, air, m, astray, sample_rate)
    left, right = m.left, m.right
    fade = faded(event, m, grid + STEP, sample_rate)
    glide, rest = glide * fade, rest * fade

    # Where the ramp really ended is carried, so that rounding never adds up.
    bend = (step_of(f, sample_rate) - m.step + STEP // 2) // STEP
    if glide > 0.0 or m.glide_left > 0.0 or m.glide_right > 0.0:
        sing(heard, m.phase, m.step, bend, m.glide_left, m.glide_right, glide * left, glide * right)
    m.phase = (m.phase + STEP * m.step + SUM * bend) & 0xFFFFFFFF
    m.step += STEP * bend
    m.glide_left, m.glide_right = glide * left, glide * right

    bend = (step_of(tone_hz, sample_rate) - m.rest_step + STEP // 2) // STEP
    if rest > 0.0 or m.rest_left > 0.0 or m.rest_right > 0.0:
        sing(heard, m.rest, m.rest_step, bend, m.rest_left, m.rest_right, rest * left, rest * right)
    m.rest = (m.rest + STEP * m.rest_step + SUM * bend) & 0xFFFFFFFF
    m.rest_step += STEP * bend
    m.rest_left, m.rest_right = rest * left, rest * right
