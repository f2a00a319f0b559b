"""Curves that share out a length that an endless piece does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from lullaby.errors import ScoreError
from lullaby.model.score import BusDef, PartDef, Score, Where
from lullaby.model.value import Points, Time, Value


def check_times(score: Score) -> None:
    """Raise ScoreError where a value of the piece's own needs the length of an endless piece."""
    found = []
    for name, value, where in _own(score):
        if any(_needs_length(inner) for inner in _inside(value)):
            message = f"the piece has no end: in its curve, '{name}' needs a time at every point"
            found.append(score.finding(where, message))
    if found:
        raise ScoreError(found)


def _own(score: Score) -> Iterator[tuple[str, Value, Where]]:
    for arc in score.arcs:
        yield arc.name, arc.value, arc.where
    strips: list[PartDef | BusDef] = [*score.parts, *score.buses]
    for strip in strips:
        values = {**strip.preset_settings, **strip.settings}
        for name, value in values.items():
            yield f"{strip.name}.{name}", value, strip.where
        for bus, value in strip.sends.items():
            yield f"{strip.name}.send.{bus}", value, strip.where


def _inside(value: Any) -> Iterator[Points | Time]:
    if isinstance(value, Points | Time):
        yield value
    if isinstance(value, tuple):
        for item in value:
            yield from _inside(item)
    elif hasattr(value, "__dataclass_fields__"):
        for f in fields(value):
            yield from _inside(getattr(value, f.name))


def _needs_length(value: Points | Time) -> bool:
    if isinstance(value, Time):
        return value.from_end or value.unit == "share"
    return any(point.at is None and point.over is None for point in value.points)
