"""Sirens: motors that drive air through ports, wind up over the roofs, hang, and run down.

A siren is a chopper: its pitch is ports times turns a minute over 60, and its motor has inertia, so
that it rises and sinks by exponentials and the pitch of any instant is a formula.  Some stand on
roofs and turn their horns, some have two rows of ports a third apart, some yelp or call high and
low from the street and pass by.  All speak through a mouth whose vowels no voice holds.  ``panic``
switches the motors faster and makes their air hotter; ``dissolve`` breaks their tone up from
inside, period by period, until it is noise.

At surrender 1 inertia bends nothing any more and no horn turns: each motor has come to rest on a
tone of one open just chord, soft and far, like ships' horns in a harbour that breathes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import motors
from lullaby.model.chance import Chance, Floats
from lullaby.model.chords import CHORDS, tones_between
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.sheet import choice, count, panic, param, surrender
from lullaby.model.streams import Window
from lullaby.units import cents_to_ratio, db_to_gain, power_to_db

HORNS = (2.0, 10.0)  # the tones of the chord that horns have: from 110 Hz over the plain root on
PORTS = (5.0, 6.0, 8.0, 10.0)  # of the lower row, as built; the pitch at full speed is a parameter
SECOND_ROWS = (6.0 / 5.0, 5.0 / 4.0)  # minor third (rows 5:6), major third (4:5)
TURN_S = 24.0  # mean time from one call of a station to its next
TURN_STRAYS = 0.25
GOLDEN = 0.6180339887498949  # its multiples spread any number of stations evenly
LAST_IN_S = 9.0  # by then every station has begun its first call
RUN_DOWN_S = 4.0  # a call sounds this long into the station's next turn
LEVEL_DB = -13.3  # of all stations together, for -23 LUFS
REST_GAIN = 0.58  # how soft five of them rest
DEALT = ("blower", "dual", "air", "spread")  # what stations have some of each of
KINDS = ("mixed", "wail", "yelp", "hi-lo")
YELP_S, YELP_FROM, YELP_TO = 0.3, 1.1, 3.4  # 200 a minute, 500 to 1560 Hz over 460
HI_LO_S, HI_LO_FROM, HI_LO_TO = 0.6, 0.87, 1.16  # DIN 14610: a fourth, 400 and 533 Hz over 460
YELPS_DB = -2.5  # of a yelp that is asked for, over one station of one
EVENED_DB = 14.0  # at most, by which a call that its motor or its way makes soft is louder
QUICK_S = 0.02  # how fast an electronic siren changes its mind
FADE_S, FADE_IN_S = 4.0, 0.25
# What a call carries beside what every event has.
MOTOR = ("first", "low", "on_s", "off_s", "up_s", "down_s", "cut_s", "ports", "blower")
PITCH = ("base_hz", "top_hz", "phase", "rest_hz", "rest_turn", "rest_gain", "begins", "arrives")
SOUND = ("shuts", "air", "tremor_hz", "vowel_1_hz", "vowel_2_hz", "vowel_turn")
FADES = ("fade_s", "fade_in_s")
PLACE = ("speed_m_per_s", "passes_s", "way", "horn_hz", "horn_turn")


class Yelp(Gesture):
    """One electronic yelp from the street; surrendered, a far horn on a tone of the chord."""

    sounds_s = 30.0
    over_s = param(1.8, "s", (0.3, 30.0), "How long it sounds.")
    gain_db = param(0.0, "dB", (-40.0, 18.0), "Louder or softer.")


class Sigh(Gesture):
    """All motors sink into their own air, lower, softer and darker, and come back."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    fall_cents = param(150.0, "cents", (0.0, 2400.0), "How far their pitch sinks.")
    shut_cents = param(1800.0, "cents", (0.0, 4800.0), "How far the low-pass closes.")
    bends = (
        Bend("level_db", "depth_db", -1.0),
        Bend("bend_cents", "fall_cents", -1.0, turn=0.45),
        Bend("cutoff_hz", "shut_cents", -1.0),
        Bend("flow_db", "depth_db", 0.3, turn=0.5),
    )


