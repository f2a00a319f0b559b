"""What there is to play with, read from the declarations."""

from __future__ import annotations

from pathlib import Path

import pytest

import lullaby.score
from lullaby.modules import MODULES
from tests.cli.conftest import Call

BEES = '''"""Bees."""

from lullaby.model.module import Module
from lullaby.model.sheet import count, param, surrender


class Bees(Module):
    """Bees over clover.

    They hum.
    """

    cutoff_hz = param(400.0, "Hz", (20.0, 8000.0), "How bright.", log=True)
    voices = count(3, (1, 64), "How many.")
    surrender = surrender()
'''


@pytest.fixture
def bees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(MODULES, "_own", {})
    monkeypatch.setattr(MODULES, "_found", {})
    path = tmp_path / "bees.py"
    path.write_text(BEES)
    return path


def cells(text: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in text.splitlines()]
    return [row for row in rows if row]


def test_a_module_of_one_s_own_joins_the_list(call: Call, bees: Path) -> None:
    answer = call("modules", "--module", bees)
    assert answer.code == 0
    assert ["bees", "Bees over clover."] in cells(answer.out)


def test_a_module_shows_its_words_and_parameters(call: Call, bees: Path) -> None:
    answer = call("modules", "bees", "--module", bees)
    assert answer.code == 0
    assert answer.out.startswith("bees: Bees over clover.\n\nThey hum.\n")
    assert cells(answer.out) == [
        ["cutoff", "Hz", "20..8000", "400", "How bright."],
        [
            "surrender",
            "",
            "0..1",
            "0",
            "0 the panic, 1 part of the one calm chord. (follows surrender)",
        ],
        ["voices", "count", "1..64", "3", "How many."],
    ]


def test_an_unknown_name_has_a_neighbour(call: Call, bees: Path) -> None:
    answer = call("modules", "bee", "--module", bees)
    assert answer.code == 2
    assert answer.err == "error: there is no module 'bee' (did you mean 'bees'?)\n"


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (None, 2, "no such file; a module is one Python file"),
        ("def (", 1, "cannot be used as a module: SyntaxError: invalid syntax"),
        ("1 / 0", 1, "cannot be used as a module: ZeroDivisionError: division by zero"),
        ("x = 1", 1, "defines 0 of Module, wanted one"),
    ],
)
def test_a_file_that_is_no_module_is_told(
    call: Call, bees: Path, text: str | None, code: int, message: str
) -> None:
    path = bees.with_name("wasps_of_mine.py")
    if text is not None:
        path.write_text(text)
    answer = call("check", "test", "--module", path)
    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err
    assert len(answer.err.splitlines()) == 1


def test_effects_are_listed(call: Call) -> None:
    assert call("effects").code == 0
    assert call("effects", "nothing").err == "error: there is no effect 'nothing'\n"


def test_presets_and_scores_are_listed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {"sky": ["dawn", "bruise"], "hall": ["open-city"]}
    monkeypatch.setattr(lullaby.score, "shipped_presets", lambda: found, raising=False)
    monkeypatch.setattr(lullaby.score, "shipped_scores", lambda: ["hello", "let_go"], raising=False)
    assert call("presets").out == "hall: open-city\nsky: bruise, dawn\n"
    assert call("presets", "sky").out == "sky: bruise, dawn\n"
    assert call("presets", "sk").err == (
        "error: there is no module with presets 'sk' (did you mean 'sky'?)\n"
    )
    assert call("scores").out == "hello\nlet_go\n"


def test_a_module_shows_what_it_can_be_asked(call: Call) -> None:
    out = call("modules", "harmony").out
    assert "can be asked, strike: All partials struck at once" in out
    assert ["gain", "dB", "-40..12", "0", "Louder or softer."] in cells(out)
    assert "can be asked" not in call("effects", "hall").out
