"""How fast, and in how much memory, measuring is: ``python -m benchmarks.measure [MINUTES]``.

Meters alone on blocks, then ``lullaby measure`` on a file of that many minutes (60), each in a
process of its own.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import soundfile

from lullaby.measure.features import Ear
from lullaby.measure.loudness import LoudnessMeter

RATE, SECONDS = 48_000, 10
NEEDED = {"--loudness": 50, "": 10}


def sound():
    return (0.1 * np.random.default_rng(1).normal(size=(2, RATE * SECONDS))).astype(np.float32)


def fastest(make):
    samples = sound()
    make().add(samples[:, : 2 * RATE])  # compiled
    took = []
    for _ in range(3):
        listener = make()
        start = perf_counter()
        for at in range(0, samples.shape[1], 4096):
            listener.add(samples[:, at : at + 4096])
        took.append(perf_counter() - start)
    return SECONDS / min(took)


def write(path, minutes):
    block = sound().T
    with soundfile.SoundFile(path, "w", RATE, 2, subtype="PCM_16") as file:
        for _ in range(minutes * 60 // SECONDS):
            file.write(block)


def command(path, option):
    """Return seconds taken and peak memory in MB of one call."""
    words = [sys.executable, "-m", "lullaby", "measure", str(path), "--json"]
    start = perf_counter()
    child = subprocess.Popen([*words, option] if option else words, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(words)} failed")
    return perf_counter() - start, usage.ru_maxrss / 1024


def main():
    minutes = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    meters = {"loudness and true peak": LoudnessMeter, "all features": Ear}
    for name, meter in meters.items():
        print(f"{name + ', stereo 48 kHz:':40}{fastest(lambda m=meter: m(2, RATE)):6.0f} x")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "noise.wav"
        write(path, minutes)
        for option, needed in NEEDED.items():
            took_s, peak_mb = command(path, option)
            print(
                f"{f'lullaby measure {option}, {minutes} min:':40}"
                f"{minutes * 60 / took_s:6.0f} x (wanted: over {needed}), {peak_mb:.0f} MB"
            )


if __name__ == "__main__":
    main()
