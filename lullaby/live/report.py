"""The status of a session as a file that other programs read: JSON, always whole."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

from lullaby.live.status import Status


def as_json(status: Status) -> dict[str, Any]:
    """Return a status as plain values; levels of silence are null."""
    made: dict[str, Any] = _plain(dataclasses.asdict(status))
    return made


def write_status(path: Path, status: Status) -> None:
    """Replace the file by the status of now.  Raises OSError."""
    beside = path.with_name(path.name + ".part")
    beside.write_text(json.dumps(as_json(status), indent=1) + "\n", encoding="utf-8")
    beside.replace(path)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 4) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
