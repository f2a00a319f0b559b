"""Artery: the heart of a living city, two thuds to a beat; surrendered, its ground breathes.

A beat is the closing of two pairs of valves: S1, low and long, and S2, higher, shorter and some
4 dB softer, the sooner behind it the faster the heart beats (Weissler's regression of ejection
time).  ``panic`` makes it race, stumble and pound.

As it surrenders it slows to one beat a second and steadies; its thuds soften, and ring on as the
lowest tones of one just chord, in one slow breath: the ground that all stand on.
"""

from __future__ import annotations

import numpy as np

from lullaby.model.chance import Chance, Floats
from lullaby.model.curve import Constant, Curve
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.following import Arithmetic
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.homing import home_share, homeward, phases
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.ringing import ringing
from lullaby.model.sheet import Follow, count, panic, param, surrender
from lullaby.model.streams import Window, numbered_pulses
from lullaby.units import power_to_db

TONES = (1.0, 2.0, 3.0)  # of the root, which beats rest on: heard on small speakers, too
SECOND_DB = -4.0  # of S2 under S1 (sound-facts: about 4 dB softer)
SECOND_HIGHER = 1.55
GAP_S, GAP_S_PER_BPM = 0.413, -0.0017  # from S1 to S2
GAP_LEAST_S = 0.1
LATEST = 1.0  # beats that one is late at most
LONGEST_BEAT_S = 2.1
LEVEL_DB = -2.9
REST_DB = -33.0
SWELL_DB = 9.0
BREATH_HZ = 0.1
STRAYS = 0.04  # by which hearts' tempi differ, at surrender 0


class Pound(Gesture):
    """One hard beat, close by; surrendered, a deep soft one."""

    sounds_s = 20.0
    begins_s = GAP_S
    gain_db = param(4.0, "dB", (-40.0, 18.0), "Louder or softer.")


