"""Tables on a terminal or in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lullaby.cli.plain import plain

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 120  # letters a line where there is no terminal to ask


def console() -> Console:
    """Return where tables are printed."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(width=width, highlight=False, markup=False, emoji=False)


def show(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, compact: bool = False
) -> None:
    """Print a table; a column whose title ends in ``>`` is set to the right.

    ``compact``: one letter between columns, so that a dozen of figures fit on a terminal.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False) if compact else Table()
    for column in columns:
        right = column.endswith(">")
        table.add_column(
            column.removesuffix(">"),
            justify="right" if right else "left",
            no_wrap=compact and right,
        )
    for row in rows:
        table.add_row(*(Text(plain(cell)) for cell in row))
    console().print(table)
