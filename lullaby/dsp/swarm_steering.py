"""What wasps are at a grid point: where each flies, how its pitch wanders, how near it is to rest.

All of a tile at once, in plain loops over rows of lanes, so that it vectorises.  Every motion is a
formula of the time since the run began - sines of its own rates for the way, smoothed steps between
keyed draws for the wandering - so any moment can be asked for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import motors
from lullaby.dsp.approximate import exponential, logarithm, octaves, turned
from lullaby.dsp.chopper import LANES
from lullaby.dsp.kernel import inlined, kernel
from lullaby.dsp.noise import hashed
from lullaby.dsp.partials import rough_phase, roughness
from lullaby.dsp.wings import ALIKE

# Rows of k, float64: what a wasp is, laid into its lane when it comes aboard,
START, END, PLACE, RANK, BEGINS, PER_CALM, REST, REST_TURN, REST_GAIN, SHARERS = (
    i * LANES for i in range(10)
)
GAIN, FADE_IN, FADE, REACH, ABOVE, SPEED, PASSES, ASIDE = (i * LANES for i in range(10, 18))
ACROSS_HZ, ACROSS_TURN, ALONG_HZ, ALONG_TURN, DART_HZ, DART_TURN, WALK_TURN, LAG, BEATS = (
    i * LANES for i in range(18, 27)
)
# what it was at the last grid point, what it is at the next one, and what is passed between loops.
LEFT_IS, RIGHT_IS, EDGE_IS, EVEN_IS, TO_LEFT, TO_RIGHT, TO_EDGE, TO_EVEN = (
    i * LANES for i in range(27, 35)
)
TO_PACE, CALM, HZ, FACTOR, FAR, SIDE = (i * LANES for i in range(35, 41))
K_ROWS = 41
# What all wasps share at a grid point.
(
    SURRENDER,
    RAW,
    HEAT,
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
SOUND_M_PER_S = motors.SOUND_M_PER_S
RAW_FROM, RAW_TO = 0.10, 0.55  # of surrender, over which jitter, stings and Doppler go
LOCKS_FROM = 0.9  # of the way to its tone, from where a wing also seeks the chord's phase
MOST_PULL = 0.0025  # 4.3 cents
REST_EDGE = 1.5  # all but a sine
BREATH_HZ, BREATH = 0.1, 0.45
CYCLE = 4294967296.0
AROUND = 2.0 * np.pi
SLOW_HZ, QUICK_HZ = 0.7, 6.3  # of the draws that pitch wanders between
SLOW, QUICK = 1.6, 1.2  # shares of both, for a deviation of 1 together
UNIT = 2.0**-31

eased_between = kernel(motors.eased_between)


@kernel
def share(now: Any, grid: int, rate: float, shared: Any) -> None:
    """Work out what all wasps share at a grid point."""
    heat = now.panic - 0.5
    raw = 1.0 - eased_between(now.surrender, RAW_FROM, RAW_TO)
    shared[SURRENDER], shared[RAW], shared[HEAT] = now.surrender, raw, now.panic
    shared[PITCH] = now.pitch_hz * 2.0 ** (0.16 * heat)
    shared[SPREAD] = now.spread_cents / 1200.0
    shared[JITTER] = now.jitter * raw * (1.0 + 0.8 * heat)
    shared[NEAR] = now.distance_m * 2.0 ** (-heat * raw)
    shared[WIDTH] = now.width_deg / 90.0
    shared[DARTING] = raw * (0.1 + 0.4 * now.panic)
    top_hz = 0.25 * rate
    shared[CUTOFF] = min(now.cutoff_hz * 2.0 ** (2.0 * heat - 2.5 * (1.0 - raw)), top_hz)
    shared[SWELL] = BREATH * eased_between(now.surrender, 0.6, 1.0)
    rough = np.sin(AROUND * rough_phase(grid / rate))
    shared[BEATING] = roughness(now) * rough
    shared[RUN_S], shared[FRAME_S] = grid / rate, 1.0 / rate


@kernel
def lay(v: int, k: Any, e: Any, m: Any) -> None:
    """Lay what a wasp is into lane ``v``."""
    k[v + START], k[v + END], k[v + PLACE], k[v + RANK] = m.start, m.end, e.place, e.rank
    k[v + BEGINS], k[v + PER_CALM] = e.begins, 1.0 / (e.arrives - e.begins)
    # Its strokes alike, a wing is heard an octave over its beat.
    k[v + REST], k[v + REST_TURN] = 0.5 * e.rest_hz, e.rest_turn
    k[v + SHARERS] = np.sqrt(max(e.sharers, 1.0))
    k[v + GAIN] = 10.0 ** (e.level_db / 20.0)
    k[v + REST_GAIN] = e.rest_gain
    k[v + FADE_IN], k[v + FADE] = e.fade_in_s, e.fade_s
    k[v + REACH], k[v + ABOVE] = e.reach, e.above
    k[v + SPEED], k[v + PASSES], k[v + ASIDE] = e.speed_m_per_s, e.passes_s, e.aside_m
    k[v + ACROSS_HZ], k[v + ACROSS_TURN] = e.across_hz, e.across_turn
    k[v + ALONG_HZ], k[v + ALONG_TURN] = e.along_hz, e.along_turn
    k[v + DART_HZ], k[v + DART_TURN] = e.dart_hz, e.dart_turn
    k[v + WALK_TURN], k[v + LAG] = e.walk_turn, e.lag
    k[v + BEATS] = e.beats


@inlined
def eased(x: Any) -> Any:
    """Return 3y^2 - 2y^3 of ``x`` kept within 0..1."""
    y = min(max(x, 0.0), 1.0)
    return y * y * (3.0 - 2.0 * y)


@inlined
def wandered(key: Any, at: Any) -> Any:
    """Return a smooth walk through keyed draws, one a unit of ``at`` >= 0, within -1..1."""
    first = np.floor(at)
    i = np.uint32(np.int32(first))
    x = at - first
    before = np.float64(np.int32(hashed(key, i)))
    after = np.float64(np.int32(hashed(key, np.uint32(i + np.uint32(1)))))
    return (before + (after - before) * x * x * (3.0 - 2.0 * x)) * UNIT


@kernel
def fly(width: int, k: Any, shared: Any, grid: int) -> None:
    """Work out where the wasps of a tile are, how far, and by how much their ways bend pitch."""
    run_s, frame_s, raw = shared[RUN_S], shared[FRAME_S], shared[RAW]
    near, darting, wide = shared[NEAR], shared[DARTING], shared[WIDTH]
    for v in range(width):
        across = k[v + ACROSS_HZ] * run_s + k[v + ACROSS_TURN]
        along = k[v + ALONG_HZ] * run_s + k[v + ALONG_TURN]
        dart = k[v + DART_HZ] * run_s + k[v + DART_TURN]
        sway, sway_by = turned(across), turned(across + 0.25) * k[v + ACROSS_HZ]
        go, go_by = turned(along), turned(along + 0.25) * k[v + ALONG_HZ]
        this, that = darting * turned(dart), darting * turned(dart + 0.25)
        reach, past = near * k[v + REACH], (grid - k[v + START]) * frame_s - k[v + PASSES]
        x = reach * (sway + this) + k[v + SPEED] * past
        y = reach * (go + that) + k[v + ASIDE]
        x_by = reach * AROUND * (sway_by + that * k[v + DART_HZ]) + k[v + SPEED]
        y_by = reach * AROUND * (go_by - this * k[v + DART_HZ])
        above = reach * k[v + ABOVE] + 0.02
        far = np.sqrt(x * x + y * y + above * above)
        k[v + FACTOR] = SOUND_M_PER_S / (SOUND_M_PER_S + raw * (x * x_by + y * y_by) / far)
        k[v + FAR], k[v + SIDE] = far, wide * x / far


@kernel
def calmed(width: int, k: Any, p: Any, surrender: float, run_s: float) -> None:
    """Bring the pitches of a tile on their way to rest."""
    for v in range(width):
        calm = eased((surrender - k[v + BEGINS]) * k[v + PER_CALM])
        k[v + CALM] = calm
        k[v + HZ] = k[v + REST] * exponential((1.0 - calm) * logarithm(k[v + HZ] / k[v + REST]))
    for v in range(width):
        # Unisons must not cancel: what has arrived drifts into the chord's own phase.
        arriving = (p[v] + 64.0 * p[v + LANES]) * (1.0 / CYCLE)
        behind = k[v + REST] * run_s + k[v + REST_TURN] - arriving
        behind -= np.floor(behind + 0.5)
        pull = min(max(behind / k[v + REST] * 4.0, -MOST_PULL), MOST_PULL)
        k[v + HZ] *= 1.0 + pull * eased((k[v + CALM] - LOCKS_FROM) * (1.0 / (1.0 - LOCKS_FROM)))


@kernel
def steer(width: int, k: Any, p: Any, key: Any, shared: Any, grid: int) -> None:
    """Work out what the wasps of a tile are at a grid point: pace, gains, edges, strokes."""
    surrender, frame_s, run_s = shared[SURRENDER], shared[FRAME_S], shared[RUN_S]
    fly(width, k, shared, grid)
    pitch, spread, jitter = shared[PITCH], shared[SPREAD], shared[JITTER]
    for v in range(width):
        slow = wandered(key[v], run_s * SLOW_HZ + k[v + WALK_TURN])
        quick = wandered(~key[v], run_s * QUICK_HZ + k[v + WALK_TURN])
        walk = 1.0 + jitter * (SLOW * slow + QUICK * quick)
        k[v + HZ] = pitch * octaves(spread * k[v + PLACE]) * walk * k[v + FACTOR]
        k[v + CALM] = 0.0
    first = 1.0
    for v in range(width):
        first = min(first, k[v + BEGINS])
    if surrender > first:
        calmed(width, k, p, surrender, run_s)
    cutoff, heat, swell = 0.5 * shared[CUTOFF], shared[HEAT], shared[SWELL]
    beating = shared[BEATING]
    for v in range(width):
        calm = k[v + CALM]
        there = 0.12 + 0.88 * eased((heat - k[v + RANK]) * 5.0)
        resting = eased((calm - LOCKS_FROM) * (1.0 / (1.0 - LOCKS_FROM)))
        # In one phase amplitudes add up; on the way there powers do.
        rest = k[v + REST_GAIN] * (k[v + SHARERS] + (1.0 - k[v + SHARERS]) * resting)
        rest *= 1.0 + swell * turned(BREATH_HZ * run_s + k[v + LAG])
        gain = (there / k[v + FAR]) * (1.0 - calm) + rest * calm
        since, left = (grid - k[v + START]) * frame_s, (k[v + END] - grid) * frame_s
        gain *= eased(since / (k[v + FADE_IN] + (k[v + FADE] - k[v + FADE_IN]) * calm))
        gain *= eased(left / k[v + FADE]) * k[v + GAIN]
        gain *= 1.0 + beating * k[v + BEATS]
        side = k[v + SIDE]
        k[v + TO_LEFT] = gain * np.sqrt(0.5 - 0.5 * side)
        k[v + TO_RIGHT] = gain * np.sqrt(0.5 + 0.5 * side)
        edge = max(cutoff / k[v + HZ], REST_EDGE)
        k[v + TO_EDGE] = edge + (REST_EDGE - edge) * calm
        k[v + TO_EVEN] = ALIKE + (1.0 - ALIKE) * calm
        k[v + TO_PACE] = np.floor(k[v + HZ] * frame_s * CYCLE + 0.5)
