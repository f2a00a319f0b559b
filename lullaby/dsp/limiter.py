"""A limiter that looks ahead and never lets the wave rise above its ceiling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.dsp.kernel import bits, kernel
from lullaby.dsp.true_peak import (
    BEFORE,
    BEND,
    LIFT,
    NARROW,
    SCRATCH,
    TRUE_PEAK_LATENCY_FRAMES,
    WIDE,
    WINDOW,
    WORST_RISE,
    step_peaks,
)
from lullaby.units import STEP, db_to_gain, seconds_to_frames

F32 = np.float32

LOOK_AHEAD_S = 0.0015
RELEASE_S = 0.15
MARGIN_DB = 0.6  # the gain's own movement lifts white noise 12 dB too hot by 0.6 dB
FLAT = 4  # frames on either side of a peak over which the gain does not move
UNIT = 1 << 30  # one whole reduction: sums of whole numbers leave exactly nothing behind
LOUDEST = 1e6  # 120 dB above full scale; beyond it a reduction in UNITs is too coarse


def _boxes(sample_rate: int) -> tuple[int, int, int]:
    # three averages in a row are as smooth as a Hann window, and sum to a whole look-ahead
    fade = seconds_to_frames(LOOK_AHEAD_S, sample_rate) - FLAT + 2
    third = max(1, fade // 3)
    return third, third, max(1, fade - 2 * third)


def _look_ahead(sample_rate: int) -> int:
    return sum(_boxes(sample_rate)) - 2 + FLAT


def limiter_latency_frames(sample_rate: int) -> int:
    """Return how many frames later than its input the limiter's output is, at any setting."""
    return TRUE_PEAK_LATENCY_FRAMES + _look_ahead(sample_rate)


def limiter_state(channels: int, sample_rate: int) -> dict[str, NDArray[Any]]:
    """Return the silent state of ``limit``: named arrays that can be copied out and in."""
    first, second, third = _boxes(sample_rate)
    history = max(limiter_latency_frames(sample_rate), BEFORE + TRUE_PEAK_LATENCY_FRAMES)
    return {
        "samples": np.zeros((channels, history), F32),
        "excess": np.zeros(first + second + third - 2 + 2 * FLAT + 1, np.int32),
        "reduction": np.zeros(1),
        "first": np.zeros(first, np.int64),
        "second": np.zeros(second, np.int64),
        "third": np.zeros(third, np.int64),
        "sums": np.zeros(3, np.int64),
    }


