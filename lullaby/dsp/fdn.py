"""A hall: sixteen delay lines that feed each other through an orthogonal matrix.

Feedback delay network (Stautner and Puckette 1982) with the decay of each line set by its length
and by frequency (Jot and Chaigne 1991), a Hadamard matrix, and Schroeder all-passes (1962) before
it, so that the first echoes are dense.  A line's damping is a one-pole low-pass that is exact at
two frequencies, as in zita-rev1: at 0 Hz it decays by 60 dB in the decay time, at the damping
frequency in half of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.delay_line import FRAME, LEAST, MARGIN, TINY, fixed, glide, read, ring, write
from lullaby.dsp.hadamard import scatter
from lullaby.dsp.kernel import fused, kernel
from lullaby.dsp.oscillators import TO_UNIT, sine, step_of, wrapped
from lullaby.units import STEP

F32 = np.float32
LINES = 16
# Lengths at size 1, evenly on a log scale, off every simple ratio of each other.  1.47 s in all: as
# many modes a Hz, and at 6 s of decay, each 0.4 Hz wide, no fewer will do, or single ones ring.
LINE_S = (
    np.array(
        [
            *(42.22, 45.86, 49.94, 54.62, 59.26, 64.22, 69.82, 75.74),
            *(82.34, 89.06, 96.98, 105.34, 114.26, 124.06, 134.98, 146.26),
        ]
    )
    / 1000.0
)
DIFFUSER_S = np.array([[2.31, 3.67, 5.39, 8.13], [2.47, 3.43, 5.71, 7.79]]) / 1000.0
DIFFUSION = F32(0.62)
SWAY_S = 0.0002  # how far a line's length sways: under 2.5 cents a pass
SWAY_HZ = np.linspace(0.4, 1.1, LINES)[[3, 12, 7, 0, 14, 5, 10, 1, 15, 6, 9, 2, 13, 4, 11, 8]]
LEVEL_HZ = 8.0  # what lies below, down to DC, is kept out of the lines
# Signs at which lines take the input and give the output: no row of the matrix, or the output of a
# channel would be one line's next input.
TAKES = np.array([1, 1, -1, 1, 1, -1, 1, 1, -1, 1, 1, 1, -1, -1, 1, -1], F32)
GIVES = np.array([1, -1, 1, 1, 1, 1, -1, 1, 1, 1, -1, -1, 1, -1, -1, 1], F32)
FASTEST = FRAME // 4 * STEP  # how far a predelay glides in a step: 0.75 to 1.25 of pitch


def at_rest(sample_rate: int, longest_predelay_s: float, largest: float) -> dict[str, Any]:
    """Return the memory of a silent hall."""
    return {
        "known": np.zeros(1, np.int64),
        "predelay": np.zeros(2, np.int64),  # as it glides, and its speed
        "level": np.zeros(2),
        "before": ring(2, longest_predelay_s * sample_rate + 2),
        "diffusers": ring(8, max(DIFFUSER_S.max() * sample_rate, 2.0 * STEP)),
        "lines": ring(LINES, max((LINE_S[-1] * largest + SWAY_S) * sample_rate, 2.0 * STEP)),
        "damped": np.zeros(LINES),
    }


@kernel
def loss(length_s: float, decay_s: float, damping_hz: float, sample_rate: float) -> Any:
    """Return the pole, the feed and the gain at 0 Hz of a line: y = pole y + feed x."""
    gain = 10.0 ** (-3.0 * length_s / decay_s)
    # (1 - p)^2 / (1 - 2 p cos w + p^2) = gain^2, solved for the pole p; in terms of what the half
    # of the sum of its two solutions exceeds 1 by, so that nothing cancels where the loss is small.
    w = 2.0 * np.pi * min(damping_hz, 0.49 * sample_rate) / sample_rate
    excess = gain * gain * (1.0 - np.cos(w)) / (1.0 - gain * gain)
    share = np.sqrt(excess * (excess + 2.0)) - excess
    return 1.0 - share, gain * share, gain


@kernel
def stretch(size: float, frame: int, sample_rate: float, length: Any) -> None:
    """Set the lengths of the lines at a grid point, where their sway has brought them."""
    for j in range(LINES):
        phase = wrapped(frame * step_of(SWAY_HZ[j], sample_rate) + j * 0x4C1B7A2D)
        sway = SWAY_S * sine(F32(phase) * TO_UNIT)
        length[j] = fixed(max((LINE_S[j] * size + sway) * sample_rate, LEAST + 0.0))


@kernel
def absorb(row: Any, sample_rate: float, pole: Any, feed: Any) -> Any:
    """Set the damping of the lines at a grid point; return the gain of the input.

    The input's gain undoes what the decay makes of a steady sound, which would otherwise grow by
    9 dB from 0.8 to 6 s.
    """
    middle = 0.0
    for j in range(LINES):
        length_s = LINE_S[j] * row.size
        pole[j], feed[j], gain = loss(length_s, row.decay_s, row.damping_hz, sample_rate)
        middle += gain / LINES
    return np.sqrt((1.0 - middle * middle) / (LINES // 2))


@kernel
def same(now: Any, then: Any) -> Any:
    """Return whether the damping is the same at both ends of a step."""
    return (
        now.decay_s == then.decay_s and now.damping_hz == then.damping_hz and now.size == then.size
    )


@kernel
def clear(block: Any, at: int, keep: float, level: Any, x: Any) -> None:
    """Fill ``x`` with a step of the block less its slow mean; both sides at once, to wait less."""
    left, right = level[0], level[1]
    for i in range(STEP):
        left += keep * (block[0, at + i] - left)
        right += keep * (block[1, at + i] - right)
        x[0, i] = F32(block[0, at + i] - left)
        x[1, i] = F32(block[1, at + i] - right)
    level[0] = left if abs(left) > 1e-30 else 0.0
    level[1] = right if abs(right) > 1e-30 else 0.0


@kernel
def diffuse(rings: Any, c: int, frame: int, sample_rate: float, x: Any) -> None:
    """Pass a step of channel ``c`` through four all-passes in a row."""
    frames = rings.shape[1] - MARGIN
    at = frame & (frames - 1)
    for j in range(4):
        line = rings[c * 4 + j]
        delay = np.int64(max(DIFFUSER_S[c, j] * sample_rate, LEAST + 5.0 * j + c))
        begin = (frame - delay) & (frames - 1)
        old, new = line[begin : begin + STEP], line[at : at + STEP]
        for i in range(STEP):
            v = x[i] + DIFFUSION * old[i]
            x[i] = old[i] - DIFFUSION * v
            new[i] = v if abs(v) > TINY else F32(0)
        if at < MARGIN:
            line[frames + at : frames + at + STEP] = new


@kernel
def damp(y: Any, damped: Any, pole: Any, feed: Any, pole_to: Any, feed_to: Any) -> None:
    """Pass a step of all lines through their damping, in place.

    Four lines at once, so that none waits for its own last frame.
    """
    for j in range(0, LINES, 4):
        p0, p1, p2, p3 = pole[j], pole[j + 1], pole[j + 2], pole[j + 3]
        q0, q1, q2, q3 = feed[j], feed[j + 1], feed[j + 2], feed[j + 3]
        a0, a1, a2, a3 = damped[j], damped[j + 1], damped[j + 2], damped[j + 3]
        p0_by, p1_by = (pole_to[j] - p0) / STEP, (pole_to[j + 1] - p1) / STEP
        p2_by, p3_by = (pole_to[j + 2] - p2) / STEP, (pole_to[j + 3] - p3) / STEP
        q0_by, q1_by = (feed_to[j] - q0) / STEP, (feed_to[j + 1] - q1) / STEP
        q2_by, q3_by = (feed_to[j + 2] - q2) / STEP, (feed_to[j + 3] - q3) / STEP
        y0, y1, y2, y3 = y[j], y[j + 1], y[j + 2], y[j + 3]
        for i in range(STEP):
            a0 = fused(p0, a0, q0 * np.float64(y0[i]))
            a1 = fused(p1, a1, q1 * np.float64(y1[i]))
            a2 = fused(p2, a2, q2 * np.float64(y2[i]))
            a3 = fused(p3, a3, q3 * np.float64(y3[i]))
            y0[i], y1[i], y2[i], y3[i] = F32(a0), F32(a1), F32(a2), F32(a3)
            p0, p1, p2, p3 = p0 + p0_by, p1 + p1_by, p2 + p2_by, p3 + p3_by
            q0, q1, q2, q3 = q0 + q0_by, q1 + q1_by, q2 + q2_by, q3 + q3_by
        damped[j] = a0 if abs(a0) > 1e-30 else 0.0
        damped[j + 1] = a1 if abs(a1) > 1e-30 else 0.0
        damped[j + 2] = a2 if abs(a2) > 1e-30 else 0.0
        damped[j + 3] = a3 if abs(a3) > 1e-30 else 0.0


@kernel
def feed_back(lines: Any, frame: int, y: Any, x: Any) -> None:
    """Write a step of scattered lines and of the input into the lines."""
    frames = lines.shape[1] - MARGIN
    at = frame & (frames - 1)
    for j in range(LINES):
        to, back, new = lines[j, at : at + STEP], y[j], x[j & 1]
        sign = TAKES[j]
        for i in range(STEP):
            v = F32(0.25) * back[i] + sign * new[i]
            to[i] = v if abs(v) > TINY else F32(0)
        if at < MARGIN:
            lines[j, frames + at : frames + at + STEP] = to


@kernel
def hall(
    block: Any,
    start_frame: int,
    sample_rate: float,
    curves: Any,
    known: Any,
    predelay: Any,
    level: Any,
    before: Any,
    diffusers: Any,
    lines: Any,
    damped: Any,
) -> None:
    """Replace ``block``, shape (2, frames), by dry and wet; the last seven are ``at_rest``."""
    length, length_then = np.zeros(LINES, np.int64), np.zeros(LINES, np.int64)
    pole, pole_then = np.zeros(LINES), np.zeros(LINES)
    feed, feed_then = np.zeros(LINES), np.zeros(LINES)
    x, out = np.zeros((2, STEP), F32), np.zeros((2, STEP), F32)
    y = np.zeros((LINES, STEP), F32)
    keep = 1.0 - np.exp(-2.0 * np.pi * LEVEL_HZ / sample_rate)
    stretch(curves[0].size, start_frame, sample_rate, length)
    drive = drive_then = absorb(curves[0], sample_rate, pole_then, feed_then)
    pole[:], feed[:] = pole_then, feed_then
    if known[0] == 0:
        known[0], predelay[0] = 1, fixed(2.0 + curves[0].predelay_s * sample_rate)
    for s in range(block.shape[1] // STEP):
        grid, at = start_frame + s * STEP, s * STEP
        now, then = curves[s], curves[s + 1]
        stretch(then.size, grid + STEP, sample_rate, length_then)
        if not same(now, then):
            drive_then = absorb(then, sample_rate, pole_then, feed_then)
        goal = fixed(2.0 + now.predelay_s * sample_rate)
        goal_then = fixed(2.0 + then.predelay_s * sample_rate)
        begin = predelay[0]
        glide(predelay, goal, goal_then, FASTEST)
        clear(block, at, keep, level, x)
        drive_by = (drive_then - drive) / STEP
        for c in range(2):
            write(before[c], grid, x[c])
            read(before[c], grid, begin, predelay[0], x[c])
            diffuse(diffusers, c, grid, sample_rate, x[c])
            for i in range(STEP):
                x[c, i] *= F32(drive + drive_by * np.int32(i))
        for j in range(LINES):
            read(lines[j], grid, length[j], length_then[j], y[j])
        damp(y, damped, pole, feed, pole_then, feed_then)
        out[:] = x  # the first of the hall: what the diffusers made
        for j in range(LINES):
            for i in range(STEP):
                out[j & 1, i] += GIVES[j] * y[j, i]
        scatter(y)
        feed_back(lines, grid, y, x)
        blend(block, at, out, now.wet, then.wet)
        length[:] = length_then
        pole[:] = pole_then
        feed[:] = feed_then
        drive = drive_then


@kernel
def blend(block: Any, at: int, wet: Any, now: float, then: float) -> None:
    """Mix a step of ``wet`` into ``block`` at a share; dry and wet keep their summed power."""
    dry = np.sqrt(max(0.0, 1.0 - now * now))
    dry_by, wet_by = (np.sqrt(max(0.0, 1.0 - then * then)) - dry) / STEP, (then - now) / STEP
    for c in range(2):
        for i in range(STEP):
            kept = F32(dry + dry_by * i) * block[c, at + i]
            block[c, at + i] = kept + F32(now + wet_by * i) * wet[c, i]
