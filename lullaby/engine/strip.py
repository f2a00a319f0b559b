"""A run at the mixing desk: its player, the guard behind it, its fader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lullaby.engine.ducking import Ducking
from lullaby.engine.hands import Hands, bound
from lullaby.engine.player import Player
from lullaby.model.chance import Floats
from lullaby.model.curve import Constant, Curve, Ramp, between, eased
from lullaby.units import STEP, db_to_gain, micros_to_grid

SILENT_DB = -120.0
LIMIT = 1000.0  # +60 dBFS: no voice means this
SILENT_S = 1.0  # a faulty part is silent for this long, then tries again
FADE_S = 0.005
FAULTS = 3  # within this many seconds mute the part for good
WITHIN_S = 60.0


def sent_gain(level_db: Floats) -> Floats:
    """Return the gains of send levels; what is as good as off is off."""
    return np.where(level_db <= SILENT_DB, 0.0, db_to_gain(level_db))


@dataclass(frozen=True)
class Sounded:
    """A stretch of a run: its sound, and what else became of it."""

    block: Any  # float32, (2, frames)
    sent: Mapping[str, Floats]  # send gains at grid points, by bus
    messages: tuple[str, ...] = ()
    muted: bool = False  # from here on: it failed too often


class Strip:
    """One run being mixed.  All frames here are of the piece."""

    def __init__(
        self,
        player: Player,
        sample_rate: int,
        hands: Hands,
        ducking: Ducking | None = None,
    ) -> None:
        run = player.run
        self.run, self.player, self._sample_rate, self._hands = run, player, sample_rate, hands
        self.first_frame = micros_to_grid(run.start_us, sample_rate) * STEP
        self.last_frame = micros_to_grid(run.end_us, sample_rate) * STEP
        self._level_db = self._bound(run.desk.level_db)
        self._pan = self._bound(run.desk.pan)
        self._fade = self._bound(run.desk.fade)
        self._sends_db = {bus: self._bound(c) for bus, c in run.desk.sends_db.items()}
        self.swap: Curve = Constant(1.0)  # of the run's time: how a reload fades it
        self._ducking = ducking
        self._ducked: tuple[Ducking | None, float, float] | None = None  # before a reload
        self.silent_until = 0
        self.faults: list[int] = []
        self.messages: list[str] = []
        self._last = np.zeros((2, 1), np.float32)  # what the voice gave last
        self._falls: list[tuple[int, Any]] = []  # where faults began, and from what value
        self.given_up = False

    @property
    def muted(self) -> bool:
        """Return whether the part failed so often that it stays silent."""
        recent = self.faults[-FAULTS:]
        if self.given_up:
            return True
        within = WITHIN_S * self._sample_rate
        return len(recent) == FAULTS and recent[-1] - recent[0] <= within

    def give_up(self) -> None:
        """Stay silent: an earlier run of the part failed too often."""
        self.given_up = True

    def render(self, frame: int, frames: int) -> Sounded:
        """Return the part's next frames, level, fade and pan applied, and what came of them."""
        from lullaby.dsp.mixing import ramp, rotate

        out = np.zeros((2, frames), np.float32)
        sent = self.sends(frame, frames)
        # The run may begin or end inside this stretch.
        lead, stop = max(0, self.first_frame - frame), min(frames, self.last_frame - frame)
        if lead >= stop:
            return Sounded(out, sent)
        whole = stop - lead == frames
        block = out if whole else np.zeros((2, stop - lead), np.float32)
        self._sound(block, frame + lead)
        grid = self._grid(frame + lead, stop - lead)
        ramp(block, self._gains(grid))
        pan = self._pan.constant
        if pan is None or pan != 0.0:
            rotate(block, self._pan(grid))
        if not whole:
            out[:, lead:stop] = block
        messages, self.messages = self.messages, []
        return Sounded(out, sent, tuple(messages), self.muted)

    def sends(self, frame: int, frames: int) -> dict[str, Floats]:
        """Return the send gains at the grid points of a stretch, by bus."""
        grid = self._grid(frame, frames)
        return {bus: sent_gain(curve(grid)) for bus, curve in self._sends_db.items()}

    def come_from(self, old: Strip, place_s: float, fade_s: float) -> None:
        """Reach this desk from another one over a time; levels in dB, sends as levels, pan."""

        def blended(before: Curve, after: Curve) -> Curve:
            if before == after:
                return after
            return Ramp(before, after, place_s, place_s + fade_s, "smooth")

        self._level_db = blended(old._level_db, self._level_db)
        self._pan = blended(old._pan, self._pan)
        self._fade = blended(old._fade, self._fade)
        if (old.run.desk.ducks_db, self.run.desk.ducks_db) != ({}, {}):
            self._ducked = (old._ducking, place_s, max(fade_s, FADE_S))
        silent = Constant(SILENT_DB)
        self._sends_db = {
            bus: blended(old._sends_db.get(bus, silent), self._sends_db.get(bus, silent))
            for bus in dict.fromkeys([*old._sends_db, *self._sends_db])
        }

    def go_on(self, old: Strip) -> None:
        """Take over all that another one of the same run has under way, but blends of its desk."""
        self.restore(old.snapshot())
        self.player.go_on(old.player)
        if self._ducking is not None and old._ducking is not None:
            self._ducking.go_on(old._ducking)
        self.swap, self._ducked = old.swap, old._ducked
        self.given_up, self.messages = old.given_up, old.messages

    def snapshot(self) -> dict[str, Any]:
        """Return the running state."""
        return {
            "player": self.player.snapshot(),
            "silent_until": self.silent_until,
            "faults": list(self.faults),
            "last": self._last.copy(),
            "falls": list(self._falls),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot."""
        self.player.restore(state["player"])
        self.silent_until, self.faults = state["silent_until"], list(state["faults"])
        self._last, self._falls = state["last"].copy(), list(state["falls"])

    def _bound(self, curve: Curve) -> Curve:
        first_grid = self.first_frame // STEP
        return bound(curve, self._hands, first_grid, self._sample_rate, held=False)

    def _grid(self, frame: int, frames: int) -> Floats:
        first = (frame - self.first_frame) // STEP
        grid = np.arange(first, first + frames // STEP + 1)
        return np.asarray(grid * (STEP / self._sample_rate), np.float64)

    def _gains(self, grid: Floats) -> Floats:
        level_db = self._level_db(grid)
        if self._ducking is not None or self._ducked is not None:
            level_db = level_db - self._softer_db(grid)
        gains: Floats = db_to_gain(level_db) * self._fade(grid)
        return gains if self.swap.constant == 1.0 else gains * self.swap(grid)

    def _softer_db(self, grid: Floats) -> Floats:
        now_db = _softer_db(self._ducking, grid)
        if self._ducked is None:
            return now_db
        before, place_s, fade_s = self._ducked
        if grid[0] >= place_s + fade_s:
            self._ducked = None
            return now_db
        share = eased(np.clip((grid - place_s) / fade_s, 0.0, 1.0), "smooth")
        return between(_softer_db(before, grid), now_db, share, log=False)

    def _sound(self, block: Any, frame: int) -> None:
        from lullaby.dsp.guard import first_fault

        frames, done = block.shape[1], 0
        while done < frames and not self.muted:
            here = frame + done
            if here < self.silent_until:
                done += min(frames - done, self.silent_until - here)
                continue
            again, self.silent_until = self.silent_until > 0, 0
            part = block if done == 0 else np.zeros((2, frames - done), np.float32)
            why = self._play(part, here, again)
            at = int(first_fault(part, LIMIT)) if not why else 0
            if at < 0:
                if done:
                    block[:, done:] = part
                break
            part[:, at * STEP :] = 0.0
            if done:
                block[:, done:] = part
            done += at * STEP
            self._note(why, frame + done, block[:, done - 1 : done] if done else self._last)
        self._last = block[:, -1:].copy()
        self._sink(block, frame)

    def _note(self, why: str, frame: int, last: Any) -> None:
        self.messages.append(f"part '{self.run.part}' {why or 'is not finite or far too loud'}")
        self.faults.append(frame)
        self._falls.append((frame, last.copy()))
        self.silent_until = frame + -(-round(SILENT_S * self._sample_rate) // STEP) * STEP

    def _sink(self, block: Any, frame: int) -> None:
        # From the last good value down to 0 on a line, across the ends of blocks.
        fade = round(FADE_S * self._sample_rate)
        for begun, last in self._falls:
            gone = np.arange(frame, frame + block.shape[1]) - begun
            gain = np.where(gone < 0, 0.0, np.maximum(0.0, 1.0 - (gone + 1) / fade))
            block += last * gain.astype(np.float32)
        end = frame + block.shape[1]
        self._falls = [fall for fall in self._falls if end - fall[0] < fade]

    def _play(self, block: Any, frame: int, again: bool) -> str:
        # A fault of one part must not end the piece, whatever it is.
        try:
            if again:
                self.player.skip(frame - self.first_frame)
            self.player.render(block, frame - self.first_frame)
        except Exception as error:
            return f"failed: {type(error).__name__}: {error}"
        return ""


def _softer_db(ducking: Ducking | None, grid: Floats) -> Floats:
    return np.zeros(len(grid)) if ducking is None else ducking.softer_db(grid)
