"""The command line with scores built in code: ``python -m tests.cli.launch render test ...``.

Names: ``test`` (15 s), ``long`` (an hour), ``loop`` (without an end),
``broken`` (a part of NaNs), ``nasty`` (steering text), ``wrong`` (a ScoreError),
``bug`` (an unexpected exception).
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import numpy as np

import lullaby.score
from lullaby.cli import main
from lullaby.errors import Finding, ScoreError
from lullaby.model.score import Cue, PartDef, Score, Stay
from lullaby.model.value import Time
from tests.engine.cast import Pings
from tests.engine.piece import scene, score

EVIL = "evil\x1b[31m\u202ename\nsecond"


class Spoilt(Pings):
    """Pings, and nothing but NaN in its sound."""

    def voice(self, sample_rate: int) -> Any:
        return Nans()


class Nans:
    memory: dict[str, str] = {}  # noqa: RUF012
    looks_back_s = 0.0

    def render(self, out: Any, *rest: Any) -> None:
        out[...] = np.nan


def read(source: object, *rest: object, **options: object) -> Score:
    made = score()
    first = made.scenes[0]
    cue = Cue(at=(Time(2.5),), mark="a mark")
    if source == "long":
        return replace(made, scenes=(scene("long", [Stay("a"), Stay("c")], 3600.0),))
    if source == "endless":
        return replace(made, scenes=(scene("long", [Stay("a")], 13 * 3600.0),))
    if source == "loop":
        around = replace(first, next=(first.name,))
        return replace(made, parts=made.parts[:2], scenes=(replace(around, play=(Stay("a"),)),))
    if source == "broken":
        parts = (*made.parts, PartDef("bad", Spoilt))
        scenes = (replace(first, play=(*first.play, Stay("bad"))), *made.scenes[1:])
        return replace(made, parts=parts, scenes=scenes)
    if source == "nasty":
        return replace(made, title=EVIL, scenes=(replace(first, name=EVIL), *made.scenes[1:]))
    if source == "wrong":
        line = "  sky: {densty: 1}"
        raise ScoreError([Finding(f"{EVIL}.yaml", 3, 9, "unknown parameter 'densty'", line, 6)])
    if source == "bug":
        raise ZeroDivisionError("by\nzero")
    return replace(made, scenes=(replace(first, cues=(cue,)), *made.scenes[1:]))


if __name__ == "__main__":
    lullaby.score.read = read
    sys.exit(main())
