"""Which names of a performance hands may hold."""

from __future__ import annotations

from collections.abc import Iterable

from lullaby.model.curve import Curve
from lullaby.model.following import Touchable
from lullaby.model.performance import Performance


def touchable_names(performance: Performance) -> frozenset[str]:
    """Return the arcs and the parameters (``part.parameter``) that a hand can take over."""
    names: set[str] = set(performance.arcs)
    seen: set[int] = set()

    def look(curve: Curve) -> Curve:
        if id(curve) not in seen:
            seen.add(id(curve))
            if isinstance(curve, Touchable):
                names.add(curve.name)
            curve.each_curve(look)
        return curve

    for curve in _curves(performance):
        look(curve)
    return frozenset(names)


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