class Sigh(Gesture):
    """Its beats are softer and duller for a while."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    bends = (Bend("level_db", "depth_db", -1.0), Bend("edge_db", "depth_db", -1.0))


class Artery(Module):
    """A heart that races and stumbles; surrendered, the ground of the chord, breathing."""

    voices = count(1, (1, 8), "How many hearts.")
    rate_bpm = param(
        99.0,
        "bpm",
        (40.0, 200.0),
        "How fast it beats; with panic 58 to 140. Surrendered, 60.",
        log=True,
        follows=Follow("panic", target=(58.0, 140.0)),
    )
    jitter = param(
        0.05,
        "ratio",
        (0.0, 0.3),
        "How unevenly (deviation, of a beat); with panic 0.02 to 0.08.",
        follows=Follow("panic", target=(0.02, 0.08)),
    )
    pitch_hz = param(45.0, "Hz", (25.0, 80.0), "Of the first thud.", log=True, each=True)
    edge_db = param(0.0, "dB", (-30.0, 12.0), "How hard the valves close: what is above 100 Hz.")
    width_deg = param(30.0, "deg", (0.0, 90.0), "Hearts stand within this to left and right.")
    root_hz = param(55.0, "Hz", (27.5, 110.0), "Root of the chord.", log=True)
    ring_s = param(4.0, "s", (0.5, 8.0), "How long a surrendered beat rings (60 dB).", log=True)
    breath = param(0.85, "ratio", (0.0, 0.9), "Depth of the breath that beats share.")
    surrender = surrender("0 a heart that races, 1 a ground that breathes.")
    panic = panic("How hot: how fast, how uneven, how hard.")

    adds = columns("second", "soft", "hard_db", "decay_s", "rise_s", "ring_s", "hard", "bloom")
    presses_s = 0.1
    gestures = knows(pound=Pound, sigh=Sigh)
    midi = Midi(notes=True, cc={"surrender": 1, "edge_db": 74}, text="heart")

    _timing: tuple[Curve, ...] = ()

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the thuds of all hearts that come in a window, two to a beat."""
        made = []
        wider = (window[0] - LONGEST_BEAT_S - GAP_S, window[1])
        for i in range(self.fixed["voices"]):
            at_s, own = self._beats(i, wider, chance)
            heart = np.full(len(at_s), float(i))
            for second in (0.0, 1.0):
                thuds = self._thuds(at_s, own, heart, second)
                made.append(thuds[(thuds["at_s"] >= window[0]) & (thuds["at_s"] < window[1])])
        return in_order(*made)

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the beats that are asked for."""
        own, heart = Chance(asked["key"]), np.zeros(len(asked))
        beats = [self._thuds(asked["at_s"], own, heart, second) for second in (0.0, 1.0)]
        for thuds in beats:
            thuds["level_db"] += asked["gain_db"]
        return np.concatenate(beats)

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        from lullaby.dsp import thudding  # here, so that listing never waits for numba

        return Voice(thudding.render, thudding.MEMORY, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return what rings of each soft beat at a time."""
        return ringing(at_s, events, events["soft"] > 0.0)

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return the phase of each heart, in beats."""
        _, common_hz, *rates_hz = self._time()
        share = float(home_share(self.surrender(np.array([at_s])))[0])
        return phases(at_s, share, common_hz, rates_hz)

    def go_on(self, old: Module) -> None:
        """Take over how many beats there were, too."""
        super().go_on(old)
        assert isinstance(old, Artery)
        for new, known in zip(self._time(), old._time(), strict=True):
            new.go_on(known)

    def _time(self) -> tuple[Curve, ...]:
        # How late beats come, the rate that all come to, and that of each heart.
        if not self._timing:
            raw = Arithmetic("-", Constant(1.0), self.surrender)
            given_hz = Arithmetic("*", raw, Arithmetic("/", self.rate_bpm, Constant(60.0)))
            common_hz = Arithmetic("+", self.surrender, given_hz)
            rates_hz = []
            for i in range(self.fixed["voices"]):
                away = STRAYS * (2.0 * ((i + 0.5) / self.fixed["voices"]) - 1.0)
                strays = Arithmetic("+", Constant(1.0), Arithmetic("*", raw, Constant(away)))
                rates_hz.append(Arithmetic("*", common_hz, strays))
            # A uniform delay of so much has this deviation; an interval has two of them.
            slack = Arithmetic("*", self.jitter, Arithmetic("*", raw, Constant(6.0**0.5)))
            self._timing = (slack, common_hz, *rates_hz)
        return self._timing

    def _beats(self, i: int, window: Window, chance: Chance) -> tuple[Floats, Chance]:
        slack, common_hz, *rates_hz = self._time()
        at_s, own, _ = numbered_pulses(
            chance.of(f"heart {i}"), rates_hz[i], slack, window, LATEST, running=True
        )
        return homeward(at_s, home_share(self.surrender(at_s)), common_hz), own

    def _thuds(self, beat_s: Floats, own: Chance, heart: Floats, second: float) -> Events:
        calm, many = self.surrender(beat_s), float(self.fixed["voices"])
        bpm = self.rate_bpm(beat_s) * (1.0 - calm) + 60.0 * calm
        at_s = beat_s + second * np.maximum(GAP_S + GAP_S_PER_BPM * bpm, GAP_LEAST_S)
        heat = 2.0 * self.panic(beat_s) - 1.0
        soft = own.uniform("kind") < calm
        # S1 rests on the root, S2 on the tone above it, or the one above that.
        tone = np.array(TONES)[np.where(second > 0.0, 1 + heart.astype(np.int64) % 2, 0)]
        thud_hz = self.pitch_hz(beat_s, own) * own.uniform("pitch", 0.95, 1.05)
        swell_db = SWELL_DB * np.sin(2.0 * np.pi * BREATH_HZ * at_s) * calm
        ring_s = self.ring_s(beat_s) * 0.1 ** (1.0 - calm)
        level_db = np.where(soft, REST_DB + swell_db, LEVEL_DB + 1.5 * heat)
        level_db = level_db - power_to_db(many) * (1.0 + calm) + second * SECOND_DB
        return self.events(
            at_s,
            own if second == 0.0 else own.of("second"),
            duration_s=np.where(soft, 0.05 + 2.4 * ring_s, 0.5),
            pitch_hz=np.where(soft, self.root_hz(beat_s) * tone, thud_hz * SECOND_HIGHER**second),
            level_db=level_db + own.uniform("level", -1.0, 1.0),
            azimuth_deg=self.width_deg(beat_s) * (2.0 * ((heart + 0.5) / many) - 1.0),
            second=second,
            soft=soft,
            hard_db=self.edge_db(beat_s) + 3.0 * heat,
            decay_s=0.045 if second == 0.0 else 0.032,
            rise_s=np.where(soft, 0.02 + 0.13 * calm, 0.008),
            ring_s=ring_s,
            hard=0.0,
            bloom=0.6 * calm,
        )
