"""Values of a score woven into curves, with times from a given origin.

The same value woven for another origin is the same curve moved: every time in it is a difference of
whole microseconds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce

import numpy as np

from lullaby.engine.reaching import Stage, reached
from lullaby.engine.timeline import Visit, seconds
from lullaby.model.chance import Chance, named
from lullaby.model.curve import (
    Chain,
    Constant,
    Curve,
    Each,
    Held,
    Lfo,
    Ramp,
    Walk,
    between,
    inside,
)
from lullaby.model.following import (
    Arithmetic,
    Clipped,
    Kick,
    Kicks,
    Mapped,
    Smoothed,
    Snapped,
    Touchable,
    Transposed,
)
from lullaby.model.pulse import InBeats, Paced, Pulse
from lullaby.model.score import Tuning
from lullaby.model.value import (
    Binary,
    Drift,
    Extreme,
    Following,
    Name,
    Negative,
    Number,
    Pace,
    Pick,
    Point,
    Points,
    Range,
    Reset,
    Spread,
    Time,
    Value,
    Wave,
)
from lullaby.units import MICRO, cents_to_ratio, seconds_to_micros

BEFORE = Lfo("sine", 0.0, 1.0, 1.0)  # stands for whatever a value was before a change
Within = tuple[float, float]  # places in the piece, in microseconds; either end may be infinite
PILED = 4  # changes that may stand on one another, before hands on the first are let go


@dataclass(frozen=True, slots=True)
class Change:
    """Something a score says of one value from a place in the piece on."""

    start_us: int
    length_us: int | None  # of the scene; None in a cue, where every point has a time
    settle_us: int  # a plain new value is reached over this
    value: Value
    path: str  # scene and visit, or cue and firing: names its draws
    clock: Pulse


@dataclass(frozen=True)
class Loom:
    """What every value of one thing (a part, a bus, an arc) is woven with."""

    seed: int
    origin_us: int
    owner: str  # "part sirens": names its draws
    arcs: Mapping[str, Curve] = field(default_factory=dict)
    tunings: Sequence[tuple[int, Tuning]] = ((0, Tuning()),)  # each from a place in the piece on
    within: Within = (-np.inf, np.inf)  # places between which curves will be asked
    lead_us: int = 0  # where the piece itself begins, behind a legend

    def woven(
        self,
        name: str,
        base: Value | Curve,
        changes: Sequence[Change],
        *,
        log: bool = False,
        begun_us: int | None = None,
        home: Change | None = None,
    ) -> Curve:
        """Return the curve of one parameter: its own value, then every change in order.

        ``begun_us``: a change at or before this is where the thing begins, so its plain value
        holds at once.  ``home`` says where and when ``base`` is spoken (for its draws and times).
        """
        home = home or Change(self.origin_us, None, 0, Reset(), "", Pulse.even(60.0))
        thread = _Thread(self, name, log)
        own = base if isinstance(base, Curve) else thread.value(replace(home, value=base), None)

        def said(change: Change, before: Curve) -> Curve:
            at_s = self.relative(change.start_us)
            begins = begun_us is not None and change.start_us <= begun_us
            if isinstance(change.value, Reset):
                new = own
            else:
                asked = _asks(change.value, name)
                new = thread.value(change, _held(before, at_s) if asked else None)
            if not isinstance(change.value, Points) and not begins and change.settle_us:
                end_s = self.relative(change.start_us + change.settle_us)
                new = Ramp(before, new, at_s, end_s, "smooth", log)
            return new

        ordered = self._felt(sorted(changes, key=_start_us), said)
        starts: list[float] = [-np.inf]
        curves: list[Curve] = [own]
        piled = 0  # how many, said before the one before them was there, stand on one another
        for change in ordered:
            at_s = self.relative(change.start_us)
            before = _gone(curves[-1], at_s)
            if before is not curves[-1]:
                piled = 0
            elif piled >= PILED:
                before, piled = Constant(float(before(np.asarray(at_s)))), -1
            new = said(change, before)
            standing = new is not before and any(inner is before for inner in inside(new))
            piled = piled + 1 if standing else 0
            starts.append(at_s)
            curves.append(new)
        if len(curves) == 1:
            return own
        return Chain(tuple(starts), tuple(curves))

    def _felt(
        self, ordered: Sequence[Change], said: Callable[[Change, Curve], Curve]
    ) -> Sequence[Change]:
        # What is over before the stretch asked for, and no longer felt in it, need not be woven;
        # nor what comes after it.
        from_us, to_us = self.within
        ordered = ordered[: bisect_right(ordered, to_us, key=_start_us)]
        known = bisect_right(ordered, from_us, key=_start_us)
        for k in range(known - 1, 0, -1):
            later = ordered[k + 1].start_us if k + 1 < len(ordered) else from_us
            at_s = self.relative(int(min(from_us, later)))
            left = _gone(said(ordered[k], BEFORE), at_s)
            if not any(inner is BEFORE for inner in inside(left)):
                return ordered[k:]
        return ordered

    def tuning_at(self, place_us: int) -> Tuning:
        """Return the tuning in force at a place in the piece."""
        return [t for at_us, t in self.tunings if at_us <= max(place_us, self.tunings[0][0])][-1]

    def tuned(self, make: Callable[[Tuning], Curve]) -> Curve:
        """Return the curve of the tuning in force, from one to the next."""
        later = [(at_us, t) for at_us, t in self.tunings if at_us > self.origin_us]
        first = make(self.tuning_at(self.origin_us))
        if not later:
            return first
        starts = (-np.inf, *(self.relative(at_us) for at_us, _ in later))
        return Chain(starts, (first, *(make(t) for _, t in later)))

    def relative(self, place_us: int) -> float:
        """Return a place in the piece as seconds from the origin."""
        return (place_us - self.origin_us) / MICRO


def _start_us(change: Change) -> int:
    return change.start_us


def _gone(curve: Curve, at_s: float) -> Curve:
    # The same curve from a time on, without the ramps that are over: what is said again and again
    # must not pile up.
    while isinstance(curve, Ramp) and at_s >= curve.end_s:
        curve = curve.after
    return curve


def _asks(value: object, name: str) -> bool:
    # Whether a value begins where the last one stands, or names it.
    if isinstance(value, Points) and value.start is None:
        return True
    if isinstance(value, Name):
        return value.name == name
    inner = value if isinstance(value, tuple) else vars(value).values() if value else ()
    return any(_asks(v, name) for v in inner if isinstance(v, Value | Point | tuple))


def _held(curve: Curve, at_s: float) -> Curve:
    if isinstance(curve, Constant) or curve is BEFORE:
        return curve
    if touchable(curve):
        return Held(curve, at_s)
    return Constant(float(curve(np.asarray(at_s))))


def touchable(curve: Curve) -> bool:
    """Return whether hands may move the curve."""
    return any(isinstance(inner, Touchable) for inner in inside(curve))


@dataclass
class _Thread:
    """One value being woven: counts its draws, so that each has its own key."""

    loom: Loom
    name: str
    log: bool
    draws: int = 0
    curves: int = 0  # open around what is woven now: in its own curve a name is its value before

    def value(self, change: Change, before: Curve | None) -> Curve:
        self.draws = self.curves = 0
        return self._curve(change.value, change, before)

    def _key(self, change: Change, what: str) -> int:
        self.draws += 1
        loom = self.loom
        return named(loom.seed, change.path, loom.owner, self.name, what, self.draws - 1)

    def _curve(self, value: Value, change: Change, before: Curve | None) -> Curve:
        match value:
            case Number():
                return Constant(value.value)
            case Range() | Spread() | Pick():
                return self._drawn(value, change)
            case Drift() | Wave():
                return self._moving(value, change)
            case Name():
                name = f"{value.name}.{value.column}" if value.column else value.name
                return self._named(name, before)
            case Pace():
                return Paced(change.clock, self.loom.relative(change.start_us), value.scale)
            case Binary() | Negative() | Extreme():
                return self._reckoned(value, change, before)
            case Following():
                return self._following(value, change, before)
            case Points():
                return self._points(value, change, before)
        raise TypeError(f"no curve for {value!r}")

    def _named(self, name: str, before: Curve | None) -> Curve:
        own = name == self.name and before is not None
        if own and before is not None and (self.curves or name not in self.loom.arcs):
            return before
        return self.loom.arcs[name]

    def _moving(self, value: Drift | Wave, change: Change) -> Curve:
        clock = change.clock
        beaten = clock.glides and value.per.unit in ("beat", "bar")
        if beaten:  # it runs over the beats of the stretch it is spoken in
            change = replace(change, clock=Pulse.even(60.0, clock.beats_a_bar))
        lead_s = 0.0 if beaten else (self.loom.origin_us - self.loom.lead_us) / MICRO
        per_s = self._s(value.per, change)
        made: Curve
        if isinstance(value, Wave):
            made = Lfo(value.wave, value.low, value.high, per_s, lead_s, self.log)
        else:
            key = self._key(replace(change, path=""), "walk")
            made = Walk(value.low, value.high, per_s, key, lead_s, self.log)
        return InBeats(made, clock, self.loom.relative(change.start_us)) if beaten else made

    def _reckoned(
        self, value: Binary | Negative | Extreme, change: Change, before: Curve | None
    ) -> Curve:
        if isinstance(value, Negative):
            inner = self._curve(value.value, change, before)
            return _folded(Arithmetic("-", Constant(0.0), inner))
        if isinstance(value, Extreme):
            made = [self._curve(v, change, before) for v in value.values]
            return reduce(lambda a, b: _folded(Arithmetic(value.which, a, b)), made)
        left = self._curve(value.left, change, before)
        right = self._curve(value.right, change, before)
        if value.operation == "transpose":
            return Transposed(left, right)
        return _folded(Arithmetic(value.operation, left, right))

    def _s(self, time: Time, change: Change, from_s: float = 0.0) -> float:
        return self._lasting(time, change)(from_s)

    def _lasting(self, time: Time, change: Change) -> Callable[[float], float]:
        # How long a time is from a place on: with beats and a tempo that glides, that differs.
        length_s = (change.length_us or 0) / MICRO
        key = self._key(change, "time")
        return lambda from_s: seconds(time, change.clock, length_s, key, from_s)

    def _drawn(self, value: Range | Spread | Pick, change: Change) -> Curve:
        if isinstance(value, Pick):
            if value.each:
                return Each(0.0, 0.0, f"each {self.name}", choices=value.choices)
            chance = Chance(self._key(change, "pick"))
            return Constant(value.choices[int(chance.choice("pick", len(value.choices)))])
        if isinstance(value, Range) and value.degrees:
            return self._degree(value, change)
        if isinstance(value, Range):
            low, high, log = value.low, value.high, self.log
        else:
            low, high, log = _widest(value)
        if value.each:
            return Each(low, high, f"each {self.name}", log)
        share = Chance(self._key(change, "draw")).uniform("draw")
        return Constant(float(between(low, high, share, log)))

    def _degree(self, value: Range, change: Change) -> Curve:
        # Between notes, degrees of the tuning are drawn; evenly where none lies between them.
        low, high = sorted((value.low, value.high))
        chance = Chance(self._key(change, "draw"))

        def drawn(tuning: Tuning) -> Curve:
            found = tuple(
                hz for hz in degrees_hz(tuning) if low <= hz * 1.000001 and hz <= high * 1.000001
            )
            if value.each:
                return Each(low, high, f"each {self.name}", self.log, found)
            if found:
                return Constant(found[int(chance.choice("draw", len(found)))])
            return Constant(float(between(low, high, chance.uniform("draw"), self.log)))

        if value.each:
            return self.loom.tuned(drawn)
        return drawn(self.loom.tuning_at(change.start_us))

    def _following(self, value: Following, change: Change, before: Curve | None) -> Curve:
        curve = self._curve(value.source, change, before)
        low, high = value.source_range or (0.0, 1.0)
        if value.target_range is not None:
            curve = Mapped(curve, low, high, *value.target_range, value.shape, self.log)
        elif value.source_range is not None:
            curve = Mapped(curve, low, high, 0.0, 1.0, value.shape)
        if isinstance(curve, Mapped) and curve.source.constant is not None:
            curve = Constant(float(curve(np.asarray(0.0))))
        if value.snap:
            source = curve
            curve = self.loom.tuned(lambda tuning: Snapped(source, degrees_hz(tuning)))
        if value.lag is not None:
            lag_s = self._s(value.lag, change)
            if curve.constant is not None:
                return curve
            return Smoothed(curve, lag_s, lag_s) if lag_s > 0.0 else curve
        if value.rise is not None or value.fall is not None:
            rise_s = self._s(value.rise, change) if value.rise else 0.01
            fall_s = self._s(value.fall, change) if value.fall else 0.01
            if curve.constant is not None:
                return curve
            return Smoothed(curve, max(rise_s, 1e-3), max(fall_s, 1e-3))
        return curve

    def _points(self, value: Points, change: Change, before: Curve | None) -> Curve:
        length_s = None if change.length_us is None else change.length_us / MICRO
        start_s = self._s(value.start_at, change) if value.start_at else 0.0
        if value.start_hold:
            start_s += self._s(value.start_hold, change, start_s)
        reached = self._reached(value.points, change, start_s, length_s)
        zero_s = self.loom.relative(change.start_us)
        if value.start is None:
            curve = before if before is not None else Constant(0.0)
        else:
            self.curves += 1
            curve = self._curve(value.start, change, before)
            self.curves -= 1
        last_shape = value.points[-1].shape or "linear"
        begin_s = start_s
        self.curves += 1
        for point, (at_s, until_s) in zip(value.points, reached, strict=True):
            aim = self._curve(point.value, change, before)
            shape = point.shape or last_shape
            curve = Ramp(
                curve,
                aim,
                self._exact(zero_s, change, begin_s),
                self._exact(zero_s, change, at_s),
                shape,
                self.log,
            )
            begin_s = until_s
        self.curves -= 1
        return curve

    def _exact(self, zero_s: float, change: Change, at_s: float) -> float:
        return self.loom.relative(change.start_us + seconds_to_micros(at_s))

    def _reached(
        self, points: Sequence[Point], change: Change, start_s: float, length_s: float | None
    ) -> list[tuple[float, float]]:
        holds = [self._lasting(p.hold, change) if p.hold else None for p in points]
        overs = [self._lasting(p.over, change) if p.over else None for p in points]
        ats = [self._s(p.at, change) if p.at else None for p in points]
        stages = [Stage(*times) for times in zip(ats, overs, holds, strict=True)]
        return reached(stages, start_s, length_s)


def _folded(curve: Arithmetic) -> Curve:
    left, right = curve.left.constant, curve.right.constant
    if left is None or right is None or touchable(curve):
        return curve
    return Constant(float(curve(np.asarray(0.0))))


def _widest(value: Spread) -> tuple[float, float, bool]:
    if value.scale == "cents":
        ratio = float(cents_to_ratio(value.width))
        return value.centre / ratio, value.centre * ratio, True
    if value.scale == "share":
        return value.centre * (1.0 - value.width), value.centre * (1.0 + value.width), False
    return value.centre - value.width, value.centre + value.width, False


def degrees_hz(tuning: Tuning) -> tuple[float, ...]:
    """Return the pitches a tuning allows, rising, from 8 Hz to 16 kHz."""
    if not tuning.repeats:
        return tuple(tuning.root_hz * r for r in tuning.ratios)
    tones = {tuning.root_hz * r * 2.0**octave for octave in range(-10, 12) for r in tuning.ratios}
    return tuple(sorted(t for t in tones if 8.0 <= t <= 16000.0))


def kicked(curve: Curve, kicks: Sequence[Kick]) -> Curve:
    """Return a curve with kicks added, kept in 0..1."""
    if not kicks:
        return curve
    added = Kicks(tuple(sorted(kicks, key=lambda kick: kick.at_s)))
    return Clipped(Arithmetic("+", curve, added), 0.0, 1.0)


def spoken(visit: Visit, value: Value, settle_us: int | None = None) -> Change:
    """Return what a scene says of a value, as a change from its start on."""
    settle = visit.fade_us if settle_us is None else settle_us
    return Change(visit.start_us, visit.length_us, settle, value, visit.name, visit.clock)
