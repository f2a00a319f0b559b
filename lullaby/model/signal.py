"""Data in the piece: signals, columns and rows, each a pure function of piece time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Chance, Floats
from lullaby.model.curve import Constant, Curve, inside, remade
from lullaby.model.following import Arithmetic, Touchable
from lullaby.model.scale import Scale, as_numbers

BETWEEN = ("linear", "step", "pchip")


@dataclass(frozen=True)
class Nodes(Curve):
    """Values at times: held (``step``), joined straight, or by a cubic that never overshoots.

    Before the first and after the last node their values stand.  Two curves are the same if their
    digests are; of nodes at one time the last one counts.  ``slopes``: of ``pchip``, a node each
    (Fritsch, Carlson 1980).
    """

    digest: str
    at_s: Floats = field(compare=False, repr=False)
    values: Floats = field(compare=False, repr=False)
    between: str = "linear"
    slopes: Floats | None = field(default=None, compare=False, repr=False)
    lead_s: float = 0.0  # piece time at the start of the run
    name: str = ""  # of a column: "web.ms"

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the value at each time."""
        t = np.asarray(t, np.float64) + self.lead_s
        at_s, values = self.at_s, self.values
        i = np.searchsorted(at_s, t, side="right") - 1
        here = np.maximum(i, 0)
        if self.between == "step" or len(at_s) < 2:
            held: Floats = values[here]
            return held
        after = np.minimum(i + 1, len(at_s) - 1)
        a, b = values[here], values[after]
        width = at_s[after] - at_s[here]
        x = np.clip((t - at_s[here]) / np.where(width > 0.0, width, 1.0), 0.0, 1.0)
        y = a * (1.0 - x) + b * x if self.slopes is None else self._cubic(here, after, x)
        y = np.clip(y, np.minimum(a, b), np.maximum(a, b))
        return np.where((after <= here) | (i < 0), a, y)

    def _cubic(self, here: Any, after: Any, x: Floats) -> Floats:
        assert self.slopes is not None
        width = self.at_s[after] - self.at_s[here]
        a, b = self.values[here], self.values[after]
        c, d = self.slopes[here] * width, self.slopes[after] * width
        x2, x3 = x * x, x * x * x
        y: Floats = (
            a * (2.0 * x3 - 3.0 * x2 + 1.0)
            + c * (x3 - 2.0 * x2 + x)
            + b * (3.0 * x2 - 2.0 * x3)
            + d * (x3 - x2)
        )
        return y

    def bounds(self) -> tuple[float, float]:
        """Return the least and the greatest value."""
        return float(self.values.min()), float(self.values.max())

    @property
    def constant(self) -> float | None:
        """Return the value if there is only one node."""
        return float(self.values[0]) if len(self.values) == 1 else None


