"""A piece as a DAWproject: tracks, stems, notes, automation as ramps, markers and tempo.

The open exchange format of Bitwig and PreSonus, version 1.0: a ZIP with ``project.xml``,
``metadata.xml`` and the sounds (https://github.com/bitwig/dawproject).  Beats are quarters of the
tempo map; notes bend by themselves, so nothing here needs channels.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, tostring

import numpy as np

from lullaby.model.chance import Floats
from lullaby.outputs.midi_file import Arranged
from lullaby.outputs.midi_lanes import Lane
from lullaby.outputs.midi_tempo import TICKS
from lullaby.outputs.midi_tracks import Played, Track, readable
from lullaby.outputs.ramps import ramps, straightened
from lullaby.outputs.whole import Part, told

VERSION = "1.0"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the first day of ZIP, so that the same piece is the same bytes
HALF_STEP = 0.5 / 127
BEND_CENTS = 0.5
COLOURS = ("#b5533c", "#3d6b8c", "#7a6a2f", "#5b7f55", "#84517d", "#35797a", "#9a6a36", "#56618f")


@dataclass(frozen=True)
class Sound:
    """A stem for the project: its name, where it is now, and what it is."""

    name: str
    path: Path
    file: str  # its name in the project
    frames: int
    sample_rate: int
    muted: bool = False  # there to be compared with


def begun_project(path: Path, made: Arranged, version: str, sounds: Sequence[Sound] = ()) -> Part:
    """Write the project under its provisional name.

    ``made``: the tracks with a zone a part, so that every note has its glide.  Raises OutputError
    where a disk fails; then nothing is left.
    """
    project = _xml(_Project(made, version).element(sounds))
    part = Part(path)
    try:
        with told(path), zipfile.ZipFile(part.path, "w", zipfile.ZIP_DEFLATED) as box:
            box.writestr(_entry("project.xml"), project)
            box.writestr(_entry("metadata.xml"), _xml(_meta(made.title)))
            for sound in sounds:
                entry = _entry(f"audio/{sound.file}", zipfile.ZIP_STORED)
                entry.file_size = sound.path.stat().st_size
                with sound.path.open("rb") as source, box.open(entry, "w") as goal:
                    while chunk := source.read(1 << 20):
                        goal.write(chunk)
        part.sync()
    except BaseException:
        part.discard()
        raise
    return part


def _entry(name: str, how: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = how
    entry.external_attr = 0o644 << 16
    return entry


def _xml(root: Element) -> bytes:
    found: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return found


def _meta(title: str) -> Element:
    root = Element("MetaData")
    SubElement(root, "Title").text = readable(title, "utf-8")
    return root


def _number(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") or "0"


class _Project:
    def __init__(self, made: Arranged, version: str) -> None:
        self._made, self._version = made, version
        self._ids = (f"id{i}" for i in count())
        self._length = float(self._beats(np.array([made.end_s]))[0])

    def element(self, sounds: Sequence[Sound]) -> Element:
        """Return the whole project."""
        made = self._made
        root = Element("Project", version=VERSION)
        SubElement(root, "Application", name="lullaby", version=self._version)
        first_meter, first_tempo = made.grid.tempo.meters[0], made.grid.tempo.tempi[0]
        transport = SubElement(root, "Transport")
        bpm = _number(60e6 / first_tempo.quarter_us)
        tempo = self._owned(transport, "Tempo", min="1", max="1000", unit="bpm", value=bpm)
        meter = self._owned(
            transport,
            "TimeSignature",
            numerator=str(first_meter.numerator),
            denominator=str(first_meter.denominator),
        )
        structure = SubElement(root, "Structure")
        arrangement = self._owned(root, "Arrangement")
        lanes = self._owned(arrangement, "Lanes", timeUnit="beats")
        master = next(self._ids)
        by_part: dict[str, list[Track]] = {}
        for track in made.tracks:
            by_part.setdefault(track.part or track.name, []).append(track)
        for i, (name, tracks) in enumerate(by_part.items()):
            track_id = self._track(structure, name, "notes automation", i, master)
            self._music(self._owned(lanes, "Lanes", track=track_id), name, tracks)
        for i, sound in enumerate(sounds):
            track_id = self._track(structure, sound.name, "audio", i, master, sound.muted)
            own = self._owned(lanes, "Lanes", track=track_id, timeUnit="seconds")
            self._sound(own, sound)
        self._track(structure, "master", "audio notes", 0, master, role="master")
        self._time(arrangement, tempo.attrib["id"], meter.attrib["id"])
        return root

    def _owned(self, parent: Element, kind: str, **attributes: str) -> Element:
        return SubElement(parent, kind, {"id": next(self._ids), **attributes})

    def _track(
        self,
        parent: Element,
        name: str,
        content: str,
        i: int,
        master: str,
        muted: bool = False,
        role: str = "regular",
    ) -> str:
        said = {"contentType": content, "loaded": "true", "name": readable(name, "utf-8")}
        said["color"] = COLOURS[i % len(COLOURS)]
        track = self._owned(parent, "Track", **said)
        of_channel = {"audioChannels": "2", "role": role, "solo": "false"}
        if role == "master":
            channel = SubElement(track, "Channel", {"id": master, **of_channel})
        else:
            channel = self._owned(track, "Channel", destination=master, **of_channel)
        self._owned(channel, "Mute", name="Mute", value="true" if muted else "false")
        pan = {"min": "0", "max": "1", "unit": "normalized", "value": "0.5"}
        self._owned(channel, "Pan", name="Pan", **pan)
        volume = {"min": "0", "max": "2", "unit": "linear", "value": "1"}
        self._owned(channel, "Volume", name="Volume", **volume)
        return track.attrib["id"]

    def _music(self, own: Element, name: str, tracks: Sequence[Track]) -> None:
        played = sorted(
            ((one, track) for track in tracks for one in track.played),
            key=lambda both: (both[0].note.on, both[0].note.number),
        )
        if played:
            clips = self._owned(own, "Clips")
            said = {"name": readable(name, "utf-8"), "contentTimeUnit": "beats", "playStart": "0"}
            length = _number(self._length)
            clip = SubElement(clips, "Clip", {"time": "0", "duration": length, **said})
            notes = self._owned(clip, "Notes")
            for one, _ in played:
                self._note(notes, one)
        for track in tracks:
            for lane in track.lanes:
                self._automation(own, lane, track.channel)

    def _note(self, parent: Element, one: Played) -> None:
        note = one.note
        said = {
            "time": _number(note.on / TICKS),
            "duration": _number((note.off - note.on) / TICKS),
            "channel": str(one.channel),
            "key": str(note.number),
            "vel": _number(note.velocity / 127),
            "rel": "0.5",
        }
        element = SubElement(parent, "Note", said)
        begins, cents = np.array([note.on / TICKS]), np.array([note.away_cents])
        if one.glide is not None:
            begins, cents = self._beats(one.glide.at_s), one.glide.cents
            kept = straightened(begins, cents, BEND_CENTS)
            begins, cents = begins[kept], cents[kept]
        if not np.abs(cents).max(initial=0.0) > 0.0:
            return
        points = self._owned(element, "Points", unit="semitones", timeUnit="beats")
        SubElement(points, "Target", expression="transpose")
        _ramp(points, np.maximum(begins - note.on / TICKS, 0.0), cents / 100.0)

    def _automation(self, own: Element, lane: Lane, channel: int) -> None:
        points = self._owned(own, "Points", name=readable(lane.says, "utf-8"), unit="normalized")
        target = {"expression": "channelController", "channel": str(channel)}
        SubElement(points, "Target", {**target, "controller": str(lane.cc)})
        for i, part in enumerate(lane.stretches):
            end_s = part.start_s if part.still else part.end_s
            if part.still:
                x = self._beats(np.array([part.start_s]))
                y = np.clip(part.share(np.array([part.start_s])), 0.0, 1.0)
            else:
                share = part.share
                x, y = ramps(
                    part.start_s,
                    end_s,
                    lambda t, share=share: np.clip(share(t), 0.0, 1.0),  # type: ignore[misc]
                    self._beats,
                    HALF_STEP,
                )
            _ramp(points, x, y, stands=part.still or i + 1 < len(lane.stretches))

    def _sound(self, own: Element, sound: Sound) -> None:
        clips = self._owned(own, "Clips")
        length = _number(sound.frames / sound.sample_rate)
        said = {"name": readable(sound.name, "utf-8"), "contentTimeUnit": "seconds"}
        said |= {"time": "0", "duration": length, "playStart": "0"}
        clip = SubElement(clips, "Clip", said)
        rate = {"channels": "2", "sampleRate": str(sound.sample_rate), "duration": length}
        audio = self._owned(clip, "Audio", algorithm="raw", **rate)
        SubElement(audio, "File", path=f"audio/{sound.file}", external="false")

    def _time(self, arrangement: Element, tempo: str, meter: str) -> None:
        made = self._made
        if made.markers:
            markers = self._owned(arrangement, "Markers", timeUnit="beats")
            for at_s, name in made.markers:
                at = _number(float(self._beats(np.array([at_s]))[0]))
                SubElement(markers, "Marker", time=at, name=readable(name, "utf-8"))
        changes = self._owned(arrangement, "TempoAutomation", timeUnit="beats", unit="bpm")
        SubElement(changes, "Target", parameter=tempo)
        for change in made.grid.tempo.tempi:
            value = _number(60e6 / change.quarter_us)
            at = _number(change.tick / TICKS)
            SubElement(changes, "RealPoint", time=at, value=value, interpolation="hold")
        signs = self._owned(arrangement, "TimeSignatureAutomation", timeUnit="beats")
        SubElement(signs, "Target", parameter=meter)
        for sign in made.grid.tempo.meters:
            said = {"numerator": str(sign.numerator), "denominator": str(sign.denominator)}
            SubElement(signs, "TimeSignaturePoint", {"time": _number(sign.tick / TICKS), **said})

    def _beats(self, at_s: Floats) -> Floats:
        # By the map as written, between its ticks: what is seconds in the sound is seconds here.
        tempi = self._made.grid.tempo.tempi
        starts_s = np.array([tempo.at for tempo in tempi]) / (TICKS * 1e6)
        i = np.maximum(np.searchsorted(starts_s, at_s, side="right") - 1, 0)
        ticks = np.array([tempo.tick for tempo in tempi])[i]
        quarter_s = np.array([tempo.quarter_us for tempo in tempi])[i] / 1e6
        found: Floats = ticks / TICKS + (at_s - starts_s[i]) / quarter_s
        return found


def _ramp(points: Element, x: Floats, y: Floats, stands: bool = False) -> None:
    # Straight to the next point; the last of a stretch stands until the next begins.
    for k, (time, value) in enumerate(zip(x, y, strict=True)):
        how = "hold" if stands and k + 1 == len(x) else "linear"
        at, said = _number(float(time)), _number(float(value))
        SubElement(points, "RealPoint", time=at, value=said, interpolation=how)
