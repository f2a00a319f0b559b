"""A small room that never moves: what a note needs that brings its own.

Eight of the hall's delay lines, with its diffusers (``lullaby.dsp.fdn``), without what moves there:
lengths are whole frames and nothing is worked out anew, so that each note of a voice can have one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.delay_line import MARGIN, TINY, ring
from lullaby.dsp.fdn import DIFFUSER_S, LINE_S, diffuse, loss
from lullaby.dsp.hadamard import scatter
from lullaby.dsp.kernel import fused, kernel
from lullaby.units import STEP

F32 = np.float32
LINES = 8
LENGTHS_S = LINE_S[1::2]  # 0.77 s in all at size 1
TAKES = np.array([1, 1, -1, 1, 1, -1, 1, 1], F32)
GIVES = np.array([1, -1, 1, 1, 1, 1, -1, 1], F32)
EVEN = F32(1.0 / np.sqrt(LINES))  # makes the Hadamard matrix orthogonal


def at_rest(
    sample_rate: int, decay_s: float, damping_hz: float, size: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a room is, and the memory of a silent one.

    ``decay_s``: time to fall by 60 dB at low frequencies; ``damping_hz``: decays twice as fast;
    ``size``: 1 a hall.
    """
    length = np.maximum(np.round(LENGTHS_S * size * sample_rate), 2.0 * STEP).astype(np.int64)
    losses = [loss(frames / sample_rate, decay_s, damping_hz, sample_rate) for frames in length]
    pole, feed, gain = np.array(losses).T
    middle = float(np.mean(gain))
    fixed = {
        "length": length,
        "pole": pole.astype(F32),
        "feed": feed.astype(F32),
        "drive": float(np.sqrt((1.0 - middle * middle) / (LINES // 2))),
    }
    memory = {
        "diffusers": ring(4, max(DIFFUSER_S.max() * sample_rate, 2.0 * STEP)),
        "lines": ring(LINES, float(length.max())),
        "damped": np.zeros(LINES, F32),
    }
    return fixed, memory


@kernel
def damp(y: Any, j: int, low: Any, pole: Any, feed: Any) -> None:
    """Pass a step of four lines through their damping: four at a time, as each waits for itself."""
    a, b, c, d = low[j], low[j + 1], low[j + 2], low[j + 3]
    p, q, r, s = pole[j], pole[j + 1], pole[j + 2], pole[j + 3]
    t, u, v, w = feed[j], feed[j + 1], feed[j + 2], feed[j + 3]
    for i in range(STEP):
        a = fused(p, a, t * y[j, i])
        b = fused(q, b, u * y[j + 1, i])
        c = fused(r, c, v * y[j + 2, i])
        d = fused(s, d, w * y[j + 3, i])
        y[j, i], y[j + 1, i], y[j + 2, i], y[j + 3, i] = a, b, c, d
    for k, x in enumerate((a, b, c, d)):
        low[j + k] = x if abs(x) > TINY else F32(0)


@kernel
def feed_back(lines: Any, place: int, y: Any, x: Any) -> None:
    """Write a step of scattered lines and of the input into the lines."""
    frames = lines.shape[1] - MARGIN
    for j in range(LINES):
        sign, to, back = TAKES[j], lines[j, place : place + STEP], y[j]
        for i in range(STEP):
            v = EVEN * back[i] + sign * x[i]
            to[i] = v if abs(v) > TINY else F32(0)
        if place < MARGIN:
            lines[j, frames + place : frames + place + STEP] = to


@kernel
def room(
    wet: Any,
    dry: Any,
    first: int,
    last: int,
    sample_rate: float,
    length: Any,
    pole: Any,
    feed: Any,
    drive: float,
    diffusers: Any,
    lines: Any,
    damped: Any,
) -> None:
    """Fill frames of ``wet``, (2, frames), with what the room answers to ``dry``, (frames,).

    From ``first``, up to where it was before, to ``last``, both multiples of 64.  Float32.
    """
    y, x, sides = np.zeros((LINES, STEP), F32), np.zeros(STEP, F32), np.zeros((2, STEP), F32)
    frames = lines.shape[1] - MARGIN
    for at in range(first, last, STEP):
        for i in range(STEP):
            x[i] = F32(drive) * dry[at + i]
        diffuse(diffusers, 0, at, sample_rate, x)
        for j in range(LINES):
            begin = (at - length[j]) & (frames - 1)
            y[j] = lines[j, begin : begin + STEP]
        for j in range(0, LINES, 4):
            damp(y, j, damped, pole, feed)
        sides[:] = F32(0)
        for j in range(LINES):
            side, given = sides[j & 1], y[j]
            for i in range(STEP):
                side[i] += GIVES[j] * given[i]
        wet[:, at : at + STEP] = sides
        scatter(y)
        feed_back(lines, at & (frames - 1), y, x)
