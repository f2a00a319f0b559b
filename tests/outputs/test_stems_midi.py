"""Stems with their MIDI: one naming, one beginning, and a manifest that says it all."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile

import lullaby
from lullaby import Piece, UsageError
from lullaby.dsp.kernel import kernel
from lullaby.errors import OutputError
from lullaby.model.chance import Chance
from lullaby.model.event import Events, Followed
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.score import Clock, PartDef, SceneDef, Score, Stay
from lullaby.model.sheet import surrender
from lullaby.model.streams import Window
from lullaby.model.value import Time
from lullaby.outputs.manifest import Naming
from lullaby.outputs.midi_form import Form
from tests.engine.piece import score
from tests.outputs.test_midi_file import Read
from tests.outputs.test_tuning_files import TUNINGS

RATE = 48000
FORM = Form()


@kernel
def taps(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Sines that are there within 4 ms and gone within a tenth of a second."""
    for e in range(len(events)):
        for i in range(out.shape[1]):
            n = start_frame + i - state[e].start
            if n < 0 or start_frame + i >= state[e].end:
                continue
            t = n / sample_rate
            y = 0.3 * min(1.0, t / 0.004) * np.exp(-40.0 * t)
            y *= np.sin(2.0 * np.pi * events[e].pitch_hz * t) * min(1.0, (state[e].end - n) / 64.0)
            out[0, i] += np.float32(y)
            out[1, i] += np.float32(y)


class Taps(Module):
    """Taps whose attack takes 4 ms, at odd times."""

    surrender = surrender()
    midi = Midi(pitch="bend", text="taps")

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        k = np.arange(np.floor(window[0] / 0.37) - 1, np.ceil(window[1] / 0.37) + 1)
        own = chance.of("taps").at(k.astype(np.int64))
        at_s = 0.37 * k + own.uniform("late", 0.0, 0.1)
        kept = (at_s >= max(window[0], 0.0)) & (at_s < window[1])
        return self.events(
            at_s[kept], Chance(own.key[kept]), duration_s=0.2, pitch_hz=1000.0, level_db=-6.0
        )

    def voice(self, sample_rate: int) -> Voice:
        return Voice(taps, {}, sample_rate)


def tapped(clock: Clock) -> Score:
    scenes = tuple(
        SceneDef(name, Time(8.0), Time(0.01), play=(Stay("tap it!"),)) for name in ("one", "two")
    )
    return Score("Höhe & Tiefe", (PartDef("tap it!", Taps),), scenes, clock=clock, seed=11)


