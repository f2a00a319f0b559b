"""``do`` and ``with``: which parts a cue asks for what, and with which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from lullaby.model.gesture import MOST_LETTERS, Gesture
from lullaby.model.module import Module
from lullaby.model.sheet import Param
from lullaby.model.value import Points
from lullaby.score.kinds import Slot
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Items, Node, Text
from lullaby.score.reading import Reading
from lullaby.score.settings import fixed_value

ALL = "all"


@dataclass(frozen=True)
class Target:
    """``choir.sigh`` or ``all.sigh``, and the gestures that go by it, by their modules' names."""

    said: str
    gestures: Mapping[str, type[Gesture]]


def asked(reading: Reading, node: Node | None) -> list[Target]:
    """Return what a cue asks for; a name that is not known is reported."""
    if node is None:
        return []
    made = [_target(reading, item) for item in (node if isinstance(node, Items) else [node])]
    if isinstance(node, Items) and not made:
        reading.report.add(node, "'do' wants PART.GESTURE, or a list of them")
    return [target for target in made if target is not None]


def _target(reading: Reading, node: Node) -> Target | None:
    text = reading.text(node, "'do'")
    if text is None or not isinstance(node, Text):
        return None
    owner, dot, name = text.partition(".")
    if not dot or not owner or not name:
        message = "'do' wants PART.GESTURE or all.GESTURE, such as choir.sigh"
        reading.report.add(node, message)
        return None
    if owner != ALL and owner not in reading.parts:
        known = hint(owner, [*reading.parts, ALL], always=True)
        reading.report.add(node, f"unknown part {cut(owner)}{known}", (0, len(owner)))
        return None
    parts = reading.parts if owner == ALL else {owner: reading.parts[owner]}
    sheets = [cast("type[Module]", sheet) for sheet in parts.values() if sheet is not None]
    if len(sheets) < len(parts):  # what is not known cannot be checked
        return Target(text, {})
    span = (len(owner) + 1, len(text))
    known_by = {_file(s): s.gestures[name] for s in sheets if name in s.gestures}
    if known_by:
        return Target(text, known_by)
    every = list(dict.fromkeys(n for sheet in sheets for n in sheet.gestures))
    near = hint(name, every, always=True)
    whose = "any part" if owner == ALL else f"module '{_file(sheets[0])}'"
    reading.report.add(node, f"unknown gesture {cut(name)} of {whose}{near}", span)
    return None


def words(reading: Reading, node: Node | None, targets: Sequence[Target]) -> dict[str, Any]:
    """Return the words given to gestures, by the declarations' names; each must know them all."""
    table = reading.table(node, "'with'")
    made: dict[str, Any] = {}
    gestures = [pair for target in targets for pair in target.gestures.items()]
    for key, inner in table or ():
        if not gestures:
            continue
        for module, gesture in gestures:
            known = {p.score_name: p for p in gesture.words().values()}
            declared = known.get(key.value)
            if declared is None:
                said = f"gesture '{_said(gesture, targets)}' of module '{module}'"
                near = hint(key.value, known, always=True)
                reading.report.add(key, f"unknown word {cut(key.value)} for {said}{near}")
                break
            value = _value(reading, inner, declared)
            if value is None:
                break
            made[declared.name] = value
    return made


def _value(reading: Reading, node: Node, declared: Any) -> Any:
    if not isinstance(declared, Param):
        value = fixed_value(reading, node, declared)
        if declared.kind == "text" and value is not None and len(value) > MOST_LETTERS:
            message = f"'{declared.name}' has at most {MOST_LETTERS} letters"
            reading.report.add(node, message)
            return None
        return value
    value = reading.value(node, Slot.of(declared), reading.place(length=False))
    if isinstance(value, Points):
        message = f"'{declared.score_name}' is one value, as it is when the cue goes off: no curve"
        reading.report.add(node, message)
        return None
    return value


def _said(gesture: type[Gesture], targets: Sequence[Target]) -> str:
    names = [t.said.partition(".")[2] for t in targets if gesture in t.gestures.values()]
    return names[0]


def _file(sheet: type[Module]) -> str:
    return sheet.__module__.rpartition(".")[2].removeprefix("lullaby_own_")
