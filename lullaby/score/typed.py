"""A value's syntax typed against its place: kinds checked, numbers in the place's unit."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from lullaby.model.score import Clock
from lullaby.model.value import (
    Binary,
    Drift,
    Extreme,
    Following,
    Name,
    Negative,
    Number,
    Pick,
    Point,
    Points,
    Range,
    Reset,
    Spread,
    Time,
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
    Fraction,
    Line,
    Minus,
    Most,
    Moving,
    Named,
    OneOf,
    Phrase,
    Quantity,
    Stop,
    Sum,
    When,
)

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
        self._fits(phrase, value, kind)
        return value

    def _fits(self, phrase: Phrase, value: Value, kind: str) -> None:
        slot = self.slot
        if kind == slot.kind or kind == "any":
            return
        if kind == "number" and _is_zero(value):
            return
        if kind == "number" and self.followed:
            message = f"'{slot.label}' wants {slot.wants}: map 0..1 with 'to LOW..HIGH'"
        else:
            message = f"'{slot.label}' wants {slot.wants}"
        raise Slip(phrase.start, phrase.end, message)

    def value(self, phrase: Phrase, bare: bool) -> Typed:
        """Return a phrase typed; ``bare``: it is the whole of the value, so its range counts."""
        match phrase:
            case Quantity():
                return self._quantity(phrase, bare)
            case Between() | Around() | OneOf():
                return self._drawn(phrase, bare)
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
                    self._within(phrase, made.value, kind)
                return made, kind
            case Most():
                return self._most(phrase)
            case Follow():
                return self._follow(phrase, bare)
            case Line():
                return self._line(phrase, bare)
            case Back():
                raise Slip(phrase.start, phrase.end, "'reset' stands alone")
        raise AssertionError(phrase)

    def number(self, quantity: Quantity) -> tuple[float, str]:
        """Return a quantity in its place's unit, and its kind."""
        return measured(quantity, self.slot, self.place.clock)

    def _within(self, at: Phrase, value: float, kind: str) -> None:
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
        if isinstance(at, Quantity) and at.start + len(at.text) == at.end and at.unit:
            extra = f"; '{at.text}' takes the unit {at.unit} from its neighbour"
        message = f"'{slot.label}' goes from {span}, not {shown(value, slot.unit)}{extra}"
        raise Slip(at.start, at.end, message)

    def _quantity(self, phrase: Quantity, bare: bool) -> Typed:
        value, kind = self.number(phrase)
        if bare:
            self._wanted(phrase, value, kind)
            self._within(phrase, value, kind)
        return Number(value), kind

    def _wanted(self, phrase: Quantity, value: float, kind: str) -> None:
        slot = self.slot
        if kind == slot.kind or (kind == "number" and value == 0.0 and phrase.unit == ""):
            return
        if phrase.unit == "":
            message = f"'{slot.label}' wants {slot.wants}; only 0 goes without a unit"
        else:
            message = f"'{slot.label}' wants {slot.wants}, not {phrase.unit}"
        raise Slip(phrase.start, phrase.end, message)

    def _pair(self, phrase: Between, bare: bool) -> tuple[float, float, str]:
        ends = []
        for end in (phrase.low, phrase.high):
            value, kind = self.number(end)
            if bare:
                self._wanted(end, value, kind)
                self._within(end, value, kind)
            ends.append((value, kind))
        (low, a), (high, b) = ends
        if a != b:
            if a == "number" and low == 0.0:
                a = b
            elif not (b == "number" and high == 0.0):
                raise Slip(phrase.start, phrase.end, "both ends of a range want the same kind")
        return low, high, a

    def _drawn(self, phrase: Between | Around | OneOf, bare: bool) -> Typed:
        if phrase.each and not self.slot.each:
            message = f"'{self.slot.label}' is not read once an event, so 'each' cannot draw for it"
            raise Slip(phrase.start, phrase.end, message)
        if isinstance(phrase, Between):
            low, high, kind = self._pair(phrase, bare)
            notes = phrase.low.unit == phrase.high.unit == "note"
            return Range(low, high, phrase.each, notes), kind
        if isinstance(phrase, Around):
            return self._around(phrase, bare)
        kinds, values = set(), []
        for choice in phrase.choices:
            if isinstance(choice, Fraction):
                value, kind = self._fraction(choice), "number"
                if bare:
                    if self.slot.kind != "number":
                        message = f"'{self.slot.label}' wants {self.slot.wants}"
                        raise Slip(choice.start, choice.end, message)
                    self._within(choice, value, kind)
            else:
                value, kind = self.number(choice)
                if bare:
                    self._wanted(choice, value, kind)
                    self._within(choice, value, kind)
            values.append(value)
            if value != 0.0 or kind != "number":
                kinds.add(kind)
        if len(kinds) > 1:
            raise Slip(phrase.start, phrase.end, "all of a pick want the same kind")
        return Pick(tuple(values), phrase.each), kinds.pop() if kinds else "number"

    def _fraction(self, phrase: Fraction) -> float:
        below = exact(phrase.below)
        if below == 0:
            raise Slip(phrase.start, phrase.end, "a division by 0")
        return float(exact(phrase.above) / below)

    def _around(self, phrase: Around, bare: bool) -> Typed:
        centre, kind = self.number(phrase.centre)
        if bare:
            self._wanted(phrase.centre, centre, kind)
            self._within(phrase.centre, centre, kind)
        width, scale = self._width(phrase, kind)
        if width < 0.0:
            raise Slip(phrase.width.start, phrase.width.end, "'~' wants a width of 0 or more")
        return Spread(centre, width, scale, phrase.each), kind

    def _width(self, phrase: Around, kind: str) -> tuple[float, str]:
        unit = phrase.width.unit
        value, own = self.number(phrase.width)
        if unit == "%" and kind != "number":
            return value, "share"
        if own == "interval" and kind == "rate":
            return value, "cents"
        if unit == "note" or own != kind:
            raise Slip(phrase.width.start, phrase.width.end, f"'~' wants {self.slot.wants}, or %")
        return value, "add"

    def _moving(self, phrase: Moving, bare: bool) -> Typed:
        low, high, kind = self._pair(phrase.range, bare)
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
        kind, operation, left, right = self._kinds(phrase, left, a, right, b)
        if isinstance(left, Number) and isinstance(right, Number):
            return self._folded(phrase, operation, left.value, right.value), kind
        return Binary(operation, left, right), kind

    def _kinds(
        self, phrase: Sum, left: Value, a: str, right: Value, b: str
    ) -> tuple[str, str, Value, Value]:
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
            if "number" in (a, b) and (_is_zero(left) or _is_zero(right)):
                return (b if a == "number" else a), sign, left, right
        elif sign == "*" and "number" in (a, b):
            return (b if a == "number" else a), sign, left, right
        elif sign == "/" and b in ("number", a):
            return ("number" if a == b else a), sign, left, right
        elif sign == "^" and a == b == "number":
            return "number", sign, left, right
        raise Slip(phrase.start, phrase.end, f"{_a(a)} {sign} {_a(b)} means nothing")

    def _folded(self, phrase: Phrase, operation: str, a: float, b: float) -> Number:
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

    def _most(self, phrase: Most) -> Typed:
        made = [self.value(with_units(v), False) for v in phrase.values]
        kinds = {kind for value, kind in made if not (kind == "number" and _is_zero(value))}
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
            low, high, kind = self._pair(phrase.to, bare)
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

    def _line(self, phrase: Line, bare: bool) -> Typed:
        self.in_curve += 1
        kinds: set[str] = set()
        start: Value | None = None
        if phrase.first is not None:
            start = self._point_value(phrase.first, bare, kinds)
        elif not self.place.change:
            start = Number(self.slot.default)
            kinds.add(self.slot.kind)
        stops = [self._stop(stop, bare, kinds) for stop in phrase.stops]
        self.in_curve -= 1
        if len(kinds) > 1:
            raise Slip(phrase.start, phrase.end, "all points of a curve want the same kind")
        at = self._time(phrase.at, times.AT)
        hold = self._time(phrase.hold, times.HOLD)
        _forward(phrase, at, stops)
        kind = kinds.pop() if kinds else ("number" if start is not None else "any")
        return Points(start, tuple(stops), at, hold), kind

    def _point_value(self, phrase: Phrase, bare: bool, kinds: set[str]) -> Value:
        value, kind = self.value(phrase, bare)
        if bare:
            self._fits(phrase, value, kind)
        if kind != "any" and not (kind == "number" and _is_zero(value)):
            kinds.add(kind)
        return value

    def _stop(self, stop: Stop, bare: bool, kinds: set[str]) -> Point:
        value = self._point_value(stop.value, bare, kinds)
        at, over = self._time(stop.at, times.AT), self._time(stop.over, times.OVER)
        if not self.place.length and at is None and over is None:
            message = "there is no length here: say 'over 2 s' or 'at 2 s'"
            raise Slip(stop.start, stop.end, message)
        return Point(value, at, over, self._time(stop.hold, times.HOLD), stop.shape)

    def _time(self, when: When | None, span: times.Span) -> Time | None:
        if when is None:
            return None
        if not self.place.length:
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


def _is_zero(value: Value) -> bool:
    match value:
        case Number():
            return value.value == 0.0
        case Range():
            return value.low == value.high == 0.0
        case Points():
            zeros = [value.start] if value.start else []
            return all(_is_zero(v) for v in (*zeros, *(p.value for p in value.points)))
    return False


def _a(kind: str) -> str:
    names = {"rate": "a frequency", "level": "a level", "time": "a time", "number": "a number"}
    return names.get(kind, f"an {kind}" if kind[:1] in "ai" else f"a {kind}")
