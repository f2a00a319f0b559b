"""A clock's curve laid out: points in beats or seconds become the legs of a pulse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lullaby.model.chance import Chance
from lullaby.model.curve import eased
from lullaby.model.pulse import Legs, Pulse, mean_bpm
from lullaby.model.score import Clock
from lullaby.model.value import Number, Point, Time, Value

SHAPED = 64  # legs that a shape other than linear is made of

Length = tuple[float, str]  # seconds ("s") or beats ("beat")


class Unplaced(Exception):  # noqa: N818 - it never leaves the room: it becomes a finding
    """A time of a clock's curve that cannot be known before the tempo is."""


def drawn(time: Time, key: int) -> float:
    """Return the amount of a time, drawn where the score leaves it open."""
    amount = time.amount
    if time.until is not None:
        amount = float(Chance(key).uniform("time", amount, time.until))
    if time.spread:
        amount += float(Chance(key).uniform("time", -time.spread, time.spread))
    return amount


def laid(clock: Clock, before_bpm: float, whole: Length | None, key: int) -> Pulse:
    """Return the pulse of a clock.

    ``before_bpm``: where a curve without a start begins.  ``whole``: the length of the scene as it
    was given, in seconds or in beats; None for the piece's own clock, where every point has a time.
    Raises Unplaced for a time counted from an end that is only known the other way.
    """
    points = clock.glide
    if points is None:
        return Pulse.even(clock.bpm, clock.beats_a_bar)
    start_bpm = before_bpm if points.start is None else _number(points.start)
    layer = _Layer(Legs(start_bpm), clock.beats_a_bar, whole, key)
    if points.start_at is not None:
        layer.wait_until(points.start_at)
    if points.start_hold is not None:
        layer.wait(layer.length(points.start_hold))
    shape = points.points[-1].shape or "linear"
    layer.lay(points.points, shape)
    return layer.legs.pulse(clock.beats_a_bar)


def _number(value: Value) -> float:
    assert isinstance(value, Number)
    return value.value


@dataclass
class _Layer:
    legs: Legs
    beats_a_bar: float
    whole: Length | None
    key: int
    draws: int = 0

    def length(self, time: Time) -> Length:
        """Return a time of a curve as seconds or as beats."""
        self.draws += 1
        amount = drawn(time, self.key ^ self.draws)
        if time.unit == "share":
            assert self.whole is not None
            found = (amount * self.whole[0], self.whole[1])
        elif time.unit == "s":
            found = (amount, "s")
        else:
            found = (amount * (self.beats_a_bar if time.unit == "bar" else 1.0), "beat")
        if not time.from_end:
            return found
        assert self.whole is not None
        if found[1] != self.whole[1]:
            raise Unplaced
        return self.whole[0] + found[0], self.whole[1]

    def here(self, axis: str) -> float:
        return self.legs.at_s if axis == "s" else self.legs.at_beat

    def wait(self, length: Length) -> None:
        self._go(_Way([self.legs.bpm] * 2, self.legs.bpm), length)

    def wait_until(self, time: Time) -> None:
        goal, axis = self.length(time)
        self.wait((max(0.0, goal - self.here(axis)), axis))

    def lay(self, points: Sequence[Point], shape: str) -> None:
        i = 0
        while i < len(points):
            end = next((j for j in range(i, len(points)) if points[j].at is not None), None)
            group = points[i : len(points) if end is None else end + 1]
            self._group(group, shape)
            i += len(group)

    def _group(self, group: Sequence[Point], shape: str) -> None:
        # Points without a time share what is free evenly, in the unit that their goal is given in.
        at = group[-1].at
        goal = self.whole if at is None else self.length(at)
        ways: list[_Way] = []
        bpm = self.legs.bpm
        for point in group:
            way = _way(bpm, _number(point.value), point.shape or shape)
            way.over = self.length(point.over) if point.over is not None else None
            way.hold = self.length(point.hold) if point.hold is not None else None
            ways.append(way)
            bpm = way.goal
        free = sum(way.over is None for way in ways)
        share = (0.0, "s")
        if free and goal is not None:
            axis = goal[1]
            spent = sum(way.spent(axis) for way in ways)
            if at is not None and ways[-1].hold is not None:  # it holds after its time
                spent -= _as(axis, ways[-1].hold, [ways[-1].goal] * 2)
            share = (max(0.0, goal[0] - self.here(axis) - spent) / free, axis)
        for way in ways:
            self._go(way, way.over if way.over is not None else share)
            if way.hold is not None:
                self.wait(way.hold)

    def _go(self, way: _Way, length: Length) -> None:
        lasting_s = _as("s", length, way.tempi) / (len(way.tempi) - 1)
        for bpm in way.tempi[1:]:
            self.legs.add(lasting_s, bpm)
        self.legs.add(0.0, way.goal)


@dataclass
class _Way:
    """From one point to the next: tempi at even times, and the one that holds from its end on."""

    tempi: list[float]
    goal: float
    over: Length | None = None
    hold: Length | None = None

    def spent(self, axis: str) -> float:
        over = 0.0 if self.over is None else _as(axis, self.over, self.tempi)
        return over + (0.0 if self.hold is None else _as(axis, self.hold, [self.goal] * 2))


def _way(a: float, b: float, shape: str) -> _Way:
    if shape == "step":
        return _Way([a, a], b)
    if shape == "linear" or a == b:
        return _Way([a, b], b)
    x = eased(np.linspace(0.0, 1.0, SHAPED + 1), shape)
    return _Way([float(v) for v in a * np.exp(np.log(b / a) * x)], b)


def _as(axis: str, length: Length, tempi: list[float]) -> float:
    amount, own = length
    if axis == own:
        return amount
    mean = mean_bpm(tempi)
    return amount * 60.0 / mean if axis == "s" else amount * mean / 60.0
