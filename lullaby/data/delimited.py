"""CSV and TSV in chunks: cut by whole-array arithmetic, so that no row is ever a Python object.

pandas and polars would read faster; neither is used.  They would be by far the largest thing to
install, guess types in their own ways, and leave the grammar of numbers, the limits and the places
of bad cells to be built around them.  A million rows take about a second this way, ten million are
read in bounded memory, and both are done once, before anything sounds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from lullaby.data.cells import Bytes, Column, Places, stripped
from lullaby.data.faults import TableError
from lullaby.data.opening import Limits, blocks

CANDIDATES = (",", ";", "\t", "|")
LOOKED_AT = 64 << 10  # bytes in which the delimiter is found out
QUOTE, NEWLINE = 34, 10


@dataclass(frozen=True)
class Layout:
    """How a text table is laid out, stated or found out."""

    names: tuple[str, ...]
    header: bool
    delimiter: str
    guessed: bool  # the delimiter was found out
    skipped: int  # lines before the rows, with the header


@dataclass(frozen=True)
class Chunk:
    """Some rows: for each wanted column its cells; how many rows were too short or too long."""

    columns: list[Column]
    rows: int
    ragged: int


def layout(path: Path, limits: Limits, delimiter: str, encoding: str) -> Layout:
    """Return the layout by the beginning of a file; raises TableError for what is no table."""
    head = b""
    for block in blocks(path, limits, encoding):
        head += block
        if len(head) >= LOOKED_AT:
            break
    if b"\0" in head[:LOOKED_AT]:
        raise TableError("this is no text (a NUL byte in it); name its encoding if it is")
    text = head[:LOOKED_AT].decode(
        "latin-1" if encoding in ("latin-1", "cp1252") else "utf-8", "replace"
    )
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if len(head) > LOOKED_AT and len(lines) > 1:
        lines = lines[:-1]
    lead = next((i for i, line in enumerate(lines) if line.strip() and line[0] != "#"), None)
    if lead is None:
        raise TableError("the table is empty")
    found = delimiter or _delimiter(lines[lead : lead + 50])
    first = [cell.strip() for cell in split(lines[lead], found)]
    if len(first) > limits.columns:
        raise TableError(f"more than {limits.columns} columns")
    header = not any(_numeric(cell) for cell in first)
    names = first if header else [f"c{i}" for i in range(1, len(first) + 1)]
    return Layout(tuple(names), header, found, not delimiter, lead + header)


def split(line: str, delimiter: str) -> list[str]:
    """Return the cells of one line."""
    cells, cell, quoted = [], "", False
    for letter in line:
        if letter == '"':
            quoted = not quoted
        elif letter == delimiter and not quoted:
            cells.append(cell)
            cell = ""
        else:
            cell += letter
    return [*cells, cell]


def _numeric(cell: str) -> bool:
    plain = cell.replace(",", ".", 1).lstrip("+-")
    return bool(plain) and plain[0].isdigit() and plain[0].isascii()


def _delimiter(lines: Sequence[str]) -> str:
    # The one that cuts most lines into as many cells as the first; more cells win.
    lines = [line for line in lines if line.strip()]
    best, score = "", (0.0, 0)
    for candidate in CANDIDATES:
        counts = [len(split(line, candidate)) for line in lines]
        if counts[0] < 2:
            continue
        same = sum(count == counts[0] for count in counts) / len(counts)
        if (round(same, 1), counts[0]) > score:
            best, score = candidate, (round(same, 1), counts[0])
    return best or ","


def chunks(
    path: Path, limits: Limits, form: Layout, encoding: str, wanted: Sequence[int]
) -> Iterator[Chunk]:
    """Yield the wanted columns of all rows; raises TableError where a limit is passed."""
    rest, skip = b"", form.skipped
    longest = limits.bytes_a_field * max(1, min(len(form.names), 64))
    for block in chain(blocks(path, limits, encoding), [b"\n"]):
        rest += block
        while skip and b"\n" in rest:
            rest = rest[rest.index(b"\n") + 1 :]
            skip -= 1
        if skip:
            continue
        data = np.frombuffer(rest, np.uint8)
        open_quotes = data == QUOTE
        inside = np.cumsum(open_quotes) & 1 if open_quotes.any() else None
        lines = data == NEWLINE
        if inside is not None:
            lines &= inside == 0
        ends = np.flatnonzero(lines)
        if not len(ends):
            if len(rest) > longest:
                raise TableError(
                    f"a field or line of more than {longest >> 10} KiB, or an open quote"
                )
            continue
        used = int(ends[-1]) + 1
        yield _chunk(data[:used], lines[:used], inside, form, wanted, limits)
        rest = rest[used:]
    if rest.strip():
        raise TableError("a quote is opened and never closed")


def _chunk(
    data: Bytes,
    lines: np.ndarray,
    inside: np.ndarray | None,
    form: Layout,
    wanted: Sequence[int],
    limits: Limits,
) -> Chunk:
    cuts = data == ord(form.delimiter)
    if inside is not None:
        cuts &= inside[: len(data)] == 0
    ends = np.flatnonzero(cuts | lines)
    starts = np.concatenate(([0], ends[:-1] + 1))
    if len(ends) and int((ends - starts).max()) > limits.bytes_a_field:
        raise TableError(f"a field of more than {limits.bytes_a_field >> 10} KiB")
    last = np.flatnonzero(lines[ends])  # the field that ends each row
    first = np.concatenate(([0], last[:-1] + 1))
    count = last - first + 1
    kept = _not_blank(data, starts[first], ends[last])
    first, count = first[kept], count[kept]
    if len(count) and int(count.max()) > limits.columns:
        raise TableError(f"more than {limits.columns} columns")
    made = [_cells(data, starts, ends, first, count, j) for j in wanted]
    ragged = int((count != len(form.names)).sum())
    return Chunk(made, len(first), ragged)


def _not_blank(data: Bytes, start: Places, end: Places) -> np.ndarray:
    bare = end - start <= 1
    first = data[np.minimum(start, len(data) - 1)]
    empty = (end == start) | (bare & np.isin(first, (13, 32)))
    kept: np.ndarray = ~(empty | (first == ord("#")))
    return kept


def _cells(
    data: Bytes, starts: Places, ends: Places, first: Places, count: Places, j: int
) -> Column:
    there = j < count
    at = np.where(there, first + j, first)
    start = np.where(there, starts[at], 0)
    end = np.where(there, ends[at], 0)
    return stripped(data, start, end)
