"""Cues: what happens at an instant - gestures, settings, kicks and marks."""

from __future__ import annotations

import re
from math import inf

from lullaby.model.score import Cue
from lullaby.model.sheet import Fixed
from lullaby.model.value import Number, Time, Value
from lullaby.score import times
from lullaby.score.gestures import asked, words
from lullaby.score.grammar import Parser
from lullaby.score.kinds import Slot
from lullaby.score.lexer import Slip
from lullaby.score.loops import leans
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Items, Node, Text, canonical
from lullaby.score.reading import Lean, Reading
from lullaby.score.settings import MASTER, Owner
from lullaby.score.strips import arc_slot, bus_owner, part_owner
from lullaby.score.syntax import Push
from lullaby.score.typed import Typer

KEYS = ("at", "when", "every", "each", "back", "rest", "do", "with", "set", "kick", "mark")
STARTS = ("at", "when", "every", "each")
EVERY = times.Span("every", zero=False)
REST = times.Span("rest")
BACK = Slot("back", "ratio", 0.0, 1.0)
WATCH = re.compile(r"([a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)?)\s*([<>])\s*(.+)", re.ASCII)
KICK = times.Span("over", share=False, zero=False)


def cue(reading: Reading, node: Node) -> Cue | None:
    """Return one cue, or report what is wrong with it."""
    table = reading.table(node, "a cue")
    if table is None:
        return None
    reading.keys(table, KEYS, "a cue")
    given = [key for key in STARTS if table.get(key) is not None]
    if len(given) != 1:
        message = "a cue wants one of 'at', 'when', 'every', 'each'"
        reading.report.add(table.key(given[1]) if given else table, message)
    if table.get("with") is not None and table.get("do") is None:
        reading.report.add(table.key("with"), "'with' are the words of a 'do'")
    known = all(key.value in KEYS for key, _ in table)
    if known and not any(table.get(k) is not None for k in ("do", "set", "kick", "mark")):
        reading.report.add(table, "this cue does nothing: say 'set', 'kick', 'mark' or 'do'")
    if table.get("back") is not None and table.get("when") is None:
        reading.report.add(table.key("back"), "'back' belongs to a 'when'")
    if table.get("rest") is not None and table.get("when") is None and table.get("each") is None:
        reading.report.add(table.key("rest"), "'rest' belongs to a 'when' or an 'each'")
    back = table.get("back")
    targets = asked(reading, table.get("do"))
    recurs = bool(reading.scene) or table.get("at") is None
    return Cue(
        at=_at(reading, table.get("at")),
        every=reading.time(table.get("every"), EVERY),
        when=_when(reading, table.get("when")),
        each=_each(reading, table.get("each")),
        back=0.0 if back is None else _plain(reading, back, BACK),
        rest=reading.time(table.get("rest"), REST),
        do=tuple(target.said for target in targets),
        words=words(reading, table.get("with"), targets),
        settings=_set(reading, table.get("set"), recurs),
        kicks=_kicks(reading, table.get("kick")),
        mark=reading.text(table.get("mark"), "'mark'") or "",
        text=canonical(table),
        where=table.where,
    )


def _at(reading: Reading, node: Node | None) -> tuple[Time, ...]:
    if node is None:
        return ()
    items = list(node) if isinstance(node, Items) else [node]
    return tuple(t for item in items if (t := reading.time(item, times.AT)) is not None)


def _each(reading: Reading, node: Node | None) -> str:
    if node is None:
        return ""
    return reading.one_of(node, reading.sources, "source of data") or ""


