"""What a value says, before it is known what it is for: the tree that the grammar makes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Phrase:
    """Base: a stretch of the text."""

    start: int = field(compare=False)
    end: int = field(compare=False)


@dataclass(frozen=True)
class Quantity(Phrase):
    """A number with its unit ("" for none), a clock time (unit "clock") or a note ("note")."""

    text: str  # with its sign
    unit: str


@dataclass(frozen=True)
class Fraction(Phrase):
    """``3/2`` in a pick."""

    above: str
    below: str


@dataclass(frozen=True)
class Between(Phrase):
    """``a..b``."""

    low: Quantity
    high: Quantity
    each: bool = False


@dataclass(frozen=True)
class Around(Phrase):
    """``a ~ b``."""

    centre: Quantity
    width: Quantity
    each: bool = False


@dataclass(frozen=True)
class OneOf(Phrase):
    """``pick a | b``."""

    choices: tuple[Quantity | Fraction, ...]
    each: bool = False


@dataclass(frozen=True)
class Moving(Phrase):
    """``walk a..b per t`` or ``lfo sine a..b per t``; wave "walk" for the first."""

    wave: str
    range: Between
    per: When


@dataclass(frozen=True)
class Named(Phrase):
    """A name, with a column."""

    name: str
    column: str = ""


@dataclass(frozen=True)
class Sum(Phrase):
    """Two under ``+ - * / ^``."""

    sign: str
    left: Phrase
    right: Phrase


@dataclass(frozen=True)
class Minus(Phrase):
    """The sign turned."""

    inner: Phrase


@dataclass(frozen=True)
class Most(Phrase):
    """``min`` or ``max`` of several."""

    which: str
    values: tuple[Phrase, ...]


@dataclass(frozen=True)
class When(Phrase):
    """A time: a quantity, with ``~`` or to another."""

    amount: Quantity
    spread: Quantity | None = None
    until: Quantity | None = None


@dataclass(frozen=True)
class Stop(Phrase):
    """A point of a curve."""

    value: Phrase
    at: When | None = None
    over: When | None = None
    hold: When | None = None
    shape: str | None = None


@dataclass(frozen=True)
class Line(Phrase):
    """A curve."""

    first: Phrase | None
    at: When | None
    hold: When | None
    stops: tuple[Stop, ...]


@dataclass(frozen=True)
class Follow(Phrase):
    """A sum that is mapped, snapped or smoothed."""

    source: Phrase
    taken: Between | None = None
    shape: str = "linear"
    to: Between | None = None
    snap: bool = False
    lag: When | None = None
    rise: When | None = None
    fall: When | None = None


@dataclass(frozen=True)
class Back(Phrase):
    """``reset``."""


@dataclass(frozen=True)
class Coming(Phrase):
    """``[time] [over time]``: when a part enters or leaves."""

    at: When | None
    over: When | None


@dataclass(frozen=True)
class Push(Phrase):
    """``value over time``: a kick."""

    value: Phrase
    over: When
