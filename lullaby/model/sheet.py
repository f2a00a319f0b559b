"""A sheet of parameters: what a module or an effect declares, once, in its class body.

Everything else - validation, schema, help, live controls, MIDI controllers - is read from here.
On the class a parameter is its declaration; on an instance (the settings) it is its value: a curve
for what can move, a plain value for what is fixed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar, overload

from lullaby.model.curve import Constant, Curve
from lullaby.model.following import Clipped, Mapped, Mean, Touchable

T = TypeVar("T")

UNITS = {  # unit of a declaration -> ending of its name in code
    "Hz": "_hz",
    "dB": "_db",
    "s": "_s",
    "cents": "_cents",
    "deg": "_deg",
    "m": "_m",
    "/s": "_per_s",
    "/min": "_per_min",
    "bpm": "_bpm",
    "ratio": "",
    "": "",
}


@dataclass(frozen=True)
class Follow:
    """What a parameter does where the score does not say: follow an arc, mapped to a range.

    ``name`` is a parameter of the same sheet if it has one so called, else an arc of the score;
    where there is neither, the default stands.
    """

    name: str
    target: tuple[float, float] = (0.0, 1.0)
    source: tuple[float, float] = (0.0, 1.0)
    shape: str = "linear"
    mean_s: float = 0.0

    def curve(self, followed: Curve) -> Curve:
        """Return the mapping of a curve."""
        if self.mean_s:
            followed = Mean(followed, self.mean_s)
        if self.target == self.source == (0.0, 1.0) and self.shape == "linear":
            return followed
        return Mapped(followed, *self.source, *self.target, self.shape)


@dataclass(frozen=True)
class Param:
    """What a moving parameter is, never its value; read from a settings object it is a curve."""

    default: float
    unit: str
    low: float
    high: float
    doc: str
    log: bool = False
    each: bool = False  # read once an event, so that it may be drawn for each
    follows: Follow | None = None
    name: str = field(init=False, default="")

    def __set_name__(self, owner: type, name: str) -> None:
        ending = UNITS[self.unit]
        if not name.endswith(ending):
            raise ValueError(
                f"{owner.__name__}.{name}: a parameter in {self.unit} ends in {ending}"
            )
        object.__setattr__(self, "name", name)

    @property
    def score_name(self) -> str:
        """Return the name as a score writes it: without the unit, since values carry units."""
        return self.name.removesuffix(UNITS[self.unit])

    def settled(self, curve: Curve, owner: str = "") -> Curve:
        """Return a curve kept in the range, and open to hands if it has an owner."""
        if owner:
            curve = Touchable(f"{owner}.{self.score_name}", curve)
        return Clipped(curve, self.low, self.high)

    @overload
    def __get__(self, settings: None, owner: type) -> Self: ...
    @overload
    def __get__(self, settings: Sheet, owner: type) -> Curve: ...
    def __get__(self, settings: Sheet | None, owner: type) -> Self | Curve:
        return self if settings is None else settings.curves[self.name]


def param(
    default: float,
    unit: str,
    bounds: tuple[float, float],
    doc: str,
    *,
    log: bool = False,
    each: bool = False,
    follows: Follow | None = None,
) -> Param:
    """Declare one moving parameter.

    ``unit`` is one of ``UNITS`` and the ending of the name; ``log`` means its own scale is
    logarithmic (frequencies, rates, times); ``each`` that it is read once an event.
    Raises ValueError for a default outside the bounds or a log scale that reaches 0.
    """
    low, high = bounds
    if unit not in UNITS:
        raise ValueError(f"unit {unit!r} is none of {', '.join(UNITS)}")
    if not low <= default <= high:
        raise ValueError(f"default {default} is outside {low}..{high} {unit}")
    if log and low <= 0.0:
        raise ValueError(f"a log scale needs low > 0, got {low} {unit}")
    return Param(default, unit, low, high, doc, log, each, follows)


ARC_MEAN_S = 4.0  # arcs act as their mean over this long, so that nothing jumps


def surrender(doc: str = "0 the panic, 1 part of the one calm chord.") -> Param:
    """Declare the parameter every module has: it follows the arc of its name."""
    follows = Follow("surrender", mean_s=ARC_MEAN_S)
    return param(0.0, "ratio", (0.0, 1.0), doc, follows=follows)


def panic(doc: str = "How hot it is: rates, roughness, tilt.") -> Param:
    """Declare the heat of a module or effect: it follows the arc of its name."""
    return param(0.5, "ratio", (0.0, 1.0), doc, follows=Follow("panic", mean_s=ARC_MEAN_S))


@dataclass(frozen=True)
class Fixed(Generic[T]):
    """What is set once for a part and never moves: a count, a switch, a choice, a text."""

    kind: str  # "count", "flag", "choice", "text", "texts", "leader"
    default: T
    doc: str
    low: int = 0
    high: int = 0
    options: tuple[str, ...] = ()
    reach_s: float = 0.0  # of a leader: how far back its events are wanted
    check: Callable[[str], None] | None = None  # of texts: raises ValueError saying what is wrong
    name: str = field(init=False, default="")

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    @property
    def score_name(self) -> str:
        """Return the name as a score writes it."""
        return self.name

    @overload
    def __get__(self, settings: None, owner: type) -> Self: ...
    @overload
    def __get__(self, settings: Sheet, owner: type) -> T: ...
    def __get__(self, settings: Sheet | None, owner: type) -> Self | T:
        if settings is None:
            return self
        value: T = settings.fixed[self.name]
        return value


def count(default: int, bounds: tuple[int, int], doc: str) -> Fixed[int]:
    """Declare a whole number, such as how many voices."""
    return Fixed("count", default, doc, low=bounds[0], high=bounds[1])


def flag(default: bool, doc: str) -> Fixed[bool]:
    """Declare a switch."""
    return Fixed("flag", default, doc)


def choice(default: str, options: tuple[str, ...], doc: str) -> Fixed[str]:
    """Declare one of a few words."""
    return Fixed("choice", default, doc, options=options)


def text(default: str, doc: str) -> Fixed[str]:
    """Declare a text."""
    return Fixed("text", default, doc)


def texts(
    default: tuple[str, ...],
    doc: str,
    check: Callable[[str], None] | None = None,
    most: int = 0,
) -> Fixed[tuple[str, ...]]:
    """Declare a list of texts, ``most`` if not 0.

    ``check`` raises ValueError saying what is wrong with one.
    """
    return Fixed("texts", default, doc, high=most, check=check)


def leader(reach_s: float, doc: str) -> Fixed[str]:
    """Declare the name of a part whose events this one follows ("" for none)."""
    return Fixed("leader", "", doc, reach_s=reach_s)


class Sheet:
    """Base of everything with parameters: an instance is a set of settings."""

    def __init__(
        self,
        curves: Mapping[str, Curve] | None = None,
        fixed: Mapping[str, Any] | None = None,
        arcs: Mapping[str, Curve] | None = None,
        owner: str = "",
    ) -> None:
        # With an owner (a part, a bus) hands may take over each parameter by ``owner.name``.
        given, arcs = dict(curves or {}), arcs or {}
        params = self.params()
        unknown = (given.keys() - params.keys()) | (
            (fixed or {}).keys() - self.fixed_params().keys()
        )
        if unknown:
            raise KeyError(f"{type(self).__name__} has no parameter {', '.join(sorted(unknown))}")
        self.curves: dict[str, Curve] = {}
        means: dict[Follow, Curve] = {}
        late = {n: p for n, p in params.items() if n not in given and _follows_sheet(p, params)}
        for name, p in params.items() - late.items():
            if name in given:
                curve = given[name]
            elif p.follows and p.follows.name in arcs:
                curve = means.setdefault(p.follows, p.follows.curve(arcs[p.follows.name]))
            else:
                curve = Constant(p.default)
            self.curves[name] = p.settled(curve, owner)
        for name, p in late.items():
            if p.follows:
                self.curves[name] = p.settled(p.follows.curve(self.curves[p.follows.name]), owner)
        self.curves = {name: self.curves[name] for name in params}
        self.fixed: dict[str, Any] = {n: f.default for n, f in self.fixed_params().items()}
        self.fixed.update(fixed or {})

    @classmethod
    def params(cls) -> dict[str, Param]:
        """Return the moving declarations by name, in the order they are written."""
        return _declared(cls, Param)

    @classmethod
    def fixed_params(cls) -> dict[str, Fixed[Any]]:
        """Return the fixed declarations by name, in the order they are written."""
        return _declared(cls, Fixed)

    @classmethod
    def by_score_name(cls) -> dict[str, Param | Fixed[Any]]:
        """Return all declarations by the name a score uses."""
        both: list[Param | Fixed[Any]] = [*cls.params().values(), *cls.fixed_params().values()]
        return {p.score_name: p for p in both}

    @classmethod
    def title(cls) -> str:
        """Return the first line of the class's docstring."""
        return (cls.__doc__ or "").strip().partition("\n")[0]

    def __eq__(self, other: object) -> bool:
        """Return whether both are the same settings of the same sheet."""
        return (
            type(self) is type(other)
            and isinstance(other, Sheet)
            and self.curves == other.curves
            and self.fixed == other.fixed
        )

    __hash__ = None  # type: ignore[assignment]


def _follows_sheet(p: Param, params: Mapping[str, Param]) -> bool:
    return p.follows is not None and p.follows.name != p.name and p.follows.name in params


_D = TypeVar("_D", Param, Fixed[Any])


def _declared(cls: type, kind: type[_D]) -> dict[str, _D]:
    found: dict[str, _D] = {}
    for base in reversed(cls.__mro__):
        found.update({n: v for n, v in vars(base).items() if isinstance(v, kind)})
    return found


class Strip(Sheet):
    """What every part has besides its module's own: its place at the mixing desk."""

    level_db = param(0.0, "dB", (-120.0, 24.0), "Level of the part.")
    pan = param(0.0, "ratio", (-1.0, 1.0), "From left (-1) to right (1).", each=True)


class Master(Sheet):
    """The last bus."""

    level_db = param(0.0, "dB", (-120.0, 24.0), "Level before the limiter.")
    width = param(1.0, "ratio", (0.0, 2.0), "Stereo width: 0 mono, 1 as mixed.")
