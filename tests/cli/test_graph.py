"""``graph``: a drawing of parts, buses and sends that a browser can show."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lullaby.outputs.graph import BOX_HEIGHT, BOX_WIDTH, Box, Wire, drawn
from tests.cli.conftest import Call

SPACE = "{http://www.w3.org/2000/svg}"
BOXES = [Box("a", "x"), Box("b", "y"), Box("city", "e", "", 1), Box("hall", "e", "", 1)]
BOXES += [Box("master", "limiter", "", 1)]
WIRES = [
    Wire("a", "city", "-3 dB"),
    Wire("a", "hall", "-12 dB", True),
    Wire("b", "master"),
    Wire("city", "hall"),
    Wire("hall", "master"),
]


def rectangles(svg: str) -> list[tuple[float, float]]:
    root = ET.fromstring(svg)
    boxes = [r for r in root.iter(f"{SPACE}rect") if r.get("width") == f"{BOX_WIDTH:.0f}"]
    return [(float(r.get("x", "")), float(r.get("y", ""))) for r in boxes]


def ends(svg: str) -> list[list[tuple[float, float]]]:
    found = []
    for path in ET.fromstring(svg).iter(f"{SPACE}path"):
        figures = [float(x) for x in re.findall(r"-?[\d.]+", path.get("d", ""))]
        found.append([(figures[0], figures[1]), (figures[-2], figures[-1])])
    return found


def test_every_wire_leaves_its_box_and_reaches_the_other() -> None:
    svg = drawn("T", BOXES, WIRES)
    place = dict(zip([b.name for b in BOXES], rectangles(svg), strict=True))
    for wire, (begin, end) in zip(WIRES, ends(svg), strict=True):
        x, y = place[wire.source]
        assert begin[0] == x + BOX_WIDTH
        assert y < begin[1] < y + BOX_HEIGHT
        x, y = place[wire.target]
        assert end[0] == x
        assert y < end[1] < y + BOX_HEIGHT


def test_boxes_lie_apart_and_sound_goes_right() -> None:
    svg = drawn("T", BOXES, WIRES)
    found = rectangles(svg)
    for i, (x, y) in enumerate(found):
        for other_x, other_y in found[i + 1 :]:
            assert abs(x - other_x) > BOX_WIDTH or abs(y - other_y) > BOX_HEIGHT
    assert all(begin[0] < end[0] for begin, end in ends(svg))
    width, height = (float(ET.fromstring(svg).get(k, "")) for k in ("width", "height"))
    assert all(0 < x < width - BOX_WIDTH and 0 < y < height - BOX_HEIGHT for x, y in found)


def test_sends_are_broken_lines_with_their_level() -> None:
    root = ET.fromstring(drawn("T", BOXES, WIRES))
    broken = [p.get("stroke-dasharray") is not None for p in root.iter(f"{SPACE}path")]
    assert broken == [wire.send for wire in WIRES]
    assert {"-3 dB", "-12 dB"} <= {t.text for t in root.iter(f"{SPACE}text")}


def test_names_from_strangers_stay_text() -> None:
    svg = drawn("<script>&'\"", [Box("a<b", "x&y"), BOXES[-1]], [])
    texts = [t.text for t in ET.fromstring(svg).iter(f"{SPACE}text")]
    assert texts[:3] == ["<script>&'\"", "a<b", "x&y"]


def test_a_score_is_drawn_the_same_every_time(call: Call) -> None:
    assert call("graph", "test", "-o", "a.svg").out == "wrote a.svg\n"
    call("graph", "test", "-o", "b.svg")
    svg = Path("a.svg").read_text()
    assert svg == Path("b.svg").read_text()
    texts = [t.text or "" for t in ET.fromstring(svg).iter(f"{SPACE}text")]
    assert {"Test", "a", "b", "c", "dull", "room", "master"} <= set(texts)
    assert any("follows a" in text for text in texts)
    assert "-6 dB" in texts


@pytest.mark.parametrize(
    ("score", "name", "said"),
    [("test", "a.png", "a graph is an .svg file"), ("wrong", "a.svg", "densty")],
)
def test_a_graph_is_whole_or_absent(call: Call, score: str, name: str, said: str) -> None:
    answer = call("graph", score, "-o", name)
    assert answer.code == 2
    assert said in answer.err
    assert not list(Path().iterdir())
