"""A drawing of who sounds into what: boxes in layers, wires from left to right, as SVG.

The layout is that of Sugiyama, Tagawa and Toda (1981), made small: layers by the longest way, a
thin place in each layer that a long wire passes, order by the mean place of what leads in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

BOX_WIDTH, BOX_HEIGHT, LANE = 176.0, 54.0, 20.0  # px
GAP, ACROSS, MARGIN, TOP = 18.0, 150.0, 36.0, 78.0
COLOURS = ("#b5533c", "#3d6b8c", "#7a6a2f", "#5b7f55", "#84517d", "#35797a", "#9a6a36", "#56618f")
INK, FAINT, PAPER, CARD = "#2b2a33", "#77747f", "#faf8f3", "#ffffff"
FONT = "font-family='Georgia, DejaVu Serif, serif'"
LETTER = 6.4  # px: mean width of a letter of the small text


@dataclass(frozen=True)
class Box:
    """A part, bus or the master: its name, what it is, and a few more words."""

    name: str
    what: str
    more: str = ""
    layer: int = 0  # the least; what leads in may push it further


@dataclass(frozen=True)
class Wire:
    """From one box to another; a send has its level beside it and is drawn broken."""

    source: str
    target: str
    label: str = ""
    send: bool = False


@dataclass
class _Place:
    key: str
    layer: int
    height: float
    y: float = 0.0  # of its middle
    feeders: list[str] = field(default_factory=list)


def drawn(title: str, boxes: Sequence[Box], wires: Sequence[Wire]) -> str:
    """Return the SVG of boxes and wires; the same text for the same piece.

    Wires must not run in a circle.
    """
    layers = _layers(boxes, wires)
    places, chains = _placed(boxes, wires, layers)
    width = 2 * MARGIN + (max(layers.values()) + 1) * (BOX_WIDTH + ACROSS) - ACROSS
    height = max(p.y + p.height / 2 for p in places.values()) + MARGIN
    colours = {box.name: COLOURS[i % len(COLOURS)] for i, box in enumerate(boxes)}
    ports = _ports(chains, places)
    ways = [_points(i, chain, places, ports) for i, chain in enumerate(chains)]
    lines = [_wire(w, way, colours[w.source]) for w, way in zip(wires, ways, strict=True)]
    lines += [_label(w, way, colours[w.source]) for w, way in zip(wires, ways, strict=True)]
    lines += [_box(box, places[box.name], colours[box.name]) for box in boxes]
    return "\n".join(
        [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:.0f} {height:.0f}' "
            f"width='{width:.0f}' height='{height:.0f}'>",
            f"<title>{escape(title)}</title>",
            f"<rect width='100%' height='100%' fill='{PAPER}'/>",
            f"<text x='{MARGIN:.0f}' y='42' {FONT} font-size='22' fill='{INK}'>"
            f"{escape(_cut(title, width - 2 * MARGIN, 11.0))}</text>",
            *(line for line in lines if line),
            "</svg>\n",
        ]
    )


def _layers(boxes: Sequence[Box], wires: Sequence[Wire]) -> dict[str, int]:
    layers = {box.name: box.layer for box in boxes}
    for _ in boxes:
        for wire in wires:
            layers[wire.target] = max(layers[wire.target], layers[wire.source] + 1)
    return layers


def _placed(
    boxes: Sequence[Box], wires: Sequence[Wire], layers: dict[str, int]
) -> tuple[dict[str, _Place], list[list[str]]]:
    places = {b.name: _Place(b.name, layers[b.name], BOX_HEIGHT) for b in boxes}
    chains: list[list[str]] = []
    for i, wire in enumerate(wires):
        chain = [wire.source]
        for layer in range(layers[wire.source] + 1, layers[wire.target]):
            key = f"wire {i} {layer}"
            places[key] = _Place(key, layer, LANE, feeders=[chain[-1]])
            chain.append(key)
        places[wire.target].feeders.append(chain[-1])
        chains.append([*chain, wire.target])
    rows = [[p for p in places.values() if p.layer == n] for n in range(max(layers.values()) + 1)]
    for row in rows:
        wanted = {p.key: _wanted(p, places) for p in row}
        row.sort(key=lambda p: wanted[p.key])
        _spread(row, wanted)
    top = min(p.y - p.height / 2 for p in places.values())
    for place in places.values():
        place.y += TOP - top
    return places, chains


def _wanted(place: _Place, places: dict[str, _Place]) -> float:
    found = [places[f].y for f in place.feeders]
    return sum(found) / len(found) if found else 0.0


def _spread(row: list[_Place], wanted: dict[str, float]) -> None:
    # As near as possible to where each wants to be: first down past the one above, then the whole
    # row back by its mean error.
    free = -1e9
    for place in row:
        place.y = max(wanted[place.key], free + place.height / 2)
        free = place.y + place.height / 2 + GAP
    error = sum(p.y - wanted[p.key] for p in row) / len(row) if row else 0.0
    for place in row:
        place.y -= error


Ports = dict[tuple[int, str], tuple[float, float]]


def _ports(chains: Sequence[Sequence[str]], places: dict[str, _Place]) -> Ports:
    # Where on a box each wire begins and ends: side by side, in the order of their other ends.
    begins = {(i, "out"): (c[0], places[c[1]].y) for i, c in enumerate(chains)}
    ends = {(i, "in"): (c[-1], places[c[-2]].y) for i, c in enumerate(chains)}
    ports: Ports = {}
    for side, right in ((begins, True), (ends, False)):
        for key in dict.fromkeys(box for box, _ in side.values()):
            here = sorted((y, end) for end, (box, y) in side.items() if box == key)
            step = min(14.0, (BOX_HEIGHT - 16.0) / max(1, len(here) - 1))
            for k, (_, end) in enumerate(here):
                y = places[key].y + (k - (len(here) - 1) / 2) * step
                ports[end] = _left(places[key].layer) + (BOX_WIDTH if right else 0.0), y
    return ports


def _left(layer: int) -> float:
    return MARGIN + layer * (BOX_WIDTH + ACROSS)


def _points(
    i: int, chain: Sequence[str], places: dict[str, _Place], ports: Ports
) -> list[tuple[float, float]]:
    points = [ports[i, "out"]]
    for key in chain[1:-1]:
        place = places[key]
        points += [(_left(place.layer), place.y), (_left(place.layer) + BOX_WIDTH, place.y)]
    return [*points, ports[i, "in"]]


def _wire(wire: Wire, points: list[tuple[float, float]], colour: str) -> str:
    path = f"M{points[0][0]:.1f} {points[0][1]:.1f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        bend = (to_x - x) / 2
        path += f" C{x + bend:.1f} {y:.1f} {to_x - bend:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
    broken = " stroke-dasharray='2 5' stroke-linecap='round'" if wire.send else ""
    return (
        f"<path d='{path}' fill='none' stroke='{colour}' stroke-width='2' opacity='0.75'{broken}/>"
    )


def _label(wire: Wire, points: list[tuple[float, float]], colour: str) -> str:
    if not wire.label:
        return ""
    (x, y), (_, to_y) = points[0], points[1]
    # On the first bend, where the wires of one box still lie side by side.
    share = 0.05
    text = escape(_cut(wire.label, ACROSS * 0.85, LETTER))
    return (
        f"<text x='{x + 10:.1f}' y='{y + (to_y - y) * share - 3:.1f}' {FONT} font-size='11' "
        f"fill='{colour}' stroke='{PAPER}' stroke-width='3' paint-order='stroke'>{text}</text>"
    )


def _box(box: Box, place: _Place, colour: str) -> str:
    x, y = _left(place.layer), place.y - BOX_HEIGHT / 2
    words = f"{box.what} · {box.more}" if box.more else box.what
    return (
        f"<rect x='{x:.1f}' y='{y:.1f}' width='{BOX_WIDTH:.0f}' height='{BOX_HEIGHT:.0f}' rx='9' "
        f"fill='{CARD}' stroke='{colour}' stroke-width='1.6'/>"
        f"<rect x='{x:.1f}' y='{y + 9:.1f}' width='4' height='{BOX_HEIGHT - 18:.0f}' "
        f"fill='{colour}'/>"
        f"<text x='{x + 16:.1f}' y='{y + 23:.1f}' {FONT} font-size='15' fill='{INK}'>"
        f"{escape(_cut(box.name, BOX_WIDTH - 28, 8.0))}</text>"
        f"<text x='{x + 16:.1f}' y='{y + 41:.1f}' {FONT} font-size='12' font-style='italic' "
        f"fill='{FAINT}'>{escape(_cut(words, BOX_WIDTH - 24, LETTER))}</text>"
    )


def _cut(text: str, room: float, letter: float) -> str:
    most = max(1, int(room / letter))
    return text if len(text) <= most else text[: most - 1] + "…"