def _when(reading: Reading, node: Node | None) -> tuple[str, str, float] | None:
    text = reading.text(node, "'when'")
    if text is None or not isinstance(node, Text):
        return None
    match = WATCH.fullmatch(text)
    if match is None:
        reading.report.add(node, "'when' wants an arc and a level, such as panic > 0.8")
        return None
    name, sign, level = match.groups()
    source, _, column = name.partition(".")
    known = {*reading.arcs, *reading.signals}
    if column and source in reading.sources:
        reading.use(source, column, node)
        slot = Slot(f"when {name}", "", -inf, inf)
    elif name in known or (source in reading.signals and column == "missing"):
        slot = Slot(f"when {name}", "ratio", 0.0, 1.0)
    else:
        near = hint(name, [*reading.arcs, *reading.signals], always=True)
        what = "arc or signal" if reading.signals else "arc"
        reading.report.add(node, f"unknown {what} {cut(name)}{near}", match.span(1))
        return None
    try:  # the text before the level is blanked, so that places in it stay right
        phrase = Parser(" " * match.start(3) + level, reading.limits).whole_value()
        value = Typer(slot, reading.place()).whole(phrase)
    except Slip as slip:
        reading.report.add(node, slip.message, (slip.start, slip.end))
        return None
    if isinstance(value, Number):
        if slot.low <= value.value <= slot.high:
            return name, sign, value.value
        message = f"'{slot.label}' goes from 0..1, not {value.value:g}"
        reading.report.add(node, message, match.span(3))
        return None
    reading.report.add(node, "'when' wants one plain number, such as 0.8", match.span(3))
    return None


def _plain(reading: Reading, node: Node, slot: Slot) -> float:
    value = reading.value(node, slot, reading.place())
    if value is not None and not isinstance(value, Number):
        reading.report.add(node, f"'{slot.label}' wants one plain number, such as 0.05")
    return value.value if isinstance(value, Number) else 0.0


def _set(reading: Reading, node: Node | None, recurs: bool) -> dict[str, Value]:
    table = reading.table(node, "'set'")
    made: dict[str, Value] = {}
    for key, inner in table or ():
        found = _target(reading, key)
        if found is None:
            continue
        target, slot = found
        place = reading.place(change=True, length=False)
        owner = target if target in reading.arcs else ""
        value = reading.value(inner, slot, place, owner)
        if value is not None:
            made[target] = value
            if owner and recurs and leans(value, owner):
                reading.leans.append(Lean(owner, reading.scene, key))
    return made


def _target(reading: Reading, key: Text) -> tuple[str, Slot] | None:
    whole, dot, name = key.value.partition(".")
    if not dot:
        if whole in reading.arcs:
            return whole, arc_slot(whole)
        known = hint(whole, reading.arcs, always=True)
        reading.report.add(
            key, f"unknown arc {cut(whole)}{known}; a part's value is PART.PARAMETER"
        )
        return None
    owner = _owner(reading, whole)
    if owner is None:
        known = hint(whole, [*reading.parts, *reading.buses, "master"], always=True)
        reading.report.add(key, f"unknown part or bus {cut(whole)}{known}", (0, len(whole)))
        return None
    declared = owner.declared.get(name)
    span = (len(whole) + 1, len(key.value))
    if isinstance(declared, Fixed):
        reading.report.add(key, f"'{name}' is fixed: say it where {owner.said} is defined", span)
    elif declared is not None:
        return f"{whole}.{declared.name}", Slot.of(declared)
    elif owner.known:
        known = hint(name, owner.declared)
        message = f"unknown parameter {cut(name)} for {owner.said}{known}"
        reading.report.add(key, message, span)
    return None


def _owner(reading: Reading, name: str) -> Owner | None:
    if name == "master":
        return MASTER
    if name in reading.parts:
        return part_owner(reading, name)
    return bus_owner(reading, name) if name in reading.buses else None


def _kicks(reading: Reading, node: Node | None) -> dict[str, tuple[Value, Time]]:
    table = reading.table(node, "'kick'")
    made: dict[str, tuple[Value, Time]] = {}
    for key, inner in table or ():
        if key.value not in reading.arcs:
            known = hint(key.value, reading.arcs, always=True)
            reading.report.add(key, f"unknown arc {cut(key.value)}{known}; kicks are for arcs")
            continue
        push = reading.said(inner, Parser.whole_push, "a kick")
        if not isinstance(push, Push):
            continue
        kick = reading.checked(inner, lambda p=push, k=key: _kick(reading, p, k.value))  # type: ignore[misc]
        if kick is not None:
            made[key.value] = kick
    return made


def _kick(reading: Reading, push: Push, name: str) -> tuple[Value, Time]:
    slot = Slot(f"kick {name}", "ratio", -1.0, 1.0)
    value = Typer(slot, reading.place(length=False)).whole(push.value)
    if not isinstance(value, Number):
        raise Slip(
            push.value.start, push.value.end, "a kick is a plain number, such as 0.3 over 8 s"
        )
    return value, times.timed(push.over, KICK)
