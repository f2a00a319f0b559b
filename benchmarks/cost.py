"""What each module and effect costs: ``python -m benchmarks.cost [NAME...]``.

Prints the milliseconds of one core that a second of its sound takes at 48 kHz, for a part and for
each of its voices: the figures of ``lullaby/outputs/cost.py``.
"""

from __future__ import annotations

import sys
import time

import lullaby
from lullaby.effects import EFFECTS
from lullaby.modules import MODULES
from lullaby.score import read_text

SECONDS, RUNS = 20, 5
SCORE = """
lullaby: 1
arc: {{panic: 0.7, surrender: 0.5}}
buses: {buses}
parts: {parts}
scenes: [{{scene: x, for: {seconds} s, play: {play}}}]
"""


def cost_ms(parts: dict[str, str], buses: dict[str, str]) -> float:
    """Return the milliseconds of a core that a second of a piece takes, the least of some runs."""
    text = SCORE.format(
        parts=_table(parts),
        buses=_table(buses),
        play=_table(dict.fromkeys(parts, "enter")),
        seconds=SECONDS,
    )
    piece = lullaby.Piece(read_text(text))
    piece.render(to_s=1.0)
    took = []
    for _ in range(RUNS):
        begun = time.process_time()
        piece.render(to_s=SECONDS, jobs=1)
        took.append(time.process_time() - begun)
    return min(took) / SECONDS * 1e3


def _table(items: dict[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in items.items()) + "}"


def main() -> None:
    """Print a line for the rest of the engine, then one each."""
    wanted = sys.argv[1:]
    first = MODULES[next(iter(MODULES))]
    none = cost_ms({"a": f"{{module: {next(iter(MODULES))}, level: -20 dB}}"}, {})
    twice = {n: f"{{module: {next(iter(MODULES))}, level: -20 dB}}" for n in "ab"}
    rest = 2 * none - cost_ms(twice, {})
    print(f"{'the mix and the master':24} {rest:6.2f} ({first.__name__} taken off)")
    for name in MODULES:
        if wanted and name not in wanted:
            continue
        counted = MODULES[name].fixed_params().get("voices")
        if counted is None:
            print(f"{name:24} {cost_ms({'a': f'{{module: {name}}}'}, {}) - rest:6.2f}")
            continue
        few, many = max(counted.low, 2), min(counted.high, 32)
        costs = [cost_ms({"a": f"{{module: {name}, voices: {n}}}"}, {}) for n in (few, many)]
        voice = (costs[1] - costs[0]) / (many - few)
        print(f"{name:24} {costs[0] - rest - few * voice:6.2f} + {voice:.3f} a voice")
    for name in EFFECTS:
        if wanted and name not in wanted:
            continue
        part = f"{{module: {next(iter(MODULES))}, level: -20 dB, into: b}}"
        print(f"{name:24} {cost_ms({'a': part}, {'b': f'{{effect: {name}}}'}) - none:6.2f}")


if __name__ == "__main__":
    main()
