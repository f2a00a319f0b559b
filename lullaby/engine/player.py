"""One run at work: composes ahead, keeps each event's memory beside it, calls the voice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lullaby.engine.composer import Composer, settled
from lullaby.engine.hands import HELD_S, Hands
from lullaby.model.curve import Curve
from lullaby.model.event import LONGEST_S, Events, record
from lullaby.units import STEP

CELL_S = 4.0  # composed at a time: any length gives the same events
STRETCH = 8192  # frames a call when catching up: long, as nobody waits for the first of them


class Player:
    """The running state of one run; time and frames count from the start of the run.

    ``frame`` is where it begins to play (a multiple of 64, may lie before the run or inside it):
    whatever sounds there has been sounding since its own start.  With ``resumed`` nothing is
    composed yet: a snapshot follows.
    """

    def __init__(
        self,
        compose: Composer,
        sample_rate: int,
        frame: int,
        hands: Hands,
        *,
        live: bool = False,
        resumed: bool = False,
    ) -> None:
        self.run, self._compose, self.sample_rate = compose.run, compose, sample_rate
        self._cell_s = HELD_S if live else CELL_S
        self._settings = settled(self.run, hands, sample_rate, held=False)
        self._voice = self._settings.voice(sample_rate)
        self._memory = record({"key": "u8", "start": "i8", "end": "i8"} | dict(self._voice.memory))
        self._row = record(dict.fromkeys(self._settings.curves, "f8"))
        self._back = -(-int(self._voice.looks_back_s * sample_rate) // STEP)
        # While somebody plays, a hand may yet touch what has never moved.
        self._still = None if live else self._parted()
        self._cell = 0
        self.events, self.state = self._composed(0.0, 0.0)
        if not resumed:
            self._begin(max(frame, 0))

    def render(self, out: Any, frame: int) -> None:
        """Add the run into ``out``, contiguous, (2, frames); no call of a voice spans two cells."""
        done = 0
        while done < out.shape[1]:
            here = frame + done
            edge = int((self._cell + 1) * self._cell_s * self.sample_rate) // STEP * STEP
            if here >= edge:
                self._turn(here)
                continue
            n = min(out.shape[1] - done, edge - here)
            if len(self.events):
                whole = n == out.shape[1]
                # A part of a row is another type to a compiled kernel, so it gets its own array.
                into = out if whole else np.zeros((out.shape[0], n), out.dtype)
                self._voice.render(into, here, self._table(here, n), self.events, self.state)
                if not whole:
                    out[:, done : done + n] += into
            done += n

    def go_on(self, old: Player) -> None:
        """Take over what the player of the same run, laid out anew, has added up over time."""
        self._settings.go_on(old._settings)
        self._compose.go_on(old._compose)

    def snapshot(self) -> dict[str, Any]:
        """Return all of the running state, as copies of named arrays."""
        return {"cell": self._cell, "events": self.events.copy(), "state": self.state.copy()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot of a player of the same run."""
        self._cell = int(state["cell"])
        self.events, self.state = state["events"].copy(), state["state"].copy()

    def skip(self, frame: int) -> None:
        """Go on at a later frame with only what begins from there on."""
        frame = max(frame, 0)
        self._cell = int(frame / self.sample_rate // self._cell_s)
        first_s = self._cell * self._cell_s
        self.events, self.state = self._composed(first_s, first_s + self._cell_s)
        self._keep(self.state["start"] >= frame)

    def _begin(self, frame: int) -> None:
        time_s = frame / self.sample_rate
        self._cell = int(time_s // self._cell_s)
        first_s = max(time_s - LONGEST_S, 0.0)
        self.events, self.state = self._composed(first_s, (self._cell + 1) * self._cell_s)
        self._keep(self.state["end"] > frame)
        self._catch_up(frame)

    def _composed(self, first_s: float, last_s: float) -> tuple[Events, Events]:
        events = self._compose((first_s, last_s))
        state = np.zeros(len(events), self._memory)
        state["key"] = events["key"]
        # The only place where a time becomes a frame.
        state["start"] = np.round(events["at_s"] * self.sample_rate)
        state["end"] = state["start"] + np.round(events["duration_s"] * self.sample_rate)
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
        t = grid * (STEP / self.sample_rate)
        still, moving = self._still or self._parted()
        table: Events = still.repeat(len(grid))
        for name, curve in moving:
            table[name] = curve(t)
        return table

    def _parted(self) -> tuple[Any, list[tuple[str, Curve]]]:
        """Return a row of what never moves, and what does."""
        found = [(name, curve, curve.constant) for name, curve in self._settings.curves.items()]
        row = np.array([tuple(value or 0.0 for _, _, value in found)], self._row)
        return row, [(name, curve) for name, curve, value in found if value is None]
