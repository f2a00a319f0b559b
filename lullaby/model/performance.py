"""A performance: runs of parts, buses and the desk, all of it a pure function of time.

Places in a piece are whole microseconds, so that they add and shift exactly.  The times of a run -
of its events and of its curves - count from the run's own start: moving it changes nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Floats
from lullaby.model.context import ChannelDef, LaneDef, Shown
from lullaby.model.curve import Curve
from lullaby.model.effect import Effect
from lullaby.model.gesture import Asking
from lullaby.model.module import Module
from lullaby.model.sheet import Master
from lullaby.model.signal import Known

MASTER = "master"


@dataclass(frozen=True)
class Desk:
    """How a run is mixed: curves of the run's own time."""

    level_db: Curve
    fade: Curve  # linear gain of arriving and leaving
    pan: Curve
    sends_db: Mapping[str, Curve] = field(default_factory=dict)
    ducks_db: Mapping[str, Curve] = field(default_factory=dict)  # part -> how much softer under it


@dataclass(frozen=True)
class Strikes:
    """Rows of data that a run sounds for, in the run's own time; the index is the row's."""

    digest: str
    at_s: Floats = field(compare=False, repr=False)
    index: NDArray[np.int64] = field(compare=False, repr=False)


@dataclass(frozen=True)
class FedStrikes:
    """How a run sounds for the rows of a stream; ``needs``: the columns it reads, ``web.ms``."""

    source: str
    needs: tuple[str, ...] = ()
    at_most_hz: float | None = None
    merge: str = "nearest"


@dataclass(frozen=True)
class Run:
    """One unbroken stay of a part."""

    part: str
    name: str  # scene it enters in and visit: with seed and part, the path of its chance
    key: int  # the chance of its composer
    start_us: int
    end_us: int  # nothing of the run sounds after; the fade out is inside
    settings: Module
    desk: Desk
    into: str  # bus or master
    pan_each: Curve | None = None  # -1..1, drawn for each event
    level_each: Curve | None = None  # dB, read once an event rather than by the desk
    strikes: Strikes | None = None  # of a part that sounds for each row
    fed: FedStrikes | None = None  # of one that sounds for each row of a stream
    leaders: Mapping[str, str] = field(default_factory=dict)  # leader parameter -> part
    reaches_s: Mapping[str, float] = field(default_factory=dict)  # leader parameter -> reach
    asked: tuple[Asking, ...] = ()  # for gestures, by time
    told: bool = False  # it sounds a tone of the legend, no data
    steady: bool = True  # False: it only answers what it is asked for, as in a part not playing

    def same_sound(self, other: Run) -> bool:
        """Return whether the other run has the same events and voices in its own time."""
        return (
            (self.part, self.name, self.key) == (other.part, other.name, other.key)
            and self.settings == other.settings
            and self.pan_each == other.pan_each
            and (self.level_each, self.strikes, self.fed)
            == (other.level_each, other.strikes, other.fed)
            and self.leaders == other.leaders
            and (self.asked, self.steady) == (other.asked, other.steady)
        )


@dataclass(frozen=True)
class Bus:
    """A place where parts are summed; its effects work in order.  Curves are of piece time."""

    name: str
    effects: tuple[Effect, ...]
    into: str
    level_db: Curve
    sends_db: Mapping[str, Curve] = field(default_factory=dict)


@dataclass(frozen=True)
class Span:
    """A scene's place in the piece."""

    name: str
    start_us: int
    length_us: int
    visit: int = 0
    bpm: tuple[float, float] = (60.0, 60.0)  # the tempo where it begins and where it ends
    bars: float = 0.0  # how many it holds


@dataclass(frozen=True)
class Mark:
    """A named instant."""

    name: str
    at_us: int


@dataclass(frozen=True)
class Performance:
    """Everything that will sound, before any of it does."""

    title: str
    seed: int
    runs: tuple[Run, ...]  # in the order of the parts in the score, then of time
    buses: tuple[Bus, ...]  # in the order they must be computed; none named master
    master: Master
    ceiling_dbtp: float
    scenes: tuple[Span, ...]
    marks: tuple[Mark, ...]
    arcs: Mapping[str, Curve]  # of piece time
    length_us: int
    lanes: tuple[LaneDef, ...] = ()  # signals for a DAW
    channels: Mapping[str, ChannelDef] = field(default_factory=dict)  # of parts that name theirs
    tail_s: float | None = None  # None: until it is silent
    known: Known | None = field(default=None, compare=False, repr=False)  # its data
    legend: tuple[Shown, ...] = ()  # tones of the legend that sound in the piece itself

    @property
    def parts(self) -> tuple[str, ...]:
        """Return the names of the parts that play, in the order of the score."""
        return tuple(dict.fromkeys(run.part for run in self.runs))
