"""What is drawn, typed against its place: ranges, widths and picks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lullaby.model.value import Pick, Range, Spread
from lullaby.score.kinds import exact
from lullaby.score.lexer import Slip
from lullaby.score.syntax import Around, Between, Fraction, OneOf

if TYPE_CHECKING:
    from lullaby.score.typed import Typed, Typer


def drawn(typer: Typer, phrase: Between | Around | OneOf, bare: bool) -> Typed:
    """Return a drawn value and its kind; raises Slip where it does not fit."""
    if phrase.each and not typer.slot.each:
        message = f"'{typer.slot.label}' is not read once an event, so 'each' cannot draw for it"
        raise Slip(phrase.start, phrase.end, message)
    if isinstance(phrase, Between):
        low, high, kind = typer.pair(phrase, bare)
        notes = phrase.low.unit == phrase.high.unit == "note"
        return Range(low, high, phrase.each, notes), kind
    if isinstance(phrase, Around):
        return _around(typer, phrase, bare)
    kinds, values = set(), []
    for choice in phrase.choices:
        if isinstance(choice, Fraction):
            value, kind = _fraction(choice), "number"
            if bare:
                if typer.slot.kind != "number":
                    message = f"'{typer.slot.label}' wants {typer.slot.wants}"
                    raise Slip(choice.start, choice.end, message)
                typer.within(choice, value, kind)
        else:
            value, kind = typer.number(choice)
            if bare:
                typer.wanted(choice, value, kind)
                typer.within(choice, value, kind)
        values.append(value)
        if value != 0.0 or kind != "number":
            kinds.add(kind)
    if len(kinds) > 1:
        raise Slip(phrase.start, phrase.end, "all of a pick want the same kind")
    return Pick(tuple(values), phrase.each), kinds.pop() if kinds else "number"


def _fraction(phrase: Fraction) -> float:
    below = exact(phrase.below)
    if below == 0:
        raise Slip(phrase.start, phrase.end, "a division by 0")
    return float(exact(phrase.above) / below)


def _around(typer: Typer, phrase: Around, bare: bool) -> Typed:
    centre, kind = typer.number(phrase.centre)
    if bare:
        typer.wanted(phrase.centre, centre, kind)
        typer.within(phrase.centre, centre, kind)
    width, scale = _width(typer, phrase, kind)
    if width < 0.0:
        raise Slip(phrase.width.start, phrase.width.end, "'~' wants a width of 0 or more")
    return Spread(centre, width, scale, phrase.each), kind


def _width(typer: Typer, phrase: Around, kind: str) -> tuple[float, str]:
    unit = phrase.width.unit
    value, own = typer.number(phrase.width)
    if unit == "%" and kind != "number":
        return value, "share"
    if own == "interval" and kind == "rate":
        return value, "cents"
    if unit == "note" or own != kind:
        raise Slip(phrase.width.start, phrase.width.end, f"'~' wants {typer.slot.wants}, or %")
    return value, "add"
