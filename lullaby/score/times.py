"""Times as the model keeps them: seconds, beats, bars or a share of the length."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from lullaby.model.value import Time
from lullaby.score.kinds import FACTORS, exact, finite
from lullaby.score.lexer import Slip
from lullaby.score.syntax import Quantity, When

HALVES = {"beat": "beat", "beats": "beat", "bar": "bar", "bars": "bar", "%": "share"}
LONGEST_S = 7 * 24 * 3600.0


@dataclass(frozen=True)
class Span:
    """What a time is for: whether it may count back, be a share, be nothing."""

    what: str
    back: bool = False
    share: bool = True
    zero: bool = True


AT = Span("at", back=True)
OVER = Span("over")
HOLD = Span("hold")
PER = Span("per", share=False, zero=False)
LAG = Span("lag", share=False)
RISE = Span("rise", share=False)
FALL = Span("fall", share=False)


def timed(when: When, span: Span) -> Time:
    """Return the time that was written; raises Slip where its unit or sign is wrong."""
    other = when.until or when.spread
    amount_unit, other_unit = _units(when.amount, other, span)
    amount, unit = _taken(when.amount, amount_unit, span)
    if amount < 0 and not span.back:
        raise Slip(when.start, when.end, f"'{span.what}' cannot be less than nothing")
    if amount == 0 and not span.zero and other is None:
        raise Slip(when.start, when.end, f"'{span.what}' must be longer than nothing")
    back = when.amount.text.startswith("-")
    value = finite(when.amount, amount)
    if unit == "s" and abs(value) > LONGEST_S:
        raise Slip(when.start, when.end, "a time is 7 days at most")
    if other is None:
        return Time(value, unit, back)
    if when.spread is not None and other_unit == "%" and unit != "share":
        width, same = abs(amount) * exact(other.text) / 100, unit
    else:
        width, same = _taken(other, other_unit, span)
    if same != unit:
        raise Slip(
            other.start, other.end, f"both times want the same unit as '{_said(when.amount)}'"
        )
    if when.spread is not None:
        if width < 0 or (not span.back and width > amount):
            raise Slip(other.start, other.end, "'~' is from nothing to the time itself")
        return Time(value, unit, back, spread=finite(other, width))
    if width < amount or (back and width > 0):
        raise Slip(other.start, other.end, "the second time is earlier than the first")
    return Time(value, unit, back, until=finite(other, width))


def _units(first: Quantity, other: Quantity | None, span: Span) -> tuple[str, str]:
    # A bare number takes the unit of its neighbour.
    a, b = first.unit, other.unit if other else ""
    if not a and b and b != "%" and b != "clock":
        a = b
    if not a and b == "%" and span.share:
        a = b
    if other and not b and a != "clock":
        b = a
    return a, b


def _taken(quantity: Quantity, unit: str, span: Span) -> tuple[Fraction, str]:
    number = exact(quantity.text) if unit != "note" else Fraction(0)
    if unit == "clock":
        return number, "s"
    if unit in HALVES:
        if unit == "%":
            if not span.share:
                raise Slip(
                    quantity.start, quantity.end, f"'{span.what}' has no length to be a share of"
                )
            return number / 100, "share"
        return number, HALVES[unit]
    if not unit and number == 0:
        return number, "s"
    if not unit:
        raise Slip(quantity.start, quantity.end, f"a time wants a unit: write '{quantity.text} s'")
    kind, size = FACTORS.get(unit, ("", Fraction(0)))
    if kind != "time":
        raise Slip(
            quantity.start,
            quantity.end,
            f"'{_said(quantity)}' is no time; s, ms, min, beats, bars, %",
        )
    return number * size, "s"


def _said(quantity: Quantity) -> str:
    unit = "" if quantity.unit in ("clock", "note") else quantity.unit
    return f"{quantity.text}{' ' if unit else ''}{unit}"
