"""Wasps: a swarm that circles the head, and the few that come near enough to sting the ribs.

Each wing is heard as its two strokes, the second harmonic the strongest (hornets 100 to 125 Hz, Kim
et al. 2019; yellow jackets up to 250 Hz), its pitch wandering by a few percent, on a way of its own
through space: louder near by, its pitch bent by its speed, from side to side.  A far swarm is the
bed; in front of it a few fly close, 20 to 70 Hz apart, so that their wings beat roughly.  Some
sting: a burst of 8 to 20 ms, a blow in the chest.  ``panic`` brings more of them, nearer, darting,
brighter, and stinging.

At surrender 1 no wing wanders or stings any more: each has glided to the eighth, twelfth or
sixteenth harmonic of the common root, its two strokes alike, and all of one tone beat as one: a
soft shimmer that breathes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import flight, motors
from lullaby.model.chance import Chance, Floats
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.sheet import Follow, count, panic, param, surrender
from lullaby.model.streams import Window, poisson
from lullaby.units import cents_to_ratio, db_to_gain, gain_to_db, power_to_db

TONES = np.array([8.0, 12.0, 16.0])  # over the root: octave and fifth, open in every chord
TONE_GAINS = np.array([1.0, 0.62, 0.4])
CELL_S = 24.0  # from one flight of a wasp to its next: a chain, so that any moment can be the start
CROSSING_S = 3.0  # over which the next takes over, at equal power
FIRST_RISE_S = 0.3  # of the flights that begin the run
GOLDEN = 0.6180339887498949  # its multiples spread any number of wasps evenly
DISTANCE_M = 1.3
NEAR_STEP = 0.46  # of the spread, from one near wasp to the next: 20 to 70 Hz
FAR_REACH = 4.0  # how much further off the bed flies
LEVEL_DB = -21.5  # of a near wasp at 1 m, for -23 LUFS of all
BED_DB = -7.0  # of the bed over that, as many wasps as it may be
BED_OF = 44.0  # wasps in the plain bed
REST_GAIN = 0.075  # of each tone, over a near wasp at 1 m
MOST_STINGS_PER_S = 16.0  # the ceiling stings are thinned from
STING_DB = 13.0  # of a sting close by, over a near wasp at 1 m
STING_S = 0.05  # with its bump
ASKED_DB = 4.0  # of a sting that is asked for, over one that comes by itself
DIVE_DB = 6.0
DIVE_M_PER_S = 5.5
LIT = 2.0  # of a wing that is asked for in surrender, over a whole tone
# What a flight carries beside what every event has; a sting only the last two.
WAY = ("across_hz", "across_turn", "along_hz", "along_turn", "dart_hz", "dart_turn")
FLIGHT = ("reach", "above", "speed_m_per_s", "passes_s", "aside_m", "rank")
WING = ("wasp", "place", "walk", "rest_hz", "rest_turn", "rest_gain", "sharers")
TURN = ("begins", "arrives", "lag", "beats", "fade_in_s", "fade_s", "burst_s", "ratio")


class Sting(Gesture):
    """One sting close by; surrendered, a soft wing that lights up on a tone of the chord."""

    sounds_s = 4.0
    gain_db = param(0.0, "dB", (-40.0, 12.0), "Louder or softer.")


class DiveBy(Gesture):
    """One wasp flies close by the ear; surrendered, one wing of the shimmer comes near."""

    sounds_s = 24.0
    over_s = param(1.4, "s", (0.4, 4.0), "How long it is heard; surrendered, four times as long.")
    near_m = param(0.45, "m", (0.1, 4.0), "How near it comes.")
    gain_db = param(0.0, "dB", (-40.0, 12.0), "Louder or softer.")


class Scatter(Gesture):
    """All fly up and away, and come back."""

    over_s = param(6.0, "s", (0.5, 60.0), "How long until all are back.")
    away_m = param(6.0, "m", (0.0, 40.0), "How far off they fly.")
    up_cents = param(250.0, "cents", (0.0, 1200.0), "How far their pitch rises.")
    bends = (
        Bend("distance_m", "away_m", 1.0, turn=0.2),
        Bend("pitch_hz", "up_cents", 1.0, turn=0.1),
    )


class Sigh(Gesture):
    """All sink, lower, softer and darker, and come back."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    fall_cents = param(150.0, "cents", (0.0, 2400.0), "How far their pitch sinks; at rest none.")
    shut_cents = param(1800.0, "cents", (0.0, 4800.0), "How far their edges soften.")
    bends = (
        Bend("level_db", "depth_db", -1.0),
        Bend("pitch_hz", "fall_cents", -1.0, turn=0.45),
        Bend("cutoff_hz", "shut_cents", -1.0),
    )


