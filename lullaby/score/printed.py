"""Values written back as text that reads equal."""

from __future__ import annotations

from decimal import Decimal

from lullaby.model.value import (
    Binary,
    Drift,
    Extreme,
    Following,
    Name,
    Negative,
    Number,
    Pace,
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
from lullaby.score.kinds import Slot
from lullaby.units import NOTE_STEPS, hz_to_midi

UNIT_OF = {"number": "", "interval": "cents"}  # of what is not of the place's own kind
TIME_UNITS = {"s": "s", "beat": "beats", "bar": "bars", "share": "%"}


def printed(value: Value, slot: Slot) -> str:
    """Return the text of a value in a place."""
    unit = "" if slot.kind == "number" else slot.unit
    return _Printer(slot, unit).value(value, unit)


def time_text(time: Time) -> str:
    """Return the text of a time."""
    unit = TIME_UNITS[time.unit]
    scale = 2 if time.unit == "share" else 0
    text = _sized(time.amount, unit, scale)
    if time.from_end and time.amount == 0.0 and not text.startswith("-"):
        text = "-" + text
    if time.until is not None:
        return f"{text}..{_sized(time.until, unit, scale)}"
    if time.spread and time.unit == "share":
        return f"{text} ~ {_sized(time.spread, unit, scale)}"
    return f"{text} ~ {_sized(time.spread, unit)}" if time.spread else text


def number_text(number: float, shift: int = 0) -> str:
    """Return the shortest decimal of a float, times 10 to the ``shift``, without exponent."""
    text = f"{Decimal(repr(float(number))).scaleb(shift):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sized(number: float, unit: str, shift: int = 0) -> str:
    text = number_text(number, shift)
    if not unit:
        return text
    return f"{text}%" if unit == "%" else f"{text} {unit}"


def _note(pitch_hz: float) -> str:
    octave, step = divmod(round(float(hz_to_midi(pitch_hz))), 12)
    names = {number: letter for letter, number in NOTE_STEPS.items()}
    return f"{names.get(step) or names[step - 1] + '#'}{octave - 1}"


RANK = {"+": 1, "-": 1, "transpose": 1, "*": 2, "/": 2, "^": 3}  # what binds tighter


class _Printer:
    def __init__(self, slot: Slot, unit: str) -> None:
        self.slot, self.unit = slot, unit

    def value(self, value: Value, unit: str) -> str:
        match value:
            case Points():
                return self._points(value, unit)
            case Following():
                return self._following(value, unit)
            case Reset():
                return "reset"
        return self._sum(value, unit)

    def _sum(self, value: Value, unit: str) -> str:
        match value:
            case Number():
                slot, text = self.slot, _sized(value.value, unit)
                beyond = unit == self.unit and not slot.low <= value.value <= slot.high
                return f"{text} * 1" if beyond else text  # a result, which is clipped as it sounds
            case Range(degrees=True):
                return f"{self._each(value.each)}{_note(value.low)}..{_note(value.high)}"
            case Range():
                return self._each(value.each) + self._pair(value.low, value.high, unit)
            case Spread():
                width = self._width(value, unit)
                return f"{self._each(value.each)}{_sized(value.centre, unit)} ~ {width}"
            case Pick():
                choices = " | ".join(_sized(c, unit) for c in value.choices)
                return f"{self._each(value.each)}pick {choices}"
            case Drift():
                reach = self._pair(value.low, value.high, unit)
                return f"walk {reach} per {time_text(value.per)}"
            case Wave():
                reach = self._pair(value.low, value.high, unit)
                return f"lfo {value.wave} {reach} per {time_text(value.per)}"
            case Name():
                name = self.slot.label if value.name == self.slot.name else value.name
                return f"{name}.{value.column}" if value.column else name
            case Negative():
                return f"-({self.value(value.value, unit)})"
            case Extreme():
                inner = " | ".join(f"({self.value(v, unit)})" for v in value.values)
                return f"{value.which}({inner})"
            case Binary():
                return self._binary(value, unit)
        return f"({self.value(value, unit)})"

    def _binary(self, value: Binary, unit: str) -> str:
        if isinstance(value.right, Pace):
            return f"({self.value(value.left, '/beat' if value.operation == '*' else 'beats')})"
        left, right, sign = unit, unit, value.operation
        if sign == "transpose":
            sign, right = "+", "cents"
        elif sign == "/" and not unit and (self._marked(value.left) or self._marked(value.right)):
            left = right = self.unit  # a quantity over another of its kind
        elif sign in "/^" or (sign == "*" and self._left_has_unit(value)):
            right = ""
        elif sign == "*":
            left = ""
        rank = RANK[value.operation]
        first = self._operand(value.left, left, rank if sign != "^" else rank + 1)
        return f"{first} {sign} {self._operand(value.right, right, rank + 1)}"

    def _operand(self, value: Value, unit: str, rank: int) -> str:
        # Brackets only where they are needed: a long sum would have more than a value may.
        match value:
            case Name() | Extreme():
                return self._sum(value, unit)
            case Number() if value.value >= 0.0:
                text = self._sum(value, unit)
                return f"({text})" if "*" in text else text
            case Binary() if RANK[value.operation] >= rank and not isinstance(value.right, Pace):
                return self._binary(value, unit)
        return f"({self.value(value, unit)})"

    def _left_has_unit(self, value: Binary) -> bool:
        return self._bears(value.left) and not self._marked(value.right)

    def _marked(self, value: Value) -> bool:
        # Whether a value shows by itself that it is of the place's kind, not a plain number.
        match value:
            case Spread():
                return value.scale != "add"
            case Range():
                return value.degrees
            case Name():
                return value.name == self.slot.name and self.slot.kind != "number"
            case Negative():
                return self._marked(value.value)
            case Extreme():
                return any(self._marked(v) for v in value.values)
            case Following():
                return value.target_range is None and self._marked(value.source)
            case Binary():
                if value.operation in ("/", "^"):
                    return value.operation == "/" and self._marked(value.left)
                return self._marked(value.left) or self._marked(value.right)
            case Points():
                points = [p.value for p in value.points]
                return any(self._marked(v) for v in (*points, *filter(None, [value.start])))
        return False

    def _bears(self, value: Value) -> bool:
        # Whether the numbers in a value can carry the unit of the place.
        match value:
            case Name():
                return value.name == self.slot.name and self.slot.kind != "number"
            case Negative():
                return self._bears(value.value)
            case Extreme():
                return all(self._bears(v) for v in value.values)
            case Following():
                if value.target_range is not None:
                    return True
                return value.source_range is None and self._bears(value.source)
            case Binary():
                if value.operation == "*":
                    return self._bears(value.left) or self._bears(value.right)
                if value.operation in ("/", "transpose"):
                    return self._bears(value.left)
                return (
                    value.operation != "^" and self._bears(value.left) and self._bears(value.right)
                )
        return True

    def _points(self, value: Points, unit: str) -> str:
        words = [] if value.start is None else [self._sum(value.start, unit)]
        if value.start_at is not None:
            words.append(f"at {time_text(value.start_at)}")
        if value.start_hold is not None:
            words.append(f"hold {time_text(value.start_hold)}")
        words += [self._point(point, unit) for point in value.points]
        return " ".join(words)

    def _point(self, point: Point, unit: str) -> str:
        words = ["->", self._sum(point.value, unit)]
        for word, time in (("at", point.at), ("over", point.over), ("hold", point.hold)):
            if time is not None:
                words += [word, time_text(time)]
        return " ".join([*words, point.shape] if point.shape else words)

    def _following(self, value: Following, unit: str) -> str:
        mapped = value.source_range is not None or value.target_range is not None
        words = [self._sum(value.source, "" if mapped else unit)]
        if value.source_range is not None:
            words += ["from", self._pair(*value.source_range, ""), value.shape]
        if value.target_range is not None:
            words += ["to", self._pair(*value.target_range, unit)]
        words += ["snap"] if value.snap else []
        for word, time in (("lag", value.lag), ("rise", value.rise), ("fall", value.fall)):
            if time is not None:
                words += [word, time_text(time)]
        return " ".join(words)

    def _pair(self, low: float, high: float, unit: str) -> str:
        return f"{_sized(low, unit)}..{_sized(high, unit)}"

    def _width(self, value: Spread, unit: str) -> str:
        if value.scale == "cents":
            return _sized(value.width, "cents")
        return _sized(value.width, "%", 2) if value.scale == "share" else _sized(value.width, unit)

    def _each(self, each: bool) -> str:
        return "each " if each else ""
