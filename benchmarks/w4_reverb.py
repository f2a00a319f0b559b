"""W4: one stereo algorithmic reverb over a train of noise bursts.  Bar: 330 x real time."""

from __future__ import annotations

import sys
import time

import numpy as np

from lullaby.effects.hall import Hall
from lullaby.model.curve import Constant, Lfo
from lullaby.model.event import record
from lullaby.units import STEP

RATE = 48000
BAR = 330.0
BLOCK = 8192


def bursts(frames: int) -> np.ndarray:
    rng = np.random.default_rng(4)
    on = (np.arange(frames) % (RATE // 2)) < RATE // 10
    return (0.2 * rng.standard_normal((2, frames)) * on).astype(np.float32)


def seconds(hall: Hall, sound: np.ndarray) -> float:
    processor = hall.processor(RATE)
    sound, tables = sound.copy(), []
    for first in range(0, sound.shape[1], BLOCK):
        n = min(BLOCK, sound.shape[1] - first)
        t = (first // STEP + np.arange(n // STEP + 1)) * (STEP / RATE)
        table = np.zeros(len(t), record(dict.fromkeys(Hall.params(), "f8")))
        for name, curve in hall.curves.items():
            table[name] = curve(t)
        tables.append((first, n, table))
    begun = time.process_time()
    for first, n, table in tables:
        processor.process(sound[:, first : first + n], first, table)
    return time.process_time() - begun


def main() -> None:
    length_s = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    frames = int(length_s * RATE) // STEP * STEP
    sound = bursts(frames)
    still = Hall({"decay_s": Constant(2.0), "predelay_s": Constant(0.02)})
    moving = Hall(
        {"decay_s": Lfo("sine", 0.8, 6.0, 5.0), "damping_hz": Lfo("sine", 2500.0, 6000.0, 7.0)}
    )
    seconds(still, sound[:, : STEP * 10])
    for name, hall in (("still", still), ("moving", moving)):
        best = min(seconds(hall, sound) for _ in range(5))
        speed = frames / RATE / best
        print(
            f"W4 hall, {name:6}: {speed:6.0f} x real time, {best / frames * 1e9:5.1f} ns a frame"
            f" (bar {BAR:.0f} x: {speed / BAR:.2f} of it)"
        )


if __name__ == "__main__":
    main()
