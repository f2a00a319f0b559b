"""``lullaby picture``: a whole picture under its name, or none and a reason."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import soundfile
from matplotlib.image import imread

from lullaby.cli import drawing
from tests.cli.conftest import Call


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def evening(tmp_path: Path) -> Path:
    samples = np.random.default_rng(3).normal(0, 0.1, (48000 * 3, 2))
    soundfile.write(tmp_path / "evening.wav", samples, 48000)
    return tmp_path / "evening.wav"


def test_a_score_is_drawn(call: Call, tmp_path: Path) -> None:
    answer = call("picture", "test", "-o", "a.png")
    assert (answer.code, answer.out) == (0, "wrote a.png\n")
    assert imread(tmp_path / "a.png").shape[:2] == (900, 1600)
    assert names(tmp_path) == ["a.png"]
    call("picture", "test", "-o", "b.png", "--jobs", 3)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_part_is_drawn_alone(call: Call, tmp_path: Path) -> None:
    for part in ("a", "dull"):
        answer = call("picture", "test", "--part", part, "-o", f"{part}.svg", "-q")
        assert (answer.code, answer.out, answer.err) == (0, "", "")
        assert ElementTree.parse(tmp_path / f"{part}.svg").getroot().tag.endswith("svg")
    assert (tmp_path / "a.svg").read_bytes() != (tmp_path / "dull.svg").read_bytes()


def test_a_sound_file_is_drawn_under_its_own_name(
    call: Call, evening: Path, tmp_path: Path
) -> None:
    answer = call("picture", "evening.wav")
    assert (answer.code, answer.out, answer.err) == (0, "wrote evening.png\n", "")
    assert names(tmp_path) == ["evening.png", "evening.wav"]


def test_a_picture_that_is_there_stays_unless_asked(
    call: Call, evening: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.png").write_text("mine")
    answer = call("picture", "evening.wav", "-o", "a.png")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: a.png: is already there; -y replaces it\n"
    assert (tmp_path / "a.png").read_text() == "mine"
    assert call("picture", "evening.wav", "-o", "a.png", "-y").code == 0
    assert imread(tmp_path / "a.png").shape[:2] == (900, 1600)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["test", "-o", "a.jpg"], "cannot draw 'a.jpg': a name in .png or .svg would be right"),
        (["test", "-o", "no/a.png"], "no/a.png: there is no folder no"),
        (["test", "--part", "aa", "-o", "a.png"], "there is no part 'aa' (did you mean 'a'?)"),
        (
            ["test", "--part", "zzz", "-o", "a.png"],
            "there is no part 'zzz'; there are a, b, c, dull, room",
        ),
        (["evening.wav", "--part", "a"], "evening.wav: --part is of a score; a file has none"),
        (["missing.wav"], "missing.wav: no such file"),
        (["endless"], "a picture is of at most an hour of sound; this is 13:00:01"),
    ],
)
def test_refusals_leave_no_file(
    call: Call, evening: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    answer = call("picture", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == f"error: {message}\n"
    assert names(tmp_path) == ["evening.wav"]


def test_a_sound_is_neither_too_short_nor_too_long(
    call: Call, evening: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    soundfile.write("short.wav", np.zeros((24000, 2)), 48000)
    answer = call("picture", "short.wav")
    assert answer.err == (
        "error: short.wav: is 0:00.50 long; a picture needs at least 1 s of sound\n"
    )
    monkeypatch.setattr(drawing, "LONGEST_S", 2.0)
    answer = call("picture", "evening.wav")
    assert answer.err == "error: a picture is of at most an hour of sound; this is 0:03\n"


def test_silence_is_drawn(call: Call, tmp_path: Path) -> None:
    soundfile.write("quiet.flac", np.zeros((96000, 1)), 48000)
    answer = call("picture", "quiet.flac")
    assert (answer.code, answer.err) == (0, "")
    assert imread(tmp_path / "quiet.png").shape[:2] == (900, 1600)
