"""A million rows heard: how long they take to be read, laid into the piece, and rendered.

Python does nothing a row: the figures for ten times the rows show what a row costs at all.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

import lullaby

LENGTH_S = 60.0


def main() -> None:
    lullaby.sonify(np.sin(np.arange(100) / 9.0), length_s=LENGTH_S).render(to_s=1.0)  # compiles
    for rows in (1_000, 100_000, 1_000_000):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows.csv"
            values = 50.0 + np.cumsum(np.random.default_rng(1).normal(0.0, 0.1, rows))
            np.savetxt(
                file,
                np.column_stack([np.arange(rows), values]),
                "%g",
                ",",
                header="t,x",
                comments="",
            )
            begun = time.perf_counter()
            piece = lullaby.sonify(file, length_s=LENGTH_S)
            performance = piece.performance
            read_s = time.perf_counter() - begun
            begun = time.perf_counter()
            piece.render(to_s=LENGTH_S)
            render_s = time.perf_counter() - begun
        points = len(next(iter(performance.known.signals.values())).nodes.at_s)
        print(
            f"{rows:>9} rows: read in {read_s:.2f} s, {points} points drawn, "
            f"rendered at {LENGTH_S / render_s:.1f} times real time"
        )


if __name__ == "__main__":
    main()
