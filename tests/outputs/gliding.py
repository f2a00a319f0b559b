"""Modules for tests of files: notes that slide, that swell, that sing, that are too many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lullaby.model.chance import Chance, Floats
from lullaby.model.event import Events, Followed, columns
from lullaby.model.module import Midi, Module
from lullaby.model.score import PartDef, SceneDef, Score, Stay
from lullaby.model.sheet import panic, param, surrender
from lullaby.model.streams import Window
from lullaby.model.value import Number, Time

WORDS = ("sleep", "now", "Lïlä", "")


class Slide(Module):
    """Every two seconds a note that slides up by a fifth in one second, then stands."""

    by = param(1.5, "ratio", (0.001, 100.0), "How far it slides.", log=True)
    surrender = surrender()
    panic = panic()
    adds = columns("swell_s")
    midi = Midi(pitch="bend", text="slide", glides=True, peak="swell_s")

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        k = np.arange(np.ceil(window[0] / 2.0 - 1e-9), np.ceil(window[1] / 2.0 - 1e-9))
        own = chance.of("notes").at(k.astype(np.int64))
        return self.events(
            2.0 * k, own, duration_s=1.5, pitch_hz=220.0 * 1.1**k, level_db=-6.0, swell_s=0.7
        )

    def heard_hz(self, at_s: Floats, events: Events) -> Floats:
        since = np.clip(at_s - events["at_s"], 0.0, 1.0)
        hz: Floats = events["pitch_hz"] * float(self.by(0.0)) ** since
        return hz

    def words(self, events: Events) -> Sequence[str]:
        return [WORDS[int(k) % 4] for k in np.rint(events["at_s"] / 2.0)]


class Grains(Slide):
    """Two hundred grains a second, of which a few are shown."""

    midi = Midi(pitch="none", text="grains", most_per_s=4.0)

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        k = np.arange(np.ceil(window[0] * 200.0 - 1e-9), np.ceil(window[1] * 200.0 - 1e-9))
        own = chance.of("grains").at(k.astype(np.int64))
        level_db = own.uniform("level", -40.0, 0.0)
        return self.events(k / 200.0, own, duration_s=0.05, level_db=level_db)

    def words(self, events: Events) -> Sequence[str]:
        return ()


def slides(module: type[Module] = Slide, **settings: float) -> Score:
    values = {name: Number(value) for name, value in settings.items()}
    part = PartDef(module.__name__.lower(), module, settings=values)
    stay = Stay(part.name)
    return Score("Slides", (part,), (SceneDef("one", Time(7.6), Time(0.5), play=(stay,)),))
