"""The thuds of a heart: a low stroke, and the closing of valves around and above it.

What is noise in a real one, 20 to 150 Hz and softer above, is a handful of strokes here, drawn for
each beat: a thud is over before anybody could tell.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import membrane
from lullaby.dsp.approximate import octaves
from lullaby.dsp.bars import bar
from lullaby.dsp.kernel import kernel, uniform
from lullaby.dsp.membrane import swung
from lullaby.dsp.struck import entered, handed, struck
from lullaby.units import STEP

MEMORY = {"left": "f8", "right": "f8", "begun": "i8"} | membrane.MEMORY
LOW, HIGH = 6, 5  # strokes around the thud, and above it
LOW_HZ, LOW_OCTAVES, LOW_GAIN = 20.0, 2.9, 0.30  # 20 to 150 Hz
HIGH_HZ, HIGH_OCTAVES, HIGH_GAIN = 110.0, 2.2, 0.42  # to 500 Hz
FALLS = 1.08  # of gain, as a power of pitch: 6.5 dB an octave (Sakai, Feigen and Luisada 1971)
SPREAD_S = 0.018  # within which all strokes of a thud begin


@kernel
def thud(event: Any, one: Any, since: Any, key: Any, sample_rate: int) -> None:
    """Add one step of a thud to the first row of ``one``."""
    rise_s, decay_s = event.rise_s, event.decay_s
    struck(one, since, event.pitch_hz, decay_s, rise_s, 1.0, 0.0, 1.0, sample_rate)
    for j in range(LOW + HIGH):
        x = uniform(key, 3 * j)
        if j >= LOW:
            hz = HIGH_HZ * octaves(np.float32(HIGH_OCTAVES * x))
            g = HIGH_GAIN * 10.0 ** (event.hard_db / 20.0) * (HIGH_HZ / hz) ** FALLS
        else:
            hz = LOW_HZ * octaves(np.float32(LOW_OCTAVES * x))
            g = LOW_GAIN
        passed = since - np.int64(SPREAD_S * uniform(key, 3 * j + 1) * sample_rate)
        fall_s = decay_s * (0.25 + 0.35 * uniform(key, 3 * j + 2))
        struck(one, passed, hz, fall_s, 0.5 * rise_s, -g if j % 2 else g, 0.0, 1.0, sample_rate)


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all thuds and rests to ``out``, shape (2, frames)."""
    heard, one = np.zeros((2, STEP), np.float32), np.zeros((2, STEP), np.float32)
    for s in range(out.shape[1] // STEP):
        grid, now, then = start_frame + s * STEP, curves[s], curves[s + 1]
        for e in range(len(events)):
            event, m = events[e], state[e]
            if m.start >= grid + STEP or m.end <= grid:
                continue
            entered(event, m)
            if event.soft > 0.0:
                bar(heard, event, m, now, then, grid, sample_rate)
                continue
            one[:] = np.float32(0.0)
            thud(event, one, grid - m.start, np.uint64(event.key), sample_rate)
            swung(heard, m, one, sample_rate)
        handed(heard, out, s * STEP)
