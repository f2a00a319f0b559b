"""Clockwork: evacuation protocols, once precise, that unravel; surrendered, one wooden pulse.

Some clocks tick two, three and five times to one beat, each with the accents of a Euclidean rhythm.
``unravel`` takes them apart: each drifts from the others' tempo, ticks come late and later, some
not at all, until nothing of a beat is left.  ``panic`` makes them hasty and bright.

As it surrenders, ticks turn into taps on wooden bars of one open just chord, and each comes the
nearer to the next beat: at surrender 1 all clocks share one quiet pulse, ten to a breath.
"""

from __future__ import annotations

import numpy as np

from lullaby.model.chance import Chance, Floats
from lullaby.model.chords import CHORDS, tones_between
from lullaby.model.curve import Constant, Curve
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.following import Arithmetic
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.homing import home_share, homeward, phases
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.ringing import ringing
from lullaby.model.sheet import Follow, choice, count, panic, param, surrender
from lullaby.model.streams import Window, numbered_pulses
from lullaby.units import cents_to_ratio, power_to_db

PER_BEAT = (2, 3, 5)  # ticks of the clocks to a beat, in turn
RHYTHMS = {"5-8": (5, 8), "7-16": (7, 16), "9-16": (9, 16)}  # onsets of places
LATEST = 2.0 * 0.22 * 27.0  # mean intervals that a tick is late at most: an interval CV of 0.93
STEADY, STRAYING = 0.001, 0.06  # by which clocks' tempi differ, at unravel 0 and 1
MISSING = 0.4  # share of ticks that do not come, at unravel 1
LONGEST_BEAT_S = 4.1
APART_S = 0.02  # at most, by which clocks that agree are heard one after the other
LEVEL_DB = 6.9  # of an accented tick of one clock alone
TAP_DB = -36.0
SWELL_DB = 9.0  # by which taps at the height of a breath are louder than the mean
BREATH_HZ = 0.1
BLOOM = 0.8  # of the hollow under the bars
TONES = (2.0, 12.0)  # of the chord, which taps are on
GOLDEN = 0.6180339887498949  # its multiples spread any number of clocks evenly
HIGHEST_HZ = 9000.0
SPRING_DB = -4.0
SPRING_FROM_HZ, SPRING_TO_HZ = 9.0, 46.0  # a ratchet that runs down, faster and faster
TICK = ("gap_s", "gap_2_s", "decay_s", "case_hz", "case", "bright_db")
TAP = ("soft", "rise_s", "ring_s", "hard", "bloom")


class Spring(Gesture):
    """A spring lets go: its ratchet runs away, faster and faster, and stops dead."""

    sounds_s = 20.0
    begins_s = 8.0
    over_s = param(2.5, "s", (0.3, 8.0), "How long it runs.", log=True)
    gain_db = param(0.0, "dB", (-40.0, 18.0), "Louder or softer.")


