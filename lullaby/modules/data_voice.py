"""The data voice: a line whose pitch, level, place and brightness can be read back from the sound.

What carries data is one line of ten harmonics, and no arc touches it: its pitch is what `pitch`
says, its spectrum what `cutoff` says, its K-weighted level the same for every pitch and cutoff (so
that neither is heard as loudness), its grains as dense as `density` says.  Level and pan are the
part's own.  What is mood are the two companions beside it, and the roughness: at surrender 0 they
are its detuned neighbours, spread and beaten as panic has it.  Surrendered they leave it and come
to rest on the octave and the fifth of the common root, where they breathe six times a minute, and
the grains ring softly on tones of that chord: the line, as true as before, stands in the harmony.

A part with `each` sounds no line but a struck tone for every row, at the row's own time.
"""

from __future__ import annotations

from operator import is_not
from typing import Any

import numpy as np

from lullaby.dsp import companions
from lullaby.model.chance import Chance, Floats
from lullaby.model.curve import Constant
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.sheet import Follow, panic, param, surrender
from lullaby.model.streams import Window, cells, pulses

CELL_S = 16.0  # the line is a chain of events this long, so that any moment can be the start
FADE_S = 0.25  # overlap of two of them, in phase as far as the pitch is smooth
SUM_STEP_S = 1.0 / 256.0  # an exact binary fraction
LEVEL_DB = -19.7  # of the line at -23 LUFS for all
STRUCK_DB = -9.0
GRAIN_DB = -21.0
GRAIN_DECAY_S = 0.25
GRAIN_SLACK = 0.06  # how far grains stray from even, so that their number stays exact
GRAIN_TONES = (8.0, 12.0, 16.0)  # of the root, surrendered
TONES = (2.0, 3.0)
RISE_S, CALM_RISE_S = 0.003, 0.015


class Strike(Gesture):
    """One tone like a bell, for a threshold that is passed."""

    sounds_s = 12.0
    pitch_hz = param(880.0, "Hz", (40.0, 3000.0), "Its pitch.", log=True)
    gain_db = param(0.0, "dB", (-40.0, 12.0), "Louder or softer.")
    ring_s = param(5.0, "s", (0.1, 12.0), "How long it rings, to -60 dB.", log=True)


