"""A piece whose parts are asked for gestures and give way to one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from lullaby.engine.composer import composer
from lullaby.engine.hands import Hands
from lullaby.model.chance import Chance
from lullaby.model.event import Events, Followed, in_order
from lullaby.model.gesture import Bend, Gesture, knows
from lullaby.model.performance import Performance
from lullaby.model.score import ArcDef, Cue, PartDef, Score, Stay
from lullaby.model.sheet import count, param, text
from lullaby.model.streams import Window
from lullaby.model.take import Take
from lullaby.model.value import Number, Point, Points, Range, Time
from tests.engine.cast import Pings
from tests.engine.piece import scene, score

RATE = 48000


class Strike(Gesture):
    """Some pings, one after the other."""

    begins_s, sounds_s = 1.0, 2.0
    pitch_hz = param(880.0, "Hz", (50.0, 4000.0), "Pitch.", log=True)
    times = count(3, (1, 9), "How many.")
    cry = text("", "What is cried.")


class Sigh(Gesture):
    """It sinks and comes back."""

    over_s = param(4.0, "s", (0.5, 20.0), "How long.")
    depth_db = param(12.0, "dB", (0.0, 40.0), "How much softer.")
    fall_cents = param(1200.0, "cents", (0.0, 2400.0), "How far down.")
    bends = (
        Bend("level_db", "depth_db", -1.0, turn=0.5),
        Bend("pitch_hz", "fall_cents", -1.0, turn=0.5),
        Bend("bright", "depth_db", 1.0),
    )


class Bells(Pings):
    """Pings that can be asked for more of them."""

    gestures = knows(strike=Strike, sigh=Sigh)

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        found = []
        for row in asked:
            own = Chance(row["key"]).at(np.arange(int(row["times"])))
            at_s = row["at_s"] + own.uniform("wait", 0.0, 0.999)
            found.append(self.events(at_s, own, duration_s=2.0, pitch_hz=row["pitch_hz"]))
        return in_order(*found)


class Replies(Bells):
    """Composes from what it is asked for, and nothing else."""

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        asked = followed["strike"](window)
        asked = asked[asked["at_s"] >= window[0]]
        return self.events(asked["at_s"], Chance(asked["key"]), duration_s=0.5, pitch_hz=100.0)


STRIKE = Cue(
    at=(Time(1.25), Time(5.5), Time(5.75)),
    do=("bells.strike",),
    words={"pitch_hz": Range(500.0, 700.0), "times": 4, "cry": "hark"},
    text="strike",
)
SIGH = Cue(at=(Time(2.0),), do=("all.sigh",), text="sigh")


def piece(*cues: Cue, bells: Mapping[str, object] | None = None) -> Score:
    """Bells over 8 s and a plain part beside them, which gives way to them."""
    made = score()
    still = {"rate_per_s": Number(6.0), "level_db": Number(-3.0)}
    under = PartDef("under", Pings, settings=still, ducks={"bells": Number(12.0)})
    ring = PartDef("bells", Bells, into="dull", **(bells or {}))  # type: ignore[arg-type]
    return replace(
        made,
        parts=(ring, under, PartDef("replies", Replies)),
        scenes=(
            scene("one", [Stay("bells"), Stay("under"), Stay("replies")], 4.0),
            scene("two", [Stay("bells"), Stay("under")], 4.0),
            scene("three", [Stay("under")], 4.0),
        ),
        arcs=(
            ArcDef("panic", Points(Number(0.0), (Point(Number(1.0)),))),
            ArcDef("surrender", Number(0.0)),
        ),
        cues=cues,
    )


def rows(performance: Performance, part: str, window: Window, number: int = 0) -> Events:
    """Return the events of one run in a window of its own time."""
    run = [r for r in performance.runs if r.part == part][number]
    return composer(performance, run, RATE, Hands(Take(RATE)))(window)
