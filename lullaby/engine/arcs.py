"""The arcs of a piece in the time of one origin, each woven when it is first asked for."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from lullaby.model.curve import Curve
from lullaby.model.score import ArcDef, Score

DEEPEST = 32  # arcs that follow one another


class Arcs(Mapping[str, Curve]):
    """Every arc by its name.

    Raises ScoreError for an arc that follows itself in a circle, or a chain that is too long.
    """

    def __init__(self, score: Score, weave: Callable[[ArcDef, Mapping[str, Curve]], Curve]) -> None:
        self._score, self._weave = score, weave
        self._known = {arc.name: arc for arc in score.arcs}
        self._made: dict[str, Curve] = {}
        self._open: dict[str, None] = {}

    def __getitem__(self, name: str) -> Curve:
        """Return the curve of an arc; KeyError where there is none."""
        if name not in self._made:
            arc = self._known[name]
            if name in self._open:
                raise self._score.refused(arc.where, f"arc '{name}' follows itself in a circle")
            if len(self._open) >= DEEPEST:
                raise self._score.refused(arc.where, f"more than {DEEPEST} arcs follow one another")
            self._open[name] = None
            self._made[name] = self._weave(arc, self)
            del self._open[name]
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        """Return whether there is such an arc."""
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        """Return the names."""
        return iter(self._known)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._known)


def beside(first: Mapping[str, Curve], second: Mapping[str, Curve]) -> Mapping[str, Curve]:
    """Return both as one, the first before the second, without asking for any curve yet."""
    return ChainMap(cast(dict[str, Curve], first), cast(dict[str, Curve], second))
