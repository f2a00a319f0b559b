"""A take as a file: what hands did, so that a session can be rendered again."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from lullaby.errors import UsageError
from lullaby.model.take import Take, Touch
from lullaby.outputs.whole import Part, commit, told

VERSION = 1
MOST_BYTES = 256 << 20


def save(path: Path, take: Take, from_s: float = 0.0) -> None:
    """Write a take that counts from a place in the piece.  Raises OutputError."""
    rows = [[grid, name, None if math.isnan(value) else value] for grid, name, value in take.rows]
    text = json.dumps(
        {
            "lullaby_take": VERSION,
            "sample_rate": take.sample_rate,
            "from_s": from_s,
            "names": take.names,
            "rows": rows,
        }
    )
    part = Part(path)
    with told(path):
        part.path.write_text(text + "\n", encoding="utf-8")
    part.sync()
    commit([part])


def load(path: Path) -> tuple[Take, float]:
    """Return a take and the place it counts from.  Raises UsageError for what is none."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path}: is too large for a take")
        made = _checked(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise UsageError(f"{path}: is no take that lullaby wrote") from None
    return made


def _checked(data: Any) -> tuple[Take, float]:
    if data["lullaby_take"] != VERSION:
        raise ValueError
    names = [str(name) for name in data["names"]]
    take, from_s = Take(int(data["sample_rate"])), float(data["from_s"])
    if not math.isfinite(from_s) or not 8000 <= take.sample_rate <= 192000:
        raise ValueError
    for grid, name, value in data["rows"]:
        value = None if value is None else float(value)
        if value is not None and not math.isfinite(value):
            raise ValueError
        take.add(Touch(int(grid), names[int(name)], value))
    return take, from_s
