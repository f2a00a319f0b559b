"""Static: the radio noise of a city in panic, from many stations at once.

Each station is noise and clustered crackle through the band of a voice channel (350 to 2700 Hz,
ITU-R M.1173) with hiss above it.  Its channel fades by two states, going bad with a burst of
squelch; where the dial moves past its carrier, a whistle falls through nothing and rises again.
``panic`` makes it brighter and denser.

At surrender 1 it is surf: one soft, wide wave of noise a breath, four seconds in and six out,
around 200 to 800 Hz.  On the way crackle, whistles and hiss go to nothing, and the stations, each
first with a swell of its own, find the common breath.
"""

from __future__ import annotations

import numpy as np

from lullaby.model.chance import Chance, Floats
from lullaby.model.event import Events, Followed, columns
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.sheet import Follow, count, panic, param, surrender
from lullaby.model.streams import Window

CELL_S = 30.0  # from one event of a station to its next
CROSSING_S = 1.5  # over which the next takes over, at equal power
FIRST_RISE_S = 0.3  # of the events that begin the run
BREATH_HZ = 0.1
CRACK_DB = 21.0  # of a crack, over one station
GOLDEN = 0.6180339887498949  # its multiples spread any number of stations evenly
PLASTIC = 0.7548776662466927  # and these spread them anew in each cell (Roberts 2018, R2 sequence)


class Crack(Gesture):
    """One more station bursts in, close by; surrendered, a wave that comes nearer."""

    sounds_s = 24.0
    over_s = param(0.25, "s", (0.02, 4.0), "How long it lasts; surrendered, six times as long.")
    gain_db = param(0.0, "dB", (-40.0, 18.0), "Louder or softer.")


class Sigh(Gesture):
    """All stations sink, softer and darker, and come back."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    bends = (Bend("level_db", "depth_db", -1.0), Bend("tilt_db", "depth_db", -0.5))


class Static(Module):
    """Radio noise of many stations: hiss, crackle, whistles; surrendered, surf that breathes."""

    voices = count(12, (1, 32), "Stations heard at once.")
    dial = param(0.5, "ratio", (0.0, 1.0), "Where the dial stands; moving past a station whistles.")
    search = param(0.3, "ratio", (0.0, 1.0), "How far a hand wanders on the dial by itself.")
    reception = param(0.4, "ratio", (0.0, 1.0), "0 deep fades and squelch, 1 steady and quieter.")
    density_per_s = param(
        16.0,
        "/s",
        (0.0, 200.0),
        "Crackle: mean number of impulses, all stations together; with panic 4 to 28.",
        follows=Follow("panic", target=(4.0, 28.0)),
    )
    tilt_db = param(
        -6.0,
        "dB",
        (-12.0, 0.0),
        "Slope of the hiss above the band, an octave; with panic -9 to -3.",
        follows=Follow("panic", target=(-9.0, -3.0)),
    )
    focus = param(1.0, "ratio", (0.5, 12.0), "Q of the bands: 0.5 wide, 12 nearly tones.", log=True)
    whistle = param(0.4, "ratio", (0.0, 1.0), "Strength of the whistles.")
    spread_deg = param(70.0, "deg", (0.0, 90.0), "Stations stand within this to left and right.")
    surrender = surrender("0 radio in panic, 1 surf: one wave of noise a breath.")
    panic = panic("How hot it is: crackle, brightness.")

    adds = columns(
        "share", "rise_s", "fall_s", "carrier", "hand", "drift_hz", "lead", "wander", "wander_hz"
    )
    gestures = knows(crack=Crack, sigh=Sigh)
    midi = Midi(
        notes=False,
        cc={"surrender": 1, "reception": 71, "density_per_s": 72, "tilt_db": 74, "dial": 75},
        text="static",
    )

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return a chain of events for each station, each taking over from the one before."""
        station = chance.of("stations").at(np.arange(self.voices))
        ahead_s = CELL_S * (np.arange(self.voices) * GOLDEN % 1.0)
        first = max(0, int(np.floor(window[0] / CELL_S)) - 1)
        k = np.arange(first, int(np.ceil(window[1] / CELL_S)) + 2)
        at_s = np.maximum(0.0, k[:, None] * CELL_S - ahead_s)
        until_s = (k[:, None] + 1) * CELL_S - ahead_s + CROSSING_S
        kept = (at_s >= window[0]) & (at_s < window[1])
        own = Chance(station.at(k).key.T[kept])
        leads = Chance(np.broadcast_to(station.key, kept.shape)[kept])
        begins = np.broadcast_to(k[:, None] == 0, kept.shape)[kept]
        # Levels are dealt out, not drawn, so that no seed has only near or only far stations.
        dealt = np.arange(self.voices) * GOLDEN + k[:, None] * PLASTIC
        near = (dealt + chance.of("levels").uniform("near"))[kept] % 1.0
        at_s, until_s = at_s[kept], until_s[kept]
        made = self.events(
            at_s,
            own,
            duration_s=until_s - at_s,
            level_db=-5.0 + 8.0 * near,
            azimuth_deg=self.spread_deg(at_s) * leads.uniform("place", -1.0, 1.0),
            share=1.0 / np.sqrt(self.voices),
            rise_s=np.where(begins, FIRST_RISE_S, CROSSING_S),
            fall_s=CROSSING_S,
            carrier=own.uniform("carrier", -0.1, 1.1),
            hand=float(chance.of("hand").uniform("phase")),
            drift_hz=own.uniform("drift", 0.25, 0.8),
            lead=leads.uniform("lead", -0.5, 0.5),
            wander=leads.uniform("wander", 0.1, 0.4),
            wander_hz=leads.uniform("wander rate", 0.12, 0.4),
        )
        return made[np.lexsort((made["key"], made["at_s"]))]

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the cracks: a station that is there at once and soon gone."""
        own, at_s = Chance(asked["key"]), asked["at_s"]
        calm = np.clip(self.surrender(at_s), 0.0, 1.0)
        over_s = asked["over_s"] * (1.0 + 5.0 * calm)
        return self.events(
            at_s,
            own,
            duration_s=over_s,
            level_db=CRACK_DB * (1.0 - 0.35 * calm) + asked["gain_db"],
            azimuth_deg=self.spread_deg(at_s) * own.uniform("place", -0.6, 0.6),
            share=1.0 / np.sqrt(self.voices),
            rise_s=0.003 + 0.4 * calm * over_s,
            fall_s=0.6 * over_s,
            carrier=own.uniform("carrier", -0.1, 1.1),
            hand=float(chance.of("hand").uniform("phase")),
            drift_hz=own.uniform("drift", 0.25, 0.8),
            wander=own.uniform("wander", 0.1, 0.4),
            wander_hz=own.uniform("wander rate", 0.12, 0.4),
        )

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        from lullaby.dsp import radio  # here, so that listing and checking never wait for numba

        return Voice(radio.render, radio.MEMORY, sample_rate)

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return where in its breath each station is, which sounds at a time."""
        sounding = (events["at_s"] <= at_s) & (at_s < events["at_s"] + events["duration_s"])
        e = events[sounding]
        x = np.clip(float(self.surrender(at_s)) / 0.7, 0.0, 1.0)
        apart = 1.0 - x * x * (3.0 - 2.0 * x)
        stray = e["wander"] * np.sin(2.0 * np.pi * e["wander_hz"] * at_s)
        phases: Floats = (at_s * BREATH_HZ + apart * (e["lead"] + stray)) % 1.0
        return phases
