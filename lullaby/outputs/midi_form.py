"""How a MIDI file is laid out, and what each DAW wants of one and asks when it reads it."""

from __future__ import annotations

from dataclasses import dataclass

from lullaby.errors import UsageError
from lullaby.outputs.midi_grid import PPQ
from lullaby.outputs.midi_tempo import TICKS

MPE = ("off", "single", "split")
MARKERS = ("markers", "cues", "both", "none")
CHARSETS = ("ascii", "latin-1", "utf-8")
WIDEST = 96  # semitones a bend range can be


@dataclass(frozen=True)
class Profile:
    """A DAW: what it needs in the file, and what a person does there."""

    advice: tuple[str, ...]
    span_note: bool = False  # it takes the tempo only where a note spans it
    ports: bool = True  # it reads the old port events
    merges: bool = False  # it makes one channel of all in a track


LIVE = "Live: drop it into the Arrangement and accept the tempo prompt"
LOGIC = "Logic: use Open, not Import: only that reads tempo, markers and names"
CUBASE = "Cubase: tick Import markers, and leave Ignore master track events off"
REAPER = "Reaper: insert it as a media file, and say yes to the tempo map"
PROFILES = {
    "generic": Profile((LOGIC, f"{LIVE} (--profile live makes it ask)", CUBASE)),
    "live": Profile(
        (LIVE, "the silent track _span is there so that Live asks; delete it afterwards"),
        span_note=True,
        ports=False,
        merges=True,
    ),
    "logic": Profile((LOGIC,), ports=False),
    "cubase": Profile(
        (CUBASE, "controllers come as lanes; as automation tracks if you tick that"), ports=False
    ),
    "reaper": Profile((REAPER, "one track a part, if you let it expand the file"), ports=False),
}


@dataclass(frozen=True)
class Form:
    """How a file is laid out.

    Raises UsageError for what no file can be.
    """

    mpe: str = "off"  # "single": a zone a part; "split": a track a voice; "off": nearest keys
    controllers: bool | frozenset[str] = True  # all, none, or those of these numbers and names
    span_note: bool = False  # a silent note as long as the piece: Live takes tempo only with one
    profile: str = "generic"
    bend_range: int | None = None  # semitones; None: 48 in a zone, else the least that holds all
    markers: str = "markers"  # as markers (FF 06), cue points (FF 07), both, or none
    ppq: int = TICKS
    charset: str = "ascii"
    fine: bool = False  # controllers below 32 as pairs of 14 bits
    glides: bool = True  # bends while notes sound; only with ``mpe``
    limited: bool = True  # to what a port carries; a project has no port

    def __post_init__(self) -> None:
        for name, value, known in (
            ("mpe", self.mpe, MPE),
            ("profile", self.profile, tuple(PROFILES)),
            ("markers", self.markers, MARKERS),
            ("charset", self.charset, CHARSETS),
            ("ppq", self.ppq, PPQ),
        ):
            if value not in known:
                raise UsageError(f"{name} is one of {', '.join(map(str, known))}, not {value!r}")
        if self.bend_range is not None and not 1 <= self.bend_range <= WIDEST:
            raise UsageError(f"a bend range is 1 to {WIDEST} semitones, not {self.bend_range}")

    @property
    def daw(self) -> Profile:
        """Return what the profile says."""
        return PROFILES[self.profile]

    @property
    def spans(self) -> bool:
        """Return whether a silent note is as long as the piece."""
        return self.span_note or self.daw.span_note
