"""A line of delayed frames, read at moments that glide, a grid step at a time.

A ring holds a power of two of frames and, behind them, a copy of its first ones, so that a run of
frames and its neighbours never wraps.  Delays are whole numbers, ``FRAME`` to a frame and multiples
of 64, so that a step's share of a glide is exact and no cutting of time into blocks can show.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import inlined, kernel
from lullaby.units import STEP

F32 = np.float32
FRAME = 1 << 32
MARGIN = 2 * STEP  # frames copied behind the ring
LEAST = (
    STEP + 2
)  # frames of delay a line in a loop needs, for a step to be read before it is written
BEND = FRAME  # what a gliding delay may gain on its speed from step to step: a 64th frame a frame
FRAMES = np.arange(STEP).astype(F32)
TINY = F32(1e-20)  # -400 dB: below it silence, far above where arithmetic gets slow


def ring(rows: int, longest_frames: float) -> Any:
    """Return empty lines, float32, shape (rows, frames + MARGIN), for delays up to that long."""
    return np.zeros((rows, room(longest_frames) + MARGIN), F32)


def room(longest_frames: float) -> int:
    """Return the frames of a ring: the power of two that holds the delay, a step and its taps."""
    return 1 << int(np.ceil(np.log2(longest_frames + STEP + 4)))


@kernel
def fixed(frames: float) -> Any:
    """Return a delay in frames as a whole number, ``FRAME`` to a frame."""
    return np.int64(np.floor(frames * (FRAME / STEP) + 0.5)) * STEP


@kernel
def glide(place: Any, goal: Any, goal_then: Any, fastest: int) -> None:
    """Move ``place[0]`` by a step after a goal that moves too; ``place[1]`` is its speed a step.

    Neither faster than ``fastest`` nor faster from one step to the next by more than ``BEND``: a
    delay that jumps would click, and one that sets off at full speed nearly so.  A goal that keeps
    within both limits is followed exactly.
    """
    gap, way = goal - place[0], goal_then - place[0]
    if abs(gap) <= BEND and abs(way) <= fastest and abs(way - place[1]) <= BEND:
        place[1] = way
    else:
        # As fast as still lets it stop in time, at three quarters of what it may brake.
        closing = np.int64(np.sqrt(1.5 * BEND * abs(np.float64(gap)))) // STEP * STEP
        wanted = goal_then - goal + (closing if gap > 0 else -closing)
        wanted = min(max(wanted, -fastest), fastest)
        place[1] += min(max(wanted - place[1], -BEND), BEND)
    place[0] += place[1]


@kernel
def write(line: Any, start_frame: int, x: Any) -> None:
    """Write a step of frames into a line."""
    frames = line.shape[0] - MARGIN
    at = start_frame & (frames - 1)
    to = line[at : at + STEP]
    for i in range(STEP):
        to[i] = x[i] if abs(x[i]) > TINY else F32(0)
    if at < MARGIN:
        line[frames + at : frames + at + STEP] = to


@inlined
def cubic(a: Any, b: Any, c: Any, d: Any, x: Any) -> Any:
    """Return the value at 0 <= x < 1 between b and c of the cubic through all four (Lagrange).

    Exact at x = 0; at x = 1/2 it loses 0.02 dB at a twelfth of the sample rate, 0.2 at a sixth.
    """
    near, far = (F32(1) + x) * (F32(1) - x), x * (F32(2) - x)
    inner = near * (F32(2) - x) * b + far * (F32(1) + x) * c
    outer = x * (F32(1) - x) * (F32(2) - x) * a + x * near * d
    return F32(0.5) * inner - F32(1.0 / 6.0) * outer


@kernel
def read(line: Any, start_frame: int, now: Any, then: Any, out: Any) -> None:
    """Fill ``out`` with a step of a line, its delay going from ``now`` to ``then``.

    Delays as of ``fixed``, at least 2 frames.  Frames between two are read along ``cubic``.
    """
    frames = line.shape[0] - MARGIN
    slope = (then - now) // STEP
    i = 0
    while i < STEP:
        place = ((start_frame + i) << 32) - now - slope * i
        whole = place >> 32
        rest = place - (whole << 32)
        # Frames until the place between two frames runs over an edge: till then steps are whole.
        run = STEP - i
        room = rest if slope > 0 else FRAME - 1 - rest
        if room < abs(slope) * run:  # mostly not, which saves a division
            run = min(run, room // abs(slope) + 1)
        at = (whole - 1) & (frames - 1)
        taps, to = line[at : at + run + 3], out[i : i + run]
        if slope == 0 and rest == 0:
            for j in range(run):
                to[j] = taps[j + 1]
        else:
            x, by = F32(rest * 2.0**-32), F32(slope * 2.0**-32)
            if run == STEP:  # mostly, and a compiler makes most of a number that it knows
                for j in range(STEP):
                    share = x - by * FRAMES[j]
                    to[j] = cubic(taps[j], taps[j + 1], taps[j + 2], taps[j + 3], share)
            else:
                for j in range(run):
                    share = x - by * FRAMES[j]
                    to[j] = cubic(taps[j], taps[j + 1], taps[j + 2], taps[j + 3], share)
        i += run
