"""``lullaby midi``: what it writes, what it says, what it refuses."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from lullaby.model.module import Midi
from tests.cli.conftest import Call
from tests.engine.cast import Pings


def test_it_writes_a_file_and_says_what_stands_in_it(call: Call, tmp_path: Path) -> None:
    answer = call("midi", "test", "-o", "piece.mid")
    assert answer.code == 0
    first, *parts = answer.out.splitlines()
    file = mido.MidiFile(tmp_path / "piece.mid")
    notes = sum(m.type == "note_on" for track in file.tracks for m in track)
    changes = sum(m.type == "control_change" for track in file.tracks for m in track)
    assert first.startswith(
        f"wrote piece.mid: 0:12.0, 5 tracks, {notes} notes, {changes} control changes, at most "
    )
    assert [line.split(":")[0] for line in parts] == ["  a", "  b", "  c"]
    assert "cents off (--mpe single is exact)" in answer.out
    assert "Logic: use Open" in answer.err
    assert [p.name for p in tmp_path.iterdir()] == ["piece.mid"]


def test_the_name_comes_from_the_score(call: Call, tmp_path: Path) -> None:
    assert call("midi", "test").code == 0
    assert (tmp_path / "test.mid").is_file()


def test_quiet_says_nothing(call: Call) -> None:
    answer = call("midi", "test", "-q")
    assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_a_file_in_the_way_is_refused_without_y(call: Call, tmp_path: Path) -> None:
    (tmp_path / "test.mid").write_bytes(b"mine")
    answer = call("midi", "test")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: test.mid: is already there; -y replaces it\n"
    assert (tmp_path / "test.mid").read_bytes() == b"mine"
    assert call("midi", "test", "-y").code == 0
    assert (tmp_path / "test.mid").read_bytes()[:4] == b"MThd"


@pytest.mark.parametrize("option", ["--mpe=single", "--mpe=split", "--cc=none", "--span-note"])
def test_each_option_changes_the_file(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(Pings, "midi", Midi(pitch="bend"))
    call("midi", "test", "-o", "a.mid")
    assert call("midi", "test", "-o", "b.mid", option).code == 0
    assert (tmp_path / "a.mid").read_bytes() != (tmp_path / "b.mid").read_bytes()


def test_another_seed_is_another_piece(call: Call, tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        call("midi", "test", "-o", f"{name}.mid", "--seed", seed)
    a, b, c = ((tmp_path / f"{name}.mid").read_bytes() for name in "abc")
    assert a == b != c


def test_names_from_strangers_neither_steer_a_terminal_nor_break_a_file(
    call: Call, tmp_path: Path
) -> None:
    answer = call("midi", "nasty", "-o", "a.mid")
    assert answer.code == 0
    assert not {"\x1b", "\u202e"} & set(answer.out + answer.err)
    assert mido.MidiFile(tmp_path / "a.mid").tracks[0].name == "evil?[31m?name?second"


def test_a_wrong_score_writes_nothing(call: Call, tmp_path: Path) -> None:
    answer = call("midi", "wrong", "-o", "a.mid")
    assert (answer.code, answer.out) == (2, "")
    assert "unknown parameter" in answer.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_refused(call: Call) -> None:
    answer = call("midi", "test", "-o", "no/a.mid")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: no/a.mid: there is no folder no\n"


@pytest.mark.parametrize(
    "option",
    ["--cc=11", "--cc14", "--markers=cues", "--ppq=480", "--profile=live"],
)
def test_each_form_changes_the_file(call: Call, tmp_path: Path, option: str) -> None:
    call("midi", "test", "-o", "a.mid")
    again = call("midi", "test", "-o", "b.mid", option)
    assert again.code == 0, again.err
    assert (tmp_path / "a.mid").read_bytes() != (tmp_path / "b.mid").read_bytes()


@pytest.mark.parametrize("option", ["--bend-range=24", "--no-glides"])
def test_what_is_for_bends_changes_bends(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setattr(Pings, "midi", Midi(pitch="bend", glides=True))
    monkeypatch.setattr(Pings, "heard_hz", lambda _, t, e: e["pitch_hz"] * (1.0 + t - e["at_s"]))
    call("midi", "test", "-o", "a.mid", "--mpe", "split")
    assert call("midi", "test", "-o", "b.mid", "--mpe", "split", option).code == 0
    assert (tmp_path / "a.mid").read_bytes() != (tmp_path / "b.mid").read_bytes()


@pytest.mark.parametrize(
    ("profile", "advice"),
    [("logic", "use Open"), ("live", "tempo prompt"), ("cubase", "Import markers"),
     ("reaper", "media file")],
)  # fmt: skip
def test_each_profile_says_how_it_is_taken(call: Call, profile: str, advice: str) -> None:
    answer = call("midi", "test", "--profile", profile)
    assert advice in answer.err
    assert answer.code == 0


def test_a_zone_in_live_is_warned_of(call: Call) -> None:
    answer = call("midi", "test", "--profile", "live", "--mpe", "single")
    assert "warning: live makes one channel of a track" in answer.err
    assert "warning" not in call("midi", "test", "-y", "--profile", "live", "--mpe", "split").err


def test_a_controller_that_is_not_there_is_refused(call: Call, tmp_path: Path) -> None:
    answer = call("midi", "test", "--cc", "11,99")
    assert (answer.code, answer.err) == (2, "error: no part or arc has a controller '99'\n")
    assert call("midi", "test", "--cc", " , ").code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_project_beside_it(call: Call, tmp_path: Path) -> None:
    answer = call("midi", "test", "--dawproject", "test.dawproject")
    assert answer.code == 0
    assert answer.out.splitlines()[-1] == "wrote test.dawproject"
    assert (tmp_path / "test.dawproject").read_bytes()[:2] == b"PK"
    again = call("midi", "test", "-o", "b.mid", "--dawproject", "test.dawproject")
    assert (again.code, again.out) == (2, "")
    assert again.err == "error: test.dawproject: is already there; -y replaces it\n"
    assert not (tmp_path / "b.mid").exists()


def test_a_piece_without_an_end_wants_a_length(call: Call, tmp_path: Path) -> None:
    assert call("midi", "loop").code == 2
    answer = call("midi", "loop", "--for", "30s")
    assert (answer.code, "loop.mid: 0:31.0" in answer.out) == (0, True), answer


def test_stems_and_their_midi(call: Call, tmp_path: Path) -> None:
    answer = call(
        "render", "test", "--stems", "s", "--midi", "--dawproject", "--rate", "8000",
        "--profile", "logic",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    assert "Logic: use Open" in answer.err
    names = {p.name for p in (tmp_path / "s").iterdir()}
    assert {"manifest.json", "tempo.mid"} < names
    assert {p.split(".")[-1] for p in names} == {"json", "mid", "wav", "dawproject"}
    again = call("render", "test", "--stems", "s", "--midi", "--rate", "8000", "-n")
    assert (again.code, "is already there" in again.err) == (2, True)
    forecast = call("render", "test", "--stems", "t", "--midi", "--rate", "8000", "--dry-run")
    assert forecast.code == 0
    assert "manifest.json" in forecast.out


@pytest.mark.parametrize("more", [["--from", "1s"], ["--scene", "two"]])
def test_midi_with_a_render_begins_where_the_piece_does(call: Call, more: list[str]) -> None:
    answer = call("render", "test", "--stems", "s", "--midi", *more)
    assert answer.code == 2
    assert "--midi begins where the piece does" in answer.err
    assert call("render", "test", "-o", "a.wav", "--midi").err == (
        "error: MIDI beside the sound wants --stems, a folder for all of it\n"
    )
