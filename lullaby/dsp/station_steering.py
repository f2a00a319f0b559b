"""What sirens are at a grid point: motors, passing by, coming to rest, horns, mouths.

All stations of a tile at once, in plain loops over rows of lanes, so that it vectorises; cheap
stand-ins for what a library would do one number at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import motors
from lullaby.dsp.approximate import (
    arctangent,
    exponential,
    integrators,
    logarithm,
    octaves,
    turned,
)
from lullaby.dsp.chopper import FORMANT_GAIN, LANES, SIZE, TO_A, TO_B, TO_G, Q
from lullaby.dsp.kernel import inlined, kernel

# Rows of k, float64: what an event is, laid into its lane when it comes aboard,
START, END, ON, CUT, TURN, TURNED, MISSING, UP, DOWN, BASE, SPAN, BLOW = (
    i * LANES for i in range(12)
)
SPEED, PASSES, ASIDE, ANGLE, WAY, BEGINS, PER_CALM, REST, REST_GAIN, REST_TURN = (
    i * LANES for i in range(12, 22)
)
HORN, HORN_HZ, HORN_TURN, TREMOR_HZ, GAIN, FADE_IN, FADE, AIRY, VOWEL_1, VOWEL_2, VOWEL_TURN = (
    i * LANES for i in range(22, 33)
)
# what it was at the last grid point, what it is at the next one, and what is passed between loops.
PACE_IS, LEFT_IS, RIGHT_IS, TO_PACE, TO_LEFT, TO_RIGHT = (i * LANES for i in range(33, 39))
SINCE, HZ, LOUD, CALM, FACING = (i * LANES for i in range(39, 44))
K_ROWS = 44
# What all events share at a grid point.
(
    SURRENDER,
    RAW,
    FLOWING,
    JITTERED,
    OPENING,
    SWING,
    SHIVER,
    BREATHING,
    VOWELS,
    CUTOFF,
    RUN_S,
    FRAME_S,
) = range(12)
SHARED = 12
LOCKS_FROM = 0.98  # of the way to its tone, from where a siren also seeks the chord's phase
MOST_PULL = 0.0007  # 1.2 cents
CYCLE = 4294967296.0
LOUDER = tuple(0.5 * gain / q for gain, q in zip(FORMANT_GAIN, Q[1:], strict=True))
QUIETEST, BLOWN, SOUND_M_PER_S = motors.QUIETEST, motors.BLOWN, motors.SOUND_M_PER_S
RAW_FROM, RAW_TO = 0.15, 0.60  # of surrender, over which the raw siren goes
BREATH_HZ, BREATH = 0.1, 0.3

eased_between = kernel(motors.eased_between)


@kernel
def share(now: Any, grid: int, rate: float, shared: Any) -> None:
    """Work out what all events share at a grid point."""
    heat = now.panic - 0.5
    raw = 1.0 - eased_between(now.surrender, RAW_FROM, RAW_TO)
    shared[SURRENDER], shared[RAW], shared[RUN_S] = now.surrender, raw, grid / rate
    shared[FLOWING] = raw * 10.0 ** ((now.flow_db + 16.0 * now.dissolve) / 20.0)
    shared[JITTERED] = 0.6 * now.dissolve * raw
    shared[OPENING] = 0.16 + raw * (0.10 + 0.12 * heat)
    shared[SWING] = now.swing_db * raw / 6.0206
    shared[SHIVER] = now.tremor * raw * (0.75 + 0.5 * heat)
    swell = BREATH * eased_between(now.surrender, 0.6, 1.0)
    shared[BREATHING] = 1.0 + swell * turned(BREATH_HZ * shared[RUN_S])
    shared[VOWELS] = now.vowels * raw
    shared[FRAME_S] = 1.0 / rate
    shared[CUTOFF] = now.cutoff_hz * 2.0 ** (2.0 * heat)


@kernel
def lay(v: int, k: Any, e: Any, m: Any) -> None:
    """Lay what an event is into lane ``v``."""
    k[v + START], k[v + END], k[v + ON], k[v + CUT], k[v + TURN] = (
        m.start,
        m.end,
        e.on_s,
        e.cut_s,
        0.0,
    )
    k[v + UP], k[v + DOWN] = -1.0 / e.up_s, -1.0 / e.down_s
    k[v + BASE], k[v + SPAN] = e.base_hz, e.top_hz - e.base_hz
    # A plain siren's level falls with its speed (12 dB an octave), a blown one's only when it is
    # slow, an electronic one's never.
    blown = 1.0 / BLOWN if e.blower > 0.5 else 1.0
    k[v + BLOW] = blown if e.base_hz == 0.0 else 1.0 / QUIETEST
    k[v + SPEED], k[v + PASSES], k[v + ASIDE] = e.speed_m_per_s, e.passes_s, e.distance_m
    k[v + ANGLE], k[v + WAY] = e.azimuth_deg / 180.0, e.way * 2.0 / np.pi
    k[v + BEGINS], k[v + PER_CALM] = e.begins, 1.0 / (e.arrives - e.begins)
    k[v + REST], k[v + REST_GAIN], k[v + REST_TURN] = e.rest_hz, e.rest_gain, e.rest_turn
    k[v + HORN] = 1.0 if e.horn_hz > 0.0 else 0.0
    k[v + HORN_HZ], k[v + HORN_TURN] = e.horn_hz, e.horn_turn
    # The low-pass comes out twice as loud.
    k[v + TREMOR_HZ], k[v + GAIN] = e.tremor_hz, 0.5 * 10.0 ** (e.level_db / 20.0)
    k[v + FADE_IN], k[v + FADE], k[v + AIRY] = e.fade_in_s, e.fade_s, e.air
    k[v + VOWEL_1], k[v + VOWEL_2] = e.vowel_1_hz, e.vowel_2_hz
    k[v + VOWEL_TURN] = e.vowel_turn


@kernel
def renew(v: int, k: Any, e: Any) -> None:
    """Keep what stays the same while a motor is switched on and off once."""
    at = min(max(k[v + SINCE], 0.0), e.cut_s)
    k[v + TURN] = e.on_s + e.off_s
    turn = np.floor(at / k[v + TURN])
    k[v + TURNED] = turn * k[v + TURN]
    gone = np.exp(-turn * (e.on_s / e.up_s + e.off_s / e.down_s))
    k[v + MISSING] = 1.0 - (e.low + (e.first - e.low) * gone)


@kernel
def driven(width: int, k: Any, grid: int, frame_s: float, events: Any, who: Any) -> None:
    """Work out pitches and levels of a tile as its motors alone have them."""
    for v in range(width):
        k[v + SINCE] = (grid - k[v + START]) * frame_s
    for v in range(width):
        within = min(max(k[v + SINCE], 0.0), k[v + CUT]) - k[v + TURNED]
        if not 0.0 <= within < k[v + TURN]:
            renew(v, k, events[who[v]])
    for v in range(width):
        t, cut = k[v + SINCE], k[v + CUT]
        within = max(min(max(t, 0.0), cut) - k[v + TURNED], 0.0)
        risen = 1.0 - k[v + MISSING] * exponential(min(within, k[v + ON]) * k[v + UP])
        fallen = max(within - k[v + ON], 0.0) + max(t - cut, 0.0)
        turning = risen * exponential(fallen * k[v + DOWN])
        blown = min(max(turning, QUIETEST) * k[v + BLOW], 1.0)
        k[v + HZ] = max(k[v + BASE] + turning * k[v + SPAN], QUIETEST * k[v + SPAN])
        k[v + LOUD] = blown * blown
        k[v + CALM] = 0.0
        k[v + FACING] = 0.0


@kernel
def steer(
    width: int,
    k: Any,
    p: Any,
    h: Any,
    shared: Any,
    grid: int,
    rate: float,
    events: Any,
    who: Any,
) -> None:
    """Work out what the events of a tile are at a grid point: pace, gains, filters in ``h``."""
    surrender, raw, frame_s = shared[SURRENDER], shared[RAW], shared[FRAME_S]
    driven(width, k, grid, frame_s, events, who)
    for v in range(width):
        along, aside = k[v + SPEED] * (k[v + SINCE] - k[v + PASSES]), k[v + ASIDE]
        away = np.sqrt(along * along + aside * aside)
        k[v + HZ] *= SOUND_M_PER_S / (SOUND_M_PER_S + k[v + SPEED] * along / away)
        k[v + LOUD] *= aside / away
        # The arc tangent of along / aside, by half of its angle.
        angle = k[v + ANGLE] + k[v + WAY] * arctangent(along / (aside + away))
        right = 0.125 + 0.25 * min(max(angle, -0.5), 0.5)
        k[v + TO_LEFT], k[v + TO_RIGHT] = turned(right + 0.25), turned(right)
    first = 1.0
    for v in range(width):
        first = min(first, k[v + BEGINS])
    if surrender > first:
        calmed(width, k, p, surrender, shared[RUN_S])
    if shared[SWING] > 0.0:
        for v in range(width):
            turn = k[v + HORN_HZ] * shared[RUN_S] + k[v + HORN_TURN]
            k[v + FACING] = k[v + HORN] * (0.5 - 0.5 * turned(turn))
            k[v + LOUD] *= octaves(-shared[SWING] * k[v + FACING])
    for v in range(width):
        t, calm, fade = k[v + SINCE], k[v + CALM], k[v + FADE]
        gain = k[v + LOUD] * k[v + GAIN] * shared[BREATHING]
        gain *= 1.0 - calm * (1.0 - k[v + REST_GAIN])
        gain *= 1.0 - shared[SHIVER] * (0.5 + 0.5 * turned(k[v + TREMOR_HZ] * t))
        gain *= eased(t / (k[v + FADE_IN] + (fade - k[v + FADE_IN]) * calm))
        gain *= eased((k[v + END] - grid) * frame_s / fade)
        k[v + TO_LEFT] *= gain
        k[v + TO_RIGHT] *= gain
        k[v + TO_PACE] = np.floor(k[v + HZ] * frame_s * CYCLE + 0.5)
    half_turn_s, top_hz = np.pi * frame_s, 0.32 * rate
    for v in range(width):
        k[v + LOUD] = shared[CUTOFF] * octaves(-0.3 * k[v + FACING] * shared[SWING]) * k[v + AIRY]
    if raw < 1.0 or surrender > first:
        for v in range(width):
            bright, low = 0.5 * (raw + 1.0 - k[v + CALM]), 1.3 * k[v + REST]
            k[v + LOUD] = low * exponential(bright * logarithm(k[v + LOUD] / low))
    for v in range(width):
        a, b, g = integrators(min(k[v + LOUD], top_hz), Q[0], 1.0, half_turn_s)
        h[v + TO_A], h[v + TO_B], h[v + TO_G] = a, b, g


@kernel
def mouthed(width: int, k: Any, h: Any, half_turn_s: float) -> None:
    """Work out the vowels of a tile at the grid point it was steered to."""
    for v in range(width):
        t = k[v + SINCE]
        k[v + HZ] = turned(k[v + VOWEL_1] * t + k[v + VOWEL_TURN])
        k[v + LOUD] = turned(k[v + VOWEL_2] * t + 2.0 * k[v + VOWEL_TURN])
    first, second, third = h[SIZE:], h[2 * SIZE :], h[3 * SIZE :]
    for v in range(width):  # 150 to 900 Hz
        a, b, g = integrators(367.0 * octaves(1.29 * k[v + HZ]), Q[1], LOUDER[0], half_turn_s)
        first[v + TO_A], first[v + TO_B], first[v + TO_G] = a, b, g
    for v in range(width):  # 500 to 2600 Hz
        a, b, g = integrators(1140.0 * octaves(1.19 * k[v + LOUD]), Q[2], LOUDER[1], half_turn_s)
        second[v + TO_A], second[v + TO_B], second[v + TO_G] = a, b, g
    for v in range(width):
        hz = 3100.0 + 400.0 * k[v + HZ] * k[v + LOUD]
        a, b, g = integrators(hz, Q[3], LOUDER[2], half_turn_s)
        third[v + TO_A], third[v + TO_B], third[v + TO_G] = a, b, g


@inlined
def eased(x: Any) -> Any:
    """Return 3y^2 - 2y^3 of ``x`` kept within 0..1."""
    y = min(max(x, 0.0), 1.0)
    return y * y * (3.0 - 2.0 * y)


@kernel
def calmed(width: int, k: Any, p: Any, surrender: float, run_s: float) -> None:
    """Bring pitches and levels of a tile on their way to rest."""
    for v in range(width):
        calm = eased((surrender - k[v + BEGINS]) * k[v + PER_CALM])
        k[v + CALM] = calm
        k[v + HZ] = k[v + REST] * exponential((1.0 - calm) * logarithm(k[v + HZ] / k[v + REST]))
        k[v + LOUD] = exponential((1.0 - calm) * logarithm(k[v + LOUD]))
    for v in range(width):
        # Unisons must not cancel: what has arrived drifts into the chord's own phase.
        behind = k[v + REST] * run_s + k[v + REST_TURN] - p[v] * (1.0 / CYCLE)
        behind -= np.floor(behind + 0.5)
        pull = min(max(behind / k[v + REST], -MOST_PULL), MOST_PULL)
        arrived = eased((k[v + CALM] - LOCKS_FROM) * (1.0 / (1.0 - LOCKS_FROM)))
        k[v + HZ] *= 1.0 + pull * arrived
