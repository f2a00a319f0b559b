"""What a notebook shows, and what the front door draws and measures."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

import lullaby
from lullaby import Audio, Piece
from lullaby.model.score import Cue
from lullaby.model.value import Time
from lullaby.outputs import notebook
from lullaby.outputs.hearing import frozen_take
from tests.engine.piece import scene, score

RATE = 48000


@pytest.fixture(scope="module")
def piece() -> Piece:
    return Piece(replace(score(), cues=(Cue(at=(Time(2.5),), mark="a mark"),)))


def played(html: str) -> tuple[np.ndarray, int]:
    (data,) = re.findall(r'src="data:audio/wav;base64,([^"]*)"', html)
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(data)), always_2d=True)
    return samples.T, rate


def rows(html: str) -> list[list[str]]:
    return [re.findall("<td>(.*?)</td>", row) for row in re.findall("<tr>(.*?)</tr>", html)][1:]


def test_rendered_sound_has_a_player_its_picture_and_its_table(piece: Piece) -> None:
    audio = piece.render(to_s=6.0)
    html = audio._repr_html_()
    samples, rate = played(html)
    assert rate == RATE
    assert np.abs(samples - np.clip(audio.samples, -1, 1)).max() < 1 / 32000
    (data,) = re.findall(r'src="data:image/png;base64,([^"]*)"', html)
    assert base64.b64decode(data).startswith(b"\x89PNG")
    found = audio.measure()
    assert [row[0] for row in rows(html)] == ["one", "two", "overall"]
    assert rows(html)[-1][1] == f"{found.loudness.integrated_lufs:.1f}"


def test_the_player_carries_a_minute_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook, "PLAYED_S", 2)
    html = Audio(np.zeros((2, 5 * 8000), np.float32), 8000)._repr_html_()
    assert played(html)[0].shape == (2, 16000)
    assert "<p>the first 2 s of 0:05</p>" in html


def test_what_cannot_be_measured_is_said_and_does_not_fail() -> None:
    html = Audio(np.full((2, 8000), np.nan, np.float32), 8000)._repr_html_()
    assert "frame 0 of channel 0 is nan, not a number: nothing can be measured" in html
    assert not played(html)[0].any()
    empty = Audio(np.zeros((2, 0), np.float32), RATE)._repr_html_()
    assert rows(empty) == [["overall", "-inf", "0.0", "-inf", "-inf", "-"]]


def test_a_cut_has_the_scenes_that_it_holds(piece: Piece) -> None:
    html = piece.render(from_s=5.0, to_s=7.0)._repr_html_()
    assert [row[0] for row in rows(html)] == ["overall"]
    assert "data:image/png" in html


def test_a_piece_shows_its_timeline_and_escapes_what_strangers_wrote() -> None:
    first = scene("<script>alert(1)</script>", [])
    html = Piece(replace(score(), title="A & B", scenes=(first,)))._repr_html_()
    assert html.startswith("<h3>A &amp; B</h3><p>0:04, seed 3</p><table>")
    assert rows(html) == [["0:00", "0:04", "&lt;script&gt;alert(1)&lt;/script&gt;", "silence"]]


def test_a_piece_measures_itself_as_its_sound_measures(piece: Piece) -> None:
    found, heard = piece.measure(), piece.render()
    assert found.loudness == heard.measure().loudness
    assert found.duration_s == heard.duration_s
    assert [s.scene.name for s in found.scenes] == ["one", "two", "three"]


def test_scenes_that_come_again_are_numbered() -> None:
    again = replace(score(), scenes=(scene("a", [], 1.0, repeat=2), scene("b", [], 1.0)))
    names = [s.scene.name for s in Piece(again).measure().scenes]
    assert names == ["a (1)", "a (2)", "b"]


def test_frozen_holds_surrender_everywhere(piece: Piece) -> None:
    take = frozen_take(piece.performance, RATE)
    assert take.names[0] == "surrender"
    assert {"a.surrender", "dull.surrender"} <= set(take.names)
    assert {value for _, _, value in take.rows} == {0.0}


def test_pictures_are_whole_or_refused(piece: Piece, tmp_path: Path) -> None:
    piece.picture(tmp_path / "a.png", part="a")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(lullaby.UsageError, match=r"a.png: is already there"):
        piece.picture(tmp_path / "a.png")
    with pytest.raises(lullaby.UsageError, match="there is no part 'x'"):
        piece.picture(tmp_path / "x.png", part="x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
