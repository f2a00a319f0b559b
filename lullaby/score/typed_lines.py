"""Curves typed against their place: points of one kind, and times that go forward."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from lullaby.model.value import Number, Point, Points, Time, Value
from lullaby.score import times
from lullaby.score.lexer import Slip
from lullaby.score.syntax import Line, Phrase, Stop, When
from lullaby.score.typed_sums import is_zero

if TYPE_CHECKING:
    from lullaby.score.typed import Typed, Typer


def line(typer: Typer, phrase: Line, bare: bool) -> Typed:
    """Return a curve and its kind; raises Slip where a point does not fit."""
    typer.in_curve += 1
    kinds: set[str] = set()
    start: Value | None = None
    if phrase.first is not None:
        start = _value(typer, phrase.first, bare, kinds)
    elif not typer.place.change:
        start = Number(typer.slot.default)
        kinds.add(typer.slot.kind)
    stops = [_stop(typer, stop, bare, kinds) for stop in phrase.stops]
    typer.in_curve -= 1
    if len(kinds) > 1:
        raise Slip(phrase.start, phrase.end, "all points of a curve want the same kind")
    at = _time(typer, phrase.at, times.AT)
    hold = _time(typer, phrase.hold, times.HOLD)
    _forward(phrase, at, stops)
    kind = kinds.pop() if kinds else ("number" if start is not None else "any")
    return Points(start, tuple(stops), at, hold), kind


def _value(typer: Typer, phrase: Phrase, bare: bool, kinds: set[str]) -> Value:
    value, kind = typer.value(phrase, bare)
    if bare:
        typer.fits(phrase, value, kind)
    if kind != "any" and not (kind == "number" and is_zero(value)):
        kinds.add(kind)
    return value


def _stop(typer: Typer, stop: Stop, bare: bool, kinds: set[str]) -> Point:
    value = _value(typer, stop.value, bare, kinds)
    at, over = _time(typer, stop.at, times.AT), _time(typer, stop.over, times.OVER)
    if not typer.place.length and at is None and over is None:
        message = "there is no length here: say 'over 2 s' or 'at 2 s'"
        raise Slip(stop.start, stop.end, message)
    return Point(value, at, over, _time(typer, stop.hold, times.HOLD), stop.shape)


def _time(typer: Typer, when: When | None, span: times.Span) -> Time | None:
    if when is None:
        return None
    if not typer.place.length:
        span = replace(span, back=False, share=False)
    return times.timed(when, span)


def _forward(phrase: Line, start: Time | None, stops: list[Point]) -> None:
    last = start
    for point, stop in zip(stops, phrase.stops, strict=True):
        at = point.at
        if at is None or at.from_end:
            continue
        if last is not None and last.unit == at.unit and at.amount < last.amount:
            place = stop.at or stop
            raise Slip(place.start, place.end, "this point lies before the one it follows")
        last = at
