"""One run's composer: its settings with the hands over them, its chance, and whom it follows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lullaby.engine.fed_rows import Struck
from lullaby.engine.hands import Hands, bound
from lullaby.model.chance import Chance
from lullaby.model.curve import Curve
from lullaby.model.event import Events, empty, in_order, record
from lullaby.model.gesture import Gesture, rows
from lullaby.model.module import Module
from lullaby.model.performance import Performance, Run
from lullaby.model.streams import Window
from lullaby.units import MICRO, micros_to_grid

Composed = Callable[[Window], Events]


def settled(
    run: Run,
    hands: Hands,
    sample_rate: int,
    held: bool,
    of_rows: Callable[[Curve], Curve] = lambda curve: curve,
) -> Module:
    """Return the run's settings with the hands laid over every curve, first made ``of_rows``."""
    settings = copy.copy(run.settings)
    first_grid = micros_to_grid(run.start_us, sample_rate)
    made: dict[int, Curve] = {}
    settings.curves = {
        name: bound(of_rows(curve), hands, first_grid, sample_rate, held, made)
        for name, curve in run.settings.curves.items()
    }
    return settings


class Composer:
    """Gives the events of any window of a run, in the run's own time."""

    def __init__(
        self,
        run: Run,
        sample_rate: int,
        hands: Hands,
        followed: Mapping[str, Composed],
        leaders: Sequence[Composer] = (),
    ) -> None:
        self.run, self._leaders = run, {identity(leader.run): leader for leader in leaders}
        self._struck = None if run.fed is None else Struck(run.fed, run.start_us, hands)
        rows: dict[int, Curve] = {}

        def of_rows(curve: Curve) -> Curve:
            return curve if self._struck is None else self._struck.reading(curve, rows)

        self._settings = settled(run, hands, sample_rate, held=True, of_rows=of_rows)
        self._chance = Chance(run.key)
        self._asked = _asked(run)
        self._followed = {**followed, **{n: a.within for n, a in self._asked.items()}}
        self._length_s = (run.end_us - run.start_us) / MICRO
        first_grid = micros_to_grid(run.start_us, sample_rate)
        self._pan, self._level = (
            None
            if curve is None
            else bound(of_rows(curve), hands, first_grid, sample_rate, held=True)
            for curve in (run.pan_each, run.level_each)
        )

    def go_on(self, old: Composer) -> None:
        """Take over what the composer of the same run, laid out anew, has added up over time."""
        self._settings.go_on(old._settings)
        for key, leader in self._leaders.items():
            if key in old._leaders:
                leader.go_on(old._leaders[key])

    def __call__(self, window: Window) -> Events:
        """Return the events that start in a window, as far as the run lasts."""
        first, last = max(window[0], 0.0), min(window[1], self._length_s)
        if last <= first:
            return empty(self._settings.fields())
        made = [self._answers(name, (first, last)) for name in self._asked]
        if self.run.steady:
            made = [self._own(first, last), *made]
        heard = [table for table in made if len(table)]
        if not heard:
            return empty(self._settings.fields())
        ordered = self.run.steady and len(heard) == 1 and heard[0] is made[0]
        events = heard[0] if ordered else in_order(*heard)
        if self._pan is not None and len(events):
            pan = self._pan(events["at_s"], Chance(events["key"]))
            events["azimuth_deg"] = np.clip(events["azimuth_deg"] + 90.0 * pan, -90.0, 90.0)
        if self._level is not None and len(events):
            events["level_db"] += self._level(events["at_s"], Chance(events["key"]))
        return events

    def _own(self, first: float, last: float) -> Events:
        if self._struck is not None:
            at_s, number = self._struck.within((first, last), self._level)
            return self._settings.strikes(at_s, self._chance.of("rows").at(number))
        strikes = self.run.strikes
        if strikes is None:
            return self._settings.compose((first, last), self._chance, self._followed)
        begin, end = np.searchsorted(strikes.at_s, (first, last), side="left")
        own = self._chance.of("rows").at(strikes.index[begin:end])
        return self._settings.strikes(strikes.at_s[begin:end], own)

    def _answers(self, name: str, window: Window) -> Events:
        # A row may answer late; what it answers does not hang on the window it is asked with.
        gesture = self._asked[name]
        asked = gesture.within(window)
        if gesture.kind.sounds_s <= 0.0 or not len(asked):
            return empty(self._settings.fields())
        made = self._settings.answer(name, asked, self._chance)
        inside: Events = made[(made["at_s"] >= window[0]) & (made["at_s"] < window[1])]
        return inside


class _Asked:
    """All that a run is asked for one gesture."""

    def __init__(self, kind: type[Gesture], table: Events) -> None:
        self.kind, self._table = kind, table

    def within(self, window: Window) -> Events:
        """Return the rows that may have something to say in a window, by time."""
        ends = (window[0] - self.kind.begins_s, window[1])
        first, last = np.searchsorted(self._table["at_s"], ends)
        return self._table[first:last]


def _asked(run: Run) -> dict[str, _Asked]:
    return {
        name: _Asked(kind, rows(kind, [a for a in run.asked if a.gesture == name]))
        for name, kind in run.settings.gestures.items()
    }


def composer(performance: Performance, run: Run, sample_rate: int, hands: Hands) -> Composer:
    """Return the composer of a run, with those of the parts it follows inside it."""
    found = {
        name: [
            composer(performance, other, sample_rate, hands)
            for other in performance.runs
            if other.part == part
        ]
        for name, part in run.leaders.items()
    }
    followed = {n: _reaching(leaders, run, run.reaches_s[n]) for n, leaders in found.items()}
    return Composer(run, sample_rate, hands, followed, [c for all_ in found.values() for c in all_])


def identity(run: Run) -> tuple[str, str, int]:
    """Return what names a run in a piece, however far that is laid out."""
    return run.part, run.name, run.start_us


def _reaching(leaders: Sequence[Composer], run: Run, reach_s: float) -> Composed:
    def events(window: Window) -> Events:
        found = []
        for leader in leaders:
            # Both ends are whole microseconds: the distance is the same wherever both lie.
            shift_s = (run.start_us - leader.run.start_us) / MICRO
            made = leader((window[0] - reach_s + shift_s, window[1] + shift_s))
            made["at_s"] -= shift_s
            found.append(made)
        if not found:
            return np.zeros(0, record(Module.fields()))
        rows = np.concatenate(found)
        return rows[np.lexsort((rows["key"], rows["at_s"]))]

    return events
