"""The voice of sirens: motors drive choppers, choppers a mouth, and the wind brings them here.

What is costly is worked out at grid points from the time since an event's start, and moves
straight between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import chopper, motors, vowels
from lullaby.dsp.chopper import F_ROWS, P_ROWS, chop, dissolve
from lullaby.dsp.filters import flushed
from lullaby.dsp.kernel import LANES, inlined, kernel
from lullaby.dsp.noise import key32
from lullaby.dsp.oscillators import sine, step_of, wrapped
from lullaby.dsp.panning import placed
from lullaby.dsp.vowels import FORMANT_GAIN, G_ROWS, SIZE, Q, blend, place, resonate, soften
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32
FILTERS = 1 + vowels.FORMANTS
# Of each event, at the last grid point: all that moves; and what never moves, worked out once.
VALUES = ("pace", "open", "flow", "jitter", "left", "right", "vowel")
MEMORY = {"phase": "i4", "cycle": "i4", "aboard": "i8", "turn": "i8", "begun": "f8"}
MEMORY |= dict.fromkeys((*VALUES, "gain", "to_left", "to_right"), "f8")
MEMORY |= {"filters": f"({FILTERS},5)f8"}
QUIETEST, BLOWN = motors.QUIETEST, motors.BLOWN
RAW_FROM, RAW_TO = 0.15, 0.60  # of surrender, over which the raw siren goes
BREATH_HZ, BREATH = 0.1, 0.3
CALM_GAIN = 0.5
LOCKS_FROM = 0.98  # of the way to its tone, from where a siren also seeks the chord's phase
MOST_PULL = 0.0007  # 1.2 cents
# What all events share at a grid point.
SURRENDER, RAW, HEAT, FLOW, JITTER, SWING, SHIVER, BREATHING, VOWEL, CUTOFF, RUN_S = range(11)
CYCLE = 4294967296.0

doppler = kernel(motors.doppler)
eased_between = kernel(motors.eased_between)


@inlined
def turned(cycles: Any) -> Any:
    """Return the sine of a phase in cycles, within 4e-7."""
    return np.float64(sine(F32(2.0 * (cycles - np.floor(cycles + 0.5)))))


@inlined
def octaves(x: Any) -> Any:
    """Return 2^x for -4 <= x <= 4, within 1e-6 of it: a Taylor series of the fourth root."""
    z = x * (0.25 * 0.6931471805599453)
    q = 1.0 + z * (1.0 + z * (0.5 + z * (1 / 6 + z * (1 / 24 + z * (1 / 120 + z / 720)))))
    q *= q
    return q * q


@kernel
def coefficients(cutoff_hz: float, q: float, rate: float) -> Any:
    """Return a1, a2, a3 of a state-variable filter; needs a cutoff below a third of the rate.

    The tangent as a continued fraction, within 4e-4 up to there.
    """
    x = np.pi * cutoff_hz / rate
    g = x * (15.0 - x * x) / (15.0 - 6.0 * x * x)
    a1 = 1.0 / (1.0 + g * (g + 1.0 / q))
    return a1, g * a1, g * g * a1


@kernel
def speed(e: Any, m: Any, t: float) -> float:
    """Return ``motors.speed``, with the speed a turn begins at kept while it lasts."""
    at = min(max(t, 0.0), e.cut_s)
    turn = np.int64(at / (e.on_s + e.off_s))
    if turn != m.turn:
        m.turn = turn
        gone = np.exp(-np.float64(turn) * (e.on_s / e.up_s + e.off_s / e.down_s))
        m.begun = e.low + (e.first - e.low) * gone
    within = at - np.float64(turn) * (e.on_s + e.off_s)
    r = 1.0 - (1.0 - m.begun) * np.exp(-min(within, e.on_s) / e.up_s)
    fallen = max(within - e.on_s, 0.0) + max(t - e.cut_s, 0.0)
    return r * np.exp(-fallen / e.down_s) if fallen > 0.0 else r


@kernel
def share(now: Any, grid: int, rate: float, all_: Any) -> None:
    """Work out what all events share at a grid point."""
    heat = now.panic - 0.5
    raw = 1.0 - eased_between(now.surrender, RAW_FROM, RAW_TO)
    all_[SURRENDER], all_[RAW], all_[HEAT], all_[RUN_S] = now.surrender, raw, heat, grid / rate
    all_[FLOW] = raw * 10.0 ** ((now.flow_db + 16.0 * now.dissolve) / 20.0)
    all_[JITTER] = 0.6 * now.dissolve * raw
    all_[SWING] = now.swing_db * raw / 6.0206
    all_[SHIVER] = now.tremor * raw * (0.75 + 0.5 * heat)
    swell = BREATH * eased_between(now.surrender, 0.6, 1.0)
    all_[BREATHING] = 1.0 + swell * turned(BREATH_HZ * all_[RUN_S])
    all_[VOWEL] = now.vowels * raw
    all_[CUTOFF] = now.cutoff_hz * 2.0 ** (2.0 * heat)


@kernel
def read(all_: Any, e: Any, m: Any, grid: int, rate: float, to: Any, c: Any) -> None:
    """Work out what an event is at a grid point: ``to`` in the order of ``VALUES``, filters."""
    t, raw = (grid - m.start) / rate, all_[RAW]
    calm = eased_between(all_[SURRENDER], e.begins, e.arrives)
    turning = max(speed(e, m, t), QUIETEST)
    hz = e.base_hz + turning * (e.top_hz - e.base_hz)
    blown = min(turning / BLOWN, 1.0) if e.blower > 0.5 else turning
    gain, left, right = blown * blown, m.to_left, m.to_right
    if e.speed_m_per_s > 0.0:
        along = e.speed_m_per_s * (t - e.passes_s)
        hz *= doppler(along, e.distance_m, e.speed_m_per_s)
        gain *= e.distance_m / np.sqrt(along * along + e.distance_m * e.distance_m)
        angle = e.azimuth_deg / 180.0 + np.arctan(along / e.distance_m) * e.way / np.pi
        quarter = 0.125 + 0.25 * min(max(angle, -0.5), 0.5)
        left, right = turned(quarter + 0.25), turned(quarter)
    if calm >= 1.0:
        hz, gain = e.rest_hz, 1.0
    elif calm > 0.0:
        hz, gain = e.rest_hz * (hz / e.rest_hz) ** (1.0 - calm), gain ** (1.0 - calm)
    if calm > LOCKS_FROM:
        # Unisons must not cancel: what has arrived drifts into the chord's own phase.
        goal = e.rest_hz * all_[RUN_S] + e.rest_turn
        behind = goal - m.phase / CYCLE
        behind -= np.floor(behind + 0.5)
        pull = min(max(behind / e.rest_hz, -MOST_PULL), MOST_PULL)
        hz *= 1.0 + pull * eased_between(calm, LOCKS_FROM, 1.0)
    to[0] = step_of(hz, rate)
    to[1] = 0.16 + raw * (0.10 + 0.12 * all_[HEAT])
    to[2], to[3] = all_[FLOW], all_[JITTER]

    facing = 0.0
    if e.horn_hz > 0.0:
        facing = 0.5 - 0.5 * turned(e.horn_hz * all_[RUN_S] + e.horn_turn)
        gain *= octaves(-all_[SWING] * facing)
    gain *= 1.0 - calm * (1.0 - CALM_GAIN)
    gain *= 1.0 - all_[SHIVER] * (0.5 + 0.5 * turned(e.tremor_hz * t))
    gain *= eased_between(t, 0.0, e.fade_in_s + (e.fade_s - e.fade_in_s) * calm)
    gain *= eased_between((m.end - grid) / rate, 0.0, e.fade_s) * all_[BREATHING] * m.gain
    to[4], to[5], to[6] = gain * left, gain * right, all_[VOWEL]

    bright = 0.5 * (raw + 1.0 - calm)
    cutoff = all_[CUTOFF] * octaves(-0.3 * facing * all_[SWING]) * e.air
    if bright < 1.0:
        low = 1.3 * e.rest_hz
        cutoff = low * (cutoff / low) ** bright
    c[0, 0], c[0, 1], c[0, 2] = coefficients(min(cutoff, 0.32 * rate), 0.7, rate)
    if all_[VOWEL] > 0.0:
        one = turned(e.vowel_1_hz * t + e.vowel_turn)
        two = turned(e.vowel_2_hz * t + 2.0 * e.vowel_turn)
        first_hz, second_hz = 367.0 * octaves(1.29 * one), 1140.0 * octaves(1.19 * two)
        c[1, 0], c[1, 1], c[1, 2] = coefficients(first_hz, Q[1], rate)  # 150 to 900 Hz
        c[2, 0], c[2, 1], c[2, 2] = coefficients(second_hz, Q[2], rate)  # 500 to 2600 Hz
        c[3, 0], c[3, 1], c[3, 2] = coefficients(3100.0 + 400.0 * one * two, Q[3], rate)


@kernel
def first(all_: Any, e: Any, m: Any, grid: int, rate: float, to: Any, c: Any) -> None:
    """Give a new event the memory of having been what it is at the grid point before it."""
    m.gain = 10.0 ** (e.level_db / 20.0)
    m.to_left, m.to_right = placed(0.0, e.azimuth_deg, 1.0)
    m.aboard, m.turn = 1, -1
    calm = eased_between(all_[SURRENDER], e.begins, e.arrives)
    turn = e.rest_hz * m.start / rate + e.rest_turn if calm > LOCKS_FROM else e.phase
    m.phase = wrapped(np.int64(np.floor((turn - np.floor(turn)) * CYCLE)))
    read(all_, e, m, grid, rate, to, c)
    m.pace, m.open, m.flow, m.jitter = to[0], to[1], to[2], to[3]
    m.left, m.right, m.vowel = to[4], to[5], to[6]
    for k in range(FILTERS):
        for j in range(3):
            m.filters[k, 2 + j] = c[k, j]


@kernel
def board(
    v: int,
    p: Any,
    f: Any,
    g: Any,
    e: Any,
    m: Any,
    all_: Any,
    grid: int,
    rate: float,
    to: Any,
    c: Any,
) -> None:
    """Put an event into a lane for one step, and keep in its memory where the step will end."""
    read(all_, e, m, grid + STEP, rate, to, c)
    p[v], p[v + chopper.PACE] = m.phase, I32(m.pace)
    p[v + chopper.PACE_BY] = I32(np.floor((to[0] - m.pace) / STEP))
    p[v + chopper.CYCLE], p[v + chopper.AGE] = m.cycle, I32((grid - m.start) & 0x7FFFFFFF)
    f[v], f[v + chopper.OPEN_BY] = m.open, (to[1] - m.open) / STEP
    f[v + chopper.SHUT] = e.shuts
    f[v + chopper.FLOW], f[v + chopper.FLOW_BY] = m.flow, (to[2] - m.flow) / STEP
    f[v + chopper.JITTER], f[v + chopper.JITTER_BY] = m.jitter, (to[3] - m.jitter) / STEP
    f[v + chopper.LEFT], f[v + chopper.LEFT_BY] = m.left, (to[4] - m.left) / STEP
    f[v + chopper.RIGHT], f[v + chopper.RIGHT_BY] = m.right, (to[5] - m.right) / STEP
    f[v + chopper.VOWEL], f[v + chopper.VOWEL_BY] = m.vowel, (to[6] - m.vowel) / STEP
    m.pace, m.open, m.flow, m.jitter = to[0], to[1], to[2], to[3]
    m.left, m.right, m.vowel = to[4], to[5], to[6]
    for k in range(FILTERS if all_[VOWEL] > 0.0 or f[v + chopper.VOWEL] > 0.0 else 1):
        row = k * SIZE + v
        g[row], g[row + vowels.IC2] = m.filters[k, 0], m.filters[k, 1]
        for j in range(3):
            last = m.filters[k, 2 + j]
            g[row + vowels.A1 + j * LANES] = last
            g[row + vowels.A1_BY + j * LANES] = (c[k, j] - last) * (1.0 / STEP)
            m.filters[k, 2 + j] = c[k, j]


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all sirens to ``out``, shape (2, frames)."""
    rate = np.float64(sample_rate)
    p, f, g = np.zeros(P_ROWS * LANES, I32), np.zeros(F_ROWS * LANES, F32), np.zeros(G_ROWS * LANES)
    p[chopper.PACE : chopper.PACE + LANES] = 1 << 20  # an idle lane divides by its pace, too
    f[chopper.SHUT : chopper.SHUT + LANES] = 0.5
    key, who = np.zeros(LANES, U32), np.zeros(LANES, np.int64)
    to, c, at_start, at_end = np.zeros(7), np.zeros((FILTERS, 3)), np.zeros(11), np.zeros(11)
    y, z = np.zeros(LANES * STEP, F32), np.zeros(LANES * STEP, F32)
    for s in range(out.shape[1] // STEP):
        grid, n = start_frame + s * STEP, 0
        share(curves[s], grid, rate, at_start)
        share(curves[s + 1], grid + STEP, rate, at_end)
        for e in range(len(events)):
            m = state[e]
            if m.start < grid + STEP and m.end > grid:
                if m.aboard == 0:
                    first(at_start, events[e], m, grid, rate, to, c)
                board(n, p, f, g, events[e], m, at_end, grid, rate, to, c)
                key[n], who[n] = key32(m.key), e
                n += 1
            if n == LANES or (n > 0 and e == len(events) - 1):
                sing(n, p, f, g, key, at_start, at_end, y, z, state, who, grid)
                leave(n, p, g, state, who)
                place((n + 7) // 8 * 8, f, y, out, s * STEP)
                n = 0


@kernel
def sing(
    n: int,
    p: Any,
    f: Any,
    g: Any,
    key: Any,
    at_start: Any,
    at_end: Any,
    y: Any,
    z: Any,
    state: Any,
    who: Any,
    grid: int,
) -> None:
    """Fill ``y`` with one step of a tile of lanes."""
    width = (n + 7) // 8 * 8
    rest(n, width, p, f, g)
    if at_start[JITTER] > 0.0 or at_end[JITTER] > 0.0:
        dissolve(width, p, f, key, y)
    else:
        chop(width, p, f, key, y)
    for v in range(n):
        m = state[who[v]]
        if m.start > grid:
            for i in range(m.start - grid):
                y[i * LANES + v] = F32(0)
            # It begins at its own frame, with the phase it was given.
            p[v] = wrapped(np.int64(p[v]) - (m.start - grid) * np.int64(p[v + chopper.PACE]))
    soften(width, g, y)
    if at_start[VOWEL] > 0.0 or at_end[VOWEL] > 0.0:
        z[:] = F32(0)
        resonate(width, g[SIZE:], FORMANT_GAIN[0] / Q[1], y, z)
        resonate(width, g[2 * SIZE :], FORMANT_GAIN[1] / Q[2], y, z)
        resonate(width, g[3 * SIZE :], FORMANT_GAIN[2] / Q[3], y, z)
        blend(width, f, y, z)
    else:
        g[SIZE:] = 0.0
    for v in range(n):
        m = state[who[v]]
        if m.end < grid + STEP:
            for i in range(m.end - grid, STEP):
                y[i * LANES + v] = F32(0)


@kernel
def rest(n: int, width: int, p: Any, f: Any, g: Any) -> None:
    """Let the lanes nobody stands in go on with nothing moving, and unheard."""
    for v in range(n, width):
        p[v + chopper.PACE_BY] = 0
        f[v + chopper.LEFT] = f[v + chopper.RIGHT] = F32(0)
        for row in range(1, F_ROWS, 2):
            f[row * LANES + v] = F32(0)
        for k in range(FILTERS):
            for row in (vowels.IC1, vowels.IC2, vowels.A1_BY, vowels.A2_BY, vowels.A3_BY):
                g[k * SIZE + row + v] = 0.0


@kernel
def leave(n: int, p: Any, g: Any, state: Any, who: Any) -> None:
    """Keep what the lanes have come to."""
    for v in range(n):
        m = state[who[v]]
        m.phase, m.cycle = p[v], p[v + chopper.CYCLE]
        for k in range(FILTERS):
            m.filters[k, 0] = flushed(g[k * SIZE + v])
            m.filters[k, 1] = flushed(g[k * SIZE + v + vowels.IC2])
