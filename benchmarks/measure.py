"""How many times faster than real time measuring is: ``python -m benchmarks.measure``."""

from time import perf_counter

import numpy as np

from lullaby.measure.features import Ear
from lullaby.measure.loudness import LoudnessMeter

RATE, SECONDS = 48_000, 10


def fastest(make):
    samples = (0.1 * np.random.default_rng(1).normal(size=(2, RATE * SECONDS))).astype(np.float32)
    make().add(samples[:, : 2 * RATE])  # compiled
    took = []
    for _ in range(3):
        listener = make()
        start = perf_counter()
        for at in range(0, samples.shape[1], 4096):
            listener.add(samples[:, at : at + 4096])
        took.append(perf_counter() - start)
    return SECONDS / min(took)


def main():
    print(
        f"loudness and true peak, stereo 48 kHz: {fastest(lambda: LoudnessMeter(2, RATE)):6.0f} x"
    )
    print(f"all features, stereo 48 kHz:           {fastest(lambda: Ear(2, RATE)):6.0f} x")


if __name__ == "__main__":
    main()
