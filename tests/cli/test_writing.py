"""``schema`` and ``new``: what helps to begin a score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lullaby.cli.starters import TEMPLATES
from lullaby.engine.arrange import arrange
from lullaby.score import read_text
from tests.cli.conftest import ROOT, Call


def test_the_copy_in_the_docs_is_current(call: Call) -> None:
    # If this fails: lullaby schema -o docs/lullaby.schema.json
    assert (ROOT / "docs" / "lullaby.schema.json").read_text() == call("schema").out


def test_the_schema_can_be_written_into_a_file(call: Call) -> None:
    assert call("schema", "-o", "s.json").out == "wrote s.json\n"
    found = json.loads(Path("s.json").read_text())
    assert found["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert set(found["required"]) == {"lullaby", "parts", "scenes"}


def test_the_schema_knows_a_module_of_your_own(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from lullaby.modules import MODULES

    monkeypatch.setattr(MODULES, "_own", {})
    monkeypatch.setattr(MODULES, "_found", {})
    Path("bees.py").write_text(
        '"""Bees."""\n'
        "from lullaby.model.module import Module\n"
        "from lullaby.model.sheet import param\n\n\n"
        "class Bees(Module):\n"
        '    """A hive."""\n\n'
        '    honey_db = param(0.0, "dB", (-12.0, 12.0), "Sweetness.")\n'
    )
    assert '"honey"' in call("schema", "--module", "bees.py").out
    assert '"honey"' not in (ROOT / "docs" / "lullaby.schema.json").read_text()


@pytest.mark.parametrize("template", ["arc", "drone"])
def test_a_starter_is_a_whole_piece(call: Call, template: str) -> None:
    assert call("new", "my_night", "--template", template).out == "wrote my_night.yaml\n"
    text = Path("my_night.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=")
    performance = arrange(read_text(text))
    assert performance.title == "My night"
    assert len(performance.runs) == 2
    assert performance.length_us >= 160_000_000
    assert [p.name for p in Path().iterdir()] == ["my_night.yaml"]


def test_every_template_reads() -> None:
    for text in TEMPLATES.values():
        assert read_text(text).scenes


def test_new_leaves_what_is_there(call: Call) -> None:
    Path("a.yaml").write_text("mine")
    answer = call("new", "a")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: a.yaml: is already there; nothing was written\n"
    assert Path("a.yaml").read_text() == "mine"


def test_new_with_settings_for_editors_writes_all_or_nothing(call: Call) -> None:
    assert call("new", "a", "--editor").code == 0
    settings = json.loads(Path(".vscode/settings.json").read_text())
    assert settings == {"yaml.schemas": {"./lullaby.schema.json": ["a.yaml"]}}
    assert json.loads(Path("lullaby.schema.json").read_text())["title"] == "A lullaby score"
    answer = call("new", "b", "--editor")
    assert answer.code == 2
    assert not Path("b.yaml").exists()


@pytest.mark.parametrize("name", ["{x: 1}", "a#b", "-", "..", "x\n"])
def test_new_wants_a_name(call: Call, name: str) -> None:
    answer = call("new", "--", name)
    assert answer.code == 2
    assert "is no name" in answer.err
    assert not list(Path().iterdir())
