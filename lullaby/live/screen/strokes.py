"""Bars and small curves of block characters, for a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.color import Color
from rich.style import Style
from rich.text import Text

from lullaby.measure.palette import DIM, EMBER, HAIR, INK, TEAL

STEPS = " ▁▂▃▄▅▆▇█"
LINE, HALF = "━", "╸"


def bar(share: float, width: int, color: str = INK, ground: str = HAIR) -> Text:
    """Return a level of 0..1 as a line of ``width`` cells, fine to half a cell."""
    halves = round(min(max(share, 0.0), 1.0) * width * 2)
    full, rest = divmod(halves, 2)
    text = Text(LINE * full + HALF * rest, Style(color=color))
    return text.append(LINE * (width - full - rest), Style(color=ground))


def meter(level_db: float, width: int, floor_db: float = -60.0) -> Text:
    """Return a level in dBFS as a bar that warms up towards full scale."""
    share = (max(level_db, floor_db) - floor_db) / -floor_db
    text = bar(share, width, TEAL)
    lit = len(text.plain) if share >= 1.0 else int(share * width + 0.5)
    for from_db, color in ((-18.0, "#f2c14e"), (-6.0, EMBER)):
        cell = round((from_db - floor_db) / -floor_db * width)
        text.stylize(Style(color=color), cell, max(cell, lit))
    return text


def curve(
    values: Sequence[float], color: str, at: int | None = None, held: bool = False, rows: int = 1
) -> list[Text]:
    """Return values of 0..1 as a small curve, a cell each, ``rows`` lines high, the top one first.

    Cell ``at`` is the playhead.  What is still to come is dim; all of it where a hand holds the
    curve (``held``).
    """
    lines = [Text() for _ in range(rows)]
    for cell, value in enumerate(values):
        passed = at is not None and cell <= at
        shade = color if passed and not held else faded(color, 0.4)
        style = Style(color=INK, bgcolor=HAIR) if cell == at else Style(color=shade)
        eighths = max(1, round(min(max(value, 0.0), 1.0) * 8 * rows))
        for line, text in enumerate(reversed(lines)):
            text.append(STEPS[min(8, max(0, eighths - 8 * line))], style)
    return lines


def faded(color: str, share: float) -> str:
    """Return a colour with that share of its light."""
    red, green, blue = Color.parse(color).get_truecolor()
    return f"#{int(red * share):02x}{int(green * share):02x}{int(blue * share):02x}"


def fitted(text: str, width: int) -> str:
    """Return a text in exactly ``width`` cells, cut with an ellipsis."""
    from rich.cells import cell_len, set_cell_size

    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 1)) + "…"


def label(text: str) -> Text:
    """Return a dim label."""
    return Text(text, Style(color=DIM))
