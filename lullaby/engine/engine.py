"""The engine: a performance as blocks of sound, of any size, from any moment on.

Inside, time goes in stretches of whole steps of 64 frames; a FIFO at the door serves any block.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from lullaby.engine.hands import HELD_S, Hands
from lullaby.engine.master import MasterChain
from lullaby.engine.mixer import Mixer
from lullaby.model.performance import Performance
from lullaby.model.take import Take, Touch
from lullaby.units import MICRO, STEP, db_to_gain

Block = NDArray[np.float32]

QUIET_DB = -90.0  # what is below this after the last scene is over
QUIET_S = 0.5  # and must stay there for this long
TAIL_S = 90.0  # the longest tail, whatever still rings
OFFLINE_STRETCH = 65536  # the longer, the less Python there is in a second of sound
LIVE_STRETCH = 1024
CATCH_UP = 8192


class Engine:
    """Blocks of a performance.

    Parameters: ``sample_rate`` in Hz; ``start_s`` any moment of the piece; ``jobs`` threads over
    parts; ``take`` what hands did in an earlier session; ``live`` composes in cells of 0.25 s, so
    that hands are heard; ``stretch`` frames rendered at a time; ``stems`` keeps what sums to the
    mix.  None of ``jobs``, ``stretch`` and the sizes asked for changes a sample.
    """

    def __init__(
        self,
        performance: Performance,
        sample_rate: int = 48000,
        *,
        start_s: float = 0.0,
        jobs: int = 1,
        take: Take | None = None,
        live: bool = False,
        stretch: int | None = None,
        stems: bool = False,
    ) -> None:
        self.performance, self.sample_rate, self.stems = performance, sample_rate, stems
        self._stretch = stretch or (LIVE_STRETCH if live else OFFLINE_STRETCH)
        if self._stretch % STEP or not STEP <= self._stretch <= 65536:
            raise ValueError(f"stretch {self._stretch} is not a multiple of {STEP} up to 32768")
        self.hands = Hands(take or Take(sample_rate), live=live)
        self._pool = ThreadPoolExecutor(jobs) if jobs > 1 else None
        self.position = max(0, round(start_s * sample_rate))  # the next frame of the door
        first = self.position - round(preroll_s(performance) * sample_rate)
        first = max(0, first // STEP * STEP)
        self.mixer = Mixer(performance, sample_rate, first, self.hands, live=live, pool=self._pool)
        self.master = MasterChain(performance, sample_rate, self.hands)
        self._skip = self.position - first  # frames of pre-roll still to throw away
        self._late = self.master.latency  # and of the limiter's look-ahead
        self._queues: dict[str, deque[Block]] = {}
        self._held = 0
        self._made = self.position  # frames queued so far, as a place in the piece
        self._last_loud = 0
        self._end: int | None = None
        self._lay_out(performance)

    def __enter__(self) -> Self:
        """Return the engine."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the threads go."""
        self.close()

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def ended(self) -> bool:
        """Return whether the piece and its tail are over."""
        return self._end is not None and self.position >= self._end

    @property
    def messages(self) -> list[str]:
        """Return what went wrong in parts so far."""
        return self.mixer.messages

    @property
    def muted(self) -> set[str]:
        """Return the parts that failed so often that they were muted."""
        return self.mixer.muted

    def read(self, frames: int) -> Block:
        """Return the next ``frames`` frames, shape (2, frames); fewer only where the piece ends."""
        return self.read_all(frames)["master"]

    def read_all(self, frames: int) -> dict[str, Block]:
        """Return the next frames of the master and, if asked for, of every stem."""
        while self._held < frames and self._end is None:
            self._more()
        if self._end is not None:
            frames = max(0, min(frames, self._end - self.position, self._held))
        taken = {name: self._take(queue, frames) for name, queue in self._queues.items()}
        self._held -= frames
        self.position += frames
        taken.setdefault("master", np.zeros((2, 0), np.float32))
        return taken

    def ready(self) -> None:
        """Render until the next frame is at hand: pre-roll and whatever else takes time."""
        own = self._stretch
        while self._held < 1 and self._end is None:
            # Long stretches as far as nothing of them is wanted.
            self._stretch = CATCH_UP if self._skip >= CATCH_UP else own
            self._more()
        self._stretch = own

    def blocks(self, frames: int) -> Iterator[Block]:
        """Yield blocks of ``frames`` frames until the piece is over; the last may be shorter."""
        while not self.ended:
            block = self.read(frames)
            if block.shape[1]:
                yield block

    def touch(self, name: str, value: float | None) -> Touch:
        """Take over an arc or ``part.parameter`` from the next grid point on; None lets it go.

        Raises ValueError if the engine is not live.
        """
        # The last grid point of what is rendered has been read by the voices already.
        touch = Touch(self.mixer.frame // STEP + 1, name, value)
        self.hands.add(touch)
        return touch

    @property
    def take(self) -> Take:
        """Return what hands did so far."""
        return self.hands.take

    def mute(self, part: str, muted: bool, *, at_once: bool = False) -> None:
        """Fade a part and its sends out or in, within 30 ms; what was sent rings on."""
        self.mixer.faders.move(part, 0.0 if muted else 1.0, at_once)

    def prepare(self, performance: Performance, *, place_s: float | None = None) -> Mixer:
        """Return another performance made ready for ``swap``, beside a thread that renders."""
        return self.mixer.prepared(performance, self._moved(place_s))

    def swap(
        self,
        performance: Performance,
        *,
        crossfade_s: float = 1.0,
        place_s: float | None = None,
        prepared: Mixer | None = None,
    ) -> None:
        """Play another performance from the next stretch on.

        What sounds the same goes on sample for sample, the rest crossfades.  ``place_s`` is where
        in the new performance to go on, where it is not the same place as in the old;
        ``prepared`` is what ``prepare`` returned for it a moment ago.
        """
        from_frame, moved = self.mixer.frame, self._moved(place_s)
        if moved:
            # The last grid point of what is rendered has been read already.
            self.hands.move(from_frame // STEP + 1, (from_frame + moved) // STEP)
            self.position += moved
            self._made += moved
        self.mixer.swap(performance, crossfade_s, from_frame + moved, prepared)
        places_s = from_frame / self.sample_rate, self.mixer.frame / self.sample_rate
        self.master.swap(performance, *places_s, crossfade_s)
        self.performance = performance
        self._lay_out(performance)

    def extend(self, performance: Performance) -> None:
        """Go on in the same piece laid out further, from the next stretch on: no sample changes."""
        self.mixer.extend(performance)
        self.master.swap(performance)
        self.performance = performance
        self._lay_out(performance)

    def amended(self, performance: Performance) -> Mixer:
        """Return what ``amend`` wants, made beside a thread that renders."""
        return self.mixer.amended(performance)

    def amend(self, performance: Performance, amended: Mixer, from_us: int) -> bool:
        """Play a performance that is this one up to a place not composed yet; return whether it is.

        Not a sample differs from playing it from the start on.
        """
        composed = self.mixer.frame + STEP + round(HELD_S * self.sample_rate)
        if from_us * self.sample_rate < composed * MICRO:
            return False
        self.mixer.extend(performance, amended)
        self.master.swap(performance)
        self.performance = performance
        self._lay_out(performance)
        return True

    def _moved(self, place_s: float | None) -> int:
        if place_s is None:
            return 0
        ahead = self.mixer.frame - self.position
        return (round(place_s * self.sample_rate) + ahead) // STEP * STEP - self.mixer.frame

    def snapshot(self) -> dict[str, Any]:
        """Return copies of all running state, as named arrays and numbers."""
        return {
            "mixer": self.mixer.snapshot(),
            "master": self.master.snapshot(),
            "queues": {n: [b.copy() for b in q] for n, q in self._queues.items()},
            "numbers": (
                self.position,
                self._skip,
                self._late,
                self._held,
                self._made,
                self._last_loud,
                self._end,
            ),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot of an engine of the same performance and sample rate."""
        self.mixer.restore(state["mixer"])
        self.master.restore(state["master"])
        self._queues = {n: deque(b.copy() for b in q) for n, q in state["queues"].items()}
        (
            self.position,
            self._skip,
            self._late,
            self._held,
            self._made,
            self._last_loud,
            self._end,
        ) = state["numbers"]

    def _more(self) -> None:
        frame = self.mixer.frame
        mixed = self.mixer.render(self._stretch, self.stems)
        frames = mixed.mix.shape[1]
        stems = {f"stem {name}": block for name, block in mixed.stems.items()}
        if self.stems:
            stems["pre-master"] = mixed.mix.copy()
        out = self.master.process(mixed.mix, frame)
        self._queue(stems, self._skip)
        skip = self._skip + self._late
        self._queue({"master": out}, skip)
        gone = min(skip, frames)
        self._late = max(0, skip - frames) - max(0, self._skip - frames)
        self._skip = max(0, self._skip - frames)
        self._held += frames - gone
        self._mark_end(out[:, gone:])

    def _queue(self, blocks: Mapping[str, Block], skip: int) -> None:
        for name, block in blocks.items():
            queue = self._queues.setdefault(name, deque())
            if skip < block.shape[1]:
                queue.append(block[:, skip:])

    def _mark_end(self, out: Block) -> None:
        # The piece ends with the first QUIET_S of quiet after everything written is over.
        first, self._made = self._made, self._made + out.shape[1]
        longest = self.performance.tail_s
        if longest is not None:
            self._end = self._score_end + round(longest * self.sample_rate)
        if self._made <= self._over or self._end is not None:
            return
        loud = np.flatnonzero(np.abs(out).max(axis=0, initial=0.0) >= db_to_gain(QUIET_DB))
        loud = first + loud[first + loud >= self._over] + 1
        since = np.concatenate(([max(self._last_loud, self._over)], loud))
        gaps = np.flatnonzero(np.diff(since, append=self._made) >= self._quiet)
        self._last_loud = int(since[-1])
        cap = self._over + round(TAIL_S * self.sample_rate)
        if len(gaps):
            self._end = min(cap, int(since[gaps[0]]) + self._quiet)
        elif self._made >= cap:
            self._end = cap

    def _lay_out(self, performance: Performance) -> None:
        ends_us = [performance.length_us, *(run.end_us for run in performance.runs)]
        self._score_end = round(performance.length_us * self.sample_rate / MICRO)
        self._over = round(max(ends_us) * self.sample_rate / MICRO)
        quiet_s = max([QUIET_S, *(e.gap_s() for b in performance.buses for e in b.effects)])
        self._quiet = round(quiet_s * self.sample_rate)
        self._end = None

    def _take(self, queue: deque[Block], frames: int) -> Block:
        parts: list[Block] = []
        left = frames
        while left > 0:
            block = queue.popleft()
            if block.shape[1] > left:
                queue.appendleft(block[:, left:])
                block = block[:, :left]
            parts.append(block)
            left -= block.shape[1]
        if not parts:
            return np.zeros((2, 0), np.float32)
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def preroll_s(performance: Performance) -> float:
    """Return how long before a moment the engine must run to sound as if always run."""
    if not performance.buses:
        return MasterChain.HEARS_S
    longest: dict[str, float] = {}
    for bus in reversed(performance.buses):  # those that are fed come later in the order
        after = [longest.get(goal, 0.0) for goal in (bus.into, *bus.sends_db)]
        longest[bus.name] = sum(e.hears_from_s() for e in bus.effects) + max(after)
    return max(longest.values()) + MasterChain.HEARS_S
