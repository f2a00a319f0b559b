"""A MIDI file read back: names, markers, notes, bends and controllers are those of the piece."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
import pytest

from lullaby import Piece, UsageError
from lullaby.errors import OutputError
from lullaby.model.chance import Chance
from lullaby.model.event import Events, Followed
from lullaby.model.module import Midi, Module
from lullaby.model.score import ArcDef, Clock, Cue, PartDef, SceneDef, Score, Stay
from lullaby.model.sheet import panic, param, surrender
from lullaby.model.streams import Window
from lullaby.model.value import Number, Point, Points, Time, Wave
from lullaby.outputs.midi_tracks import BEND, CONTROL, NAMES, OFF, ON, SETUP
from tests.engine.piece import scene, score

ROOT = Path(__file__).parents[2]
JUST = (1.0, 16 / 15, 9 / 8, 5 / 4, 4 / 3, 11 / 8, 3 / 2, 13 / 8, 7 / 4, 15 / 8)


class Choir(Module):
    """Just intervals, one after another and over each other."""

    cutoff_hz = param(1000.0, "Hz", (300.0, 12000.0), "Corner.", log=True)
    gap_s = param(0.25, "s", (0.001, 1.0), "From one to the next.", log=True)
    length_s = param(1.0, "s", (0.01, 60.0), "Of each.", log=True)
    surrender = surrender()
    panic = panic()
    midi = Midi(pitch="bend", cc={"surrender": 1, "cutoff_hz": 74}, text="choir")

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        gap_s = float(self.gap_s(0.0))
        k = np.arange(np.ceil(window[0] / gap_s - 1e-9), np.ceil(window[1] / gap_s - 1e-9))
        own = chance.of("notes").at(k.astype(np.int64))
        return self.events(
            k * gap_s,
            own,
            duration_s=self.length_s(0.0),
            pitch_hz=220.0 * np.array(JUST)[k.astype(np.int64) % len(JUST)],
            level_db=own.uniform("level", -30.0, 0.0),
        )


class Hiss(Choir):
    """Nothing a key could play."""

    midi = Midi(notes=False, cc={"cutoff_hz": 74}, text="hiss")


PLAIN = Clock()


def choir(clock: Clock = PLAIN, **settings: float) -> Score:
    values = {name: Number(value) for name, value in settings.items()}
    slide = {"cutoff_hz": Points(Number(400.0), (Point(Number(9000.0)),))}
    return Score(
        "Höhe ☾",
        (PartDef("choir", Choir, settings=values), PartDef("hiss", Hiss, settings=slide)),
        (
            SceneDef(
                "first",
                Time(5.3),
                Time(1.0),
                play=(Stay("choir"), Stay("hiss")),
                cues=(Cue(at=(Time(2.123),), mark="a mark"),),
            ),
            SceneDef(
                "second",
                Time(4.7),
                Time(1.0),
                keep=None,
                arcs={"surrender": Points(None, (Point(Number(1.0)),))},
            ),
        ),
        clock=clock,
        arcs=(ArcDef("panic", Number(0.4), cc=30), ArcDef("surrender", Number(0.0))),
    )


Timed = list[tuple[float, mido.Message]]


class Read:
    """A file as a sequencer has it: every message with its second, by track."""

    def __init__(self, path: Path) -> None:
        self.file = mido.MidiFile(path)
        self.tempi = [(0, 0.0, 500_000)]
        tick, at_s = 0, 0.0
        for message in self.file.tracks[0]:
            at_s += message.time * self.tempi[-1][2] / 960e6
            tick += message.time
            if message.type == "set_tempo":
                self.tempi.append((tick, at_s, message.tempo))
        self.tracks: dict[str, Timed] = {}
        self.ticks: dict[str, list[tuple[int, mido.Message]]] = {}
        for track in self.file.tracks:
            now, rows = 0, []
            for message in track:
                now += message.time
                rows.append((now, message))
            self.ticks[track.name] = rows
            self.tracks[track.name] = [(self.second(tick), m) for tick, m in rows]

    def second(self, tick: int) -> float:
        first, at_s, tempo = next(t for t in reversed(self.tempi) if t[0] <= tick)
        return at_s + (tick - first) * tempo / 960e6

    def notes(self, *names: str) -> list[tuple[float, float, float, int]]:
        """Return (on, off, pitch as bent by the range its channel is set to, velocity)."""
        made = []
        for name in names or self.tracks:
            bend, width, rpn, sounding = Counter(), {}, {}, {}
            for at_s, m in self.tracks[name]:
                if m.type == "pitchwheel":
                    bend[m.channel] = m.pitch
                elif m.type == "control_change" and m.control in (100, 101):
                    rpn[m.channel, m.control] = m.value
                elif m.type == "control_change" and m.control == 6:
                    if (rpn[m.channel, 101], rpn[m.channel, 100]) == (0, 0):
                        width[m.channel] = m.value
                elif m.type == "note_on" and m.velocity:
                    assert (m.channel, m.note) not in sounding, "a key is struck while it sounds"
                    pitch = m.note + bend[m.channel] / 8192 * width.get(m.channel, 2)
                    sounding[m.channel, m.note] = (at_s, pitch, m.velocity)
                elif m.type == "note_off":
                    on_s, pitch, velocity = sounding.pop((m.channel, m.note))
                    made.append((on_s, at_s, pitch, velocity))
            assert not sounding, "a note hangs"
        return sorted(made)

    def lane(self, name: str, cc: int, t: np.ndarray) -> np.ndarray:
        found = [
            (at_s, m.value)
            for at_s, m in self.tracks[name]
            if m.type == "control_change" and m.control == cc
        ]
        times, values = np.array([a for a, _ in found]), np.array([v for _, v in found])
        return values[np.maximum(np.searchsorted(times, t + 0.0006, side="right") - 1, 0)]


def written(tmp_path: Path, made: Score, **form: object) -> Read:
    Piece(made).midi(tmp_path / "a.mid", **form)  # type: ignore[arg-type]
    return Read(tmp_path / "a.mid")


CLOCKS = [PLAIN, Clock(54.0, 3.0), Clock(133.7, 7.0)]


@pytest.mark.parametrize("clock", CLOCKS)
def test_the_first_track_has_all_that_is_time_and_nothing_else(
    tmp_path: Path, clock: Clock
) -> None:
    read = written(tmp_path, choir(clock))
    assert (read.file.type, read.file.ticks_per_beat) == (1, 960)
    first, *rest = read.file.tracks
    assert first[0].type == "track_name"
    assert first.name == "Hohe ?"
    assert {m.type for m in first} == {
        "track_name", "time_signature", "set_tempo", "marker", "end_of_track",
    }  # fmt: skip
    assert not any(m.type in ("set_tempo", "time_signature", "marker") for t in rest for m in t)
    assert [track.name for track in rest] == ["arcs", "choir", "hiss"]
    assert all(track[0].type == "track_name" for track in rest)
    markers = [(s, m.text) for s, m in read.tracks["Hohe ?"] if m.type == "marker"]
    assert [text for _, text in markers] == ["first", "a mark", "second"]
    assert [s for s, _ in markers] == pytest.approx([0.0, 2.123, 5.3], abs=0.001)
    beat = next(m.tempo for m in first if m.type == "set_tempo")
    assert beat == pytest.approx(60e6 / clock.bpm, abs=1.0)


@pytest.mark.parametrize("mpe", ["off", "single", "split"])
def test_every_track_ends_with_the_piece(tmp_path: Path, mpe: str) -> None:
    made = choir()
    read = written(tmp_path, made, mpe=mpe)
    end_s = Piece(made).end_s
    for name, rows in read.tracks.items():
        assert rows[-1][1].type == "end_of_track", name
        assert rows[-1][0] == pytest.approx(end_s, abs=0.002), name


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("mpe", ["off", "single", "split"])
def test_notes_are_the_events(tmp_path: Path, mpe: str, clock: Clock) -> None:
    made = choir(clock)
    read = written(tmp_path, made, mpe=mpe)
    piece = Piece(made)
    (events,) = (e for part, e in piece.events(0.0, piece.end_s) if part == "choir")
    notes = read.notes()
    assert len(notes) == len(events) > 35
    assert [n[0] for n in notes] == pytest.approx(events["at_s"].tolist(), abs=0.001)
    ends_s = np.minimum(events["at_s"] + events["duration_s"], piece.end_s)
    assert [n[1] for n in notes] == pytest.approx(ends_s.tolist(), abs=0.001)
    wanted = 127.0 * 10.0 ** (events["level_db"] / 40.0)
    assert [n[3] for n in notes] == pytest.approx(wanted.tolist(), abs=0.5)


def test_every_part_of_a_piece_has_its_events(tmp_path: Path) -> None:
    read = written(tmp_path, score())
    piece = Piece(score())
    for part, events in piece.events(0.0, piece.end_s):
        found = sorted(n[0] for n in read.notes(part))
        assert len(found) > 5
        lost = len(events) - len(found)  # of one key at one tick
        assert lost == 0
        assert found == pytest.approx(sorted(events["at_s"].tolist()), abs=0.001)


@pytest.mark.parametrize(("mpe", "cents"), [("single", 0.3), ("split", 0.02)])
def test_just_ratios_well_within_a_cent(tmp_path: Path, mpe: str, cents: float) -> None:
    for i, (_, _, pitch, _) in enumerate(written(tmp_path, choir(), mpe=mpe).notes()):
        exact = 57.0 + 12.0 * np.log2(JUST[i % len(JUST)])
        assert pitch == pytest.approx(exact, abs=cents / 100.0)


def test_without_bends_the_nearest_key_is_struck_and_how_far_it_is_said(tmp_path: Path) -> None:
    made = Piece(choir()).midi(tmp_path / "a.mid")
    read = Read(tmp_path / "a.mid")
    keys = {round(57 + 12 * np.log2(ratio)) for ratio in JUST}
    assert {n[2] for n in read.notes()} == keys
    assert made.parts[0].away_cents == pytest.approx(48.7, abs=0.1)  # 11/8 is between two keys
    assert "pitchwheel" not in {m.type for track in read.file.tracks for m in track}


def test_a_zone_is_announced_before_its_notes(tmp_path: Path) -> None:
    read = written(tmp_path, choir(), mpe="single")
    sent = [m for _, m in read.tracks["choir"] if not m.is_meta]
    first = [(m.channel, m.control, m.value) for m in sent[:3]]
    assert first == [(0, 101, 0), (0, 100, 6), (0, 6, 15)]
    begin = next(i for i, m in enumerate(sent) if m.type == "note_on")
    ranges = [m for m in sent[:begin] if m.type == "control_change" and m.control == 6]
    assert [(m.channel, m.value) for m in ranges[1:]] == [(0, 2), *((c, 48) for c in range(1, 16))]
    assert {m.channel for m in sent if m.type == "note_on"} <= set(range(1, 16))
    assert {m.channel for m in sent if m.type == "control_change" and m.control == 74} == {0}
    port = next(m.port for m in read.file.tracks[2] if m.type == "midi_port")
    assert port > 0  # a zone takes every channel, so nobody shares its port


def test_a_channel_is_left_alone_until_its_tail_is_over(tmp_path: Path) -> None:
    read = written(tmp_path, choir(length_s=0.6), mpe="single")
    off: dict[int, float] = {}
    for at_s, m in read.tracks["choir"]:
        if m.type == "note_off":
            off[m.channel] = at_s
        elif m.type == "pitchwheel":
            assert at_s - off.get(m.channel, -9.0) >= 0.499


def test_more_voices_than_a_zone_has_begin_another(tmp_path: Path) -> None:
    made = choir(gap_s=0.1, length_s=2.5)  # 25 at a time
    read = written(tmp_path, made, mpe="single")
    assert "choir 2" in read.tracks
    assert len(read.notes()) == len(Piece(made).events(0.0, 99.0)[0][1])


def test_every_voice_a_track(tmp_path: Path) -> None:
    read = written(tmp_path, choir(length_s=0.6), mpe="split")
    voices = [name for name in read.tracks if name.startswith("choir")]
    assert len(voices) == 5  # three sound, two ring
    for name in voices:
        assert len({m.channel for _, m in read.tracks[name] if not m.is_meta}) == 1
        notes = read.notes(name)
        assert all(a[1] <= b[0] for a, b in pairwise(notes))


ORDER = {"note_off": OFF, "control_change": CONTROL, "pitchwheel": BEND, "note_on": ON}


@pytest.mark.parametrize("mpe", ["off", "single", "split"])
def test_within_a_tick_ends_come_before_begins(tmp_path: Path, mpe: str) -> None:
    read = written(tmp_path, choir(gap_s=0.25, length_s=0.25), mpe=mpe)
    together = 0
    for rows in read.ticks.values():
        orders = [
            (tick, NAMES if m.is_meta else SETUP if tick == 0 and m.type == "control_change" else
             ORDER[m.type])
            for tick, m in rows[:-1]
        ]  # fmt: skip
        assert orders == sorted(orders)
        kinds = [{o for t, o in orders if t == tick} for tick in {t for t, _ in orders}]
        together += sum({OFF, ON} <= kind for kind in kinds)
    assert mpe != "off" or together > 30


SECONDS = np.arange(0.0, 10.0, 0.02)


def test_controllers_are_their_curves_within_half_a_step(tmp_path: Path) -> None:
    read = written(tmp_path, choir())
    performance = Piece(choir()).performance
    hiss = next(r for r in performance.runs if r.part == "hiss")
    choir_run = next(r for r in performance.runs if r.part == "choir")
    wanted = {
        ("hiss", 74): np.log(hiss.settings.curves["cutoff_hz"](SECONDS) / 300) / np.log(40.0),
        ("choir", 1): choir_run.settings.curves["surrender"](SECONDS),
        ("choir", 20): choir_run.settings.curves["panic"](SECONDS),
        ("choir", 11): np.sqrt(choir_run.desk.fade(SECONDS)),
        ("arcs", 30): performance.arcs["panic"](SECONDS),
        ("arcs", 20): performance.arcs["surrender"](SECONDS),
    }
    for (name, cc), share in wanted.items():
        # A tick is half a millisecond off at most, in which these curves move by no more.
        step = np.abs(read.lane(name, cc, SECONDS) - 127.0 * share)
        assert step.max() <= 0.5 + 0.1, (name, cc)
    assert np.ptp(wanted["hiss", 74]) > 0.8
    assert np.ptp(wanted["arcs", 20]) > 0.9


def test_what_has_no_notes_is_controllers_only(tmp_path: Path) -> None:
    read = written(tmp_path, choir())
    kinds = Counter(m.type for _, m in read.tracks["hiss"] if not m.is_meta)
    assert set(kinds) == {"control_change"}
    said = [m.text for _, m in read.tracks["hiss"] if m.type == "text"]
    assert said[0] == "hiss"
    assert "CC 74: cutoff 300..12000 Hz, log" in said


def test_no_controllers_unless_wanted(tmp_path: Path) -> None:
    read = written(tmp_path, choir(), controllers=False)
    assert "control_change" not in {m.type for track in read.file.tracks for m in track}
    assert [track.name for track in read.file.tracks[1:]] == ["choir", "hiss"]


def busiest(read: Read) -> int:
    most = 0
    ports: dict[int, list[float]] = {}
    for track in read.file.tracks:
        port = next((m.port for m in track if m.type == "midi_port"), 0)
        sent = [s for s, m in read.tracks[track.name] if not m.is_meta]
        ports.setdefault(port, []).extend(sent)
    for times in ports.values():
        at_s = np.sort(times)
        most = max(most, int((np.searchsorted(at_s, at_s + 1.0) - np.arange(len(at_s))).max()))
    return most


@pytest.mark.parametrize("mpe", ["off", "single", "split"])
def test_a_flood_is_held_to_300_messages_a_second(tmp_path: Path, mpe: str) -> None:
    flood = choir(gap_s=0.004, length_s=0.1)
    made = Piece(flood).midi(tmp_path / "a.mid", mpe=mpe)
    read = Read(tmp_path / "a.mid")
    assert busiest(read) == made.busiest
    assert 150 < made.busiest <= 300
    (part, _) = made.parts
    assert part.dropped > 500
    assert part.notes == len(read.notes())
    assert len(read.lane("arcs", 20, SECONDS)) == len(SECONDS)
    # What is left out is soft.
    (events,) = (e for name, e in Piece(flood).events(0.0, 99.0) if name == "choir")
    assert np.mean([n[3] for n in read.notes()]) > 1.3 * np.mean(
        127.0 * 10.0 ** (events["level_db"] / 40.0)
    )


@pytest.mark.parametrize("mpe", ["off", "single", "split"])
def test_a_flood_from_many_parts_is_held_too(tmp_path: Path, mpe: str) -> None:
    names = [f"p{i}" for i in range(12)]
    wild = Wave("triangle", 300.0, 12000.0, Time(0.9))
    values = {
        "gap_s": Number(0.008),
        "length_s": Number(0.05),
        "cutoff_hz": wild,
        "level_db": Wave("sine", -60, 0, Time(1)),
    }
    made = replace(
        choir(),
        parts=tuple(PartDef(name, Choir, settings=values) for name in names),
        scenes=(scene("one", [Stay(name) for name in names]),),
    )
    found = Piece(made).midi(tmp_path / "a.mid", mpe=mpe)
    read = Read(tmp_path / "a.mid")
    assert 120 < busiest(read) <= 300
    assert sum(part.dropped for part in found.parts) > 0
    for name in names:  # every lane comes out right, sooner or later
        assert read.lane(name, 11, np.array([99.0]))[0] == 0


def test_a_crowd_needs_more_ports_than_a_file_can_name(tmp_path: Path) -> None:
    made = choir(gap_s=0.002, length_s=9.0)
    (part, _) = Piece(made).midi(tmp_path / "a.mid", mpe="single", controllers=False).parts
    read = Read(tmp_path / "a.mid")
    assert part.dropped == 0
    assert len(read.file.tracks) > 2 + 4000 / 15
    assert max(m.port for t in read.file.tracks for m in t if m.type == "midi_port") == 127


def test_every_module_declares_what_it_has() -> None:
    from lullaby.modules import MODULES

    for name in MODULES:
        module = MODULES[name]
        moving = {p.name for p in module.params().values() if not p.each}
        assert module.midi.cc.keys() <= moving, name
        assert len(set(module.midi.cc.values())) == len(module.midi.cc), name
        assert module.midi.hands_on in {"", *module.fields()}, name


def test_a_mark_behind_the_end_is_left_out(tmp_path: Path) -> None:
    made = choir()
    short = replace(made, scenes=(replace(made.scenes[0], length=Time(1.0)),))
    read = written(tmp_path, short)
    assert [m.text for m in read.file.tracks[0] if m.type == "marker"] == ["first"]


def test_a_zone_that_begins_full_loses_nothing(tmp_path: Path) -> None:
    made = choir(gap_s=0.05, length_s=9.0)
    short = replace(made, scenes=(replace(made.scenes[0], length=Time(0.7), fade=Time(0.5)),))
    found = Piece(short).midi(tmp_path / "a.mid", mpe="single")
    assert found.parts[0].dropped == 0
    assert found.parts[0].notes > 15


def test_live_gets_a_note_as_long_as_the_piece(tmp_path: Path) -> None:
    read = written(tmp_path, choir(), span_note=True)
    ((on_s, off_s, _, velocity),) = read.notes("_span")
    assert (on_s, velocity) == (0.0, 1)
    assert off_s == pytest.approx(Piece(choir()).end_s, abs=0.001)


@pytest.mark.parametrize("mpe", ["off", "single", "split"])
def test_the_same_score_is_the_same_bytes(tmp_path: Path, mpe: str) -> None:
    for name in ("a", "b"):
        Piece(score()).midi(tmp_path / f"{name}.mid", mpe=mpe)
    Piece(score(4)).midi(tmp_path / "c.mid", mpe=mpe)
    a, b, c = ((tmp_path / f"{name}.mid").read_bytes() for name in "abc")
    assert a == b != c


def test_twenty_parts_share_no_channel(tmp_path: Path) -> None:
    names = [f"p{i}" for i in range(20)]
    made = replace(
        choir(),
        parts=tuple(PartDef(name, Choir) for name in names),
        scenes=(scene("one", [Stay(name) for name in names]),),
    )
    read = written(tmp_path, made)
    homes = set()
    for track in read.file.tracks[1:]:
        port = next((m.port for m in track if m.type == "midi_port"), 0)
        homes.add((port, *{m.channel for m in track if not m.is_meta}))
    assert len(homes) == 21
    assert all(len(home) == 2 and home[1] != 9 for home in homes)
    lanes = Counter(
        port
        for track in read.file.tracks[1:]
        for port in [next((m.port for m in track if m.type == "midi_port"), 0)]
        for _ in {m.control for m in track if m.type == "control_change"}
    )
    assert max(lanes.values()) <= 24


def test_a_harmony_at_rest_is_held_notes_without_gaps(tmp_path: Path) -> None:
    from lullaby.modules import MODULES

    made = Score(
        "Rest",
        (PartDef("chord", MODULES["harmony"], settings={"surrender": Number(1.0)}),),
        (scene("one", [Stay("chord")], 70.0),),
    )
    written_ = Piece(made).midi(tmp_path / "a.mid", mpe="single")
    notes = Read(tmp_path / "a.mid").notes()
    assert written_.parts[0].joined > 24 * 3
    assert len(notes) == 24
    assert all(n[0] == 0.0 and n[1] > 69.9 for n in notes)
    pitches = sorted({round(n[2], 2) for n in notes})
    assert [2 ** ((p - pitches[0]) / 12) for p in pitches] == pytest.approx(
        [1.0, 2.0, 3.0, 5.0, 8.0, 12.0], rel=0.0006
    )


def test_a_file_in_the_way_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(b"mine")
    with pytest.raises(UsageError, match="is already there"):
        Piece(choir()).midi(path)
    assert path.read_bytes() == b"mine"
    Piece(choir()).midi(path, overwrite=True)
    assert path.read_bytes()[:4] == b"MThd"
    assert [p.name for p in tmp_path.iterdir()] == ["a.mid"]


def test_a_failing_disk_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mid"
    path.write_bytes(b"mine")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mido.MidiFile, "save", full)
    with pytest.raises(OutputError, match="the disk is full"):
        Piece(choir()).midi(path, overwrite=True)
    assert path.read_bytes() == b"mine"
    assert [p.name for p in tmp_path.iterdir()] == ["a.mid"]


def test_no_such_form(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="mpe is one of off, single, split, not 'both'"):
        Piece(choir()).midi(tmp_path / "a.mid", mpe="both")
    with pytest.raises(UsageError, match="there is no folder"):
        Piece(choir()).midi(tmp_path / "no" / "a.mid")
    assert list(tmp_path.iterdir()) == []


def test_it_waits_for_no_compiler_and_no_driver(tmp_path: Path) -> None:
    code = (
        "import sys, lullaby\n"
        "lullaby.load('let_go').midi(sys.argv[1], mpe='single')\n"
        "slow = {'numba', 'llvmlite', 'scipy.signal', 'soundfile', 'rtmidi', 'sounddevice'}\n"
        "sys.exit(' '.join(slow & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.mid")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "a.mid").stat().st_size > 5000
