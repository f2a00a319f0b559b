"""When each point of a curve is reached and left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

TURNS = 24  # at most, to share out a length in which beats are not all as long


@dataclass(frozen=True)
class Stage:
    """A point's times: ``at`` in seconds, how long the way there and the hold are from a place."""

    at_s: float | None
    over: Callable[[float], float] | None
    hold: Callable[[float], float] | None


UNSAID = Stage(None, None, None)


def reached(
    stages: Sequence[Stage], start_s: float, length_s: float | None
) -> list[tuple[float, float]]:
    """Return when each point is reached and left (s).

    Points without a time share what is free evenly between two that have one; the last of them is
    at the end.
    """
    if len(stages) == 1 and stages[0] == UNSAID:  # most are this: the end of the scene
        at_s = start_s if length_s is None else max(start_s, length_s)
        return [(at_s, at_s)]
    times: list[tuple[float, float]] = []
    here_s, i = start_s, 0
    while i < len(stages):
        end = next((j for j in range(i, len(stages)) if stages[j].at_s is not None), None)
        group = stages[i : len(stages) if end is None else end + 1]
        goal_s = length_s if end is None else stages[end].at_s
        placed = _placed(group, here_s, _share_s(group, here_s, goal_s))
        times += placed
        here_s = placed[-1][1]
        i += len(group)
    return times


def _share_s(group: Sequence[Stage], here_s: float, goal_s: float | None) -> float:
    if goal_s is None or all(s.over is not None for s in group if s.at_s is None):
        return 0.0  # nobody shares: a point with a time takes what is left
    open_ = [s if s.at_s is None else UNSAID for s in group]
    slots = sum(s.over is None for s in open_)
    share_s = 0.0
    for _ in range(TURNS):
        ends_s = _placed(open_, here_s, share_s)[-1][1]
        change_s = max((goal_s - ends_s) / slots, -share_s)
        share_s += change_s
        if abs(change_s) < 1e-9:
            break
    return share_s


def _placed(group: Sequence[Stage], here_s: float, share_s: float) -> list[tuple[float, float]]:
    found = []
    for stage in group:
        way_s = share_s if stage.over is None else stage.over(here_s)
        at_s = here_s + way_s if stage.at_s is None else stage.at_s
        here_s = at_s if stage.hold is None else at_s + stage.hold(at_s)
        found.append((at_s, here_s))
    return found
