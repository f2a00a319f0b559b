"""Every example of the page on the score language is read, and whole scores are arranged."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lullaby.effects
import lullaby.modules
from lullaby.engine.arrange import arrange
from lullaby.engine.timeline import endless
from lullaby.errors import ScoreError
from lullaby.model.score import Score
from lullaby.score import presets, read_text, strips
from lullaby.score.find import shipped_folders

PAGE = (Path(__file__).parents[2] / "docs" / "score-language.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
WHOLE = [text for text in EXAMPLES if text.startswith("lullaby: 1\n")]
# What stands around an example that is only a part of a score.
FRAME = """\
lullaby: 1
arc: {panic: 0.4, surrender: 0}
buses: {hall: {effect: hall}}
parts: {choir: {module: harmony}, radio: {module: static}, sirens: {module: sirens}}
scenes: [{scene: all of them, for: 60 s, play: {}}]
"""


@pytest.fixture(autouse=True)
def shipped(cast: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strips, "MODULES", lullaby.modules.MODULES)
    monkeypatch.setattr(strips, "EFFECTS", lullaby.effects.EFFECTS)
    monkeypatch.setattr(presets, "shipped_folders", shipped_folders)


def framed(text: str) -> str:
    """Put an example into the frame: each of its top keys in place of the frame's."""
    if text.startswith("lullaby: 1\n"):
        return text
    frame, own = ({b.partition(":")[0]: b for b in blocks(t)} for t in (FRAME, text))
    return "".join({**frame, **own}.values())


def blocks(text: str) -> list[str]:
    return re.findall(r"^[a-z].*\n(?:[ #].*\n)*", text, re.MULTILINE)


def arranged(text: str) -> Score:
    score = read_text(framed(text))
    arrange(score, 300.0 if endless(score) else None)
    return score


def test_the_page_has_examples() -> None:
    assert len(EXAMPLES) >= 10
    assert len(WHOLE) >= 2


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_is_right(text: str) -> None:
    assert arranged(text).scenes


@pytest.mark.parametrize("text", WHOLE)
def test_whole_scores_play(text: str) -> None:
    score = read_text(text)
    performance = arrange(score, 300.0 if endless(score) else None)
    assert set(performance.parts) == {p.name for p in score.parts}


def test_a_mistake_in_an_example_would_be_noticed() -> None:
    with pytest.raises(ScoreError):
        arranged(EXAMPLES[1].replace("rise:", "rize:"))


def listed(row: str) -> set[str]:
    (line,) = re.findall(rf"^\| {row} \| (.*) \|$", PAGE, re.MULTILINE)
    return set(re.findall(r"`([a-z_]+)`", line))


def test_the_page_names_every_gesture() -> None:
    for name in lullaby.modules.MODULES:
        assert set(lullaby.modules.MODULES[name].gestures) == listed(f"`{name}`")
