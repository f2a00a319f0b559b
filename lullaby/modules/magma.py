"""Magma: rivers under the city that churn, pop, spit and hiss, and cool to obsidian.

Vents of molten rock churn in brown noise whose swells have no one rate, bubbles rise and pop, and
what escapes hisses and spits.  ``heat`` is its temperature: as it sinks the bubbles grow rare, the
churn softer, the hiss darker until it is gone, and the noise that is left rings in glass whose
modes move to 1:2:4:6.  ``panic`` makes it spit more.

At surrender 1 it is obsidian: the same glass, tuned to one open just chord, breathing six times a
minute over its ground.  Bubbles have become drops of glass on tones of the chord, one by one; hiss
and spits truly end.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lullaby.dsp import obsidian
from lullaby.dsp.gliding import eased_between
from lullaby.model.chance import Chance, Floats
from lullaby.model.chords import CHORDS
from lullaby.model.curve import Curve
from lullaby.model.event import Events, Followed, columns, in_order
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.module import Midi, Module, Voice
from lullaby.model.sheet import Follow, choice, count, panic, param, surrender
from lullaby.model.streams import Window, poisson
from lullaby.units import power_to_db

CELL_S, CROSSING_S, FIRST_RISE_S = 30.0, 4.0, 0.3  # of the chain of events that a vent is
GOLDEN = 0.6180339887498949  # its multiples spread any number of vents evenly
MOST_POPS_PER_S, MOST_SPITS_PER_S = 12.0, 24.0  # ceilings, part of the piece
FEW_PER_S = 0.2  # of drops at surrender 1, at most
BREATH_HZ = 0.1
VENT, POP, SPIT, TICK, DROP = range(5)  # as ``lullaby.dsp.lava`` has them
VENT_DB, POP_DB, SPIT_DB, TICK_DB, DROP_DB, STEAM_DB = -7.9, -12.3, -25.5, -6.0, -26.0, 7.0
BUBBLES = 2.12  # a bubble's pitch lies within this factor of the middle one: 40 to 180 Hz
DROPS = (2.0, 12.0)  # tones of the chord that drops are on
FIRST_HZ = 110.0  # the lowest mode of the largest glass; a twelfth from there is dealt out
OMORI_MOST = 200  # ticks of one contraction
# What an event carries beside what every event has.
FLOW = ("kind", "seed", "swell_hz", "churn", "hiss", "steam", "glass", "bowed", "ground")
BANK = ("first_hz", "tone_0", "tone_1", "tone_2", "tone_3", "cycles", "rise_s", "fall_s", "hands_s")
BUBBLE = ("damping", "rise", "backward", "sinks_cents", "swells_s", "ring_s")


class Contract(Gesture):
    """It contracts: ticks of glass that thin out by themselves; surrendered, drops on the chord."""

    begins_s = 30.0
    sounds_s = 8.0
    over_s = param(15.0, "s", (1.0, 30.0), "How long ticks go on to come.")
    ticks_per_s = param(14.0, "/s", (1.0, 40.0), "How many a second there are at first.")
    halves_s = param(1.5, "s", (0.2, 10.0), "After so long they are half as many (Omori 1894).")
    gain_db = param(0.0, "dB", (-40.0, 18.0), "Louder or softer.")


class Hiss(Gesture):
    """Steam escapes at once, and darkens; surrendered, the glass is bowed."""

    sounds_s = 20.0
    over_s = param(3.0, "s", (0.2, 20.0), "How long it takes.")
    gain_db = param(0.0, "dB", (-40.0, 18.0), "Louder or softer.")


class Sigh(Gesture):
    """It sinks, softer and darker, and comes back."""

    over_s = param(8.0, "s", (1.0, 60.0), "How long until all is back.")
    depth_db = param(9.0, "dB", (0.0, 40.0), "How much softer.")
    shut_cents = param(2400.0, "cents", (0.0, 4800.0), "How far the hiss closes.")
    bends = (
        Bend("level_db", "depth_db", -1.0),
        Bend("hiss_hz", "shut_cents", -1.0),
        Bend("churn_hz", "shut_cents", -0.2),
    )


class Magma(Module):
    """Rivers of magma that churn, pop and hiss, and cool to glass; surrendered, a glass chord."""

    voices = count(3, (1, 8), "How many vents.")
    chord = choice("octaves", tuple(CHORDS), "The open chord the glass comes to.")
    heat = param(
        1.0, "ratio", (0.0, 1.0), "Temperature: 1 liquid, 0 glass.", follows=Follow("heat")
    )
    pops_per_s = param(
        3.0,
        "/s",
        (0.0, MOST_POPS_PER_S),
        "Mean number of bubbles; with the square of heat 0 to 3.",
        follows=Follow("heat", target=(0.0, 3.0), shape="ease-in"),
    )
    bubble_hz = param(85.0, "Hz", (30.0, 400.0), "Pitch of a middling bubble.", log=True, each=True)
    rise = param(0.075, "ratio", (0.0, 0.5), "How far a bubble rises; each to two thirds less.")
    spits_per_s = param(
        6.0,
        "/s",
        (0.0, MOST_SPITS_PER_S),
        "Mean number of spits; with panic 2 to 10.",
        follows=Follow("panic", target=(2.0, 10.0)),
    )
    hiss_hz = param(
        12_000.0, "Hz", (200.0, 16_000.0), "Corner of the hiss, at most: heat lowers it.", log=True
    )
    churn_hz = param(180.0, "Hz", (50.0, 500.0), "Corner of the churn.", log=True)
    glass = param(0.0, "ratio", (0.0, 1.0), "How far it is glass although it is hot.")
    reverse = param(
        0.0, "ratio", (0.0, 1.0), "Share of bubbles that run backward; the churn sinks with it."
    )
    ring_s = param(4.0, "s", (0.3, 10.0), "How long hard glass rings (60 dB).", log=True)
    ground = param(0.6, "ratio", (0.0, 1.0), "How strong the ground of the surrendered chord is.")
    breath = param(0.6, "ratio", (0.0, 0.9), "Depth of the surrendered chord's breathing.")
    width_deg = param(60.0, "deg", (0.0, 90.0), "Vents stand within this to left and right.")
    root_hz = param(55.0, "Hz", (27.5, 110.0), "Root of the chord.", log=True)
    surrender = surrender("0 molten rock, 1 obsidian: a glass chord over its ground.")
    panic = panic("How hot: how much it spits and hisses.")

    adds = columns(*FLOW, *BANK, *BUBBLE)
    gestures = knows(contract=Contract, hiss=Hiss, sigh=Sigh)
    midi = Midi(
        notes=True,
        pitch="bend",
        cc={"surrender": 1, "heat": 71, "pops_per_s": 72, "hiss_hz": 74},
        text="magma",
        hands_on="hands_s",
        glides=True,
        peak="swells_s",
        most_per_s=8.0,
    )

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the chains of all vents, the bubbles and the spits of a window."""
        pops_at, pop_own = poisson(chance.of("pops"), self._pop_rate, MOST_POPS_PER_S, window)
        spits_at, spit_own = poisson(chance.of("spits"), self._spit_rate, MOST_SPITS_PER_S, window)
        return in_order(
            self._vents(window, chance),
            self._pops(pops_at, pop_own),
            self._spits(spits_at, spit_own),
        )

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the ticks of contractions, or bursts of steam."""
        return self._ticks(asked) if gesture == "contract" else self._steam(asked)

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        from lullaby.dsp import lava  # here, so that listing never waits for numba

        return Voice(lava.render, lava.MEMORY, sample_rate)

    def heard_hz(self, at_s: Floats, events: Events) -> Floats:
        """Return the pitch of each event: of a vent, where its lowest mode is."""
        vents = events["kind"] == VENT
        first = np.where(vents, events["first_hz"], 1.0)
        tone_hz = np.where(vents, events["tone_0"], 1.0) * self.root_hz(at_s)
        glass_hz = obsidian.mode_hz(first, tone_hz, _way(self.surrender(at_s)))
        return np.asarray(np.where(vents, glass_hz, events["pitch_hz"]))

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return the modes of the vents that sound at a time."""
        since, left = at_s - events["at_s"], events["at_s"] + events["duration_s"] - at_s
        e = events[(since >= 0.0) & (left > 0.0) & (events["kind"] == VENT)]
        calm, root_hz = self.surrender(at_s), self.root_hz(at_s)
        given = eased_between(calm, *obsidian.HARDENS)
        hard = obsidian.hardened(self.heat(at_s), self.glass(at_s), given)
        found = [np.zeros(0)]
        for j in range(obsidian.MODES):
            over = obsidian.ratio(obsidian.LIQUID[j], obsidian.HARD[j], hard)
            tone_hz = e[f"tone_{j}"] * root_hz
            found.append(obsidian.mode_hz(e["first_hz"] * over, tone_hz, _way(calm)))
        hz = np.concatenate(found)
        return hz, np.full(len(hz), float(hard))

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return the phase of the one breath."""
        return np.array([BREATH_HZ * at_s % 1.0])

    def _vents(self, window: Window, chance: Chance) -> Events:
        many = self.fixed["voices"]
        vent = chance.of("vents").at(np.arange(many))
        ahead_s = CELL_S * (np.arange(many) * GOLDEN % 1.0)
        first = max(0, int(np.floor(window[0] / CELL_S)) - 1)
        k = np.arange(first, int(np.ceil(window[1] / CELL_S)) + 2)
        at_s = np.maximum(0.0, k[:, None] * CELL_S - ahead_s)
        until_s = (k[:, None] + 1) * CELL_S - ahead_s + CROSSING_S
        kept = (at_s >= window[0]) & (at_s < window[1]) & (until_s > at_s + CROSSING_S)
        who = np.nonzero(kept)[1]
        own, lead = Chance(vent.at(k).key.T[kept]), Chance(vent.key[who])
        begins = np.broadcast_to(at_s == 0.0, kept.shape)[kept]
        at_s, until_s = at_s[kept], until_s[kept]
        rise_s = np.where(begins, FIRST_RISE_S, CROSSING_S)
        level_db = VENT_DB - power_to_db(float(many)) + lead.uniform("level", -1.5, 1.5)
        place = 2.0 * ((who + 0.5) / many) - 1.0 + lead.uniform("place", -0.5, 0.5) / many
        return self._bank(
            at_s,
            own,
            lead,
            who,
            duration_s=until_s - at_s,
            level_db=level_db,
            azimuth_deg=self.width_deg(at_s) * place,
            rise_s=rise_s,
            fall_s=CROSSING_S,
            hands_s=CROSSING_S,
            churn=1.0,
            hiss=1.0,
            ground=1.0 / np.sqrt(many),
        )

    def _bank(
        self, at_s: Floats, own: Chance, lead: Chance, who: NDArray[np.int64], **values: object
    ) -> Events:
        # Events of the kind that the voice runs through its filters and glass.
        chord = np.array(CHORDS[self.fixed["chord"]])
        dealt = (who * GOLDEN + 0.37) % 1.0
        first_hz = FIRST_HZ * 3.0**dealt * lead.uniform("first", 0.95, 1.05)
        tones = {f"tone_{j}": chord[(j + who % 2) % len(chord)] for j in range(obsidian.MODES)}
        values = {"glass": 1.0, **values}
        made = self.events(
            at_s,
            own,
            kind=VENT,
            seed=lead.uniform("seed"),
            swell_hz=lead.uniform("swell", 0.5, 2.0),
            first_hz=first_hz,
            cycles=_cycles(self.root_hz, at_s),
            **tones,
            **values,
        )
        made["pitch_hz"] = self.heard_hz(at_s, made)
        return made

    def _pop_rate(self, t: Floats) -> Floats:
        rate, calm = self.pops_per_s(t), self.surrender(t)
        return rate + calm * (np.minimum(rate, FEW_PER_S) - rate)

    def _spit_rate(self, t: Floats) -> Floats:
        rate: Floats = self.spits_per_s(t) * self.heat(t)
        left: Floats = 1.0 - eased_between(self.surrender(t), *obsidian.ENDS)
        return rate * left

    def _pops(self, at_s: Floats, own: Chance) -> Events:
        calm = self.surrender(at_s)
        soft = own.uniform("kind") < calm
        backward = (own.uniform("backward") < self.reverse(at_s)) & ~soft
        hz = self.bubble_hz(at_s, own) * BUBBLES ** own.uniform("pitch", -1.0, 1.0)
        damping = obsidian.damping(hz)
        lasts_s = np.where(backward, 3.0 / damping, 7.0 / damping)
        ring_s = 0.5 * self.ring_s(at_s)
        bubble_db = POP_DB + own.uniform("level", -6.0, 0.0)
        drop_db = DROP_DB + own.uniform("level", -3.0, 0.0)
        return self.events(
            at_s,
            own,
            kind=np.where(soft, DROP, POP),
            duration_s=np.where(soft, 1.4 * ring_s, np.minimum(lasts_s, 4.0)),
            pitch_hz=np.where(soft, self._drop_hz(at_s, own), hz),
            level_db=np.where(soft, drop_db, bubble_db),
            azimuth_deg=self.width_deg(at_s) * own.uniform("place", -1.0, 1.0),
            damping=damping,
            rise=self.rise(at_s) * own.uniform("rise", 2.0 / 3.0, 4.0 / 3.0),
            backward=backward,
            sinks_cents=own.uniform("sinks", 100.0, 300.0),
            swells_s=np.where(backward, lasts_s, 0.0),
            rise_s=0.0003 * 100.0**calm,
            ring_s=ring_s,
        )

    def _drop_hz(self, at_s: Floats, own: Chance) -> Floats:
        chord = np.array([t for t in CHORDS[self.fixed["chord"]] if DROPS[0] <= t <= DROPS[1]])
        hz: Floats = self.root_hz(at_s) * chord[own.choice("tone", len(chord))]
        return hz

    def _spits(self, at_s: Floats, own: Chance) -> Events:
        return self.events(
            at_s,
            own,
            kind=SPIT,
            duration_s=own.uniform("length", 0.003, 0.010),
            pitch_hz=7000.0,
            level_db=SPIT_DB - 12.0 * own.uniform("level") ** 0.5 + 3.0 * self.panic(at_s),
            azimuth_deg=self.width_deg(at_s) * own.uniform("place", -1.0, 1.0),
        )

    def _ticks(self, asked: Events) -> Events:
        # n(t) = K / (t + c), so that N(t) = K ln(1 + t/c): tick k comes as N passes k and a bit.
        k = np.arange(OMORI_MOST)
        own = Chance(asked["key"]).at(k)
        late = np.where(k == 0, 0.0, own.uniform("late"))
        many = (asked["ticks_per_s"] * asked["halves_s"])[:, None]
        since_s = asked["halves_s"][:, None] * np.expm1((k + late) / many)
        which, tick = np.nonzero(since_s < asked["over_s"][:, None])
        rows, own = asked[which], Chance(own.key[which, tick])
        at_s = rows["at_s"] + since_s[which, tick]
        calm = self.surrender(at_s)
        soft = own.uniform("kind") < calm
        ring_s = np.where(
            soft,
            0.5 * self.ring_s(at_s),
            own.uniform("ring", 0.02, 0.09) * np.where(tick > 0, 1.0, 2.0),
        )
        level_db = np.where(soft, DROP_DB + 4.0, TICK_DB) - 8.0 * own.uniform("level") * (tick > 0)
        return self.events(
            at_s,
            own,
            kind=np.where(soft, DROP, TICK),
            duration_s=1.4 * ring_s,
            pitch_hz=np.where(soft, self._drop_hz(at_s, own), 1100.0 * 3.2 ** own.uniform("pitch")),
            level_db=level_db + rows["gain_db"],
            azimuth_deg=self.width_deg(at_s) * own.uniform("place", -1.0, 1.0),
            rise_s=0.0003 * 100.0**calm,
            ring_s=ring_s,
        )

    def _steam(self, asked: Events) -> Events:
        own, at_s = Chance(asked["key"]), asked["at_s"]
        calm = np.clip(self.surrender(at_s), 0.0, 1.0)
        return self._bank(
            at_s,
            own,
            own,
            own.choice("who", 8),
            duration_s=asked["over_s"],
            level_db=STEAM_DB + asked["gain_db"] - 10.0 * calm,
            azimuth_deg=self.width_deg(at_s) * own.uniform("place", -0.6, 0.6),
            rise_s=0.01 + 0.25 * calm * asked["over_s"],
            fall_s=0.7 * asked["over_s"],
            hiss=1.0,
            steam=1.0,
            glass=eased_between(calm, 0.2, 1.0),
            bowed=1.0,
        )


def _way(surrender: Floats) -> Floats:
    way: Floats = eased_between(surrender, *obsidian.ARRIVES)
    return way


def _cycles(root_hz: Curve, at_s: Floats) -> Floats:
    # The turns of the root since the run began: what stands on a tone goes on in its phase.
    standing = root_hz.constant
    if standing is not None:
        return standing * at_s
    return np.array([root_hz.integral(float(t)) for t in at_s])