class Sigh(Gesture):
    """All clocks are softer and duller for a while."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    bends = (Bend("level_db", "depth_db", -1.0), Bend("bright_db", "depth_db", -0.4))


class Clockwork(Module):
    """Clocks that come apart; surrendered, one wooden pulse on a chord, ten to a breath."""

    voices = count(6, (1, 24), "How many clocks.")
    rhythm = choice("mixed", ("mixed", *RHYTHMS), "Accents: so many onsets of so many places.")
    chord = choice("warm", tuple(CHORDS), "The open chord that taps are on.")
    beat_hz = param(
        1.0,
        "Hz",
        (0.25, 3.0),
        "The beat: clocks tick two, three and five times to it; surrendered, once.",
        log=True,
    )
    unravel = param(0.25, "ratio", (0.0, 1.0), "0 precise, 1 nothing of a beat is left.")
    accent_db = param(9.0, "dB", (0.0, 24.0), "How much louder accents are.")
    pitch_hz = param(
        6000.0, "Hz", (2000.0, 9000.0), "Of the ticks, the middle clock's.", log=True, each=True
    )
    spread_cents = param(900.0, "cents", (0.0, 1200.0), "How far clocks' pitches lie from it.")
    case = param(0.5, "ratio", (0.0, 1.0), "How much of their case answers a tick.")
    bright_db = param(0.0, "dB", (-12.0, 6.0), "Tilt of the ticks, an octave around 4 kHz.")
    width_deg = param(60.0, "deg", (0.0, 90.0), "Clocks stand within this to left and right.")
    root_hz = param(55.0, "Hz", (27.5, 110.0), "Root of the chord.", log=True)
    ring_s = param(3.0, "s", (0.3, 8.0), "How long a surrendered tap rings (60 dB).", log=True)
    breath = param(0.85, "ratio", (0.0, 0.9), "Depth of the breath that taps share.")
    haste = param(
        1.0,
        "ratio",
        (0.5, 2.0),
        "How fast clocks go, over their beat; with panic 0.9 to 1.35. Surrendered, none hastes.",
        follows=Follow("panic", target=(0.9, 1.35)),
    )
    surrender = surrender("0 clocks, each for itself, 1 one quiet wooden pulse.")
    panic = panic("How hot: how hasty, how bright.")

    adds = columns(*TICK, *TAP)
    presses_s = 0.03
    gestures = knows(spring=Spring, sigh=Sigh)
    midi = Midi(
        notes=True,
        cc={"surrender": 1, "unravel": 70, "bright_db": 74},
        text="clock",
        most_per_s=16.0,
    )

    _timing: tuple[Curve, ...] = ()

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the ticks and taps of all clocks that come in a window."""
        return in_order(*(self._ticks(i, window, chance) for i in range(self.fixed["voices"])))

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the ratchets of springs: ticks at a rate that grows by one factor a second."""
        grows = SPRING_TO_HZ / SPRING_FROM_HZ
        mean_hz = (SPRING_TO_HZ - SPRING_FROM_HZ) / np.log(grows)
        counts = np.maximum(mean_hz * asked["over_s"], 3.0).astype(np.int64)
        row = np.repeat(np.arange(len(asked)), counts)
        tooth = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        run_s = np.log(1.0 + tooth / counts[row] * (grows - 1.0)) / np.log(grows)
        own = Chance(Chance(asked["key"][row]).key + tooth.astype(np.uint64))
        at_s = asked["at_s"][row] + asked["over_s"][row] * run_s
        softer_db = SPRING_DB + asked["gain_db"][row]
        return self._made(at_s, own, Chance(asked["key"][row]), np.zeros(len(row)), softer_db)

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        from lullaby.dsp import ticking  # here, so that listing never waits for numba

        return Voice(ticking.render, ticking.MEMORY, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return the first partials of the taps that ring at a time."""
        return ringing(at_s, events, events["soft"] > 0.0)

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return the phase of each clock, in its own ticks; surrendered, in beats."""
        _, beat_hz, *rates_hz = self._time()
        share = float(home_share(self.surrender(np.array([at_s])))[0])
        return phases(at_s, share, beat_hz, rates_hz)

    def go_on(self, old: Module) -> None:
        """Take over how far clocks have come, too."""
        super().go_on(old)
        assert isinstance(old, Clockwork)
        for new, known in zip(self._time(), old._time(), strict=True):
            new.go_on(known)

    def _time(self) -> tuple[Curve, ...]:
        # How late ticks come, the beat, and the rate of each clock.
        if not self._timing:
            raw = Arithmetic("-", Constant(1.0), self.surrender)
            loose = Arithmetic("*", raw, self.unravel)
            haste = Arithmetic("+", self.surrender, Arithmetic("*", raw, self.haste))
            hasty_hz = Arithmetic("*", self.beat_hz, haste)
            rates_hz = []
            for i in range(self.fixed["voices"]):
                away = 2.0 * (i * GOLDEN % 1.0) - 1.0
                straying = Arithmetic("*", loose, Constant(away * (STRAYING - STEADY)))
                steady = Arithmetic("*", raw, Constant(away * STEADY))
                tempo = Arithmetic("+", Constant(1.0), Arithmetic("+", steady, straying))
                per_beat = Arithmetic("*", tempo, Constant(float(PER_BEAT[i % len(PER_BEAT)])))
                rates_hz.append(Arithmetic("*", hasty_hz, per_beat))
            slack = Arithmetic("*", loose, self.unravel)
            self._timing = (slack, self.beat_hz, *rates_hz)
        return self._timing

    def _ticks(self, i: int, window: Window, chance: Chance) -> Events:
        slack, beat_hz, *rates_hz = self._time()
        per_beat, clocks = PER_BEAT[i % len(PER_BEAT)], chance.of("clocks")
        wider = (window[0] - LONGEST_BEAT_S, window[1])
        at_s, own, k = numbered_pulses(
            chance.of(f"clock {i}"), rates_hz[i], slack, wider, LATEST, running=True
        )
        at_s = at_s + APART_S * ((i + 1) * GOLDEN % 1.0)
        home, loose = (
            home_share(self.surrender(at_s)),
            self.unravel(at_s) * (1.0 - self.surrender(at_s)),
        )
        # One tick of a beat goes all the way home; the others get lost on it.
        kept_on = (k % per_beat == 0) | (own.uniform("home") >= home)
        kept_on &= own.uniform("missing") >= MISSING * loose
        at_s = homeward(at_s, home, beat_hz)
        kept_on &= (at_s >= window[0]) & (at_s < window[1])
        at_s, own, k = at_s[kept_on], Chance(own.key[kept_on]), k[kept_on]
        onsets, places = self._rhythm(i)
        softer_db = np.where(k * onsets % places < onsets, 0.0, -self.accent_db(at_s))
        clock = Chance(np.full(len(at_s), clocks.at(i).key[0]))
        return self._made(at_s, own, clock, np.full(len(at_s), float(i)), softer_db)

    def _rhythm(self, i: int) -> tuple[int, int]:
        # Onsets as even as places allow (Toussaint 2005, "The Euclidean algorithm generates
        # traditional musical rhythms"), from Bresenham's line.
        name = self.fixed["rhythm"]
        return list(RHYTHMS.values())[i % len(RHYTHMS)] if name == "mixed" else RHYTHMS[name]

    def _made(
        self, at_s: Floats, own: Chance, clock: Chance, which: Floats, softer_db: Floats
    ) -> Events:
        calm, heat = self.surrender(at_s), 2.0 * self.panic(at_s) - 1.0
        soft = own.uniform("kind") < calm
        tones = np.array(tones_between(self.fixed["chord"], *TONES))
        tone = tones[which.astype(np.int64) % len(tones)]
        cents = self.spread_cents(at_s) * (2.0 * (which * GOLDEN % 1.0) - 1.0)
        many = float(self.fixed["voices"])
        swell_db = SWELL_DB * np.sin(2.0 * np.pi * BREATH_HZ * at_s) * calm
        # Clocks of one tone tap together: as amplitudes they add up, others as powers.
        alike = max(many / len(tones), 1.0)
        tap_db = TAP_DB + swell_db - power_to_db(many / len(tones)) - power_to_db(alike)
        ring_s = self.ring_s(at_s) * 0.05 ** (1.0 - calm)
        tick_hz = np.minimum(self.pitch_hz(at_s, clock) * cents_to_ratio(cents), HIGHEST_HZ)
        return self.events(
            at_s,
            own,
            duration_s=np.where(soft, 0.05 + 2.4 * ring_s, 0.08),
            pitch_hz=np.where(soft, self.root_hz(at_s) * tone, tick_hz),
            level_db=np.where(soft, tap_db, LEVEL_DB - power_to_db(many)) + softer_db,
            azimuth_deg=self.width_deg(at_s) * clock.uniform("place", -1.0, 1.0),
            soft=soft,
            gap_s=clock.uniform("gap", 0.0030, 0.0045),
            gap_2_s=clock.uniform("gap 2", 0.0066, 0.0095),
            decay_s=clock.uniform("decay", 0.0011, 0.0020),
            case_hz=clock.uniform("case", 700.0, 1600.0),
            case=self.case(at_s),
            bright_db=self.bright_db(at_s) + 1.5 * heat,
            rise_s=0.0003 * 100.0**calm,
            ring_s=ring_s,
            hard=1.0 - 0.7 * calm,
            bloom=BLOOM * calm,
        )
