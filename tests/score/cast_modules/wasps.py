"""A module that declares one parameter of every kind; it makes no sound."""

from __future__ import annotations

from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Module
from lullaby.model.sheet import (
    Follow,
    choice,
    count,
    flag,
    leader,
    panic,
    param,
    surrender,
    text,
    texts,
)


class Sting(Gesture):
    """They sting; it declares one word of every kind."""

    pitch_hz = param(880.0, "Hz", (20.0, 8000.0), "Pitch.", log=True)
    gain_db = param(0.0, "dB", (-40.0, 12.0), "Louder.")
    over_s = param(1.0, "s", (0.1, 20.0), "How long.")
    bend_cents = param(0.0, "cents", (-1200.0, 1200.0), "How far.")
    venom = param(0.5, "ratio", (0.0, 1.0), "How much.", follows=Follow("panic", (1.0, 0.0)))
    times = count(3, (1, 9), "How often.")
    both = flag(False, "With both ends.")
    where = choice("left", ("left", "right", "back"), "Where.")
    cry = text("", "What is cried.")
    sounds_s = 5.0


class Sigh(Gesture):
    """They sink and come back."""

    over_s = param(4.0, "s", (0.5, 10.0), "How long.")
    depth_db = param(6.0, "dB", (0.0, 40.0), "How much softer.")
    fall_cents = param(200.0, "cents", (0.0, 1200.0), "How far down.")
    bends = (Bend("level_db", "depth_db", -1.0), Bend("cutoff_hz", "fall_cents", -1.0))


class Wasps(Module):
    """A swarm."""

    pitch_hz = param(440.0, "Hz", (20.0, 8000.0), "Pitch.", log=True, each=True)
    cutoff_hz = param(1000.0, "Hz", (20.0, 20000.0), "Cutoff.", log=True)
    density_per_s = param(4.0, "/s", (0.0, 100.0), "Density.")
    pulse_bpm = param(60.0, "bpm", (20.0, 240.0), "Pulse.", log=True)
    attack_s = param(0.1, "s", (0.001, 10.0), "Attack.", log=True, each=True)
    detune_cents = param(0.0, "cents", (-1200.0, 1200.0), "Detune.")
    tilt_db = param(0.0, "dB", (-24.0, 24.0), "Tilt.")
    azimuth_deg = param(0.0, "deg", (-180.0, 180.0), "Place.")
    bright = param(0.5, "ratio", (0.0, 1.0), "Brightness.", each=True)
    surrender = surrender()
    panic = panic()
    voices = count(8, (1, 64), "Voices.")
    reversed = flag(False, "Backwards.")
    song = choice("cradle", ("cradle", "street", "none"), "Song.")
    label = text("", "A label.")
    say = texts((), "Words.")
    after = leader(2.0, "Whom it follows.")
    gestures = knows(sting=Sting, sigh=Sigh)

    def strikes(self, at_s, own):
        return self.events(at_s, own, duration_s=0.5, pitch_hz=self.pitch_hz(at_s, own))
