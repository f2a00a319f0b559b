"""OSC messages, as what they ask a session to do: only declared addresses, only finite numbers.

======================  ==========================================
/arc/NAME value         hold an arc, 0 to 1
/part/NAME/PARAM value  hold a parameter, in its own unit
/release/arc/NAME       let it go; /release/part/NAME/PARAM; /release everything
/play /pause /panic
/seek seconds
/scene NAME             also /scene/next, /scene/previous
======================  ==========================================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lullaby.live.hold import Control, Holdable

FARTHEST_S = 7 * 86400.0  # no piece is longer

Action = Callable[[Sequence[Any]], None]


class Refused(Exception):  # noqa: N818 (the message was, which is no failure of ours)
    """A message that asks for nothing there is."""


class Words:
    """What each address does to a session; ``scenes`` says where each begins (s)."""

    def __init__(
        self, held: Holdable, controls: Mapping[str, Control], scenes: Mapping[str, float]
    ) -> None:
        self._scenes, self._held = scenes, held
        self._actions: dict[str, Action] = {
            "/play": lambda given: _alone(given, held.play),
            "/pause": lambda given: _alone(given, held.pause),
            "/panic": lambda given: _alone(given, held.panic),
            "/release": lambda given: _alone(given, held.release_all),
            "/scene/next": lambda given: _alone(given, held.next_scene),
            "/scene/previous": lambda given: _alone(given, held.previous_scene),
            "/seek": self._seek,
            "/scene": self._scene,
        }
        for control in controls.values():
            place = address(control.name)
            self._actions[place] = self._touching(control)
            self._actions[f"/release{place}"] = self._releasing(control)

    @property
    def addresses(self) -> list[str]:
        """Return every address there is."""
        return list(self._actions)

    def do(self, where: str, given: Sequence[Any]) -> None:
        """Do what a message asks.  Raises Refused, or what the session raises."""
        action = self._actions.get(where)
        if action is None:
            raise Refused("no such address")
        action(given)

    def _touching(self, control: Control) -> Action:
        def act(given: Sequence[Any]) -> None:
            value = number(given)
            self._held.touch(control.name, min(max(value, control.low), control.high))

        return act

    def _releasing(self, control: Control) -> Action:
        return lambda given: _alone(given, lambda: self._held.release(control.name))

    def _seek(self, given: Sequence[Any]) -> None:
        self._held.seek(min(max(number(given), 0.0), FARTHEST_S))

    def _scene(self, given: Sequence[Any]) -> None:
        if len(given) != 1 or not isinstance(given[0], str) or given[0] not in self._scenes:
            raise Refused("no such scene")
        self._held.seek(self._scenes[given[0]])


def address(name: str) -> str:
    """Return where a control is: ``/arc/panic``, ``/part/sirens/rate``."""
    owner, dot, param = name.partition(".")
    return f"/part/{owner}/{param}" if dot else f"/arc/{owner}"


def number(given: Sequence[Any]) -> float:
    """Return the one finite number of a message.  Raises Refused."""
    if len(given) != 1 or isinstance(given[0], bool) or not isinstance(given[0], (int, float)):
        raise Refused("wants one number")
    try:
        value = float(given[0])
    except OverflowError:
        raise Refused("is too large") from None
    if not math.isfinite(value):
        raise Refused("is not finite")
    return value


def _alone(given: Sequence[Any], act: Callable[[], None]) -> None:
    # Buttons of most controllers send 1 when pressed and 0 when let go.
    if not given or number(given) > 0.0:
        act()
