"""What wasps are at a grid point: where each flies, how its pitch wanders, how near it is to rest.

All of a tile at once, in plain loops over rows of lanes, in numbers of 32 bits, so that it
vectorises.  Every motion is a formula of the time since the run began - sines of its own rates for
the way, smoothed steps between keyed draws for the wandering - so any moment can be asked for.
Times and turns are whole numbers that wrap, so that none of it ever grows coarse.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import flight, motors
from lullaby.dsp.approximate import octaves, octaves_of
from lullaby.dsp.kernel import inlined, kernel
from lullaby.dsp.noise import hashed
from lullaby.dsp.oscillators import sine, wrapped
from lullaby.dsp.partials import rough_phase, roughness
from lullaby.dsp.wings import LANES, PACE
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32
# Rows of p, int32, after those of ``wings``: first and last frame; turns (2^32 to one) at the start
# of the run and their steps a grid point: across, along, darting, and of the tone it rests on.
BEGUN, ENDS, ACROSS, ACROSS_BY, ALONG, ALONG_BY, DART, DART_BY, TONE, TONE_BY = (
    i * LANES for i in range(3, 13)
)
P_ROWS = 13
# Rows of k, float32: what a wasp is, laid into its lane when it comes aboard,
PLACE, RANK, BEGINS, PER_CALM, REST, REST_GAIN, SHARERS, GAIN, FADE_IN, FADE = (
    i * LANES for i in range(10)
)
REACH, ABOVE, SPEED, PASSES, ASIDE, ACROSS_HZ, ALONG_HZ, DART_HZ, WALK, LAG, BEATS = (
    i * LANES for i in range(10, 21)
)
# what it was at the last grid point, what it is at the next one, and what is passed between loops.
LEFT_IS, RIGHT_IS, EDGE_IS, EVEN_IS, TO_LEFT, TO_RIGHT, TO_EDGE, TO_EVEN = (
    i * LANES for i in range(21, 29)
)
TO_PACE, CALM, HZ, FACTOR, FAR, SIDE, SHINE = (i * LANES for i in range(29, 36))
K_ROWS = 36
# What all wasps share at a grid point.
(
    SURRENDER,
    RAW,
    PANIC,
    PITCH,
    SPREAD,
    JITTER,
    NEAR,
    WIDTH,
    DARTING,
    CUTOFF,
    SWELL,
    BEATING,
    RUN_S,
    FRAME_S,
) = range(14)
SHARED = 14
LOCKS_FROM = F32(0.9)  # of the way to its tone, from where a wing also seeks the chord's phase
MOST_PULL = F32(0.0025)  # 4.3 cents
PULL = F32(4.0 * 2.0**-32)  # of what it is behind, a second
REST_EDGE = F32(1.5)  # all but a sine
SHIMMER = F32(0.7)  # how far each lights up and fades again at rest, in its own time
UNHEARD, PER_ROUSED = F32(flight.UNHEARD), F32(1.0 / flight.ROUSED_OVER)
BREATH_HZ, BREATH = 0.1, 0.45
CYCLE = 4294967296.0
SLOW_HZ, QUICK_HZ = 0.7, 6.3  # of the draws that pitch wanders between
SLOW, QUICK = F32(1.6), F32(1.2)  # shares of both, for a deviation of 1 together
SOUND_M_PER_S, AROUND = F32(motors.SOUND_M_PER_S), F32(2.0 * np.pi)
NONE, HALF, ONE, UNIT, QUARTER = F32(0), F32(0.5), F32(1), F32(2.0**-31), I32(1 << 30)
TO_REST, ALIKE = F32(1.0 / (1.0 - 0.9)), F32(flight.ALIKE)

eased_between = kernel(motors.eased_between)
quicker = kernel(flight.quicker)


@kernel
def share(now: Any, grid: int, rate: float, shared: Any) -> None:
    """Work out what all wasps share at a grid point."""
    heat = now.panic - 0.5
    raw = 1.0 - eased_between(now.surrender, flight.RAW_FROM, flight.RAW_TO)
    shared[SURRENDER], shared[RAW], shared[PANIC] = now.surrender, raw, now.panic
    shared[PITCH] = now.pitch_hz * quicker(now.panic)
    shared[SPREAD] = now.spread_cents / 1200.0
    shared[JITTER] = now.jitter * raw * (1.0 + 0.8 * heat)
    shared[NEAR] = now.distance_m * 2.0 ** (-heat * raw)
    shared[WIDTH] = now.width_deg / 90.0
    shared[DARTING] = raw * (0.1 + 0.4 * now.panic)
    top_hz = 0.25 * rate
    shared[CUTOFF] = min(now.cutoff_hz * 2.0 ** (2.0 * heat - 2.5 * (1.0 - raw)), top_hz)
    shared[SWELL] = BREATH * eased_between(now.surrender, 0.6, 1.0)
    shared[BEATING] = roughness(now) * np.sin(2.0 * np.pi * rough_phase(grid / rate))
    shared[RUN_S], shared[FRAME_S] = grid / rate, 1.0 / rate


@kernel
def turns(cycles: float) -> Any:
    """Return a number of cycles as the int32 that it wraps to."""
    return wrapped(int(np.floor((cycles - np.floor(cycles)) * CYCLE)))


@kernel
def lay(v: int, k: Any, p: Any, e: Any, m: Any, rate: float) -> None:
    """Lay what a wasp is into lane ``v``."""
    step_s, rest_hz = STEP / rate, 0.5 * e.rest_hz  # its strokes alike, it sounds an octave higher
    p[v + BEGUN], p[v + ENDS] = wrapped(m.start), wrapped(m.end)
    p[v + ACROSS], p[v + ACROSS_BY] = turns(e.across_turn), turns(e.across_hz * step_s)
    p[v + ALONG], p[v + ALONG_BY] = turns(e.along_turn), turns(e.along_hz * step_s)
    p[v + DART], p[v + DART_BY] = turns(e.dart_turn), turns(e.dart_hz * step_s)
    p[v + TONE], p[v + TONE_BY] = turns(e.rest_turn), turns(rest_hz * step_s)
    k[v + PLACE], k[v + RANK], k[v + REST] = e.place, e.rank, rest_hz
    k[v + BEGINS], k[v + PER_CALM] = e.begins, 1.0 / (e.arrives - e.begins)
    k[v + SHARERS], k[v + REST_GAIN] = np.sqrt(max(e.sharers, 1.0)), e.rest_gain
    k[v + GAIN] = 10.0 ** (e.level_db / 20.0)
    k[v + FADE_IN], k[v + FADE] = e.fade_in_s, e.fade_s
    k[v + REACH], k[v + ABOVE] = e.reach, e.above
    k[v + SPEED], k[v + PASSES], k[v + ASIDE] = e.speed_m_per_s, e.passes_s, e.aside_m
    k[v + ACROSS_HZ], k[v + ALONG_HZ], k[v + DART_HZ] = e.across_hz, e.along_hz, e.dart_hz
    k[v + WALK], k[v + LAG], k[v + BEATS] = e.walk, e.lag, e.beats


@inlined
def eased(x: Any) -> Any:
    """Return 3y^2 - 2y^3 of ``x`` kept within 0..1."""
    y = min(max(x, NONE), ONE)
    return y * y * (F32(3) - F32(2) * y)


@inlined
def turned(turn: Any) -> Any:
    """Return the sine of a turn, int32, 2^32 to one."""
    return sine(F32(turn) * UNIT)


@inlined
def wandered(key: Any, whole: Any, part: Any) -> Any:
    """Return a smooth walk through keyed draws, one a unit of ``whole + part``, within -1..1.

    ``whole``: uint32, ``part``: float32, 0 or more.
    """
    first = np.floor(part)
    i, x = U32(whole + U32(I32(first))), part - first
    before, after = F32(I32(hashed(key, i))), F32(I32(hashed(key, U32(i + U32(1)))))
    return (before + (after - before) * x * x * (F32(3) - F32(2) * x)) * UNIT


@kernel
def fly(width: int, k: Any, p: Any, shared: Any, grid: int) -> None:
    """Work out where the wasps of a tile are, how far, and by how much their ways bend pitch."""
    near, darting, wide = F32(shared[NEAR]), F32(shared[DARTING]), F32(shared[WIDTH])
    frame_s, raw = F32(shared[FRAME_S]), F32(shared[RAW])
    now, here = wrapped(grid // STEP), wrapped(grid)
    for v in range(width):
        across = I32(p[v + ACROSS] + I32(p[v + ACROSS_BY] * now))
        along = I32(p[v + ALONG] + I32(p[v + ALONG_BY] * now))
        dart = I32(p[v + DART] + I32(p[v + DART_BY] * now))
        sway, sway_by = turned(across), turned(I32(across + QUARTER)) * k[v + ACROSS_HZ]
        go, go_by = turned(along), turned(I32(along + QUARTER)) * k[v + ALONG_HZ]
        this, that = darting * turned(dart), darting * turned(I32(dart + QUARTER))
        past = F32(I32(here - p[v + BEGUN])) * frame_s - k[v + PASSES]
        reach, speed = near * k[v + REACH], k[v + SPEED]
        x = reach * (sway + this) + speed * past
        y = reach * (go + that) + k[v + ASIDE]
        x_by = reach * AROUND * (sway_by + that * k[v + DART_HZ]) + speed
        y_by = reach * AROUND * (go_by - this * k[v + DART_HZ])
        above = reach * k[v + ABOVE] + F32(0.02)
        far = np.sqrt(x * x + y * y + above * above)
        k[v + FACTOR] = SOUND_M_PER_S / (SOUND_M_PER_S + raw * (x * x_by + y * y_by) / far)
        k[v + FAR], k[v + SIDE], k[v + SHINE] = far, wide * x / far, ONE + SHIMMER * go


@kernel
def calmed(width: int, k: Any, p: Any, surrender: Any, grid: int) -> None:
    """Bring the pitches of a tile on their way to rest."""
    now = wrapped(grid // STEP)
    for v in range(width):
        calm = eased((surrender - k[v + BEGINS]) * k[v + PER_CALM])
        k[v + CALM] = calm
        k[v + HZ] = k[v + REST] * octaves((ONE - calm) * octaves_of(k[v + HZ] / k[v + REST]))
    for v in range(width):
        # Unisons must not cancel: what has arrived drifts into the chord's own phase.
        arriving = I32(p[v] + I32(p[v + PACE] * I32(STEP)))
        behind = I32(I32(p[v + TONE] + I32(p[v + TONE_BY] * now)) - arriving)
        pull = min(max(F32(behind) * PULL / k[v + REST], -MOST_PULL), MOST_PULL)
        k[v + HZ] *= ONE + pull * eased((k[v + CALM] - LOCKS_FROM) * TO_REST)


@kernel
def steer(width: int, k: Any, p: Any, key: Any, shared: Any, grid: int) -> None:
    """Work out what the wasps of a tile are at a grid point: pace, gains, edges, strokes."""
    run_s = shared[RUN_S]
    fly(width, k, p, shared, grid)
    pitch, spread, jitter = F32(shared[PITCH]), F32(shared[SPREAD]), F32(shared[JITTER])
    slow_at, quick_at = run_s * SLOW_HZ, run_s * QUICK_HZ
    slow_i, quick_i = U32(np.floor(slow_at)), U32(np.floor(quick_at))
    slow_x, quick_x = F32(slow_at - np.floor(slow_at)), F32(quick_at - np.floor(quick_at))
    for v in range(width):
        slow = wandered(key[v], slow_i, slow_x + k[v + WALK])
        quick = wandered(~key[v], quick_i, quick_x + k[v + WALK])
        walk = ONE + jitter * (SLOW * slow + QUICK * quick)
        k[v + HZ] = pitch * octaves(spread * k[v + PLACE]) * walk * k[v + FACTOR]
        k[v + CALM] = NONE
    surrender = F32(shared[SURRENDER])
    if (
        surrender > flight.RAW_FROM
    ):  # before, none glides; for all alike: what one is must not hang on who else is there
        calmed(width, k, p, surrender, grid)
    cutoff, panic, swell = F32(0.5 * shared[CUTOFF]), F32(shared[PANIC]), F32(shared[SWELL])
    beating, frame_s, per_hz = (
        F32(shared[BEATING]),
        F32(shared[FRAME_S]),
        F32(shared[FRAME_S] * CYCLE),
    )
    breath, here = F32(run_s * BREATH_HZ - np.floor(run_s * BREATH_HZ)), wrapped(grid)
    for v in range(width):
        calm = k[v + CALM]
        there = UNHEARD + (ONE - UNHEARD) * eased((panic - k[v + RANK]) * PER_ROUSED)
        resting = eased((calm - LOCKS_FROM) * TO_REST)
        # In one phase amplitudes add up; on the way there powers do.
        rest = k[v + REST_GAIN] * (k[v + SHARERS] + (ONE - k[v + SHARERS]) * resting)
        lagging = breath + k[v + LAG]
        rest *= k[v + SHINE]
        rest *= ONE + swell * sine(F32(2) * (lagging - np.floor(lagging + HALF)))
        gain = (there / k[v + FAR]) * (ONE - calm) + rest * calm
        since = F32(I32(here - p[v + BEGUN])) * frame_s
        left = F32(I32(p[v + ENDS] - here)) * frame_s
        gain *= eased(since / (k[v + FADE_IN] + (k[v + FADE] - k[v + FADE_IN]) * calm))
        gain *= eased(left / k[v + FADE]) * k[v + GAIN]
        gain *= ONE + beating * k[v + BEATS]
        side = HALF * k[v + SIDE]
        k[v + TO_LEFT], k[v + TO_RIGHT] = gain * np.sqrt(HALF - side), gain * np.sqrt(HALF + side)
        edge = max(cutoff / k[v + HZ], REST_EDGE)
        k[v + TO_EDGE] = edge + (REST_EDGE - edge) * calm
        k[v + TO_EVEN] = ALIKE + (ONE - ALIKE) * calm
        k[v + TO_PACE] = k[v + HZ] * per_hz + HALF
