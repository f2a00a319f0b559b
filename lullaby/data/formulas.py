"""Formulas reckoned over whole columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from lullaby.model.formula import Amount, Cell, Formula, Reckoned

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
        return _value(formula, look_up)


def _value(formula: Formula, look_up: Callable[[Cell], Any]) -> Any:
    match formula:
        case Amount():
            return np.float64(formula.value)
        case Cell():
            return look_up(formula)
        case Reckoned():
            parts = [_value(part, look_up) for part in formula.parts]
            if formula.operation in ("min", "max"):
                smaller = np.minimum if formula.operation == "min" else np.maximum
                return reduce(smaller, parts)
            if formula.operation == "!=":  # NaN differs from all, but is nothing
                known = ~(np.isnan(parts[0]) | np.isnan(parts[1]))
                return np.not_equal(*parts) & known
            made = OPERATIONS[formula.operation](*parts)
            if np.asarray(made).dtype.kind == "f":
                return np.where(np.isfinite(made), made, np.nan)
            return made
    raise TypeError(f"no value for {formula!r}")
