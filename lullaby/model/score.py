"""A checked score: what its author wrote, as frozen data, every value in the unit of its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lullaby.errors import Finding, ScoreError
from lullaby.model.context import ChannelDef, LaneDef, LegendDef, VerifyDef
from lullaby.model.effect import Effect
from lullaby.model.module import Module
from lullaby.model.score_place import NOWHERE as NOWHERE
from lullaby.model.score_place import Where as Where
from lullaby.model.signal import Known
from lullaby.model.table import SignalDef, SourceDef
from lullaby.model.value import Number, Points, Time, Value

FADE = Time(4.0)  # s: how long arrivals and departures take unless a scene says


@dataclass(frozen=True)
class Clock:
    """Tempo and meter: beats and bars are measured by these."""

    bpm: float = 60.0  # of one that glides, where it begins as far as the text alone says
    beats_a_bar: float = 4.0
    glide: Points | None = None  # of tempi in bpm; no start: from the tempo before

    @property
    def ends_bpm(self) -> float:
        """Return the tempo that a glide comes to, or the tempo itself."""
        last = self.glide.points[-1].value if self.glide else None
        return last.value if isinstance(last, Number) else self.bpm


@dataclass(frozen=True)
class Tuning:
    """A root and the degrees over it, as ratios, rising; what a pitch may snap to."""

    root_hz: float = 55.0
    ratios: tuple[float, ...] = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 16.0, 20.0, 24.0)
    repeats: bool = False  # an octave scale (ratios in one octave) rather than a list of tones


@dataclass(frozen=True)
class ArcDef:
    """A named curve over the piece."""

    name: str
    value: Value
    cc: int | None = None
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class MasterDef:
    """The last bus as the score sets it."""

    ceiling_dbtp: float = -1.0
    tail_s: float | None = None  # None: until it is silent
    settings: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class BusDef:
    """A bus: an effect, where it goes, its settings by the declaration's name."""

    name: str
    effect: type[Effect] | None
    into: str = "master"
    preset: str = ""
    preset_settings: Mapping[str, Value] = field(default_factory=dict)
    settings: Mapping[str, Value] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    level: Value | None = None
    sends: Mapping[str, Value] = field(default_factory=dict)
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class PartDef:
    """One use of a module; settings by the declaration's name, with ``level_db`` and ``pan``."""

    name: str
    module: type[Module]
    into: str = "master"
    preset: str = ""
    preset_settings: Mapping[str, Value] = field(default_factory=dict)
    settings: Mapping[str, Value] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    sends: Mapping[str, Value] = field(default_factory=dict)  # bus -> level in dB
    ducks: Mapping[str, Value] = field(default_factory=dict)  # part -> how much softer under it, dB
    each: str = ""  # a source: an event a row
    at_most_hz: float | None = None  # of those
    merge: str = "nearest"  # which row stands for those that are too many
    midi: ChannelDef | None = None
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Fade:
    """When a part arrives or leaves in a scene, and over how long; None: as the scene does."""

    at: Time | None = None
    over: Time | None = None


@dataclass(frozen=True)
class Stay:
    """What a scene says of one part."""

    part: str
    enter: Fade | None = None
    leave: Fade | None = None
    preset: str = ""
    preset_settings: Mapping[str, Value] = field(default_factory=dict)
    settings: Mapping[str, Value] = field(default_factory=dict)
    sends: Mapping[str, Value] = field(default_factory=dict)
    ducks: Mapping[str, Value] = field(default_factory=dict)
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Cue:
    """Something that happens: gestures, settings, kicks and marks."""

    at: tuple[Time, ...] = ()
    every: Time | None = None
    when: tuple[str, str, float] | None = None  # name, "<" or ">", level
    each: str = ""  # a source: at every row
    back: float = 0.0
    rest: Time | None = None
    do: tuple[str, ...] = ()  # "choir.strike"; "all.sigh" asks all who know it
    words: Mapping[str, Any] = field(default_factory=dict)  # by the declaration's name
    settings: Mapping[str, Value] = field(default_factory=dict)  # "heat" or "hall.decay_s"
    kicks: Mapping[str, tuple[Value, Time]] = field(default_factory=dict)
    mark: str = ""
    text: str = ""  # as written: the path of its draws
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class SceneDef:
    """A named stretch of the piece."""

    name: str
    length: Time
    fade: Time = FADE
    keep: tuple[str, ...] | None = ()  # None: all
    arcs: Mapping[str, Value] = field(default_factory=dict)
    play: tuple[Stay, ...] = ()
    mix: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)  # bus -> setting -> value
    cues: tuple[Cue, ...] = ()
    repeat: int = 1
    next: tuple[str, ...] = ()  # names to pick from; ("stop",) ends the piece
    clock: Clock | None = None
    tuning: Tuning | None = None
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Score:
    """A whole piece."""

    title: str
    parts: tuple[PartDef, ...]
    scenes: tuple[SceneDef, ...]
    about: str = ""
    seed: int = 0
    clock: Clock = Clock()
    tuning: Tuning = Tuning()
    master: MasterDef = MasterDef()
    arcs: tuple[ArcDef, ...] = ()
    buses: tuple[BusDef, ...] = ()
    cues: tuple[Cue, ...] = ()
    sources: tuple[SourceDef, ...] = ()
    signals: tuple[SignalDef, ...] = ()
    verify: tuple[VerifyDef, ...] = ()
    legend: LegendDef | None = None
    lanes: tuple[LaneDef, ...] = ()
    known: Known | None = field(default=None, compare=False, repr=False)  # its data, once read
    path: str = ""

    def finding(self, where: Where, message: str) -> Finding:
        """Return what is wrong at a place of this score."""
        return Finding(where.file or self.path, where.line, where.column, message)

    def refused(self, where: Where, message: str) -> ScoreError:
        """Return the error of one thing that is wrong."""
        return ScoreError([self.finding(where, message)])
