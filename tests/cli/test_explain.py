"""``explain``: every value with who said it and where, and its curve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lullaby.score
from lullaby.outputs.plot import BRAILLE, braille, span, spark
from tests.cli.conftest import Call

READ = lullaby.score.read  # before the fixture puts scores built in code in its place
SCORE = """\
lullaby: 1
title: Explained
arc: {panic: 0.2}
buses:
  hall: {effect: hall, decay: 2 s}
parts:
  choir:
    module: harmony
    preset: few
    level: -12 dB
    send: {hall: -9 dB}
scenes:
  - scene: one
    for: 20 s
    arc: {panic: -> 0.8}
    play:
      choir: {enter: over 1 s, level: -> -36 dB}
    cues:
      - {at: 5 s, set: {hall.decay: -> 4 s over 2 s}, kick: {panic: 0.1 over 2 s}}
  - {scene: two, for: 20 s}
"""


@pytest.fixture
def explain(call: Call, monkeypatch: pytest.MonkeyPatch):
    Path("s.yaml").write_text(SCORE)
    monkeypatch.setattr(lullaby.score, "read", READ)
    return lambda target: call("explain", "s.yaml", target)


def rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("│")]
    return [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines]


def test_every_saying_has_its_line(explain) -> None:
    assert rows(explain("choir.level").out) == [
        ["default", "", "0 dB", ""],
        ["part", "", "-12 dB", "s.yaml:10"],
        ["scene", "one", "-> -36 dB", "s.yaml:17"],
    ]


def test_a_send_an_arc_and_a_bus_can_be_asked(explain) -> None:
    assert rows(explain("choir.send.hall").out) == [["part", "", "-9 dB", "s.yaml:11"]]
    assert rows(explain("panic").out) == [
        ["arc", "", "0.2", "s.yaml:3"],
        ["scene", "one", "-> 0.8", "s.yaml:15"],
        ["kick", "one", "0.1 over 2 s", "s.yaml:19"],
    ]
    assert rows(explain("hall.decay").out)[1:] == [
        ["bus", "", "2 s", "s.yaml:5"],
        ["cue", "one", "-> 4 s over 2 s", "s.yaml:19"],
    ]


def test_a_preset_is_named_with_its_own_line(explain) -> None:
    found = {row[0]: row for row in rows(explain("choir").out)}
    assert found["voices"][1] == "preset few"
    assert found["voices"][3].startswith("few.yaml:")
    assert found["level"][1:4] == ["scene (+1)", "-> -36 dB", "s.yaml:17"]
    assert found["panic"][1:3] == ["follows panic", "panic"]
    assert found["pan"][1:3] == ["default", "0"]


def test_the_curve_stands_over_the_piece_in_its_own_unit(explain) -> None:
    lines = explain("choir.level").out.splitlines()
    drawn = [line for line in lines if "┤" in line]
    assert len(drawn) == 8
    # It falls for twenty seconds, stays for a fade of four, and is gone in the second scene.
    assert drawn[0].strip().startswith("-12")
    assert drawn[-1].strip().startswith("-36 dB ┤")
    dots = [[c for c in range(64) if line.partition("┤")[2][c] != chr(BRAILLE)] for line in drawn]
    assert dots[0][0] == 0
    assert [d[0] for d in dots] == sorted(d[0] for d in dots)
    assert 35 <= max(c for d in dots for c in d) <= 39
    assert lines[-3].endswith("┘ 0:40")
    assert lines[-2].split() == ["0:00", "0:20"]
    assert lines[-1].split() == ["one", "two"]


def test_what_never_moves_takes_one_line(explain) -> None:
    drawn = [line for line in explain("choir.pan").out.splitlines() if "┤" in line]
    assert len(drawn) == 1
    assert drawn[0].startswith("0 ┤")


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("chior", "there is no part, bus or arc 'chior' (did you mean 'choir'?"),
        ("choir.levl", "choir has no 'levl' (did you mean 'level'?"),
        ("panic.x", "there is no part, bus or arc 'panic'"),
    ],
)
def test_a_wrong_name_is_told_with_the_nearest(explain, target: str, said: str) -> None:
    answer = explain(target)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.startswith(f"error: {said}")


def test_a_score_built_in_code_is_explained_too(call: Call) -> None:
    found = {row[0]: row for row in rows(call("explain", "test", "a").out)}
    assert found["level"][1:3] == ["scene (+1)", "-> -20 dB"] or found["level"][1] == "scene"
    assert found["pitch"][2] == "each 300 Hz..600 Hz"


def test_a_plot_joins_what_lies_apart_and_leaves_gaps() -> None:
    values = np.array([0.0, 0.0, 1.0, 1.0, np.nan, np.nan, 0.0, 0.0])
    first, gap = braille(values, 1, 0.0, 1.0)[0][:2], braille(values, 1, 0.0, 1.0)[0][2]
    assert first == "⣀⠏"
    assert gap == chr(BRAILLE)


def test_blocks_rise_with_the_value() -> None:
    assert spark(np.array([0.0, 0.5, 1.0, np.nan]), 0.0, 1.0) == "▁▅█ "
    assert spark(np.array([100.0, 1000.0, 10000.0]), 100.0, 10000.0, True) == "▁▅█"


def test_an_axis_holds_what_is_there() -> None:
    assert span(np.array([np.nan, -3.0, 4.0])) == (-3.0, 4.0)
    low, high = span(np.array([5.0, 5.0]))
    assert low < 5.0 < high
