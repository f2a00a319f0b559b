"""Cells of a table as numbers, a whole column of a chunk at once.

Numbers have a grammar of their own, narrower than what Python would take: a sign, digits, one
decimal mark, an exponent; no ``1_000``, no other digits than 0 to 9.  Python sees single cells only
where they break it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Floats

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Truths = NDArray[np.bool_]

LONGEST = 48  # letters; a longer cell is no number
MISSING = ("na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "inf", "-inf", "+inf")
MOST_PLAIN = 17  # letters: a sign, 15 digits, a point
POWERS = 10.0 ** np.arange(16)
ALLOWED = np.zeros(256, bool)
ALLOWED[[0, *b"0123456789+-.eE"]] = True
DIGIT = np.zeros(256, bool)
DIGIT[list(b"0123456789")] = True


@dataclass(frozen=True)
class Column:
    """Cells of one column of a chunk: where each begins and ends in the bytes."""

    data: Bytes
    start: Places
    end: Places

    def letters(self, most: int = LONGEST) -> Bytes:
        """Return the cells' bytes, a row a cell, filled up with 0."""
        length = np.minimum(self.end - self.start, most)
        width = max(1, int(length.max(initial=0)))
        padded = np.concatenate((self.data, np.zeros(width, np.uint8)))
        rows = np.lib.stride_tricks.sliding_window_view(padded, width)[self.start]
        return np.where(np.arange(width) < length[:, None], rows, 0).astype(np.uint8)

    def text(self, i: int) -> str:
        """Return one cell as text."""
        return self.data[self.start[i] : self.end[i]].tobytes().decode("utf-8", "replace")


def stripped(data: Bytes, start: Places, end: Places) -> Column:
    """Return cells without the blanks and the quotes around them."""
    start, end = start.copy(), end.copy()
    for _ in range(LONGEST):
        lead = (start < end) & np.isin(data[np.minimum(start, len(data) - 1)], (32, 9))
        tail = (start < end) & np.isin(data[np.maximum(end - 1, 0)], (32, 9, 13))
        if not (lead.any() or tail.any()):
            break
        start += lead
        end -= tail & (start < end)
    quoted = (end - start >= 2) & (data[np.minimum(start, len(data) - 1)] == 34)
    quoted &= data[np.maximum(end - 1, 0)] == 34
    return Column(data, start + quoted, end - quoted)


def numbers(column: Column, decimal: str, missing: tuple[str, ...]) -> tuple[Floats, Truths]:
    """Return the cells as numbers, NaN where missing, and which of them are neither."""
    letters = column.letters()
    long = column.end - column.start > LONGEST
    if decimal == ",":
        letters = np.where(letters == 46, 255, np.where(letters == 44, 46, letters))
        letters = letters.astype(np.uint8)
    right = ALLOWED[letters].all(axis=1) & DIGIT[letters].any(axis=1) & ~long
    values = np.full(len(letters), np.nan)
    if missing:
        right &= ~_words(letters, missing)
    values[right], failed = _floats(np.ascontiguousarray(letters[right]))
    right[np.flatnonzero(right)[failed]] = False
    values[~np.isfinite(values)] = np.nan
    bad = ~right & (column.end > column.start)
    if bad.any():
        bad[bad] = ~_words(letters[bad], (*MISSING, *missing)) | long[bad]
    return values, bad


def _floats(letters: Bytes) -> tuple[Floats, Truths]:
    values, done = _decimals(letters)
    failed = np.zeros(len(letters), bool)
    if not done.all():
        rest = np.flatnonzero(~done)
        values[rest], failed[rest] = _any_floats(np.ascontiguousarray(letters[rest]))
    return values, failed


def _decimals(letters: Bytes) -> tuple[Floats, Truths]:
    # Plain decimals of at most 15 digits: a whole number over a power of ten, both exact, so that
    # one division rounds as strtod does.  All others are left to it.
    rows = np.arange(len(letters))
    sign = letters[:, 0]
    whole = np.zeros(len(rows), np.int64)
    digits = np.zeros(len(rows), np.int64)
    after = np.zeros(len(rows), np.int64)
    points = np.zeros(len(rows), np.int64)
    others = np.zeros(len(rows), np.int64)
    for column in letters.T[:MOST_PLAIN]:
        digit = DIGIT[column]
        whole = np.where(digit & (digits < 15), whole * 10 + (column - np.uint8(48)), whole)
        digits += digit
        after += digit & (points > 0)
        points += column == 46
        others += (column != 0) & ~digit & (column != 46)
    signed = (sign == 43) | (sign == 45)
    plain = (others == signed) & (points <= 1) & (digits > 0) & (digits <= 15)
    if letters.shape[1] > MOST_PLAIN:
        plain &= letters[:, MOST_PLAIN] == 0
    values = whole / POWERS[np.minimum(after, 15)]
    return np.where(sign == 45, -values, values), plain


def _any_floats(letters: Bytes) -> tuple[Floats, Truths]:
    cells = letters.view(f"S{letters.shape[1]}")[:, 0]
    failed = np.zeros(len(cells), bool)
    try:
        with np.errstate(over="ignore"):
            return cells.astype(np.float64), failed
    except ValueError:  # one of them is a date, a version, a range: look at each
        values = np.full(len(cells), np.nan)
        for i, cell in enumerate(cells):
            try:
                values[i] = float(cell)
            except ValueError:
                failed[i] = True
        return values, failed


def _words(letters: Bytes, words: tuple[str, ...]) -> Truths:
    cells = np.ascontiguousarray(letters).view(f"S{letters.shape[1]}")[:, 0]
    return np.isin(np.char.lower(cells), [w.lower().encode() for w in words if w])
