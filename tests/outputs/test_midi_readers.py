"""Files read back by programs of others: midicsv, miditoolkit, fluidsynth."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile

import lullaby
from lullaby import Piece
from lullaby.model.score import Clock
from tests.outputs.test_midi_file import JUST, Read, choir
from tests.outputs.test_stems_midi import onsets, tapped

MPE = ("off", "single", "split")
FONTS = ("TimGM6mb.sf2", "FluidR3_GM.sf2", "default-GM.sf2")
FONT = next((p for n in FONTS if (p := Path("/usr/share/sounds/sf2") / n).is_file()), None)


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [program for program in programs if shutil.which(program) is None]
    return pytest.mark.skipif(bool(missing), reason=f"needs {', '.join(missing)}")


@needs("midicsv", "csvmidi")
@pytest.mark.parametrize("mpe", MPE)
def test_midicsv_gives_the_same_bytes_back(tmp_path: Path, mpe: str) -> None:
    piece = lullaby.load("let_go")
    piece.midi(tmp_path / "a.mid", mpe=mpe, profile="live")
    for call in (["midicsv", "a.mid", "a.csv"], ["csvmidi", "a.csv", "b.mid"]):
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stderr == ""
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()
    rows = (tmp_path / "a.csv").read_text()
    marked = len(piece.performance.scenes) + len(piece.performance.marks)
    assert rows.count("Marker_t") == marked > 5
    assert rows.count("Note_on_c") > 60


@pytest.mark.parametrize("clock", [Clock(), Clock(71.3, 3.0)])
def test_miditoolkit_finds_notes_bends_controllers_tempo_and_markers(
    tmp_path: Path, clock: Clock
) -> None:
    miditoolkit = pytest.importorskip("miditoolkit")
    made = choir(clock)
    Piece(made).midi(tmp_path / "a.mid", mpe="split")
    read = Read(tmp_path / "a.mid")
    other = miditoolkit.MidiFile(str(tmp_path / "a.mid"))
    assert other.ticks_per_beat == 960
    assert other.tempo_changes[0].tempo == pytest.approx(clock.bpm, abs=1e-3)
    assert other.time_signature_changes[0].numerator == int(clock.beats_a_bar)
    assert [m.text for m in other.markers] == ["first", "a mark", "second"]
    seconds = other.get_tick_to_time_mapping()
    found = sorted(
        (float(seconds[n.start]), float(seconds[n.end]), n.velocity)
        for track in other.instruments
        for n in track.notes
    )
    ours = [(on, off, velocity) for on, off, _, velocity in read.notes()]
    assert np.array(found) == pytest.approx(np.array(ours), abs=1e-3)
    bends = sum(len(track.pitch_bends) for track in other.instruments)
    assert bends == sum(m.type == "pitchwheel" for track in read.file.tracks for m in track)
    assert {c.number for t in other.instruments for c in t.control_changes} >= {1, 11, 74}


def played(tmp_path: Path, name: str) -> np.ndarray:
    call = ["fluidsynth", "-ni", "-q", "-R", "0", "-C", "0", "-g", "1", "-r", "48000"]
    call += ["-T", "wav", "-O", "float", "-F", f"{name}.wav", str(FONT), f"{name}.mid"]
    subprocess.run(call, cwd=tmp_path, capture_output=True, check=True, timeout=120)
    return np.asarray(soundfile.read(tmp_path / f"{name}.wav")[0])[:, 0]


@needs("fluidsynth")
@pytest.mark.skipif(FONT is None, reason="needs a sound font: timgm6mb-soundfont")
@pytest.mark.parametrize("clock", [Clock(), Clock(133.7, 7.0)])
def test_fluidsynth_plays_every_note_when_it_is_due(tmp_path: Path, clock: Clock) -> None:
    piece = Piece(tapped(clock))
    piece.midi(tmp_path / "a.mid", controllers=False)
    heard = onsets(played(tmp_path, "a") * 4.0)
    ((_, events),) = piece.events(0.0, piece.end_s)
    assert len(heard) == len(events) > 35
    late = heard - events["at_s"]
    assert np.ptp(late) < 0.008  # it works in blocks, and a piano key has some way to go
    assert abs(np.median(late)) < 0.008


@needs("fluidsynth")
@pytest.mark.skipif(FONT is None, reason="needs a sound font: timgm6mb-soundfont")
def test_fluidsynth_bends_keys_to_just_pitches(tmp_path: Path) -> None:
    piece = Piece(choir(gap_s=1.0, length_s=0.9))
    heard = {}
    for name, mpe in (("keys", "off"), ("bent", "split")):
        piece.midi(tmp_path / f"{name}.mid", mpe=mpe, controllers=False)
        sound = played(tmp_path, name)
        heard[name] = [pitch(sound[k * 48000 + 4800 :][:33600]) for k in range(9)]
    bend = 1200.0 * np.log2(np.array(heard["bent"]) / np.array(heard["keys"]))
    exact = 5700.0 + 1200.0 * np.log2(np.array(JUST[:9]))
    assert bend == pytest.approx(exact - 100.0 * np.rint(exact / 100.0), abs=1.0)


def pitch(sound: np.ndarray) -> float:
    """Return the frequency (Hz) of the strongest partial, by a parabola on the log spectrum."""
    level = np.log(np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 18)) + 1e-12)
    k = int(level[500:6000].argmax()) + 500
    a, b, c = level[k - 1 : k + 2]
    return float((k + 0.5 * (a - c) / (a - 2.0 * b + c)) * 48000 / (1 << 18))
