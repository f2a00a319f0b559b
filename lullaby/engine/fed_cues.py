"""Cues that wait for a stream: found while it plays, kept in the take, and arranged like any other.

Nobody knows a stream before it comes, so a session looks for crossings in what has been played, and
lets the cue go off a little later: so much that nothing there has been composed yet.  From then on
the piece is one in which that cue goes off at that time, and so it is rendered from the take.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lullaby.engine.firing import Stretch
from lullaby.model.curve import Curve, inside
from lullaby.model.following import Touchable
from lullaby.model.score import Cue, Score
from lullaby.model.signal import Known
from lullaby.model.take import Take, Touch
from lullaby.units import MICRO, seconds_to_micros

EVER = 1 << 40  # grid points before any place
NAME = re.compile(r"cue\.c([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, order=True)
class Called:
    """One time a cue of a stream goes off; cues are counted as they stand in the score."""

    at_us: int
    cue: int


@dataclass(frozen=True)
class Waiting:
    """A cue of a stream, in one stretch in which it may go off."""

    number: int
    cue: Cue
    stretch: Stretch


def numbered(score: Score) -> list[tuple[int, Cue]]:
    """Return all cues of a score as they are counted."""
    return list(enumerate([*score.cues, *(cue for scene in score.scenes for cue in scene.cues)]))


def hanging(known: Known, curves: Mapping[str, Sequence[Curve]]) -> frozenset[str]:
    """Return the names that hang on a stream: sources, what is made from them, arcs.

    ``curves``: all that each name may be.
    """
    names = set(known.streamed)
    follows = {
        name: {c.name for curve in made for c in inside(curve) if isinstance(c, Touchable)}
        for name, made in curves.items()
    }
    while more := {name for name, inner in follows.items() if inner & names} - names:
        names |= more
    return frozenset(names)


def noted(take: Take, called: Sequence[Called]) -> Take:
    """Return a take with the cues that went off in front of all that hands did."""
    made = Take(take.sample_rate)
    for one in sorted(called):
        made.add(Touch(-EVER, f"cue.c{one.cue}", one.at_us / MICRO))
    for grid, name, value in take.rows:
        made.add(Touch(grid, take.names[name], None if value != value else value))
    return made


def called_in(take: Take) -> tuple[Called, ...]:
    """Return the cues that went off in the session of a take."""
    numbers = {i: int(m[1]) for i, n in enumerate(take.names) if (m := NAME.fullmatch(n))}
    found = [
        Called(seconds_to_micros(value), numbers[name])
        for _, name, value in take.rows
        if name in numbers and value == value
    ]
    return tuple(sorted(found))
