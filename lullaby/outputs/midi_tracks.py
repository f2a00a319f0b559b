"""Tracks of a MIDI file while they grow, and their messages in a fixed order within a tick."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np
from mido import Message, MetaMessage, MidiTrack

from lullaby.model.context import ChannelDef
from lullaby.outputs.midi_glides import Glide
from lullaby.outputs.midi_grid import Grid, Timed
from lullaby.outputs.midi_lanes import Lane, Points
from lullaby.outputs.midi_notes import Note

NAMES, SETUP, OFF, CONTROL, BEND, ON = range(6)  # the order within a tick
ORDINARY = (*range(9), *range(10, 15))  # channels for parts: not the drums', not the arcs'
ARCS_CHANNEL = 15
LANES = 24  # controllers of a port, so that each gets one message a second beside many notes

Row = tuple[int, int, Message | MetaMessage]  # tick, order


@dataclass(frozen=True)
class Played:
    """A note on its channel, with the bend that goes before it."""

    note: Note
    channel: int
    bend: int | None = None  # -8192..8191
    glide: Glide | None = None  # how it moves after that

    @property
    def cost(self) -> int:
        """Return how many messages begin it."""
        return 1 if self.bend is None else 2


@dataclass
class Track:
    """One track: the port it is for, what it says first, its notes and its controllers."""

    name: str
    part: str = ""
    port: int = 0
    channel: int = 0  # of its controllers
    texts: list[str] = field(default_factory=list)
    setup: list[Message] = field(default_factory=list)
    played: list[Played] = field(default_factory=list)
    lanes: list[Lane] = field(default_factory=list)
    points: list[Points] = field(default_factory=list)  # one a lane, once thinned
    bends: list[tuple[int, Points]] = field(default_factory=list)  # of glides, once thinned
    semitones: int = 2  # the range of its bends

    @property
    def least(self) -> int:
        """Return how many messages a second its curves take at least."""
        gliding = {one.channel for one in self.played if one.glide and len(one.glide.at_s) > 1}
        return sum(lane.cost for lane in self.lanes) + len(gliding)

    def gliding(self) -> list[tuple[int, Points]]:
        """Return the bends that come while notes sound, by channel."""
        by_channel: dict[int, list[Glide]] = {}
        for one in sorted(self.played, key=lambda one: one.note.on):
            if one.glide is not None and len(one.glide.at_s) > 1:
                by_channel.setdefault(one.channel, []).append(one.glide)
        made = []
        for channel, glides in sorted(by_channel.items()):
            # What a note begins with goes before it, and is none of these.
            at_s = np.concatenate([glide.at_s[1:] for glide in glides])
            cents = np.concatenate([glide.cents[1:] for glide in glides])
            value = np.rint(8192 * cents / (100 * self.semitones)).astype(np.int64)
            made.append((channel, Points(at_s, np.clip(value, -8192, 8191))))
        return made

    def rows(self, tempo: Timed, charset: str = "ascii") -> list[Row]:
        """Return all messages in order."""
        made: list[Row] = [
            (0, NAMES, MetaMessage("text", text=readable(text, charset))) for text in self.texts
        ]
        made += [(0, SETUP, message) for message in self.setup]
        for one in self.played:
            made += _note(one, charset)
        for lane, points in zip(self.lanes, self.points, strict=False):
            for tick, value in zip(tempo.ticks(points.at_s), points.value, strict=True):
                for number, part in pair(lane, int(value)):
                    made.append((int(tick), CONTROL, change(self.channel, number, part)))
        for channel, points in self.bends:
            for tick, value in zip(tempo.ticks(points.at_s), points.value, strict=True):
                bend = Message("pitchwheel", True, channel=channel, pitch=int(value))
                made.append((int(tick), BEND, bend))
        return sorted(made, key=lambda row: row[:2])


def pair(lane: Lane, value: int) -> list[tuple[int, int]]:
    """Return the controllers that say a value, each with its own; the coarse one first."""
    if not lane.fine:
        return [(lane.cc, value)]
    return [(lane.cc, value >> 7), (lane.cc + 32, value & 127)]


def _note(one: Played, charset: str) -> Iterator[Row]:
    note, channel = one.note, one.channel
    if note.word:
        yield note.on, NAMES, MetaMessage("lyrics", text=readable(note.word, charset))
    if note.peak is not None:
        yield note.peak, NAMES, MetaMessage("text", text=f"peak of {note.number}")
    if one.bend is not None:
        yield note.on, BEND, Message("pitchwheel", channel=channel, pitch=one.bend)
    on = {"channel": channel, "note": note.number, "velocity": note.velocity}
    yield note.on, ON, Message("note_on", **on)
    yield note.off, OFF, Message("note_off", channel=channel, note=note.number, velocity=64)


def finished(name: str, port: int, rows: list[Row], end_tick: int, grid: Grid) -> MidiTrack:
    """Return a track with its name first (as it is to be) and its end at the end of the piece."""
    made = MidiTrack([MetaMessage("track_name", name=name)])
    if 0 < port < 128:
        made.append(MetaMessage("midi_port", port=port))
    now = 0
    for tick, _, message in rows:
        at = grid.written(tick)
        message.time = at - now
        made.append(message)
        now = at
    made.append(MetaMessage("end_of_track", time=grid.written(end_tick) - now))
    return made


class Places:
    """Hands out ports and channels: ordinary ones side by side, a whole port for a zone.

    ``lanes``: how many controllers are on the first port already; ``most``: how many it takes;
    ``kept``: channels of the first port that others have.
    """

    def __init__(self, lanes: int = 0, most: int = LANES, kept: Collection[int] = ()) -> None:
        self._ports, self._most = 1, most
        self._port, self._lanes = 0, lanes
        self._free = [channel for channel in ORDINARY if channel not in kept]

    def channel(self, lanes: int = 0) -> tuple[int, int]:
        """Return a port and a channel nobody else has, where so many more controllers fit."""
        full = self._lanes and self._lanes + lanes > self._most
        if not self._free or full:
            self._port, self._free, self._lanes = self.zone(), list(ORDINARY), 0
        self._lanes += lanes
        return self._port, self._free.pop(0)

    def zone(self) -> int:
        """Return a port nobody else has."""
        self._ports += 1
        return self._ports - 1


def change(channel: int, number: int, value: int) -> Message:
    """Return a control change of numbers that are in range."""
    return Message("control_change", True, channel=channel, control=number, value=value)


def program(channel: int, one: ChannelDef) -> list[Message]:
    """Return bank and program as a part names them (MIDI 1.0: bank first, both its bytes)."""
    made = []
    if one.bank is not None:
        made += [change(channel, 0, one.bank >> 7), change(channel, 32, one.bank & 127)]
    if one.program is not None:
        made.append(Message("program_change", channel=channel, program=one.program - 1))
    return made


def bend_range(channel: int, semitones: int) -> list[Message]:
    """Return RPN 0 set to whole semitones, then no RPN (MIDI 1.0, RP-018)."""
    pairs = ((101, 0), (100, 0), (6, semitones), (38, 0), (101, 127), (100, 127))
    return [change(channel, number, value) for number, value in pairs]


def zone_setup(members: int, semitones: int) -> list[Message]:
    """Return a lower zone: the MPE configuration message, then every channel's bend range."""
    made = [change(0, number, value) for number, value in ((101, 0), (100, 6), (6, members))]
    made += bend_range(0, 2)
    for channel in range(1, members + 1):
        made += bend_range(channel, semitones)
    return made


def bent(cents: float, semitones: int) -> int:
    """Return the 14-bit bend, -8192..8191, of an interval under a range; kept inside it."""
    return min(max(round(8192 * cents / (100 * semitones)), -8192), 8191)


def readable(text: str, charset: str) -> str:
    """Return text in "ascii", "latin-1" or "utf-8"; what steers a terminal is ``?``."""
    if charset == "ascii":
        return ascii_text(text)
    shown = "".join("?" if unicodedata.category(x).startswith("C") else x for x in text)
    return shown.encode(charset, "replace").decode(charset)


def ascii_text(text: str) -> str:
    """Return text every reader of MIDI files shows alike: accents dropped, the rest as ``?``."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" else "?" for letter in plain)
