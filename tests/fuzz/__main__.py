"""``python -m tests.fuzz [--cases N | --seconds S] [--seed N] [--only NUMBER]``.

Tries texts one after the other: each is read, and laid out, within a second of CPU time and 200 MB.
Stops at the first that breaks a promise, and says which, so that it can be had again.
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.fuzz.making import case, corpus
from tests.fuzz.trying import laid_out, read

MOST_S, MOST_LAID_OUT_S = 1.0, 1.0  # of CPU
MOST_MB = 200
FOUND = Path("fuzz-found.yaml")


class TooLong(BaseException):
    """A text that took longer than it may."""


def _alarm(*_: Any) -> None:
    raise TooLong


def within(most_s: float, trial: Callable[[bytes], str], data: bytes) -> str:
    """Return what came of a text; raises TooLong after so much CPU time."""
    signal.setitimer(signal.ITIMER_PROF, most_s)
    try:
        return trial(data)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)


def main() -> int:
    """Try texts until the number or the time is up; 1 where one breaks a promise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=300)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--seed", type=int, default=1931)
    parser.add_argument("--only", type=int)
    options = parser.parse_args()
    warnings.simplefilter("error")
    texts = corpus()
    signal.signal(signal.SIGPROF, _alarm)
    for text in texts:  # all that is loaded lazily is there before memory is counted
        laid_out(text)
        read(text)
    held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MOST_MB * 2**20,) * 2)
    for text in texts:  # what was found before must be quick, too
        within(MOST_S, read, text)
        within(MOST_LAID_OUT_S, laid_out, text)
    found: Counter[str] = Counter()
    slowest = (0.0, -1)
    begun = time.monotonic()
    number = options.only or 0
    while True:
        data = case(number, options.seed, texts)
        try:
            before = time.process_time()
            found[within(MOST_S, read, data)] += 1
            slowest = max(slowest, (time.process_time() - before, number))
            found[within(MOST_LAID_OUT_S, laid_out, data)] += 1
        except (Exception, TooLong):
            FOUND.write_bytes(data)
            print(f"case {number} of seed {options.seed} (kept as {FOUND}):", flush=True)
            traceback.print_exc()
            return 1
        number += 1
        if options.only is not None:
            break
        if (
            time.monotonic() - begun > options.seconds
            if options.seconds
            else (number >= options.cases)
        ):
            break
    told = ", ".join(f"{count} {what}" for what, count in sorted(found.items()))
    print(f"{number} texts: {told}; slowest read {slowest[0]:.2f} s (case {slowest[1]})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
