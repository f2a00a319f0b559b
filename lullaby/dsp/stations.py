"""The voice of sirens: motors drive choppers, choppers a mouth, and the wind brings them here.

What is costly is worked out at grid points from the time since an event's start, and moves
straight between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import motors
from lullaby.dsp.approximate import coefficients, octaves, turned
from lullaby.dsp.chopper import (
    A1,
    A1_BY,
    A2_BY,
    A3_BY,
    BEGUN,
    F_ROWS,
    FILTERS,
    FLOW,
    FLOW_BY,
    IC2,
    JITTER,
    JITTER_BY,
    LEFT,
    LEFT_BY,
    OPEN_BY,
    P_ROWS,
    PACE,
    PACE_BY,
    RIGHT,
    RIGHT_BY,
    SHUT,
    SINCE,
    SIZE,
    VOWEL,
    VOWEL_BY,
    Q,
    puff,
    soften,
    speak,
    stand,
    tear,
)
from lullaby.dsp.filters import flushed
from lullaby.dsp.kernel import LANES, inlined, kernel
from lullaby.dsp.noise import key32
from lullaby.dsp.oscillators import wrapped
from lullaby.dsp.panning import placed
from lullaby.units import STEP

F32, I32 = np.float32, np.int32
# Of each event, at the last grid point: all that moves; and what never moves, worked out once.
VALUES = ("pace", "open", "flow", "jitter", "left", "right", "vowel")
TURN = ("turned_s", "turn_s", "missing", "highest", "up_hz", "down_hz")
MEMORY = {"phase": "i4", "cycle": "i4", "aboard": "i8"}
MEMORY |= dict.fromkeys((*VALUES, "gain", "to_left", "to_right", *TURN), "f8")
MEMORY |= {"filters": f"({FILTERS},5)f8"}
QUIETEST, BLOWN = motors.QUIETEST, motors.BLOWN
RAW_FROM, RAW_TO = 0.15, 0.60  # of surrender, over which the raw siren goes
BREATH_HZ, BREATH = 0.1, 0.3
LOCKS_FROM = 0.98  # of the way to its tone, from where a siren also seeks the chord's phase
MOST_PULL = 0.0007  # 1.2 cents
# What all events share at a grid point.
(
    SURRENDER,
    RAW,
    HEAT,
    FLOWING,
    JITTERED,
    SWING,
    SHIVER,
    BREATHING,
    VOWELS,
    CUTOFF,
    RUN_S,
    FRAME_S,
) = range(12)
SHARED = 12
CYCLE = 4294967296.0

doppler = kernel(motors.doppler)
eased_between = kernel(motors.eased_between)


@kernel
def speed(e: Any, m: Any, t: float) -> Any:
    """Return ``motors.speed``, with what stays the same over a turn kept while it lasts."""
    at = min(max(t, 0.0), e.cut_s)
    within = at - m.turned_s
    if not 0.0 <= within < m.turn_s:
        m.turn_s = e.on_s + e.off_s
        turn = np.floor(at / m.turn_s)
        m.turned_s = turn * m.turn_s
        within = max(at - m.turned_s, 0.0)
        gone = np.exp(-turn * (e.on_s / e.up_s + e.off_s / e.down_s))
        m.missing = 1.0 - (e.low + (e.first - e.low) * gone)
        m.highest = 1.0 - m.missing * np.exp(-e.on_s / e.up_s)
        m.up_hz, m.down_hz = 1.0 / e.up_s, 1.0 / e.down_s
    fallen = max(within - e.on_s, 0.0) + max(t - e.cut_s, 0.0)
    if fallen <= 0.0:
        return 1.0 - m.missing * np.exp(-within * m.up_hz)
    risen = m.highest if within >= e.on_s else 1.0 - m.missing * np.exp(-within * m.up_hz)
    return risen * np.exp(-fallen * m.down_hz)


@inlined
def spoken(shared: Any, vowel: Any) -> Any:
    """Return whether mouths are at work in the step that ends here."""
    return shared[VOWELS] > 0.0 or vowel > 0.0


@kernel
def share(now: Any, grid: int, rate: float, shared: Any) -> None:
    """Work out what all events share at a grid point."""
    heat = now.panic - 0.5
    raw = 1.0 - eased_between(now.surrender, RAW_FROM, RAW_TO)
    shared[SURRENDER], shared[RAW], shared[HEAT], shared[RUN_S] = (
        now.surrender,
        raw,
        heat,
        grid / rate,
    )
    shared[FLOWING] = raw * 10.0 ** ((now.flow_db + 16.0 * now.dissolve) / 20.0)
    shared[JITTERED] = 0.6 * now.dissolve * raw
    shared[SWING] = now.swing_db * raw / 6.0206
    shared[SHIVER] = now.tremor * raw * (0.75 + 0.5 * heat)
    swell = BREATH * eased_between(now.surrender, 0.6, 1.0)
    shared[BREATHING] = 1.0 + swell * turned(BREATH_HZ * shared[RUN_S])
    shared[VOWELS] = now.vowels * raw
    shared[FRAME_S] = 1.0 / rate
    shared[CUTOFF] = now.cutoff_hz * 2.0 ** (2.0 * heat)


@kernel
def read(shared: Any, e: Any, m: Any, grid: int, rate: float, to: Any, c: Any) -> None:
    """Work out what an event is at a grid point: ``to`` in the order of ``VALUES``, filters."""
    frame_s, raw = shared[FRAME_S], shared[RAW]
    t, half_turn_s = (grid - m.start) * frame_s, np.pi * frame_s
    calm = 0.0
    if shared[SURRENDER] > e.begins:
        calm = eased_between(shared[SURRENDER], e.begins, e.arrives)
    turning = max(speed(e, m, t), QUIETEST)
    hz = e.base_hz + turning * (e.top_hz - e.base_hz)
    # A plain siren's level falls with its speed (12 dB an octave), a blown one's only when it is
    # slow, an electronic one's never.
    blown = 1.0
    if e.base_hz == 0.0:
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
        goal = e.rest_hz * shared[RUN_S] + e.rest_turn
        behind = goal - m.phase / CYCLE
        behind -= np.floor(behind + 0.5)
        pull = min(max(behind / e.rest_hz, -MOST_PULL), MOST_PULL)
        hz *= 1.0 + pull * eased_between(calm, LOCKS_FROM, 1.0)
    to[0] = np.floor(hz * frame_s * CYCLE + 0.5)
    to[1] = 0.16 + raw * (0.10 + 0.12 * shared[HEAT])
    to[2], to[3] = shared[FLOWING], shared[JITTERED]

    facing = 0.0
    if e.horn_hz > 0.0:
        facing = 0.5 - 0.5 * turned(e.horn_hz * shared[RUN_S] + e.horn_turn)
        gain *= octaves(-shared[SWING] * facing)
    gain *= 1.0 - calm * (1.0 - e.rest_gain)
    gain *= 1.0 - shared[SHIVER] * (0.5 + 0.5 * turned(e.tremor_hz * t))
    gain *= shared[BREATHING] * m.gain
    left_s = (m.end - grid) * frame_s
    if min(t, left_s) < e.fade_s:
        gain *= eased_between(t, 0.0, e.fade_in_s + (e.fade_s - e.fade_in_s) * calm)
        gain *= eased_between(left_s, 0.0, e.fade_s)
    to[4], to[5], to[6] = gain * left, gain * right, shared[VOWELS]

    bright = 0.5 * (raw + 1.0 - calm)
    cutoff = shared[CUTOFF] * octaves(-0.3 * facing * shared[SWING]) * e.air
    if bright < 1.0:
        low = 1.3 * e.rest_hz
        cutoff = low * (cutoff / low) ** bright
    c[0, 0], c[0, 1], c[0, 2] = coefficients(min(cutoff, 0.32 * rate), 0.7, half_turn_s)
    if spoken(shared, m.vowel):
        one = turned(e.vowel_1_hz * t + e.vowel_turn)
        two = turned(e.vowel_2_hz * t + 2.0 * e.vowel_turn)
        first_hz, second_hz = 367.0 * octaves(1.29 * one), 1140.0 * octaves(1.19 * two)
        c[1, 0], c[1, 1], c[1, 2] = coefficients(first_hz, Q[1], half_turn_s)  # 150 to 900 Hz
        c[2, 0], c[2, 1], c[2, 2] = coefficients(second_hz, Q[2], half_turn_s)  # 500 to 2600 Hz
        c[3, 0], c[3, 1], c[3, 2] = coefficients(3100.0 + 400.0 * one * two, Q[3], half_turn_s)


@kernel
def first(shared: Any, e: Any, m: Any, grid: int, rate: float, to: Any, c: Any) -> None:
    """Give a new event the memory of having been what it is at the grid point before it."""
    m.gain = 10.0 ** (e.level_db / 20.0)
    m.to_left, m.to_right = placed(0.0, e.azimuth_deg, 1.0)
    m.aboard = 1
    calm = eased_between(shared[SURRENDER], e.begins, e.arrives)
    turn = e.rest_hz * m.start / rate + e.rest_turn if calm > LOCKS_FROM else e.phase
    m.phase = wrapped(int((turn - np.floor(turn)) * CYCLE))
    read(shared, e, m, grid, rate, to, c)
    m.pace, m.open, m.flow, m.jitter = to[0], to[1], to[2], to[3]
    m.left, m.right, m.vowel = to[4], to[5], to[6]
    for k in range(FILTERS if spoken(shared, 0.0) else 1):
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
    shared: Any,
    grid: int,
    rate: float,
    to: Any,
    c: Any,
) -> None:
    """Put an event into a lane for one step, and keep in its memory where the step will end."""
    read(shared, e, m, grid + STEP, rate, to, c)
    lead, stop = max(m.start - grid, 0), min(m.end - grid, STEP)
    p[v + PACE], p[v + PACE_BY] = I32(m.pace), I32(np.floor((to[0] - m.pace) * (1.0 / STEP)))
    # It begins at its own frame, with the phase it was given.
    p[v] = wrapped(int(m.phase) - lead * int(p[v + PACE])) if lead > 0 else m.phase
    p[v + BEGUN], p[v + SINCE] = m.cycle, wrapped(grid - m.start)
    f[v], f[v + OPEN_BY] = m.open, (to[1] - m.open) * (1.0 / STEP)
    f[v + FLOW], f[v + FLOW_BY] = m.flow, (to[2] - m.flow) * (1.0 / STEP)
    f[v + JITTER], f[v + JITTER_BY] = m.jitter, (to[3] - m.jitter) * (1.0 / STEP)
    f[v + VOWEL], f[v + VOWEL_BY] = m.vowel, (to[6] - m.vowel) * (1.0 / STEP)
    f[v + SHUT] = e.shuts
    part = 1.0 / STEP if stop - lead == STEP else 1.0 / (stop - lead)
    left_by, right_by = (to[4] - m.left) * part, (to[5] - m.right) * part
    f[v + LEFT], f[v + LEFT_BY] = m.left - lead * left_by, left_by
    f[v + RIGHT], f[v + RIGHT_BY] = m.right - lead * right_by, right_by
    filters = FILTERS if spoken(shared, m.vowel) else 1
    m.pace, m.open, m.flow, m.jitter = to[0], to[1], to[2], to[3]
    m.left, m.right, m.vowel = to[4], to[5], to[6]
    for k in range(filters):
        row = k * SIZE + v
        g[row], g[row + IC2] = m.filters[k, 0], m.filters[k, 1]
        for j in range(3):
            last = m.filters[k, 2 + j]
            g[row + A1 + j * LANES] = last
            g[row + A1_BY + j * LANES] = (c[k, j] - last) * (1.0 / STEP)
            m.filters[k, 2 + j] = c[k, j]


@kernel
def leave(n: int, p: Any, g: Any, filters: int, state: Any, who: Any) -> None:
    """Keep what the lanes have come to."""
    for v in range(n):
        m = state[who[v]]
        m.phase, m.cycle = p[v], p[v + BEGUN]
        for k in range(filters):
            m.filters[k, 0] = flushed(g[k * SIZE + v])
            m.filters[k, 1] = flushed(g[k * SIZE + v + IC2])
        for k in range(filters, FILTERS):
            m.filters[k, 0] = m.filters[k, 1] = 0.0


@kernel
def rest(n: int, p: Any, f: Any, g: Any) -> int:
    """Let the lanes nobody stands in go on unheard, unmoved; return how many lanes are at work."""
    width = (n + 7) // 8 * 8
    for v in range(n, width):
        p[v + PACE_BY] = 0
        for row in (OPEN_BY, FLOW_BY, JITTER_BY, LEFT, LEFT_BY, RIGHT, RIGHT_BY, VOWEL_BY):
            f[row + v] = F32(0)
        for k in range(FILTERS):
            for row in (0, IC2, A1_BY, A2_BY, A3_BY):
                g[k * SIZE + row + v] = 0.0
    return width


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all sirens to ``out``, shape (2, frames)."""
    rate = np.float64(sample_rate)
    p, f, g = np.zeros(P_ROWS * LANES, I32), np.zeros(F_ROWS * LANES, F32), np.zeros(4 * SIZE)
    p[PACE : PACE + LANES] = 1 << 20  # an idle lane divides by its pace, too
    f[SHUT : SHUT + LANES] = 0.5
    key, who = np.zeros(LANES, np.uint32), np.zeros(LANES, np.int64)
    y = np.zeros((STEP + 3) * LANES, F32)
    to, c = np.zeros(len(VALUES)), np.zeros((FILTERS, 3))
    at_start, at_end = np.zeros(SHARED), np.zeros(SHARED)
    share(curves[0], start_frame, rate, at_end)
    for s in range(out.shape[1] // STEP):
        grid, n = start_frame + s * STEP, 0
        at_start[:] = at_end
        share(curves[s + 1], grid + STEP, rate, at_end)
        torn_up = at_start[JITTERED] > 0.0 or at_end[JITTERED] > 0.0
        mouths = at_start[VOWELS] > 0.0 or at_end[VOWELS] > 0.0
        for e in range(len(events)):
            m = state[e]
            if m.start < grid + STEP and m.end > grid:
                if m.aboard == 0:
                    first(at_start, events[e], m, grid, rate, to, c)
                board(n, p, f, g, events[e], m, at_end, grid, rate, to, c)
                key[n], who[n] = key32(m.key), e
                n += 1
            if n == LANES or (n > 0 and e == len(events) - 1):
                width = rest(n, p, f, g)
                if torn_up:
                    tear(width, p, f, key, y)
                else:
                    puff(width, p, f, key, y)
                soften(width, g, y)
                if mouths:
                    speak(width, f, g, y)
                stand(width, f, y, out, s * STEP)
                leave(n, p, g, FILTERS if mouths else 1, state, who)
                n = 0
