"""Notes of a MIDI file: a part's events, with cells that hand on joined to one held note."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lullaby.model.event import Events
from lullaby.model.performance import Run
from lullaby.outputs.midi_glides import NO_PITCH, Heard
from lullaby.outputs.midi_grid import Grid
from lullaby.units import MICRO, hz_to_midi

SAME_CENTS = 5.0  # cells this near in pitch are one note
HANDED_ON_S = 0.001  # a cell begins this exactly where the one before begins to fade
SWELL_S = 0.01  # a note that is loudest later than this has its peak told
LOUDEST = 127


@dataclass(frozen=True)
class Note:
    """A note by ticks; ``pitch`` in MIDI note numbers, with its fraction."""

    on: int
    off: int
    pitch: float
    velocity: int
    cells: tuple[int, ...] = ()  # the rows of the part's events it is made of
    peak: int | None = None  # the tick at which a swell is loudest
    word: str = ""  # what it sings

    @property
    def number(self) -> int:
        """Return the nearest key."""
        return min(max(round(self.pitch), 0), LOUDEST)

    @property
    def away_cents(self) -> float:
        """Return how far the pitch lies above the nearest key."""
        return 100.0 * (self.pitch - self.number)


@dataclass(frozen=True)
class Found:
    """The notes of a part, how many cells went on in one already sounding, how many were hidden."""

    notes: list[Note]
    joined: int = 0
    hidden: int = 0  # softer ones of a module that shows only so many


@dataclass
class _Held:
    at_s: float
    end_s: float
    fades_s: float  # when its last cell hands on
    pitch: float
    level_db: float
    cells: list[int]


def velocity(level_db: float) -> int:
    """Return the velocity of a level: 127 at 0 dB, amplitude as its square, 1 at least.

    40 log10(velocity / 127) dB: the concave curve of DLS Level 1 and SoundFont 2.01.
    """
    if not level_db > -100.0:
        return 1
    return int(min(max(round(LOUDEST * 10.0 ** (level_db / 40.0)), 1), LOUDEST))


def notes(
    events: Events,
    runs: Sequence[Run],
    tempo: Grid,
    end_s: float,
    *,
    gliding: bool = False,
) -> Found:
    """Return a part's notes by time.

    ``events`` by time, in seconds of the piece; ``runs`` of the part, by time.  Where the module
    declares cells that hand on, one that begins as another starts to give way carries the note on
    if it is within 5 cents of where the note began - or, ``gliding``, of where it is by then.
    """
    midi = type(runs[0].settings).midi
    shown = _shown(events, midi.most_per_s)
    heard = Heard(events[shown], runs)
    held = _held(heard, runs, end_s, gliding and midi.glides)
    words = heard.words()
    ons, offs = tempo.ticks([h.at_s for h in held]), tempo.ticks([h.end_s for h in held])
    made = [
        Note(
            int(on),
            max(int(off), int(on) + tempo.step),
            h.pitch,
            velocity(h.level_db),
            tuple(int(shown[cell]) for cell in h.cells),
            _peak(h, heard.events, midi.peak, tempo),
            words[h.cells[0]],
        )
        for h, on, off in zip(held, ons, offs, strict=True)
    ]
    return Found(made, len(shown) - len(made), len(events) - len(shown))


def _shown(events: Events, most_per_s: float) -> NDArray[np.int64]:
    # The loudest of each stretch, which is a second, or as long as one note takes.
    if most_per_s <= 0.0 or not len(events):
        return np.arange(len(events))
    wide_s = max(1.0, 1.0 / most_per_s)
    stretch = np.floor(events["at_s"] / wide_s).astype(np.int64)
    loud_first = np.lexsort((-events["level_db"], stretch))
    ordered = stretch[loud_first]
    place = np.arange(len(ordered)) - np.searchsorted(ordered, ordered)
    return np.sort(loud_first[place < max(1, int(most_per_s * wide_s))])


def _peak(held: _Held, events: Events, name: str, tempo: Grid) -> int | None:
    if not name:
        return None
    after_s = float(events[name][held.cells[0]])
    if after_s < SWELL_S or held.at_s + after_s > held.end_s:
        return None
    return int(tempo.ticks(held.at_s + after_s))


def _held(heard: Heard, runs: Sequence[Run], end_s: float, gliding: bool) -> list[_Held]:
    events = heard.events
    midi = type(runs[0].settings).midi
    hands_on = midi.hands_on
    at_s = events["at_s"]
    last_s = np.minimum(np.array([run.end_us for run in runs])[heard.which] / MICRO, end_s)
    sounds_s = events["duration_s"]
    if midi.held:
        sounds_s = events[midi.held] + (events[midi.peak] if midi.peak else 0.0)
    sounds_to_s = np.minimum(at_s + sounds_s, last_s)
    pitched = events["pitch_hz"] > 0.0
    pitch = np.where(pitched, hz_to_midi(np.where(pitched, events["pitch_hz"], 440.0)), NO_PITCH)
    fade_s = events[hands_on] if hands_on else np.full(len(events), -1.0)
    fades_s = at_s + events["duration_s"] - fade_s
    made: list[_Held] = []
    open_: list[_Held] = []
    for i in range(len(events)):
        at = float(at_s[i])
        open_ = [h for h in open_ if h.fades_s > at - HANDED_ON_S]
        for before in open_:
            if not (before.at_s < at < before.end_s and abs(before.fades_s - at) <= HANDED_ON_S):
                continue
            now = before.pitch
            if gliding:
                now = float(heard.pitch(np.array([before.cells[-1]]), np.array([at]))[0])
            if 100.0 * abs(now - float(pitch[i])) <= SAME_CENTS:
                before.end_s = max(before.end_s, float(sounds_to_s[i]))
                before.fades_s = float(fades_s[i])
                before.cells.append(i)
                break
        else:
            level_db = float(events["level_db"][i])
            ends = float(sounds_to_s[i]), float(fades_s[i])
            one = _Held(at, *ends, float(pitch[i]), level_db, [i])
            made.append(one)
            if fade_s[i] > 0.0:
                open_.append(one)
    return made


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
