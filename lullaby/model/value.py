"""Values as a score writes them: the tree that the reader makes and the engine turns into curves.

Every number is already in the unit of the place it stands in (Hz, dB, s, cents, a ratio), checked
against the declaration there.  Whether a scale is logarithmic is the declaration's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from typing import Any


@dataclass(frozen=True)
class Value:
    """Base of all values."""


@dataclass(frozen=True)
class Time:
    """A time in a scene, cue or piece, as written."""

    amount: float  # negative: counted back from the end, where ``from_end``
    unit: str = "s"  # "s", "beat", "bar", or "share" of the length (0..1)
    from_end: bool = False
    spread: float = 0.0  # drawn within +- this, in the same unit (``~``)
    until: float | None = None  # drawn from ``amount`` to this (``a..b``)


@dataclass(frozen=True)
class Number(Value):
    """A plain quantity."""

    value: float


@dataclass(frozen=True)
class Range(Value):
    """Drawn from low to high, once a visit, or for each event or voice.

    ``degrees``: between two notes, where the degrees of the tuning are drawn.
    """

    low: float
    high: float
    each: bool = False
    degrees: bool = False


@dataclass(frozen=True)
class Spread(Value):
    """Drawn around a centre; ``scale``: "add" (same unit), "cents" or "share" of the centre."""

    centre: float
    width: float
    scale: str = "add"
    each: bool = False


@dataclass(frozen=True)
class Pick(Value):
    """One of several."""

    choices: tuple[float, ...]
    each: bool = False


@dataclass(frozen=True)
class Drift(Value):
    """A smooth random walk in a range, a new aim ``per`` time (``walk``)."""

    low: float
    high: float
    per: Time


@dataclass(frozen=True)
class Wave(Value):
    """A low-frequency oscillator (``lfo``): sine, triangle, saw, square."""

    wave: str
    low: float
    high: float
    per: Time


@dataclass(frozen=True)
class Name(Value):
    """An arc, a signal, or a source of data and its column; in its own curve the start value."""

    name: str
    column: str = ""


@dataclass(frozen=True)
class Binary(Value):
    """``+ - * / ^``, or "transpose": a pitch and an interval in cents."""

    operation: str
    left: Value
    right: Value


@dataclass(frozen=True)
class Negative(Value):
    """The value with its sign turned."""

    value: Value


@dataclass(frozen=True)
class Pace(Value):
    """Beats a second at the tempo of the moment, times ``scale``; where a tempo glides."""

    scale: float = 1.0


@dataclass(frozen=True)
class Extreme(Value):
    """``min(a | b)`` or ``max(a | b)``."""

    which: str
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Following(Value):
    """``source [from A..B [shape]] [to C..D] [snap] [lag t | rise t fall t]``."""

    source: Value
    source_range: tuple[float, float] | None = None
    shape: str = "linear"
    target_range: tuple[float, float] | None = None
    snap: bool = False
    lag: Time | None = None
    rise: Time | None = None
    fall: Time | None = None


@dataclass(frozen=True)
class Point:
    """A point of a curve: its value, when it is reached, how long it holds, the way to it."""

    value: Value
    at: Time | None = None
    over: Time | None = None
    hold: Time | None = None
    shape: str | None = None


@dataclass(frozen=True)
class Points(Value):
    """A curve: ``[start] [at t] [hold t] -> point -> point``; no start: from where it is now."""

    start: Value | None
    points: tuple[Point, ...]
    start_at: Time | None = None
    start_hold: Time | None = None


@dataclass(frozen=True)
class Reset(Value):
    """Back to the part's own value."""


def names_in(value: Any) -> Iterator[str]:
    """Yield the names that a value follows: "p95", "web.ms"."""
    if isinstance(value, Name):
        yield f"{value.name}.{value.column}" if value.column else value.name
    elif isinstance(value, tuple):
        for inner in value:
            yield from names_in(inner)
    elif is_dataclass(value):
        for f in fields(value):
            yield from names_in(getattr(value, f.name))
