"""A column of words as numbers: which word of those it has each cell is."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.data.cells import Column, numbers
from lullaby.data.faults import TableError, shown
from lullaby.data.records import text_column
from lullaby.model.chance import Floats

MOST_KNOWN = 10_000  # words of one column that are remembered
LONGEST_WORD = 64  # letters


class Words:
    """The words of one column, numbered as they come; a number is the word it is written as."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    @property
    def found(self) -> tuple[str, ...]:
        """Return the words by their numbers."""
        return tuple(self._known)

    def codes(self, column: Any, decimal: str, missing: tuple[str, ...]) -> Floats:
        """Return the number of each cell's word, NaN where it is missing.

        ``column``: cells, or an array of numbers.  Raises TableError for words without end.
        """
        if not isinstance(column, Column):
            return self._of_numbers(np.asarray(column, np.float64))
        values, bad = numbers(column, decimal, missing)
        out = self._of_numbers(values)
        rows = np.flatnonzero(bad)
        if not len(rows):
            return out
        texts = Column(column.data, column.start[rows], column.end[rows])
        if int((texts.end - texts.start).max()) > LONGEST_WORD:
            long = texts.text(int(np.argmax(texts.end - texts.start)))
            raise TableError(f"{shown(long)}: a word has at most {LONGEST_WORD} letters")
        letters = np.ascontiguousarray(texts.letters(LONGEST_WORD))
        each, back = np.unique(letters.view(f"S{letters.shape[1]}")[:, 0], return_inverse=True)
        names = [self._code(word.decode("utf-8", "replace")) for word in each.tolist()]
        out[rows] = np.asarray(names, np.float64)[back.reshape(-1)]
        return out

    def _of_numbers(self, values: Floats) -> Floats:
        out = np.full(len(values), np.nan)
        rows = np.flatnonzero(~np.isnan(values))
        if len(rows):
            each, back = np.unique(values[rows], return_inverse=True)
            if len(each) > MOST_KNOWN:
                raise TableError(f"more than {MOST_KNOWN} different words")
            out[rows] = np.array([self._code(number_word(x)) for x in each.tolist()])[back]
        return out

    def _code(self, word: str) -> float:
        code = self._known.setdefault(word, len(self._known))
        if code >= MOST_KNOWN:
            raise TableError(f"more than {MOST_KNOWN} different words")
        return float(code)


def number_word(value: float) -> str:
    """Return a number as the word it is: 200 and 200.0 are one."""
    return f"{value + 0.0:.15g}"


def word_of(cell: str, decimal: str, missing: tuple[str, ...]) -> str:
    """Return the word of one cell, "" where it is missing."""
    known = Words()
    try:
        known.codes(text_column([cell.strip()]), decimal, missing)
    except TableError:
        return ""
    return known.found[0] if known.found else ""
