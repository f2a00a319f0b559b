"""Grains: sines in a Hann window, a few or a cloud of thousands a second.

Nothing of a grain is stored: its number under the cloud's key says when it begins, its pitch and
its place, and all in it is a formula of the frames since then.  Frames lie inside: they vectorise.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.approximate import octaves, turned
from lullaby.dsp.kernel import fused, kernel, mix, uniform
from lullaby.dsp.oscillators import TO_UNIT, sine
from lullaby.units import STEP

F32, I32 = np.float32, np.int32
COUNT = np.arange(STEP, dtype=np.int32)
RAMP = COUNT.astype(np.float32)


@kernel
def windowed(
    left: Any, right: Any, since: Any, one_over: Any, phase: Any, step: Any, gains: Any
) -> None:
    """Add one step of a grain to ``left`` and ``right``, float32 (64,) each.

    ``since``: frames from its start to the first frame of the step, negative where it is still to
    come.  ``one_over``: its length in frames.  ``phase``, at its start, and ``step``: int32, 2^32 a
    cycle.  ``gains``: left and right.
    """
    p, per, begun = I32(phase + step * since), F32(one_over), F32(since)
    here, there = F32(gains[0]), F32(gains[1])
    for i in range(STEP):
        x = min(max((RAMP[i] + begun) * per, F32(0)), F32(1))
        w = sine(x)
        y = w * w * sine(F32(I32(p + step * COUNT[i])) * TO_UNIT)
        left[i] = fused(y, here, left[i])
        right[i] = fused(y, there, right[i])


@kernel
def cloud(
    out: Any,
    grid: int,
    key: Any,
    per_s: float,
    length_s: float,
    low_hz: float,
    span_octaves: float,
    gain: float,
    sample_rate: int,
) -> None:
    """Add a stretch of a cloud to ``out``, (2, frames): a grain somewhere in each part of a second.

    ``grid``: frames from the cloud's start to the first of the stretch, a multiple of 64.
    ``per_s``: grains a second.  ``low_hz``, ``span_octaves`` (4 at most): where their pitches lie,
    evenly on a log scale.  Grain after grain, so that each is drawn once a stretch; a frame is
    summed in the order of the grains, however stretches are cut.
    """
    frames = length_s * sample_rate
    apart = sample_rate / per_s
    end = grid + out.shape[1]
    heard = np.zeros((2, out.shape[1]), np.float32)  # lies in one piece, as ``out`` may not
    first = int(np.floor((grid - frames) / apart)) - 1
    one_over, turn = 1.0 / frames, 4294967296.0 / sample_rate
    for j in range(max(first, 0), int(np.floor(end / apart)) + 1):
        own = mix(key + np.uint64(j))
        start = np.int64((j + (own >> np.uint64(11)) * 2.0**-53) * apart)
        hz = low_hz * octaves(span_octaves * uniform(own, 1))
        place = 0.25 * uniform(own, 2)
        step = I32(np.int64(hz * turn + 0.5) & 0xFFFFFFFF)
        gains = (gain * turned(place + 0.25), gain * turned(place))
        at: Any = max(grid, start // STEP * STEP)
        while at < end and at < start + frames:
            i = at - grid
            here, there = heard[0, i : i + STEP], heard[1, i : i + STEP]
            windowed(here, there, I32(at - start), one_over, I32(0), step, gains)
            at += STEP
    for c in range(2):
        for i in range(out.shape[1]):
            out[c, i] += heard[c, i]
