"""A place in a score's text, which everything a score defines carries with it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """A place in a file; it takes no part in comparing."""

    file: str = ""
    line: int = 0
    column: int = 0


NOWHERE = Where()
