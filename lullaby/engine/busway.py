"""A bus at work: what goes in is summed, its effects work in order, a reload crossfades them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lullaby.engine.hands import Hands, bound, come_from
from lullaby.engine.strip import SILENT_DB, sent_gain
from lullaby.model.chance import Floats
from lullaby.model.curve import Constant, Curve
from lullaby.model.effect import Effect, Processor
from lullaby.model.event import Events, record
from lullaby.model.performance import Bus
from lullaby.units import STEP, db_to_gain


class Rack:
    """One effect with its running processor and the curves it reads."""

    def __init__(self, effect: Effect, sample_rate: int, hands: Hands) -> None:
        self.effect, self._sample_rate = effect, sample_rate
        self._settings = copy.copy(effect)
        made: dict[int, Curve] = {}
        self._settings.curves = {
            name: bound(curve, hands, 0, sample_rate, False, made)
            for name, curve in effect.curves.items()
        }
        self.processor: Processor = self._settings.processor(sample_rate)
        self._row = record(dict.fromkeys(effect.params(), "f8"))

    def process(self, block: Any, frame: int) -> None:
        """Replace a block (2, frames) by what the effect makes of it."""
        self.processor.process(block, frame, self._table(frame, block.shape[1]))

    def _table(self, frame: int, frames: int) -> Events:
        t = np.arange(frame // STEP, (frame + frames) // STEP + 1) * (STEP / self._sample_rate)
        table = np.zeros(len(t), self._row)
        for name, curve in self._settings.curves.items():
            constant = curve.constant
            table[name] = curve(t) if constant is None else constant
        return table


class Busway:
    """The running state of one bus."""

    def __init__(self, bus: Bus, sample_rate: int, hands: Hands) -> None:
        self.bus, self._sample_rate = bus, sample_rate
        self.racks = [Rack(effect, sample_rate, hands) for effect in bus.effects]
        self._level_db = bound(bus.level_db, hands, 0, sample_rate, held=False)
        self._sends_db = {
            name: bound(curve, hands, 0, sample_rate, held=False)
            for name, curve in bus.sends_db.items()
        }
        self._leaving: tuple[list[Rack], Curve] | None = None
        self.block: Any = None

    def begin(self, frames: int) -> None:
        """Start a stretch with an empty input."""
        self.block = np.zeros((2, frames), np.float32)

    def crossfade(self, racks: list[Rack], away: Curve) -> None:
        """Let the racks of the bus before a reload sound on while ``away`` goes from 1 to 0."""
        self._leaving = (racks, away)

    def come_from(self, old: Busway, from_s: float, place_s: float, fade_s: float) -> None:
        """Reach this bus's level and sends from those of another one over a time."""
        silent = Constant(SILENT_DB)
        self._level_db = come_from(old._level_db, self._level_db, from_s, place_s, fade_s)
        self._sends_db = {
            name: come_from(
                old._sends_db.get(name, silent),
                self._sends_db.get(name, silent),
                from_s,
                place_s,
                fade_s,
            )
            for name in dict.fromkeys([*old._sends_db, *self._sends_db])
        }

    def go_on(self, old: Busway) -> None:
        """Take over all that another one of the same bus has under way."""
        self.restore(old.snapshot())
        self._leaving = old._leaving

    def process(self, frame: int) -> None:
        """Replace the input by the bus's output, level applied."""
        from lullaby.dsp.mixing import ramp

        block = self.block
        t = self._times(frame, block.shape[1])
        leaving = self._leaving
        old = block.copy() if leaving else None
        for rack in self.racks:
            rack.process(block, frame)
        if leaving is not None and old is not None:
            racks, away = leaving
            gain = away(t)
            for rack in racks:
                rack.process(old, frame)
            ramp(block, 1.0 - gain)
            ramp(old, gain)
            block += old
            if gain[-1] <= 0.0:
                self._leaving = None
        level = self._level_db.constant
        if level is None or level != 0.0:
            ramp(block, db_to_gain(self._level_db(t)))

    def sends(self, frame: int, frames: int) -> dict[str, Floats]:
        """Return the send gains at the grid points of a stretch, by bus."""
        t = self._times(frame, frames)
        return {name: sent_gain(curve(t)) for name, curve in self._sends_db.items()}

    def snapshot(self) -> list[dict[str, Any]]:
        """Return copies of the processors' arrays."""
        return [
            {name: array.copy() for name, array in rack.processor.state.items()}
            for rack in self.racks
        ]

    def restore(self, state: Sequence[Mapping[str, Any]]) -> None:
        """Go on from a snapshot."""
        for rack, arrays in zip(self.racks, state, strict=True):
            for name, array in arrays.items():
                rack.processor.state[name][...] = array

    def _times(self, frame: int, frames: int) -> Floats:
        grid = np.arange(frame // STEP, (frame + frames) // STEP + 1)
        return np.asarray(grid * (STEP / self._sample_rate), np.float64)
