"""Bare numbers take the unit of the next value that has one, else of the last before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lullaby.score.syntax import (
    Around,
    Between,
    Follow,
    Fraction,
    Line,
    Minus,
    Moving,
    OneOf,
    Phrase,
    Quantity,
    Sum,
)

NO_SOURCE = ("", "clock", "note")


def with_units(phrase: Phrase) -> Phrase:
    """Return a phrase in which every bare number that has a neighbour with a unit has one too."""
    bare = list(_spots(phrase))
    units: dict[int, str] = {}
    later = ""
    for spot in reversed(bare):
        later = spot.unit if spot.unit not in NO_SOURCE else later
        units[spot.start] = later
    before = ""
    for spot in bare:
        before = spot.unit if spot.unit not in NO_SOURCE else before
        units[spot.start] = units[spot.start] or before
    return _given(phrase, units)


def _spots(phrase: Phrase) -> Iterator[Quantity]:
    match phrase:
        case Quantity():
            yield phrase
        case Between():
            yield from (phrase.low, phrase.high)
        case Around():
            yield phrase.centre
        case OneOf():
            yield from (c for c in phrase.choices if isinstance(c, Quantity))
        case Moving():
            yield from _spots(phrase.range)
        case Minus():
            yield from _spots(phrase.inner)
        case Line():
            if phrase.first is not None:
                yield from _spots(phrase.first)
            for stop in phrase.stops:
                yield from _spots(stop.value)


def _given(phrase: Phrase, units: dict[int, str]) -> Phrase:
    def go(inner: Phrase) -> Phrase:
        return _given(inner, units)

    def one(quantity: Quantity) -> Quantity:
        if quantity.unit:
            return quantity
        return replace(quantity, unit=units.get(quantity.start, ""))

    def pair(between: Between) -> Between:
        return replace(between, low=one(between.low), high=one(between.high))

    match phrase:
        case Quantity():
            return one(phrase)
        case Between():
            return pair(phrase)
        case Around():
            centre = one(phrase.centre)
            width = phrase.width
            if not width.unit and centre.unit not in ("note", "clock"):
                width = replace(width, unit=centre.unit)
            return replace(phrase, centre=centre, width=width)
        case OneOf():
            choices = tuple(c if isinstance(c, Fraction) else one(c) for c in phrase.choices)
            return replace(phrase, choices=choices)
        case Moving():
            return replace(phrase, range=pair(phrase.range))
        case Minus():
            return replace(phrase, inner=go(phrase.inner))
        case Sum():
            left, right = with_units(phrase.left), with_units(phrase.right)
            return replace(phrase, left=left, right=right)
        case Follow():
            to = phrase.to and with_units(phrase.to)
            return replace(phrase, source=with_units(phrase.source), to=to)
        case Line():
            stops = tuple(replace(stop, value=go(stop.value)) for stop in phrase.stops)
            first = go(phrase.first) if phrase.first is not None else None
            return replace(phrase, first=first, stops=stops)
    return phrase
