"""Curves as text: braille dots over time, and one line of blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# The bits of a braille letter, by row and column of its 4 x 2 dots (Unicode 15, chapter 21.1).
BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BRAILLE = 0x2800
BLOCKS = "▁▂▃▄▅▆▇█"


def span(values: Floats, log: bool = False) -> tuple[float, float]:
    """Return the ends of an axis that holds the values; a constant lies in the middle."""
    found = values[np.isfinite(values)]
    if not found.size:
        return (1.0, 2.0) if log else (0.0, 1.0)
    low, high = float(found.min()), float(found.max())
    if high - low > 1e-9 * max(1.0, abs(high)):
        return low, high
    room = 0.1 * abs(low) or 1.0
    return (low / 1.1, low * 1.1) if log else (low - room, low + room)


def shares(values: Floats, low: float, high: float, log: bool = False) -> Floats:
    """Return values as shares of an axis, 0..1; NaN stays NaN."""
    if log and low > 0.0:
        values, low, high = np.log(values), float(np.log(low)), float(np.log(high))
    clipped: Floats = np.clip((values - low) / (high - low), 0.0, 1.0)
    return clipped


def braille(values: Floats, height: int, low: float, high: float, log: bool = False) -> list[str]:
    """Return lines of braille letters, top first; two values a letter, NaN leaves a gap.

    Two values that lie apart are joined by dots, as a pen would.
    """
    dots = 4 * height
    rows = np.round((1.0 - shares(values, low, high, log)) * (dots - 1))
    grid = np.zeros((height, -(-len(values) // 2)), np.int64)
    before = np.nan
    for x, y in enumerate(rows):
        if np.isnan(y):
            before = y
            continue
        first, last = sorted((int(y), int(y if np.isnan(before) else before)))
        if last > first:  # the joint belongs to the newer value, but for the dot it comes from
            first, last = (first, last - 1) if y < before else (first + 1, last)
        for dot in range(first, last + 1):
            grid[dot // 4, x // 2] |= BITS[dot % 4][x % 2]
        before = y
    return ["".join(chr(BRAILLE + int(bits)) for bits in line) for line in grid]


def spark(values: Floats, low: float, high: float, log: bool = False) -> str:
    """Return one line of blocks, a letter a value; a gap is a space."""
    letters = []
    for share in shares(values, low, high, log):
        letters.append(" " if np.isnan(share) else BLOCKS[min(7, int(share * 8 + 1e-9))])
    return "".join(letters)
