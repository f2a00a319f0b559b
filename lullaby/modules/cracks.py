"""Cracks: the pavement breaking like eggshells under a city in panic.

Each crack is a snap of a fraction of a millisecond whose shell rings for a few, a second peak a
third as strong, a burst of debris, and pieces that fall and bounce to rest, each in its own time.
Their energies follow a power law, as all crackling does (Sethna, Dahmen and Myers 2001): hundreds
of small ones, and now and then one that rips.  ``panic`` makes them come faster and brighter.

At surrender 1 nothing breaks any more: the same events are few, calm and even, soft taps on wooden
bars tuned to one open just chord, in one slow breath.  On the way each is either of the two, more
and more often wood; its debris truly ends.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.model.chance import Chance, Floats
from lullaby.model.chords import CHORDS, tones_between
from lullaby.model.curve import Constant, Curve
from lullaby.model.dealing import dealt
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.following import Arithmetic
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.ringing import ringing
from lullaby.model.sheet import Follow, choice, panic, param, surrender
from lullaby.model.streams import Window, numbered_pulses
from lullaby.units import power_to_db

LATEST = 2.0 * 0.22 * 27.0  # mean intervals that a crack is late at most, at surrender 0
FEW_PER_S = 0.4  # of taps at surrender 1, at most
RANGE = 100.0  # energy of the largest crack over that of the smallest
LEVEL_DB = 13.1  # of the largest crack, its energy over one of a snap at full scale
TAP_DB = -32.5
TONES = (2.0, 12.0)  # of the chord, which taps are on
ACCENT_DB = 12.0  # by which taps at the height of a breath are louder than the mean
BLOOM = 2.5  # of the hollow under the bars, which answers a tap late and longer
BREATH_HZ = 0.1
SHELL_HZ = 3000.0  # lowest mode of an intact shell
GRAIN_ENERGY, PIECE_ENERGY, THUD_ENERGY = 0.09, 0.2, 44.0  # of one, over a snap's
SLAB = 8.0
# What an event carries beside what every event has.
SNAP = ("size", "energy", "rise_s", "q", "second", "second_s", "thud", "thud_hz", "bright_db")
DEBRIS = ("debris", "small", "grains", "burst_s", "pieces", "fall_s")
TAP = ("soft", "ring_s", "hard", "bloom")


class Crack(Gesture):
    """One more, close by; surrendered, a tap."""

    sounds_s = 20.0
    size = param(1.0, "", (0.5, 16.0), "How thick what cracks is: 8 is a slab.", log=True)
    level_db = param(0.0, "dB", (-40.0, 18.0), "Louder or softer.")


class Slab(Crack):
    """A big slab breaks, three octaves lower, with a thud; surrendered, a deep tap."""

    sounds_s = 20.0
    size = param(SLAB, "", (0.5, 16.0), "How thick it is.", log=True)
    level_db = param(0.0, "dB", (-40.0, 18.0), "Louder or softer.")


class Sigh(Gesture):
    """All that cracks is softer and darker for a while."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    bends = (Bend("level_db", "depth_db", -1.0), Bend("bright_db", "depth_db", -0.4))