def onsets(sound: np.ndarray) -> np.ndarray:
    """Return the seconds at which the level, in steps of 1 ms, leaps by 20 dB above what was."""
    step = RATE // 1000
    level = np.abs(sound[: len(sound) // step * step].reshape(-1, step)).max(axis=1)
    found, quiet = [], 0
    for i, x in enumerate(level):
        if x > 0.01 and x > 3.0 * level[max(0, i - 4)] and i > quiet:
            found.append(i)
            quiet = i + 60
    return np.array(found) / 1000.0


@pytest.mark.parametrize("clock", [Clock(), Clock(71.3, 3.0)])
def test_a_tap_in_the_stem_is_where_its_note_is(tmp_path: Path, clock: Clock) -> None:
    Piece(tapped(clock)).write(stems=tmp_path / "s", daw=FORM)
    assert {p.name for p in (tmp_path / "s").iterdir()} == {
        "Hohe_Tiefe.mid",
        "Hohe_Tiefe_00_mix_48k24.wav",
        "Hohe_Tiefe_01_tap_it_48k24.wav",
        "manifest.json",
        "tempo.mid",
    }
    sound, rate = soundfile.read(tmp_path / "s" / "Hohe_Tiefe_01_tap_it_48k24.wav")
    assert rate == RATE
    heard = onsets(sound[:, 0])
    notes = np.array([n[0] for n in Read(tmp_path / "s" / "Hohe_Tiefe.mid").notes()])
    assert len(notes) > 35
    assert len(heard) == len(notes)
    assert np.abs(heard - notes).max() < 0.005


def test_the_manifest_says_what_is_there(tmp_path: Path) -> None:
    made = tapped(Clock(90.0, 3.0))
    Piece(made).write(stems=tmp_path / "s", daw=FORM, sample_rate=44100, bits="16")
    folder = tmp_path / "s"
    said = json.loads((folder / "manifest.json").read_text())
    assert (said["title"], said["seed"], said["lullaby"]) == (
        "Höhe & Tiefe", 11, lullaby.__version__,
    )  # fmt: skip
    assert [(s["name"], s["at_s"], s["frame"]) for s in said["scenes"]] == [
        ("one", 0.0, 0), ("two", 8.0, 352800),
    ]  # fmt: skip
    assert said["tempo"]["changes"][0]["quarter_us"] == pytest.approx(60e6 / 90, abs=1)
    assert said["tempo"]["meters"] == [{"tick": 0, "meter": "3/4"}]
    names = {f["file"] for f in said["files"]}
    assert names == {p.name for p in folder.iterdir()} - {"manifest.json"}
    for file in said["files"]:
        sha256 = hashlib.sha256((folder / file["file"]).read_bytes()).hexdigest()
        assert file["sha256"] == sha256, file["file"]
    mix, part = said["files"][:2]
    assert (mix["kind"], part["kind"], part["into"]) == ("mix", "part", "master")
    assert part["midi_tracks"] == ["tap it!"]
    sound = soundfile.read(folder / part["file"])[0]
    assert len(sound) == said["frames"]
    peak_db = 20.0 * np.log10(np.abs(sound).max())
    assert part["true_peak_dbtp"] == pytest.approx(peak_db, abs=0.6)
    assert -40.0 < part["lufs"] < -15.0


def test_the_tempo_alone_is_the_first_track(tmp_path: Path) -> None:
    Piece(tapped(Clock(90.0, 3.0))).write(stems=tmp_path / "s", daw=FORM)
    whole = mido.MidiFile(tmp_path / "s" / "Hohe_Tiefe.mid")
    alone = mido.MidiFile(tmp_path / "s" / "tempo.mid")
    assert len(alone.tracks) == 1
    assert list(alone.tracks[0]) == list(whole.tracks[0])


def test_tunings_and_a_shipped_score_are_in_it(tmp_path: Path) -> None:
    made = replace(tapped(Clock()), tuning=TUNINGS[0], path=str(tmp_path / "score.yaml"))
    (tmp_path / "score.yaml").write_text("as it was")
    Piece(made).write(stems=tmp_path / "s", daw=FORM, sample_rate=8000)
    said = json.loads((tmp_path / "s" / "manifest.json").read_text())
    assert said["score_sha256"] == hashlib.sha256(b"as it was").hexdigest()
    kinds = {f["file"]: f["kind"] for f in said["files"]}
    assert kinds["Hohe_Tiefe.scl"] == kinds["Hohe_Tiefe.kbm"] == "tuning"


def test_the_sound_is_the_same_with_and_without(tmp_path: Path) -> None:
    Piece(score()).write(stems=tmp_path / "a", sample_rate=8000)
    Piece(score()).write(tmp_path / "b.wav", stems=tmp_path / "b", sample_rate=8000, daw=FORM)
    for plain, other in (("mix", "Test_00_mix_8k24"), ("dull", "Test_04_dull_8k24")):
        one = soundfile.read(tmp_path / "a" / f"{plain}.wav", dtype="int32")[0]
        two = soundfile.read(tmp_path / "b" / f"{other}.wav", dtype="int32")[0]
        assert np.array_equal(one, two), plain
    files = json.loads((tmp_path / "b" / "manifest.json").read_text())["files"]
    assert not any("b.wav" in f["file"] for f in files)  # what lies elsewhere is not of the set


def test_names_are_plain_and_no_two_are_alike() -> None:
    naming = Naming("  Über/../den & Dächern ", 96000, "32f")
    assert naming.sound(3, "sky high") == "Uber_den_Dachern_03_sky_high_96k32f"
    names = {naming.sound(i, name) for i, name in enumerate(["mix", "☾", "☽", "a b", "a_b"])}
    assert len(names) == 5
    assert all(name.isascii() and " " not in name for name in names)
    assert Naming("☾", 48000, "24").stem == "piece"
    assert Naming("Tempo", 48000, "24").stem == "Tempo_"


def test_it_begins_where_the_piece_does_and_wants_a_folder(tmp_path: Path) -> None:
    piece = Piece(tapped(Clock()))
    with pytest.raises(UsageError, match="without --from"):
        piece.write(stems=tmp_path / "s", daw=FORM, from_s=1.0)
    with pytest.raises(UsageError, match="wants --stems"):
        piece.write(tmp_path / "a.wav", daw=FORM)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_stays(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "tempo.mid").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"tempo\.mid: is already there"):
        Piece(tapped(Clock())).write(stems=tmp_path / "s", daw=FORM)
    assert [p.name for p in (tmp_path / "s").iterdir()] == ["tempo.mid"]


def test_a_failing_disk_leaves_nothing_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mido.MidiFile, "save", full)
    with pytest.raises(OutputError, match="the disk is full"):
        Piece(tapped(Clock())).write(stems=tmp_path / "s", daw=FORM, sample_rate=8000)
    assert list(tmp_path.iterdir()) == []
