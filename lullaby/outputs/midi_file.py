"""A performance as a MIDI file for a DAW: no sound is made, and no MIDI driver is wanted.

SMF type 1, 960 ticks a quarter.  Track 0 has title, tempo, meter and markers; then the arcs; then a
track a part, or more where every voice bends for itself (MPE, RP-053).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mido import MetaMessage, MidiFile

from lullaby.errors import UsageError
from lullaby.model.context import ChannelDef
from lullaby.model.event import Events
from lullaby.model.performance import Performance, Run
from lullaby.outputs.leaders import Leaders
from lullaby.outputs.midi_budget import busiest, fitted, thinned
from lullaby.outputs.midi_controls import arc_controls, chosen, controls, refined
from lullaby.outputs.midi_form import Form as Form
from lullaby.outputs.midi_glides import RATE_HZ, Glide, Heard
from lullaby.outputs.midi_grid import Grid, Timed
from lullaby.outputs.midi_lanes import Lane
from lullaby.outputs.midi_notes import Found, Note, notes
from lullaby.outputs.midi_parts import Bending, laid
from lullaby.outputs.midi_signals import joined, signal_lanes
from lullaby.outputs.midi_tempo import Clocks, TempoMap
from lullaby.outputs.midi_tracks import (
    ARCS_CHANNEL,
    LANES,
    NAMES,
    SETUP,
    Places,
    Played,
    Row,
    Track,
    finished,
    readable,
)
from lullaby.outputs.whole import Part, told
from lullaby.units import MICRO

Table = Sequence[tuple[str, Events]]  # part, its events over all of the piece
LOOKED_AT_HZ = 5.0  # how often a pitch is looked at to say how far it glides, where none is bent


@dataclass(frozen=True)
class PartWritten:
    """What became of one part."""

    part: str
    notes: int
    joined: int  # cells that went on in a note already sounding
    lost: int  # notes lost in a louder one of the same key at the same tick
    dropped: int  # notes beyond the ceiling
    away_cents: float  # how far a note is from its pitch at most, where it begins
    hidden: int = 0  # softer notes of a module that shows only so many
    glides_cents: float = 0.0  # how far pitches go from keys that do not follow them
    beyond_cents: float = 0.0  # how far they go past what bends reach
    tracks: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class Arranged:
    """A piece as tracks, before it is any file."""

    title: str
    grid: Grid
    end_s: float
    tracks: list[Track]
    markers: list[tuple[float, str]]  # seconds of the piece, in order
    parts: tuple[PartWritten, ...]
    controls: int


def arranged(
    performance: Performance,
    events: Table,
    clocks: Clocks,
    numbers: Mapping[str, int | None],
    form: Form,
) -> Arranged:
    """Return the tracks of a piece, all within the ceiling; ``numbers``: controllers of the arcs.

    Raises UsageError where ``form`` names a controller that nothing has.
    """
    ends_us = max([performance.length_us, *(run.end_us for run in performance.runs)])
    end_s = ends_us / MICRO
    grid = Grid(TempoMap(clocks, ends_us), form.ppq)
    tracks, parts = laid_out(performance, dict(events), numbers, form, grid, end_s)
    _check_chosen(tracks, form)
    bins = int(end_s) + 2
    dropped, sent = Counter[str](), 0
    if form.limited:
        dropped = fitted(tracks, grid, bins)
        moments_s = sorted({span.start_us / MICRO for span in performance.scenes})
        sent = thinned(tracks, grid, moments_s, bins)
    if form.spans:
        tracks.append(_span(grid.tick(end_s)))
    sounding = Counter(track.part for track in tracks for _ in track.played)
    told_of = tuple(
        replace(part, notes=sounding[part.part], dropped=dropped[part.part]) for part in parts
    )
    markers = _markers(performance, end_s)
    return Arranged(performance.title, grid, end_s, tracks, markers, told_of, sent)


def begun(path: Path, made: Arranged, form: Form) -> tuple[Part, Written]:
    """Write the file under its provisional name, and say what stands in it.

    Raises OutputError where a disk fails; then nothing is left.
    """
    file, busy = _file(made, form)
    part = Part(path)
    try:
        with told(path), part.path.open("wb") as opened:
            file.save(file=opened)
        part.sync()
    except BaseException:
        part.discard()
        raise
    tracks = len(file.tracks)
    return part, Written(path, tracks, made.end_s, made.controls, busy, made.parts)


def begun_tempo(path: Path, made: Arranged, form: Form) -> Part:
    """Write tempo, meters and markers alone, under a provisional name."""
    return begun(path, replace(made, tracks=[]), form)[0]


def _file(made: Arranged, form: Form) -> tuple[MidiFile, int]:
    grid = made.grid
    rows = [(track, track.rows(grid, form.charset)) for track in made.tracks]
    end_tick = max([grid.tick(made.end_s), *(r[-1][0] for _, r in rows if r)])
    file = MidiFile(type=1, ticks_per_beat=grid.ppq, charset=form.charset)
    title = readable(made.title, form.charset)
    file.tracks.append(finished(title, 0, _timing(made, form), end_tick, grid))
    for track, row in rows:
        port = track.port if form.daw.ports else 0
        name = readable(track.name, form.charset)
        file.tracks.append(finished(name, port, row, end_tick, grid))
    return file, busiest([(track.port, row) for track, row in rows], grid)


def laid_out(
    performance: Performance,
    events: Mapping[str, Events],
    numbers: Mapping[str, int | None],
    form: Form,
    tempo: Timed,
    end_s: float,
    lanes_a_port: int = LANES,
) -> tuple[list[Track], list[PartWritten]]:
    """Return the tracks with their notes and curves, and of each part what the keys could not say.

    ``lanes_a_port``: how many controllers share a port.  What is beyond the ceiling is still there.
    """
    grid = tempo if isinstance(tempo, Grid) else Grid(tempo, form.ppq)
    tracks: list[Track] = []
    parts: list[PartWritten] = []
    own = arc_controls(performance.arcs, numbers, end_s)
    arcs = _lanes(joined(own, signal_lanes(performance, "", end_s)), form)
    if arcs:
        tracks.append(Track("arcs", channel=ARCS_CHANNEL, lanes=arcs))
    said = performance.channels
    kept = {one.channel - 1 for one in said.values() if one.channel is not None}
    kept = kept if form.mpe == "off" else set()
    places = Places(sum(track.least for track in tracks), lanes_a_port, kept)
    present = Leaders(performance, events)
    for name in performance.parts:
        shown = said.get(name, ChannelDef())
        if not shown.shown:
            continue
        runs = sorted((r for r in performance.runs if r.part == name), key=lambda r: r.start_us)
        midi = type(runs[0].settings).midi
        found, bending = Found([]), Bending(form.mpe, form.bend_range)
        glides: dict[int, Glide] = {}
        bends = form.mpe != "off" and midi.pitch == "bend"
        if midi.notes and name in events:
            gliding = bends and form.glides
            found = notes(events[name], runs, grid, end_s, gliding=gliding)
            if midi.glides:
                rate_hz = RATE_HZ if gliding else LOOKED_AT_HZ
                glides = _glides(events[name], runs, found, grid, rate_hz)
            bending = replace(bending, glides=glides if gliding else {})
        data = signal_lanes(performance, name, end_s)
        lanes = _lanes(joined(controls(runs, end_s, present), data), form)
        made = laid(name, midi, found.notes, lanes, grid, places, bending, shown)
        if midi.text:
            made.tracks[0].texts.insert(0, midi.text)
        tracks += made.tracks
        unsaid = {} if bending.glides else glides
        parts.append(
            PartWritten(
                name,
                sum(len(track.played) for track in made.tracks),
                found.joined,
                made.lost,
                0,
                made.away_cents,
                found.hidden,
                max((glide.widest for glide in unsaid.values()), default=0.0),
                max(made.beyond_cents, 0.0),
                tuple(track.name for track in made.tracks),
            )
        )
    for track in tracks:
        track.texts += [_says(lane) for lane in track.lanes]
    return tracks, parts


def _says(lane: Lane) -> str:
    number = f"{lane.cc} and {lane.cc + 32}" if lane.fine else f"{lane.cc}"
    return f"CC {number}: {lane.says}"


def _lanes(lanes: list[Lane], form: Form) -> list[Lane]:
    kept = chosen(lanes, form.controllers)
    return refined(kept) if form.fine else kept


def _glides(
    events: Events, runs: Sequence[Run], found: Found, grid: Grid, rate_hz: float
) -> dict[int, Glide]:
    heard = Heard(events, runs)
    ons = grid.seconds([note.on for note in found.notes])
    offs = grid.seconds([note.off for note in found.notes])
    return {
        i: heard.glide(note.cells, note.number, float(on_s), float(off_s), rate_hz)
        for i, (note, on_s, off_s) in enumerate(zip(found.notes, ons, offs, strict=True))
    }


def _check_chosen(tracks: Sequence[Track], form: Form) -> None:
    if isinstance(form.controllers, bool):
        return
    known = {name for track in tracks for lane in track.lanes for name in (str(lane.cc), lane.name)}
    missing = sorted(form.controllers - known)
    if missing:
        raise UsageError(f"no part or arc has a controller {missing[0]!r}")


def _markers(performance: Performance, end_s: float) -> list[tuple[float, str]]:
    named = [(span.start_us, span.name) for span in performance.scenes]
    named += [(mark.at_us, mark.name) for mark in performance.marks]
    kept = [(at_us / MICRO, name) for at_us, name in named if at_us <= end_s * MICRO]
    return sorted(kept, key=lambda marker: marker[0])


def _timing(made: Arranged, form: Form) -> list[Row]:
    rows: list[Row] = []
    for meter in made.grid.tempo.meters:
        sign = {"numerator": meter.numerator, "denominator": meter.denominator}
        rows.append((meter.tick, NAMES, MetaMessage("time_signature", **sign)))
    for change in made.grid.tempo.tempi:
        rows.append((change.tick, NAMES, MetaMessage("set_tempo", tempo=change.quarter_us)))
    kinds = {"markers": ("marker",), "cues": ("cue_marker",), "both": ("marker", "cue_marker")}
    for at_s, name in made.markers:
        for kind in kinds.get(form.markers, ()):
            marker = MetaMessage(kind, text=readable(name, form.charset))
            rows.append((made.grid.tick(at_s), SETUP, marker))
    return sorted(rows, key=lambda row: row[:2])


def _span(end_tick: int) -> Track:
    track = Track("_span", channel=ARCS_CHANNEL)
    track.played = [Played(Note(0, end_tick, 0.0, 1), ARCS_CHANNEL)]
    return track
