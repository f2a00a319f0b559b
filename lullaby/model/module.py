"""What a module is: a sheet of parameters, a composer, and the name of its voice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from lullaby.model.chance import Chance, Floats
from lullaby.model.event import EVENT, Events, Followed, empty, record
from lullaby.model.gesture import Gesture
from lullaby.model.sheet import Sheet, Strip
from lullaby.model.streams import Window


@dataclass(frozen=True)
class Midi:
    """How a module shows itself to a DAW."""

    notes: bool = True
    pitch: str = "none"  # "none", "bend"
    cc: Mapping[str, int] = field(default_factory=dict)
    text: str = ""
    hands_on: str = ""  # field of its events: how long (s) a cell takes to give way to the next
    glides: bool = False  # pitches move inside events, as ``heard_hz`` says
    peak: str = ""  # field of its events: how long (s) a swell takes to be loudest
    held: str = ""  # field: how long (s) a note is held from there on; what comes after is room
    most_per_s: float = 0.0  # of what is dense only so many are notes, the loudest; 0: all


@dataclass(frozen=True)
class Voice:
    """A kernel, the memory it wants for each event, and how far back it reads its curves."""

    kernel: Callable[..., None]
    memory: Mapping[str, str]
    sample_rate: int
    looks_back_s: float = 0.0

    def render(
        self, out: Any, start_frame: int, curves: Events, events: Events, state: Events
    ) -> None:
        """Add the part's next frames into ``out``.

        ``out``: float32, shape (2, frames), frames a multiple of 64.  ``start_frame``: from the
        start of the run, a multiple of 64.  ``curves``: a row a grid point, both ends included,
        after the rows ``looks_back_s`` asks for; a field a parameter.  ``events``: those that may
        sound, by time.  ``state``: a row for each of them: ``key``, ``start`` and ``end`` (frames
        from the start of the run) set by the engine, then the voice's own fields, zero at first.
        """
        self.kernel(out, start_frame, self.sample_rate, curves, events, state)


class Module(Sheet):
    """Base of every sound source: an instance is its settings, each parameter a curve."""

    midi: ClassVar[Midi] = Midi()
    adds: ClassVar[Mapping[str, str]] = {}
    ends: ClassVar[bool] = False  # True for the few that truly end as surrender comes
    presses_s: ClassVar[float] = (
        0.0  # how long an event holds down who gives way; 0: while it lasts
    )
    gestures: ClassVar[Mapping[str, type[Gesture]]] = {}  # what it can be asked to do, by name

    def __init_subclass__(cls) -> None:
        """Check the gestures.  Raises ValueError."""
        bendable = {*cls.params(), Strip.level_db.name}
        for name, gesture in cls.gestures.items():
            if name in cls.fixed_params():
                raise ValueError(f"{cls.__name__}: {name} is a parameter and a gesture")
            strange = {bend.name for bend in gesture.bends} - bendable
            if strange:
                raise ValueError(f"{cls.__name__}.{name} bends {min(strange)}, which is not there")

    def go_on(self, old: Module) -> None:
        """Take over what the same part has added up over time, where it is laid out anew."""
        for name, curve in self.curves.items():
            curve.go_on(old.curves[name])

    @classmethod
    def fields(cls) -> dict[str, str]:
        """Return the fields of the module's events."""
        return EVENT | dict(cls.adds)

    @classmethod
    def events(cls, at_s: Any, own: Chance, **values: Any) -> Events:
        """Return one record an event; what is not given is 0, and 1 m away."""
        made = np.zeros(len(at_s), record(cls.fields()))
        for name, value in {"at_s": at_s, "key": own.key, "distance_m": 1.0, **values}.items():
            made[name] = value
        return made

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        """Return the events that start in ``window``, in time order (ties by key).

        Pure: the same for a window however and in whatever order it is asked or cut.
        ``followed`` has the events of leaders and, by their names, the rows of gestures asked for.
        """
        raise NotImplementedError

    def answer(self, gesture: str, asked: Events, chance: Chance) -> Events:
        """Return the events that gestures bring, in any order.

        ``asked``: a row for each time (``at_s``, ``key``, the words).  What comes of a row hangs on
        that row and the settings alone, and begins within the gesture's ``begins_s`` after it.
        """
        return empty(self.fields())

    def strikes(self, at_s: Floats, own: Chance) -> Events:
        """Return an event at each time, with its chance: what a part with ``each`` sounds by.

        A module that can be struck says how; all others make their own events alone.
        """
        raise NotImplementedError

    @classmethod
    def can_be_struck(cls) -> bool:
        """Return whether a part of this module may have ``each``."""
        return cls.strikes is not Module.strikes

    def voice(self, sample_rate: int) -> Voice:
        """Return the voice of a part."""
        raise NotImplementedError

    def partials(self, at_s: float, events: Events) -> tuple[Floats, Floats]:
        """Return frequencies (Hz) and linear gains sounding at a time, for measuring dissonance."""
        return np.zeros(0), np.zeros(0)

    def heard_hz(self, at_s: Floats, events: Events) -> Floats:
        """Return the pitch of each event (Hz) at a time of its own, one a row; 0 where none is.

        Here what each begins with; modules whose ``midi.glides`` is set say where it is by then.
        """
        return np.asarray(events["pitch_hz"], np.float64)

    def words(self, events: Events) -> Sequence[str]:
        """Return what each event sings or says, one a row; nothing at all for what has no words."""
        return ()

    def pulses(self, at_s: float, events: Events) -> Floats:
        """Return phases (cycles) of the module's clocks at a time, for measuring synchrony."""
        return np.zeros(0)
