"""What hands may do to a session, whatever they come by: keys, MIDI, OSC, a panel.

Everything that comes in speaks this small protocol, and the session answers it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lullaby.model.performance import Performance
from lullaby.model.sheet import Param, Sheet, Strip


@dataclass(frozen=True)
class Control:
    """Something a hand can take over: an arc, or ``part.parameter``, with its unit and range.

    ``cc`` is the MIDI controller that the score gives an arc.
    """

    name: str
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    log: bool = False
    cc: int | None = None

    def value(self, share: float) -> float:
        """Return the value at a share 0..1 of the range, along its own scale."""
        share = min(max(share, 0.0), 1.0)
        if share in (0.0, 1.0):
            return self.high if share else self.low
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)

    def share(self, value: float) -> float:
        """Return where in the range a value lies, 0..1."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return float(np.log(value / self.low) / np.log(self.high / self.low))
        return (value - self.low) / (self.high - self.low)


class Holdable(Protocol):
    """A session, as far as hands care.

    Every method may be called from any thread and returns at once; a name or place that is not
    there raises a LullabyError.
    """

    def touch(self, name: str, value: float) -> None:
        """Hold an arc (0..1) or ``part.parameter`` (in its unit) until it is let go."""

    def release(self, name: str) -> None:
        """Give a name back to the score; nothing happens where no hand holds it."""

    def release_all(self) -> None:
        """Give everything back."""

    def play(self) -> None:
        """Go on, or begin."""

    def pause(self) -> None:
        """Stand still where it is."""

    def seek(self, place_s: float) -> None:
        """Go to a place in the piece."""

    def next_scene(self) -> None:
        """Go to the next scene."""

    def previous_scene(self) -> None:
        """Go to the start of this scene, or of the one before."""

    def panic(self) -> None:
        """Be silent."""


def controls(
    performance: Performance, numbers: Mapping[str, int | None] | None = None
) -> dict[str, Control]:
    """Return everything hands can take over, by name, arcs first.

    ``numbers``: the controllers of the arcs.
    """
    found = {name: Control(name, cc=(numbers or {}).get(name)) for name in performance.arcs}
    for run in performance.runs:
        _add(found, run.part, type(run.settings))
        _add(found, run.part, Strip)
    for bus in performance.buses:
        for effect in bus.effects:
            _add(found, bus.name, type(effect))
        _add(found, bus.name, Strip, ("level_db",))
    _add(found, "master", type(performance.master))
    return found


def _add(
    found: dict[str, Control], owner: str, sheet: type[Sheet], only: tuple[str, ...] = ()
) -> None:
    params: Mapping[str, Param] = sheet.params()
    for declared, p in params.items():
        if only and declared not in only:
            continue
        name = f"{owner}.{p.score_name}"
        unit = "" if p.unit == "ratio" else p.unit
        found.setdefault(name, Control(name, p.low, p.high, unit, p.log))
