"""Takes on the disk: whole or absent, and read without trust."""

from __future__ import annotations

from pathlib import Path

from lullaby.errors import Finding, ScoreError, UsageError
from lullaby.model.take_text import Recorded, read, written
from lullaby.outputs.texts import write_text
from lullaby.outputs.whole import reason

LARGEST = 64 << 20  # bytes


def save(path: Path, recorded: Recorded) -> None:
    """Write a take; raises UsageError for a place where no file can be, OutputError if it fails."""
    write_text(path, written(recorded))


def load(path: Path) -> Recorded:
    """Return the take of a file.

    Raises UsageError for a file that cannot be read, ScoreError for one that is no take.
    """
    if not path.is_file():
        raise UsageError(f"{path}: there is no such take")
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{path}: {reason(error)}") from error
    if len(raw) > LARGEST:
        raise UsageError(f"{path}: a take has at most {LARGEST >> 20} MB")
    try:
        return read(raw.decode("utf-8"), str(path))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ScoreError([Finding(str(path), line, 1, "is no text in UTF-8")]) from error
