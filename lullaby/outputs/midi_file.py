"""A performance as a MIDI file for a DAW: no sound is made, and no MIDI driver is wanted.

SMF type 1, 960 ticks a quarter.  Track 0 has title, tempo, meter and markers; then the arcs; then a
track a part, or more where every voice bends for itself (MPE, RP-053).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mido import MetaMessage, MidiFile

from lullaby.errors import UsageError
from lullaby.model.event import Events
from lullaby.model.performance import Performance
from lullaby.model.score import Clock
from lullaby.outputs.midi_budget import busiest, fitted, thinned
from lullaby.outputs.midi_controls import arc_controls, controls
from lullaby.outputs.midi_notes import Note, notes
from lullaby.outputs.midi_parts import laid
from lullaby.outputs.midi_tempo import TICKS, TempoMap
from lullaby.outputs.midi_tracks import (
    ARCS_CHANNEL,
    LANES,
    NAMES,
    SETUP,
    Places,
    Played,
    Row,
    Track,
    ascii_text,
    finished,
)
from lullaby.outputs.whole import Part, check_target, commit, told
from lullaby.units import MICRO

MPE = ("off", "single", "split")
Table = Sequence[tuple[str, Events]]  # part, its events over all of the piece
Clocks = Sequence[tuple[int, Clock]]  # microseconds at which each begins


@dataclass(frozen=True)
class Form:
    """How a file is laid out."""

    mpe: str = "off"  # "single": a zone a part; "split": a track a voice; "off": nearest keys
    controllers: bool = True
    span_note: bool = False  # a silent note as long as the piece: Live takes tempo only with one


@dataclass(frozen=True)
class PartWritten:
    """What became of one part."""

    part: str
    notes: int
    joined: int  # cells that went on in a note already sounding
    lost: int  # notes lost in a louder one of the same key at the same tick
    dropped: int  # notes beyond the ceiling
    away_cents: float  # how far a note is from its pitch at most


@dataclass(frozen=True)
class Written:
    """What stands in a file."""

    path: Path
    tracks: int
    length_s: float
    controls: int  # control changes of curves
    busiest: int  # messages in the busiest second of the busiest port
    parts: tuple[PartWritten, ...]

    @property
    def notes(self) -> int:
        """Return how many notes there are."""
        return sum(part.notes for part in self.parts)


def write(
    path: Path,
    performance: Performance,
    events: Table,
    clocks: Clocks,
    numbers: Mapping[str, int | None],
    form: Form,
) -> Written:
    """Write the file, whole or not at all.

    ``numbers``: the controllers of the arcs.  Raises UsageError for a place where no file can be,
    OutputError where a disk fails.
    """
    if form.mpe not in MPE:
        raise UsageError(f"mpe is one of {', '.join(MPE)}, not {form.mpe!r}")
    check_target(path)
    ends_us = max([performance.length_us, *(run.end_us for run in performance.runs)])
    tempo = TempoMap(clocks, ends_us)
    made, written = _made(path, performance, dict(events), numbers, form, tempo, ends_us / MICRO)
    part = Part(path)
    try:
        with told(path), part.path.open("wb") as file:
            made.save(file=file)
        part.sync()
        commit([part])
    except BaseException:
        part.discard()
        raise
    return written


def _made(
    path: Path,
    performance: Performance,
    events: Mapping[str, Events],
    numbers: Mapping[str, int | None],
    form: Form,
    tempo: TempoMap,
    end_s: float,
) -> tuple[MidiFile, Written]:
    tracks, parts = laid_out(performance, events, numbers, form, tempo, end_s)
    bins = int(end_s) + 2
    dropped = fitted(tracks, tempo, bins)
    moments_s = sorted({span.start_us / MICRO for span in performance.scenes})
    sent = thinned(tracks, tempo, moments_s, bins)
    if form.span_note:
        tracks.append(_span(tempo.tick(end_s)))
    rows = [(track, track.rows(tempo)) for track in tracks]
    end_tick = max([tempo.tick(end_s), *(r[-1][0] for _, r in rows if r)])
    file = MidiFile(type=1, ticks_per_beat=TICKS)
    timing = _timing(performance, tempo, end_s)
    file.tracks.append(finished(performance.title, 0, timing, end_tick))
    file.tracks += [finished(track.name, track.port, row, end_tick) for track, row in rows]
    sounding = Counter(track.part for track in tracks for _ in track.played)
    told_of = tuple(
        PartWritten(name, sounding[name], joined, lost, dropped[name], away_cents)
        for name, joined, lost, away_cents in parts
    )
    most = busiest([(track.port, row) for track, row in rows], tempo)
    return file, Written(path, len(file.tracks), end_s, sent, most, told_of)


def laid_out(
    performance: Performance,
    events: Mapping[str, Events],
    numbers: Mapping[str, int | None],
    form: Form,
    tempo: TempoMap,
    end_s: float,
    lanes_a_port: int = LANES,
) -> tuple[list[Track], list[tuple[str, int, int, float]]]:
    """Return the tracks with their notes and curves, and of each part what the keys could not say.

    Of a part: its name, cells joined, notes lost, and how many cents a note is off at most.
    """
    tracks, parts = [], []
    if form.controllers and performance.arcs:
        arcs = Track("arcs", channel=ARCS_CHANNEL)
        arcs.lanes = arc_controls(performance.arcs, numbers, end_s)
        tracks.append(arcs)
    places = Places(sum(len(track.lanes) for track in tracks), lanes_a_port)
    for name in performance.parts:
        runs = sorted((r for r in performance.runs if r.part == name), key=lambda r: r.start_us)
        midi = type(runs[0].settings).midi
        found: list[Note] = []
        joined = 0
        if midi.notes and name in events:
            found, joined = notes(events[name], runs, tempo, end_s)
        lanes = controls(runs, end_s) if form.controllers else []
        made = laid(name, midi, found, lanes, tempo, places, form.mpe)
        if midi.text:
            made.tracks[0].texts.insert(0, midi.text)
        tracks += made.tracks
        parts.append((name, joined, made.lost, made.away_cents))
    for track in tracks:
        track.texts += [f"CC {lane.cc}: {lane.says}" for lane in track.lanes]
    return tracks, parts


def _timing(performance: Performance, tempo: TempoMap, end_s: float) -> list[Row]:
    rows: list[Row] = []
    for meter in tempo.meters:
        sign = {"numerator": meter.numerator, "denominator": meter.denominator}
        rows.append((meter.tick, NAMES, MetaMessage("time_signature", **sign)))
    for change in tempo.tempi:
        rows.append((change.tick, NAMES, MetaMessage("set_tempo", tempo=change.quarter_us)))
    named = [(span.start_us, span.name) for span in performance.scenes]
    named += [(mark.at_us, mark.name) for mark in performance.marks]
    for at_us, name in named:
        if at_us > end_s * MICRO:
            continue
        marker = MetaMessage("marker", text=ascii_text(name))
        rows.append((tempo.tick(at_us / MICRO), SETUP, marker))
    return sorted(rows, key=lambda row: row[:2])


def _span(end_tick: int) -> Track:
    track = Track("_span", channel=ARCS_CHANNEL)
    track.played = [Played(Note(0, end_tick, 0.0, 1), ARCS_CHANNEL)]
    return track