class Cracks(Module):
    """Pavement that cracks like eggshells; surrendered, soft wooden taps on one chord."""

    chord = choice("warm", tuple(CHORDS), "The open chord that taps are on.")
    density_per_s = param(
        3.7,
        "/s",
        (0.0, 40.0),
        "Mean number of cracks; with panic 0.3 to 14. Surrendered, no more than 0.4.",
        follows=Follow("panic", target=(0.3, 14.0), shape="ease-in"),
    )
    size = param(
        1.0,
        "",
        (0.5, 16.0),
        "Thickness: 1 a shell, 8 a slab, 3 octaves lower.",
        log=True,
        each=True,
    )
    slabs = param(0.08, "ratio", (0.0, 1.0), "Share of cracks that are eight times as thick.")
    steep = param(
        1.45, "", (1.05, 2.5), "Exponent of the energies: the lower, the more large ones."
    )
    q = param(22.0, "", (4.0, 60.0), "How long the shell rings: Q of its modes.", log=True)
    debris = param(1.0, "ratio", (0.0, 2.0), "How much falls after the snap.")
    bright_db = param(0.0, "dB", (-12.0, 6.0), "Tilt of all that cracks, an octave around 4 kHz.")
    width_deg = param(70.0, "deg", (0.0, 90.0), "They lie within this to left and right.")
    root_hz = param(55.0, "Hz", (27.5, 110.0), "Root of the chord.", log=True)
    ring_s = param(5.0, "s", (0.3, 8.0), "How long a surrendered tap rings (60 dB).", log=True)
    breath = param(0.85, "ratio", (0.0, 0.9), "Depth of the breath that taps share.")
    surrender = surrender("0 shells that break, 1 soft wooden taps on one chord.")
    panic = panic("How hot: how many, how bright.")

    adds = columns(*SNAP, *DEBRIS, *TAP)
    presses_s = 0.04
    gestures = knows(crack=Crack, slab=Slab, sigh=Sigh)
    midi = Midi(
        notes=True,
        cc={"surrender": 1, "density_per_s": 72, "bright_db": 74, "debris": 71},
        text="crack",
        most_per_s=8.0,
    )

    _timing: tuple[Curve, Curve] | None = None

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the cracks of a window: irregular in panic, even in surrender."""
        rate_hz, slack = self._time()
        at_s, own, k = numbered_pulses(
            chance.of("cracks"), rate_hz, slack, window, LATEST, running=True
        )
        share = dealt(chance.of("energies"), k, own, "energy")
        made = self._made(at_s, own, self._energy(at_s, share), self.size(at_s, own))
        return in_order(made)

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return what cracks when it is asked for: as large as one in sixteen is, and close by."""
        own = Chance(asked["key"])
        energy = np.full(len(asked), 0.3 * RANGE)
        return self._made(asked["at_s"], own, energy, asked["size"], asked["level_db"])

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        from lullaby.dsp import cracking  # here, so that listing never waits for numba

        return Voice(cracking.render, cracking.MEMORY, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return the first partials of the taps that ring at a time."""
        return ringing(at_s, events, events["soft"] > 0.0)

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return the phase of the one breath."""
        return np.array([BREATH_HZ * at_s % 1.0])

    def go_on(self, old: Module) -> None:
        """Take over how many have been due so far, too."""
        super().go_on(old)
        assert isinstance(old, Cracks)
        for new, known in zip(self._time(), old._time(), strict=True):
            new.go_on(known)

    def _time(self) -> tuple[Curve, Curve]:
        # The rate, with more and more of the few as it surrenders, and how late cracks come of it.
        if self._timing is None:
            fewer = Arithmetic("min", self.density_per_s, Constant(FEW_PER_S))
            given = Arithmetic("*", self.surrender, Arithmetic("-", self.density_per_s, fewer))
            rate_hz = Arithmetic("-", self.density_per_s, given)
            self._timing = (rate_hz, Arithmetic("^", Constant(1.0 / 27.0), self.surrender))
        return self._timing

    def _energy(self, at_s: Floats, share: Floats) -> Floats:
        # P(E) ~ E^-a from 1 to RANGE (a of 1.3 to 1.6: Houle and Sethna 1996).
        left = 1.0 - self.steep(at_s)
        left = np.where(np.abs(left) < 1e-6, 1e-6, left)
        energy: Floats = (1.0 + share * (RANGE**left - 1.0)) ** (1.0 / left)
        return energy

    def _made(
        self, at_s: Floats, own: Chance, energy: Floats, size: Floats, gain_db: Any = None
    ) -> Events:
        calm, heat = self.surrender(at_s), 2.0 * self.panic(at_s) - 1.0
        soft = own.uniform("kind") < calm
        asked = gain_db is not None
        if not asked:
            size = np.where(own.uniform("slab") < self.slabs(at_s), SLAB * size, size)
            gain_db = 0.0
        size = np.clip(size, 0.5, 16.0)
        debris, q = self.debris(at_s), self.q(at_s)
        grains = np.floor(24.0 * np.sqrt(energy) - 20.0) * (debris > 0.0)
        count = np.floor(2.0 + 1.1 * energy**0.3 * own.uniform("pieces", 0.6, 1.2))
        count = count * (debris > 0.0)
        # What is large takes longer rather than that it were as much louder: more falls.
        thud = 0.9 * np.clip((size - 2.0) / 6.0, 0.0, 1.5)
        whole = q / 22.0 * size + THUD_ENERGY * thud**2
        whole = whole + debris**2 * (GRAIN_ENERGY * grains + PIECE_ENERGY * count)
        crack_db = LEVEL_DB - 1.5 * (size > 4.0) + power_to_db(energy / RANGE / whole)
        swell_db = ACCENT_DB * np.sin(2.0 * np.pi * BREATH_HZ * at_s) * calm * (not asked)
        tap_db = TAP_DB + own.uniform("tap level", -1.0, 1.0) + swell_db
        place = own.uniform("place", -1.0, 1.0) * (0.5 if asked else 1.0)
        tones = np.array(tones_between(self.fixed["chord"], *TONES))
        tone = np.floor(own.uniform("tone") * len(tones) / np.maximum(size, 1.0) ** 0.5)
        fall_s = 0.15 + 0.25 * energy**0.25 * own.uniform("fall", 0.5, 1.0)
        ring_s = self.ring_s(at_s) * 0.05 ** (1.0 - calm)
        small = np.maximum(size, 1.0) ** 0.5  # debris of a slab is smaller than the slab
        return self.events(
            at_s,
            own,
            duration_s=np.where(soft, 0.05 + 2.4 * ring_s, fall_s + 0.55),
            pitch_hz=np.where(
                soft, self.root_hz(at_s) * tones[tone.astype(np.int64)], SHELL_HZ / size
            ),
            level_db=np.where(soft, tap_db, crack_db) + gain_db,
            azimuth_deg=self.width_deg(at_s) * place,
            soft=soft,
            size=size,
            small=small,
            energy=np.where(soft, 0.0, energy),
            rise_s=np.where(soft, 0.0003 * 100.0**calm, own.uniform("rise", 0.0001, 0.0005)),
            q=q * own.uniform("q", 0.7, 1.36),
            second=own.uniform("second", 0.3, 0.4),
            second_s=own.uniform("second at", 0.004, 0.009) * np.sqrt(size),
            debris=debris,
            grains=grains,
            burst_s=0.01 + 0.03 * np.sqrt(energy) * own.uniform("burst", 0.6, 1.2),
            pieces=count,
            fall_s=fall_s,
            thud=thud,
            thud_hz=own.uniform("thud", 40.0, 70.0),
            bright_db=self.bright_db(at_s) + 1.5 * heat,
            ring_s=ring_s,
            hard=1.0 - 0.7 * calm,
            bloom=BLOOM * calm,
        )
