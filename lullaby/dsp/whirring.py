"""Blades that pass, shards of them, and wings: handfuls of strokes, drawn for each.

A thump is low and over in a few milliseconds; the slap around it is noise of 110 to 500 Hz, and so
is the air under a wing, only slow: strokes that rise like a breath.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import membrane
from lullaby.dsp.approximate import octaves
from lullaby.dsp.bars import bar, breathed
from lullaby.dsp.kernel import kernel, uniform
from lullaby.dsp.membrane import swung
from lullaby.dsp.struck import T60, entered, handed, struck
from lullaby.units import STEP

MEMORY = {"left": "f8", "right": "f8", "begun": "i8"} | membrane.MEMORY
AIR, BLADE, GLASS = range(3)
SLAPS, SLAP_HZ, SLAP_OCTAVES, SLAP_GAIN = 8, 110.0, 2.2, 0.30
SLAP_S, SLAP_SPREAD_S = 0.004, 0.012
TAIL_HZ, TAILS, TAIL_GAIN, TAIL_S = 95.0, 4, 0.14, 0.035
GUSTS, GUST_HZ, GUST_OCTAVES, GUST_GAIN, GUST_SPREAD_S = 10, 170.0, 1.6, 0.012, 0.6
WING_TONES = (2.0, 3.0, 5.0)
GLASS_MODES = (1.0, 2.32, 4.25, 6.63, 9.38)  # a struck bowl of glass (Cook and Scavone, STK)
GLASS_GAINS = (1.0, 0.6, 0.4, 0.25, 0.15)


@kernel
def blade(event: Any, one: Any, since: Any, key: Any, rate: int) -> None:
    """Add one step of a blade to the first row of ``one``: thump, slap, and the tail's buzz."""
    struck(one, since, event.pitch_hz, event.decay_s, event.rise_s, 1.0, 0.0, 1.0, rate)
    slap = SLAP_GAIN * 10.0 ** (event.hard_db / 20.0)
    for j in range(SLAPS):
        hz = SLAP_HZ * octaves(np.float32(SLAP_OCTAVES * uniform(key, 2 * j)))
        passed = since - np.int64(SLAP_SPREAD_S * uniform(key, 2 * j + 1) * rate)
        struck(one, passed, hz, SLAP_S, 0.001, -slap if j % 2 else slap, 0.0, 1.0, rate)
    for j in range(TAILS):
        g = TAIL_GAIN * event.tail * (-1.0 if j % 2 else 1.0) / (1.0 + 0.5 * j)
        if g != 0.0:
            struck(one, since, TAIL_HZ * (j + 1), TAIL_S, 0.01, g, 0.0, 1.0, rate)


@kernel
def gust(
    heard: Any, event: Any, m: Any, since: Any, key: Any, g: float, to: float, rate: int
) -> None:
    """Add one step of a wing's beat: air around the open tones of a root."""
    for j in range(len(WING_TONES) + GUSTS):
        if j < len(WING_TONES):
            hz, gain = event.pitch_hz * WING_TONES[j], g / WING_TONES[j]
            passed = since
        else:
            hz = GUST_HZ * octaves(np.float32(GUST_OCTAVES * uniform(key, 3 * j)))
            gain = g * GUST_GAIN * (0.4 + 0.6 * uniform(key, 3 * j + 2))
            passed = since - np.int64(GUST_SPREAD_S * uniform(key, 3 * j + 1) * rate)
        decay_s, rise_s = event.decay_s, event.rise_s
        struck(heard, passed, hz, decay_s, rise_s, gain * m.left, gain * m.right, to, rate)


@kernel
def shard(heard: Any, event: Any, m: Any, since: Any, rate: int) -> None:
    """Add one step of a shard of glass: five modes, the higher the shorter."""
    for j in range(len(GLASS_MODES)):
        hz, g = event.pitch_hz * GLASS_MODES[j], GLASS_GAINS[j]
        decay_s = event.ring_s / (T60 * (1.0 + 0.5 * j))
        struck(heard, since, hz, decay_s, 0.0003, g * m.left, g * m.right, 1.0, rate)


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all blades, shards, wings and bells to ``out``, shape (2, frames)."""
    heard, one = np.zeros((2, STEP), np.float32), np.zeros((2, STEP), np.float32)
    for s in range(out.shape[1] // STEP):
        grid, now, then = start_frame + s * STEP, curves[s], curves[s + 1]
        for e in range(len(events)):
            event, m = events[e], state[e]
            if m.start >= grid + STEP or m.end <= grid:
                continue
            entered(event, m)
            since, key = grid - m.start, np.uint64(event.key)
            if event.kind == BLADE:
                one[:] = np.float32(0.0)
                blade(event, one, since, key, sample_rate)
                swung(heard, m, one, sample_rate)
            elif event.kind == GLASS:
                shard(heard, event, m, since, sample_rate)
            elif event.kind == AIR:
                before = breathed(now, grid, sample_rate)
                to = breathed(then, grid + STEP, sample_rate) / before
                gust(heard, event, m, since, key, before, to, sample_rate)
            else:
                bar(heard, event, m, now, then, grid, sample_rate)
        handed(heard, out, s * STEP)
