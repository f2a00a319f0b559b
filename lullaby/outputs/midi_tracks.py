"""Tracks of a MIDI file while they grow, and their messages in a fixed order within a tick."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from mido import Message, MetaMessage, MidiTrack

from lullaby.outputs.midi_lanes import Lane, Points
from lullaby.outputs.midi_notes import Note
from lullaby.outputs.midi_tempo import TempoMap

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

    def rows(self, tempo: TempoMap) -> list[Row]:
        """Return all messages in order."""
        made: list[Row] = [
            (0, NAMES, MetaMessage("text", text=ascii_text(text))) for text in self.texts
        ]
        made += [(0, SETUP, message) for message in self.setup]
        for one in self.played:
            made += _note(one)
        for lane, points in zip(self.lanes, self.points, strict=False):
            for tick, value in zip(tempo.ticks(points.at_s), points.value, strict=True):
                made.append((int(tick), CONTROL, change(self.channel, lane.cc, int(value))))
        return sorted(made, key=lambda row: row[:2])


def _note(one: Played) -> Iterator[Row]:
    note, channel = one.note, one.channel
    if one.bend is not None:
        yield note.on, BEND, Message("pitchwheel", channel=channel, pitch=one.bend)
    on = {"channel": channel, "note": note.number, "velocity": note.velocity}
    yield note.on, ON, Message("note_on", **on)
    yield note.off, OFF, Message("note_off", channel=channel, note=note.number, velocity=64)


def finished(name: str, port: int, rows: list[Row], end_tick: int) -> MidiTrack:
    """Return a track with its name first and its end at the end of the piece."""
    made = MidiTrack([MetaMessage("track_name", name=ascii_text(name))])
    if 0 < port < 128:
        made.append(MetaMessage("midi_port", port=port))
    now = 0
    for tick, _, message in rows:
        made.append(message.copy(time=tick - now))
        now = tick
    made.append(MetaMessage("end_of_track", time=end_tick - now))
    return made


class Places:
    """Hands out ports and channels: ordinary ones side by side, a whole port for a zone.

    ``lanes``: how many controllers are on the first port already; ``most``: how many it takes.
    """

    def __init__(self, lanes: int = 0, most: int = LANES) -> None:
        self._ports, self._most = 1, most
        self._port, self._next, self._lanes = 0, 0, lanes

    def channel(self, lanes: int = 0) -> tuple[int, int]:
        """Return a port and a channel nobody else has, where so many more controllers fit."""
        full = self._lanes and self._lanes + lanes > self._most
        if self._next == len(ORDINARY) or full:
            self._port, self._next, self._lanes = self.zone(), 0, 0
        self._next += 1
        self._lanes += lanes
        return self._port, ORDINARY[self._next - 1]

    def zone(self) -> int:
        """Return a port nobody else has."""
        self._ports += 1
        return self._ports - 1


def change(channel: int, number: int, value: int) -> Message:
    """Return a control change."""
    return Message("control_change", channel=channel, control=number, value=value)


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


def ascii_text(text: str) -> str:
    """Return text every reader of MIDI files shows alike: accents dropped, the rest as ``?``."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "".join(letter if " " <= letter <= "~" else "?" for letter in plain)
