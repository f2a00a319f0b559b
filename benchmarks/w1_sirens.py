"""W1 sirens: 32 saws swept 400-1600 Hz, resonant low-pass swept 800-4000 Hz, panned.

Prints the real-time factor on one core and ns a frame and voice, best of several runs.  The bar,
the best engine measured on this workload, is 70 times real time; the goal is five times that.
Run: ``python benchmarks/w1_sirens.py``.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from lullaby.dsp import saws
from lullaby.dsp.kernel import LANES, inlined, kernel
from lullaby.dsp.oscillators import sine
from lullaby.dsp.panning import placed
from lullaby.units import STEP

SAMPLE_RATE, SECONDS, RUNS, BLOCK = 48000, 2, 60, 4096
BAR, GOAL = 70.0, 350.0


@inlined
def swept(cycles):
    return sine(np.float32(2.0 * (cycles - np.floor(cycles + 0.5))))


@inlined
def pitch_hz(v, time_s):
    return 1000.0 + 600.0 * swept(time_s / 4.0 + v / LANES)


@inlined
def cutoff_hz(v, time_s):
    return 2400.0 + 1600.0 * swept(0.31 * time_s + v / LANES)


@kernel
def starts(v):
    return pitch_hz(v, 0.0), cutoff_hz(v, 0.0)


@kernel
def sirens(out, start_frame, sample_rate, gains, turns, slopes, filters, sung):
    """One block of all voices: aimed at each grid point, sung, added."""
    for s in range(out.shape[1] // STEP):
        time_s = (start_frame + (s + 1) * STEP) / sample_rate
        for v in range(LANES):
            left, right = gains[v, 0], gains[v, 1]
            pitch, cutoff = pitch_hz(v, time_s), cutoff_hz(v, time_s)
            saws.aim(v, turns, slopes, filters, pitch, cutoff, 2.0, left, right, sample_rate)
        saws.sing(LANES, turns, slopes, filters, sung)
        saws.add(LANES, sung, out, s * STEP)


def rendered(seconds):
    turns, slopes, filters, sung = saws.bank()
    gains = np.array([placed(-24.0, -80.0 + 5.0 * v, 1.0) for v in range(LANES)])
    for v in range(LANES):
        pitch, cutoff = starts(v)
        saws.board(v, turns, slopes, filters, v << 27, pitch, SAMPLE_RATE)
        saws.tune(v, filters, cutoff, 2.0, SAMPLE_RATE)
    out = np.zeros((2, seconds * SAMPLE_RATE // BLOCK * BLOCK), np.float32)
    block = np.zeros((2, BLOCK), np.float32)
    for first in range(0, out.shape[1], BLOCK):
        block[:] = 0.0
        sirens(block, first, SAMPLE_RATE, gains, turns, slopes, filters, sung)
        out[:, first : first + BLOCK] = block
    return out


def main():
    sound = rendered(1)  # compiles
    best_s = np.inf
    for _ in range(RUNS):
        begun = perf_counter()
        sound = rendered(SECONDS)
        best_s = min(best_s, perf_counter() - begun)
    frames = sound.shape[1]
    factor = frames / SAMPLE_RATE / best_s
    print(f"W1 sirens, {LANES} voices: {factor:.0f} x real time on one core")
    print(f"  {best_s / frames / LANES * 1e9:.2f} ns a frame and voice, best of {RUNS} runs")
    print(
        f"  {factor / BAR:.1f} x the bar ({BAR:.0f}), {factor / GOAL:.2f} of the goal ({GOAL:.0f})"
    )


if __name__ == "__main__":
    main()