class Wasps(Module):
    """A swarm of wasps that stings; surrendered, a soft shimmer on three tones of one root."""

    voices = count(48, (1, 200), "How many wasps.")
    near = count(4, (0, 8), "How many of them fly near your ears.")
    pitch_hz = param(155.0, "Hz", (80.0, 300.0), "Pitch of the middle wing.", log=True)
    spread_cents = param(720.0, "cents", (0.0, 1200.0), "How far the wings lie from it.")
    jitter = param(0.035, "ratio", (0.0, 0.1), "How far each wing's pitch wanders (deviation).")
    roughness = param(1.0, "ratio", (0.0, 1.0), "How deeply panic lets near wings beat together.")
    distance_m = param(DISTANCE_M, "m", (0.4, 40.0), "How far off the near ones circle.", log=True)
    stings_per_s = param(
        2.2,
        "/s",
        (0.0, MOST_STINGS_PER_S),
        "Mean number of stings; with panic 0.3 to 8.",
        follows=Follow("panic", target=(0.3, 8.0), shape="ease-in"),
    )
    cutoff_hz = param(
        7500.0, "Hz", (300.0, 12000.0), "Where the wings' edges soften, at panic 0.5.", log=True
    )
    width_deg = param(80.0, "deg", (0.0, 90.0), "They fly within this to left and right.")
    root_hz = param(55.0, "Hz", (27.5, 110.0), "Root of the tones they come to rest on.", log=True)
    surrender = surrender("0 a swarm that stings, 1 one soft shimmer that breathes.")
    panic = panic("How hot: more wasps, nearer, darting, brighter, stinging.")

    adds = columns(*WAY, *FLIGHT, *WING, *TURN)
    gestures = knows(sting=Sting, dive_by=DiveBy, scatter=Scatter, sigh=Sigh)
    midi = Midi(
        notes=True,
        pitch="bend",
        cc={"surrender": 1, "stings_per_s": 72, "cutoff_hz": 74, "distance_m": 91},
        text="wasp",
        hands_on="fade_s",
        glides=True,
    )

    _known: tuple[int, Events] | None = None  # the key of a swarm, and the swarm

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return a chain of flights for each wasp, each taking over from the last, and stings."""
        voices = self.fixed["voices"]
        ahead_s = CELL_S * (np.arange(voices) * GOLDEN % 1.0)
        first = max(0, int(np.floor(window[0] / CELL_S)) - 1)
        k = np.arange(first, int(np.ceil(window[1] / CELL_S)) + 2)
        at_s = np.maximum(0.0, k[:, None] * CELL_S - ahead_s)
        until_s = (k[:, None] + 1) * CELL_S - ahead_s + CROSSING_S
        kept = (at_s >= window[0]) & (at_s < window[1])
        cell, who = np.nonzero(kept)
        at_s, until_s = at_s[kept], until_s[kept]
        own = chance.of("flights").at(k[cell] * 256 + who)
        flights = self._flights(at_s, own, self._swarm(chance), who)
        flights["duration_s"] = until_s - at_s
        flights["fade_in_s"] = np.where(k[cell] == 0, FIRST_RISE_S, CROSSING_S)
        flights["fade_s"] = CROSSING_S
        at_s, own = poisson(chance.of("stings"), self._stings_hz, MOST_STINGS_PER_S, window)
        return in_order(flights, self._stings(at_s, own, own.uniform("level", -9.0, 0.0)))

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the stings, or the wasps that dive; what surrender makes of them sounds longer."""
        at_s, own = asked["at_s"], Chance(asked["key"])
        calm = np.clip(self.surrender(at_s), 0.0, 1.0)
        swarm = self._swarm(chance)
        who = own.choice("who", len(swarm))
        wings = self._flights(at_s, own.of("wing"), swarm, who)
        wings["rank"], wings["lag"] = -1.0, 0.25  # there at once, at the height of its breath
        wings["reach"], wings["above"], wings["beats"] = 0.0, 0.0, 0.0
        wings["along_hz"], wings["along_turn"] = 0.0, 0.0
        wings["begins"], wings["arrives"], wings["sharers"] = 0.1, 0.6, 1.0
        wings["rest_gain"] = REST_GAIN * LIT
        wings["pitch_hz"] = self.heard_hz(at_s, wings)
        if gesture == "sting":
            raw = flight.raw(calm)
            gain_db = asked["gain_db"] + 2.0 * power_to_db(raw + 1e-9)
            wings["aside_m"], wings["duration_s"], wings["fade_s"] = 1.0, 1.8, 1.7
            wings["fade_in_s"] = 0.03
            wings["level_db"] = asked["gain_db"] + 2.0 * power_to_db(1.0 - raw + 1e-9)
            stings = self._stings(at_s, own, ASKED_DB + gain_db)
            return np.concatenate((stings[raw > 0.0], wings[raw < 1.0]))
        slower = 1.0 + 3.0 * calm
        over_s, speed = asked["over_s"] * slower, DIVE_M_PER_S / slower
        wings["duration_s"], wings["passes_s"] = over_s, 0.22 * over_s
        wings["fade_in_s"], wings["fade_s"] = 0.01, 0.5 * over_s
        wings["speed_m_per_s"] = np.where(own.uniform("way") < 0.5, -speed, speed)
        wings["aside_m"] = asked["near_m"]
        wings["level_db"] = LEVEL_DB + DIVE_DB + asked["gain_db"]
        wings["rest_gain"] /= db_to_gain(LEVEL_DB + DIVE_DB)
        return wings

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        from lullaby.dsp import swarm  # here, so that listing and checking never wait for numba

        return Voice(swarm.render, swarm.MEMORY, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return the first harmonics of every wing that sounds at a time, at its mean distance."""
        since, left = at_s - events["at_s"], events["at_s"] + events["duration_s"] - at_s
        events = events[(since >= 0.0) & (left > 0.0) & (events["burst_s"] == 0.0)]
        if not len(events):
            return np.zeros(0), np.zeros(0)
        t = np.full(len(events), at_s)
        since, left = t - events["at_s"], events["at_s"] + events["duration_s"] - t
        calm, beat_hz = self._calm(t, events), 0.5 * self.heard_hz(t, events)
        near = np.maximum(self.distance_m(t) * events["reach"] * 1.2 + events["aside_m"], 0.2)
        flying = flight.roused(self.panic(t), events["rank"]) / near
        gain = flying * (1.0 - calm) + events["rest_gain"] * calm
        gain *= db_to_gain(events["level_db"])
        gain *= motors.eased_between(since, 0.0, events["fade_in_s"])
        gain *= motors.eased_between(left, 0.0, events["fade_s"])
        harmonics = np.arange(1.0, 5.0)
        even = flight.ALIKE + (1.0 - flight.ALIKE) * calm[:, None]
        tilt = np.where(harmonics % 2.0, 1.0 - even, 1.0 + even) / harmonics
        tilt = np.where(harmonics == 2.0, tilt, tilt * (1.0 - calm[:, None]))
        return (beat_hz[:, None] * harmonics).ravel(), (gain[:, None] * tilt).ravel()

    def heard_hz(self, at_s: Floats, events: Events) -> Floats:
        """Return the strongest harmonic of each wing (Hz), its wandering left out.

        It is the second of the beat, which goes on as the tone where the strokes have become alike.
        """
        e, calm = events, self._calm(at_s, events)
        wing_hz = 2.0 * self.pitch_hz(at_s) * flight.quicker(self.panic(at_s))
        wing_hz = wing_hz * cents_to_ratio(self.spread_cents(at_s) * e["place"])
        rest_hz = np.maximum(e["rest_hz"], 1.0)
        hz = wing_hz ** (1.0 - calm) * rest_hz**calm
        return np.where(e["burst_s"] > 0.0, e["pitch_hz"], hz)

    def _calm(self, at_s: Floats, e: Events) -> Floats:
        arrives = np.maximum(e["arrives"], e["begins"] + 1e-9)
        calm: Floats = motors.eased_between(self.surrender(at_s), e["begins"], arrives)
        return calm

    def _stings_hz(self, at_s: Floats) -> Floats:
        rate: Floats = self.stings_per_s(at_s) * flight.raw(self.surrender(at_s))
        return rate

    def _swarm(self, chance: Chance) -> Events:
        """Return a row a wasp: what it is for the whole run, as the fields of a flight."""
        key = int(chance.key)
        if self._known is None or self._known[0] != key:
            self._known = key, self._dealt(chance)
        return self._known[1]

    def _dealt(self, chance: Chance) -> Events:
        voices = self.fixed["voices"]
        near = min(self.fixed["near"], voices)
        i = np.arange(voices)
        own = chance.of("wasps").at(i)
        bed = i >= near
        # Dealt out, not drawn, so that every seed has high ones and low ones of each.
        dealt = (i * GOLDEN + chance.of("places").uniform("place")) % 1.0
        tone = i % len(TONES)
        step = min(NEAR_STEP, 2.0 / max(near - 1, 1))
        rates_hz = np.where(bed, 0.4, 1.0)
        return self.events(
            np.zeros(voices),
            own,
            level_db=LEVEL_DB
            + np.where(bed, BED_DB - power_to_db(max(voices - near, 1) / BED_OF), 0.0),
            wasp=np.floor(own.uniform("wasp") * 2.0**32),
            place=np.where(
                bed, 2.0 * dealt - 1.0, step * (i - 0.5 * (near - 1)) + 0.16 * (dealt - 0.5)
            ),
            rank=np.where(bed, 0.85 * dealt - 0.3, 0.75 * i / max(near, 1) - 0.3),
            reach=np.where(bed, FAR_REACH, 1.0) * own.uniform("reach", 0.75, 1.2),
            above=np.where(bed, 0.5, 0.45),
            across_hz=rates_hz * own.uniform("across", 0.2, 0.45),
            across_turn=own.uniform("across turn"),
            along_hz=rates_hz * own.uniform("along", 0.2, 0.45),
            along_turn=own.uniform("along turn"),
            dart_hz=own.uniform("dart", 1.1, 1.9) * np.where(bed, 0.5, 1.0),
            dart_turn=own.uniform("dart turn"),
            walk=own.uniform("walk", 0.0, 64.0),
            rest_hz=TONES[tone],
            rest_turn=own.uniform("rest", -0.08, 0.08),
            rest_gain=REST_GAIN * TONE_GAINS[tone],
            sharers=np.bincount(tone, minlength=len(TONES))[tone],
            begins=own.uniform("begins", 0.10, 0.32),
            arrives=own.uniform("arrives", 0.60, 0.90),
            lag=own.uniform("lag", -0.06, 0.06),
            beats=np.where(bed, 0.0, 1.0),
        )

    def _flights(self, at_s: Floats, own: Chance, swarm: Events, who: Any) -> Events:
        """Return the flights of some wasps, each at a time."""
        flights: Events = swarm[who].copy()
        flights["at_s"], flights["key"] = at_s, own.key
        flights["rest_hz"] *= self.root_hz(at_s)
        flights["rest_gain"] /= flights["sharers"] * db_to_gain(flights["level_db"])
        turn = flights["across_hz"] * at_s + flights["across_turn"]
        flights["azimuth_deg"] = self.width_deg(at_s) * np.sin(2.0 * np.pi * turn)
        flights["distance_m"] = np.maximum(self.distance_m(at_s) * flights["reach"], 1.0)
        flights["pitch_hz"] = self.heard_hz(at_s, flights)
        return flights

    def _stings(self, at_s: Floats, own: Chance, over_db: Any) -> Events:
        """Return stings, each somewhere round the head, softer from wasps that keep away."""
        away_db = np.maximum(gain_to_db(self.distance_m(at_s) / DISTANCE_M), -3.0)
        return self.events(
            at_s,
            own,
            duration_s=STING_S,
            pitch_hz=1500.0 * (5000.0 / 1500.0) ** own.uniform("pitch"),
            level_db=LEVEL_DB + STING_DB + over_db - away_db,
            azimuth_deg=self.width_deg(at_s) * own.uniform("place", -1.0, 1.0),
            burst_s=own.uniform("burst", 0.008, 0.020),
            ratio=own.uniform("ratio", 0.11, 0.19),
        )
