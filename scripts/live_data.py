"""Play a score of data from a log that grows, for minutes, and compare with score and take offline.

A process of its own appends the rows of the recorded table in real time; the session follows that
file (``tail:``) and plays to nobody.  At the end what was heard must be, sample for sample, what
the score and the session's take render to.
"""

import argparse
import csv
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

import lullaby
from lullaby.data import opened
from lullaby.engine.arrange import arrange
from lullaby.engine.engine import Engine
from lullaby.engine.fed_cues import called_in
from lullaby.live.company import Company, Wishes
from lullaby.live.nobody import Nobody
from lullaby.live.piece import HORIZON_S
from lullaby.live.plan import Plan
from lullaby.live.session import Session
from lullaby.model.score import Score
from lullaby.model.take import Take
from lullaby.model.take_text import Recorded
from lullaby.outputs.takes import load, save

RATE = 48000
LINES = 12
AT_ONCE = 65536


def append(table: Path, log: Path, column: str) -> None:
    """Append the rows of a table to a log as their times come, over and over."""
    with table.open(newline="") as file:
        head, *rows = list(csv.reader(file))
    at_s = [float(row[head.index(column)]) for row in rows]
    begun, round_s = time.monotonic(), at_s[-1] - at_s[0] + 0.1
    with log.open("a") as out:
        for turn in range(1 << 20):
            for t, row in zip(at_s, rows, strict=True):
                due = begun + turn * round_s + t - at_s[0]
                if (wait := due - time.monotonic()) > 0.0:
                    out.flush()
                    time.sleep(wait)
                out.write(",".join(row) + "\n")


def memory_mb() -> float:
    """Return how much memory this process has now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def played(
    score: Score,
    source: str,
    log: Path,
    folder: Path,
    wishes: argparse.Namespace,
    begin: Callable[[], None],
) -> bool:
    """Play so long in real time; leave ``heard.wav`` and ``session.take``."""
    name, feed = opened(f"{source}=tail:{log}")
    plan = Plan(ahead_s=wishes.ahead, fed=frozenset({name}), record=folder / "heard.wav")
    session = Session(score, plan, Nobody(RATE))
    company = Company(session, Wishes(feeds={name: feed}))
    loads, lowest, first_mb = [], 1.0, 0.0
    with session, company:
        begin()
        begun = time.monotonic()
        for line in range(1, LINES + 1):
            while time.monotonic() - begun < 60.0 * wishes.minutes * line / LINES:
                time.sleep(0.05)
                lowest = min(lowest, session.ring.filled / session.ring.frames)
            status = session.status()
            loads.append(status.load)
            first_mb = first_mb or memory_mb()
            print(
                f"{(time.monotonic() - begun) / 60:5.2f} min: {company.rows} rows, "
                f"load {100 * status.load:.0f} %, lowest ring so far {100 * lowest:.0f} %, "
                f"underruns {status.underruns}, {memory_mb():.1f} MB, "
                f"machine {os.getloadavg()[0]:.1f}",
                flush=True,
            )
        troubles = session.status().trouble
        company.close()
        began_s, take = session.take
    save(folder / "session.take", Recorded(take, score.seed, score.title, began_s))
    print(
        f"{company.rows} rows, {len(take.rows)} touches, {len(session.piece.called)} cues, "
        f"mean load {100 * np.mean(loads):.0f} %, "
        f"lowest ring {100 * lowest:.0f} %, underruns {session.ring.underruns}, "
        f"memory {memory_mb() - first_mb:+.1f} MB since the first line"
    )
    for trouble in troubles:
        print(f"trouble: {trouble}")
    return session.ring.underruns == 0 and not troubles


def the_same(score: Score, take: Take, heard: Path) -> bool:
    """Return whether score and take render to what was heard, and say so."""
    until_s = HORIZON_S if score.scenes[-1].next else None
    differ = frames = 0
    first = None
    highest = 0.0
    with (
        soundfile.SoundFile(heard) as file,
        Engine(arrange(score, until_s, called_in(take)), RATE, take=take) as engine,
    ):
        while len(block := file.read(AT_ONCE, "float32", always_2d=True)):
            offline = engine.read(len(block)).T
            others = np.flatnonzero((offline != block).any(axis=1))
            if len(others) and first is None:
                first = (frames + int(others[0])) / RATE
            differ += len(others)
            frames += len(block)
            highest = max(highest, float(np.abs(block).max()))
    print(f"{frames} frames heard, highest {highest:.3f}; {differ} differ from score and take")
    if first is not None:
        print(f"the first of them at {first:.4f} s")
    return differ == 0 and highest > 0.0


def main() -> None:
    """Print what happens; fail where the ring ran dry or a sample differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--score", default="server_latency")
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--ahead", type=float, default=0.5)
    parser.add_argument("--around", action="store_true", help="After the last scene the first.")
    parser.add_argument("--keep", help="A folder for sound, take and log.")
    wishes = parser.parse_args()
    source = lullaby.load(wishes.score).score.sources[0]
    score = lullaby.load(wishes.score, fed={source.name}).score
    if wishes.around:
        *before, last = score.scenes
        score = replace(score, scenes=(*before, replace(last, next=(score.scenes[0].name,))))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(wishes.keep or made)
        log, table = folder / "access.csv", Path(source.path)
        with table.open() as file:
            log.write_text(file.readline())
        context = multiprocessing.get_context("spawn")
        writer = context.Process(target=append, args=(table, log, source.time), daemon=True)
        try:
            good = played(score, source.name, log, folder, wishes, writer.start)
        finally:
            if writer.pid is not None:
                writer.terminate()
                writer.join()
        good &= the_same(score, load(folder / "session.take").take, folder / "heard.wav")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
