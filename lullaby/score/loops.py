"""Loops of scenes: what a cue changes from its own value must be set anew in each of them.

Otherwise a moment of an endless piece would hang on all moments before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from lullaby.model.score import SceneDef
from lullaby.model.value import Name
from lullaby.score.nearest import cut
from lullaby.score.reading import Reading


def leans(value: Any, name: str) -> bool:
    """Return whether a value is worked out from the one that the same thing had before."""
    if isinstance(value, Name):
        return value.name == name
    if isinstance(value, tuple):
        return any(leans(inner, name) for inner in value)
    if not hasattr(value, "__dataclass_fields__"):
        return False
    return any(leans(getattr(value, f.name), name) for f in fields(value))


def unset_arcs(reading: Reading, scenes: Sequence[SceneDef]) -> None:
    """Report arcs that cues change from their own value in a loop that never sets them."""
    if not reading.leans:
        return
    found = loops(scenes)
    for lean in reading.leans:
        for loop in found:
            inside = [s for s in scenes if s.name in loop]
            here = not lean.scene or lean.scene in loop
            if here and not any(_sets(scene, lean.arc) for scene in inside):
                names = ", ".join(cut(s.name) for s in inside[:3]) + (", ..." * (len(inside) > 3))
                message = f"'{lean.arc}' changes from its own value in a loop without an end: "
                message += f"a scene of it must set it, under 'arc' ({names})"
                reading.report.add(lean.at, message)
                break


def loops(scenes: Sequence[SceneDef]) -> list[set[str]]:
    """Return the sets of scenes that lead to one another again, of those a piece may come to."""
    names = [scene.name for scene in scenes]
    goals = {
        scene.name: [n for n in scene.next or names[i + 1 : i + 2] if n in names]
        for i, scene in enumerate(scenes)
    }
    ways = {name: _reached(name, goals) for name in names}
    found: list[set[str]] = []
    for name in names:
        loop = {other for other in ways[name] if name in ways[other]}
        played = name == names[0] or name in ways[names[0]]
        if loop and played and loop not in found:
            found.append(loop)
    return found


def _reached(name: str, goals: dict[str, list[str]]) -> set[str]:
    seen: set[str] = set()
    todo = [name]
    while todo:
        for goal in goals[todo.pop()]:
            if goal not in seen:
                seen.add(goal)
                todo.append(goal)
    return seen


def _sets(scene: SceneDef, arc: str) -> bool:
    value = scene.arcs.get(arc)
    return value is not None and not leans(value, arc)
