"""Anything at any time: random actions on a session, and what must never be heard.

A click is a step between two samples more than twice as large as any in the piece itself, played
straight, with panic at its height.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import numpy as np

import lullaby.score
from lullaby.engine.engine import Engine
from lullaby.model.score import Score
from lullaby.model.take import Take, Touch
from lullaby.model.value import Number
from lullaby.units import db_to_gain
from tests.engine.piece import performed, score
from tests.live.fake import PERIOD, Stage

CLICK = 2.0
ACTIONS = {  # how often each is done
    "play": 8,
    "pause": 3,
    "toggle": 3,
    "seek": 2,
    "next_scene": 1,
    "previous_scene": 1,
    "loop": 2,
    "loop_here": 1,
    "touch": 10,
    "release": 4,
    "release_all": 1,
    "mute": 4,
    "solo": 3,
    "reload": 1,
    "panic": 1,
}


@dataclass
class Heard:
    """What a storm came to."""

    actions: int
    seconds: float
    peak: float
    ceiling: float
    step: float
    click: float  # a larger step is one
    underruns: int
    reloads: int


def variants() -> list[Score]:
    """Return the piece, and as it is after a few changes."""
    made = score()
    a, b, c = made.parts
    first, *rest = made.scenes
    louder = replace(made.master, settings={"level_db": Number(12.0)})
    return [
        made,
        replace(made, parts=(a, replace(b, settings={"level_db": Number(-9.0)}), c)),
        replace(made, parts=(a, b, replace(c, settings={"bright": Number(0.5)}))),
        replace(made, scenes=(replace(first, length=replace(first.length, amount=2.5)), *rest)),
        replace(made, master=louder),
    ]


def largest_step() -> float:
    """Return the largest step of the piece as it is, at its hottest."""
    steps = []
    for made in variants()[::2]:  # those that are not softer or longer
        take = Take(48000)
        take.add(Touch(-1, "panic", 1.0))
        with Engine(performed(made), take=take) as engine:
            heard = engine.read(12 * 48000)
        steps.append(float(np.abs(np.diff(heard)).max()))
    return max(steps)


def storm(actions: int, seed: int = 1) -> Heard:
    """Do so many things to a session, one every period or two, and listen all the time."""
    chance = random.Random(seed)
    versions = variants()
    stage = Stage(replace(versions[0], path="storm.yaml"))
    ceiling = float(db_to_gain(stage.session.piece.performance.ceiling_dbtp))
    before, lullaby.score.read = lullaby.score.read, lambda path, **_: chance.choice(versions)
    peak, step, last = 0.0, 0.0, np.zeros((2, 1), np.float32)
    try:
        for _ in range(actions):
            _act(stage, chance)
            block = np.concatenate(
                (last, stage.play(chance.choice((1, 1, 2, 8)) * PERIOD / 48000)), 1
            )
            last = block[:, -1:]
            peak = max(peak, float(np.abs(block).max()))
            step = max(step, float(np.abs(np.diff(block)).max()))
    finally:
        lullaby.score.read = before
    heard_s, session = stage.now_s, stage.session
    stage.close()
    return Heard(
        actions,
        heard_s,
        peak,
        ceiling,
        step,
        CLICK * largest_step(),
        session.ring.underruns,
        session.reloads,
    )


def _act(stage: Stage, chance: random.Random) -> None:
    session = stage.session
    part = chance.choice(("a", "b", "c"))
    what = chance.choices(list(ACTIONS), list(ACTIONS.values()))[0]
    if what == "seek":
        session.seek(chance.uniform(-1.0, 12.0))
    elif what == "touch":
        session.touch(chance.choice(("panic", "surrender")), chance.random())
    elif what == "release":
        session.release(chance.choice(("panic", "surrender")))
    elif what == "mute":
        session.mute(part)
    elif what == "solo":
        session.solo(part)
    elif what == "loop":
        session.loop_scene(chance.choice(("one", "two", "three", None)))
    else:
        getattr(session, what)()
