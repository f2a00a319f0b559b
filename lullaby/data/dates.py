"""Cells that are dates, as seconds since 1970-01-01 UTC; what names no zone is taken as UTC."""

from __future__ import annotations

import re

import numpy as np

from lullaby.data.cells import Bytes, Column, Truths
from lullaby.model.chance import Floats

LOOKS = re.compile(
    r"\d{4}-\d\d(-\d\d([ T]\d\d(:\d\d(:\d\d([.,]\d+)?)?)?\s?(Z|[+-]\d\d:?(\d\d)?)?)?)?"
    r"|\d{4}/\d\d?/\d\d?.*|\d\d\.\d\d\.\d{4}([ T].*)?",
    re.ASCII,
)
AMBIGUOUS = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}.*", re.ASCII)


def is_date(text: str) -> bool:
    """Return whether a cell looks like a date that can be read."""
    return LOOKS.fullmatch(text.strip()) is not None


def is_ambiguous(text: str) -> bool:
    """Return whether a cell is a date of which day and month could be either."""
    return AMBIGUOUS.fullmatch(text.strip()) is not None


def seconds(column: Column) -> tuple[Floats, Truths]:
    """Return the cells as seconds, NaN where blank, and which of them are no dates."""
    letters = column.letters(40)
    length = (letters != 0).sum(axis=1)
    letters = np.where(letters == 47, 45, letters).astype(np.uint8)  # 2020/01/31
    letters = np.where(letters == 44, 46, letters).astype(np.uint8)  # a decimal comma
    if letters.shape[1] >= 10:
        letters = _day_first(letters)
    offset_s, length = _zone(letters, length)
    letters = np.where(np.arange(letters.shape[1]) < length[:, None], letters, 0)
    letters = np.ascontiguousarray(letters.astype(np.uint8))
    # "now" and "today" would be read too: a date begins with a digit.
    strange = (length > 0) & ~((letters[:, 0] >= 48) & (letters[:, 0] <= 57) & (length >= 7))
    letters[strange] = 0
    values, failed = _parsed(letters)
    values = values - offset_s
    return values, strange | failed


def _day_first(letters: Bytes) -> Bytes:
    # 31.12.2020: the points say that the day comes first.
    dotted = (letters[:, 2] == 46) & (letters[:, 5] == 46)
    if dotted.any():
        order = [6, 7, 8, 9, 5, 3, 4, 2, 0, 1]
        turned = letters[dotted][:, order]
        turned[:, [4, 7]] = 45
        letters[np.flatnonzero(dotted)[:, None], np.arange(10)] = turned
    return letters


def _zone(letters: Bytes, length: np.ndarray) -> tuple[Floats, np.ndarray]:
    offset_s = np.zeros(len(letters))
    rows = np.arange(len(letters))

    def at(back: int) -> Bytes:
        found: Bytes = letters[rows, np.maximum(length - back, 0)]
        return found

    def digits(back: int) -> Floats:
        return (at(back) - 48.0) * 10.0 + (at(back - 1) - 48.0)

    zulu = (length > 10) & np.isin(at(1), (90, 122))
    length = length - zulu
    for size, hours, minutes, colon in ((6, 5, 2, True), (5, 4, 2, False), (3, 2, 0, False)):
        found = (length > 13) & np.isin(at(size), (43, 45)) & (offset_s == 0.0)
        found &= (at(3) == 58) if colon else (at(3) != 58)
        if not found.any():
            continue
        amount = digits(hours) * 3600.0 + (digits(minutes) * 60.0 if minutes else 0.0)
        signed = np.where(at(size) == 45, -amount, amount)
        offset_s = np.where(found, signed, offset_s)
        length = length - size * found
    blank = (length > 0) & (at(1) == 32)
    return offset_s, length - blank


def _parsed(letters: Bytes) -> tuple[Floats, Truths]:
    cells = letters.view(f"S{letters.shape[1]}")[:, 0]
    failed = np.zeros(len(cells), bool)
    try:
        stamps = cells.astype("datetime64[us]")
    except ValueError:
        stamps = np.full(len(cells), "NaT", "datetime64[us]")
        for i, cell in enumerate(cells):
            try:
                stamps[i] = np.datetime64(cell.decode("ascii", "replace"), "us")
            except ValueError:
                failed[i] = True
    values = stamps.astype(np.int64) / 1e6
    return np.where(np.isnat(stamps), np.nan, values), failed
