"""What is wrong with data, told at the place in the score that asked for them."""

from __future__ import annotations

import re
from pathlib import Path

from lullaby.errors import Finding, ScoreError
from lullaby.model.score_place import Where

MOST_BYTES = 1 << 20
WORD = re.compile(r"[^\s,{}\[\]]+")


class TableError(Exception):
    """A table cannot be read: one line, without its place in the score."""


def fault(where: Where, message: str) -> ScoreError:
    """Return the error of one finding at a place in a score."""
    line, width = _line(where)
    return ScoreError([Finding(where.file, where.line, where.column, message, line, width)])


def _line(where: Where) -> tuple[str, int]:
    # The text is read again for the caret; where that fails the message stands alone.
    try:
        with Path(where.file).open("rb") as file:
            lines = file.read(MOST_BYTES).decode("utf-8-sig").splitlines()
    except (OSError, ValueError):
        return "", 1
    line = lines[where.line - 1] if 0 < where.line <= len(lines) else ""
    word = WORD.match(line, max(0, where.column - 1))
    return (line if len(line) <= 400 else ""), len(word[0]) if word else 1


def shown(cell: str) -> str:
    """Return foreign text in quotes: short, and nothing a terminal would obey."""
    text = cell if len(cell) <= 40 else cell[:37] + "..."
    return "'" + "".join(c if c.isprintable() else "?" for c in text) + "'"
