"""From a table alone to the text of a score."""

from __future__ import annotations

from pathlib import Path

from lullaby.data.looking import chosen, looked
from lullaby.data.starter import starter
from lullaby.errors import UsageError


def score_text(
    path: Path,
    x: str | None = None,
    y: tuple[str, ...] = (),
    *,
    length_s: float | None = None,
    title: str = "",
) -> str:
    """Return a score that makes a table heard; it belongs into the table's folder.

    Raises UsageError where there is no such table or nothing in it to hear.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file")
    if length_s is not None and not 1.0 <= length_s <= 86400.0:
        raise UsageError("the data last 1 s to one day in the piece")
    found = looked(path)
    time, heard = chosen(found, x, y)
    return starter(
        path.name, time, heard, rows=len(found[0].values), length_s=length_s, title=title
    )
