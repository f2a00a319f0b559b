"""Which names of a performance hands may hold."""

from __future__ import annotations

from collections.abc import Iterable

from lullaby.model.curve import Curve, inside
from lullaby.model.following import Touchable
from lullaby.model.performance import Performance


def touchable_names(performance: Performance) -> frozenset[str]:
    """Return the arcs and the parameters (``part.parameter``) that a hand can take over."""
    found = (inner for curve in _curves(performance) for inner in inside(curve))
    names = {inner.name for inner in found if isinstance(inner, Touchable)}
    return frozenset({*performance.arcs, *names})


def _curves(performance: Performance) -> Iterable[Curve]:
    for run in performance.runs:
        yield from run.settings.curves.values()
        desk = run.desk
        yield from (desk.level_db, desk.pan, desk.fade)
        yield from (*desk.sends_db.values(), *desk.ducks_db.values())
    for bus in performance.buses:
        yield bus.level_db
        yield from bus.sends_db.values()
        for effect in bus.effects:
            yield from effect.curves.values()
    yield from (performance.master.level_db, performance.master.width)
