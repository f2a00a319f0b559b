"""What a module can be asked to do: gestures, their words, and how they bend what sounds.

A cue asks a part for a gesture.  Each asking becomes a row (when, its own key, the words), known
before anything sounds: what comes of it is a pure function of that row, so any moment can be the
start.  A gesture may bring events of its own, bend parameters there and back, or both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.curve import Curve, eased, kept
from lullaby.model.event import Events, record
from lullaby.model.following import Arithmetic, Clipped, Kick, Kicks, Transposed
from lullaby.model.sheet import Fixed, Param, Sheet

MOST_LETTERS = 400  # of a word that is a text
LENGTH = "over_s"  # the word that says how long a gesture bends what it bends


@dataclass(frozen=True)
class Bend:
    """How a gesture moves a parameter: away, and back to where it would have been.

    ``name`` is a parameter of the module, or ``level_db`` of its place at the desk; ``word`` says
    how far, times ``scale``: cents for a frequency, else in the parameter's own unit.
    """

    name: str
    word: str
    scale: float = 1.0
    turn: float = 0.35  # share of the way at which it is furthest


class Gesture(Sheet):
    """Base of every gesture: its parameters are the words that a cue may give."""

    bends: ClassVar[tuple[Bend, ...]] = ()
    begins_s: ClassVar[float] = 0.0  # its own events begin at most this long after it is asked for
    sounds_s: ClassVar[float] = 0.0  # and sound for at most this long; 0: it has none

    def __init_subclass__(cls) -> None:
        """Check the declaration.  Raises ValueError."""
        kinds = {f.kind for f in cls.fixed_params().values()} - {"count", "flag", "choice", "text"}
        if kinds:
            raise ValueError(f"{cls.__name__}: a word cannot be a {min(kinds)}")
        wanted = {bend.word for bend in cls.bends} | ({LENGTH} if cls.bends else set())
        missing = wanted - cls.params().keys()
        if missing:
            raise ValueError(f"{cls.__name__}: {min(missing)} is no word of it")
        if cls.bends and cls.params()[LENGTH].low <= 0.0:
            raise ValueError(f"{cls.__name__}: {LENGTH} must be longer than nothing")

    @classmethod
    def words(cls) -> dict[str, Param | Fixed[Any]]:
        """Return the declarations of all words by their own names, in the order of the rows."""
        return {**cls.params(), **cls.fixed_params()}


def knows(**gestures: type[Gesture]) -> Mapping[str, type[Gesture]]:
    """Declare the gestures of a module by their names."""
    return gestures


@dataclass(frozen=True)
class Asking:
    """One time a part is asked for a gesture, in the time of its run."""

    gesture: str
    at_s: float
    key: int  # of all chance in what comes of it
    words: tuple[float | str, ...]  # in the order of the declarations; a choice by its number


def rows(gesture: type[Gesture], askings: Sequence[Asking]) -> Events:
    """Return a row an asking: ``at_s``, ``key``, then the words by their declared names."""
    letters = max([1, *(len(w) for a in askings for w in a.words if isinstance(w, str))])
    kinds = {
        name: f"U{letters}" if isinstance(p, Fixed) and p.kind == "text" else "f8"
        for name, p in gesture.words().items()
    }
    made = np.zeros(len(askings), record({"at_s": "f8", "key": "u8", **kinds}))
    for i, asking in enumerate(askings):
        made[i] = (asking.at_s, asking.key, *asking.words)
    return made


@dataclass(frozen=True)
class Swing(Kick):
    """There and back: ``depth`` at ``turn`` of the way, nothing before it and after ``over_s``."""

    turn: float = 0.35

    def __call__(self, t: Any, own: Any = None) -> Floats:
        """Return how far it is."""
        x = kept((np.asarray(t, np.float64) - self.at_s) / self.over_s)
        away = eased(kept(x / self.turn), "smooth")
        back = eased(kept((x - self.turn) / (1.0 - self.turn)), "smooth")
        return self.depth * (away - back)


def bent(curve: Curve, p: Param, swings: Sequence[Swing]) -> Curve:
    """Return a parameter's curve with the swings laid over it, kept in its range."""
    if not swings:
        return curve
    added = Kicks(tuple(sorted(swings, key=lambda swing: swing.at_s)))
    moved = Transposed(curve, added) if p.unit == "Hz" else Arithmetic("+", curve, added)
    return Clipped(moved, p.low, p.high)


def swings(
    name: str, gestures: Sequence[tuple[type[Gesture], Sequence[Asking]]]
) -> tuple[Swing, ...]:
    """Return what askings do to one parameter."""
    found = []
    for gesture, askings in gestures:
        order = list(gesture.words())
        for bend in gesture.bends:
            if bend.name != name:
                continue
            for asking in askings:
                depth = float(asking.words[order.index(bend.word)]) * bend.scale
                over_s = float(asking.words[order.index(LENGTH)])
                found.append(Swing(asking.at_s, depth, over_s, bend.turn))
    return tuple(found)
