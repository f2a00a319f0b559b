"""How much of one core a piece takes live: processor time of making sound, per second of it.

python benchmarks/live_load.py [SCORE] [SECONDS]
"""

import sys
import time

import numpy as np

import lullaby
from lullaby.live.nobody import Nobody
from lullaby.live.plan import Plan
from lullaby.live.session import Session

GOAL = 0.25


def main() -> None:
    score = sys.argv[1] if len(sys.argv) > 1 else "let_go"
    piece = lullaby.load(score)
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else piece.duration_s
    for ahead_s in (0.1, 0.5, 2.0):
        session = Session(piece.score, Plan(ahead_s=ahead_s, threads=False), Nobody())
        out = np.zeros((1024, 2), np.float32)
        spent, worst, last = 0.0, 0.0, 0.0
        for second in range(int(seconds)):
            begun = time.thread_time()
            for _ in range(47):
                session.pump()
                session.ring.read(out)
            last = (time.thread_time() - begun) * 48000 / 47 / 1024
            spent, worst = spent + last, max(worst, last if second else 0.0)
        session.close()
        mean = spent / int(seconds)
        print(
            f"{score}, {ahead_s:.1f} s ahead: {100 * mean:.1f} % of one core on average, "
            f"{100 * worst:.1f} % in the busiest second (goal {100 * GOAL:.0f} %)"
        )


if __name__ == "__main__":
    main()
