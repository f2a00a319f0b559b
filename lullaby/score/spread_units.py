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


def with_units(phrase: Phrase, otherwise: str = "") -> Phrase:
    """Return a phrase in which every bare number that has a neighbour with a unit has one too.

    ``otherwise``: the unit where no neighbour has one.
    """
    return _given(phrase, _units(phrase, otherwise))


def _units(phrase: Phrase, otherwise: str) -> dict[int, str]:
    bare = list(_spots(phrase))
    units: dict[int, str] = {}
    later = ""
    for spot in reversed(bare):
        later = spot.unit if spot.unit not in NO_SOURCE else later
        units[spot.start] = later
    before = ""
    for spot in bare:
        before = spot.unit if spot.unit not in NO_SOURCE else before
        units[spot.start] = units[spot.start] or before or otherwise
    return units


def _spots(phrase: Phrase) -> Iterator[Quantity]:
    match phrase:
        case Quantity():
            yield phrase
        case Between():
            yield from (phrase.low, phrase.high)
        case Around():
            yield phrase.centre
            if phrase.width.unit != "%":
                yield phrase.width
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
    def one(quantity: Quantity) -> Quantity:
        return quantity if quantity.unit else replace(quantity, unit=units.get(quantity.start, ""))

    match phrase:
        case Quantity():
            return one(phrase)
        case Between():
            return replace(phrase, low=one(phrase.low), high=one(phrase.high))
        case Around():
            return replace(phrase, centre=one(phrase.centre), width=one(phrase.width))
        case OneOf():
            choices = tuple(c if isinstance(c, Fraction) else one(c) for c in phrase.choices)
            return replace(phrase, choices=choices)
        case Moving():
            reach = replace(phrase.range, low=one(phrase.range.low), high=one(phrase.range.high))
            return replace(phrase, range=reach)
    return _given_inside(phrase, units)


def _given_inside(phrase: Phrase, units: dict[int, str]) -> Phrase:
    match phrase:
        case Minus():
            return replace(phrase, inner=_given(phrase.inner, units))
        case Sum():
            return replace(phrase, left=with_units(phrase.left), right=with_units(phrase.right))
        case Follow():
            to = None if phrase.to is None else with_units(phrase.to)
            assert to is None or isinstance(to, Between)
            return replace(phrase, source=with_units(phrase.source), to=to)
        case Line():
            stops = tuple(replace(s, value=_given(s.value, units)) for s in phrase.stops)
            first = None if phrase.first is None else _given(phrase.first, units)
            return replace(phrase, first=first, stops=stops)
    return phrase