class Sirens(Module):
    """Motors that wind up and run down; surrendered, distant horns resting on one chord."""

    voices = count(5, (1, 32), "How many stations.")
    kind = choice("mixed", KINDS, "What they are: motors, electronic ones, or both.")
    chord = choice("warm", tuple(CHORDS), "The open chord they come to rest on.")
    pitch_hz = param(
        460.0, "Hz", (100.0, 900.0), "Pitch at full speed, of the middle one.", log=True, each=True
    )
    spread_cents = param(350.0, "cents", (0.0, 1200.0), "How far the stations lie from it.")
    bend_cents = param(
        0.0, "cents", (-2400.0, 2400.0), "All motors higher or lower; at rest nothing bends."
    )
    switch_s = param(
        5.0, "s", (2.0, 12.0), "How long a motor is on, and off, at panic 0.5.", log=True, each=True
    )
    rise_s = param(
        3.0, "s", (0.3, 8.0), "Time constant of a motor winding up.", log=True, each=True
    )
    fall_s = param(
        8.0, "s", (0.5, 20.0), "Time constant of a motor running down.", log=True, each=True
    )
    dual = param(0.4, "ratio", (0.0, 1.0), "Share of stations with a second row of ports.")
    blower = param(0.5, "ratio", (0.0, 1.0), "Share fed by a blower: loud down to low speed.")
    passing = param(0.3, "ratio", (0.0, 1.0), "Share of calls that drive by.")
    cutoff_hz = param(5200.0, "Hz", (300.0, 12000.0), "Corner of the air's low-pass.", log=True)
    flow_db = param(-20.0, "dB", (-60.0, 0.0), "Noise of the air in each pulse.")
    vowels = param(0.5, "ratio", (0.0, 1.0), "Share that speaks in vowels no voice holds.")
    tremor = param(0.35, "ratio", (0.0, 1.0), "Depth of the 12 to 18 Hz shiver.")
    swing_db = param(12.0, "dB", (0.0, 24.0), "How much a turning horn swings.")
    dissolve = param(0.0, "ratio", (0.0, 1.0), "0 a tone, 1 noise: every period is drawn anew.")
    distance_m = param(
        60.0, "m", (5.0, 400.0), "How near those that drive by come.", log=True, each=True
    )
    width_deg = param(65.0, "deg", (0.0, 90.0), "Stations stand within this to left and right.")
    root_hz = param(55.0, "Hz", (27.5, 110.0), "Root of the chord they rest on.", log=True)
    surrender = surrender("0 each motor for itself, 1 far horns on one chord.")
    panic = panic("How hot: motors switched faster, brighter air, a deeper shiver.")

    adds = columns(*MOTOR, *PITCH, *SOUND, *FADES, *PLACE)
    gestures = knows(yelp=Yelp, sigh=Sigh)
    midi = Midi(
        notes=True,
        pitch="bend",
        cc={"surrender": 1, "cutoff_hz": 74, "dissolve": 71, "vowels": 70},
        text="siren",
        glides=True,
        peak="on_s",
    )

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the calls of all stations, each on its own turns; two rows are two events."""
        count = self.fixed["voices"]
        station = chance.of("stations").at(np.arange(count))
        # What stations are is dealt out, not drawn, so that every seed has some of each.
        dealt = {
            name: (np.arange(count) * GOLDEN + chance.of(name).uniform(name)) % 1.0
            for name in DEALT
        }
        turn_s = TURN_S * station.uniform("turn", 1.0 - TURN_STRAYS, 1.0 + TURN_STRAYS)
        lead_s = LAST_IN_S * (np.arange(count) * GOLDEN % 1.0)
        most = int(window[1] / (TURN_S * (1.0 - TURN_STRAYS))) + 1
        least = int(window[0] / (TURN_S * (1.0 + TURN_STRAYS))) - 1
        k = np.arange(max(least, 0), most + 1)
        at_s = lead_s + k[:, None] * turn_s
        turn, who = np.nonzero((at_s >= window[0]) & (at_s < window[1]))
        at_s = at_s[turn, who]
        own = chance.of("calls").at(k[turn] * 64 + who)
        own_station = Chance(station.key[who])
        dealt = {name: values[who] for name, values in dealt.items()}
        calls = self._calls(at_s, own, own_station, who, turn_s[who], dealt)
        two = (dealt["dual"] < self.dual(at_s)) & (calls["base_hz"] == 0.0)
        return in_order(calls, self._second_rows(calls[two], Chance(own_station.key[two])))

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the yelps: calls of a street siren that stands still and is soon over."""
        own = Chance(asked["key"])
        who = own.choice("station", max(self.fixed["voices"], 4))
        station = own.of("station")
        dealt = {name: station.uniform(name) for name in DEALT}
        yelps = self._calls(asked["at_s"], own, station, who, asked["over_s"], dealt, "yelp")
        yelps["duration_s"] = asked["over_s"]
        yelps["fade_s"], yelps["fade_in_s"] = 0.3 * asked["over_s"], 0.02
        yelps["level_db"] = LEVEL_DB + asked["gain_db"] + YELPS_DB
        yelps["speed_m_per_s"] = 0.0
        return yelps

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part: motors, choppers and a mouth."""
        from lullaby.dsp import stations  # here, so that listing never waits for numba

        return Voice(stations.render, stations.MEMORY, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return the first harmonics of every row that sounds at a time."""
        since, left = at_s - events["at_s"], events["at_s"] + events["duration_s"] - at_s
        events = events[(since >= 0.0) & (left > 0.0)]
        if not len(events):
            return np.zeros(0), np.zeros(0)
        t = np.full(len(events), at_s)
        hz, gain = self.heard(t, events)
        harmonics = np.arange(1.0, 5.0)
        tilt = harmonics ** -(1.5 + self.surrender(t)[:, None])
        return (hz[:, None] * harmonics).ravel(), (gain[:, None] * tilt).ravel()

    def heard_hz(self, at_s: Floats, events: Events) -> Floats:
        """Return the pitch of each call (Hz) at a time of its own."""
        return self.heard(at_s, events)[0]

    def heard(self, t: Floats, events: Events) -> tuple[Floats, Floats]:
        """Return the pitch (Hz) and linear gain of each event at a time of its own."""
        e = events
        since = t - e["at_s"]
        calm = motors.eased_between(self.surrender(t), e["begins"], e["arrives"])
        turning, near, factor = self._turning(since, e)
        span_hz = e["top_hz"] - e["base_hz"]
        factor *= cents_to_ratio(self.bend_cents(t))
        hz = np.maximum(e["base_hz"] + turning * span_hz, motors.QUIETEST * span_hz) * factor
        gain = (self._blown(turning, e) * near) ** (1.0 - calm) * db_to_gain(e["level_db"])
        gain *= 1.0 - calm * (1.0 - e["rest_gain"])
        left = e["at_s"] + e["duration_s"] - t
        slow = e["fade_in_s"] + (e["fade_s"] - e["fade_in_s"]) * calm
        gain *= motors.eased_between(since, 0.0, slow)
        gain *= motors.eased_between(left, 0.0, e["fade_s"])
        return hz ** (1.0 - calm) * e["rest_hz"] ** calm, gain

    def _calls(
        self,
        at_s: Floats,
        own: Chance,
        station: Chance,
        who: Any,
        turn_s: Floats,
        dealt: dict[str, Floats],
        wanted: str = "",
    ) -> Events:
        chord = np.array(tones_between(self.fixed["chord"], *HORNS))
        heat = self.panic(at_s) - 0.5
        kind = self._kind(own, heat, wanted or self.fixed["kind"])
        moves = own.uniform("passes") < self.passing(at_s)
        place = station.uniform("place", -1.0, 1.0)
        top_hz = self.pitch_hz(at_s, own) * cents_to_ratio(
            self.spread_cents(at_s) * (2.0 * dealt["spread"] - 1.0) + 60.0 * heat
        )
        switch_s = self.switch_s(at_s, own) * (1.0 - 0.4 * heat)
        wail, yelp = kind == 1, kind == 2
        half_s = np.where(yelp, 0.5 * YELP_S * (1.0 - 0.4 * heat), HI_LO_S * (1.0 - 0.2 * heat))
        on_s = np.where(wail, switch_s * own.uniform("on", 0.9, 1.1), half_s)
        off_s = np.where(wail, switch_s * own.uniform("off", 0.9, 1.1), half_s)
        quick_s = np.where(yelp, 0.5 * half_s, QUICK_S)
        up_s = np.where(wail, self.rise_s(at_s, own) * own.uniform("up", 0.8, 1.25), quick_s)
        down_s = np.where(wail, self.fall_s(at_s, own) * own.uniform("down", 0.8, 1.25), quick_s)
        low = motors.lowest(on_s, off_s, up_s, down_s)
        base_hz = np.where(wail, 0.0, top_hz * np.where(yelp, YELP_FROM, HI_LO_FROM))
        top_hz = top_hz * np.where(wail, 1.0, np.where(yelp, YELP_TO, HI_LO_TO))
        # Street sirens are cut off by their fade; a motor is left to itself.
        cut_s = np.where(wail, turn_s * own.uniform("cut", 0.75, 0.95), 60.0)
        events = self.events(
            at_s,
            own,
            duration_s=turn_s + RUN_DOWN_S,
            level_db=LEVEL_DB
            - power_to_db(float(self.fixed["voices"]))
            + own.uniform("level", -1.5, 1.5),
            azimuth_deg=self.width_deg(at_s) * place,
            distance_m=self.distance_m(at_s, own) * own.uniform("distance", 0.6, 1.6),
            base_hz=base_hz,
            top_hz=top_hz,
            rest_hz=self.root_hz(at_s) * chord[who % len(chord)],
            # Unisons at rest add up as amplitudes, not as powers.
            rest_gain=REST_GAIN * np.sqrt(5.0 / max(self.fixed["voices"], 4)),
            rest_turn=station.uniform("rest", -0.1, 0.1),
            phase=own.uniform("phase"),
            first=np.where(wail, 0.0, low),
            low=low,
            on_s=on_s,
            off_s=off_s,
            up_s=up_s,
            down_s=down_s,
            cut_s=cut_s,
            ports=np.array(PORTS)[station.choice("ports", len(PORTS))],
            blower=np.where(wail, dealt["blower"] < self.blower(at_s), 1.0),
            shuts=station.uniform("shuts", 0.42, 0.55),
            air=0.6 + 0.8 * dealt["air"],
            begins=station.uniform("begins", motors.BEGINS_FROM, 0.30),
            arrives=station.uniform("arrives", 0.75, 0.90),
            speed_m_per_s=np.where(moves, own.uniform("speed", 15.0, 25.0), 0.0),
            passes_s=turn_s * own.uniform("passes at", 0.3, 0.7),
            way=np.where(own.uniform("way") < 0.5, -1.0, 1.0),
            horn_hz=np.where(wail & ~moves, station.uniform("horn", 2.0, 3.0) / 60.0, 0.0),
            horn_turn=np.where(wail & ~moves, station.uniform("turned"), 0.0),
            tremor_hz=own.uniform("tremor", 12.0, 18.0),
            vowel_1_hz=own.uniform("vowel 1", 0.2, 0.5),
            vowel_2_hz=own.uniform("vowel 2", 0.2, 0.5),
            vowel_turn=own.uniform("vowel turn"),
            fade_s=FADE_S,
            fade_in_s=FADE_IN_S,
        )
        events["pitch_hz"] = self._hung_hz(events)
        softer_db = np.maximum(self._softness_db(events), -EVENED_DB)
        events["level_db"] -= softer_db
        events["rest_gain"] *= db_to_gain(softer_db)
        return events

    def _softness_db(self, events: Events) -> Floats:
        """Return the mean power of each call as its motor, way, horn and fades have it, dB."""
        e = events.reshape(-1, 1)
        since = e["duration_s"] * ((np.arange(32) + 0.5) / 32)
        turning, near, _ = self._turning(since, e)
        gain = self._blown(turning, e) * near
        turn = 2.0 * np.pi * (e["horn_hz"] * (e["at_s"] + since) + e["horn_turn"])
        away = np.where(e["horn_hz"] > 0.0, 0.5 - 0.5 * np.sin(turn), 0.0)
        gain *= db_to_gain(-self.swing_db(events["at_s"])[:, None] * away)
        gain *= motors.eased_between(since, 0.0, e["fade_in_s"])
        gain *= motors.eased_between(e["duration_s"] - since, 0.0, e["fade_s"])
        db: Floats = power_to_db(np.mean(gain**2, axis=1))
        return db

    def _turning(self, since: Floats, e: Events) -> tuple[Floats, Floats, Floats]:
        # The speed of motors, the nearness (gain) of what passes by, and its bend of pitch.
        turning = motors.speed(since, *(e[x] for x in MOTOR[:7]))
        along = e["speed_m_per_s"] * (since - e["passes_s"])
        near = e["distance_m"] / np.hypot(along, e["distance_m"])
        return turning, near, motors.doppler(along, e["distance_m"], e["speed_m_per_s"])

    def _blown(self, turning: Floats, e: Events) -> Floats:
        # The gain of a motor: 12 dB an octave of speed, of a blown one only where it is slow.
        turning = np.maximum(turning, motors.QUIETEST)
        blown = np.where(e["blower"] > 0.5, np.minimum(turning / motors.BLOWN, 1.0), turning)
        gain: Floats = np.where(e["base_hz"] > 0.0, 1.0, blown) ** 2
        return gain

    def _kind(self, own: Chance, heat: Floats, wanted: str) -> Any:
        if wanted != "mixed":
            return np.full(len(heat), KINDS.index(wanted))
        draw = own.uniform("kind")
        yelps = 0.15 + 0.2 * heat
        return np.where(draw < yelps, 2, np.where(draw < yelps + 0.15, 3, 1))

    def _second_rows(self, calls: Events, station: Chance) -> Events:
        # The second row of a station's ports, on the same shaft: the same call, a third higher.
        rows: Events = calls.copy()
        ratio = np.array(SECOND_ROWS)[station.choice("second row", len(SECOND_ROWS))]
        chord = np.array(tones_between(self.fixed["chord"], *HORNS))
        root_hz = self.root_hz(rows["at_s"])
        tone = np.searchsorted(chord, rows["rest_hz"] / root_hz * 0.999)
        rows["key"] = Chance(rows["key"]).of("second row").key
        rows["top_hz"] *= ratio
        rows["ports"] *= ratio
        rows["rest_hz"] = root_hz * chord[(tone + 1) % len(chord)]
        rows["level_db"] -= 2.0
        rows["pitch_hz"] = self._hung_hz(rows)
        return rows

    def _hung_hz(self, events: Events) -> Floats:
        # A call is written as the pitch it hangs at: where its motor is when it is switched off.
        calm = motors.eased_between(
            self.surrender(events["at_s"]), events["begins"], events["arrives"]
        )
        highest = 1.0 - (1.0 - events["low"]) * np.exp(-events["on_s"] / events["up_s"])
        hz = events["base_hz"] + highest * (events["top_hz"] - events["base_hz"])
        hung: Floats = hz ** (1.0 - calm) * events["rest_hz"] ** calm
        return hung
