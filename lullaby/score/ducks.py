"""Who gives way to whom (``duck``), and that nobody follows himself in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lullaby.model.circles import way_back
from lullaby.model.sheet import Sheet
from lullaby.model.value import Value
from lullaby.score.kinds import Slot
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Node, Table, Text
from lullaby.score.reading import Reading
from lullaby.score.typed import Place

DUCK = Slot("duck", "dB", 0.0, 60.0)


def ducks(reading: Reading, node: Node | None, place: Place, own: str) -> dict[str, Value]:
    """Return how much softer a part is while others sound: part -> dB."""
    table = reading.table(node, "'duck'")
    made: dict[str, Value] = {}
    for key, depth in table or ():
        if key.value == own:
            reading.report.add(key, f"'{own}' cannot give way to itself")
        elif key.value not in reading.parts:
            known = hint(key.value, [p for p in reading.parts if p != own], always=True)
            reading.report.add(key, f"unknown part {cut(key.value)}{known}")
        value = reading.value(depth, DUCK.named(f"duck {key.value}"), place)
        if value is not None and key.value != own and key.value in reading.parts:
            made[key.value] = value
            reading.leads.setdefault(own, {}).setdefault(key.value, key)
    return made


def note_leaders(
    reading: Reading, table: Table, key: Text, sheet: type[Sheet], fixed: Mapping[str, Any]
) -> None:
    """Remember whom a part's module follows, and where that is said."""
    for name, declared in sheet.fixed_params().items():
        goal = fixed.get(name, declared.default)
        if declared.kind == "leader" and goal:
            at = table.get(declared.score_name) or table.get("preset") or key
            reading.leads.setdefault(key.value, {}).setdefault(goal, at)


def follow_circles(reading: Reading) -> None:
    """Report each circle of parts that follow one another once, at the word that leads on."""
    told: set[str] = set()
    for name, goals in reading.leads.items():
        way = None if name in told else way_back(name, reading.leads)
        if way is not None:
            told |= set(way)
            message = f"part '{name}' follows itself in a circle: {' -> '.join(way)}"
            reading.report.add(goals[way[1]], message)
