"""One sung note as controls: what glottis and mouth do at any grid point since its start.

All of it is a function of the time since the note began, so that any stretch of it can be asked
for.  Pitch goes from the note before as a damped second-order system does, with overshoot (Saitou,
Unoki and Akagi 2005), then vibrato comes in late, over a slow drift and a fine unrest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.dsp import formants, glottis
from lullaby.dsp.singing import KEPT, MOVING
from lullaby.units import STEP, cents_to_ratio

Floats = NDArray[np.float64]

GLIDE, DAMPING = 2.0 * np.pi * 5.2, 0.75  # 1/s: most of the way in 90 ms
VIBRATO_FROM_S, VIBRATO_OVER_S = 0.35, 0.3
DRIFT_CENTS, DRIFT_HZ = 4.0, (0.7, 1.5)
FINE_CENTS, FINE_HZ = 1.5, (13.0, 19.0)
HUM_S, OPENS_S = 0.06, 0.07  # of an m before a vowel, and how long a mouth takes to open
HUM_GAIN = 0.5
SOFT_RD, SOFT_ON_S, SOFT_OFF_S = 0.5, 0.08, 0.25  # breathier where it begins and where it ends
LEVELLED = 0.8  # share of the difference between vowels that is made up for
TURNS = 4294967296.0
MOST_BEND = 1.12  # of pitch over the note's own and the one before: vibrato, overshoot, drift


def rising(x: Any) -> Any:
    """Return 0..1 along half a cosine."""
    return 0.5 - 0.5 * np.cos(np.pi * np.clip(x, 0.0, 1.0))


@dataclass(frozen=True)
class Sung:
    """A note, its event and a sample rate; ``event`` is a row with the fields of ``FIELDS``."""

    event: Any
    sample_rate: int

    @cached_property
    def frames(self) -> int:
        """Return how many frames are sung, to the last before silence."""
        return round(float(self.event["sings_s"]) * self.sample_rate)

    @cached_property
    def count(self) -> int:
        """Return how many sections its mouth has, the zero of the nose the first of them."""
        return 2 + formants.sections(self.sample_rate)

    def pitch_hz(self, t: Floats) -> Floats:
        """Return the pitch at times (s) since its start."""
        e = self.event
        swings = np.sqrt(1.0 - DAMPING**2)
        gone = np.exp(-DAMPING * GLIDE * t)
        turn = swings * GLIDE * t
        left = gone * (np.cos(turn) + DAMPING / swings * np.sin(turn))
        come = rising((t - VIBRATO_FROM_S) / VIBRATO_OVER_S)
        phase = 2.0 * np.pi * (e["vibrato_hz"] * np.maximum(t - VIBRATO_FROM_S, 0.0) + e["turn"])
        cents = e["vibrato_cents"] * come * np.sin(phase)
        for depth, rates in ((DRIFT_CENTS, DRIFT_HZ), (FINE_CENTS, FINE_HZ)):
            for k, rate in enumerate(rates):
                turned = 2.0 * np.pi * (rate * t + e["turn"] * (k + 3.0))
                cents = cents + 0.5 * depth * e["unrest"] * np.sin(turned)
        hz: Floats = e["sung_hz"] * (e["from_hz"] / e["sung_hz"]) ** left * cents_to_ratio(cents)
        return hz

    def mouth(self, t: Floats) -> Floats:
        """Return frequencies and widths of the mouth, shape (n, 2, 7), as ``formants.vowel``."""
        e = self.event
        own, before = self._vowel(e["vowel"]), self._vowel(e["from_vowel"])
        begins = HUM_S * e["hums"]
        return formants.blended(before, own, rising((t - begins) / OPENS_S))

    def _vowel(self, number: float) -> Floats:
        # Surrendered, every vowel closes towards the u of a lullaby half asleep.
        named = formants.vowel(formants.VOWELS[int(number)])
        resting = formants.vowel("UW")
        closing = np.array([self.event["closing"]])
        mouth: Floats = formants.blended(named, resting, closing)[0]
        return mouth

    def controls(self, first: int, steps: int) -> Floats:
        """Return what moves at ``steps + 1`` grid points from step ``first``.

        Shape (steps + 1, MOVING + 2 sections), in the order of ``singing``.
        """
        e = self.event
        t: Floats = np.arange(first, first + steps + 1) * np.float64(STEP / self.sample_rate)
        made = np.zeros((steps + 1, MOVING + 2 * self.count))
        pitch_hz = self.pitch_hz(t)
        on, off = rising(t / e["attack_s"]), rising((e["sings_s"] - t) / e["release_s"])
        strength = on * off
        opened = rising((t - HUM_S) / OPENS_S) if e["hums"] else 1.0
        soft = np.exp(-t / SOFT_ON_S) + np.exp(-np.maximum(e["sings_s"] - t, 0.0) / SOFT_OFF_S)
        made[:, 0] = pitch_hz * (TURNS / self.sample_rate)
        made[:, 1] = self.gain * strength * (HUM_GAIN + (1.0 - HUM_GAIN) * opened)
        made[:, 2] = e["rd"] + SOFT_RD * soft
        made[:, 3] = self.gain * e["breath"] * strength * (1.0 + soft)
        made[:, 4], made[:, 5] = e["jitter"], e["shimmer"]
        made[:, MOVING:] = self.filters(t, pitch_hz).reshape(steps + 1, -1)
        return made

    def filters(self, t: Floats, pitch_hz: Floats) -> Floats:
        """Return B and C of all sections at times, shape (n, 2, sections)."""
        length, mouth = float(self.event["tract"]), None
        if float(t[0]) >= HUM_S * float(self.event["hums"]) + OPENS_S:  # it has come to rest
            mouth = self.mouth(t[:1])
            if formants.GUARD * float(pitch_hz.max()) > mouth[0, 0, 2] / length:
                mouth = None
        same = mouth is not None  # one row is all of them
        mouth = self.mouth(t) if mouth is None else mouth
        hz, wide = formants.tract(mouth, length, pitch_hz[: len(mouth)], self.count - 2)
        made = formants.resonators(hz, wide, float(self.sample_rate))
        return np.broadcast_to(made, (len(t), *made.shape[1:])) if same else made

    @cached_property
    def gain(self) -> float:
        """Return the gain that makes up for most of the difference between vowels and pitches."""
        e = self.event
        t = np.array([min(float(e["sings_s"]) / 2.0, HUM_S + OPENS_S)])
        hz = np.array([float(e["sung_hz"])])
        row = min(max(float(e["rd"] - glottis.RD[0]) * glottis.PER_RD, 0.0), len(glottis.RD) - 1.0)
        flow = np.abs(glottis.spectra()[round(row)])
        harmonics = np.arange(1, max(int(0.45 * 44100.0 / hz[0]), 2))[: len(flow) - 1]
        heard = formants.response(self.filters(t, hz)[0], harmonics * hz[0], self.sample_rate)
        power = 2.0 * float(np.sum((flow[harmonics] * heard) ** 2))
        return float(power ** (-0.5 * LEVELLED))

    def kept(self) -> NDArray[np.int64]:
        """Return what its lane keeps at its start, shape (KEPT,)."""
        e = self.event
        highest = MOST_BEND * max(float(e["sung_hz"]), float(e["from_hz"]))
        made = np.zeros(KEPT, np.int64)
        made[3] = int(e["key"]) & 0xFFFFFFFF
        made[4] = glottis.mip_for(highest, self.sample_rate) * glottis.ROW
        made[5] = int(glottis.CLOSES * TURNS)
        return made
