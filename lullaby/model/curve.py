"""A value that is a pure function of time.

A curve is asked with times in seconds (of the run it belongs to) and answers with an array of the
same shape; a number and an array of one give the same bits.  Curves are frozen and compare equal
when they are the same function, which is how a reload knows what has not changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from math import ceil, floor
from typing import Any, Self, cast

import numpy as np

from lullaby.model.chance import Chance, Floats, mix

INTEGRAL_STEP_S = 0.0625  # an exact binary fraction, so that steps add without rounding
LEAST = 1e-30  # on a logarithmic scale: what arithmetic brought to 0 or below is taken as this
CHECKPOINT = 1024  # steps between two remembered sums


class Curve:
    """Base of every curve."""

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the value at times ``t`` (s); ``own`` is the chance of the events that ask."""
        raise NotImplementedError

    def bounds(self) -> tuple[float, float]:
        """Return numbers that no value of the curve lies outside of."""
        raise NotImplementedError

    @property
    def constant(self) -> float | None:
        """Return the value if it never moves, else None."""
        return None

    def integral(self, t: float) -> float:
        """Return the integral from 0 to ``t``, of the value held over fixed steps of 1/16 s.

        The value at the start of a step stands for all of it, so nothing of the future is needed.
        """
        if t <= 0.0:
            return 0.0
        whole = floor(t / INTEGRAL_STEP_S)
        rest = t - whole * INTEGRAL_STEP_S
        if rest == 0.0:  # a step that begins here is not over, and a hand may still change it
            first, sums = self._sums(whole)
            return float(sums[whole - first])
        first, sums = self._sums(whole + 1)
        slope = (sums[whole + 1 - first] - sums[whole - first]) / INTEGRAL_STEP_S
        return float(sums[whole - first] + rest * slope)

    def integrals(self, first: int, last: int) -> Floats:
        """Return ``integral`` at the start of each of the steps ``first`` to ``last``."""
        made, at = np.zeros(last + 1 - first), max(first, 1)
        while at <= last:
            end = min(last, ((at - 1) // CHECKPOINT + 1) * CHECKPOINT)
            start, sums = self._sums(end)
            made[at - first : end + 1 - first] = sums[at - start : end + 1 - start]
            at = end + 1
        return made

    def go_on(self, old: Curve) -> None:
        """Take over the integral of a curve that was the same so far."""
        known = old.__dict__.get("_checkpoints")
        if known is not None and old is not self:
            self.__dict__["_checkpoints"] = list(known)

    def when(self, level: Any, last_s: float) -> Floats:
        """Return the times at which the integral passes each level; inf after ``last_s``."""
        level = np.asarray(level, np.float64)
        steps = max(1, ceil(last_s / INTEGRAL_STEP_S))
        low = float(level.min()) if level.size else 0.0
        first, sums = self._sums(steps, low)
        i = np.clip(np.searchsorted(sums, level, side="right") - 1, 0, len(sums) - 2)
        slope = (sums[i + 1] - sums[i]) / INTEGRAL_STEP_S
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (first + i) * INTEGRAL_STEP_S + (level - sums[i]) / slope
        return np.where(level > sums[-1], np.inf, np.where(slope > 0.0, t, np.inf))

    def _sums(self, steps: int, low: float | None = None) -> tuple[int, Floats]:
        # The running sum at the steps from a checkpoint to ``steps``: the last checkpoint before
        # the end, or the last that is not above ``low``.  Summed one after the other from the
        # start of the run, so any way of asking gives the same bits.
        known = cast("list[float]", self.__dict__.setdefault("_checkpoints", [0.0]))
        chunk = (steps - 1) // CHECKPOINT
        while len(known) <= chunk:
            known.append(float(self._chunk(len(known) - 1, CHECKPOINT, known[-1])[-1]))
        if low is not None:
            at = max(0, int(np.searchsorted(known[: chunk + 1], low, side="right")) - 1)
        else:
            at = max(0, chunk)
            if at * CHECKPOINT > steps - 1:
                at -= 1
        return at * CHECKPOINT, self._since(at, steps - at * CHECKPOINT, known[at])

    def _since(self, at: int, steps: int, base: float) -> Floats:
        # What was summed before still holds: only steps that are over were.
        kept = cast("tuple[int, Floats]", self.__dict__.get("_summed", (at, np.array([base]))))
        sums = kept[1] if kept[0] == at else np.array([base])
        done = len(sums) - 1
        if done < steps:
            more = self._chunk(at, steps - done, float(sums[-1]), done)
            sums = np.concatenate((sums, more[1:]))
            self.__dict__["_summed"] = (at, sums)
        return sums[: steps + 1]

    def _chunk(self, at: int, steps: int, base: float, done: int = 0) -> Floats:
        t = (at * CHECKPOINT + done + np.arange(steps)) * INTEGRAL_STEP_S
        return np.cumsum(np.concatenate(([base], self(t) * INTEGRAL_STEP_S)))

    def each_curve(self, change: Callable[[Curve], Curve]) -> Self:
        """Return a copy in which ``change`` has been applied to every curve inside."""
        new: dict[str, Any] = {}
        for f in fields(cast(Any, self)):
            value = getattr(self, f.name)
            if isinstance(value, Curve):
                new[f.name] = change(value)
            elif isinstance(value, tuple) and any(isinstance(v, Curve) for v in value):
                new[f.name] = tuple(change(v) if isinstance(v, Curve) else v for v in value)
        return replace(cast(Any, self), **new) if new else self


def inside(curve: Curve, into: Callable[[Curve], bool] = lambda _: True) -> Iterator[Curve]:
    """Yield a curve and every curve in it, each once however often it stands there.

    Outer ones come first.  ``into`` says of a curve whether to look into it.
    """
    # Curves share what they are made of: walked as a tree, a short score may hold millions.
    waiting: list[object] = [curve]
    seen: set[int] = set()
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, tuple):
            waiting += reversed(inner)
        elif isinstance(inner, Curve) and id(inner) not in seen:
            seen.add(id(inner))
            yield inner
            if into(inner):
                waiting += reversed(vars(inner).values())


def remade(
    curve: Curve,
    change: Callable[[Curve], Curve | None],
    made: dict[int, Curve] | None = None,
) -> Curve:
    """Return a curve with every curve in it replaced by what ``change`` answers.

    What it answers None for is looked into.  What was shared stays shared; ``made``, given to
    several calls, keeps it so between them.
    """
    done: dict[int, Curve] = {} if made is None else made

    def put(inner: Curve) -> Curve:
        if id(inner) not in done:
            done[id(inner)] = change(inner) or inner.each_curve(put)
        return done[id(inner)]

    return put(curve)


@dataclass(frozen=True)
class Constant(Curve):
    """The same value for ever."""

    value: float

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the value for each time."""
        return np.full(np.shape(t), self.value)

    def bounds(self) -> tuple[float, float]:
        """Return the value twice."""
        return self.value, self.value

    @property
    def constant(self) -> float | None:
        """Return the value."""
        return self.value


def kept(x: Floats, low: float = 0.0, high: float = 1.0) -> Floats:
    """Return ``x`` kept in a range: what ``np.clip`` returns, several times as fast for a few."""
    inside: Floats = np.minimum(np.maximum(x, low), high)
    return inside


def eased(x: Floats, shape: str) -> Floats:
    """Return ``x`` (0..1) bent: linear, smooth (3x^2 - 2x^3), ease-in, ease-out or step.

    "arrive" and "depart" are the two halves of an equal-power crossfade, for linear gains.
    """
    if shape == "smooth":
        return x * x * (3.0 - 2.0 * x)
    if shape == "ease-in":
        return x * x
    if shape == "ease-out":
        return x * (2.0 - x)
    if shape == "step":
        return np.floor(x)
    if shape == "arrive":
        return np.sin(0.5 * np.pi * x)
    if shape == "depart":
        return 1.0 - np.cos(0.5 * np.pi * x)
    return x


def between(a: Any, b: Any, x: Any, log: bool) -> Floats:
    """Return the value at share ``x`` of the way from a to b, along a log scale if asked."""
    if log:
        a_log, b_log = np.log(np.maximum(a, LEAST)), np.log(np.maximum(b, LEAST))
        mixed: Floats = np.exp(a_log * (1.0 - x) + b_log * x)
    else:
        mixed = a * (1.0 - x) + b * x
    return np.where(x <= 0.0, a, np.where(x >= 1.0, b, mixed))


@dataclass(frozen=True)
class Ramp(Curve):
    """From one curve to another between two times; a chain of them is a breakpoint curve."""

    before: Curve
    after: Curve
    begin_s: float
    end_s: float
    shape: str = "linear"
    log: bool = False

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return ``before`` until ``begin_s``, ``after`` from ``end_s``, the way between them."""
        t = np.asarray(t, np.float64)
        if self.end_s > self.begin_s:
            x = eased(kept((t - self.begin_s) / (self.end_s - self.begin_s)), self.shape)
        else:
            x = (t >= self.end_s).astype(np.float64)
        if bool(np.all(x >= 1.0)):  # most ramps are over, or still to come, most of the time
            return self.after(t, own)
        if bool(np.all(x <= 0.0)):
            return self.before(t, own)
        return between(self.before(t, own), self.after(t, own), x, self.log)

    def bounds(self) -> tuple[float, float]:
        """Return the widest of both ends."""
        a, b = self.before.bounds(), self.after.bounds()
        return min(a[0], b[0]), max(a[1], b[1])


@dataclass(frozen=True)
class Chain(Curve):
    """One curve after another, each from its own time on."""

    starts_s: tuple[float, ...]  # rising; the first curve also stands before its start
    curves: tuple[Curve, ...]

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the value of whichever curve it is the time of."""
        t = np.asarray(t, np.float64)
        starts_s = self.__dict__.get("_starts_s")
        if starts_s is None:
            self.__dict__["_starts_s"] = starts_s = np.asarray(self.starts_s)
        i = np.maximum(starts_s.searchsorted(t, side="right") - 1, 0)
        first, last = (int(i.min()), int(i.max())) if t.size else (0, 0)
        if first == last:
            return self.curves[first](t, own)
        out = np.empty(t.shape)
        for j in range(first, last + 1):
            here = i == j
            part = Chance(own.key[here]) if own is not None and own.key.shape == t.shape else own
            out[here] = self.curves[j](t[here], part)
        return out

    def bounds(self) -> tuple[float, float]:
        """Return the widest of all."""
        lows, highs = zip(*(c.bounds() for c in self.curves), strict=True)
        return min(lows), max(highs)


@dataclass(frozen=True)
class Held(Curve):
    """What another curve had at one time, for ever."""

    source: Curve
    at_s: float

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the value at ``at_s`` for each time."""
        return np.full(np.shape(t), float(self.source(np.asarray(self.at_s, np.float64))))

    def bounds(self) -> tuple[float, float]:
        """Return the bounds of the source."""
        return self.source.bounds()


@dataclass(frozen=True)
class Lfo(Curve):
    """A periodic wave on the piece's clock: sine, triangle, saw or square."""

    wave: str
    low: float
    high: float
    period_s: float
    lead_s: float = 0.0  # piece time at the start of the run
    log: bool = False

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the wave, at its mean and rising where the piece begins (saw: at its lowest)."""
        phase = (np.asarray(t, np.float64) + self.lead_s) / self.period_s
        phase = phase - np.floor(phase)
        if self.wave == "sine":
            x = 0.5 + 0.5 * np.sin(2.0 * np.pi * phase)
        elif self.wave == "triangle":
            x = 1.0 - 2.0 * np.abs((phase + 0.25) % 1.0 - 0.5)
        elif self.wave == "square":
            x = (phase < 0.5).astype(np.float64)
        else:
            x = phase
        return between(self.low, self.high, x, self.log)

    def bounds(self) -> tuple[float, float]:
        """Return the range of the wave."""
        return min(self.low, self.high), max(self.low, self.high)


@dataclass(frozen=True)
class Walk(Curve):
    """A smooth drift: a drawn value every ``per_s``, cubic between, never outside its range."""

    low: float
    high: float
    per_s: float
    key: int
    lead_s: float = 0.0
    log: bool = False

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the drift on the piece's clock."""
        x = (np.asarray(t, np.float64) + self.lead_s) / self.per_s
        k = np.floor(x)
        share = eased(x - k, "smooth")
        a = self._drawn(k)
        return between(
            self.low, self.high, a * (1.0 - share) + self._drawn(k + 1.0) * share, self.log
        )

    def _drawn(self, k: Floats) -> Floats:
        counter = k.astype(np.int64).astype(np.uint64)
        with np.errstate(over="ignore"):
            x: Floats = (mix(np.uint64(self.key) + counter) >> np.uint64(11)) * np.float64(2.0**-53)
        return x

    def bounds(self) -> tuple[float, float]:
        """Return the range of the drift."""
        return min(self.low, self.high), max(self.low, self.high)


@dataclass(frozen=True)
class Each(Curve):
    """A value drawn anew for every event that reads it."""

    low: float
    high: float
    name: str
    log: bool = False
    choices: tuple[float, ...] = ()

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return a draw from the chance of the events, or of the times where none is given."""
        t = np.asarray(t, np.float64)
        source = (
            own
            if own is not None
            else Chance(t.view(np.uint64) if t.ndim else t[None].view(np.uint64)[0])
        )
        if self.choices:
            return np.asarray(self.choices)[source.choice(self.name, len(self.choices))]
        return between(self.low, self.high, source.uniform(self.name), self.log)

    def bounds(self) -> tuple[float, float]:
        """Return the range drawn from."""
        if self.choices:
            return min(self.choices), max(self.choices)
        return min(self.low, self.high), max(self.low, self.high)
