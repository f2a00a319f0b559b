"""A session on a card that a test turns by hand: time goes as fast as the test asks for sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lullaby.errors import DeviceError
from lullaby.live.plan import Plan
from lullaby.live.ring import Ring
from lullaby.live.session import Session
from lullaby.model.score import Score
from tests.engine.piece import score

PERIOD = 512


class FakeCard:
    """Takes frames when told; can be lost."""

    def __init__(self, sample_rate: int = 48000) -> None:
        self.name, self.sample_rate = "fake", sample_rate
        self.ring: Ring | None = None
        self.gone = False

    def start(self, ring: Ring) -> None:
        if self.gone:
            raise DeviceError("fake: still gone")
        self.ring = ring

    def active(self) -> bool:
        return self.ring is not None and not self.gone

    def close(self) -> None:
        self.ring = None


class Stage:
    """A session with its card, its clock and everything that was heard."""

    def __init__(self, made: Score | None = None, cards: Any = None, **wishes: Any) -> None:
        self.now_s = 0.0
        self.card = FakeCard()
        self.cards: Callable[[], FakeCard] = cards or (lambda: FakeCard())
        wishes.setdefault("ahead_s", 0.1)
        plan = Plan(threads=False, **wishes)
        self.session = Session(made or score(), plan, self.card, self._reopen, lambda: self.now_s)
        self.session.start()
        self.heard: list[np.ndarray] = []

    def _reopen(self) -> FakeCard:
        self.card = self.cards()
        return self.card

    def play(self, for_s: float) -> np.ndarray:
        """Let time pass; returns what was heard meanwhile, shape (2, frames)."""
        first = len(self.heard)
        for _ in range(round(for_s * 48000 / PERIOD)):
            self.session.pump()
            out = np.zeros((PERIOD, 2), np.float32)
            if self.card.active() and self.card.ring is not None:
                self.card.ring.read(out)
            self.heard.append(out.T)
            self.now_s += PERIOD / 48000
            self.session.keeper.tend()
        return np.concatenate([np.zeros((2, 0), np.float32), *self.heard[first:]], axis=1)

    def close(self) -> None:
        self.session.close()


def in_file(made: Score, path: Path) -> Score:
    """Return a score that says it comes from a file."""
    path.write_text("first")
    return replace(made, path=str(path))
