"""Formulas reckoned over whole columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from lullaby.model.formula import TRUTHS, Amount, Cell, Formula, Reckoned

OPERATIONS: dict[str, Callable[..., Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
    "neg": np.negative,
    "log10": np.log10,
    "abs": np.abs,
    "sqrt": np.sqrt,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
    "not": np.logical_not,
}


def reckoned(formula: Formula, look_up: Callable[[Cell], Any]) -> Any:
    """Return a formula's value: an array as ``look_up`` gives for names.

    What is no finite number is missing (NaN); a comparison with something missing is false.
    """
    with np.errstate(all="ignore"):
        return _value(formula, look_up, counts=False)


def counted(formula: Formula, look_up: Callable[[Cell], Any]) -> Any:
    """Return the same as numbers: 1 for true and 0 for false, and missing stays missing."""
    with np.errstate(all="ignore"):
        return _value(formula, look_up, counts=True)


def _value(formula: Formula, look_up: Callable[[Cell], Any], *, counts: bool) -> Any:
    match formula:
        case Amount():
            return np.float64(formula.value)
        case Cell():
            return look_up(formula)
        case Reckoned():
            parts = [_value(part, look_up, counts=counts) for part in formula.parts]
            if formula.operation in ("min", "max"):
                smaller = np.minimum if formula.operation == "min" else np.maximum
                return reduce(smaller, parts)
            if formula.operation in TRUTHS:
                return _truth(formula.operation, parts, counts=counts)
            made = OPERATIONS[formula.operation](*parts)
            return np.where(np.isfinite(made), made, np.nan)
    raise TypeError(f"no value for {formula!r}")


def _truth(operation: str, parts: list[Any], *, counts: bool) -> Any:
    made = OPERATIONS[operation](*parts)
    if counts:
        missing = reduce(np.logical_or, [np.isnan(part) for part in parts])
        return np.where(missing, np.nan, np.asarray(made, np.float64))
    if operation == "!=":  # NaN differs from all, but is nothing
        return made & ~(np.isnan(parts[0]) | np.isnan(parts[1]))
    return made
