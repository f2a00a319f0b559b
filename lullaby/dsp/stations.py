"""The voice of sirens: motors drive choppers, choppers a mouth, and the wind brings them here.

What is costly is worked out at grid points from the time since an event's start, and moves
straight between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import chopper, motors, vowels
from lullaby.dsp.chopper import F_ROWS, P_ROWS, chop, dissolve
from lullaby.dsp.filters import flushed, svf
from lullaby.dsp.kernel import LANES, kernel
from lullaby.dsp.noise import key32
from lullaby.dsp.oscillators import step_of, wrapped
from lullaby.dsp.vowels import G_ROWS, SIZE, blend, place, resonate, soften
from lullaby.units import STEP

F32, I32, U32 = np.float32, np.int32, np.uint32
FILTERS = 1 + vowels.FORMANTS
# Of each event at the last grid point: all that moves.
VALUES = ("pace", "open", "shut", "flow", "jitter", "left", "right", "vowel")
MEMORY = {"phase": "i4", "cycle": "i4", "aboard": "i8"}
MEMORY |= dict.fromkeys(VALUES, "f8") | {"filters": f"({FILTERS},5)f8"}
QUIETEST, BLOWN = motors.QUIETEST, motors.BLOWN
RAW_FROM, RAW_TO = 0.15, 0.60  # of surrender, over which the raw siren goes
BREATH_HZ, BREATH = 0.1, 0.3
CALM_GAIN = 0.5
TAU = 2.0 * np.pi

speed = kernel(motors.speed)
doppler = kernel(motors.doppler)
eased_between = kernel(motors.eased_between)


@kernel
def read(now: Any, e: Any, m: Any, grid: int, sample_rate: float, to: Any, coefficient: Any) -> None:
    """Work out what an event is at a grid point: ``to`` in the order of ``VALUES``, filters."""
    t, run_s = (grid - m.start) / sample_rate, grid / sample_rate
    calm = eased_between(now.surrender, e.begins, e.arrives)
    raw = 1.0 - eased_between(now.surrender, RAW_FROM, RAW_TO)
    turning = speed(t, e.first, e.low, e.on_s, e.off_s, e.up_s, e.down_s, e.cut_s)
    turning = max(turning, QUIETEST)
    along = e.speed_m_per_s * (t - e.passes_s)
    hz = e.base_hz + turning * (e.top_hz - e.base_hz)
    hz *= doppler(along, e.distance_m, e.speed_m_per_s)
    hz = hz ** (1.0 - calm) * e.rest_hz**calm
    to[0] = step_of(hz, sample_rate)

    heat = now.panic - 0.5
    to[1] = 0.16 + raw * (0.10 + 0.12 * heat)
    to[2] = e.shuts
    to[3] = raw * 10.0 ** ((now.flow_db + 14.0 * now.dissolve) / 20.0)
    to[4] = 0.6 * now.dissolve * raw

    blown = min(turning / BLOWN, 1.0) if e.blower > 0.5 else turning
    near = e.distance_m / np.sqrt(along * along + e.distance_m * e.distance_m)
    facing = 0.5 - 0.5 * np.cos(TAU * (e.horn_hz * run_s + e.horn_turn))
    gain = (blown * blown * near) ** (1.0 - calm) * (1.0 - calm * (1.0 - CALM_GAIN))
    gain *= 10.0 ** (-now.swing_db * raw * facing / 20.0)
    shiver = now.tremor * raw * (0.75 + 0.5 * heat)
    gain *= 1.0 - shiver * (0.5 + 0.5 * np.cos(TAU * e.tremor_hz * t))
    breathing = BREATH * eased_between(now.surrender, 0.6, 1.0)
    gain *= 1.0 + breathing * np.sin(TAU * BREATH_HZ * run_s)
    slow = e.fade_in_s + (e.fade_s - e.fade_in_s) * calm
    gain *= eased_between(t, 0.0, slow)
    left_s = (m.end - grid) / sample_rate
    gain *= eased_between(left_s, 0.0, e.fade_s)
    gain *= 10.0 ** (e.level_db / 20.0)
    angle = (e.azimuth_deg / 90.0 + np.arctan(along / e.distance_m) * e.way / (0.5 * np.pi)) * 0.5
    angle = (min(max(angle, -0.5), 0.5) + 0.5) * 0.5 * np.pi
    to[5], to[6] = gain * np.cos(angle), gain * np.sin(angle)
    to[7] = now.vowels * raw

    hot = now.cutoff_hz * 2.0 ** (2.0 * heat - 0.6 * facing * now.swing_db / 12.0) * e.air
    cutoff = hot**raw * (1.3 * e.rest_hz) ** (1.0 - raw)
    coefficient[0, 0], coefficient[0, 1], coefficient[0, 2], _ = svf(cutoff, 0.7, sample_rate)
    if to[7] > 0.0:
        one = np.sin(TAU * (e.vowel_1_hz * t + e.vowel_turn))
        two = np.sin(TAU * (e.vowel_2_hz * t + 2.0 * e.vowel_turn))
        for k in range(3):
            if k == 0:
                centre, q = 367.0 * 2.0 ** (1.29 * one), 5.0  # 150 to 900 Hz
            elif k == 1:
                centre, q = 1140.0 * 2.0 ** (1.19 * two), 7.0  # 500 to 2600 Hz
            else:
                centre, q = 3100.0 * 2.0 ** (0.2 * one * two), 9.0
            a1, a2, a3, _ = svf(centre, q, sample_rate)
            coefficient[k + 1, 0], coefficient[k + 1, 1], coefficient[k + 1, 2] = a1, a2, a3


@kernel
def board(
    v: int, p: Any, f: Any, g: Any, e: Any, m: Any, then: Any, grid: int, rate: float, to: Any, c: Any
) -> None:
    """Put an event into a lane for one step, and keep in its memory where the step will end."""
    read(then, e, m, grid + STEP, rate, to, c)
    p[v], p[v + chopper.PACE] = m.phase, I32(m.pace)
    p[v + chopper.PACE_BY] = I32(np.floor((to[0] - m.pace) / STEP))
    p[v + chopper.CYCLE], p[v + chopper.AGE] = m.cycle, I32((grid - m.start) & 0x7FFFFFFF)
    f[v], f[v + chopper.OPEN_BY] = m.open, (to[1] - m.open) / STEP
    f[v + chopper.SHUT], f[v + chopper.SHUT_BY] = m.shut, (to[2] - m.shut) / STEP
    f[v + chopper.FLOW], f[v + chopper.FLOW_BY] = m.flow, (to[3] - m.flow) / STEP
    f[v + chopper.JITTER], f[v + chopper.JITTER_BY] = m.jitter, (to[4] - m.jitter) / STEP
    f[v + chopper.LEFT], f[v + chopper.LEFT_BY] = m.left, (to[5] - m.left) / STEP
    f[v + chopper.RIGHT], f[v + chopper.RIGHT_BY] = m.right, (to[6] - m.right) / STEP
    f[v + chopper.VOWEL], f[v + chopper.VOWEL_BY] = m.vowel, (to[7] - m.vowel) / STEP
    m.pace, m.open, m.shut, m.flow, m.jitter = to[0], to[1], to[2], to[3], to[4]
    m.left, m.right, m.vowel = to[5], to[6], to[7]
    for k in range(FILTERS):
        row = k * SIZE + v
        g[row], g[row + vowels.IC2] = m.filters[k, 0], m.filters[k, 1]
        for j in range(3):
            last = m.filters[k, 2 + j]
            g[row + vowels.A1 + j * LANES] = last
            g[row + vowels.A1_BY + j * LANES] = (c[k, j] - last) / STEP
            m.filters[k, 2 + j] = c[k, j]


@kernel
def first(e: Any, m: Any, now: Any, grid: int, rate: float, to: Any, c: Any) -> None:
    """Give a new event the memory of having been what it is at the grid point before it."""
    read(now, e, m, grid, rate, to, c)
    m.pace, m.open, m.shut, m.flow, m.jitter = to[0], to[1], to[2], to[3], to[4]
    m.left, m.right, m.vowel = to[5], to[6], to[7]
    m.phase = wrapped(np.int64(np.floor(e.phase * 4294967296.0)))
    m.aboard = 1
    for k in range(FILTERS):
        for j in range(3):
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
    to, c = np.zeros(8), np.zeros((FILTERS, 3))
    y, z = np.zeros(LANES * STEP, F32), np.zeros(LANES * STEP, F32)
    for s in range(out.shape[1] // STEP):
        grid, n = start_frame + s * STEP, 0
        now, then = curves[s], curves[s + 1]
        for e in range(len(events)):
            m = state[e]
            if m.start < grid + STEP and m.end > grid:
                if m.aboard == 0:
                    first(events[e], m, now, grid, rate, to, c)
                board(n, p, f, g, events[e], m, then, grid, rate, to, c)
                key[n], who[n] = key32(m.key), e
                n += 1
            if n == LANES or (n > 0 and e == len(events) - 1):
                sing(n, p, f, g, key, now, then, y, z, state, who, grid)
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
    now: Any,
    then: Any,
    y: Any,
    z: Any,
    state: Any,
    who: Any,
    grid: int,
) -> None:
    """Fill ``y`` with one step of a tile of lanes."""
    width = (n + 7) // 8 * 8
    rest(n, width, p, f, g)
    if now.dissolve > 0.0 or then.dissolve > 0.0:
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
    spoken = False
    for v in range(n):
        spoken = spoken or f[v + chopper.VOWEL] != 0.0 or f[v + chopper.VOWEL_BY] != 0.0
    if spoken:
        z[:] = F32(0)
        resonate(width, g[SIZE:], 1.6 / 5.0, y, z)
        resonate(width, g[2 * SIZE :], 1.5 / 7.0, y, z)
        resonate(width, g[3 * SIZE :], 1.0 / 9.0, y, z)
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
