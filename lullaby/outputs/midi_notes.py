"""Notes of a MIDI file: a part's events, with cells that hand on joined to one held note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lullaby.model.event import Events
from lullaby.model.performance import Run
from lullaby.outputs.midi_tempo import TempoMap
from lullaby.units import MICRO, hz_to_midi

SAME_CENTS = 5.0  # cells this near in pitch are one note
HANDED_ON_S = 0.001  # a cell begins this exactly where the one before begins to fade
NO_PITCH = 60  # middle C stands for what has no pitch
LOUDEST = 127


@dataclass(frozen=True)
class Note:
    """A note by ticks; ``pitch`` in MIDI note numbers, with its fraction."""

    on: int
    off: int
    pitch: float
    velocity: int

    @property
    def number(self) -> int:
        """Return the nearest key."""
        return min(max(round(self.pitch), 0), LOUDEST)

    @property
    def away_cents(self) -> float:
        """Return how far the pitch lies above the nearest key."""
        return 100.0 * (self.pitch - self.number)


@dataclass
class _Held:
    at_s: float
    end_s: float
    fades_s: float  # when its last cell hands on
    pitch: float
    level_db: float


def velocity(level_db: float) -> int:
    """Return the velocity of a level: 127 at 0 dB, amplitude as its square, 1 at least.

    40 log10(velocity / 127) dB: the concave curve of DLS Level 1 and SoundFont 2.01.
    """
    if not level_db > -100.0:
        return 1
    return int(min(max(round(LOUDEST * 10.0 ** (level_db / 40.0)), 1), LOUDEST))


def notes(
    events: Events, runs: Sequence[Run], tempo: TempoMap, end_s: float
) -> tuple[list[Note], int]:
    """Return a part's notes by time, and how many cells went into notes already sounding.

    ``events`` by time, in seconds of the piece; ``runs`` of the part, by time.  Where the module
    declares cells that hand on, one that begins as another starts to give way, within 5 cents of
    where the note began, carries the note on.
    """
    held = _held(events, runs, end_s)
    ons, offs = tempo.ticks([h.at_s for h in held]), tempo.ticks([h.end_s for h in held])
    made = [
        Note(int(on), max(int(off), int(on) + 1), h.pitch, velocity(h.level_db))
        for h, on, off in zip(held, ons, offs, strict=True)
    ]
    return made, len(events) - len(made)


def _held(events: Events, runs: Sequence[Run], end_s: float) -> list[_Held]:
    hands_on = type(runs[0].settings).midi.hands_on
    at_s = events["at_s"]
    starts_s = np.array([run.start_us for run in runs]) / MICRO
    which = np.maximum(np.searchsorted(starts_s, at_s + 1e-9, side="right") - 1, 0)
    last_s = np.minimum(np.array([run.end_us for run in runs])[which] / MICRO, end_s)
    sounds_to_s = np.minimum(at_s + events["duration_s"], last_s)
    pitched = events["pitch_hz"] > 0.0
    pitch = np.where(pitched, hz_to_midi(np.where(pitched, events["pitch_hz"], 440.0)), NO_PITCH)
    fade_s = events[hands_on] if hands_on else np.full(len(events), -1.0)
    fades_s = at_s + events["duration_s"] - fade_s
    made: list[_Held] = []
    open_: list[_Held] = []
    for i in range(len(events)):
        at = float(at_s[i])
        open_ = [h for h in open_ if h.fades_s > at - HANDED_ON_S]
        before = next((h for h in open_ if _hands_on(h, at, float(pitch[i]))), None)
        if before is not None:
            before.end_s = max(before.end_s, float(sounds_to_s[i]))
            before.fades_s = float(fades_s[i])
            continue
        level_db = float(events["level_db"][i])
        one = _Held(at, float(sounds_to_s[i]), float(fades_s[i]), float(pitch[i]), level_db)
        made.append(one)
        if fade_s[i] > 0.0:
            open_.append(one)
    return made


def _hands_on(held: _Held, at_s: float, pitch: float) -> bool:
    near = 100.0 * abs(held.pitch - pitch) <= SAME_CENTS
    return near and held.at_s < at_s < held.end_s and abs(held.fades_s - at_s) <= HANDED_ON_S


def keyed(found: Iterable[Note]) -> tuple[list[Note], int]:
    """Return notes fit for one channel, and how many were lost in another of the same key.

    A key that is struck again while it sounds ends first; the later note then lasts as long as
    either would.  Of two at one tick the louder stays.
    """
    made: list[Note] = []
    last: dict[int, int] = {}  # key -> where its last note is in ``made``
    lost = 0
    for note in found:
        i = last.get(note.number)
        if i is not None and made[i].off > note.on:
            off = max(made[i].off, note.off)
            if made[i].on == note.on:
                louder = max(made[i], note, key=lambda n: n.velocity)
                made[i] = replace(louder, off=off)
                lost += 1
                continue
            made[i] = replace(made[i], off=note.on)
            note = replace(note, off=off)
        last[note.number] = len(made)
        made.append(note)
    return made, lost
