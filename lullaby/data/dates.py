"""Cells that are dates, as seconds since 1970-01-01 UTC; what names no zone is taken as UTC."""

from __future__ import annotations

import re

import numpy as np

from lullaby.data.cells import DIGIT, Bytes, Column, Truths
from lullaby.model.chance import Floats

LOOKS = re.compile(
    r"\d{4}-\d\d(-\d\d([ T]\d\d(:\d\d(:\d\d([.,]\d+)?)?)?\s?(Z|[+-]\d\d:?(\d\d)?)?)?)?"
    r"|\d{4}/\d\d/\d\d.*|\d\d\.\d\d\.\d{4}([ T].*)?",
    re.ASCII,
)
AMBIGUOUS = re.compile(r"\d{1,2}[/-]\d{1,2}[/-]\d{2,4}.*", re.ASCII)
LONGEST = 30  # letters: to the nanosecond
MARKS = ((4, (45,)), (7, (45,)), (10, (32, 84, 116)), (13, (58,)), (16, (58,)), (19, (46,)))
FIELDS = (  # first and last place, least and greatest value
    (0, 4, 0, 9999),
    (5, 7, 1, 12),
    (8, 10, 1, 31),
    (11, 13, 0, 23),
    (14, 16, 0, 59),
    (17, 19, 0, 60),
)
MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


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

    def are_digits(back: int) -> Truths:
        found: Truths = DIGIT[at(back)] & DIGIT[at(back - 1)]
        return found

    zulu = (length > 10) & np.isin(at(1), (90, 122))
    length = length - zulu
    for size, hours, minutes, colon in ((6, 5, 2, True), (5, 4, 2, False), (3, 2, 0, False)):
        found = (length > 13) & np.isin(at(size), (43, 45)) & (offset_s == 0.0)
        found &= (at(3) == 58) if colon else (at(3) != 58)
        found &= are_digits(hours) & (are_digits(minutes) if minutes else True)
        if not found.any():
            continue
        amount = digits(hours) * 3600.0 + (digits(minutes) * 60.0 if minutes else 0.0)
        signed = np.where(at(size) == 45, -amount, amount)
        offset_s = np.where(found, signed, offset_s)
        length = length - size * found
    blank = (length > 0) & (at(1) == 32)
    return offset_s, length - blank


def _parsed(letters: Bytes) -> tuple[Floats, Truths]:
    # By fixed places, not by NumPy's own cast from bytes: one wrong date among many ends the
    # whole process there (numpy 2.4).
    wide = np.zeros((len(letters), LONGEST), np.uint8)
    wide[:, : letters.shape[1]] = letters[:, :LONGEST]
    length = (wide != 0).sum(axis=1)
    right = np.isin(length, (7, 10, 13, 16, 19)) | (length > 20)
    for place, marks in MARKS:
        right &= (length <= place) | np.isin(wide[:, place], marks)
    fields = []
    for begin, end, least, most in FIELDS:
        there = length >= end
        value = np.zeros(len(wide), np.int64)
        for column in wide[:, begin:end].T:
            right &= ~there | ((column >= 48) & (column <= 57))
            value = value * 10 + column - 48
        value = np.where(there, value, least)
        right &= (value >= least) & (value <= most)
        fields.append(value)
    year, month, day, hour, minute, second = fields
    right &= day <= _month_days(year, month)
    part, digits = _fraction(wide, length)
    right &= digits
    days = _days(year, month, day)
    values = days * 86400.0 + hour * 3600.0 + minute * 60.0 + second + part
    return np.where(right, values, np.nan), ~right & (length > 0)


def _fraction(wide: Bytes, length: np.ndarray) -> tuple[Floats, Truths]:
    part, right, size = np.zeros(len(wide)), np.ones(len(wide), bool), 1.0
    for place in range(20, LONGEST):
        column, there = wide[:, place], length > place
        right &= ~there | ((column >= 48) & (column <= 57))
        size *= 0.1
        part += np.where(there, (column - 48.0) * size, 0.0)
    return np.round(part, 6), right & (length <= LONGEST)


def _month_days(year: np.ndarray, month: np.ndarray) -> np.ndarray:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days: np.ndarray = MONTH_DAYS[np.clip(month, 1, 12) - 1] + ((month == 2) & leap)
    return days


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    # Days since 1970-01-01 in years that begin in March, so that the leap day comes last.
    y = year - (month <= 2)
    in_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days: np.ndarray = 365 * y + y // 4 - y // 100 + y // 400 + in_year - 719_468
    return days
