"""Rotors: helicopters over the roofs, whose blades turn to glass; surrendered, slow wings.

A blade that passes is a short thump, and behind it the slap of a blade that meets the vortex of
another one's tip (Leverton and Taylor 1966), whose energy lies in the seventh to thirtieth harmonic
of their passing; between them buzzes a tail rotor.  ``shatter`` turns blades into glass: each
passing flings shards instead, and the rotor slows down.

As they surrender fewer and fewer blades pass, and under them wings grow that beat together, once a
breath, on open tones of a root; what was glass are bells on one open just chord.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Chance, Floats
from lullaby.model.chords import CHORDS, tones_between
from lullaby.model.curve import Constant, Curve
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.following import Arithmetic
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.homing import home_share, phases
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.ringing import ringing
from lullaby.model.sheet import Follow, choice, count, panic, param, surrender
from lullaby.model.streams import Window, cells, numbered_pulses
from lullaby.units import power_to_db

Flags = NDArray[np.bool_]
SLOWER = 0.4  # by which a rotor slows as it shatters
LATEST = 1.0
BELLS = 0.12  # share of shards that ring on as bells
APART = (1.0, 1.41, 0.86, 1.19, 0.73, 1.6)  # blades pass at other rates in each machine
LEVEL_DB = -5.4
AIR_DB = -12.0
GLASS_DB = -12.5
BELL_DB = -30.0
SWELL_DB = 8.0
BREATH_HZ = 0.1
TONES = (8.0, 20.0)  # of the chord, which bells are on
SHARDS, THIN_S = 110, 0.5  # of a rotor that shatters, and the time constant of their thinning
SHARD_HZ = (2000.0, 7000.0)
T60_PER_HZ = 2.2  # of a mode, times its loss factor
LOSS = (0.002, 0.006)
SHARD_S = (0.04, 0.25)
AIR, BLADE, GLASS, BELL = range(4)
AIR_S, BLADE_S = 21.0, 0.4  # that a beat of a wing, and a blade, is heard
STROKE = ("kind", "soft", "hard_db", "tail", "rise_s", "decay_s")


class Shatter(Gesture):
    """A rotor turns to glass: a burst, shards that rain down, and the others slow for a while."""

    sounds_s = 20.0
    begins_s = 4.0
    over_s = param(6.0, "s", (1.0, 60.0), "How long until blades are whole again.")
    glass = param(1.0, "ratio", (0.0, 1.0), "Share of blades that turn to glass meanwhile.")
    gain_db = param(0.0, "dB", (-40.0, 18.0), "Louder or softer.")
    bends = (Bend("shatter", "glass", 1.0, turn=0.4),)


class Sigh(Gesture):
    """All rotors are softer and duller for a while."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    bends = (Bend("level_db", "depth_db", -1.0), Bend("slap_db", "depth_db", -1.0))


