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
