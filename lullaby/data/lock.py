"""A lock beside a score: what 0 and 1 of each signal meant, for next week's data."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from lullaby.data.scales import MOST_VALUES
from lullaby.errors import UsageError
from lullaby.model.scale import as_numbers
from lullaby.model.score import Score
from lullaby.model.signal import Signal

MOST_BYTES = 1 << 20
LISTED = ("ordinal", "nominal")  # of these all values are kept, not the two ends


def lock_path(score: Score) -> Path:
    """Return where the lock of a score lies: NAME.lock.json beside it."""
    return Path(score.path).with_suffix(".lock.json")


def lock_text(score: Score) -> str:
    """Return the lock of a score whose data are read.  Raises UsageError without signals."""
    known = score.known
    if known is None or not known.signals:
        raise UsageError("the score has no signals, so there is nothing to lock")
    signals = {
        name: _entry(signal)
        for name, signal in known.signals.items()
        if signal.scale.kind != "quantile" and signal.rolling_s is None
    }
    if not signals:
        message = "no signal has a range to lock: quantiles and rolling ranges follow the data"
        raise UsageError(message)
    made = {"lullaby": 1, "signals": signals, "files": dict(known.files)}
    return json.dumps(made, indent=1, sort_keys=True) + "\n"


def _entry(signal: Signal) -> dict[str, Any]:
    scale = signal.scale
    if scale.words:
        return {"values": list(scale.words), "scale": scale.kind}
    if scale.kind == "ordinal":
        values = scale.table if scale.low <= scale.high else scale.table[::-1]
        return {"values": [f"{value:.17g}" for value in values], "scale": scale.kind}
    return {"range": [scale.low, scale.high], "scale": scale.kind}


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
            if "values" not in one
        }
        values = {
            str(name): tuple(str(value) for value in one["values"])
            for name, one in found["signals"].items()
            if "values" in one
        }
        if any(len(listed) > MOST_VALUES for listed in values.values()):
            raise ValueError
        files = {str(name): str(digest) for name, digest in found["files"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UsageError(f"{path}: this is no lock; 'lullaby data lock' makes one") from None
    signals = []
    for one in score.signals:
        ends = ranges.get(one.name)
        good = ends is not None and len(ends) == 2 and all(map(math.isfinite, ends))
        listed = values.get(one.name, ())
        free = one.range is None and one.rolling_s is None and not one.values
        if free and one.scale in LISTED and _fit(one.scale, listed):
            one = replace(one, values=listed)
        elif free and ends is not None and good and one.scale not in (*LISTED, "quantile"):
            one = replace(one, range=(ends[0], ends[1]))
        signals.append(one)
    return replace(score, signals=tuple(signals)), files


def _fit(kind: str, listed: tuple[str, ...]) -> bool:
    return bool(listed) and (kind == "nominal" or as_numbers(listed) is not None)


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
