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
from lullaby.outputs.midi_file import Form, Table, laid_out
from lullaby.outputs.midi_tempo import Clocks, TempoMap
from lullaby.outputs.midi_tracks import LANES, Track
from lullaby.outputs.midi_tracks import SETUP as FIRST
from lullaby.units import MICRO

REALTIME, OFF, ON, BEND, CONTROL, SETUP = range(6)
GONE = -1  # a bend that went to its note
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
    """A controller or the bend of a channel as what was sent of it, by time."""

    port: int
    rank: int
    at_s: Floats
    messages: tuple[bytes, ...]


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
        before = self.first(position_s)
        sounding = np.flatnonzero(self.offs_s[:before] > position_s + SOUNDS_ON_S)
        made = [Due(position_s, ON, *self.rows[int(i)][2:]) for i in sounding]
        for lane in self.steps:
            last = int(np.searchsorted(lane.at_s, position_s, side="left")) - 1
            if last >= 0:
                made.append(Due(position_s, lane.rank, lane.port, (lane.messages[last],)))
        # Controllers before the notes they shape; a bend after, as it may have moved since.
        return sorted(made, key=lambda due: (CONTROL, ON, BEND).index(due.rank))


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
    setup, names = [], []
    channels: list[set[int]] = [set() for _ in renumbered]
    for track in tracks:
        port = renumbered[track.port]
        names.append((track.part or track.name, port, track.channel))
        channels[port].add(track.channel)
        sent = [row for row in track.rows(tempo) if not row[2].is_meta]
        times_s = tempo.seconds([tick for tick, _, _ in sent]).tolist()
        timed = []
        for at_s, (_, order, message) in zip(times_s, sent, strict=True):
            said = bytes(message.bytes())
            channels[port].add(said[0] & 0x0F)
            if order == FIRST:
                setup.append(Due(0.0, SETUP, port, (said,)))
            else:
                timed.append((at_s, said))
        found += _paired(timed, port)
    found.sort(key=lambda one: one[0][:2])
    rows = tuple(row for row, _ in found)
    return Stream(
        title,
        tempo,
        end_s,
        rows,
        np.array([row.at_s for row in rows]),
        np.array([off_s for _, off_s in found]),
        _steps(rows),
        tuple(setup),
        tuple(frozenset(one) for one in channels),
        tuple(names),
        dict(dropped),
    )


def _paired(timed: Sequence[tuple[float, bytes]], port: int) -> list[tuple[Due, float]]:
    # Of one track, in the file's order: with each note-on its bend, and when the note ends.
    made: list[tuple[Due, float]] = []
    sounding: dict[bytes, int] = {}  # channel and key -> where its note-on is
    bends: dict[int, int] = {}  # channel -> where its last bend is
    for at_s, said in timed:
        status, channel = said[0] & 0xF0, said[0] & 0x0F
        rank = {0x80: OFF, 0x90: ON, 0xE0: BEND}.get(status, CONTROL)
        key = bytes((channel, said[1]))
        messages: tuple[bytes, ...] = (said,)
        if rank == ON:
            last = bends.get(channel)
            if last is not None and made[last][0].at_s == at_s and made[last][0].rank == BEND:
                messages = (*made[last][0].messages, said)
                made[last] = (made[last][0]._replace(rank=GONE), -np.inf)
            sounding[key] = len(made)
        elif rank == OFF and key in sounding:
            begun = sounding.pop(key)
            made[begun] = (made[begun][0], at_s)
        elif rank == BEND:
            bends[channel] = len(made)
        made.append((Due(at_s, rank, port, messages), -np.inf))
    return [one for one in made if one[0].rank != GONE]


def _steps(rows: Sequence[Due]) -> tuple[Steps, ...]:
    lanes: dict[tuple[int, bytes], list[tuple[float, bytes]]] = {}
    for row in rows:
        for said in row.messages:
            if said[0] & 0xF0 == 0xB0:
                lanes.setdefault((row.port, said[:2]), []).append((row.at_s, said))
            elif said[0] & 0xF0 == 0xE0:
                lanes.setdefault((row.port, said[:1]), []).append((row.at_s, said))
    return tuple(
        Steps(
            port,
            CONTROL if len(key) == 2 else BEND,
            np.array([at_s for at_s, _ in sent]),
            tuple(said for _, said in sent),
        )
        for (port, key), sent in lanes.items()
    )


def control(channel: int, cc: int, value: int) -> bytes:
    """Return a control change."""
    return bytes((0xB0 | channel, cc, value))


def bend(channel: int, amount: int) -> bytes:
    """Return a pitch bend, -8192..8191."""
    whole = amount + 8192
    return bytes((0xE0 | channel, whole & 0x7F, whole >> 7))
