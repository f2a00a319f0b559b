"""Settings of a part, a bus or the master: each by its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lullaby.model.sheet import Fixed, Master, Param, Sheet, Strip
from lullaby.model.value import Value
from lullaby.score.kinds import Slot
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Node, Table, Text
from lullaby.score.reading import Reading
from lullaby.score.typed import Place

LEVEL = Strip.level_db


@dataclass(frozen=True)
class Owner:
    """Whose settings are read: its name in messages, and what it declares, by score name."""

    said: str
    declared: Mapping[str, Param | Fixed[Any]]
    known: bool = True  # False where its module or effect is unknown, so nothing can be checked


@dataclass
class Settings:
    """What was read: moving values by the declaration's name, and fixed ones."""

    values: dict[str, Value] = field(default_factory=dict)
    fixed: dict[str, Any] = field(default_factory=dict)


def of_part(sheet: type[Sheet] | None, said: str) -> Owner:
    """Return the owner of a part's settings: its module and its place at the desk."""
    if sheet is None:
        return Owner(said, Strip.by_score_name(), known=False)
    return Owner(said, {**Strip.by_score_name(), **sheet.by_score_name()})


def of_bus(sheet: type[Sheet] | None, said: str, known: bool) -> Owner:
    """Return the owner of a bus's settings: its effect and its level."""
    own = sheet.by_score_name() if sheet is not None else {}
    return Owner(said, {"level": LEVEL, **own}, known)


MASTER = Owner("the master", Master.by_score_name())


def settings(
    reading: Reading,
    table: Table,
    owner: Owner,
    place: Place,
    *,
    skip: Iterable[str] = (),
    fixed: bool = True,
    also: Iterable[str] = (),
) -> Settings:
    """Return a table's settings; ``skip``: keys of the language; ``also``: more that are right."""
    made, passed = Settings(), set(skip)
    for key, node in table:
        name = key.value
        if name in passed:
            continue
        declared = owner.declared.get(name)
        if isinstance(declared, Param):
            value = reading.value(node, Slot.of(declared), place)
            if value is not None:
                made.values[declared.name] = value
        elif isinstance(declared, Fixed):
            if not fixed:
                message = f"'{name}' is fixed: say it where {owner.said} is defined"
                reading.report.add(key, message)
                continue
            plain = fixed_value(reading, node, declared)
            if plain is not None:
                made.fixed[declared.name] = plain
        elif not owner.known:
            if _looks_moving(node):
                reading.syntax(node)
        else:
            known = [*owner.declared, *also]
            reading.report.add(
                key, f"unknown parameter {cut(name)} for {owner.said}{hint(name, known)}"
            )
    return made


def _looks_moving(node: Node) -> bool:
    return isinstance(node, Text) and node.plain and ("->" in node.value or ".." in node.value)


def fixed_value(reading: Reading, node: Node, declared: Fixed[Any]) -> Any:
    """Return a node as a fixed value by its declaration, or report it."""
    what = f"'{declared.name}'"
    match declared.kind:
        case "count":
            return reading.whole(node, what, declared.low, declared.high)
        case "flag":
            return reading.truth(node, what)
        case "choice":
            return reading.one_of(node, declared.options, declared.name)
        case "texts":
            return reading.texts(node, what, declared.check, declared.high) or None
        case "leader":
            return reading.one_of(node, reading.parts, "part")
    return reading.text(node, what)


def sends(reading: Reading, node: Node | None, place: Place, own: str = "") -> dict[str, Value]:
    """Return the sends of a part or bus: bus -> level in dB."""
    table = reading.table(node, "'send'")
    made: dict[str, Value] = {}
    if table is None:
        return made
    slot = Slot("send", "dB", LEVEL.low, LEVEL.high, default=LEVEL.low)
    for key, level in table:
        goals = [b for b in reading.buses if b != own]
        if key.value not in goals:
            known = hint(key.value, goals, always=True)
            reading.report.add(key, f"unknown bus {cut(key.value)}{known}")
        value = reading.value(level, slot.named(f"send {key.value}"), place)
        if value is not None and key.value in goals:
            made[key.value] = value
    return made


def into(reading: Reading, node: Node | None, own: str = "") -> str:
    """Return the bus that a part or bus goes to."""
    if node is None:
        return "master"
    goals = ["master", *(b for b in reading.buses if b != own)]
    return reading.one_of(node, goals, "bus") or "master"
