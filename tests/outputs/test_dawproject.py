"""A DAWproject keeps the rules of the format, and has the notes, ramps and places of the piece."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np
import pytest
import soundfile

import lullaby
from lullaby import Piece, UsageError
from lullaby.model.score import Clock, Score
from lullaby.outputs.export import midi_set
from lullaby.outputs.midi_form import Form
from lullaby.outputs.ramps import ramps, straightened
from tests.engine.piece import score
from tests.outputs.dawproject_rules import broken, broken_meta
from tests.outputs.gliding import slides
from tests.outputs.test_midi_file import choir

FORM = Form()


def project(tmp_path: Path, made: Score, form: Form = FORM) -> Element:
    path = tmp_path / "a.dawproject"
    midi_set(Piece(made).exported(form), tmp_path / "a.mid", path, overwrite=True)
    with zipfile.ZipFile(path) as box:
        assert box.testzip() is None
        assert broken_meta(ElementTree.fromstring(box.read("metadata.xml"))) == []
        root = ElementTree.fromstring(box.read("project.xml"))
    assert broken(root) == []
    return root


def track_ids(root: Element) -> dict[str, str]:
    return {t.attrib["name"]: t.attrib["id"] for t in root.iter("Track")}


def lanes(root: Element, name: str) -> Element:
    wanted = track_ids(root)[name]
    return next(e for e in root.iter("Lanes") if e.get("track") == wanted)


@pytest.mark.parametrize("clock", [Clock(), Clock(54.0, 3.0), Clock(133.7, 7.0)])
def test_it_is_valid_and_its_notes_are_the_events(tmp_path: Path, clock: Clock) -> None:
    made = choir(clock)
    root = project(tmp_path, made)
    assert list(track_ids(root)) == ["arcs", "choir", "hiss", "master"]
    notes = lanes(root, "choir").findall("Clips/Clip/Notes/Note")
    piece = Piece(made)
    (events,) = (e for part, e in piece.events(0.0, piece.end_s) if part == "choir")
    beat_s = 60.0 / clock.bpm
    at_s = sorted(float(n.attrib["time"]) * beat_s for n in notes)
    assert at_s == pytest.approx(events["at_s"].tolist(), abs=0.001)
    for note, event in zip(notes, events, strict=True):
        cents = 100.0 * int(note.attrib["key"])
        for point in note.iter("RealPoint"):
            cents = 100.0 * (int(note.attrib["key"]) + float(point.attrib["value"]))
        exact = 6900.0 + 1200.0 * np.log2(event["pitch_hz"] / 440.0)
        assert cents == pytest.approx(exact, abs=0.001)


def test_scenes_and_marks_and_tempo_are_where_they_are(tmp_path: Path) -> None:
    root = project(tmp_path, choir(Clock(90.0, 3.0)))
    markers = root.findall("Arrangement/Markers/Marker")
    assert [m.attrib["name"] for m in markers] == ["first", "a mark", "second"]
    at_s = [float(m.attrib["time"]) * 60.0 / 90.0 for m in markers]
    assert at_s == pytest.approx([0.0, 2.123, 5.3], abs=1e-4)
    tempo = root.find("Arrangement/TempoAutomation/RealPoint")
    assert tempo is not None
    assert float(tempo.attrib["value"]) == pytest.approx(90.0, abs=1e-3)
    sign = root.find("Arrangement/TimeSignatureAutomation/TimeSignaturePoint")
    assert sign is not None
    assert (sign.attrib["numerator"], sign.attrib["denominator"]) == ("3", "4")


def test_automation_is_ramps_within_half_a_step_of_the_curve(tmp_path: Path) -> None:
    made = choir()
    root = project(tmp_path, made)
    run = next(r for r in Piece(made).performance.runs if r.part == "hiss")
    (points,) = (
        p for p in lanes(root, "hiss").findall("Points")
        if p.find("Target").attrib["controller"] == "74"  # type: ignore[union-attr]
    )  # fmt: skip
    corners = points.findall("RealPoint")
    x = [float(p.attrib["time"]) for p in corners]  # a beat is a second here
    y = [float(p.attrib["value"]) for p in corners]
    t = np.arange(0.0, 10.0, 0.01)
    share = np.log(run.settings.curves["cutoff_hz"](t) / 300.0) / np.log(40.0)
    assert np.abs(np.interp(t, x, y) - share).max() <= 0.5 / 127 + 1e-4
    assert len(corners) < 40  # where a MIDI file needs a hundred messages
    assert {p.attrib["interpolation"] for p in corners[:-1]} == {"linear"}


def test_a_glide_is_a_note_that_bends_by_itself(tmp_path: Path) -> None:
    root = project(tmp_path, slides())
    notes = lanes(root, "slide").findall("Clips/Clip/Notes/Note")
    assert len(notes) == 5  # the last is cut by the end
    for note in notes[:4]:
        points = note.findall("Points/RealPoint")
        begins, ends = (float(points[i].attrib["value"]) for i in (0, -1))
        assert ends - begins == pytest.approx(12.0 * np.log2(1.5), abs=0.012)
        assert len(points) < 20  # a straight slide takes few


def test_a_shipped_piece_is_valid(tmp_path: Path) -> None:
    midi_set(lullaby.load("let_go").exported(FORM), tmp_path / "a.mid", tmp_path / "a.dawproject")
    with zipfile.ZipFile(tmp_path / "a.dawproject") as box:
        root = ElementTree.fromstring(box.read("project.xml"))
    assert broken(root) == []
    assert len(lanes(root, "towers").findall("Clips/Clip/Notes/Note")) == 21


def test_the_same_piece_is_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        path = tmp_path / f"{name}.dawproject"
        midi_set(Piece(choir()).exported(FORM), tmp_path / f"{name}.mid", path)
    assert (tmp_path / "a.dawproject").read_bytes() == (tmp_path / "b.dawproject").read_bytes()


def test_no_note_is_left_out_for_a_cable(tmp_path: Path) -> None:
    made = choir(gap_s=0.004, length_s=0.1)
    root = project(tmp_path, made)
    piece = Piece(made)
    (events,) = (e for part, e in piece.events(0.0, piece.end_s) if part == "choir")
    notes = lanes(root, "choir").findall("Clips/Clip/Notes/Note")
    assert len(notes) == len(events) > 2000


def test_names_from_strangers_do_not_break_it(tmp_path: Path) -> None:
    made = replace(choir(), title="<&\x00\x1b]>\ud800 “☾”")
    path = tmp_path / "a.dawproject"
    midi_set(Piece(made).exported(FORM), tmp_path / "a.mid", path)
    with zipfile.ZipFile(path) as box:
        title = ElementTree.fromstring(box.read("metadata.xml")).findtext("Title")
    assert title == "<&??]>? “☾”"


def test_the_stems_are_inside_and_those_that_sound_sum_to_the_mix(tmp_path: Path) -> None:
    Piece(score()).write(stems=tmp_path / "s", bits="32f", sample_rate=8000, daw=FORM, project=True)
    with zipfile.ZipFile(tmp_path / "s" / "Test.dawproject") as box:
        root = ElementTree.fromstring(box.read("project.xml"))
        box.extractall(tmp_path / "out")
    assert broken(root) == []
    muted = {
        t.attrib["name"]: t.find("Channel/Mute").attrib["value"] == "true"  # type: ignore[union-attr]
        for t in root.iter("Track")
        if t.attrib["contentType"] == "audio"
    }
    assert muted == {"mix": True, "a": True, "b": False, "c": False, "dull": False, "room": False}
    summed = 0.0
    for name in muted:
        clips = [c for c in root.iter("Clip") if c.attrib["name"] == name]
        (clip,) = (c for c in clips if c.find("Audio") is not None)
        file = clip.find("Audio/File")
        assert file is not None
        sound, rate = soundfile.read(tmp_path / "out" / file.attrib["path"])
        assert float(clip.attrib["duration"]) == pytest.approx(len(sound) / rate, abs=1e-6)
        assert clip.attrib["time"] == "0"
        summed = summed + (0.0 if muted[name] else sound)
    with Piece(score()).engine(8000, stems=True) as engine:
        before = np.asarray(engine.read_all(64000)["pre-master"])
    assert np.abs(before).max() > 0.05
    assert np.abs(np.asarray(summed)[:64000] - before.T).max() < 1e-5


def test_a_file_in_the_way_stays_and_nothing_else_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.dawproject").write_bytes(b"mine")
    exported = Piece(choir()).exported(FORM)
    with pytest.raises(UsageError, match=r"a\.dawproject: is already there"):
        midi_set(exported, tmp_path / "a.mid", tmp_path / "a.dawproject")
    assert [p.name for p in tmp_path.iterdir()] == ["a.dawproject"]


def test_lines_keep_within_their_tolerance() -> None:
    x = np.linspace(0.0, 10.0, 2001)
    y = np.sin(x) + 0.2 * np.sin(7.0 * x)
    for tolerance in (0.1, 0.01, 0.001):
        kept = straightened(x, y, tolerance)
        assert np.abs(np.interp(x, x[kept], y[kept]) - y).max() <= tolerance
    assert len(straightened(x, 3.0 * x, 0.01)) == 2
    assert straightened(x[:0], y[:0], 0.1).tolist() == []


def test_long_curves_have_no_seams() -> None:
    x, y = ramps(0.0, 1500.0, lambda t: np.sin(t / 90.0), lambda t: 2.0 * t, 0.004)
    assert (np.diff(x) > 0.0).all()
    t = np.arange(0.0, 1500.0, 0.7)
    assert np.abs(np.interp(2.0 * t, x, y) - np.sin(t / 90.0)).max() <= 0.0041


def test_the_rules_find_what_is_wrong() -> None:
    fine = "<Project version='1.0'><Application name='x' version='1'/></Project>"
    assert broken(ElementTree.fromstring(fine)) == []
    for wrong in (
        "<Project version='1.0'/>",
        "<Project><Application name='x' version='1'/></Project>",
        fine.replace("</Project>", "<Arrangement id='a'/><Transport/></Project>"),
        fine.replace("</Project>", "<Arrangement><Lanes track='b'/></Arrangement></Project>"),
        fine.replace("</Project>", "<Arrangement><Markers/></Arrangement></Project>"),
    ):
        assert broken(ElementTree.fromstring(wrong)) != [], wrong
