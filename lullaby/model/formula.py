"""Arithmetic on data as a tree: what a score writes in ``where``, ``from`` and ``steps``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

X = "x"  # what a step works on
TRUTHS = ("<", "<=", ">", ">=", "==", "!=", "and", "or", "not")


@dataclass(frozen=True)
class Formula:
    """Base of the three kinds of node."""


@dataclass(frozen=True)
class Amount(Formula):
    """A plain number."""

    value: float


@dataclass(frozen=True)
class Cell(Formula):
    """A name: a column (``source.column`` or, in ``where``, ``column``), a signal, or ``x``."""

    name: str
    column: str = ""

    @property
    def key(self) -> str:
        """Return the name as it is written."""
        return f"{self.name}.{self.column}" if self.column else self.name


@dataclass(frozen=True)
class Reckoned(Formula):
    """An operation on other formulas.

    ``+ - * / ^ neg min max log10 abs sqrt < <= > >= == != and or not``.
    """

    operation: str
    parts: tuple[Formula, ...]


def cells(formula: Formula) -> Iterator[Cell]:
    """Yield every name in a formula, in order."""
    if isinstance(formula, Cell):
        yield formula
    elif isinstance(formula, Reckoned):
        for part in formula.parts:
            yield from cells(part)


def is_truth(formula: Formula | None) -> bool:
    """Return whether a formula is true or false, 1 or 0, rather than a number."""
    return isinstance(formula, Reckoned) and formula.operation in TRUTHS
