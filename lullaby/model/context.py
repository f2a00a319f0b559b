"""What a score says about its data beside the sound: what is verified, explained, sent to a DAW."""

from __future__ import annotations

from dataclasses import dataclass, field

from lullaby.model.score_place import NOWHERE, Where


@dataclass(frozen=True)
class VerifyDef:
    """One parameter that carries its data faithfully, and how far it may be off."""

    part: str
    parameter: str  # as the score writes it: "pitch"
    rank: float | None = None  # least Spearman correlation; None: of its kind
    error: float | None = None  # largest 95 % error, in the parameter's own unit
    text: str = ""  # the error as written
    where: Where = field(default=NOWHERE, compare=False)

    @property
    def name(self) -> str:
        """Return part and parameter as the score names them."""
        return f"{self.part}.{self.parameter}"


@dataclass(frozen=True)
class LegendDef:
    """The audio legend: three tones of each signal, ticks, a caption."""

    signals: tuple[str, ...] = ()
    place: str = "separate"  # or "none"; "before" or "after" the piece, in it
    tones: int = 3
    tick_s: float | None = None  # in data time
    tick_values: tuple[float, ...] = ()
    caption: bool = True
    speech: str = "off"
    where: Where = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class ChannelDef:
    """How a part stands in MIDI: numbers as people count them; None: as it comes."""

    channel: int | None = None  # 1..15
    program: int | None = None  # 1..128
    bank: int | None = None  # 0..16383: 128 * MSB + LSB
    shown: bool = True  # False: no track


@dataclass(frozen=True)
class Shown:
    """One tone of the legend: from when, and which data value it stands for."""

    signal: str
    part: str
    at_s: float
    share: float
    text: str  # "500 ms"


@dataclass(frozen=True)
class LaneDef:
    """A signal as a lane of controller values."""

    signal: str
    cc: int
    part: str = ""  # on whose track; "": on one of its own
    where: Where = field(default=NOWHERE, compare=False)
