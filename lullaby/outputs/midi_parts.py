"""One part as tracks: a channel of nearest keys, an MPE zone, or a track a voice."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from lullaby.model.context import ChannelDef
from lullaby.model.module import Midi
from lullaby.outputs.midi_glides import Glide
from lullaby.outputs.midi_grid import Timed
from lullaby.outputs.midi_lanes import Lane
from lullaby.outputs.midi_notes import Note, keyed
from lullaby.outputs.midi_tracks import (
    Places,
    Played,
    Track,
    bend_range,
    bent,
    program,
    zone_setup,
)
from lullaby.outputs.midi_voices import MEMBERS, voices

ZONE_SEMITONES = 48  # the range MPE synths start with
RANGES = (2, 12, 24, 48)  # semitones; the range all others start with, and wider ones


@dataclass(frozen=True)
class Laid:
    """The tracks of a part, and what the keys could not say."""

    tracks: list[Track]
    lost: int = 0
    away_cents: float = 0.0
    beyond_cents: float = 0.0  # how far glides go past the range of the bends


@dataclass(frozen=True)
class Bending:
    """How a part bends: its layout, its range (None: what fits) and the glides of its notes."""

    mpe: str = "off"
    semitones: int | None = None
    glides: Mapping[int, Glide] = field(default_factory=dict)  # by place in the list of notes

    def range_semitones(self, found: Sequence[Note]) -> int:
        """Return the range: that asked for, an MPE zone's own, or the least that holds all."""
        if self.semitones is not None:
            return self.semitones
        if self.mpe == "single":
            return ZONE_SEMITONES
        widest = max([abs(note.away_cents) for note in found] or [0.0])
        widest = max([widest, *(glide.widest for glide in self.glides.values())])
        return next((r for r in RANGES if 100.0 * r >= widest), RANGES[-1])


def laid(
    part: str,
    midi: Midi,
    found: Sequence[Note],
    lanes: list[Lane],
    tempo: Timed,
    places: Places,
    bending: Bending,
    own: ChannelDef,
) -> Laid:
    """Return the tracks of a part; the first has its controllers (``lanes``).

    ``own``: the program of all its channels, and where nothing bends its channel of the first port.
    """
    if bending.mpe == "off" or midi.pitch != "bend" or not found:
        if bending.mpe == "off" and own.channel is not None:
            port, channel = 0, own.channel - 1
        else:
            port, channel = places.channel(sum(lane.cost for lane in lanes))
        kept, lost = keyed(found)
        away = max((abs(note.away_cents) for note in kept), default=0.0)
        track = Track(part, part, port, channel, lanes=lanes, setup=program(channel, own))
        track.played = [Played(note, channel) for note in kept]
        return Laid([track], lost, away)
    given = voices(found, tempo)
    semitones = bending.range_semitones(found)
    if bending.mpe == "single":
        tracks = _zones(part, given, lanes, places, semitones)
        homes = [divmod(voice, MEMBERS) for voice in given]
        where = [(tracks[zone], 1 + member) for zone, member in homes]
    else:
        tracks = _split(part, given, lanes, places, semitones, bool(bending.glides))
        where = [(tracks[voice], tracks[voice].channel) for voice in given]
    for track in tracks:
        track.setup += program(track.channel, own)
    beyond = 0.0
    for i, (note, (track, channel)) in enumerate(zip(found, where, strict=True)):
        glide = bending.glides.get(i)
        if glide is None:
            track.played.append(Played(note, channel, bent(note.away_cents, semitones)))
            continue
        near, reached = within_reach(note, glide, semitones)
        beyond = max(beyond, reached.widest - 100.0 * semitones)
        first = bent(float(reached.cents[0]), semitones)
        track.played.append(Played(near, channel, first, reached))
    return Laid(tracks, beyond_cents=beyond)


def within_reach(note: Note, glide: Glide, semitones: int) -> tuple[Note, Glide]:
    """Return a note on the key nearest to its own from which bends reach all of its glide.

    Where no key does, the one in the middle.
    """
    low, high = float(glide.cents.min()), float(glide.cents.max())
    reach = 100.0 * semitones
    shift = 0
    if high - low > 2.0 * reach:
        shift = round((low + high) / 200.0)
    elif -low > reach:
        shift = math.floor((low + reach) / 100.0)
    elif high > reach:
        shift = math.ceil((high - reach) / 100.0)
    key = min(max(note.number + shift, 0), 127)
    moved = key - note.number
    if not moved:
        return note, glide
    return replace(note, pitch=float(key)), Glide(glide.at_s, glide.cents - 100.0 * moved)


def _zones(
    part: str, given: list[int], lanes: list[Lane], places: Places, semitones: int
) -> list[Track]:
    tracks: list[Track] = []
    for i in range(max(given) // MEMBERS + 1):
        own = [] if i else lanes
        track = Track(_numbered(part, i), part, places.zone(), 0, lanes=own, semitones=semitones)
        track.setup = zone_setup(MEMBERS, semitones)
        track.texts = [f"MPE lower zone, bend range {semitones} semitones"]
        tracks.append(track)
    return tracks


def _split(
    part: str,
    given: list[int],
    lanes: list[Lane],
    places: Places,
    semitones: int,
    gliding: bool,
) -> list[Track]:
    tracks: list[Track] = []
    for i in range(max(given) + 1):
        own = [] if i else lanes
        port, channel = places.channel(sum(lane.cost for lane in own) + gliding)
        track = Track(_numbered(part, i), part, port, channel, lanes=own, semitones=semitones)
        track.setup = bend_range(channel, semitones)
        track.texts = [f"one voice, bend range {semitones} semitones"]
        tracks.append(track)
    return tracks


def _numbered(part: str, i: int) -> str:
    return f"{part} {i + 1}" if i else part
