"""A performance as messages in time, for a port: the notes, curves and budget of the MIDI file.

What is due at one moment goes in the order realtime, note-off, note-on, bend, controllers; the bend
that a note begins with is part of its note-on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.performance import Performance
from lullaby.outputs.midi_budget import fitted, thinned
from lullaby.outputs.midi_file import Clocks, Form, Table, laid_out
from lullaby.outputs.midi_lanes import Counts
from lullaby.outputs.midi_tempo import TempoMap
from lullaby.outputs.midi_tracks import LANES, Played, Track
from lullaby.units import MICRO

REALTIME, OFF, ON, BEND, CONTROL, SETUP = range(6)
ALL_LANES = 1 << 30  # a port takes all controllers: the budget thins them
SOUNDS_ON_S = 0.02  # a note with less than this to go is not taken up again


class Due(NamedTuple):
    """Messages that go out together: when (s), their rank, port, and bytes."""

    at_s: float
    rank: int
    port: int
    messages: tuple[bytes, ...]


@dataclass(frozen=True)
class Steps:
    """A controller of a channel as the values it steps through."""

    port: int
    channel: int
    cc: int
    name: str  # of the arc or parameter; an arc's lane has no part
    part: str
    at_s: Floats
    value: Counts


@dataclass(frozen=True)
class Stream:
    """All messages of a piece by time, and what must be said to begin in the middle of it."""

    title: str
    tempo: TempoMap
    end_s: float
    rows: tuple[Due, ...] = field(repr=False)
    times_s: Floats = field(repr=False)  # of the rows
    offs_s: Floats = field(repr=False)  # of each row the end of its note; -inf for all else
    steps: tuple[Steps, ...] = field(repr=False)
    setup: tuple[Due, ...] = field(repr=False)
    channels: tuple[frozenset[int], ...] = ()  # used, of each port
    names: tuple[tuple[str, int, int], ...] = ()  # part, port, channel
    dropped: Mapping[str, int] = field(default_factory=dict)  # notes beyond the ceiling, by part

    @property
    def ports(self) -> int:
        """Return how many ports it wants."""
        return len(self.channels)

    def first(self, position_s: float) -> int:
        """Return the first row at a position or after it."""
        return int(np.searchsorted(self.times_s, position_s, side="left"))

    def chased(self, position_s: float) -> list[Due]:
        """Return what puts a receiver where it would be had it heard all before a position."""
        made = []
        for lane in self.steps:
            last = int(np.searchsorted(lane.at_s, position_s, side="left")) - 1
            if last >= 0:
                message = control(lane.channel, lane.cc, int(lane.value[last]))
                made.append(Due(position_s, CONTROL, lane.port, (message,)))
        before = self.first(position_s)
        for i in np.flatnonzero(self.offs_s[:before] > position_s + SOUNDS_ON_S):
            row = self.rows[int(i)]
            made.append(Due(position_s, ON, row.port, row.messages))
        return made


def stream(
    performance: Performance,
    events: Table,
    clocks: Clocks,
    numbers: Mapping[str, int | None],
    form: Form,
) -> Stream:
    """Return the messages of a performance; the arguments are those of a MIDI file.

    All parts share one port, up to the fifteenth; with ``mpe`` each zone has a port of its own.
    """
    ends_us = max([performance.length_us, *(run.end_us for run in performance.runs)])
    end_s = ends_us / MICRO
    tempo = TempoMap(clocks, ends_us)
    lanes = ALL_LANES if form.mpe == "off" else LANES
    tracks, _ = laid_out(performance, dict(events), numbers, form, tempo, end_s, lanes)
    bins = int(end_s) + 2
    dropped = fitted(tracks, tempo, bins)
    thinned(tracks, tempo, sorted({s.start_us / MICRO for s in performance.scenes}), bins)
    return _made(performance.title, tempo, end_s, tracks, dropped)


def _made(
    title: str, tempo: TempoMap, end_s: float, tracks: Sequence[Track], dropped: Counter[str]
) -> Stream:
    renumbered = {port: i for i, port in enumerate(sorted({t.port for t in tracks}))}
    found: list[tuple[Due, float]] = []
    steps, setup, names = [], [], []
    channels: list[set[int]] = [set() for _ in renumbered]
    for track in tracks:
        port = renumbered[track.port]
        found += _notes(track.played, port, tempo)
        channels[port] |= {track.channel, *(one.channel for one in track.played)}
        channels[port] |= {m.channel for m in track.setup}
        setup += [Due(0.0, SETUP, port, (bytes(m.bytes()),)) for m in track.setup]
        names.append((track.part or track.name, port, track.channel))
        for lane, points in zip(track.lanes, track.points, strict=False):
            here = Steps(
                port, track.channel, lane.cc, lane.name, track.part, points.at_s, points.value
            )
            steps.append(here)
            for at_s, value in zip(points.at_s, points.value, strict=True):
                message = control(track.channel, lane.cc, int(value))
                found.append((Due(float(at_s), CONTROL, port, (message,)), -np.inf))
    found.sort(key=lambda one: one[0][:2])
    rows = tuple(row for row, _ in found)
    return Stream(
        title,
        tempo,
        end_s,
        rows,
        np.array([row.at_s for row in rows]),
        np.array([off_s for _, off_s in found]),
        tuple(steps),
        tuple(setup),
        tuple(frozenset(one) for one in channels),
        tuple(names),
        dict(dropped),
    )


def _notes(played: Sequence[Played], port: int, tempo: TempoMap) -> list[tuple[Due, float]]:
    ons_s = tempo.seconds([one.note.on for one in played])
    offs_s = tempo.seconds([one.note.off for one in played])
    made: list[tuple[Due, float]] = []
    for one, on_s, off_s in zip(played, ons_s.tolist(), offs_s.tolist(), strict=True):
        note, channel = one.note, one.channel
        begin = [bytes((0x90 | channel, note.number, note.velocity))]
        if one.bend is not None:
            begin.insert(0, bend(channel, one.bend))
        end = bytes((0x80 | channel, note.number, 64))
        made.append((Due(on_s, ON, port, tuple(begin)), off_s))
        made.append((Due(off_s, OFF, port, (end,)), -np.inf))
    return made


def control(channel: int, cc: int, value: int) -> bytes:
    """Return a control change."""
    return bytes((0xB0 | channel, cc, value))


def bend(channel: int, amount: int) -> bytes:
    """Return a pitch bend, -8192..8191."""
    whole = amount + 8192
    return bytes((0xE0 | channel, whole & 0x7F, whole >> 7))
