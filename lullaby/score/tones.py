"""Clock and tuning: what beats and degrees are."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from lullaby.model.score import Clock, Tuning
from lullaby.model.value import Number, Points
from lullaby.score.grammar import Parser
from lullaby.score.kinds import Slot
from lullaby.score.nearest import hint
from lullaby.score.nodes import Items, Node, Text
from lullaby.score.reading import Reading
from lullaby.score.spread_units import with_units
from lullaby.score.typed import Typer

METER = re.compile(r"([1-9][0-9]?)/(1|2|4|8|16|32)", re.ASCII)
SCALES: dict[str, tuple[float, ...]] = {
    "just": (1.0, 9 / 8, 5 / 4, 4 / 3, 3 / 2, 5 / 3, 15 / 8),
    "just-minor": (1.0, 9 / 8, 6 / 5, 4 / 3, 3 / 2, 8 / 5, 9 / 5),
    "dorian": (1.0, 9 / 8, 6 / 5, 4 / 3, 3 / 2, 5 / 3, 9 / 5),
    "phrygian": (1.0, 16 / 15, 6 / 5, 4 / 3, 3 / 2, 8 / 5, 9 / 5),
    "lydian": (1.0, 9 / 8, 5 / 4, 45 / 32, 3 / 2, 5 / 3, 15 / 8),
    "mixolydian": (1.0, 9 / 8, 5 / 4, 4 / 3, 3 / 2, 5 / 3, 16 / 9),
    "pentatonic": (1.0, 9 / 8, 5 / 4, 3 / 2, 5 / 3),
    "overtones": (1.0, 9 / 8, 5 / 4, 11 / 8, 3 / 2, 13 / 8, 7 / 4, 15 / 8),
    "pythagorean": (1.0, 9 / 8, 81 / 64, 4 / 3, 3 / 2, 27 / 16, 243 / 128),
    "chromatic": tuple(2.0 ** (k / 12) for k in range(12)),
    "whole-tone": tuple(2.0 ** (k / 6) for k in range(6)),
}
ROOT = Slot("root", "Hz", 8.0, 4000.0)
RATIO = Slot("scale", "ratio", 1.0, 4096.0)
BPM = Slot("bpm", "bpm", 0.01, 1000.0, default=60.0)
MOST_TONES = 256


def clock(reading: Reading, node: Node | None, *, scene: bool = False) -> Clock | None:
    """Return tempo and meter; a beat is the note value of the meter.

    In a ``scene`` a tempo may glide from the one before it and share out the length.
    """
    table = reading.table(node, "'clock'")
    if table is None:
        return None
    reading.keys(table, ("bpm", "meter"), "'clock'")
    bpm, meter = table.get("bpm"), table.get("meter")
    before = reading.clock
    tempo, glide = before.ends_bpm, None
    if bpm is not None:
        tempo, glide = _tempo(reading, bpm, tempo, scene)
    beats = before.beats_a_bar
    text = reading.text(meter, "'meter'")
    if text is not None and meter is not None:
        match = METER.fullmatch(text)
        if match:
            beats = float(match[1])
        else:
            reading.report.add(meter, "'meter' wants beats and note value, such as 4/4 or 6/8")
    return Clock(tempo, beats, glide)


def _tempo(reading: Reading, node: Node, before: float, scene: bool) -> tuple[float, Points | None]:
    phrase = reading.said(node, Parser.whole_value, "'bpm'")
    if phrase is None:
        return before, None
    place = replace(reading.place(change=scene, length=scene), clock=Clock())
    typer = Typer(BPM, place)
    value = reading.checked(node, lambda: typer.whole(with_units(phrase, "bpm")))
    if isinstance(value, Number):
        return value.value, None
    if isinstance(value, Points):
        start = value.start
        inner = [point.value for point in value.points] + ([start] if start else [])
        if all(isinstance(v, Number) for v in inner):
            return (start.value if isinstance(start, Number) else before), value
    if value is not None:
        message = "'bpm' wants a plain tempo such as 60, or a curve of them such as 54 -> 90"
        reading.report.add(node, message)
    return before, None


def _number(reading: Reading, node: Node, slot: Slot) -> float | None:
    value = reading.value(node, slot, reading.place())
    if value is None:
        return None
    if not isinstance(value, Number):
        reading.report.add(node, f"'{slot.label}' wants one plain value")
        return None
    return value.value


def tuning(reading: Reading, node: Node | None) -> Tuning:
    """Return root and degrees; ratios below 2 are a scale of one octave, that repeats."""
    if isinstance(node, Text):
        ratios = _named(reading, node)
        return Tuning(ratios=ratios, repeats=True) if ratios else Tuning()
    table = reading.table(node, "'tuning'")
    if table is None:
        return Tuning()
    reading.keys(table, ("root", "scale"), "'tuning'")
    root_node, scale = table.get("root"), table.get("scale")
    root_hz = _number(reading, root_node, ROOT) if root_node is not None else None
    root_hz = root_hz or Tuning().root_hz
    if scale is None:
        return Tuning(root_hz)
    if isinstance(scale, Items):
        ratios = _ratios(reading, scale)
        return Tuning(root_hz, ratios, max(ratios) < 2.0) if ratios else Tuning(root_hz)
    ratios = _named(reading, scale)
    return Tuning(root_hz, ratios, True) if ratios else Tuning(root_hz)


def _named(reading: Reading, node: Node) -> tuple[float, ...]:
    name = reading.text(node, "'scale'")
    if name is None or name in SCALES:
        return SCALES.get(name or "", ())
    reading.report.add(node, f"unknown scale '{name[:40]}'{hint(name, SCALES, always=True)}")
    return ()


def _ratios(reading: Reading, items: Items) -> tuple[float, ...]:
    found = [x for item in items if (x := _number(reading, item, RATIO)) is not None]
    if len(items.items) > MOST_TONES or not items.items:
        reading.report.add(items, f"a scale has 1 to {MOST_TONES} degrees")
        return ()
    if any(b <= a for a, b in pairwise(found)):
        reading.report.add(items, "the degrees of a scale rise")
        return ()
    return tuple(found)
