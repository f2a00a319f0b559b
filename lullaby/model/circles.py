"""Ways that lead back to where they began, among names that lead to names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def way_back(name: str, goals: Mapping[str, Iterable[str]]) -> list[str] | None:
    """Return the shortest way from a name back to it, both ends included; None if there is none."""
    came: dict[str, str] = {}
    todo = [name]
    for here in todo:  # grows while it is walked
        for goal in goals.get(here, ()):
            if goal == name:
                way = [name, here] if here != name else [name]
                while way[-1] != name:
                    way.append(came[way[-1]])
                return [name, *reversed(way[1:-1]), name]
            if goal not in came:
                came[goal] = here
                todo.append(goal)
    return None
