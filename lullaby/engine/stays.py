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

    @property
    def end_us(self) -> int:
        """Return where it has left."""
        return self.leave_us + self.leave_over_us


def spans(seed: int, visits: Sequence[Visit], part: str, length_us: int) -> Iterator[Presence]:
    """Yield every presence of a part in order; who is still there at ``length_us`` leaves."""
    for span in _presences(seed, visits, part):
        if span.enter_us < length_us:
            late = span.leave_us > length_us
            yield replace(span, leave_us=length_us) if late else span


def _presences(seed: int, visits: Sequence[Visit], part: str) -> Iterator[Presence]:
    open_: Presence | None = None
    stays: list[tuple[Visit, Stay]] = []
    for visit in visits:
        scene = visit.scene
        stay = next((s for s in scene.play if s.part == part), None)
        kept = scene.keep is None or part in scene.keep
        if open_ is not None and not kept and stay is None:
            yield _left(open_, visit.start_us, visit.fade_us, stays)
            open_ = None
        if open_ is None and stay is not None:
            at_us, over_us = _placed(seed, visit, part, stay.enter or Fade())
            open_, stays = Presence(visit, at_us, over_us, 0, 0, ()), []
        if open_ is None or stay is None:
            continue
        stays.append((visit, stay))
        if stay.leave is not None:
            at_us, over_us = _placed(seed, visit, part, stay.leave)
            yield _left(open_, at_us, over_us, stays)
            open_ = None
    if open_ is not None:
        last = visits[-1]
        yield _left(open_, last.end_us, last.fade_us, stays)


def _left(
    span: Presence, leave_us: int, over_us: int, stays: Sequence[tuple[Visit, Stay]]
) -> Presence:
    return replace(span, leave_us=leave_us, leave_over_us=over_us, stays=tuple(stays))


def _placed(seed: int, visit: Visit, part: str, fade: Fade) -> tuple[int, int]:
    key = named(seed, visit.name, part, "time")

    def micros(time: Time | None, otherwise_us: int, from_us: int = 0) -> int:
        if time is None:
            return otherwise_us
        length_s = visit.length_us / MICRO
        return seconds_to_micros(seconds(time, visit.clock, length_s, key, from_us / MICRO))

    at_us = micros(fade.at, 0)
    return visit.start_us + at_us, micros(fade.over, visit.fade_us, at_us)
