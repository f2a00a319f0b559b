"""Play for a long time, and see whether the ring stays filled, memory flat and the clock true.

``--fast 24h`` plays that much of an endless piece, as fast as it goes; ``--real 10min`` plays in
real time, to nobody, with every other core busy; ``--days 8`` lays it out only, to see that what is
far away costs no more than what is near.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

import lullaby
from lullaby.engine.arrange import stretch
from lullaby.engine.layout import Layout
from lullaby.engine.timeline import endless
from lullaby.live.nobody import Nobody
from lullaby.live.plan import Plan
from lullaby.live.ring import Ring
from lullaby.live.session import Session
from lullaby.model.score import Score

UNITS = {"s": 1.0, "min": 60.0, "h": 3600.0}
PERIOD = 1024
LINES = 12
HOUR_US = 3600 * 10**6


class ByHand:
    """A card whose time passes when the script reads the ring."""

    name, sample_rate = "by hand", 48000

    def start(self, ring: Ring) -> None:
        """Do nothing."""

    def active(self) -> bool:
        """Return True: it is never lost."""
        return True

    def close(self) -> None:
        """Do nothing."""


def around(score: Score) -> Score:
    """Return a score that goes on: unless it does, its last scene leads to its first."""
    if endless(score):
        return score
    *before, last = score.scenes
    return replace(score, scenes=(*before, replace(last, next=(score.scenes[0].name,))))


def memory_mb() -> float:
    """Return how much memory this process has now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def seconds(text: str) -> float:
    """Return a length such as 90s, 10min or 24h in seconds."""
    unit = next(unit for unit in ("min", "h", "s") if text.endswith(unit))
    return float(text.removesuffix(unit)) * UNITS[unit]


@contextlib.contextmanager
def busy(cores: int) -> Iterator[None]:
    """Keep cores busy."""
    others = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True)
        for _ in range(cores)
    ]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def fast(score: Score, length_s: float, ahead_s: float) -> bool:
    """Play so much of the piece as fast as it goes; return whether all stayed as it was."""
    session = Session(around(score), Plan(threads=False, ahead_s=ahead_s), ByHand())
    session.start()
    out, frames, begun = np.zeros((PERIOD, 2), np.float32), 0, time.monotonic()
    first_mb, drift = 0.0, 0
    for line in range(1, LINES + 1):
        while frames < length_s * 48000 * line / LINES:
            session.pump()
            session.ring.read(out)
            frames += PERIOD
        status = session.status()
        drift = round(status.position_s * 48000) - frames
        first_mb = first_mb or memory_mb()
        print(
            f"{frames / 48000 / 3600:7.3f} h of piece in {time.monotonic() - begun:7.0f} s: "
            f"{memory_mb():6.1f} MB, clock {drift:+d} frames, load {100 * status.load:.0f} %, "
            f"underruns {status.underruns}, {len(status.scenes)} scenes laid out",
            flush=True,
        )
    grown = memory_mb() - first_mb
    print(f"memory grew by {grown:.1f} MB after the first line")
    return grown < 20.0 and abs(drift) <= PERIOD and session.status().underruns == 0


def real(score: Score, length_s: float, ahead_s: float) -> bool:
    """Play in real time with the other cores busy; return whether the ring never ran dry."""
    card = Nobody(48000)
    session = Session(around(score), Plan(ahead_s=ahead_s), card)
    lowest, loads = 1.0, []
    with busy((os.cpu_count() or 2) - 1), session:
        begun, played, first_mb = time.monotonic(), session.ring.played, 0.0
        for line in range(1, LINES + 1):
            while time.monotonic() - begun < length_s * line / LINES:
                time.sleep(0.02)
                lowest = min(lowest, session.ring.filled / session.ring.frames)
            status = session.status()
            loads.append(status.load)
            first_mb = first_mb or memory_mb()
            spent = time.monotonic() - begun
            true = (session.ring.played - played) / 48000 - spent
            print(
                f"{spent / 60:6.1f} min: {memory_mb():6.1f} MB, clock {1000 * true:+.0f} ms, "
                f"load {100 * status.load:.0f} %, fullest {100 * status.ring:.0f} %, "
                f"lowest ring so far {100 * lowest:.0f} %, underruns {status.underruns}, "
                f"machine {os.getloadavg()[0]:.1f}",
                flush=True,
            )
        print(f"mean load {100 * sum(loads) / len(loads):.0f} %, lowest ring {100 * lowest:.0f} %")
        return session.status().underruns == 0


def far(score: Score, days: int) -> bool:
    """Lay out six hours on ever later days; return whether the last took less than 10 s."""
    layout, day, spent_s = Layout(around(score)), 1, 0.0
    while day <= days:
        layout.further((24 * day - 6) * HOUR_US)
        begun = time.process_time()
        made = stretch(layout, (24 * day - 6) * HOUR_US, 24 * day * HOUR_US)
        spent_s = time.process_time() - begun
        print(
            f"day {day}: six hours laid out in {spent_s:.2f} s of processor time: "
            f"{len(made.runs)} runs, {len(made.scenes)} scenes; {memory_mb():.0f} MB",
            flush=True,
        )
        day *= 2
    return spent_s < 10.0


def main() -> None:
    """Print what happens; fail if the ring ran dry, memory grew or the clock went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--score", default="let_go")
    parser.add_argument("--fast", type=seconds)
    parser.add_argument("--real", type=seconds)
    parser.add_argument("--days", type=int)
    parser.add_argument("--ahead", type=seconds, default=0.5)
    wishes = parser.parse_args()
    score = lullaby.load(wishes.score).score
    good = True
    if wishes.fast:
        good &= fast(score, wishes.fast, wishes.ahead)
    if wishes.days:
        good &= far(score, wishes.days)
    if wishes.real:
        good &= real(score, wishes.real, wishes.ahead)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
