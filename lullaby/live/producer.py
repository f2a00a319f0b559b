"""Makes sound ahead of time: renders blocks into the ring, and obeys between two of them."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from lullaby.live.deck import Deck
from lullaby.live.meters import MasterMeter, PartMeters
from lullaby.live.ring import Ring
from lullaby.live.transport import Transport
from lullaby.model.performance import Performance

REST_S = 0.5  # of silence after the end, so that no device throws the last sound away
NICE = -11
WAIT_S = 0.005  # between two looks at a full ring
LOAD_S = 2.0  # over which load is averaged
LEVELS_S = 0.1  # that a part's meter shows


@dataclass(frozen=True)
class Moment:
    """How things stood when a block was made; it counts once the block is heard."""

    frame: int  # of the ring, where the block ends
    position_s: float
    performance: Performance
    state: str
    parts: tuple[Any, ...]  # of the last blocks: {part: (peak, mean square)}
    momentary_lufs: float
    short_term_lufs: float
    true_peak_dbtp: float
    reduction_db: float


class Producer:
    """Fills the ring from the deck.

    Without ``run`` in a thread, ``step`` can be called by hand.  ``record`` gets every block of
    ``block`` frames.
    """

    def __init__(
        self,
        deck: Deck,
        ring: Ring,
        transport: Transport,
        parts: PartMeters,
        record: Callable[[Any, Moment], None] | None = None,
        block: int = 1024,
    ) -> None:
        self.deck, self.ring, self.transport = deck, ring, transport
        self._parts, self._record = parts, record
        self._orders: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._meter = MasterMeter(ring.sample_rate)
        self._levels: deque[Any] = deque(maxlen=max(1, round(LEVELS_S * ring.sample_rate / block)))
        self.moments: deque[Moment] = deque(maxlen=2 + -(-ring.frames // 256))
        self.block = min(block, ring.frames // 2)
        self.load = 0.0
        self._steps = 0
        self._rest = round(REST_S * ring.sample_rate)
        self._closed = threading.Event()
        self.failed: Exception | None = None

    @property
    def highest(self) -> float:
        """Return the highest true peak of the session, linear."""
        return self._meter.highest

    @property
    def done(self) -> bool:
        """Return whether all is made, and the ring closed."""
        return self._rest <= 0

    def post(self, order: Callable[[], None]) -> None:
        """Run something between two blocks."""
        self._orders.put(order)

    def obey(self) -> None:
        """Run all that was posted."""
        while True:
            try:
                order = self._orders.get_nowait()
            except Empty:
                return
            order()

    def step(self) -> bool:
        """Make one block if there is room for it; return whether there was."""
        self.obey()
        if self.done or self.ring.room < self.block:
            return False
        begun = time.thread_time()
        was_over = self.deck.over
        block = self.deck.read(self.block)
        self.transport.tick(self.block)
        self._meter.add(block)
        moment = self._moment()
        self.ring.write(block)
        self.moments.append(moment)
        if self._record is not None:
            self._record(block, moment)
        if was_over:
            self._rest -= self.block
            if self.done:
                self.ring.close()
        spent = (time.thread_time() - begun) * self.ring.sample_rate / self.block
        self._steps += 1
        share = self.block / self.ring.sample_rate / LOAD_S
        self.load += (spent - self.load) * max(share, 1.0 / self._steps)
        return True

    def run(self) -> None:
        """Keep the ring full until all is made; what fails ends the sound, and is kept."""
        _go_first()
        self.load, self._steps = 0.0, 0  # filling the ring at first says nothing about the piece
        try:
            while not self.done and not self._closed.is_set():
                if not self.step():
                    self._closed.wait(WAIT_S)
        except Exception as error:
            self.failed = error
        finally:
            self.ring.close()

    def close(self) -> None:
        """Make nothing more."""
        self._closed.set()

    def _moment(self) -> Moment:
        deck, meter = self.deck, self._meter
        self._levels.append({} if deck.still else self._parts.take())
        return Moment(
            self.ring.written + self.block,
            deck.position_s,
            deck.engine.performance,
            _state(deck),
            tuple(self._levels),
            meter.momentary_lufs,
            meter.short_term_lufs,
            meter.true_peak_dbtp,
            deck.engine.master.reduction_db if not deck.still else 0.0,
        )


def _go_first() -> None:
    # Where the system lets this thread go before others, as it does for services with LimitNICE.
    with contextlib.suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


def _state(deck: Deck) -> str:
    if deck.over:
        return "ended"
    if deck.leaving:
        return "fading"
    return "playing" if deck.running else "paused"
