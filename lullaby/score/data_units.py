"""Plain numbers and stretches of time as data have them: their units are said elsewhere."""

from __future__ import annotations

import math
import re

from lullaby.score.grammar import Parser
from lullaby.score.kinds import FACTORS
from lullaby.score.lexer import Slip
from lullaby.score.nearest import cut
from lullaby.score.reading import Reading
from lullaby.score.syntax import Between, Quantity

LONGEST_S = 1000 * 366 * 86400.0
NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


def data_s(text: str, lead: int, reading: Reading) -> float:
    """Return a stretch of data time in seconds; raises Slip (``lead``: where the text begins)."""
    parser = Parser(" " * lead + text, reading.limits)
    quantity = parser.quantity()
    parser.finish()
    kind, size = FACTORS.get(quantity.unit, ("", 0))
    if quantity.unit == "clock" or kind != "time":
        message = "data time wants s, ms, min, h or d, such as 15 min"
        raise Slip(quantity.start, quantity.end, message)
    seconds = float(quantity.text) * float(size)
    if not 0.0 < seconds <= LONGEST_S:
        raise Slip(quantity.start, quantity.end, "this time must be longer than nothing")
    return seconds


def pair(text: str, lead: int, reading: Reading, example: str) -> tuple[float, float]:
    """Return both ends of a range of data values; raises Slip."""
    parser = Parser(" " * lead + text, reading.limits)
    made = parser.range(example.partition(" ")[0])
    parser.finish()
    assert isinstance(made, Between)
    return _plain(made.low), _plain(made.high)


def _plain(quantity: Quantity) -> float:
    if quantity.unit not in ("", "%"):
        message = "data values are plain numbers; their unit is said with 'unit'"
        raise Slip(quantity.start, quantity.end, message)
    return float(quantity.text) * (0.01 if quantity.unit else 1.0)


def number(text: str, what: str, example: str, lead: int = 0) -> float:
    """Return one data value; raises Slip (``lead``: where the text begins)."""
    value = float(text) if NUMBER.fullmatch(text) and len(text) <= 40 else math.nan
    if not math.isfinite(value):
        message = f"{what} wants a number, such as {example}; not {cut(text)}"
        raise Slip(lead, lead + len(text), message)
    return value
