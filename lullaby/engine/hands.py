"""Hands on a performance: what a take says of a name, laid over the curve as written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Chance, Floats
from lullaby.model.curve import Constant, Curve, Ramp
from lullaby.model.following import Mean, Touchable
from lullaby.model.take import Take, Touch
from lullaby.units import STEP

HELD_S = 0.25  # composers see hands held in cells of this
EVER = 1 << 40  # grid points before a place that nothing looks back to
AHEAD = 256  # points of a mean worked out at once where no hand can change them


class Hands:
    """All touches so far.  Touches are only ever added for grid points not yet rendered.

    ``live``: more may come.  Where none may, what is still to come of a curve is known.
    """

    def __init__(self, take: Take, *, live: bool = False) -> None:
        self.take, self.live = take, live
        self._by_name: dict[str, _Touches] = {}
        for grid, i, value in take.rows:
            self._note(take.names[i], grid, value)

    def add(self, touch: Touch) -> None:
        """Take in one touch; raises ValueError if it lies before the last one, or none may come."""
        if not self.live:
            raise ValueError("hands are only felt by an engine made with live=True")
        self._write(touch)

    def _write(self, touch: Touch) -> None:
        self.take.add(touch)
        self._note(touch.name, touch.grid, np.nan if touch.value is None else touch.value)

    def _note(self, name: str, grid: int, value: float) -> None:
        self._by_name.setdefault(name, _Touches()).add(grid, value)

    def held(self, grid: int) -> dict[str, float]:
        """Return the names that a hand holds at a grid point, with their values."""
        every = {n: self.laid_over(n, np.asarray(np.nan), grid) for n in self._by_name}
        return {name: float(value) for name, value in every.items() if not np.isnan(value)}

    def move(self, from_grid: int, to_grid: int) -> None:
        """Go on at another place, as if what is held had been held ever before: a new take."""
        held = self.held(from_grid)
        self.take, self._by_name = Take(self.take.sample_rate), {}
        for name, value in held.items():
            self._write(Touch(min(to_grid, 0) - EVER, name, value))

    def knows(self, name: str) -> bool:
        """Return whether a hand has ever touched the name."""
        return name in self._by_name

    def laid_over(self, name: str, written: Floats, grid: Any) -> Floats:
        """Return the written values, but the touched one wherever a hand holds the name."""
        known = self._by_name.get(name)
        if known is None:
            return written
        grids, values = known.all
        i = np.searchsorted(grids, grid, side="right") - 1
        touched = np.where(i >= 0, values[np.maximum(i, 0)], np.nan)
        return np.where(np.isnan(touched), written, touched)


class _Touches:
    """Grid points and values of one name; arrays that grow, since a stream touches for days."""

    def __init__(self) -> None:
        self._grids, self._values = np.zeros(16, np.int64), np.zeros(16)
        self._count = 0

    def add(self, grid: int, value: float) -> None:
        if self._count == len(self._grids):
            self._grids = np.concatenate((self._grids, np.zeros_like(self._grids)))
            self._values = np.concatenate((self._values, np.zeros_like(self._values)))
        self._grids[self._count], self._values[self._count] = grid, value
        self._count += 1  # last: whoever reads beside sees whole touches only

    @property
    def all(self) -> tuple[NDArray[np.int64], Floats]:
        count = self._count
        return self._grids[:count], self._values[:count]


@dataclass(frozen=True, eq=False)
class Touched(Curve):
    """A touchable curve with the hands over it.

    A voice reads it at grid points; a composer sees the hands as they were at the start of the
    0.25 s cell, so that asking it for longer windows later gives the same events.
    """

    name: str
    source: Curve
    hands: Hands
    first_grid: int  # of the run, in the piece
    sample_rate: int
    held: bool

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the value as touched."""
        written = self.source(t, own)
        if not self.hands.knows(self.name):
            return written
        t = np.asarray(t, np.float64)
        if self.held:
            t = np.floor(t / HELD_S) * HELD_S
        # The small addend undoes the rounding of a grid point's time.
        grid = np.floor(t * (self.sample_rate / STEP) + 1e-6).astype(np.int64) + self.first_grid
        return self.hands.laid_over(self.name, written, grid)

    def bounds(self) -> tuple[float, float]:
        """Return the bounds as written."""
        return self.source.bounds()

    @property
    def constant(self) -> float | None:
        """Return the constant as written, as long as no hand has ever touched the name."""
        return None if self.hands.knows(self.name) else self.source.constant


def bound(
    curve: Curve,
    hands: Hands,
    first_grid: int,
    sample_rate: int,
    held: bool,
    made: dict[int, Curve] | None = None,
) -> Curve:
    """Return the curve with the hands laid over every touchable curve inside it.

    ``made``, given to several calls, keeps what several curves share shared.
    """
    done: dict[int, Curve] = {} if made is None else made

    def change(inner: Curve) -> Curve:
        if id(inner) not in done:
            new = inner.each_curve(change)
            if isinstance(new, Touchable):
                if hands.live or hands.knows(new.name):
                    new = Touched(new.name, new.source, hands, first_grid, sample_rate, held)
                else:
                    new = new.source
            elif isinstance(new, Mean) and not hands.live:
                new = replace(new, ahead=AHEAD)
            done[id(inner)] = new
        return done[id(inner)]

    return change(curve)


def come_from(before: Curve, after: Curve, from_s: float, place_s: float, fade_s: float) -> Curve:
    """Return a curve that leaves what another one was at ``from_s`` and reaches ``after``.

    It does so over ``fade_s`` from ``place_s`` on, which is ``from_s`` in the new time; where both
    agree there, it is ``after``.
    """
    now, new = float(before(np.asarray(from_s))), float(after(np.asarray(place_s)))
    if now == new:
        return after
    return Ramp(Constant(now), after, place_s, place_s + fade_s, "smooth")
