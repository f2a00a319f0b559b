"""The harmony: a beating cluster of partials that gives way and becomes one open chord.

At surrender 0 the partials of one root are stretched, detuned, and a third of them lean on a
neighbour at the distance where two tones are roughest; panic brightens them and beats them all
together.  As surrender rises each partial slides, in its own time, to the tone of an open
just-intoned chord that is nearest to it, several to a tone; what has arrived sings in the chord's
own phase.  At surrender 1 it is that chord alone, swelling and sinking six times a minute.
"""

from __future__ import annotations

from operator import is_not
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.dsp import gliding
from lullaby.dsp.running_sum import STEP_S, RunningSum
from lullaby.model.chance import Chance, Floats
from lullaby.model.chords import CHORDS
from lullaby.model.event import Events, Followed, columns
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.sheet import choice, count, panic, param, surrender
from lullaby.model.streams import Window
from lullaby.units import cents_to_ratio, db_to_gain, power_to_db, ratio_to_cents

CELL_S = 16.0  # a partial is a chain of events this long, so that any moment can be the start
FADE_S = 2.0  # overlap of two of them, in phase
LEADS = 0.6  # of a tone's amplitude is one partial's; the others share the rest
LEVEL_DB = -17.4  # of the root's partial at -23 LUFS for all
BREATH_HZ = 0.1
DRAWN: tuple[str, ...] = (
    "harmonic",
    "strays",
    "leans",
    "tone",
    "share",
    "power",
    "begins",
    "arrives",
)
DRAWN += ("slow_hz", "slow_turn", "quick_hz", "quick_turn")
CAST = dict.fromkeys((*DRAWN, "lead_s", "place", "turn", "tone_turn"), "f8")
PLAIN_STRETCH = 0.09
STRUCK_DB = 9.0  # a struck partial over a standing one


class Strike(Gesture):
    """All partials struck at once: a clangorous bell, surrendered the open chord."""

    sounds_s = 20.0
    gain_db = param(0.0, "dB", (-40.0, 12.0), "Louder or softer.")
    ring_s = param(8.0, "s", (0.5, 20.0), "How long the root rings; what is higher rings less.")
    swell_s = param(0.03, "s", (0.005, 4.0), "How long it takes to come up: long ones are bowed.")


