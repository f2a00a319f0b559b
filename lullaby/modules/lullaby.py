"""Lullaby: a child's voice that sings a tune over and over, or that sings it backwards.

Every note is sung by a glottis and a mouth of a child's size into a room.  ``reversed`` plays each
phrase from its end, its room with it: notes swell out of nothing, sound, and stop.  ``panic`` makes
the voice pressed, unsteady and loud.

As surrender rises the tune bends, note by note, to the nearest tones of one open just chord; half
of the way the tape turns round, and the voice sings forward.  At surrender 1 it is a child half
asleep: long soft vowels on the tones of the chord, breathing with all.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from lullaby.dsp import formants
from lullaby.model import songbook
from lullaby.model.chance import Chance, Floats
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.sheet import Follow, choice, count, flag, panic, param, surrender, texts
from lullaby.model.streams import Window
from lullaby.units import cents_to_ratio, db_to_gain, power_to_db

# Tones a child can reach, over the root of the common chord, by the chord's name.
CHORDS = {"warm": (5.0, 8.0), "octaves": (4.0, 6.0), "wide": (5.0, 8.0)}
LEAD_S = 0.5  # silence a reversed note begins with, while it is made ready
TAIL = 1.0  # of a room's decay time, until nothing is left of it
LEVEL_DB = -22.5  # of one voice, for -23 LUFS
STRAIGHT_S = 0.45  # shorter notes have no vibrato
JITTER, SHIMMER, RD = 0.008, 0.07, 1.35  # of a child
LONGEST_S = 40.0  # a note and its room, so that an event never lasts a minute
SUNG = (
    "line",
    "place",
    "sung_hz",
    "from_hz",
    "vowel",
    "from_vowel",
    "hums",
    "attack_s",
    "release_s",
    "closing",
)
VOICE = ("vibrato_cents", "vibrato_hz", "unrest", "turn", "rd", "breath", "jitter", "shimmer")
TAPE = ("turned", "lead_s", "swells_s", "sings_s", "tail_s", "decay_s", "tract")


class Lullaby(Module):
    """A child sings a tune, or its reverse; surrendered, soft vowels on one common chord."""

    voices = count(1, (1, 5), "How many children, each with a mouth and a tuning of its own.")
    song = choice("cradle", tuple(songbook.SONGS), "What is sung: a song of the songbook.")
    melody = texts(
        (),
        "Lines to sing instead, such as 'A4 1 la, G4 1/2 loo, - 1/2' (A3 is the tonic).",
        songbook.checked,
        songbook.MOST_PHRASES,
    )
    reversed = flag(
        False, "Each phrase is played backwards with its room; till surrender turns it."
    )
    chord = choice("warm", tuple(CHORDS), "The open chord whose tones it comes to.")
    pitch_hz = param(220.0, "Hz", (140.0, 330.0), "The tonic.", log=True, each=True)
    pace_bpm = param(
        60.0,
        "bpm",
        (30.0, 120.0),
        "Beats of the song a minute; with surrender 60 to 48.",
        log=True,
        follows=Follow("surrender", target=(60.0, 48.0)),
    )
    vibrato_cents = param(24.0, "cents", (0.0, 100.0), "Depth of the vibrato.", each=True)
    vibrato_hz = param(5.3, "Hz", (3.0, 8.0), "Its rate.", log=True, each=True)
    breath_db = param(-21.0, "dB", (-60.0, 0.0), "Breath in the voice.")
    bright = param(0.5, "ratio", (0.0, 1.0), "0 breathy and soft, 1 pressed and bright.")
    age = param(8.0, "", (4.0, 16.0), "Age in years, as the mouth's size says it.", each=True)
    apart_cents = param(12.0, "cents", (0.0, 100.0), "How far more than one are apart.")
    room_s = param(2.2, "s", (0.3, 4.0), "Decay time of its room.", log=True, each=True)
    wet = param(0.5, "ratio", (0.0, 1.0), "Share of the room.")
    width_deg = param(20.0, "deg", (0.0, 90.0), "Voices stand within this to left and right.")
    root_hz = param(55.0, "Hz", (40.0, 82.5), "Root of the chord.", log=True)
    surrender = surrender("0 a tune in panic, 1 half asleep in the one chord.")
    panic = panic("How hot it is: pressed, trembling, loud.")

    adds = columns(*SUNG, *VOICE, *TAPE)
    midi = Midi(
        notes=True,
        pitch="bend",
        cc={"surrender": 1, "breath_db": 2, "wet": 91, "bright": 74},
        text="lullaby",
        peak="swells_s",
        held="sings_s",
    )

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the notes of all phrases and voices that begin in the window."""
        phrases = self._song
        slots = np.array([float(sum(note.beats for note in line)) for line in phrases])
        starts, total = np.cumsum(slots) - slots, float(slots.sum())
        slowest_s = 60.0 / self.pace_bpm.bounds()[0]
        back_s = slots.max() * slowest_s + 1.0
        reach = [
            self.pace_bpm.integral(max(t, 0.0)) / 60.0 for t in (window[0] - back_s, window[1])
        ]
        turns = np.arange(np.floor(reach[0] / total) - 1.0, np.floor(reach[1] / total) + 1.0)
        beats = turns[:, None] * total + starts
        kept = (turns[:, None] >= 0.0) & (beats >= reach[0]) & (beats <= reach[1])
        due_s = self.pace_bpm.when(60.0 * beats[kept], window[1])
        found = [self.events(np.zeros(0), chance)]
        for turn, line, at_s in zip(*np.nonzero(kept), due_s, strict=True):
            if np.isfinite(at_s):
                own = chance.of("phrases").at(int(turns[turn]) * len(phrases) + int(line))
                notes = self._phrase(phrases[line], float(at_s), own, chance)
                notes["line"] = line
                found.append(notes)
        rows = in_order(*found)
        inside: Events = rows[(rows["at_s"] >= window[0]) & (rows["at_s"] < window[1])]
        return inside

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part: a child, and a tape for each of its notes."""
        from lullaby.dsp.child import Child  # here, so that listing never waits for numba

        return Voice(Child(sample_rate).render, {}, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return the first harmonics of every note that is being sung at a time."""
        begun = at_s - events["at_s"] - events["swells_s"]
        events = events[(begun >= 0.0) & (begun < events["sings_s"])]
        harmonics = np.arange(1.0, 5.0)
        gain = db_to_gain(events["level_db"])[:, None] * harmonics**-1.5
        return (events["pitch_hz"][:, None] * harmonics).ravel(), gain.ravel()

    def words(self, events: Events) -> list[str]:
        """Return the syllable of each event."""
        return [self._song[int(e["line"])][int(e["place"])].syllable for e in events]

    @cached_property
    def _song(self) -> songbook.Song:
        return songbook.song(self.fixed["melody"] or songbook.SONGS[self.fixed["song"]])

    def _phrase(self, line: songbook.Phrase, at_s: float, own: Chance, chance: Chance) -> Events:
        """Return the notes of one phrase, all voices; everything is read where it begins."""
        voices = self.fixed["voices"]
        t = np.array([at_s])
        calm = float(self.surrender(t)[0])
        way = calm * calm * (3.0 - 2.0 * calm)
        heat = float(self.panic(t)[0])
        beat_s = 60.0 / float(self.pace_bpm(t)[0])
        turned = bool(self.fixed["reversed"]) and way < 0.5
        decay_s = float(self.room_s(t, own)[0])
        lengths = np.array([float(note.beats) for note in line]) * beat_s
        begins, slot_s = np.cumsum(lengths) - lengths, float(lengths.sum())
        sounding = [i for i, note in enumerate(line) if note.semitones is not None]
        hz = self._pitches([line[i] for i in sounding], t, own, way)
        vowels = [formants.VOWELS.index(line[i].vowel) for i in sounding]
        hums = np.array([float(line[i].hums_first) for i in sounding])
        after_rest = np.array([i == 0 or line[i - 1].semitones is None for i in sounding])
        hum = formants.VOWELS.index(formants.HUM)
        before = np.where(after_rest, vowels, np.roll(vowels, 1))
        from_vowel = np.where(hums > 0.0, hum, before)
        from_hz = np.where(after_rest, hz, np.roll(hz, 1))
        begins, lengths = begins[sounding], lengths[sounding]
        # Half asleep, a note goes on while the next one comes.
        release_s = 0.07 + 0.5 * way
        sings_s = np.minimum(lengths * (1.0 + 0.1 * way) + release_s, LONGEST_S)
        tail_s = TAIL * decay_s
        who, note = np.divmod(np.arange(voices * len(sounding)), len(sounding))
        singer = chance.of("voices").at(who)
        each = own.of("notes").at(note * 8 + who)
        late_s = 0.0 if voices == 1 else singer.uniform("late", 0.0, 0.05) * (1.0 - 0.7 * way)
        stop_s = begins[note] + sings_s[note] - release_s
        start_s = slot_s - stop_s if turned else begins[note]
        off_cents = self.apart_cents(t)[0] * singer.normal("apart") * (voices > 1) * (1.0 - way)
        length = (0.8 + 0.025 * self.age(np.full(len(who), at_s), singer)) * (
            1.0 + 0.03 * singer.normal("mouth")
        )
        away = singer.uniform("place", -1.0, 1.0) if voices > 1 else 0.0
        depth_cents = self.vibrato_cents(t, own)[0] * (0.8 + 0.4 * heat) * (1.0 - 0.7 * way)
        pressed = self.bright(t)[0] - 0.5 + 0.7 * (heat - 0.5)
        ratio = cents_to_ratio(np.clip(off_cents, -100.0, 100.0))
        return self.events(
            at_s + start_s + late_s,
            each,
            duration_s=turned * LEAD_S + sings_s[note] + tail_s,
            pitch_hz=hz[note] * ratio,
            level_db=LEVEL_DB - power_to_db(float(voices)) - 4.0 * way,
            azimuth_deg=self.width_deg(t)[0] * away,
            place=np.array(sounding)[note],
            sung_hz=hz[note] * ratio,
            from_hz=from_hz[note] * ratio,
            vowel=np.array(vowels)[note],
            from_vowel=from_vowel[note],
            hums=hums[note] * (1.0 - np.round(way)),
            attack_s=0.035 + 0.5 * way,
            release_s=release_s,
            closing=0.9 * way,
            vibrato_cents=depth_cents * (lengths[note] >= STRAIGHT_S),
            vibrato_hz=self.vibrato_hz(t, own)[0]
            * (0.95 + 0.1 * heat)
            * each.uniform("vibrato", 0.97, 1.03),
            unrest=(0.7 + 0.6 * heat) * (1.0 - 0.6 * way),
            turn=each.uniform("turn"),
            rd=np.clip(RD - 1.2 * pressed + 0.9 * way, 0.5, 2.6),
            breath=db_to_gain(self.breath_db(t)[0] + 6.0 * (heat - 0.5) - 18.0 * way),
            jitter=JITTER * (0.6 + 0.8 * heat) * (1.0 - 0.8 * way),
            shimmer=SHIMMER * (0.6 + 0.8 * heat) * (1.0 - 0.8 * way),
            turned=float(turned),
            lead_s=turned * LEAD_S,
            swells_s=turned * (LEAD_S + tail_s),  # from here on it is sung
            sings_s=sings_s[note],
            tail_s=tail_s,
            decay_s=decay_s,
            tract=np.clip(length, 0.8, 1.35),
        )

    def _pitches(self, notes: list[songbook.Note], t: Floats, own: Chance, way: float) -> Any:
        tonic_hz = self.pitch_hz(t, own)[0]
        tune = np.clip(tonic_hz * np.array([note.ratio for note in notes]), 120.0, 880.0)
        tones = self.root_hz(t)[0] * np.array(CHORDS[self.fixed["chord"]])
        # The middle of the tune comes to the middle of the tones, so that it moves between them.
        steps = np.log(tune / (tonic_hz * self._middle))
        goals = np.log(tones) - np.log(tones).mean()
        nearest = np.abs(steps[:, None] - goals).argmin(axis=1)
        return tune ** (1.0 - way) * tones[nearest] ** way

    @cached_property
    def _middle(self) -> float:
        """Return the ratio of the middle of the whole tune to its tonic."""
        notes = [note for line in self._song for note in line if note.semitones is not None]
        beats = np.array([float(note.beats) for note in notes])
        octaves = np.log2([note.ratio for note in notes])
        return float(2.0 ** (np.sum(beats * octaves) / beats.sum()))
