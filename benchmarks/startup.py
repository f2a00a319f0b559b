"""How long a command takes to answer, and a warm start to its first block, in seconds."""

from __future__ import annotations

import subprocess
import sys
import time

FIRST_BLOCK = (
    "import lullaby; piece = lullaby.load('let_go');print(next(iter(piece.blocks(1024))).shape[1])"
)

COMMANDS = {
    "an empty Python": [sys.executable, "-c", ""],
    "--help": [sys.executable, "-m", "lullaby", "--help"],
    "check let_go": [sys.executable, "-m", "lullaby", "check", "let_go"],
    "events let_go": [sys.executable, "-m", "lullaby", "events", "let_go"],
    "warm start to the first block": [sys.executable, "-c", FIRST_BLOCK],
}


def main() -> None:
    """Print the minimum of five runs of each; the first is thrown away."""
    for name, command in COMMANDS.items():
        times = []
        for _ in range(6):
            begun = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - begun)
        print(f"{name:32s} {min(times[1:]):.2f} s")


if __name__ == "__main__":
    main()