class Sigh(Gesture):
    """It sinks, softer and darker, and comes back."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    fall_cents = param(100.0, "cents", (0.0, 1200.0), "How far its pitch sinks.")
    bends = (
        Bend("level_db", "depth_db", -1.0),
        Bend("root_hz", "fall_cents", -1.0, turn=0.45),
        Bend("bright_db", "depth_db", -0.25),
    )


class Harmony(Module):
    """A beating cluster of partials; surrendered, one open chord that breathes."""

    voices = count(24, (8, 96), "How many partials.")
    chord = choice("warm", tuple(CHORDS), "The open chord they come to.")
    root_hz = param(55.0, "Hz", (27.5, 220.0), "Root of cluster and chord.", log=True)
    stretch = param(
        PLAIN_STRETCH, "ratio", (0.0, 0.3), "How far the cluster is stretched: k^(1 + this)."
    )
    detune_cents = param(90.0, "cents", (0.0, 300.0), "How far its partials stray (deviation).")
    jitter_cents = param(7.0, "cents", (0.0, 50.0), "Unsteadiness of each partial.")
    roughness = param(1.0, "ratio", (0.0, 1.0), "Depth of the beating that panic brings to all.")
    bright_db = param(0.0, "dB", (-4.0, 4.0), "Added to the spectrum's tilt, an octave.")
    breath = param(0.5, "ratio", (0.0, 0.9), "Depth of the surrendered chord's breathing.")
    width_deg = param(60.0, "deg", (0.0, 90.0), "Partials stand within this to left and right.")
    surrender = surrender("0 the beating cluster, 1 the open chord, breathing.")
    panic = panic("How hot it is: tilt of its spectrum, depth of its beating, level.")

    adds = columns(*DRAWN, "fade_s", "rise_s", "ring_s", "lift", "phase", "rest_phase")
    gestures = knows(strike=Strike, sigh=Sigh)
    midi = Midi(
        notes=True,
        pitch="bend",
        cc={"surrender": 1, "bright_db": 74},
        text="harmony",
        hands_on="fade_s",
        glides=True,
    )

    _cast_of: tuple[tuple[Any, ...], NDArray[np.void]] | None = None  # and what it was drawn from
    _known: tuple[Any, ...] = ()  # what the sums below were made of
    _sums: RunningSum | None = None
    _before: RunningSum | None = None

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the chains of events of all partials, each handing on its phase."""
        cast = self._cast(chance)
        places = chance.of("cells")
        lead_s = cast["lead_s"]
        k = np.arange(np.floor(window[0] / CELL_S) - 1, np.floor(window[1] / CELL_S) + 1)
        at_s = np.maximum(k[:, None] * CELL_S + lead_s, 0.0)
        kept = (k[:, None] >= -1) & (at_s >= window[0]) & (at_s < window[1])
        cell, who = np.nonzero(kept)
        at_s, own = at_s[kept], places.at(k[cell].astype(np.int64) * 128 + who)
        first = k[cell] < 0
        length_s = np.where(first, cast["lead_s"][who], CELL_S) + FADE_S
        fades = {"fade_s": FADE_S, "rise_s": FADE_S}
        events = self._sung(at_s, own, cast, who, chance, duration_s=length_s, **fades)
        return events[np.lexsort((events["key"], events["at_s"]))]

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the partials of strikes, each ringing for its own time."""
        cast = self._cast(chance)
        which, who = np.divmod(np.arange(len(asked) * len(cast)), len(cast))
        rows = asked[which]
        ring_s = rows["ring_s"] / np.sqrt(cast["harmonic"][who])
        own = Chance(Chance(asked["key"]).at(np.arange(len(cast))).key.ravel())
        events = self._sung(
            rows["at_s"],
            own,
            cast,
            who,
            chance,
            duration_s=np.minimum(rows["swell_s"] + ring_s, Strike.sounds_s),
            fade_s=0.5 * ring_s,
            rise_s=rows["swell_s"],
            ring_s=ring_s,
        )
        events["level_db"] += STRUCK_DB + rows["gain_db"]
        return events

    def _sung(
        self,
        at_s: Floats,
        own: Chance,
        cast: NDArray[np.void],
        who: NDArray[np.int64],
        chance: Chance,
        **values: Any,
    ) -> Events:
        """Return the events of some partials, each at a time, in the phase of its chain."""
        rows = cast[who]
        # Sums stand at whole steps; what is left is short enough to be straight.
        whole_s = np.floor(at_s / STEP_S) * STEP_S
        cycles, root_cycles = self._cycles(chance, cast, whole_s, who)
        cycles = cycles + (at_s - whole_s) * self.heard_hz(at_s, rows)
        root_cycles = root_cycles + (at_s - whole_s) * self.root_hz(at_s)
        events = self.events(
            at_s,
            own,
            level_db=LEVEL_DB - _power_db(cast, -6.0),
            lift=(_power_db(cast, 0.0) - _power_db(cast, -6.0)) / 6.0,
            azimuth_deg=self.width_deg(at_s) * rows["place"],
            phase=cycles + rows["turn"],
            rest_phase=rows["tone"] * root_cycles + rows["tone_turn"],
            **{name: rows[name] for name in DRAWN},
            **values,
        )
        events["pitch_hz"] = self.heard_hz(at_s, events)
        return events

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part: a bank of gliding sines."""
        from lullaby.dsp import partials  # here, so that listing and checking never wait for numba

        return Voice(partials.render, partials.MEMORY, sample_rate)

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return pitch and gain of every partial that sounds at a time; unisons are one each."""
        since, left = at_s - events["at_s"], events["at_s"] + events["duration_s"] - at_s
        events = events[(since >= 0.0) & (left > 0.0)]
        if not len(events):
            return np.zeros(0), np.zeros(0)
        t = np.full(len(events), at_s)
        since, left = t - events["at_s"], events["at_s"] + events["duration_s"] - t
        way = gliding.eased_between(self.surrender(t), events["begins"], events["arrives"])
        tilt_db = gliding.panic_tilt_db(self.panic(t), self.bright_db(t))
        from_db = gliding.tilted_db(np.log2(self._from_hz(t, events) / self.root_hz(t)), tilt_db)
        f = self.heard_hz(t, events)
        away_cents = np.abs(ratio_to_cents(f / (self.root_hz(t) * events["tone"])))
        # In one phase amplitudes add up; on the way there powers do.
        resting = gliding.settled(away_cents, way)
        power = events["power"] ** (1.0 - resting)
        tone_db = gliding.tilted_db(np.log2(events["tone"]), tilt_db)
        tone_db += power_to_db(events["share"] ** 2 / power)
        level_db = events["level_db"] + (1.0 - way) * from_db + way * tone_db
        level_db += (1.0 - resting) * gliding.hushed_db(way, events["share"])
        level_db += gliding.heat_db(self.panic(t)) - gliding.lifted_db(tilt_db, events["lift"])
        ends = gliding.eased_between(since, 0.0, events["rise_s"])
        ends = ends * gliding.eased_between(left, 0.0, events["fade_s"])
        ends = ends * gliding.rung(since, events["rise_s"], events["ring_s"])
        return f, db_to_gain(level_db) * ends

    def heard_hz(self, at_s: Floats, events: NDArray[np.void]) -> Floats:
        """Return the pitch of each partial (Hz) at a time of its own, as the voice has it."""
        t, rows = at_s, events
        s = self.surrender(t)
        way = gliding.eased_between(s, rows["begins"], rows["arrives"])
        f = gliding.glided_hz(way, self._from_hz(t, rows), self.root_hz(t) * rows["tone"])
        jitter = (cents_to_ratio(self.jitter_cents(t)) - 1.0) * (1.0 - s) ** 2
        steady = [rows[name] for name in ("slow_hz", "slow_turn", "quick_hz", "quick_turn")]
        heard: Floats = f * (1.0 + jitter * gliding.wandered(t, *steady))
        return heard

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return the phase of the one breath."""
        return np.array([BREATH_HZ * at_s % 1.0])

    def _cast(self, chance: Chance) -> NDArray[np.void]:
        """Return a row a partial: what it is for the whole run."""
        start = np.zeros(1)
        where = (self.root_hz(start), self.stretch(start), self.detune_cents(start))
        known = (int(chance.key), *(float(x[0]) for x in where))
        if self._cast_of is None or self._cast_of[0] != known:
            self._cast_of = known, self._drawn(chance)
        return self._cast_of[1]

    def _drawn(self, chance: Chance) -> NDArray[np.void]:
        i = np.arange(self.voices)
        own = chance.of("partials").at(i)
        rows = np.zeros(self.voices, list(CAST.items()))
        # One of every three leans on the one below it, which does not lean itself.
        leaning = i % 3 == 1 + chance.of("threes").at(i // 3).choice("leaning", 2)
        on = i - leaning
        rows["harmonic"] = on + 1.0
        rows["strays"] = np.clip(own.normal("strays"), -2.5, 2.5)[on]
        rows["leans"] = leaning
        start = np.zeros(len(rows))
        rows["tone"], rows["share"], rows["power"] = _paired(
            self._from_hz(start, rows) / self.root_hz(start), np.array(CHORDS[self.chord])
        )
        # Staggered, so that they do not all rub past each other at once.
        rows["begins"] = own.uniform("begins", 0.25, 0.33)
        rows["arrives"] = own.uniform("arrives", 0.66, 0.90)
        spread = (0.6180339887 * i + chance.of("leads").uniform("lead")) % 1.0
        rows["lead_s"] = (1.0 + np.floor(spread * CELL_S / STEP_S)) * STEP_S
        # The bass stays near the middle; sides alternate, so that neither outweighs the other.
        side = np.where(i % 2, 1.0, -1.0) * own.uniform("place", 0.3, 1.0)
        rows["place"] = side * np.minimum(0.5 * np.log2(i + 1.0), 1.0)
        rows["turn"] = own.uniform("turn")
        rows["tone_turn"] = rows["tone"] * rows["tone"] * 0.137  # no common crest
        rows["slow_hz"], rows["slow_turn"] = own.uniform("slow", 0.2, 0.6), own.uniform("slow turn")
        rows["quick_hz"] = own.uniform("quick", 0.7, 1.9)
        rows["quick_turn"] = own.uniform("quick turn")
        return rows

    def _from_hz(self, t: Floats, rows: NDArray[np.void]) -> Floats:
        f: Floats = gliding.source_hz(
            self.root_hz(t),
            rows["harmonic"],
            rows["strays"],
            rows["leans"],
            self.stretch(t),
            self.detune_cents(t),
        )
        return f

    def go_on(self, old: Module) -> None:
        """Take over the sums that the phases come of, too."""
        super().go_on(old)
        assert isinstance(old, Harmony)
        self._before = old._sums or old._before

    def _cycles(
        self, chance: Chance, cast: NDArray[np.void], at_s: Floats, who: NDArray[np.int64]
    ) -> tuple[Floats, Floats]:
        """Return the cycles of each partial, and of the root, from the run's start to its time."""

        def pitch_hz(t: Floats) -> Floats:
            return np.hstack((self.heard_hz(t, cast), self.root_hz(t)))

        known = (chance.key, *self.curves.values(), *self.fixed.values())
        if len(known) != len(self._known) or any(map(is_not, known, self._known)):
            made = RunningSum(pitch_hz, len(cast) + 1)
            if self._before is not None:
                made.go_on(self._before)
            self._known, self._sums, self._before = known, made, None
        assert self._sums is not None
        return self._sums(at_s, who), self._sums(at_s, np.full(len(at_s), len(cast)))


def _paired(ratio: Floats, tones: Floats) -> tuple[Floats, Floats, Floats]:
    """Return each partial's tone, its share of the tone's amplitude, and the power of all shares.

    The nearest tone that is not full.  The nearest of those who share one leads: one voice in front
    and others behind it beat less on their way than many alike.
    """
    away = np.abs(np.log2(ratio[:, None] / tones))
    tone = np.full(len(ratio), -1)
    for most in (len(ratio) // len(tones), -(-len(ratio) // len(tones))):
        for pair in np.argsort(away, axis=None, kind="stable"):
            i, j = divmod(int(pair), len(tones))
            if tone[i] < 0 and np.count_nonzero(tone == j) < most:
                tone[i] = j
    share, power = np.ones(len(ratio)), np.ones(len(ratio))
    for j in range(len(tones)):
        these = np.flatnonzero(tone == j)
        if len(these) > 1:
            share[these] = (1.0 - LEADS) / (len(these) - 1)
            share[these[away[these, j].argmin()]] = LEADS
            power[these] = np.sum(share[these] ** 2)
    return tones[tone], share, power


def _power_db(cast: NDArray[np.void], tilt_db: float) -> float:
    """Return the power of the plain cluster under a tilt, the root's partial being 0 dB."""
    octaves = (1.0 + PLAIN_STRETCH) * np.log2(cast["harmonic"])
    return float(power_to_db(np.sum(db_to_gain(gliding.tilted_db(octaves, tilt_db)) ** 2)))
