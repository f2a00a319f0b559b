"""The forms of a file: glides, pairs, chosen controllers, markers, ticks, letters, profiles."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import mido
import numpy as np
import pytest

import lullaby
from lullaby import Piece, UsageError
from lullaby.model.event import Events
from lullaby.model.module import Midi
from lullaby.model.score import ArcDef, PartDef, Score, Stay
from lullaby.model.value import Number, Point, Points
from lullaby.modules import MODULES
from lullaby.outputs.midi_form import PROFILES
from tests.engine.piece import scene
from tests.outputs.gliding import Grains, Slide, slides
from tests.outputs.test_midi_file import SECONDS, Read, busiest, choir, written


def sounding(read: Read, *names: str) -> list[tuple[float, float, np.ndarray, np.ndarray]]:
    """Return of each note: on, off, and when it has which pitch, by the range that was set."""
    made = []
    for name in names:
        wide, bend, rpn = dict.fromkeys(range(16), 2), dict.fromkeys(range(16), 0), {}
        held: dict[tuple[int, int], tuple[float, list[float], list[float]]] = {}
        for at_s, m in read.tracks[name]:
            if m.is_meta:
                continue
            if m.type == "control_change" and m.control in (100, 101):
                rpn[m.channel, m.control] = m.value
            elif m.type == "control_change" and m.control == 6 and rpn[m.channel, 100] == 0:
                wide[m.channel] = m.value
            elif m.type == "pitchwheel":
                bend[m.channel] = m.pitch
                for (channel, key), (_, times, pitches) in held.items():
                    if channel == m.channel:
                        times.append(at_s)
                        pitches.append(key + m.pitch / 8192 * wide[channel])
            elif m.type == "note_on":
                pitch = m.note + bend[m.channel] / 8192 * wide[m.channel]
                held[m.channel, m.note] = (at_s, [at_s], [pitch])
            elif m.type == "note_off":
                on_s, times, pitches = held.pop((m.channel, m.note))
                made.append((on_s, at_s, np.array(times), np.array(pitches)))
    return sorted(made, key=lambda note: note[0])


def events_of(made: Score) -> Events:
    piece = Piece(made)
    ((_, events),) = piece.events(0.0, piece.end_s)
    return events


@pytest.mark.parametrize("mpe", ["single", "split"])
def test_a_glide_is_bent_and_comes_to_rest_within_a_cent(tmp_path: Path, mpe: str) -> None:
    made = slides()
    read = written(tmp_path, made, mpe=mpe)
    notes = sounding(read, *(n for n in read.tracks if n.startswith("slide")))
    events = events_of(made)
    assert len(notes) == len(events) == 5
    # In its first second a zone has much to set up, which leaves little room for bends.
    for (on_s, off_s, times, pitches), event in list(zip(notes, events, strict=True))[1:4]:
        t = np.arange(on_s, off_s - 0.01, 0.005)
        heard = pitches[np.searchsorted(times, t + 0.001, side="right") - 1]
        since = np.clip(t - on_s, 0.0, 1.0)
        exact = 69.0 + 12.0 * np.log2(event["pitch_hz"] * 1.5**since / 440.0)
        step = 7.02 * 0.02  # semitones the pitch moves from one look to the next
        assert np.abs(heard - exact).max() < step + 0.01
        assert 100.0 * abs(pitches[-1] - exact[-1]) < (0.4 if mpe == "single" else 0.1)
        assert 30 < len(times) < 60  # nothing once it stands


def test_a_chord_at_rest_after_a_long_glide_is_just(tmp_path: Path) -> None:
    piece = lullaby.load("let_go")
    piece.midi(tmp_path / "a.mid", mpe="single")
    read = Read(tmp_path / "a.mid")
    notes = sounding(read, *(n for n in read.tracks if n.startswith("towers")))
    assert len(notes) == 21
    assert all(on_s < 1.0 and off_s > 170.0 for on_s, off_s, _, _ in notes)
    last = np.array([pitches[-1] for *_, pitches in notes])
    tones = 33.0 + 12.0 * np.log2(np.array([1.0, 2.0, 3.0, 5.0, 8.0, 12.0]))
    assert 100.0 * np.abs(last[:, None] - tones).min(axis=1).max() < 1.0
    assert {round(p) for p in last} == {round(t) for t in tones}
    assert busiest(read) <= 300


def test_what_bends_cannot_reach_begins_on_another_key(tmp_path: Path) -> None:
    made = slides(by=2.0**4.5)  # 54 semitones
    found = Piece(made).midi(tmp_path / "a.mid", mpe="single")
    notes = sounding(Read(tmp_path / "a.mid"), "slide")
    for (*_, pitches), event in list(zip(notes, events_of(made), strict=True))[:4]:
        begins = 69.0 + 12.0 * np.log2(event["pitch_hz"] / 440.0)
        assert pitches[0] == pytest.approx(begins, abs=0.01)
        assert pitches[-1] == pytest.approx(begins + 54.0, abs=0.01)
    assert found.parts[0].beyond_cents == 0.0
    narrow = Piece(made).midi(tmp_path / "a.mid", mpe="single", bend_range=12, overwrite=True)
    assert narrow.parts[0].beyond_cents == pytest.approx(1500.0, abs=51.0)


def test_a_voice_has_the_least_range_that_holds_its_glides(tmp_path: Path) -> None:
    for by, semitones in ((1.05, 2), (1.5, 12), (3.0, 24), (12.0, 48)):
        Piece(slides(by=by)).midi(tmp_path / "a.mid", mpe="split", overwrite=True)
        read = Read(tmp_path / "a.mid")
        sent = [m for _, m in read.tracks["slide"] if m.type == "control_change"]
        assert [m.value for m in sent if m.control == 6] == [semitones]
        assert f"one voice, bend range {semitones} semitones" in [
            m.text for _, m in read.tracks["slide"] if m.type == "text"
        ]


def test_without_bends_it_is_said_how_far_it_glides(tmp_path: Path) -> None:
    made = Piece(slides()).midi(tmp_path / "a.mid")
    assert made.parts[0].glides_cents == pytest.approx(702.0, abs=50.0)
    still = Piece(slides()).midi(tmp_path / "b.mid", mpe="single", glides=False)
    assert still.parts[0].glides_cents == pytest.approx(702.0, abs=50.0)
    (first, *_) = sounding(Read(tmp_path / "b.mid"), "slide")
    assert len(first[2]) == 1


def test_a_bend_range_is_set_as_asked_and_the_pitch_stays(tmp_path: Path) -> None:
    for mpe in ("single", "split"):
        read = written(tmp_path / "..", choir(), mpe=mpe, bend_range=24, overwrite=True)
        names = [n for n in read.tracks if n.startswith("choir")]
        pitches = [note[3][-1] for note in sounding(read, *names)]
        assert pitches[2] == pytest.approx(57.0 + 12.0 * np.log2(9 / 8), abs=0.002)


def test_a_swell_carries_its_start_and_its_peak(tmp_path: Path) -> None:
    read = written(tmp_path, slides())
    said = [(s, m.text) for s, m in read.tracks["slide"] if m.type == "text"]
    peaks = [(s, text) for s, text in said if text.startswith("peak")]
    notes = read.notes("slide")
    assert [s for s, _ in peaks] == pytest.approx([n[0] + 0.7 for n in notes[:4]], abs=0.001)
    assert [text for _, text in peaks] == [f"peak of {n[2]:.0f}" for n in notes[:4]]


def test_what_is_sung_is_lyrics(tmp_path: Path) -> None:
    read = written(tmp_path, slides())
    sung = [(s, m.text) for s, m in read.tracks["slide"] if m.type == "lyrics"]
    assert [text for _, text in sung] == ["sleep", "now", "Lila", "sleep"]
    assert [s for s, _ in sung] == pytest.approx([0.0, 2.0, 4.0, 8.0], abs=0.001)


def test_a_cloud_of_grains_is_a_few_of_its_loudest(tmp_path: Path) -> None:
    made = slides(Grains)
    found = Piece(made).midi(tmp_path / "a.mid")
    read = Read(tmp_path / "a.mid")
    notes = read.notes("grains")
    seconds = np.floor([n[0] for n in notes]).astype(int)
    assert np.bincount(seconds).max() == 4
    assert {n[2] for n in notes} == {60}
    assert found.parts[0].hidden > 1400
    events = events_of(made)
    first = events[events["at_s"] < 1.0]
    loudest = np.sort(first["level_db"])[-4:]
    assert sorted(n[3] for n in notes[:4]) == [round(127 * 10 ** (x / 40)) for x in loudest]
    assert busiest(read) <= 300


def test_pairs_of_controllers_have_14_bits(tmp_path: Path) -> None:
    made = choir()
    read = written(tmp_path, made, fine=True, controllers=frozenset({"20"}))
    rows = [m for _, m in read.tracks["arcs"] if m.type == "control_change"]
    assert {m.control for m in rows} == {20, 52}
    assert [m.control for m in rows[:2]] == [20, 52]  # the coarse one first
    value = 128.0 * read.lane("arcs", 20, SECONDS) + read.lane("arcs", 52, SECONDS)
    exact = 16383.0 * Piece(made).performance.arcs["surrender"](SECONDS)
    # Half a millisecond of a tick, in which it moves by two steps.
    assert np.abs(value - exact).max() < 2.5
    said = [m.text for _, m in read.tracks["arcs"] if m.type == "text"]
    assert said == ["CC 20 and 52: surrender 0..1"]


def test_only_controllers_below_32_have_pairs(tmp_path: Path) -> None:
    read = written(tmp_path, choir(), fine=True)
    sent = {m.control for _, m in read.tracks["hiss"] if m.type == "control_change"}
    assert sent == {74, 1, 33, 20, 52, 11, 43}


def test_a_pair_takes_no_number_that_is_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slide, "midi", Midi(cc={"surrender": 1, "panic": 33}))
    read = written(tmp_path, slides(), fine=True)
    sent = {m.control for _, m in read.tracks["slide"] if m.type == "control_change"}
    assert sent == {1, 33, 11, 43}


@pytest.mark.parametrize("mpe", ["off", "single", "split"])
def test_pairs_and_glides_stay_below_the_ceiling(tmp_path: Path, mpe: str) -> None:
    parts = tuple(PartDef(name, MODULES[name]) for name in ("harmony", "sirens", "static"))
    dive = {"surrender": Points(None, (Point(Number(1.0)),))}
    stays = [Stay(part.name) for part in parts]
    arcs = (ArcDef("surrender", Number(0.0)), ArcDef("panic", Number(0.9)))
    made = Score("Dive", parts, (scene("one", stays, 15.0, arcs=dive),), arcs=arcs)
    found = Piece(made).midi(tmp_path / "a.mid", mpe=mpe, fine=True)
    assert 100 < busiest(Read(tmp_path / "a.mid")) <= 300
    assert sum(part.dropped for part in found.parts) == 0


def test_only_the_controllers_that_were_named(tmp_path: Path) -> None:
    read = written(tmp_path, choir(), controllers=frozenset({"74", "surrender"}))
    sent = {
        name: {m.control for _, m in rows if m.type == "control_change"}
        for name, rows in read.tracks.items()
    }
    assert sent["arcs"] == {20}
    assert sent["choir"] == sent["hiss"] == {1, 74}
    with pytest.raises(UsageError, match="no part or arc has a controller '77'"):
        Piece(choir()).midi(tmp_path / "b.mid", controllers=frozenset({"74", "77"}))
    assert not (tmp_path / "b.mid").exists()


@pytest.mark.parametrize(
    ("markers", "kinds"),
    [("markers", {"marker"}), ("cues", {"cue_marker"}), ("none", set()),
     ("both", {"marker", "cue_marker"})],
)  # fmt: skip
def test_markers_are_what_was_asked_for(tmp_path: Path, markers: str, kinds: set[str]) -> None:
    read = written(tmp_path, choir(), markers=markers)
    found = [m for m in read.file.tracks[0] if m.type in ("marker", "cue_marker")]
    assert {m.type for m in found} == kinds
    assert len(found) == 3 * len(kinds)


@pytest.mark.parametrize("ppq", [240, 480, 1920])
@pytest.mark.parametrize("mpe", ["off", "split"])
def test_other_ticks_are_the_same_times(tmp_path: Path, ppq: int, mpe: str) -> None:
    exact = written(tmp_path, choir(length_s=0.25), mpe=mpe)
    Piece(choir(length_s=0.25)).midi(tmp_path / "b.mid", mpe=mpe, ppq=ppq)
    file = mido.MidiFile(tmp_path / "b.mid")
    assert file.ticks_per_beat == ppq
    for ours, theirs in zip(exact.file.tracks, file.tracks, strict=True):
        tick, at = 0, []
        for message in theirs:
            tick += message.time
            at.append(tick * 1.0 / ppq)
        wanted = [s for s, m in exact.tracks[ours.name]]
        assert at[-1] == pytest.approx(wanted[-1], abs=0.003)
        on = [a for a, m in zip(at, theirs, strict=True) if m.type == "note_on"]
        was = [s for s, m in exact.tracks[ours.name] if m.type == "note_on"]
        assert on == pytest.approx(was, abs=0.5 / min(ppq, 960) + 1e-9)
        sounding: set[tuple[int, int]] = set()
        for m in theirs:
            if m.type == "note_on":
                assert (m.channel, m.note) not in sounding
                sounding.add((m.channel, m.note))
            elif m.type == "note_off":
                sounding.remove((m.channel, m.note))
        assert not sounding


@pytest.mark.parametrize(
    ("charset", "title"), [("ascii", "Hohe ?"), ("latin-1", "Höhe ?"), ("utf-8", "Höhe ☾")]
)
def test_letters_are_those_of_the_charset(tmp_path: Path, charset: str, title: str) -> None:
    Piece(choir()).midi(tmp_path / "a.mid", charset=charset)
    assert mido.MidiFile(tmp_path / "a.mid", charset=charset).tracks[0].name == title


def test_control_characters_are_in_no_charset(tmp_path: Path) -> None:
    made = replace(choir(), title="a\x1b[31mb\u202ec\ud800")
    for charset in ("ascii", "latin-1", "utf-8"):
        path = tmp_path / f"{charset}.mid"
        Piece(made).midi(path, charset=charset)
        assert mido.MidiFile(path, charset=charset).tracks[0].name == "a?[31mb?c?"


def test_each_daw_gets_what_it_needs(tmp_path: Path) -> None:
    made = choir(length_s=0.6)
    for name, profile in PROFILES.items():
        Piece(made).midi(tmp_path / f"{name}.mid", mpe="single", profile=name)
        read = Read(tmp_path / f"{name}.mid")
        assert ("_span" in read.tracks) == (name == "live") == profile.span_note
        kinds = {m.type for track in read.file.tracks for m in track}
        assert ("midi_port" in kinds) == (name == "generic")
        assert profile.advice
        assert all(line.isascii() for line in profile.advice)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"profile": "ableton"}, "profile is one of generic, live, logic, cubase, reaper"),
        ({"markers": "all"}, "markers is one of markers, cues, both, none, not 'all'"),
        ({"ppq": 100}, "ppq is one of 240, 480, 960, 1920, not 100"),
        ({"charset": "utf-7"}, "charset is one of ascii, latin-1, utf-8"),
        ({"bend_range": 0}, "a bend range is 1 to 96 semitones, not 0"),
    ],
)
def test_no_such_form(tmp_path: Path, form: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Piece(choir()).midi(tmp_path / "a.mid", **form)
    assert list(tmp_path.iterdir()) == []


def test_every_gliding_module_begins_where_its_events_say() -> None:
    piece = lullaby.load("let_go")
    events = dict(piece.events(0.0, 60.0))
    for run in piece.performance.runs:
        midi = type(run.settings).midi
        if midi.glides and run.part != "sirens":  # whose pitch is where they hang
            rows = events[run.part].copy()
            rows["at_s"] -= run.start_us / 1e6
            assert run.settings.heard_hz(rows["at_s"], rows) == pytest.approx(rows["pitch_hz"])
        assert {midi.peak, midi.held} <= {"", *type(run.settings).fields()}


@pytest.mark.parametrize("name", list(MODULES))
def test_every_control_of_every_module_decodes_to_its_curve(tmp_path: Path, name: str) -> None:
    module = MODULES[name]
    moving = {n: p for n, p in module.params().items() if n in module.midi.cc and not p.each}
    settings = {n: Points(Number(p.low), (Point(Number(p.high)),)) for n, p in moving.items()}
    part = PartDef("it", module, settings=settings)
    made = Score("Sweep", (part,), (scene("one", [Stay("it")], 12.0),))
    read = written(tmp_path, made)
    (run,) = Piece(made).performance.runs
    t = np.arange(0.0, 11.9, 0.02)
    for n, p in moving.items():
        value = run.settings.curves[n](t)
        share = (
            np.log(value / p.low) / np.log(p.high / p.low)
            if p.log
            else ((value - p.low) / (p.high - p.low))
        )
        away = np.abs(read.lane("it", module.midi.cc[n], t) - 127.0 * share)
        assert away.max() <= 0.5 + 0.01, n  # a tick is half a millisecond off at most
        assert np.ptp(share) > 0.9, n
