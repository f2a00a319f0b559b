"""One part as tracks: a channel of nearest keys, an MPE zone, or a track a voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lullaby.model.module import Midi
from lullaby.outputs.midi_lanes import Lane
from lullaby.outputs.midi_notes import Note, keyed
from lullaby.outputs.midi_tempo import TempoMap
from lullaby.outputs.midi_tracks import Places, Played, Track, bend_range, zone_setup
from lullaby.outputs.midi_voices import MEMBERS, voices

ZONE_SEMITONES = 48  # the range MPE synths start with
SPLIT_SEMITONES = 2  # the range all others start with


@dataclass(frozen=True)
class Laid:
    """The tracks of a part, and what the keys could not say."""

    tracks: list[Track]
    lost: int = 0
    away_cents: float = 0.0


def laid(
    part: str,
    midi: Midi,
    found: Sequence[Note],
    lanes: list[Lane],
    tempo: TempoMap,
    places: Places,
    mpe: str,
) -> Laid:
    """Return the tracks of a part; the first has its controllers (``lanes``)."""
    if mpe == "off" or midi.pitch != "bend" or not found:
        port, channel = places.channel(len(lanes))
        kept, lost = keyed(found)
        away = max((abs(note.away_cents) for note in kept), default=0.0)
        track = Track(part, part, port, channel, lanes=lanes)
        track.played = [Played(note, channel) for note in kept]
        return Laid([track], lost, away)
    given = voices(found, tempo)
    if mpe == "single":
        return Laid(_zones(part, found, given, lanes, places))
    return Laid(_split(part, found, given, lanes, places))


def _zones(
    part: str, found: Sequence[Note], given: list[int], lanes: list[Lane], places: Places
) -> list[Track]:
    tracks: list[Track] = []
    for i in range(max(given) // MEMBERS + 1):
        own = [] if i else lanes
        track = Track(_numbered(part, i), part, places.zone(), 0, lanes=own)
        track.setup = zone_setup(MEMBERS, ZONE_SEMITONES)
        track.texts = [f"MPE lower zone, bend range {ZONE_SEMITONES} semitones"]
        tracks.append(track)
    for note, voice in zip(found, given, strict=True):
        zone, member = divmod(voice, MEMBERS)
        bend = bent(note.away_cents, ZONE_SEMITONES)
        tracks[zone].played.append(Played(note, 1 + member, bend))
    return tracks


def _split(
    part: str, found: Sequence[Note], given: list[int], lanes: list[Lane], places: Places
) -> list[Track]:
    tracks: list[Track] = []
    for i in range(max(given) + 1):
        own = [] if i else lanes
        port, channel = places.channel(len(own))
        track = Track(_numbered(part, i), part, port, channel, lanes=own)
        track.setup = bend_range(channel, SPLIT_SEMITONES)
        track.texts = [f"one voice, bend range {SPLIT_SEMITONES} semitones"]
        tracks.append(track)
    for note, voice in zip(found, given, strict=True):
        track = tracks[voice]
        track.played.append(Played(note, track.channel, bent(note.away_cents, SPLIT_SEMITONES)))
    return tracks


def bent(cents: float, semitones: int) -> int:
    """Return the 14-bit bend, -8192..8191, of an interval under a range; kept inside it."""
    return min(max(round(8192 * cents / (100 * semitones)), -8192), 8191)


def _numbered(part: str, i: int) -> str:
    return f"{part} {i + 1}" if i else part
