"""Kinds of quantity, and numbers taken into the unit of the place they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from lullaby.model.score import Clock
from lullaby.model.sheet import Param
from lullaby.score.lexer import Slip
from lullaby.score.syntax import Quantity
from lullaby.units import note_to_hz

NOTE = re.compile(r"([A-G])([#b]?)(-?[0-9])")

KIND_OF = {  # unit of a declaration -> its kind
    "": "number",
    "ratio": "number",
    "Hz": "rate",
    "/s": "rate",
    "/min": "rate",
    "bpm": "rate",
    "dB": "level",
    "dBTP": "peak",
    "s": "time",
    "cents": "interval",
    "deg": "angle",
    "m": "distance",
}
A_MINUTE = Fraction(1, 60)
FACTORS: dict[str, tuple[str, Fraction]] = {
    "": ("number", Fraction(1)),
    "%": ("number", Fraction(1, 100)),
    "Hz": ("rate", Fraction(1)),
    "kHz": ("rate", Fraction(1000)),
    "/s": ("rate", Fraction(1)),
    "/min": ("rate", A_MINUTE),
    "/h": ("rate", Fraction(1, 3600)),
    "bpm": ("rate", A_MINUTE),
    "s": ("time", Fraction(1)),
    "ms": ("time", Fraction(1, 1000)),
    "min": ("time", Fraction(60)),
    "h": ("time", Fraction(3600)),
    "d": ("time", Fraction(86400)),
    "dB": ("level", Fraction(1)),
    "LU": ("level", Fraction(1)),
    "LUFS": ("loudness", Fraction(1)),
    "dBTP": ("peak", Fraction(1)),
    "cents": ("interval", Fraction(1)),
    "cent": ("interval", Fraction(1)),
    "st": ("interval", Fraction(100)),
    "oct": ("interval", Fraction(1200)),
    "deg": ("angle", Fraction(1)),
    "m": ("distance", Fraction(1)),
}
WANTS = {
    "": "a plain number",
    "ratio": "a plain number or %",
    "Hz": "a frequency such as 440 Hz, 2 kHz or A4",
    "/s": "a rate such as 4 /s, 30 /min or 2 Hz",
    "/min": "a rate such as 30 /min or 0.5 /s",
    "bpm": "a tempo such as 60 bpm",
    "dB": "a level such as -12 dB",
    "dBTP": "a true peak such as -1 dBTP",
    "s": "a time such as 2 s, 300 ms or 1:30",
    "cents": "an interval such as 10 cents, 2 st or 1 oct",
    "deg": "an angle such as 30 deg",
    "m": "a distance such as 3 m",
}
SCALE = {"/min": Fraction(60), "bpm": Fraction(60)}  # of a kind's own unit, in the place's


@dataclass(frozen=True)
class Slot:
    """The place of a value: what it is called, its unit, its range."""

    label: str
    unit: str
    low: float
    high: float
    name: str = ""  # of the setting, as the model keeps it
    default: float = 0.0
    each: bool = False

    @classmethod
    def of(cls, p: Param) -> Slot:
        """Return the place of a declared parameter."""
        return cls(p.score_name, p.unit, p.low, p.high, p.name, p.default, p.each)

    def named(self, name: str) -> Slot:
        """Return the same place under another name of the setting."""
        return replace(self, name=name)

    @property
    def kind(self) -> str:
        """Return the kind of quantity that is wanted."""
        return KIND_OF[self.unit]

    @property
    def wants(self) -> str:
        """Return what is wanted, in words."""
        return WANTS[self.unit]


def factor(unit: str, clock: Clock) -> tuple[str, Fraction]:
    """Return the kind of a unit and its size in the kind's own unit."""
    if unit == "clock":
        return "time", Fraction(1)
    if "beat" not in unit and "bar" not in unit:
        return FACTORS[unit]
    per_s = Fraction(clock.bpm) / 60
    if "bar" in unit:
        per_s /= Fraction(clock.beats_a_bar)
    return ("rate", per_s) if unit.startswith("/") else ("time", 1 / per_s)


def exact(text: str) -> Fraction:
    """Return a number, or a clock time in seconds, exactly."""
    if ":" not in text:
        return Fraction(text)
    total = Fraction(0)
    for part in text.lstrip("-").split(":"):
        total = total * 60 + Fraction(part)
    return -total if text.startswith("-") else total


def finite(quantity: Quantity, value: Fraction) -> float:
    """Return the nearest float; raises Slip where there is none."""
    try:
        return float(value)
    except OverflowError:
        raise Slip(quantity.start, quantity.end, "the number is too large") from None


def measured(quantity: Quantity, slot: Slot, clock: Clock) -> tuple[float, str]:
    """Return a quantity in the unit of a place (of its own kind where that differs), and its kind.

    Frequencies and rates are one kind, so that 60 /s and 60 Hz are the same; notes are for Hz.
    """
    if quantity.unit == "note":
        if slot.kind == "rate" and slot.unit != "Hz":
            raise Slip(
                quantity.start, quantity.end, f"'{slot.label}' wants {slot.wants}, not a note"
            )
        return note_hz(quantity), "rate"
    try:
        return _measured(quantity.text, quantity.unit, slot.unit, clock)
    except OverflowError:
        raise Slip(quantity.start, quantity.end, "the number is too large") from None


@lru_cache(4096)
def _measured(text: str, unit: str, wanted: str, clock: Clock) -> tuple[float, str]:
    kind, size = factor(unit, clock)
    if kind == KIND_OF[wanted]:
        size *= SCALE.get(wanted, 1)
    return float(exact(text) * size), kind


def note_hz(quantity: Quantity) -> float:
    """Return the frequency of a note."""
    match = NOTE.fullmatch(quantity.text)
    assert match is not None
    octave = int(match[3])
    if octave < -1:
        raise Slip(quantity.start, quantity.end, "octaves go from -1 to 9")
    return note_to_hz(match[1], match[2], octave)


def shown(value: float, unit: str) -> str:
    """Return a value with its unit, short."""
    text = f"{value:.10g}"
    return text if unit in ("", "ratio") else f"{text} {unit}"
