"""What one station of radio static does at a grid point: fades, bursts, dial, breath, filters.

A station is white noise and impulses through a band-pass (what a voice channel lets through, with
the hiss above it), a whistle, and a low-pass that sets how steeply the hiss falls.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.approximate import coefficients, exponential, turned
from lullaby.dsp.kernel import kernel, uniform
from lullaby.dsp.panning import placed
from lullaby.units import STEP

# Of each event.  ``ramp`` is what the end of the last step had, in the order of the names below.
MEMORY = {
    "begun": "i8",
    "bad": "i8",
    "phase": "i4",
    "offset_hz": "f8",
    "speed": "f8",
    "fade": "f8",
    "tail_s": "f8",
    "left": "f8",
    "right": "f8",
    "filters": "5f8",
    "ramp": "14f8",
}

A1, A2, A3, B1, B2, B3 = 0, 1, 2, 3, 4, 5  # the band-pass and the low-pass
RAW, BAND, LOW, TONE, LEFT, RIGHT = 6, 7, 8, 9, 10, 11  # gains of x, v1, v2, whistle, sides
PACE, CRACKLE = 12, 13  # the whistle's phase step, the gain of impulses

GOOD_S, BAD_S = 0.4, 0.15  # mean stays of a fading channel's two states
FADE_S = 0.012  # how fast it goes from one to the other
STORM_S = 0.1  # crackle comes in storms: one tenth of a second in seven has five times the rate
STORM_SHARE, STORM, LULL = 0.15, 4.9, 0.3118  # mean 1
DIAL_HZ = 30000.0  # from one end of the dial to the other
SPEECH_LOW_HZ, SPEECH_HIGH_HZ = 350.0, 2700.0  # ITU-R M.1173
LOG_LOW, LOG_SPAN = np.log(SPEECH_LOW_HZ), np.log(SPEECH_HIGH_HZ / SPEECH_LOW_HZ)
SURF_HZ, SURF_Q = 400.0, 0.9
LOG_SURF = np.log(SURF_HZ)
BREATH_S, INHALE = 10, 0.4  # six a minute, four seconds in and six out
TROUGH = 0.3  # of a wave at full surrender: it draws back, it never stops

LEVEL, SURF_LEVEL = 0.31, 0.38  # -23 LUFS as declared, and softer at surrender 1
WHISTLE = 1.6  # at best, over one station's noise
CRACK = 1.2  # of a burst at panic 0.5, over the hiss of all stations together
BURST_S = 0.003  # how fast a burst of crackle dies away

# What all stations share at a grid point.
S, SHARP, SURF, APART, SINKS, BREATHS, TILT, EVEN, TIME_S, STEP_S = range(10)
SHARED = 10
HIGHEST = 0.32  # of the sample rate, for a filter

FADING, TAILS, STORMS, DRIFT = 0x51ED, 0x7A11, 0x5702, 0xD21F  # one word a purpose


@kernel
def smooth(x: float, low: float, high: float) -> Any:
    """Return 0 below ``low``, 1 above ``high``, 3x^2 - 2x^3 between."""
    x = min(max((x - low) / (high - low), 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


@kernel
def drawn(key: Any, purpose: int, i: int) -> Any:
    """Return the ``i``-th number of one purpose under an event's key, 0 <= x < 1."""
    return uniform(key ^ (np.uint64(purpose) << np.uint64(40)), np.uint64(i))


@kernel
def wandering(key: Any, x: float) -> Any:
    """Return a smooth walk 0..1 with a drawn value at every whole number of ``x`` >= 0."""
    k = int(x)
    a, b = drawn(key, DRIFT, k), drawn(key, DRIFT, k + 1)
    return a + (b - a) * smooth(x - k, 0.0, 1.0)


@kernel
def share(c: Any, frame: int, sample_rate: int, shared: Any) -> None:
    """Work out what all stations share at a grid point; ``c`` is the row of parameters there."""
    s, period = c.surrender, BREATH_S * sample_rate
    shared[S], shared[SURF] = s, smooth(s, 0.05, 0.95)
    shared[SHARP], shared[APART] = 1.0 - smooth(s, 0.20, 0.75), 1.0 - smooth(s, 0.0, 0.7)
    shared[SINKS] = smooth(s, 0.05, 0.9) * (1.0 - TROUGH)
    shared[BREATHS] = (frame % period) / period
    shared[TILT] = c.tilt_db / 12.0 + 1.0  # 0 for -12 dB an octave, 1 for level
    # Noise has the same power in a band at any rate.
    shared[EVEN] = np.sqrt(sample_rate / 48000.0)
    shared[TIME_S], shared[STEP_S] = frame / sample_rate, STEP / sample_rate


@kernel
def breath(event: Any, shared: Any) -> Any:
    """Return where a station's wave is, 0 drawn back to 1 full.

    Its phase is the common one (0 at the start of the run) plus a lead of its own that shrinks as
    surrender grows, so that it moves without a jump however surrender moves.
    """
    stray = event.wander * turned(event.wander_hz * shared[TIME_S])
    phase = shared[BREATHS] + shared[APART] * (event.lead + stray)
    phase -= np.floor(phase)
    if phase < INHALE:
        return 0.5 - 0.5 * turned(phase * (0.5 / INHALE) + 0.25)
    return 0.5 + 0.5 * turned((phase - INHALE) * (0.5 / (1.0 - INHALE)) + 0.25)


