"""A file is whole or absent: written beside its target, renamed when done.

While it grows it is ``NAME.part`` in the same folder.  An older file of that name stays untouched
until the new one is complete and on the disk.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from lullaby.errors import OutputError, UsageError

SPARE = 64 << 20  # bytes left free beside what is written


class Part:
    """The file beside its target; every failure is an OutputError with one plain line."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(target.name + ".part")
        with told(target):
            if self.path.is_file() or self.path.is_symlink():
                self.path.unlink()  # left by a render that was killed
            self.path.open("xb").close()

    def sync(self) -> None:
        """Make sure that what was written is on the disk."""
        with told(self.target):
            _sync(self.path)

    def discard(self) -> None:
        """Remove it; a no-op where it is gone already."""
        with contextlib.suppress(OSError):
            self.path.unlink()


class told:  # noqa: N801 (reads as a word of the language: ``with told(path)``)
    """Turn an OSError inside into an OutputError that says which file and why."""

    def __init__(self, target: Path) -> None:
        self._target = target

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Say it plainly."""
        if isinstance(error, OSError):
            raise OutputError(f"{self._target}: {reason(error)}") from error


def reason(error: OSError) -> str:
    """Return in plain words why the system refused."""
    words = {
        errno.ENOSPC: "the disk is full",
        errno.EDQUOT: "the disk quota is used up",
        errno.EFBIG: "the file would be larger than this system allows",
        errno.EACCES: "no permission to write here",
        errno.EPERM: "no permission to write here",
        errno.EROFS: "the disk is read-only",
        errno.EIO: "the disk reports an error",
    }
    plain = words.get(error.errno or 0) or error.strerror or str(error)
    return f"{plain}; nothing was written under this name"


def commit(parts: Sequence[Part]) -> None:
    """Give all parts their names, or none of them.  Raises OutputError.

    One file is replaced in one step; of several, older ones are kept aside until all are in place.
    """
    if len(parts) == 1:
        with told(parts[0].target):
            parts[0].path.replace(parts[0].target)
    else:
        _commit_all(parts)
    for folder in {part.target.parent for part in parts}:
        with contextlib.suppress(OSError):  # not every system can sync a folder
            _sync(folder)


def _commit_all(parts: Sequence[Part]) -> None:
    placed: list[tuple[Part, Path | None]] = []
    try:
        for part in parts:
            there = part.target.exists()
            older = part.target.with_name(part.target.name + ".old.part") if there else None
            placed.append((part, older))
            with told(part.target):
                if older is not None:
                    part.target.replace(older)
                part.path.replace(part.target)
    except BaseException:
        for part, older in reversed(placed):
            with contextlib.suppress(OSError):
                if older is not None:
                    older.replace(part.target)
                else:
                    part.target.unlink()
        raise
    for _, older in placed:
        if older is not None:
            with contextlib.suppress(OSError):
                older.unlink()


def check_target(target: Path) -> None:
    """Raise UsageError if no file could ever stand under this name."""
    if not target.parent.is_dir():
        raise UsageError(f"{target}: there is no folder {target.parent}")
    if target.is_dir():
        raise UsageError(f"{target}: is a folder; give the name of a file")
    if target.exists() and not target.is_file():
        raise UsageError(f"{target}: is not a plain file")


def check_space(folder: Path, size: int) -> None:
    """Raise OutputError if ``size`` bytes and a little more are not free in a folder."""
    with contextlib.suppress(OSError):
        free = shutil.disk_usage(folder).free
        if free < size + SPARE:
            raise OutputError(
                f"{folder}: needs about {_giga(size + SPARE)} GB, {_giga(free)} GB are free; "
                "nothing was written"
            )


def _giga(size: int) -> str:
    return f"{size / 1e9:.2f}"


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
