"""Sources of data and signals as a score writes them; what they become is in ``signal``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lullaby.model.formula import Formula
from lullaby.model.score_place import NOWHERE, Where


@dataclass(frozen=True)
class SourceDef:
    """A table and its place in the piece.

    ``used`` names every column whose numbers anything reads, with where it is named first;
    ``worded`` those whose words are read.
    """

    name: str
    file: str  # as written: inside the score's folder
    path: str = field(default="", compare=False)  # where that lies
    time: str = ""  # the column of times
    rate_hz: float | None = None  # rows a second, where there is no such column
    columns: Mapping[str, str] = field(default_factory=dict)  # alias -> column
    keep: Formula | None = None  # ``where``: rows of which this is true
    keep_text: str = ""
    span: tuple[str, str] | None = None  # first and last data time, as written
    at_s: float = 0.0  # piece time of the first data time
    length_s: float | None = None  # how long the data last in the piece; None: as they did
    delimiter: str = ""  # "": found out
    decimal: str = ""
    encoding: str = ""
    missing: tuple[str, ...] = ()  # more words that mean missing
    doubles: str = "keep"  # rows of one time: "keep", "mean" or "error"
    used: Mapping[str, Where] = field(default_factory=dict, compare=False)
    worded: Mapping[str, Where] = field(default_factory=dict, compare=False)
    where: Where = field(default=NOWHERE, compare=False)
    places: Mapping[str, Where] = field(default_factory=dict, compare=False)  # of its keys

    def place(self, key: str) -> Where:
        """Return where a key stands, or the source itself."""
        return self.places.get(key, self.where)


@dataclass(frozen=True)
class Step:
    """One step of a signal, in data time.

    ``kind``: "per", "over" (``what``: the statistic), "lag", "late", "zscore" (amounts: seconds),
    "clip" (amounts: low, high), "diff", "total", "detrend", or "formula".
    """

    kind: str
    what: str = ""
    amounts: tuple[float, ...] = ()
    formula: Formula | None = None
    text: str = ""
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class SignalDef:
    """A named 0..1 curve made from data."""

    name: str
    source: Formula
    source_text: str
    steps: tuple[Step, ...] = ()
    range: tuple[float, float] | None = None  # data units at 0 and at 1; None: ``auto``
    rolling_s: float | None = None  # the range is that of the data time just past
    values: tuple[str, ...] = ()  # of ordinal and nominal: all there are, from 0 to 1, as written
    scale: str = "linear"
    power: float = 1.0  # of ``pow``
    mid: float | None = None  # what 0.5 means
    levels: int | None = None  # how many shares there are
    gaps: str = "hold"
    hold_s: float | None = None  # of ``hold``, in data time; None: ten times the usual distance
    between: str = "linear"
    unit: str = ""
    where: Where = field(default=NOWHERE, compare=False)
    places: Mapping[str, Where] = field(default_factory=dict, compare=False)

    def place(self, key: str) -> Where:
        """Return where a key stands, or the signal itself."""
        return self.places.get(key, self.where)