@kernel
def arriving(event: Any, m: Any, frame: int, sample_rate: int) -> Any:
    """Return the gain of an event's equal-power fades, negative as far as it is outside."""
    since, left = frame - m.start, m.end - frame
    rise, fall = event.rise_s * sample_rate, event.fall_s * sample_rate
    if since >= rise and left >= fall:
        return 1.0
    up = np.sin(0.5 * np.pi * min(since / rise, 1.0))
    down = np.sin(0.5 * np.pi * min(left / fall, 1.0))
    return min(up, down) if min(up, down) < 0.0 else up * down


@kernel
def dial_offset_hz(event: Any, c: Any, t: float) -> Any:
    """Return how far a station's carrier lies above the dial, which a hand may search with."""
    hand = 0.6 * turned(t * (1.0 / 41.0) + event.hand)
    hand += 0.4 * turned(t * (1.0 / 17.3) + 2.0 * event.hand)
    return (event.carrier - c.dial - 0.5 * c.search * hand) * DIAL_HZ


@kernel
def tuned(event: Any, m: Any, c: Any, t: float, step_s: float) -> Any:
    """Move a station's whistle; return its strength, 0 while the dial stands still.

    The beat of a carrier with the receiver's own is their difference: it falls to nothing and
    rises again as the dial passes, and is heard as far as the band-pass lets it through.
    """
    offset_hz = dial_offset_hz(event, c, t)
    speed = abs(offset_hz - m.offset_hz) / step_s  # Hz a second
    m.speed += (speed - m.speed) * min(1.0, step_s / 0.1)
    m.offset_hz = offset_hz
    square = offset_hz * offset_hz
    through = square * (1.0 / 2200.0**2)
    below = (square + 150.0**2) * (1.0 + through * through) * (m.speed + 300.0)
    return square * m.speed / below


@kernel
def fade(m: Any, c: Any, raw: float, step: int, step_s: float) -> Any:
    """Move a station's channel between good and bad; return the gain of its hiss.

    Two states with exponential stays; going bad cuts the carrier, and the squelch lets 40 to
    150 ms of noise through before it shuts.
    """
    m.tail_s = max(0.0, m.tail_s - step_s)
    if drawn(m.key, FADING, step) < step_s / (BAD_S if m.bad else GOOD_S):
        m.bad = 1 - m.bad
        if m.bad:
            m.tail_s = 0.04 + 0.11 * drawn(m.key, TAILS, step)
    poor = raw * (1.0 - c.reception)
    target = 1.0 - 0.94 * poor if m.bad else 1.0
    m.fade += (target - m.fade) * min(1.0, step_s / FADE_S)
    return 1.0 + 3.0 * poor if m.tail_s > 0.0 else m.fade


@kernel
def steer(event: Any, m: Any, c: Any, shared: Any, frame: int, sample_rate: int) -> Any:
    """Fill ``m.ramp`` with what holds at a grid point; return the rate of impulses a second.

    ``c`` is the row of parameters there; called once a step in order, from the event's start on.
    """
    r, step_s, now_s = m.ramp, shared[STEP_S], shared[TIME_S]
    t = max(0.0, (frame - m.start) * (step_s * (1.0 / STEP)))
    step = max(0, frame - m.start) // STEP
    if not m.begun:
        m.begun, m.fade = 1, 1.0
        m.offset_hz = dial_offset_hz(event, c, now_s)
        m.left, m.right = placed(event.level_db, event.azimuth_deg, event.distance_m)
    raw, surf, tilt = shared[SHARP], shared[SURF], shared[TILT]
    wave, swell = 0.0, 1.0
    if shared[S] > 0.05:  # before there is no breath to hear
        wave = breath(event, shared)
        swell -= shared[SINKS] * (1.0 - wave)
    hiss = fade(m, c, raw, step, step_s)
    drift = wandering(m.key, t * event.drift_hz)

    there = LOG_SURF + 0.3 * (drift - 0.5)
    band_hz = LOG_LOW + LOG_SPAN * (0.15 + 0.7 * drift)  # so that skirts stay in the channel, too
    centre_hz = exponential((1.0 - surf) * band_hz + surf * there)
    q = c.focus + (SURF_Q - c.focus) * surf
    half_turn_s = np.pi / STEP * step_s
    r[A1], r[A2], r[A3] = coefficients(centre_hz, q, half_turn_s)
    top = (1.0 - surf) * (9.0 + 0.5 * tilt) + surf * (6.3 + 0.3 * wave)
    top_hz = min(exponential(top), HIGHEST * sample_rate)
    r[B1], r[B2], r[B3] = coefficients(top_hz, 0.707, half_turn_s)

    even = shared[EVEN]
    band = 1.6 * even * np.sqrt(q * 600.0 / centre_hz) * (0.2 + 0.8 * m.fade)
    # Fading is selective: what lies above the band follows its centre, not its level.
    above = even * raw * hiss * (0.35 + 0.65 * drift) * 0.75 * tilt * tilt
    r[RAW], r[BAND], r[LOW] = above, (band - above) / q, -above
    r[TONE] = WHISTLE * raw * c.whistle * tuned(event, m, c, now_s, step_s)
    r[PACE] = min(max(m.offset_hz, -6000.0), 6000.0) * (4294967296.0 / STEP * step_s)
    r[CRACKLE] = raw * (0.6 + 0.8 * c.panic) * CRACK / event.share

    inside = arriving(event, m, frame, sample_rate)
    gain = inside * swell * event.share * (LEVEL + (SURF_LEVEL - LEVEL) * surf)
    gain *= 1.3 - 0.75 * c.reception * raw
    r[LEFT], r[RIGHT] = gain * m.left, gain * m.right
    storm = STORM if drawn(m.key, STORMS, int(t * (1.0 / STORM_S))) < STORM_SHARE else LULL
    return c.density_per_s * event.share * event.share * storm * inside * inside
