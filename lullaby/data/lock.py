"""A lock beside a score: what 0 and 1 of each signal meant, for next week's data."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

from lullaby.errors import UsageError
from lullaby.model.score import Score

MOST_BYTES = 1 << 20


def lock_path(score: Score) -> Path:
    """Return where the lock of a score lies: NAME.lock.json beside it."""
    return Path(score.path).with_suffix(".lock.json")


def lock_text(score: Score) -> str:
    """Return the lock of a score whose data are read.  Raises UsageError without signals."""
    known = score.known
    if known is None or not known.signals:
        raise UsageError("the score has no signals, so there is nothing to lock")
    signals = {
        name: {"range": [signal.scale.low, signal.scale.high], "scale": signal.scale.kind}
        for name, signal in known.signals.items()
        if signal.scale.kind != "quantile"
    }
    made = {"lullaby": 1, "signals": signals, "files": dict(known.files)}
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def locked(score: Score) -> tuple[Score, dict[str, str]]:
    """Return a score with the ranges of its lock, if there is one, and the files it was made of.

    A range that the score states itself stands.  Raises UsageError for a lock that cannot be read.
    """
    path = lock_path(score)
    if not score.signals or not path.is_file():
        return score, {}
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError
        found = json.loads(path.read_text("utf-8"))
        ranges = {
            str(name): tuple(float(end) for end in one["range"])
            for name, one in found["signals"].items()
        }
        files = {str(name): str(digest) for name, digest in found["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UsageError(f"{path}: this is no lock; 'lullaby data lock' makes one") from None
    signals = []
    for one in score.signals:
        ends = ranges.get(one.name)
        good = ends is not None and len(ends) == 2 and all(map(math.isfinite, ends))
        if one.range is None and ends is not None and good and one.scale != "quantile":
            one = replace(one, range=(ends[0], ends[1]))
        signals.append(one)
    return replace(score, signals=tuple(signals)), files


def changed(score: Score, files: dict[str, str]) -> list[str]:
    """Return a note for every source that is not what the lock was made of."""
    known = score.known
    if known is None:
        return []
    return [
        f"source '{name}' is not the file the lock was made of; its ranges are kept"
        for name, digest in known.files.items()
        if name in files and files[name] != digest
    ]
