"""When a part is there: from the scene that brings it to the one that lets it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lullaby.engine.timeline import Visit, seconds
from lullaby.model.chance import named
from lullaby.model.score import Fade, Stay
from lullaby.model.value import Time
from lullaby.units import MICRO, seconds_to_micros


@dataclass(frozen=True)
class Presence:
    """A stay of a part before it is made a run."""

    first: Visit
    enter_us: int
    enter_over_us: int
    leave_us: int
    leave_over_us: int
    stays: tuple[tuple[Visit, Stay], ...]


def spans(seed: int, visits: Sequence[Visit], part: str, length_us: int) -> Iterator[Presence]:
    """Yield every presence of a part in order; who is still there at ``length_us`` leaves."""
    for span in _presences(seed, visits, part):
        if span.enter_us < length_us:
            late = span.leave_us > length_us
            yield replace(span, leave_us=length_us) if late else span


def _presences(seed: int, visits: Sequence[Visit], part: str) -> Iterator[Presence]:
    open_: Presence | None = None
    for visit in visits:
        scene = visit.scene
        stay = next((s for s in scene.play if s.part == part), None)
        kept = scene.keep is None or part in scene.keep
        if open_ is not None and not kept and stay is None:
            yield replace(open_, leave_us=visit.start_us, leave_over_us=visit.fade_us)
            open_ = None
        if open_ is None and stay is not None:
            at_us, over_us = _placed(seed, visit, part, stay.enter or Fade())
            open_ = Presence(visit, at_us, over_us, 0, 0, ())
        if open_ is None or stay is None:
            continue
        open_ = replace(open_, stays=(*open_.stays, (visit, stay)))
        if stay.leave is not None:
            at_us, over_us = _placed(seed, visit, part, stay.leave)
            yield replace(open_, leave_us=at_us, leave_over_us=over_us)
            open_ = None
    if open_ is not None:
        last = visits[-1]
        yield replace(open_, leave_us=last.end_us, leave_over_us=last.fade_us)


def _placed(seed: int, visit: Visit, part: str, fade: Fade) -> tuple[int, int]:
    key = named(seed, visit.name, part, "time")

    def micros(time: Time | None, otherwise_us: int, from_us: int = 0) -> int:
        if time is None:
            return otherwise_us
        length_s = visit.length_us / MICRO
        return seconds_to_micros(seconds(time, visit.clock, length_s, key, from_us / MICRO))

    at_us = micros(fade.at, 0)
    return visit.start_us + at_us, micros(fade.over, visit.fade_us, at_us)
