"""Things that crack: a snap, its weak second peak, a burst of debris, pieces that bounce to rest.

Breaking is told from bouncing by its timing: one burst, then several pulse trains that keep no
common time (Warren and Verbrugge 1984).  Everything is a stroke, and every stroke a formula of its
event and its number, so nothing is remembered.  Surrendered, the same event is a wooden bar.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.approximate import octaves, turned
from lullaby.dsp.bars import bar
from lullaby.dsp.kernel import kernel, mix, uniform
from lullaby.dsp.struck import GONE, entered, handed, struck
from lullaby.units import STEP

PIECES, OF_A_PIECE = 8, 8  # pieces at most, and numbers that each has
MEMORY = {"left": "f8", "right": "f8", "whole": "f8", "begun": "i8"}
MEMORY |= {"pieces": f"{PIECES * OF_A_PIECE}f8"}

MODES = 4
LOWEST_HZ, MODE_OCTAVES = 3000.0, 1.0  # an intact shell rings at 3 to 6 kHz
DEBRIS_HZ, DEBRIS_OCTAVES = 3000.0, 2.0  # what falls: 3 to 12 kHz
MODE_GAIN = 0.36  # of each; four of them and their phases come to about 1
GRAIN_GAIN, PIECE_GAIN = 0.5, 0.4
GRAIN_S, GRAIN_MORE_S = 0.0006, 0.0014
BURST_CONSTANTS = 3.0  # how many time constants of its thinning a burst is long
BOUNCES = 12
THUD_S, THUD_RISE_S = 0.045, 0.004
SCATTER_DEG = 25.0
BRIGHT_FROM_HZ = 4000.0
DRAWS = 64  # numbers set aside for what is one of a kind, before grains and pieces


@kernel
def sides(azimuth_deg: float) -> Any:
    """Return gains left and right, as ``placed`` has them, of what stands 1 m away."""
    cycles = (min(max(azimuth_deg, -90.0), 90.0) / 90.0 + 1.0) * 0.125
    return turned(cycles + 0.25), turned(cycles)


@kernel
def tilted(bright_db: float, frequency_hz: float) -> Any:
    """Return the gain of a tilt (dB an octave) around 4 kHz."""
    if bright_db == 0.0:
        return 1.0
    return 10.0 ** (bright_db * np.log2(frequency_hz / BRIGHT_FROM_HZ) / 20.0)


@kernel
def snap(heard: Any, event: Any, m: Any, since: Any, key: Any, sample_rate: int) -> None:
    """Add one step of the snap and its second peak: four modes each."""
    if event.thud > 0.0:
        left, right = event.thud * m.left, event.thud * m.right
        struck(heard, since, event.thud_hz, THUD_S, THUD_RISE_S, left, right, 1.0, sample_rate)
    second = since - np.int64(event.second_s * sample_rate + 0.5)
    if second > (event.rise_s + GONE * event.q / (np.pi * event.pitch_hz)) * sample_rate:
        return
    for j in range(MODES):
        hz = event.pitch_hz * octaves(MODE_OCTAVES * (j + uniform(key, 2 * j)) / MODES)
        decay_s = event.q / (np.pi * hz)
        g = MODE_GAIN * (0.6 + 0.8 * uniform(key, 2 * j + 1))
        g *= tilted(event.bright_db, hz * event.size)
        left, right = g * m.left, g * m.right
        struck(heard, since, hz, decay_s, event.rise_s, left, right, 1.0, sample_rate)
        left, right = left * event.second, right * event.second
        struck(heard, second, hz * 0.97, decay_s, event.rise_s, left, right, 1.0, sample_rate)


@kernel
def burst(heard: Any, event: Any, gain: float, since: Any, key: Any, sample_rate: int) -> None:
    """Add one step of the burst: grains that thin out, in order, so that few need be looked at."""
    constant = event.burst_s * sample_rate / BURST_CONSTANTS
    whole = 1.0 - np.exp(-BURST_CONSTANTS)
    life = (GRAIN_S + GRAIN_MORE_S) * GONE * sample_rate
    if since > event.burst_s * sample_rate + life:
        return
    share = (1.0 - np.exp(-max(since - life, 0.0) / constant)) / whole
    first = max(int(event.grains * share) - 1, 0)
    share = (1.0 - np.exp(-(since + STEP) / constant)) / whole
    last = min(int(event.grains * share) + 1, int(event.grains))
    for j in range(first, last):
        own = mix(key + np.uint64(DRAWS + j))
        at = -np.log(1.0 - whole * (j + uniform(own, 0)) / event.grains) * constant
        passed = since - np.int64(at + 0.5)
        if passed <= -STEP or passed > life:
            continue
        hz = DEBRIS_HZ * octaves(DEBRIS_OCTAVES * uniform(own, 1)) / event.small
        left, right = sides(event.azimuth_deg + SCATTER_DEG * (2.0 * uniform(own, 2) - 1.0))
        g = gain * GRAIN_GAIN * event.debris * 0.35 / (0.35 + 0.65 * uniform(own, 3))
        g *= tilted(event.bright_db, hz)
        decay_s = GRAIN_S + GRAIN_MORE_S * uniform(own, 4)
        struck(heard, passed, hz, decay_s, 0.0002, g * left, g * right, 1.0, sample_rate)


@kernel
def drop(event: Any, m: Any, gain: float, key: Any) -> None:
    """Draw what falls, once an event: of each piece eight numbers."""
    for j in range(min(int(event.pieces), PIECES)):
        own, r = mix(key + np.uint64(DRAWS + 4096 + j)), m.pieces[OF_A_PIECE * j :]
        r[0] = event.fall_s * (0.08 + 0.92 * uniform(own, 0))
        r[1] = 0.03 + 0.09 * uniform(own, 1)
        r[2] = 0.55 + 0.20 * uniform(own, 2)
        r[3] = DEBRIS_HZ * octaves(DEBRIS_OCTAVES * uniform(own, 3)) / event.small
        left, right = sides(event.azimuth_deg + SCATTER_DEG * (2.0 * uniform(own, 4) - 1.0))
        g = gain * PIECE_GAIN * event.debris * (0.4 + 0.6 * uniform(own, 5))
        g *= tilted(event.bright_db, r[3])
        r[4], r[5] = g * left, g * right
        r[6] = GRAIN_S + GRAIN_MORE_S * uniform(own, 6)


@kernel
def pieces(heard: Any, event: Any, m: Any, since: int, key: Any, sample_rate: int) -> None:
    """Add one step of the pieces: each falls in its own time and bounces closer and closer."""
    for j in range(min(int(event.pieces), PIECES)):
        r = m.pieces[OF_A_PIECE * j :]
        at_s, gap_s, g = r[0], r[1], 1.0
        life = GONE * r[6] * sample_rate
        for bounce in range(BOUNCES):
            passed = since - np.int64(at_s * sample_rate + 0.5)
            if passed <= -STEP:
                break
            if passed <= life:
                own = mix(key + np.uint64(DRAWS + 8192 + BOUNCES * j + bounce))
                hz = r[3] * (0.96 + 0.08 * uniform(own, 0))
                left, right = g * r[4], g * r[5]
                struck(heard, passed, hz, r[6], 0.0002, left, right, 1.0, sample_rate)
            at_s, gap_s, g = at_s + gap_s, gap_s * r[2], g * r[2]


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all cracks and taps to ``out``, shape (2, frames)."""
    heard = np.zeros((2, STEP), np.float32)
    for s in range(out.shape[1] // STEP):
        grid, now, then = start_frame + s * STEP, curves[s], curves[s + 1]
        for e in range(len(events)):
            event, m = events[e], state[e]
            if m.start >= grid + STEP or m.end <= grid:
                continue
            if entered(event, m):
                m.whole = np.sqrt(m.left * m.left + m.right * m.right)
                drop(event, m, m.whole, np.uint64(event.key))
            since, key = grid - m.start, np.uint64(event.key)
            if event.soft > 0.0:
                bar(heard, event, m, now, then, grid, sample_rate)
                continue
            snap(heard, event, m, since, key, sample_rate)
            burst(heard, event, m.whole, since, key, sample_rate)
            pieces(heard, event, m, since, key, sample_rate)
        handed(heard, out, s * STEP)
