"""How fast a whole score renders, and in how much memory: ``python benchmarks/piece.py [SCORE]``.

``--hours H`` stretches every scene so that the piece lasts H hours; ``--jobs N`` threads.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace

import lullaby


def stretched(piece: lullaby.Piece, length_s: float) -> lullaby.Piece:
    """Return the piece with every scene longer by the same factor."""
    factor = length_s / piece.duration_s
    scenes = tuple(
        replace(scene, length=replace(scene.length, amount=scene.length.amount * factor))
        for scene in piece.score.scenes
    )
    return lullaby.Piece(replace(piece.score, scenes=scenes))


def rendered_s(piece: lullaby.Piece, jobs: int, limit_s: float | None = None) -> float:
    """Render without keeping the sound; return how many seconds came out."""
    frames = 0
    for block in piece.blocks(65536, jobs=jobs):
        frames += block.shape[1]
        if limit_s and frames > limit_s * 48000:
            break
    return frames / 48000


def main() -> None:
    """Print real-time factors and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("score", nargs="?", default="let_go")
    parser.add_argument("--hours", type=float)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    piece = lullaby.load(options.score)
    if options.hours:
        piece = stretched(piece, options.hours * 3600)
    rendered_s(lullaby.load(options.score), options.jobs, limit_s=10.0)  # compiles, warms
    best = 0.0
    for _ in range(1 if options.hours else options.runs):
        begun, cpu = time.perf_counter(), time.process_time()
        length_s = rendered_s(piece, options.jobs)
        wall, used = time.perf_counter() - begun, time.process_time() - cpu
        best = max(best, length_s / wall)
        print(
            f"{options.score}: {length_s:.0f} s of sound in {wall:.2f} s, {length_s / wall:.0f} x "
            f"real time with {options.jobs} threads, {length_s / used:.0f} x per core"
        )
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"best {best:.0f} x real time; peak memory {peak_mb:.0f} MB")


if __name__ == "__main__":
    main()