class Rotors(Module):
    """Helicopters whose blades may shatter; surrendered, wings that beat the air slowly."""

    voices = count(2, (1, 6), "How many helicopters.")
    chord = choice("warm", tuple(CHORDS), "The open chord that bells are on.")
    blade_hz = param(
        15.0,
        "Hz",
        (6.0, 30.0),
        "Blades that pass in a second; with panic 11 to 19. Surrendered, none.",
        log=True,
        follows=Follow("panic", target=(11.0, 19.0)),
    )
    uneven = param(0.03, "ratio", (0.0, 0.3), "How unevenly they pass.")
    slap_db = param(0.0, "dB", (-40.0, 12.0), "How hard blades slap.")
    tail = param(0.3, "ratio", (0.0, 1.0), "How much of the tail rotor's buzz.")
    shatter = param(0.0, "ratio", (0.0, 1.0), "Share of blades that are glass; rotors slow down.")
    sway_deg = param(50.0, "deg", (0.0, 90.0), "How far they wander to left and right.")
    turn_s = param(11.0, "s", (2.0, 60.0), "How long they take there and back.", log=True)
    width_deg = param(35.0, "deg", (0.0, 90.0), "They hover within this to left and right.")
    root_hz = param(55.0, "Hz", (27.5, 110.0), "Root of the chord.", log=True)
    ring_s = param(4.0, "s", (0.3, 8.0), "How long a surrendered bell rings (60 dB).", log=True)
    breath = param(0.8, "ratio", (0.0, 0.9), "Depth of the breath that wings share.")
    surrender = surrender("0 rotors, 1 slow wings and far bells.")
    panic = panic("How hot: how fast, how hard they slap.")

    adds = columns(
        "kind", "soft", "hard_db", "tail", "rise_s", "decay_s", "ring_s", "hard", "bloom"
    )
    gestures = knows(shatter=Shatter, sigh=Sigh)
    midi = Midi(
        notes=False, cc={"surrender": 1, "shatter": 70, "slap_db": 74, "blade_hz": 72}, text="rotor"
    )

    _timing: tuple[Curve, ...] = ()

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the passing blades and the beats of wings in a window."""
        every = range(self.fixed["voices"])
        blades = [self._passing(i, window, chance) for i in every]
        return in_order(*blades, *(self._wings(i, window, chance) for i in every))

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the shards of rotors that shatter, thinning out."""
        row = np.repeat(np.arange(len(asked)), SHARDS)
        shard = np.tile(np.arange(SHARDS), len(asked))
        own = Chance(Chance(asked["key"][row]).of("shards").key + shard.astype(np.uint64))
        # The first third bursts at once, the others rain.
        rain_s = -THIN_S * np.log(1.0 - 0.998 * (shard / SHARDS))
        late_s = np.where(shard < 0.4 * SHARDS, 0.05 * own.uniform("burst"), rain_s)
        late_s = np.minimum(late_s + 0.02 * own.uniform("late"), Shatter.begins_s)
        gain_db = asked["gain_db"][row] - 20.0 * late_s / Shatter.begins_s
        at_s, glass = asked["at_s"][row] + late_s, np.ones(len(row), np.bool_)
        soft = own.uniform("kind") < self.surrender(at_s)
        return self._made(at_s, own, own.uniform("place", -1.0, 1.0), glass, soft, gain_db)

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        from lullaby.dsp import whirring  # here, so that listing never waits for numba

        return Voice(whirring.render, whirring.MEMORY, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return what rings of each bell at a time."""
        return ringing(at_s, events, events["kind"] == BELL)

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return the phase of each rotor, in blades; surrendered, in breaths."""
        share = float(home_share(self.surrender(np.array([at_s])))[0])
        return phases(at_s, share, Constant(BREATH_HZ), self._time()[1:])

    def go_on(self, old: Module) -> None:
        """Take over how many blades have passed, too."""
        super().go_on(old)
        assert isinstance(old, Rotors)
        for new, known in zip(self._time(), old._time(), strict=True):
            new.go_on(known)

    def _time(self) -> tuple[Curve, ...]:
        # How late blades pass, and how many in a second, of each rotor.
        if not self._timing:
            raw = Arithmetic("-", Constant(1.0), self.surrender)
            whole = Arithmetic("-", Constant(1.0), Arithmetic("*", self.shatter, Constant(SLOWER)))
            fast_hz = Arithmetic("*", self.blade_hz, whole)
            # Blades pass at full speed and fewer of them are left: a rotor that slowed down through
            # four beats a second would be a tremolo.
            rates_hz = [
                Arithmetic("*", Arithmetic("*", raw, fast_hz), Constant(APART[i]))
                for i in range(self.fixed["voices"])
            ]
            slack = Arithmetic("*", self.uneven, Arithmetic("*", raw, Constant(6.0**0.5)))
            self._timing = (slack, *rates_hz)
        return self._timing

    def _passing(self, i: int, window: Window, chance: Chance) -> Events:
        slack, *rates_hz = self._time()
        at_s, own, _ = numbered_pulses(
            chance.of(f"rotor {i}"), rates_hz[i], slack, window, LATEST, running=True
        )
        soft = own.uniform("kind") < self.surrender(at_s)
        glass = own.uniform("glass") < self.shatter(at_s)
        # What has given way is heard no more as a blade; some of what was glass rings as a bell.
        kept_on = ~soft | (glass & (own.uniform("bell") < BELLS))
        at_s, own = at_s[kept_on], Chance(own.key[kept_on])
        soft, glass = soft[kept_on], glass[kept_on]
        place, none = self._place(i, at_s, chance), np.zeros(len(at_s))
        return self._made(at_s, own, place, glass, soft, none)

    def _wings(self, i: int, window: Window, chance: Chance) -> Events:
        # One beat a breath, of all rotors together, the louder the calmer it is.
        k = cells(1.0 / BREATH_HZ, window)
        at_s, own = k / BREATH_HZ, chance.of(f"wings {i}").at(k)
        calm = self.surrender(at_s)
        heard = calm > 0.01
        at_s, own = at_s[heard], Chance(own.key[heard])
        glass = np.zeros(len(at_s), np.bool_)
        level_db = power_to_db(calm[heard] ** 2)
        return self._made(at_s, own, self._place(i, at_s, chance), glass, ~glass, level_db)

    def _place(self, i: int, at_s: Floats, chance: Chance) -> Floats:
        # Each hovers and sways by itself.
        turn = chance.of("sway").at(i).uniform("turn")[0]
        sway = self.sway_deg(at_s) * np.sin(2.0 * np.pi * (at_s / self.turn_s(at_s) + turn))
        hovers = self.width_deg(at_s) * (2.0 * (i + 0.5) / self.fixed["voices"] - 1.0)
        place: Floats = np.clip((hovers + sway) / 90.0, -1.0, 1.0)
        return place

    def _made(
        self, at_s: Floats, own: Chance, place: Floats, glass: Flags, soft: Flags, gain_db: Floats
    ) -> Events:
        calm, heat = self.surrender(at_s), 2.0 * self.panic(at_s) - 1.0
        kind = np.where(glass, np.where(soft, BELL, GLASS), np.where(soft, AIR, BLADE))
        tones = np.array(tones_between(self.fixed["chord"], *TONES))
        bell_hz = self.root_hz(at_s) * tones[own.choice("tone", len(tones))]
        octaves = np.log2(SHARD_HZ[1] / SHARD_HZ[0])
        shard_hz = SHARD_HZ[0] * 2.0 ** (octaves * own.uniform("shard"))
        blade_hz = own.uniform("thump", 62.0, 78.0)
        # Material is heard from damping (Klatzky, Pai and Krotkov 2000).
        shard_s = T60_PER_HZ / (shard_hz * own.uniform("loss", *LOSS))
        shard_s = np.clip(shard_s, *SHARD_S)
        ring_s = np.where(kind == BELL, self.ring_s(at_s) * 0.1 ** (1.0 - calm), shard_s)
        swell_db = SWELL_DB * np.sin(2.0 * np.pi * BREATH_HZ * at_s) * calm
        blade_db = LEVEL_DB + 1.5 * heat
        level_db = _of(kind, AIR_DB + swell_db, blade_db, GLASS_DB, BELL_DB + swell_db) + gain_db
        return self.events(
            at_s,
            own,
            duration_s=_of(kind, AIR_S, BLADE_S, 0.02 + 1.4 * ring_s, 0.05 + 1.4 * ring_s),
            pitch_hz=_of(kind, self.root_hz(at_s), blade_hz, shard_hz, bell_hz),
            # Wings beat together: as amplitudes they add up, blades as powers.
            level_db=level_db - power_to_db(float(self.fixed["voices"])) * (1.0 + soft * calm),
            azimuth_deg=90.0 * place,
            kind=kind,
            soft=soft,
            hard_db=self.slap_db(at_s) + 3.0 * heat,
            tail=self.tail(at_s),
            rise_s=np.where(kind == AIR, 2.4, np.where(kind == BELL, 0.01 + 0.03 * calm, 0.0015)),
            decay_s=np.where(kind == AIR, 2.0, 0.006),
            ring_s=ring_s,
            hard=1.0 - 0.7 * calm,
            bloom=0.0,
        )


def _of(kind: NDArray[np.int64], *values: Floats | float) -> Floats:
    # For each event the value of its kind.
    return np.array(np.broadcast_arrays(*values, kind)[:-1])[kind, np.arange(len(kind))]
