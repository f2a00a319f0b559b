"""The whole screen as rows: what each shows, and what it stands for when it is clicked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.style import Style
from rich.text import Text

from lullaby.live.screen import panels
from lullaby.live.status import Status
from lullaby.measure.palette import HAIR

MOST_HIGH = 4  # lines of a drawn arc


@dataclass(frozen=True)
class Row:
    """A line of the screen; ``kind`` is ``scenes``, ``arc``, ``part`` or nothing."""

    text: Text
    kind: str = ""
    name: str = ""


def choices(status: Status) -> list[str]:
    """Return what the arrow keys go through: arcs, then parts (as ``part:NAME``)."""
    return [a.name for a in status.arcs] + [f"part:{p.name}" for p in status.parts]


def board(
    status: Status,
    shapes: Mapping[str, Sequence[float]],
    chosen: str,
    width: int,
    height: int,
    said: str = "",
) -> list[Row]:
    """Return the rows of a screen of ``width`` x ``height`` cells.

    ``shapes``: the arcs as written over the view; ``chosen``: one of ``choices``; ``said``: what
    a key just did.  Where arcs and parts do not all fit, those around the chosen one are shown.
    """
    top = [Row(panels.header(status, width)), Row(Text())]
    names, line = panels.ribbon(status, width).split("\n")
    top += [Row(names, "scenes"), Row(line, "scenes"), Row(panels.following(status)), Row(Text())]
    bottom = [Row(_rule(width)), Row(panels.master(status, width))]
    bottom += [Row(panels.health(status, width))]
    if status.trouble:
        bottom += [Row(line) for line in panels.trouble(status, width).split("\n")]
    bottom += [Row(panels.keys(width, said))]
    room = max(1, height - len(top) - len(bottom))
    middle = _middle(status, shapes, chosen, width, room)
    rows = top + middle + [Row(Text())] * (room - len(middle)) + bottom
    for row in rows[:height]:
        row.text.truncate(width)
    return rows[:height]


def _middle(
    status: Status, shapes: Mapping[str, Sequence[float]], chosen: str, width: int, room: int
) -> list[Row]:
    span_s = panels.view(status)
    colors = panels.arc_colors([a.name for a in status.arcs])
    high = (room - len(status.parts) - 2) // max(1, len(status.arcs))
    high = min(max(1, high - (high > 2)), MOST_HIGH)
    rows: list[Row] = []
    at = 0
    for arc in status.arcs:
        lines = panels.arc_lines(
            arc,
            shapes.get(arc.name, ()),
            span_s,
            status.position_s,
            colors[arc.name],
            arc.name == chosen,
            width,
            high,
        )
        rows += [Row(line) for line in lines[:-1]]
        if arc.name == chosen:
            at = len(rows)
        rows.append(Row(lines[-1], "arc", arc.name))
        if high > 1:
            rows.append(Row(Text()))
    if high == 1 and status.arcs and len(rows) + len(status.parts) < room:
        rows.append(Row(Text()))
    for part in status.parts:
        here = f"part:{part.name}" == chosen
        if here:
            at = len(rows)
        rows.append(Row(panels.part_line(part, here, width), "part", part.name))
    first = min(max(0, at - room // 2), max(0, len(rows) - room))
    return rows[first : first + room]


def _rule(width: int) -> Text:
    return Text("─" * width, Style(color=HAIR))
