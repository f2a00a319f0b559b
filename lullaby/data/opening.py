"""Bytes of a data file: regular files alone, unpacked and decoded on the way, with a limit."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lullaby.data.faults import TableError

MOST_BYTES = 2 << 30
BLOCK = 1 << 20
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Limits:
    """Sizes above which a table is refused; only a call may raise them."""

    bytes_a_file: int = MOST_BYTES
    rows: int = 20_000_000
    columns: int = 1000
    bytes_a_field: int = 64 << 10
    bytes_of_json: int = 64 << 20


def digest(path: Path, limits: Limits) -> str:
    """Return a hash of the file's bytes; raises TableError where it cannot be read."""
    made = hashlib.blake2b(digest_size=16)
    for block in _raw(path, limits):
        made.update(block)
    return made.hexdigest()


def blocks(path: Path, limits: Limits, encoding: str = "") -> Iterator[bytes]:
    """Yield a file as UTF-8, unpacked if it is gzip; raises TableError on the way."""
    stream = _unpacked(path, limits)
    first = next(stream, b"")
    for mark, named in BOMS:
        if first.startswith(mark):
            encoding = encoding or named
            first = first[len(mark) :] if named == "utf-8" else first
    yield from _decoded(first, stream, encoding or "utf-8", path)


def whole(path: Path, limits: Limits, most: int) -> bytes:
    """Return all of a file, unpacked; raises TableError if it is larger than ``most``."""
    parts, size = [], 0
    for block in _unpacked(path, limits):
        parts.append(block)
        size += len(block)
        if size > most:
            raise TableError(f"more than {most >> 20} MiB")
    return b"".join(parts)


def _raw(path: Path, limits: Limits) -> Iterator[bytes]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise TableError("this is no regular file")
        size = 0
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                size += len(block)
                if size > limits.bytes_a_file:
                    raise TableError(f"more than {limits.bytes_a_file >> 20} MiB")
                yield block
    except OSError as error:
        raise TableError(error.strerror or "cannot be read") from None


def _unpacked(path: Path, limits: Limits) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        if not packed:
            yield from _raw(path, limits)
            return
        size = 0
        with gzip.open(path) as file:
            while block := file.read(BLOCK):
                size += len(block)
                if size > limits.bytes_a_file:
                    raise TableError(f"unpacks to more than {limits.bytes_a_file >> 20} MiB")
                yield block
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise TableError("the gzip file is broken") from None
    except OSError as error:
        raise TableError(error.strerror or "cannot be read") from None


def _decoded(first: bytes, rest: Iterator[bytes], encoding: str, path: Path) -> Iterator[bytes]:
    if encoding in ("utf-8", "latin-1", "cp1252"):  # numbers are the same bytes in all of them
        yield first
        yield from rest
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for block in (first, *rest):
            yield decoder.decode(block).encode()
        yield decoder.decode(b"", final=True).encode()
    except UnicodeError:
        raise TableError(f"this is not {encoding}") from None
