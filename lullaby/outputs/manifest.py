"""A folder of stems with everything a DAW needs to take them: MIDI, tempo, tuning, a manifest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.measure.loudness import LoudnessMeter
from lullaby.model.performance import MASTER, Performance
from lullaby.outputs.dawproject import Sound, begun_project
from lullaby.outputs.export import Exported, begun_text, tuning_texts
from lullaby.outputs.markers import Marker
from lullaby.outputs.midi_file import Arranged, begun, begun_tempo
from lullaby.outputs.midi_tempo import TICKS
from lullaby.outputs.midi_tracks import ascii_text
from lullaby.outputs.quantise import Quantiser
from lullaby.outputs.render import Writer
from lullaby.outputs.whole import Part
from lullaby.units import MICRO

MIX = "mix"


@dataclass(frozen=True)
class Naming:
    """Names as ``Title_01_Sky_48k24.wav``: numbered, without spaces, ASCII."""

    title: str
    sample_rate: int
    bits: str

    @property
    def stem(self) -> str:
        """Return the title as files have it."""
        stem = _plain(self.title)[:64] or "piece"
        return stem + "_" if stem.casefold() == "tempo" else stem  # which is a file of its own

    def sound(self, number: int, name: str) -> str:
        """Return the name of a stem without its ending; the mix has number 0."""
        plain = _plain(name)[:64] or "stem"
        return f"{self.stem}_{number:02d}_{plain}_{self.sample_rate // 1000}k{self.bits}"


class Metered:
    """A writer whose sound is measured on its way."""

    def __init__(self, writer: Writer, sample_rate: int) -> None:
        self._writer, self._meter = writer, LoudnessMeter(2, sample_rate)
        self.part: Part = writer.part
        self.quantiser: Quantiser = writer.quantiser

    def write(self, block: NDArray[np.float32], frame: int) -> None:
        """Measure and append a block."""
        self._meter.add(np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0))
        self._writer.write(block, frame)

    def finish(self, markers: Sequence[Marker] = ()) -> None:
        """Complete the file under its provisional name."""
        self._writer.finish(markers)

    def discard(self) -> None:
        """Leave nothing behind."""
        self._writer.discard()

    def said(self) -> dict[str, float | None]:
        """Return loudness and true peak; None for silence."""
        read = self._meter.read()
        values = {"lufs": read.integrated_lufs, "range_lu": read.range_lu}
        values["true_peak_dbtp"] = read.true_peak_db
        return {k: round(v, 2) if np.isfinite(v) else None for k, v in values.items()}


@dataclass(frozen=True)
class Folder:
    """What stands beside the stems of one render."""

    path: Path
    naming: Naming
    exported: Exported
    performance: Performance
    project: bool = False

    @property
    def midi(self) -> Path:
        """Return where the MIDI file goes."""
        return self.path / f"{self.naming.stem}.mid"

    def targets(self) -> list[Path]:
        """Return all files beside the sounds."""
        made = [self.midi, self.path / "tempo.mid", self.path / "manifest.json"]
        made += [path for path, _ in tuning_texts(self.midi, self.exported)]
        if self.project:
            made.append(self.midi.with_suffix(".dawproject"))
        return made

    def metered(self, writers: Mapping[str, Sequence[Writer]]) -> dict[str, list[Writer]]:
        """Return the writers, each with a meter in front."""
        rate = self.naming.sample_rate
        return {name: [Metered(w, rate) for w in several] for name, several in writers.items()}

    def begun(self, frames: int, writers: Mapping[str, Sequence[Writer]]) -> list[Part]:
        """Write all of them under provisional names; ``writers`` have finished theirs."""
        made: list[Part] = []
        try:
            self._begin(frames, writers, made)
        except BaseException:
            for part in made:
                part.discard()
            raise
        return made

    def _begin(
        self, frames: int, writers: Mapping[str, Sequence[Writer]], made: list[Part]
    ) -> None:
        exported, arranged = self.exported, self.exported.arranged
        part, written = begun(self.midi, arranged, exported.form)
        made.append(part)
        made.append(begun_tempo(self.path / "tempo.mid", arranged, exported.form))
        for path, text in tuning_texts(self.midi, exported):
            made.append(begun_text(path, text))
        own = {name: [w for w in several if self._inside(w)] for name, several in writers.items()}
        if self.project:
            sounds = [
                self._heard(stream, writer, frames)
                for stream, several in own.items()
                for writer in several
            ]
            path = self.midi.with_suffix(".dawproject")
            made.append(begun_project(path, exported.bending, exported.version, sounds))
        tracks = {part.part: list(part.tracks) for part in written.parts}
        files: list[dict[str, Any]] = [
            self._sound(stream, writer, tracks)
            for stream, several in own.items()
            for writer in several
        ]
        files += [_file(part, "midi") for part in made]
        text = json.dumps(self._said(arranged, frames, files), indent=2, ensure_ascii=False)
        made.append(begun_text(self.path / "manifest.json", text + "\n"))

    def _heard(self, stream: str, writer: Writer, frames: int) -> Sound:
        # What goes straight to the master sums to the mix; all else is in a bus already.
        name, part = _named(stream), writer.part
        into = self._into().get(name)
        rate = self.naming.sample_rate
        return Sound(name, part.path, part.target.name, frames, rate, muted=into != MASTER)

    def _into(self) -> dict[str, str]:
        found = {run.part: run.into for run in self.performance.runs}
        return found | {bus.name: bus.into for bus in self.performance.buses}

    def _inside(self, writer: Writer) -> bool:
        return writer.part.target.parent == self.path

    def _sound(
        self, stream: str, writer: Writer, tracks: Mapping[str, list[str]]
    ) -> dict[str, Any]:
        name = _named(stream)
        kind = "mix" if stream == "master" else "part" if name in tracks else "bus"
        said = {"name": name, **_file(writer.part, kind)}
        if kind != "mix":
            said["into"] = self._into()[name]
        if kind == "part":
            said["midi_tracks"] = tracks[name]
        if isinstance(writer, Metered):
            said |= writer.said()
        return said

    def _said(self, arranged: Arranged, frames: int, files: list[dict[str, Any]]) -> dict[str, Any]:
        rate, tempo = self.naming.sample_rate, arranged.grid.tempo
        score = Path(self.exported.score)
        return {
            "title": arranged.title,
            "lullaby": self.exported.version,
            "seed": self.exported.seed,
            "score_sha256": _hash(score) if self.exported.score and score.is_file() else None,
            "sample_rate": rate,
            "bits": self.naming.bits,
            "frames": frames,
            "length_s": frames / rate,
            "tick_0_is_frame": 0,
            "tempo": {
                "ticks_a_quarter": TICKS,
                "changes": [
                    {"tick": t.tick, "at_s": t.at / (TICKS * MICRO), "quarter_us": t.quarter_us}
                    for t in tempo.tempi
                ],
                "meters": [
                    {"tick": m.tick, "meter": f"{m.numerator}/{m.denominator}"}
                    for m in tempo.meters
                ],
            },
            "scenes": [
                {
                    "name": span.name,
                    "at_s": span.start_us / MICRO,
                    "length_s": span.length_us / MICRO,
                    "frame": round(span.start_us * rate / MICRO),
                }
                for span in self.performance.scenes
            ],
            "marks": [
                {"name": mark.name, "at_s": mark.at_us / MICRO} for mark in self.performance.marks
            ],
            "files": files,
        }


def _named(stream: str) -> str:
    return MIX if stream == "master" else stream.removeprefix("stem ")


def _file(part: Part, kind: str) -> dict[str, Any]:
    kinds = {".scl": "tuning", ".kbm": "tuning", ".ascl": "tuning", ".dawproject": "project"}
    kind = kinds.get(part.target.suffix, kind)
    return {"file": part.target.name, "kind": kind, "sha256": _hash(part.path)}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "_", ascii_text(text)).strip("_")
