"""The piece of a session: its score, laid out in time, and laid out further while it has no end."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import lullaby.score
from lullaby.data import resolved
from lullaby.engine.arrange import stretch, whole
from lullaby.engine.fed_cues import Called, Waiting
from lullaby.engine.layout import Layout
from lullaby.engine.timeline import endless
from lullaby.engine.touchable import touchable_names
from lullaby.errors import UsageError
from lullaby.model.performance import Span
from lullaby.model.score import Score
from lullaby.score.nearest import hint
from lullaby.units import MICRO

HORIZON_S = 4 * 3600.0  # how far ahead an endless piece is laid out
NEAR_S = 3600.0  # closer than this to the horizon it is laid out further
FED_HORIZON_S, FED_NEAR_S = 1200.0, 300.0  # where cues of streams have it arranged anew
BEHIND_S = 2 * 3600.0  # how far back one can go in an endless piece


class LivePiece:
    """A score and its performance: of an endless piece, a stretch around where it is heard."""

    def __init__(
        self,
        score: Score,
        seed: int | None = None,
        from_s: float = 0.0,
        fed: frozenset[str] = frozenset(),
    ) -> None:
        self._seed, self._fed = seed, fed
        self.score = score if seed is None else replace(score, seed=seed)
        self.endless = endless(self.score)
        self.since_s = 0.0
        self.until_s: float | None = None
        self.called: tuple[Called, ...] = ()  # cues of streams that went off
        if self.endless:
            self._lay(Layout(self.score), max(0.0, from_s - BEHIND_S), from_s + self._ahead_s)
        else:
            self._layout = Layout(self.score)
            self.performance = whole(self._layout)
        self.names = touchable_names(self.performance)

    @property
    def _ahead_s(self) -> float:
        return FED_HORIZON_S if self._fed else HORIZON_S

    @property
    def waiting(self) -> Sequence[Waiting]:
        """Return the cues that wait for a stream."""
        return self._layout.waiting

    @property
    def streamed(self) -> frozenset[str]:
        """Return the names of streams, and of all that is made from them."""
        known = self.score.known
        return frozenset() if known is None else known.streamed

    def calling(self, called: Sequence[Called]) -> LivePiece:
        """Return the piece in which more cues of streams go off."""
        made = copy.copy(self)
        made.called = (*self.called, *called)
        layout = self._layout.calling(called)
        if self.until_s is not None:
            made._lay(layout, self.since_s, self.until_s)
        else:
            made._layout, made.performance = layout, whole(layout)
        return made

    def _lay(self, layout: Layout, since_s: float, until_s: float) -> None:
        self._layout, self.since_s, self.until_s = layout, since_s, until_s
        self.performance = stretch(layout, round(since_s * MICRO), round(until_s * MICRO))

    def again(self) -> LivePiece:
        """Return the piece as its file says now.  Raises ScoreError, UsageError."""
        path = Path(self.score.path)
        made = LivePiece(self._read(path), self._seed, fed=self._fed)
        if made.endless and self.until_s is not None:
            # The same stretch as before, so that what has not changed is the same.
            made._lay(made._layout, self.since_s, self.until_s)
        return made

    def _read(self, path: Path) -> Score:
        return resolved(lullaby.score.read(path, fed=self._fed), fed=self._fed)

    def further(self, place_s: float) -> LivePiece | None:
        """Return the piece laid out further, where its horizon is near."""
        if self.until_s is None or place_s < self.until_s - (FED_NEAR_S if self._fed else NEAR_S):
            return None
        made = object.__new__(LivePiece)
        made._seed, made._fed, made.score = self._seed, self._fed, self.score
        made.endless, made.names, made.called = True, self.names, self.called
        made._lay(self._layout, max(0.0, place_s - BEHIND_S), place_s + self._ahead_s)
        return made

    @property
    def files(self) -> list[Path]:
        """Return the files that may be part of the score."""
        path = Path(self.score.path)
        beside = [*path.parent.glob("*.y*ml"), *path.parent.glob("presets/*/*.yaml")]
        sources = [s for s in self.score.sources if s.path and s.name not in self._fed]
        tables = [Path(source.path) for source in sources]
        return [path, *sorted(file for file in beside if file != path)[:63], *tables[:64]]

    def scene(self, name: str) -> Span:
        """Return the first visit to a scene.  Raises UsageError."""
        for span in self.performance.scenes:
            if span.name == name:
                return span
        names = list(dict.fromkeys(span.name for span in self.performance.scenes))
        raise UsageError(f"there is no scene {name!r}{hint(name, names, True)}")
