"""What sirens are at a grid point: motors, passing by, coming to rest, horns, mouths.

All stations of a tile at once, in plain loops over rows of lanes, so that it vectorises; cheap
stand-ins for what a library would do one number at a time.  Time since a call's start is short
enough for single precision; what counts from the start of the run, and phases, is in double.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import motors
from lullaby.dsp.approximate import (
    arctangent,
    decayed,
    integrators,
    octaves,
    octaves_of,
    sine_of,
    turned,
)
from lullaby.dsp.chopper import FORMANT_GAIN, LANES, SIZE, TO_A, TO_B, TO_G, Q
from lullaby.dsp.kernel import inlined, kernel

F32 = np.float32
# Rows of d, float64, and of k, float32: what an event is, laid into its lane when it comes aboard,
START, END, HORN_HZ, HORN_TURN, TONE, REST_TURN = (i * LANES for i in range(6))
D_ROWS = 6
ON, CUT, TURN, TURNED, MISSING, UP, DOWN, BASE, SPAN, BLOW = (i * LANES for i in range(10))
SPEED, PASSES, ASIDE, ANGLE, WAY, BEGINS, PER_CALM, REST, REST_GAIN, HORN = (
    i * LANES for i in range(10, 20)
)
TREMOR_HZ, GAIN, FADE_IN, PER_FADE, AIRY, VOWEL_1, VOWEL_2, VOWEL_TURN = (
    i * LANES for i in range(20, 28)
)
# what it was at the last grid point, what it is at the next one, and what is passed between loops.
PACE_IS, LEFT_IS, RIGHT_IS, TO_PACE, TO_LEFT, TO_RIGHT = (i * LANES for i in range(28, 34))
SINCE, LEAVES, HZ, LOUD, CALM, FACING = (i * LANES for i in range(34, 40))
K_ROWS = 40
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
    BENT,
) = range(13)
SHARED = 13
LOCKS_FROM = 0.98  # of the way to its tone, from where a siren also seeks the chord's phase
MOST_PULL = 0.0007  # 1.2 cents
CYCLE = 4294967296.0
LOUDER = tuple(F32(0.5 * gain / q) for gain, q in zip(FORMANT_GAIN, Q[1:], strict=True))
Q_OF = tuple(F32(q) for q in Q)
QUIETEST, BLOWN, SOUND_M_PER_S = F32(motors.QUIETEST), motors.BLOWN, F32(motors.SOUND_M_PER_S)
BEGINS_FROM = motors.BEGINS_FROM
RAW_FROM, RAW_TO = 0.15, 0.60  # of surrender, over which the raw siren goes
BREATH_HZ, BREATH = 0.1, 0.3
NONE, HALF, ONE = F32(0), F32(0.5), F32(1)

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
    shared[BENT] = 2.0 ** (now.bend_cents / 1200.0)
    shared[CUTOFF] = now.cutoff_hz * 2.0 ** (2.0 * heat)


@kernel
def lay(v: int, k: Any, d: Any, e: Any, m: Any) -> None:
    """Lay what an event is into lane ``v``."""
    d[v + START], d[v + END] = m.start, m.end
    d[v + HORN_HZ], d[v + HORN_TURN] = e.horn_hz, e.horn_turn
    d[v + TONE], d[v + REST_TURN] = e.rest_hz, e.rest_turn
    k[v + ON], k[v + CUT], k[v + TURN] = e.on_s, e.cut_s, 0.0
    k[v + UP], k[v + DOWN] = -1.0 / e.up_s, -1.0 / e.down_s
    k[v + BASE], k[v + SPAN] = e.base_hz, e.top_hz - e.base_hz
    # A plain siren's level falls with its speed (12 dB an octave), a blown one's only when it is
    # slow, an electronic one's never.
    blown = 1.0 / BLOWN if e.blower > 0.5 else 1.0
    k[v + BLOW] = blown if e.base_hz == 0.0 else 1.0 / QUIETEST
    k[v + SPEED], k[v + PASSES], k[v + ASIDE] = e.speed_m_per_s, e.passes_s, e.distance_m
    k[v + ANGLE], k[v + WAY] = e.azimuth_deg / 180.0, e.way * 2.0 / np.pi
    k[v + BEGINS], k[v + PER_CALM] = e.begins, 1.0 / (e.arrives - e.begins)
    k[v + REST], k[v + REST_GAIN] = e.rest_hz, e.rest_gain
    k[v + HORN] = 1.0 if e.horn_hz > 0.0 else 0.0
    # The low-pass comes out twice as loud.
    k[v + TREMOR_HZ], k[v + GAIN] = e.tremor_hz, 0.5 * 10.0 ** (e.level_db / 20.0)
    k[v + FADE_IN], k[v + PER_FADE], k[v + AIRY] = e.fade_in_s, 1.0 / e.fade_s, e.air
    k[v + VOWEL_1], k[v + VOWEL_2] = e.vowel_1_hz, e.vowel_2_hz
    k[v + VOWEL_TURN] = e.vowel_turn


@kernel
def renew(v: int, k: Any, since_s: float, e: Any) -> None:
    """Keep what stays the same while a motor is switched on and off once."""
    at = min(max(since_s, 0.0), e.cut_s)
    turn = np.floor(at / (e.on_s + e.off_s))
    gone = np.exp(-turn * (e.on_s / e.up_s + e.off_s / e.down_s))
    k[v + TURN], k[v + TURNED] = e.on_s + e.off_s, turn * (e.on_s + e.off_s)
    k[v + MISSING] = 1.0 - (e.low + (e.first - e.low) * gone)


@kernel
def driven(width: int, k: Any, d: Any, grid: int, frame_s: float, events: Any, who: Any) -> None:
    """Work out pitches and levels of a tile as its motors alone have them."""
    for v in range(width):
        k[v + SINCE] = F32((grid - d[v + START]) * frame_s)
        k[v + LEAVES] = F32((d[v + END] - grid) * frame_s)
    over = 0
    for v in range(width):
        within = min(max(k[v + SINCE], NONE), k[v + CUT]) - k[v + TURNED]
        over += 1 if within < NONE or within >= k[v + TURN] else 0
    if over > 0:
        for v in range(width):
            within = min(max(k[v + SINCE], NONE), k[v + CUT]) - k[v + TURNED]
            if not NONE <= within < k[v + TURN]:
                renew(v, k, (grid - d[v + START]) * frame_s, events[who[v]])
    for v in range(width):
        t, cut = k[v + SINCE], k[v + CUT]
        within = max(min(max(t, NONE), cut) - k[v + TURNED], NONE)
        risen = ONE - k[v + MISSING] * decayed(min(within, k[v + ON]) * k[v + UP])
        fallen = max(within - k[v + ON], NONE) + max(t - cut, NONE)
        turning = risen * decayed(fallen * k[v + DOWN])
        blown = min(max(turning, QUIETEST) * k[v + BLOW], ONE)
        k[v + HZ] = max(k[v + BASE] + turning * k[v + SPAN], QUIETEST * k[v + SPAN])
        k[v + LOUD] = blown * blown
        k[v + CALM] = NONE
        k[v + FACING] = NONE


@kernel
def steer(
    width: int,
    k: Any,
    d: Any,
    p: Any,
    h: Any,
    shared: Any,
    grid: int,
    rate: float,
    events: Any,
    who: Any,
) -> None:
    """Work out what the events of a tile are at a grid point: pace, gains, filters in ``h``."""
    surrender, raw = F32(shared[SURRENDER]), F32(shared[RAW])
    driven(width, k, d, grid, shared[FRAME_S], events, who)
    bent = SOUND_M_PER_S * F32(shared[BENT])
    for v in range(width):
        along, aside = k[v + SPEED] * (k[v + SINCE] - k[v + PASSES]), k[v + ASIDE]
        away = np.sqrt(along * along + aside * aside)
        k[v + HZ] *= bent / (SOUND_M_PER_S + k[v + SPEED] * along / away)
        k[v + LOUD] *= aside / away
        # The arc tangent of along / aside, by half of its angle.
        angle = k[v + ANGLE] + k[v + WAY] * arctangent(along / (aside + away))
        right = F32(0.125) + F32(0.25) * min(max(angle, -HALF), HALF)
        k[v + TO_LEFT], k[v + TO_RIGHT] = sine_of(right + F32(0.25)), sine_of(right)
    # By what all share, not by who else stands here: that hangs on where a piece is begun.
    if surrender > F32(BEGINS_FROM):
        calmed(width, k, d, p, surrender, shared[RUN_S])
    swing = F32(shared[SWING])
    if swing > NONE:
        run_s = shared[RUN_S]
        for v in range(width):
            turn = F32(turned(d[v + HORN_HZ] * run_s + d[v + HORN_TURN]))
            k[v + FACING] = k[v + HORN] * (HALF - HALF * turn)
        for v in range(width):
            k[v + LOUD] *= octaves(-swing * k[v + FACING])
    breathing, shiver = F32(shared[BREATHING]), F32(shared[SHIVER])
    per_hz = F32(shared[FRAME_S] * CYCLE)
    for v in range(width):
        t, calm = k[v + SINCE], k[v + CALM]
        gain = k[v + LOUD] * k[v + GAIN] * breathing
        gain *= ONE - calm * (ONE - k[v + REST_GAIN])
        gain *= ONE - shiver * (HALF + HALF * sine_of(k[v + TREMOR_HZ] * t))
        slow = k[v + FADE_IN] + (ONE / k[v + PER_FADE] - k[v + FADE_IN]) * calm
        gain *= eased(t / slow)
        gain *= eased(k[v + LEAVES] * k[v + PER_FADE])
        k[v + TO_LEFT] *= gain
        k[v + TO_RIGHT] *= gain
        k[v + TO_PACE] = np.floor(k[v + HZ] * per_hz + HALF)
    half_turn_s, top_hz = F32(np.pi * shared[FRAME_S]), F32(0.32 * rate)
    cutoff_hz, shut = F32(shared[CUTOFF]), F32(-0.3) * swing
    for v in range(width):
        k[v + LOUD] = cutoff_hz * octaves(shut * k[v + FACING]) * k[v + AIRY]
    if raw < ONE or surrender > F32(BEGINS_FROM):
        for v in range(width):
            bright, low = HALF * (raw + ONE - k[v + CALM]), F32(1.3) * k[v + REST]
            k[v + LOUD] = low * octaves(bright * octaves_of(k[v + LOUD] / low))
    for v in range(width):
        a, b, g = integrators(min(k[v + LOUD], top_hz), Q_OF[0], ONE, half_turn_s)
        h[v + TO_A], h[v + TO_B], h[v + TO_G] = a, b, g


@kernel
def mouthed(width: int, k: Any, h: Any, frame_s: float) -> None:
    """Work out the vowels of a tile at the grid point it was steered to."""
    half_turn_s = F32(np.pi * frame_s)
    for v in range(width):
        t = k[v + SINCE]
        k[v + HZ] = sine_of(k[v + VOWEL_1] * t + k[v + VOWEL_TURN])
        k[v + LOUD] = sine_of(k[v + VOWEL_2] * t + F32(2) * k[v + VOWEL_TURN])
    first, second, third = h[SIZE:], h[2 * SIZE :], h[3 * SIZE :]
    for v in range(width):  # 150 to 900 Hz
        hz = F32(367) * octaves(F32(1.29) * k[v + HZ])
        a, b, g = integrators(hz, Q_OF[1], LOUDER[0], half_turn_s)
        first[v + TO_A], first[v + TO_B], first[v + TO_G] = a, b, g
    for v in range(width):  # 500 to 2600 Hz
        hz = F32(1140) * octaves(F32(1.19) * k[v + LOUD])
        a, b, g = integrators(hz, Q_OF[2], LOUDER[1], half_turn_s)
        second[v + TO_A], second[v + TO_B], second[v + TO_G] = a, b, g
    for v in range(width):
        hz = F32(3100) + F32(400) * k[v + HZ] * k[v + LOUD]
        a, b, g = integrators(hz, Q_OF[3], LOUDER[2], half_turn_s)
        third[v + TO_A], third[v + TO_B], third[v + TO_G] = a, b, g


@inlined
def eased(x: Any) -> Any:
    """Return 3y^2 - 2y^3 of ``x`` kept within 0..1."""
    y = min(max(x, NONE), ONE)
    return y * y * (F32(3) - F32(2) * y)


@kernel
def calmed(width: int, k: Any, d: Any, p: Any, surrender: Any, run_s: float) -> None:
    """Bring pitches and levels of a tile on their way to rest."""
    for v in range(width):
        calm = eased((surrender - k[v + BEGINS]) * k[v + PER_CALM])
        k[v + CALM] = calm
        k[v + HZ] = k[v + REST] * octaves((ONE - calm) * octaves_of(k[v + HZ] / k[v + REST]))
        k[v + LOUD] = octaves((ONE - calm) * octaves_of(k[v + LOUD]))
    for v in range(width):
        # Unisons must not cancel: what has arrived drifts into the chord's own phase.
        behind = d[v + TONE] * run_s + d[v + REST_TURN] - p[v] * (1.0 / CYCLE)
        k[v + FACING] = F32(behind - np.floor(behind + 0.5))
    least, most, from_there = F32(-MOST_PULL), F32(MOST_PULL), F32(1.0 / (1.0 - LOCKS_FROM))
    for v in range(width):
        pull = min(max(k[v + FACING] / k[v + REST], least), most)
        k[v + HZ] *= ONE + pull * eased((k[v + CALM] - F32(LOCKS_FROM)) * from_there)
        k[v + FACING] = NONE
