"""A table read: the columns that a score uses, as numbers, by time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from lullaby.model.chance import Floats


@dataclass
class Table:
    """Columns of one length by the names that a score uses, with their times (s), rising."""

    time: Floats
    columns: dict[str, Floats]
    digest: str
    codes: dict[str, Floats] = field(default_factory=dict)  # of columns of words
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what codes count
    calendar: bool = False
    names: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)

    def only(self, kept: Any) -> Table:
        """Return the table of some of its rows, or of the same in another order."""
        columns = {name: column[kept] for name, column in self.columns.items()}
        codes = {name: column[kept] for name, column in self.codes.items()}
        return replace(self, time=self.time[kept], columns=columns, codes=codes)
