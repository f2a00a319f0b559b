"""One run at work: composes ahead, keeps each event's memory beside it, calls the voice."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lullaby.engine.hands import HELD_S, Hands, bound
from lullaby.model.chance import Chance
from lullaby.model.event import LONGEST_S, Events, record
from lullaby.model.module import Module
from lullaby.model.performance import Run
from lullaby.model.streams import Window
from lullaby.units import STEP, micros_to_grid

CELL_S = 4.0  # composed at a time: any length gives the same events
STRETCH = 8192  # frames a call when catching up: long, as nobody waits for the first of them

Composed = Callable[[Window], Events]


class Player:
    """The running state of one run; time and frames count from the start of the run.

    ``frame`` is where it begins to play (a multiple of 64, may lie before the run or inside it):
    whatever sounds there has been sounding since its own start.
    """

    def __init__(
        self,
        run: Run,
        sample_rate: int,
        frame: int,
        hands: Hands,
        leaders: Mapping[str, Composed] | None = None,
        live: bool = False,
    ) -> None:
        self.run, self._sample_rate, self._hands = run, sample_rate, hands
        self.first_grid = micros_to_grid(run.start_us, sample_rate)
        self._cell_s = HELD_S if live else CELL_S
        # Composers see hands held in cells, voices at every grid point.
        self._composer: Module = self._bound(held=True)
        self.settings: Module = self._bound(held=False)
        self._chance = Chance(run.key)
        self._followed = dict(leaders or {})
        self._voice = self.settings.voice(sample_rate)
        memory = {"key": "u8", "start": "i8", "end": "i8"} | dict(self._voice.memory)
        self._memory = record(memory)
        self._params = list(self.settings.params())
        self._row = record(dict.fromkeys(self._params, "f8"))
        self._back = -(-int(self._voice.looks_back_s * sample_rate) // STEP)
        frame = max(frame, 0)
        time_s = frame / sample_rate
        self._cell = int(time_s // self._cell_s)
        first_s = max(time_s - LONGEST_S, 0.0)
        self.events, self.state = self._composed(first_s, (self._cell + 1) * self._cell_s)
        self._keep(self.state["end"] > frame)
        self._catch_up(frame)

    @property
    def first_frame(self) -> int:
        """Return the frame of the piece at which the run begins."""
        return self.first_grid * STEP

    def compose(self, window: Window) -> Events:
        """Return the events of a window of the run's own time."""
        last_s = (self.run.end_us - self.run.start_us) / 1e6
        first, last = max(window[0], 0.0), min(window[1], last_s)
        if last <= first:
            return np.zeros(0, record(self._composer.fields()))
        return self._composer.compose((first, last), self._chance, self._followed)

    def render(self, out: Any, frame: int) -> None:
        """Add the run into ``out``, shape (2, frames); no call of the voice spans two cells."""
        done = 0
        while done < out.shape[1]:
            here = frame + done
            edge = int((self._cell + 1) * self._cell_s * self._sample_rate) // STEP * STEP
            if here >= edge:
                self._turn(here)
                continue
            n = min(out.shape[1] - done, edge - here)
            if len(self.events):
                self._voice.render(
                    out[:, done : done + n],
                    here,
                    self._table(here, n),
                    self.events,
                    self.state,
                )
            done += n

    def snapshot(self) -> dict[str, Any]:
        """Return all of the running state, as copies of named arrays."""
        return {"cell": self._cell, "events": self.events.copy(), "state": self.state.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot of a player of the same run."""
        self._cell = int(state["cell"])
        self.events, self.state = state["events"].copy(), state["state"].copy()

    def _bound(self, held: bool) -> Module:
        settings = copy.copy(self.run.settings)
        settings.curves = {
            name: bound(curve, self._hands, self.first_grid, self._sample_rate, held)
            for name, curve in self.run.settings.curves.items()
        }
        return settings

    def _composed(self, first_s: float, last_s: float) -> tuple[Events, Events]:
        events = self.compose((first_s, last_s))
        state = np.zeros(len(events), self._memory)
        state["key"] = events["key"]
        # The only place where a time becomes a frame.
        state["start"] = np.round(events["at_s"] * self._sample_rate)
        state["end"] = state["start"] + np.round(events["duration_s"] * self._sample_rate)
        return events, state

    def _turn(self, frame: int) -> None:
        self._cell += 1
        self._keep(self.state["end"] > frame)
        events, state = self._composed(self._cell * self._cell_s, (self._cell + 1) * self._cell_s)
        if len(events):
            self.events = np.concatenate((self.events, events))
            self.state = np.concatenate((self.state, state))

    def _keep(self, rows: Any) -> None:
        self.events, self.state = self.events[rows], self.state[rows]

    def _catch_up(self, frame: int) -> None:
        begun = self.state["start"] < frame
        if not begun.any():
            return
        events, state = self.events[begun], self.state[begun]
        for here in range(int(state["start"].min()) // STEP * STEP, frame, STRETCH):
            n = min(STRETCH, frame - here)
            self._voice.render(
                np.zeros((2, n), np.float32), here, self._table(here, n), events, state
            )
        self.state[begun] = state

    def _table(self, frame: int, frames: int) -> Events:
        grid = np.arange(frame // STEP - self._back, (frame + frames) // STEP + 1)
        t = grid * (STEP / self._sample_rate)
        table = np.zeros(len(grid), self._row)
        for name in self._params:
            table[name] = self.settings.curves[name](t)
        return table