class Sigh(Gesture):
    """It sinks, softer and darker, and comes back; its pitch stays, since that is data."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    shut_cents = param(1200.0, "cents", (0.0, 4800.0), "How far its brightness sinks.")
    bends = (Bend("level_db", "depth_db", -1.0), Bend("cutoff_hz", "shut_cents", -1.0))


class DataVoice(Module):
    """A line that carries data faithfully, or a struck tone a row; its companions are the mood."""

    pitch_hz = param(220.0, "Hz", (40.0, 3000.0), "Pitch of the line, or of a row.", log=True)
    cutoff_hz = param(
        800.0,
        "Hz",
        (150.0, 8000.0),
        "Brightness: harmonics over it are softer; with panic 450 to 1800 Hz.",
        log=True,
        follows=Follow("panic", target=(450.0, 1800.0)),
    )
    density_per_s = param(0.0, "/s", (0.0, 20.0), "Grains a second, evenly as the count says.")
    roughness = param(
        0.2,
        "ratio",
        (0.0, 1.0),
        "Depth of a 66 Hz beating; with panic 0 to 0.4.",
        follows=Follow("panic", target=(0.0, 0.4)),
    )
    sustain = param(1.0, "ratio", (0.0, 1.0), "Level of the line and its companions; 0: grains.")
    air = param(0.0, "ratio", (0.0, 1.0), "Breath noise in the line's place: 1 no tone at all.")
    detune_cents = param(
        7.0,
        "cents",
        (0.0, 30.0),
        "How far the companions stand beside the line; with panic 3 to 11.",
        follows=Follow("panic", target=(3.0, 11.0)),
    )
    decay_s = param(
        1.4, "s", (0.05, 12.0), "How long a row's tone rings, to -60 dB.", log=True, each=True
    )
    root_hz = param(55.0, "Hz", (27.5, 220.0), "Root of the chord surrender leads to.", log=True)
    breath = param(0.8, "ratio", (0.0, 1.0), "Depth of the surrendered companions' breathing.")
    width_deg = param(50.0, "deg", (0.0, 90.0), "Companions stand this far left and right.")
    surrender = surrender("0 companions detuned beside it, 1 on the common chord, breathing.")
    panic = panic("How hot it is: brightness, roughness and detuning, where nothing else says.")

    adds = columns(
        *("struck", "fade_s", "cycles_0", "cycles_1", "cycles_2"),
        *("decay_s", "bright_hz", "rise_s"),
    )
    gestures = knows(strike=Strike, sigh=Sigh)
    midi = Midi(
        notes=True,
        pitch="bend",
        cc={"surrender": 1, "roughness": 71, "density_per_s": 72, "cutoff_hz": 74},
        text="data voice",
        hands_on="fade_s",
        glides=True,
    )

    _known: tuple[Any, ...] = ()  # what the cycles below were made of
    _cycles: list[Floats]

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the cells of the line, each handing on its phase, and the grains over it."""
        k = cells(CELL_S, window)
        at_s = k * CELL_S
        cycles = self._cycles_at(chance, k)
        line = self.events(
            at_s,
            chance.of("line").at(k),
            duration_s=CELL_S + FADE_S,
            pitch_hz=self.pitch_hz(at_s),
            level_db=LEVEL_DB,
            fade_s=FADE_S,
            cycles_0=cycles[:, 0],
            cycles_1=cycles[:, 1],
            cycles_2=cycles[:, 2],
        )
        return in_order(line, self._grains(window, chance.of("grains")))

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the tone of each strike."""
        made = self._struck(
            asked["at_s"], Chance(asked["key"]), asked["pitch_hz"], asked["ring_s"], STRUCK_DB
        )
        made["level_db"] += asked["gain_db"]
        return made

    def heard_hz(self, at_s: Floats, events: Events) -> Floats:
        """Return where the line is by then; a struck tone stays at its own pitch."""
        line = self.pitch_hz(np.asarray(at_s, np.float64))
        return np.where(events["struck"] > 0.0, events["pitch_hz"], line)

    def strikes(self, at_s: Floats, own: Chance) -> Events:
        """Return a struck tone at each time, its pitch and decay those of its row."""
        decay_s = self.decay_s(at_s, own)
        return self._struck(at_s, own, self.pitch_hz(at_s, own), decay_s, STRUCK_DB)

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        from lullaby.dsp import data_tones  # here, so that listing never waits for numba

        return Voice(data_tones.render, data_tones.MEMORY, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return pitch and gain of the first harmonic of every line and tone that sounds."""
        since_s = at_s - events["at_s"]
        events = events[(since_s >= 0.0) & (since_s < events["duration_s"])]
        rung = events[events["struck"] > 0.0]
        fallen = np.exp(-6.907755 * (at_s - rung["at_s"]) / rung["decay_s"])
        hz, gain = [rung["pitch_hz"]], [10.0 ** (rung["level_db"] / 20.0) * fallen]
        if len(rung) < len(events):
            t = np.array([at_s])
            hz.append(self._lines_hz(t)[0])
            gain.append(10.0 ** (LEVEL_DB / 20.0) * self.sustain(t) * np.array([1.0, 0.2, 0.2]))
        return np.concatenate(hz), np.concatenate(gain)

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return the phase of the one breath."""
        return np.array([0.1 * at_s % 1.0])

    def _struck(
        self, at_s: Floats, own: Chance, pitch_hz: Floats, decay_s: Any, level_db: float
    ) -> Events:
        calm = self.surrender(at_s)
        return self.events(
            at_s,
            own,
            struck=1.0,
            duration_s=decay_s,
            pitch_hz=pitch_hz,
            level_db=level_db,
            decay_s=decay_s,
            bright_hz=np.maximum(self.cutoff_hz(at_s, own), 1.5 * pitch_hz),
            rise_s=RISE_S + (CALM_RISE_S - RISE_S) * calm,
            fade_s=0.02,
        )

    def _grains(self, window: Window, chance: Chance) -> Events:
        if self.density_per_s.constant == 0.0:
            return self.events(np.zeros(0), Chance(np.zeros(0, np.uint64)))
        at_s, own = pulses(chance, self.density_per_s, Constant(GRAIN_SLACK), window)
        sounding = self.density_per_s(at_s) > 0.0
        at_s, own = at_s[sounding], Chance(own.key[sounding])
        calm = own.uniform("calm") < self.surrender(at_s)
        chord_hz = self.root_hz(at_s) * np.array(GRAIN_TONES)[own.choice("tone", len(GRAIN_TONES))]
        above_hz = np.minimum(self.pitch_hz(at_s) * 4.0, 4000.0)
        made = self._struck(at_s, own, np.where(calm, chord_hz, above_hz), GRAIN_DECAY_S, GRAIN_DB)
        made["azimuth_deg"] = self.width_deg(at_s) * own.uniform("place", -1.0, 1.0)
        return made

    def _lines_hz(self, t: Floats) -> Floats:
        pitch_hz, s = self.pitch_hz(t), self.surrender(t)
        cents, root_hz = self.detune_cents(t), self.root_hz(t)
        beside = [
            companions.beside_hz(pitch_hz, root_hz * tone, cents * side, s)
            for tone, side in zip(TONES, (-1.0, 1.0), strict=True)
        ]
        return np.stack([pitch_hz, *beside], axis=-1)

    def _cycles_at(self, chance: Chance, k: Any) -> Floats:
        # Cycles of each line from the run's start to each cell: summed cell by cell, in one
        # order, and nothing later than a cell's start is read.
        known = (chance.key, *self.curves.values(), *self.fixed.values())
        if len(known) != len(self._known) or any(map(is_not, known, self._known)):
            self._known, self._cycles = known, [np.zeros(3)]
        for cell in range(len(self._cycles) - 1, int(k.max()) if len(k) else 0):
            steps = np.arange(round(CELL_S / SUM_STEP_S) + 1, dtype=np.float64)
            t = cell * CELL_S + steps * SUM_STEP_S
            hz = self._lines_hz(t)
            self._cycles.append(
                self._cycles[-1] + (hz[1:] + hz[:-1]).sum(axis=0) * (0.5 * SUM_STEP_S)
            )
        return np.array([self._cycles[int(i)] for i in k]).reshape(-1, 3)
