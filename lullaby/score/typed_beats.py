"""Beats in values while the tempo glides: they follow it, moment by moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from lullaby.model.score import Clock
from lullaby.model.value import Binary, Pace
from lullaby.score.kinds import SCALE, exact
from lullaby.score.lexer import Slip
from lullaby.score.syntax import Around, Between, Follow, Moving, OneOf, Phrase, Quantity

if TYPE_CHECKING:
    from lullaby.score.typed import Typed, Typer

PLAIN_UNIT = {"rate": "Hz", "time": "s"}
BEATS = ("beat", "bar")


def beaten(phrase: Phrase) -> bool:
    """Return whether a quantity, a draw or a range in beats stands here."""
    return any(_in_beats(q) for q in _quantities(phrase))


def paced(typer: Typer, phrase: Phrase) -> Typed:
    """Return what beats come to at the tempo of the moment, and the kind; raises Slip."""
    found = list(_quantities(phrase))
    per = {q.unit.startswith("/") for q in found if _in_beats(q)}
    for q in found:
        plain = not _in_beats(q) and not (exact(q.text) == 0 and not q.unit)
        if plain or len(per) > 1:
            message = "while the tempo glides, beats and other units do not go together"
            raise Slip(q.start, q.end, message)
    kind = "rate" if True in per else "time"
    still = Clock(60.0, typer.place.clock.beats_a_bar)
    inner = type(typer)(
        replace(typer.slot, unit=PLAIN_UNIT[kind]), replace(typer.place, clock=still)
    )
    value, made = inner.value(phrase, False)
    typer.followed |= inner.followed
    scale = float(SCALE.get(typer.slot.unit, 1)) if made == typer.slot.kind else 1.0
    return Binary("*" if kind == "rate" else "/", value, Pace(scale)), made


def _in_beats(quantity: Quantity) -> bool:
    return any(word in quantity.unit for word in BEATS)


def _quantities(phrase: Phrase) -> Iterator[Quantity]:
    match phrase:
        case Quantity():
            yield phrase
        case Between():
            yield from (phrase.low, phrase.high)
        case Around():
            yield phrase.centre
            if _in_beats(phrase.width):
                yield phrase.width
        case OneOf():
            yield from (c for c in phrase.choices if isinstance(c, Quantity))
        case Moving():
            yield from _quantities(phrase.range)
        case Follow():
            if phrase.to is not None:
                yield from _quantities(phrase.to)
