"""How fast 32 sirens render on one core: ``python benchmarks/sirens.py``.

Prints real-time factors by processor time, best of several runs: of the first ten seconds, in which
they begin one after the other, and of the twenty after, in which all sound and the fades of those
that go overlap those that come.
"""

from __future__ import annotations

import time

import numpy as np

from lullaby.engine.alone import alone, rendered
from lullaby.model.chance import Chance
from lullaby.model.performance import Run
from lullaby.modules.sirens import Sirens

RATE, BEGINS_S, LENGTH_S, STATIONS, RUNS = 48000, 10.0, 30.0, 32, 15
CASES = {
    "as they come": {},
    "one row each": {"dual": 0.0},
    "no vowels": {"dual": 0.0, "vowels": 0.0},
    "dissolving": {"dual": 0.0, "dissolve": 0.5},
    "surrendered": {"dual": 0.0, "surrender": 1.0},
}


def took_s(run: Run, length_s: float) -> float:
    """Return the processor time of so many seconds from the start, the least of some runs."""
    best_s = float("inf")
    for _ in range(RUNS):
        begun = time.thread_time()
        rendered(run, length_s, RATE, start_s=0.0)
        best_s = min(best_s, time.thread_time() - begun)
    return best_s


def rows_sounding(run: Run, first_s: float, last_s: float) -> float:
    """Return how many rows of ports sound on average between two times."""
    calls = run.settings.compose((0.0, last_s), Chance(run.key), {})
    until_s = np.minimum(calls["at_s"] + calls["duration_s"], last_s)
    sounding_s = np.maximum(until_s - np.maximum(calls["at_s"], first_s), 0.0)
    return float(sounding_s.sum()) / (last_s - first_s)


def main() -> None:
    """Print a line for each case."""
    for name, settings in CASES.items():
        run = alone(Sirens, settings, {"voices": STATIONS, "kind": "wail"})
        rendered(run, 1.0, RATE, start_s=0.0)  # compiles
        begin_s, all_s = took_s(run, BEGINS_S), took_s(run, LENGTH_S)
        later = (LENGTH_S - BEGINS_S) / (all_s - begin_s)
        rows = rows_sounding(run, BEGINS_S, LENGTH_S)
        print(
            f"{name}: {BEGINS_S / begin_s:.0f} x real time at first, {later:.0f} x later with "
            f"{rows:.0f} rows of ports, {later * rows / STATIONS:.0f} x for {STATIONS} of them"
        )


if __name__ == "__main__":
    main()
