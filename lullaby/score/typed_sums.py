"""Arithmetic between kinds: what a sum of two typed values is, or why it means nothing."""

from __future__ import annotations

import math

from lullaby.model.value import Binary, Negative, Number, Points, Range, Value
from lullaby.score.lexer import Slip
from lullaby.score.syntax import Phrase, Sum


def combined(phrase: Sum, left: Value, a: str, right: Value, b: str) -> tuple[Value, str]:
    """Return two values of kinds ``a`` and ``b`` under a sign, and the kind; raises Slip."""
    kind, operation, left, right = _kinds(phrase, left, a, right, b)
    if isinstance(left, Number) and isinstance(right, Number):
        return _folded(phrase, operation, left.value, right.value), kind
    return Binary(operation, left, right), kind


def _kinds(phrase: Sum, left: Value, a: str, right: Value, b: str) -> tuple[str, str, Value, Value]:
    sign = phrase.sign
    if sign in "+-":
        if a == "rate" and b == "interval":
            if sign == "-":
                right = Number(-right.value) if isinstance(right, Number) else Negative(right)
            return "rate", "transpose", left, right
        if sign == "+" and a == "interval" and b == "rate":
            return "rate", "transpose", right, left
        if a == b:
            return a, sign, left, right
        if "number" in (a, b) and (is_zero(left) or is_zero(right)):
            return (b if a == "number" else a), sign, left, right
    elif sign == "*" and "number" in (a, b):
        return (b if a == "number" else a), sign, left, right
    elif sign == "/" and b in ("number", a):
        return ("number" if a == b else a), sign, left, right
    elif sign == "^" and a == b == "number":
        return "number", sign, left, right
    raise Slip(phrase.start, phrase.end, f"{_a(a)} {sign} {_a(b)} means nothing")


def _folded(phrase: Phrase, operation: str, a: float, b: float) -> Number:
    try:
        value = {
            "+": lambda: a + b,
            "-": lambda: a - b,
            "*": lambda: a * b,
            "/": lambda: a / b,
            "^": lambda: math.pow(a, b),
            "transpose": lambda: a * math.pow(2.0, b / 1200.0),
        }[operation]()
    except ZeroDivisionError:
        raise Slip(phrase.start, phrase.end, "a division by 0") from None
    except (ValueError, OverflowError):
        value = math.nan
    if not math.isfinite(value):
        raise Slip(phrase.start, phrase.end, "the result is no finite number")
    return Number(value)


def is_zero(value: Value) -> bool:
    """Return whether a value is nothing but 0, which goes without a unit."""
    match value:
        case Number():
            return value.value == 0.0
        case Range():
            return value.low == value.high == 0.0
        case Points():
            zeros = [value.start] if value.start else []
            return all(is_zero(v) for v in (*zeros, *(p.value for p in value.points)))
    return False


def _a(kind: str) -> str:
    names = {"rate": "a frequency", "level": "a level", "time": "a time", "number": "a number"}
    return names.get(kind, f"an {kind}" if kind[:1] in "ai" else f"a {kind}")