@dataclass(frozen=True)
class Signal(Curve):
    """A named curve made from data: 0..1, with the way back to data units.

    Inside a gap the last value stands; ``present`` says where there is none.
    """

    name: str
    nodes: Nodes
    scale: Scale
    present: Nodes | None = None  # None: never missing, or nobody is to be silent
    unit: str = ""
    polarity: str = field(default="up", compare=False)
    late_s: float = field(default=0.0, compare=False)  # piece time from a value to its sound
    rolling_s: float | None = None  # data time: 0 and 1 are the ends of what was in it just now
    ends: tuple[Nodes, Nodes] | None = field(default=None, compare=False, repr=False)  # of those
    report: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __call__(self, t: Any, own: Chance | None = None) -> Floats:
        """Return the signal, 0..1."""
        return self.nodes(t, own)

    def data(self, share: Any, at_s: Any = None) -> Floats:
        """Return the data value that a signal value stands for.

        A range that rolls means something else at every time: ``at_s``, in the piece; without it
        all is NaN.  Of words that are no numbers it is the place in ``scale.words``, from 0.
        """
        scale = self.scale
        if self.rolling_s is not None:
            if at_s is None or self.ends is None:
                return np.full(np.shape(share), np.nan)
            low, high = (end(at_s) for end in self.ends)
            scale = replace(scale, low=low, high=high)
        values = scale.value(share)
        numbers = as_numbers(scale.words)
        if numbers is None:
            return values
        places = np.where(np.isnan(values), len(numbers), values).astype(np.int64)
        return np.array([*numbers, np.nan])[places]

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words of a nominal signal, fit to be shown anywhere."""
        return tuple(
            "".join(c if c.isprintable() else "?" for c in word) for word in self.scale.words
        )

    def said(self, share: float) -> str:
        """Return what a signal value stands for, as people say it: "500 ms", or a word."""
        if self.rolling_s is not None:
            ends = {0.0: "the least", 1.0: "the greatest"}
            where = ends.get(float(share), f"{100.0 * share:.3g} % of the spread")
            return f"{where} of the last {span_text(self.rolling_s)}"
        if self.scale.words:
            return self.words[int(self.scale.value(share))]
        return f"{float(self.scale.value(share)):.4g} {self.unit}".rstrip()

    def bounds(self) -> tuple[float, float]:
        """Return the range it takes."""
        return self.nodes.bounds()


def span_text(seconds: float) -> str:
    """Return a stretch of data time in its largest whole unit: "24 h"."""
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds > size and seconds % size == 0.0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


Words = tuple[Floats, tuple[str, ...]]  # of a column: which of the words each row has, NaN: none


@dataclass(frozen=True)
class Rows:
    """The rows of a source that are in the piece, by time: for events and cues of each."""

    source: str
    digest: str
    at_us: NDArray[np.int64] = field(compare=False, repr=False)  # piece time, strictly rising
    columns: Mapping[str, Floats] = field(default_factory=dict, compare=False, repr=False)
    words: Mapping[str, Words] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Span:
    """Where data time lies in the piece: ``piece = at + (data - first) * per_data_s``."""

    first: float  # data time (s; of a calendar: since 1970-01-01 UTC)
    last: float
    at_s: float
    length_s: float
    calendar: bool = False

    @property
    def speed(self) -> float:
        """Return piece seconds a data second."""
        return self.length_s / (self.last - self.first) if self.last > self.first else 1.0


@dataclass(frozen=True)
class Known:
    """All data of a score, read and laid into the piece."""

    signals: Mapping[str, Signal] = field(default_factory=dict)
    columns: Mapping[str, Nodes] = field(default_factory=dict)  # "web.ms": data units
    missing: Mapping[str, Nodes] = field(default_factory=dict)  # "p95.missing": 1 in gaps
    rows: Mapping[str, Rows] = field(default_factory=dict)
    spans: Mapping[str, Span] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # source -> digest of its file
    notes: tuple[str, ...] = ()  # what was guessed, left out or looks wrong, a line each
    fed: frozenset[str] = frozenset()  # sources that a stream stands for: hands hold their names

    def curves(self) -> dict[str, Curve]:
        """Return every curve by the name a value uses; those of streams are touchable."""
        made: dict[str, Curve] = {**self.columns, **self.missing, **self.signals}
        held = {n for n in made if n.partition(".")[0] in self.fed or self.is_fed(n)}
        return {n: Touchable(n, curve) if n in held else curve for n, curve in made.items()}

    def moved(self, by_s: float) -> Known:
        """Return the same data later in the piece."""
        if not by_s:
            return self

        def later(nodes: Nodes) -> Nodes:
            return replace(nodes, at_s=nodes.at_s + by_s)

        def signal(one: Signal) -> Signal:
            report = dict(one.report)
            if "gaps_s" in report:
                report["gaps_s"] = [(a + by_s, b + by_s) for a, b in report["gaps_s"]]
            return replace(
                one,
                nodes=later(one.nodes),
                present=None if one.present is None else later(one.present),
                ends=None if one.ends is None else (later(one.ends[0]), later(one.ends[1])),
                report=report,
            )

        by_us = round(by_s * 1e6)
        return replace(
            self,
            signals={name: signal(one) for name, one in self.signals.items()},
            columns={name: later(nodes) for name, nodes in self.columns.items()},
            missing={name: later(nodes) for name, nodes in self.missing.items()},
            rows={n: replace(rows, at_us=rows.at_us + by_us) for n, rows in self.rows.items()},
            spans={n: replace(span, at_s=span.at_s + by_s) for n, span in self.spans.items()},
        )

    @property
    def streamed(self) -> frozenset[str]:
        """Return the names of streams, and of all that is made from them."""
        if not self.fed:
            return frozenset()
        return self.fed | {n for n, c in self.curves().items() if isinstance(c, Touchable)}

    def is_fed(self, name: str) -> bool:
        """Return whether a signal (or its ``.missing``) comes from a stream."""
        signal = self.signals.get(name.partition(".")[0])
        return signal is not None and signal.nodes.digest.startswith("fed ")

    def presence(self, signal: Signal, lead_s: float) -> Curve | None:
        """Return the presence of a signal in the time of a run; None where it is never missing."""
        if not self.is_fed(signal.name):
            return signal.present
        name = f"{signal.name}.missing"
        missing = Touchable(name, led(self.missing[name], lead_s))
        return Arithmetic("-", Constant(1.0), missing)


def led(curve: Curve, lead_s: float) -> Curve:
    """Return a curve of piece time in the time of a run that starts at ``lead_s``."""
    return remade(
        curve, lambda inner: replace(inner, lead_s=lead_s) if isinstance(inner, Nodes) else None
    )


def signals_in(
    curves: Iterable[Curve], arcs: Mapping[str, Curve]
) -> tuple[dict[str, Signal], set[str]]:
    """Return the signals and the columns that curves follow by themselves, not through an arc."""
    signals: dict[str, Signal] = {}
    columns: set[str] = set()

    def into(inner: Curve) -> bool:
        through_arc = isinstance(inner, Touchable) and inner.name in arcs
        return not through_arc and not isinstance(inner, Signal | Nodes)

    for curve in curves:
        for inner in inside(curve, into):
            if isinstance(inner, Signal):
                signals[inner.name] = inner
            elif isinstance(inner, Nodes):
                columns.add(inner.name)
    return signals, columns - {""}
