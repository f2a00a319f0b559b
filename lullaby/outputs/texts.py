"""Texts that are written into files: schema, starters, drawings."""

from __future__ import annotations

from pathlib import Path

from lullaby.errors import UsageError
from lullaby.outputs.whole import Part, check_target, commit, told


def write_text(target: Path, text: str, *, overwrite: bool = True) -> None:
    """Write a text file, whole or not at all.

    Raises UsageError for a name that cannot be written, or that is there unless ``overwrite``;
    OutputError where the disk fails.
    """
    check_target(target)
    if target.exists() and not overwrite:
        raise UsageError(f"{target}: is already there; nothing was written")
    part = Part(target)
    try:
        with told(target):
            part.path.write_text(text, encoding="utf-8", newline="\n")
        part.sync()
        commit([part])
    except BaseException:
        part.discard()
        raise
