"""What is playing: an engine behind a door that fades it, and how one engine follows another.

Only the thread that makes sound touches a deck.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.engine.engine import Engine
from lullaby.engine.mixer import Mixer
from lullaby.live.fader import Fader, smooth
from lullaby.model.performance import Performance
from lullaby.model.take import Take, Touch
from lullaby.units import db_to_gain

CROSS_S = 0.2  # from one place of the piece to another
PAUSE_S = 0.15
EVER = 1 << 40  # grid points before any place: held since ever


class Deck:
    """An engine, whether it runs, who is held, who is muted.

    ``tap`` sees every part's stretch as it is summed; ``volume_db`` at most 0.
    """

    def __init__(
        self, engine: Engine, volume_db: float = 0.0, tap: Callable[[str, Any], None] | None = None
    ) -> None:
        self.engine, self._tap = engine, tap
        self.sample_rate = engine.sample_rate
        self.from_s = self.position_s  # what is played without a break began here
        self.door = Fader(self.sample_rate)
        self.running, self.leaving = True, False  # leaving: silent, then over
        self.held: dict[str, float] = {}
        self.silenced: set[str] = set()
        self.volume_db = min(0.0, volume_db)
        self._crossing: _Crossing | None = None
        self._next: tuple[Engine, float] | None = None
        engine.mixer.tap = tap

    @property
    def position_s(self) -> float:
        """Return the place in the piece that is made next."""
        return self.engine.position / self.sample_rate

    @property
    def silent(self) -> bool:
        """Return whether the door is shut, and shall be."""
        return not self.door.moving and self.door.place == 0.0

    @property
    def still(self) -> bool:
        """Return whether time stands still."""
        return self.silent and (not self.running or self.leaving)

    @property
    def over(self) -> bool:
        """Return whether nothing more is to come."""
        return (self.leaving and self.silent) or (self.engine.ended and self._crossing is None)

    def play(self, over_s: float = PAUSE_S) -> None:
        """Go on, fading in."""
        if not self.leaving:
            self.running = True
            self.door.to(1.0, over_s)

    def pause(self, over_s: float = PAUSE_S) -> None:
        """Fade out and stand still."""
        if not self.leaving:
            self.running = False
            self.door.to(0.0, over_s)

    def leave(self, over_s: float) -> None:
        """Fade out for good; a fade that is on its way already only gets shorter."""
        if not (self.leaving and self.door.remaining_s <= over_s):
            self.leaving = True
            self.door.to(0.0, over_s)

    def read(self, frames: int) -> NDArray[np.float32]:
        """Return the next block, shape (2, frames); silence where nothing plays."""
        if self.still:
            if self._crossing is not None:
                self._crossed()
            return np.zeros((2, frames), np.float32)
        block = _padded(self.engine, frames)
        if self._crossing is not None:
            self._crossing.apply(block)
            if self._crossing.over:
                self._crossed()
        self.door.apply(block)
        if self.volume_db < 0.0:
            block *= np.float32(db_to_gain(self.volume_db))
        return guarded(block, float(db_to_gain(self.engine.performance.ceiling_dbtp)))

    def switch(self, engine: Engine, cross_s: float = CROSS_S) -> None:
        """Go over to another engine of the same sample rate; hands and mutes go along.

        Where one fades over already, it is next; of several, the last.
        """
        if self._crossing is not None and not self.still:
            if self._next is not None:
                self._next[0].close()
            self._next = (engine, cross_s)
            return
        self._prepare(engine)
        old, self.engine = self.engine, engine
        self.from_s = self.position_s
        old.mixer.tap, engine.mixer.tap = None, self._tap
        if self._crossing is not None:
            self._crossing.close()
        self._crossing = None if self.still else _Crossing(old, round(cross_s * self.sample_rate))
        if self._crossing is None:
            old.close()

    def _prepare(self, engine: Engine) -> None:
        known = engine.hands.held(EVER)
        for name in {*known, *self.held}:
            if known.get(name) != self.held.get(name):
                engine.touch(name, self.held.get(name))
        for part in self.silenced:
            engine.mute(part, True, at_once=True)

    def swap(
        self,
        performance: Performance,
        cross_s: float,
        place_s: float | None = None,
        prepared: tuple[Engine, Mixer] | None = None,
    ) -> None:
        """Play a changed performance from here on, or from another place of it.

        ``prepared``: what an engine has made ready for it, if it is still this one.
        """
        ready = prepared[1] if prepared is not None and prepared[0] is self.engine else None
        self.engine.swap(performance, crossfade_s=cross_s, place_s=place_s, prepared=ready)
        if place_s is not None:
            self.from_s = self.position_s

    def extend(self, performance: Performance) -> None:
        """Go on in the same piece laid out further: no sample changes."""
        self.engine.extend(performance)

    def drop_next(self) -> float | None:
        """Let an engine go that waits for a fade to end; return where it would have begun."""
        if self._next is None:
            return None
        engine, self._next = self._next[0], None
        engine.close()
        return engine.position / self.sample_rate

    def touch(self, name: str, value: float | None) -> Touch:
        """Hold a name at a value, or let it go."""
        if value is None:
            self.held.pop(name, None)
        else:
            self.held[name] = value
        return self.engine.touch(name, value)

    def release_all(self) -> None:
        """Let everything go."""
        for name in list(self.held):
            self.touch(name, None)

    def held_take(self) -> Take:
        """Return a take in which what is held now has been held ever since."""
        take = Take(self.sample_rate)
        for name, value in self.held.items():
            take.add(Touch(-EVER, name, value))
        return take

    def silence(self, parts: set[str]) -> None:
        """Let exactly these parts be silent."""
        for part in parts ^ self.silenced:
            self.engine.mute(part, part in parts)
        self.silenced = set(parts)

    def close(self) -> None:
        """Let all threads go."""
        self.engine.close()
        if self._crossing is not None:
            self._crossing.close()

    def _crossed(self) -> None:
        if self._crossing is not None:
            self._crossing.close()
        self._crossing = None
        if self._next is not None:
            later, self._next = self._next, None
            self.switch(*later)


class _Crossing:
    """An engine that is faded out under the next one.

    Shares sum to 1: two signals under a ceiling stay under it.
    """

    def __init__(self, old: Engine, frames: int) -> None:
        self._old, self._frames, self._done = old, max(1, frames), 0

    @property
    def over(self) -> bool:
        return self._done >= self._frames

    def apply(self, block: NDArray[np.float32]) -> None:
        frames = block.shape[1]
        place = np.arange(self._done + 1, self._done + frames + 1) / self._frames
        share = smooth(np.minimum(place, 1.0)).astype(np.float32)
        block *= share
        block += _padded(self._old, frames) * (np.float32(1.0) - share)
        self._done += frames

    def close(self) -> None:
        self._old.close()


def _padded(engine: Engine, frames: int) -> NDArray[np.float32]:
    block = engine.read(frames)
    if block.shape[1] == frames:
        return np.array(block)  # the engine's own memory stays as it is
    out = np.zeros((2, frames), np.float32)
    out[:, : block.shape[1]] = block
    return out


def guarded(block: NDArray[np.float32], ceiling: float) -> NDArray[np.float32]:
    """Return a block with nothing in it that speakers should not get; else bit for bit.

    What is no number becomes 0, what is above the ceiling (linear) the ceiling.
    """
    high = float(np.abs(block).max(initial=0.0))
    if high <= ceiling:  # false for NaN, too
        return block
    clean = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    limited: NDArray[np.float32] = np.clip(clean, -ceiling, ceiling).astype(np.float32)
    return limited
