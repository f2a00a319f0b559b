"""One run's composer: its settings with the hands over them, its chance, and whom it follows."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from lullaby.engine.hands import Hands, bound
from lullaby.model.chance import Chance
from lullaby.model.curve import Curve
from lullaby.model.event import Events, record
from lullaby.model.module import Module
from lullaby.model.performance import Performance, Run, Strikes
from lullaby.model.streams import Window
from lullaby.units import MICRO, micros_to_grid

Composed = Callable[[Window], Events]


def settled(run: Run, hands: Hands, sample_rate: int, held: bool) -> Module:
    """Return the run's settings with the hands laid over every curve."""
    settings = copy.copy(run.settings)
    first_grid = micros_to_grid(run.start_us, sample_rate)
    made: dict[int, Curve] = {}
    settings.curves = {
        name: bound(curve, hands, first_grid, sample_rate, held, made)
        for name, curve in run.settings.curves.items()
    }
    return settings


class Composer:
    """Gives the events of any window of a run, in the run's own time."""

    def __init__(
        self, run: Run, sample_rate: int, hands: Hands, followed: Mapping[str, Composed]
    ) -> None:
        self.run = run
        self._settings = settled(run, hands, sample_rate, held=True)
        self._chance = Chance(run.key)
        self._followed = followed
        self._length_s = (run.end_us - run.start_us) / MICRO
        first_grid = micros_to_grid(run.start_us, sample_rate)
        self._pan, self._level = (
            None if curve is None else bound(curve, hands, first_grid, sample_rate, held=True)
            for curve in (run.pan_each, run.level_each)
        )

    def __call__(self, window: Window) -> Events:
        """Return the events that start in a window, as far as the run lasts."""
        first, last = max(window[0], 0.0), min(window[1], self._length_s)
        if last <= first:
            return np.zeros(0, record(self._settings.fields()))
        if self.run.strikes is not None:
            events = self._struck(self.run.strikes, first, last)
        else:
            events = self._settings.compose((first, last), self._chance, self._followed)
        if self._pan is not None and len(events):
            pan = self._pan(events["at_s"], Chance(events["key"]))
            events["azimuth_deg"] = np.clip(events["azimuth_deg"] + 90.0 * pan, -90.0, 90.0)
        if self._level is not None and len(events):
            events["level_db"] += self._level(events["at_s"], Chance(events["key"]))
        return events

    def _struck(self, strikes: Strikes, first: float, last: float) -> Events:
        begin, end = np.searchsorted(strikes.at_s, (first, last), side="left")
        own = self._chance.of("rows").at(strikes.index[begin:end])
        return self._settings.strikes(strikes.at_s[begin:end], own)


def composer(performance: Performance, run: Run, sample_rate: int, hands: Hands) -> Composer:
    """Return the composer of a run, with those of the parts it follows inside it."""
    followed = {
        name: _reaching(
            [
                composer(performance, other, sample_rate, hands)
                for other in performance.runs
                if other.part == part
            ],
            run,
            run.reaches_s[name],
        )
        for name, part in run.leaders.items()
    }
    return Composer(run, sample_rate, hands, followed)


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
