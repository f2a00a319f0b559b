"""How fast 32 sirens render on one core: ``python benchmarks/sirens.py``.

Prints real-time factors by processor time, best of several runs, and nanoseconds a frame and siren.
"""

from __future__ import annotations

import time

from lullaby.engine.alone import alone, rendered
from lullaby.modules.sirens import Sirens

RATE, LENGTH_S, STATIONS, RUNS = 48000, 10.0, 32, 5
CASES = {
    "as they come": {},
    "one row each": {"dual": 0.0},
    "no vowels": {"dual": 0.0, "vowels": 0.0},
    "dissolving": {"dual": 0.0, "dissolve": 0.5},
    "surrendered": {"dual": 0.0, "surrender": 1.0},
}


def main() -> None:
    """Print a line for each case."""
    for name, settings in CASES.items():
        run = alone(Sirens, settings, {"voices": STATIONS, "kind": "wail"})
        best_s = float("inf")
        for _ in range(RUNS):
            begun = time.thread_time()
            rendered(run, LENGTH_S, RATE, start_s=0.0)
            best_s = min(best_s, time.thread_time() - begun)
        ns = best_s * 1e9 / (LENGTH_S * RATE * STATIONS)
        print(f"{name}: {LENGTH_S / best_s:.0f} x real time, {ns:.2f} ns a frame and station")


if __name__ == "__main__":
    main()
