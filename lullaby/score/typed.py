"""A value's syntax typed against its place: kinds checked, numbers in the place's unit."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from lullaby.model.score import Clock
from lullaby.model.value import (
    Drift,
    Extreme,
    Following,
    Name,
    Negative,
    Number,
    Reset,
    Value,
    Wave,
)
from lullaby.score import times
from lullaby.score.kinds import Slot, exact, finite, measured, shown
from lullaby.score.lexer import Slip
from lullaby.score.nearest import hint
from lullaby.score.spread_units import with_units
from lullaby.score.syntax import (
    Around,
    Back,
    Between,
    Follow,
    Line,
    Minus,
    Most,
    Moving,
    Named,
    OneOf,
    Phrase,
    Quantity,
    Sum,
)
from lullaby.score.typed_beats import beaten, paced
from lullaby.score.typed_draws import drawn
from lullaby.score.typed_lines import line
from lullaby.score.typed_sums import combined, is_zero

Typed = tuple[Value, str]  # a value and its kind


@dataclass(frozen=True)
class Place:
    """Where a value stands: the names it may follow, its clock, and what its times are of."""

    arcs: Collection[str] = ()
    clock: Clock = field(default_factory=Clock)
    length: bool = True  # False in cues, where every point needs a time
    change: bool = False  # said of something that goes on: it has a value now, and may be reset
    signals: Collection[str] = ()
    sources: Collection[str] = ()  # of data


class Typer:
    """Types one value; ``followed`` gathers the arcs it names."""

    def __init__(self, slot: Slot, place: Place) -> None:
        self.slot, self.place = slot, place
        self.followed: set[str] = set()
        self.columns: set[tuple[str, str]] = set()  # of data: source and column
        self.in_curve = 0

    def whole(self, phrase: Phrase) -> Value:
        """Return the value; raises Slip where it does not fit its place."""
        if isinstance(phrase, Back):
            if not self.place.change:
                raise Slip(phrase.start, phrase.end, "'reset' is for scenes and cues")
            return Reset()
        value, kind = self.value(with_units(phrase), True)
        self.fits(phrase, value, kind)
        return value

    def fits(self, phrase: Phrase, value: Value, kind: str) -> None:
        """Raise Slip where a value's kind is not that of its place."""
        slot = self.slot
        if kind == slot.kind or kind == "any":
            return
        if kind == "number" and is_zero(value):
            return
        if kind == "number" and self.followed:
            message = f"'{slot.label}' wants {slot.wants}: map 0..1 with 'to LOW..HIGH'"
        else:
            message = f"'{slot.label}' wants {slot.wants}"
        raise Slip(phrase.start, phrase.end, message)

    def value(self, phrase: Phrase, bare: bool) -> Typed:
        """Return a phrase typed; ``bare``: it is the whole of the value, so its range counts."""
        if self.place.clock.glide and beaten(phrase):
            return paced(self, phrase)
        return self._value(phrase, bare)

    def _value(self, phrase: Phrase, bare: bool) -> Typed:
        match phrase:
            case Quantity():
                return self._quantity(phrase, bare)
            case Between() | Around() | OneOf():
                return drawn(self, phrase, bare)
            case Moving():
                return self._moving(phrase, bare)
            case Named():
                return self._named(phrase)
            case Sum():
                return self._sum(phrase)
            case Minus():
                value, kind = self.value(phrase.inner, False)
                made = Number(-value.value) if isinstance(value, Number) else Negative(value)
                if bare and isinstance(made, Number):
                    self.within(phrase, made.value, kind)
                return made, kind
            case Most():
                return self._most(phrase)
            case Follow():
                return self._follow(phrase, bare)
            case Line():
                return line(self, phrase, bare)
            case Back():
                raise Slip(phrase.start, phrase.end, "'reset' stands alone")
        raise AssertionError(phrase)

    def number(self, quantity: Quantity) -> tuple[float, str]:
        """Return a quantity in its place's unit, and its kind."""
        return measured(quantity, self.slot, self.place.clock)

    def within(self, at: Phrase, value: float, kind: str) -> None:
        """Raise Slip where a number lies outside the range of its place."""
        slot = self.slot
        if kind == "number" and slot.kind != "number":
            if value == 0.0:
                kind = slot.kind
            else:
                return
        if kind != slot.kind or slot.low <= value <= slot.high:
            return
        span = f"{shown(slot.low, '')}..{shown(slot.high, slot.unit)}"
        extra = ""
        bare = isinstance(at, Quantity) and at.start + len(at.text) == at.end
        if isinstance(at, Quantity) and bare and at.unit not in ("", "bpm", "note", "clock"):
            extra = f"; '{at.text}' takes the unit {at.unit} from its neighbour"
        message = f"'{slot.label}' goes from {span}, not {shown(value, slot.unit)}{extra}"
        raise Slip(at.start, at.end, message)

    def _quantity(self, phrase: Quantity, bare: bool) -> Typed:
        value, kind = self.number(phrase)
        if bare:
            self.wanted(phrase, value, kind)
            self.within(phrase, value, kind)
        return Number(value), kind

    def wanted(self, phrase: Quantity, value: float, kind: str) -> None:
        """Raise Slip where a quantity's unit is not that of its place."""
        slot = self.slot
        if kind == slot.kind or (kind == "number" and value == 0.0 and phrase.unit == ""):
            return
        if phrase.unit == "":
            message = f"'{slot.label}' wants {slot.wants}; only 0 goes without a unit"
        else:
            message = f"'{slot.label}' wants {slot.wants}, not {phrase.unit}"
        raise Slip(phrase.start, phrase.end, message)

    def pair(self, phrase: Between, bare: bool) -> tuple[float, float, str]:
        """Return the ends of a range and their kind; raises Slip where they differ."""
        ends = []
        for end in (phrase.low, phrase.high):
            value, kind = self.number(end)
            if bare:
                self.wanted(end, value, kind)
                self.within(end, value, kind)
            ends.append((value, kind))
        (low, a), (high, b) = ends
        if a != b:
            if a == "number" and low == 0.0:
                a = b
            elif not (b == "number" and high == 0.0):
                raise Slip(phrase.start, phrase.end, "both ends of a range want the same kind")
        return low, high, a

    def _moving(self, phrase: Moving, bare: bool) -> Typed:
        low, high, kind = self.pair(phrase.range, bare)
        per = times.timed(phrase.per, times.PER)
        if phrase.wave == "walk":
            return Drift(low, high, per), kind
        return Wave(phrase.wave, low, high, per), kind

    def _named(self, phrase: Named) -> Typed:
        slot, place = self.slot, self.place
        if phrase.column:
            return self._column(phrase)
        own = phrase.name == slot.label and self.in_curve > 0
        if own and slot.name in place.arcs and not place.change:
            own = False
        if own:
            if not place.change:
                return Number(slot.default), slot.kind
            return Name(slot.name), slot.kind
        if phrase.name in place.sources:
            message = f"'{phrase.name}' is a table; a column of it is written {phrase.name}.COLUMN"
            raise Slip(phrase.start, phrase.end, message)
        if phrase.name not in place.arcs and phrase.name not in place.signals:
            known = hint(phrase.name, [*place.arcs, *place.signals], always=True)
            what = "arc or signal" if place.signals else "arc"
            raise Slip(phrase.start, phrase.end, f"unknown {what} '{phrase.name}'{known}")
        self.followed.add(phrase.name)
        return Name(phrase.name), "number"

    def _column(self, phrase: Named) -> Typed:
        place = self.place
        if phrase.name in place.signals:
            if phrase.column != "missing":
                message = f"'{phrase.name}' is a signal: it has '{phrase.name}.missing' alone"
                raise Slip(phrase.start, phrase.end, message)
        elif phrase.name in place.sources:
            self.columns.add((phrase.name, phrase.column))
        else:
            known = hint(phrase.name, place.sources, always=True)
            raise Slip(phrase.start, phrase.end, f"unknown source of data '{phrase.name}'{known}")
        self.followed.add(phrase.name)
        return Name(phrase.name, phrase.column), "number"

    def _sum(self, phrase: Sum) -> Typed:
        left, a = self.value(phrase.left, False)
        right, b = self.value(phrase.right, False)
        return combined(phrase, left, a, right, b)

    def _most(self, phrase: Most) -> Typed:
        made = [self.value(with_units(v), False) for v in phrase.values]
        kinds = {kind for value, kind in made if not (kind == "number" and is_zero(value))}
        if len(kinds) > 1:
            raise Slip(phrase.start, phrase.end, f"all of '{phrase.which}' want the same kind")
        return Extreme(phrase.which, tuple(v for v, _ in made)), kinds.pop() if kinds else "number"

    def _follow(self, phrase: Follow, bare: bool) -> Typed:
        mapped = phrase.to is not None or phrase.taken is not None
        source, kind = self.value(phrase.source, bare and not mapped)
        taken = target = None
        if mapped and kind != "number":
            raise Slip(phrase.source.start, phrase.source.end, "'from' and 'to' map plain numbers")
        if phrase.taken is not None:
            taken = self._plain(phrase.taken)
        if phrase.to is not None:
            low, high, kind = self.pair(phrase.to, bare)
            target = (low, high)
        if phrase.snap and kind != "rate":
            raise Slip(phrase.start, phrase.end, "'snap' is for pitches")
        lag, rise, fall = (
            None if when is None else times.timed(when, span)
            for when, span in (
                (phrase.lag, times.LAG),
                (phrase.rise, times.RISE),
                (phrase.fall, times.FALL),
            )
        )
        made = Following(source, taken, phrase.shape, target, phrase.snap, lag, rise, fall)
        return made, kind

    def _plain(self, phrase: Between) -> tuple[float, float]:
        ends = []
        for end in (phrase.low, phrase.high):
            if end.unit not in ("", "%"):
                raise Slip(end.start, end.end, "'from' wants plain numbers")
            ends.append(finite(end, exact(end.text) / (100 if end.unit else 1)))
        if ends[0] == ends[1]:
            raise Slip(phrase.start, phrase.end, "'from' wants two different numbers")
        return ends[0], ends[1]
