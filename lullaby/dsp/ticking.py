"""Ticks of a clock: three clicks of its escapement and the case they shake; and wooden taps.

What is heard of one tick is the wheel unlocked, the impulse, and the drop onto the other pallet,
within 10 ms.  Everything is a stroke, a formula of its event, so nothing is remembered.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.bars import bar
from lullaby.dsp.cracking import tilted
from lullaby.dsp.kernel import kernel
from lullaby.dsp.struck import entered, handed, struck
from lullaby.units import STEP

MEMORY = {"left": "f8", "right": "f8", "begun": "i8"}
CLICKS = 3
GAINS = (0.55, 0.7, -1.0)  # unlock, impulse, drop: heard most, and pushed the other way
PITCHES = (1.13, 0.86, 1.0)
MODES = (1.0, 1.47)
MODE_GAIN = 0.5
RISE_S = 0.0001
CASE_GAIN, CASE_S, CASE_RISE_S = 0.35, 0.006, 0.0004


@kernel
def tick(heard: Any, event: Any, m: Any, since: Any, sample_rate: int) -> None:
    """Add one step of a tick: two modes a click, and the case at the last one."""
    for n in range(CLICKS):
        at_s = 0.0 if n == 0 else event.gap_s if n == 1 else event.gap_2_s
        passed = since - np.int64(at_s * sample_rate + 0.5)
        for j in range(len(MODES)):
            hz = event.pitch_hz * PITCHES[n] * MODES[j]
            g = MODE_GAIN * GAINS[n] * tilted(event.bright_db, hz)
            decay_s = event.decay_s / MODES[j]
            struck(heard, passed, hz, decay_s, RISE_S, g * m.left, g * m.right, 1.0, sample_rate)
        if n == CLICKS - 1 and event.case > 0.0:
            g = -CASE_GAIN * event.case
            left, right = g * m.left, g * m.right
            hz = event.case_hz
            struck(heard, passed, hz, CASE_S, CASE_RISE_S, left, right, 1.0, sample_rate)


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all ticks and taps to ``out``, shape (2, frames)."""
    heard = np.zeros((2, STEP), np.float32)
    for s in range(out.shape[1] // STEP):
        grid, now, then = start_frame + s * STEP, curves[s], curves[s + 1]
        for e in range(len(events)):
            event, m = events[e], state[e]
            if m.start >= grid + STEP or m.end <= grid:
                continue
            entered(event, m)
            if event.soft > 0.0:
                bar(heard, event, m, now, then, grid, sample_rate)
            else:
                tick(heard, event, m, grid - m.start, sample_rate)
        handed(heard, out, s * STEP)