def limit(
    block: NDArray[np.float32],
    state: dict[str, NDArray[Any]],
    sample_rate: int,
    ceiling_db: float = -1.0,
    margin_db: float = MARGIN_DB,
) -> NDArray[np.float64]:
    """Hold the true peak of ``block`` under a ceiling, in place; return the gain of each step.

    Peaks are found four times oversampled (``lullaby.dsp.true_peak``), the gain is held over the
    look-ahead of 1.5 ms, smoothed by three averages and let go with 150 ms; all channels share
    it. After Giannoulis, Massberg and Reiss 2012 (linked, look-ahead) with the peak of ITU-R
    BS.1770-5.

    ``block`` is float32, shape (channels, frames), any number of frames: cutting the stream
    elsewhere changes no bit. The output is ``limiter_latency_frames`` late and is, bit for bit,
    the input while no peak lies above ``ceiling_db`` - ``margin_db`` (dBTP). NaN and infinity
    become 0. The gains (1.0 = untouched, one for each 64 frames begun) are the smallest of
    their step.
    """
    rows = block if block.flags.c_contiguous else np.ascontiguousarray(block)
    gains = np.ones(-(-block.shape[1] // STEP))
    _limit(
        rows,
        gains,
        float(db_to_gain(ceiling_db - margin_db)),
        float(db_to_gain(ceiling_db)),
        math.exp(-1.0 / (RELEASE_S * sample_rate)),
        limiter_latency_frames(sample_rate),
        np.concatenate((WIDE, NARROW)),
        state["samples"],
        state["excess"],
        state["reduction"],
        state["first"],
        state["second"],
        state["third"],
        state["sums"],
    )
    if rows is not block:
        block[:] = rows
    return gains


@kernel
def _limit(
    block: Any,
    gains: Any,
    target: float,
    ceiling: float,
    keep: float,
    latency: int,
    taps: Any,
    samples: Any,
    excess: Any,
    reduction: Any,
    first: Any,
    second: Any,
    third: Any,
    sums: Any,
) -> None:
    channels, past = samples.shape
    stream = np.zeros((channels, past + STEP), F32)
    held = np.zeros(excess.shape[0] + STEP, np.int32)
    a = np.zeros(first.shape[0] + STEP, np.int64)
    b = np.zeros(second.shape[0] + STEP, np.int64)
    c = np.zeros(third.shape[0] + STEP, np.int64)
    highest = np.zeros(STEP, F32)
    peaks = np.zeros(STEP, F32)
    scratch = np.zeros(SCRATCH, F32)
    gain = np.zeros(STEP)
    share = 1.0 / (np.float64(UNIT) * first.shape[0] * second.shape[0] * third.shape[0])
    for at in range(0, block.shape[1], STEP):
        m = min(STEP, block.shape[1] - at)
        _take(block, at, m, samples, stream)
        peaked = _highest(stream, taps, target, scratch, peaks, highest)
        if peaked or reduction[0] > 0.0 or sums.any() or excess.any():
            _carry(excess, held)
            for i in range(m):
                over = np.float64(highest[i])
                part = 1.0 - target / over if over > target else 0.0
                held[excess.shape[0] + i] = np.int32(math.ceil(part * UNIT))
            _leave(excess, held, m)
            _widen(held, excess.shape[0] + 1)
            _carry(first, a)
            _carry(second, b)
            _carry(third, c)
            for i in range(m):
                reduction[0] = max(np.float64(held[i]), reduction[0] * keep)
                if reduction[0] < 0.5:
                    reduction[0] = 0.0
                a[first.shape[0] + i] = np.int64(math.ceil(reduction[0]))
                sums[0] += a[first.shape[0] + i] - a[i]
                b[second.shape[0] + i] = sums[0]
                sums[1] += b[second.shape[0] + i] - b[i]
                c[third.shape[0] + i] = sums[1]
                sums[2] += c[third.shape[0] + i] - c[i]
                gain[i] = 1.0 - np.float64(sums[2]) * share
            _leave(first, a, m)
            _leave(second, b, m)
            _leave(third, c, m)
        else:
            gain[:] = 1.0
        gains[at // STEP] = gain[:m].min()
        for k in range(channels):
            _give(stream[k, past - latency :], gain, m, ceiling, block[k, at:])
            _leave(samples[k], stream[k], m)


@kernel
def _give(delayed: Any, gain: Any, m: int, ceiling: float, out: Any) -> None:
    for i in range(m):
        y = np.float64(delayed[i]) * gain[i]
        out[i] = F32(min(max(y, -ceiling), ceiling))


@kernel
def _take(block: Any, at: int, m: int, samples: Any, stream: Any) -> None:
    for k in range(samples.shape[0]):
        _carry(samples[k], stream[k])
        row = stream[k, samples.shape[1] :]
        row[:] = F32(0)
        for i in range(m):
            x = block[k, at + i]
            x = x if math.isfinite(x) else F32(0)
            row[i] = min(max(x, F32(-LOUDEST)), F32(LOUDEST))


@kernel
def _highest(stream: Any, taps: Any, target: float, scratch: Any, peaks: Any, highest: Any) -> bool:
    # of all channels; says whether any lies above the target
    highest[:] = F32(0)
    peaked = False
    for k in range(stream.shape[0]):
        window = stream[k, stream.shape[1] - WINDOW :]
        sample = _largest(window)
        if sample * WORST_RISE <= target:  # calm music mostly is
            continue
        bend = scratch[: WINDOW - 2]
        for i in range(WINDOW - 2):
            bend[i] = (window[i] - window[i + 1]) + (window[i + 2] - window[i + 1])
        if LIFT * (sample + BEND * _largest(bend)) > target:
            step_peaks(window, taps, scratch, peaks)
            for i in range(STEP):
                highest[i] = max(highest[i], peaks[i])
                peaked = peaked or highest[i] > target
    return peaked


@kernel
def _largest(row: Any) -> Any:
    signed = row.view(np.int32)  # without the sign they are in order, and vectorise
    top = np.int32(0)
    for i in range(row.shape[0]):
        top = max(top, signed[i] & np.int32(0x7FFFFFFF))
    return bits(np.int32(top))


@kernel
def _widen(held: Any, width: int) -> None:
    # each becomes the largest of ``width`` from it on, by doubling (one idea less than van Herk)
    n = held.shape[0]
    reach = 1
    while 2 * reach <= width:
        near, far = held[: n - reach], held[reach:]
        for i in range(n - reach):
            near[i] = max(near[i], far[i])
        reach *= 2
    rest = width - reach
    near, far = held[: n - rest], held[rest:]
    for i in range(n - rest):
        near[i] = max(near[i], far[i])


@kernel
def _carry(past: Any, row: Any) -> None:
    for i in range(past.shape[0]):
        row[i] = past[i]


@kernel
def _leave(past: Any, row: Any, m: int) -> None:
    for i in range(past.shape[0]):
        past[i] = row[i + m]
