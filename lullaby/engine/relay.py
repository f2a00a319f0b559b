"""Parts played by threads, several stretches ahead: each stretch of a part after the one before."""

from __future__ import annotations

from concurrent.futures import Executor, Future
from weakref import WeakKeyDictionary

from lullaby.engine.strip import Sounded, Strip


class Relay:
    """Hands stretches of strips to an executor, in the order of each strip."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool
        self._last: WeakKeyDictionary[Strip, Future[Sounded]] = WeakKeyDictionary()

    def render(self, strip: Strip, frame: int, frames: int) -> Future[Sounded]:
        """Return what the strip will have sounded like; it is rendered as soon as may be."""
        made: Future[Sounded] = Future()

        def play() -> None:
            try:
                made.set_result(strip.render(frame, frames))
            except BaseException as error:
                made.set_exception(error)

        def begin(_before: Future[Sounded] | None = None) -> None:
            try:
                self._pool.submit(play)
            except RuntimeError:  # the pool has been shut: nobody waits for it any more
                made.cancel()

        before = self._last.get(strip)
        self._last[strip] = made
        if before is None:
            begin()
        else:
            before.add_done_callback(begin)  # at once, if it is done
        return made


def ready(sound: Sounded) -> Future[Sounded]:
    """Return a stretch that has been rendered already."""
    made: Future[Sounded] = Future()
    made.set_result(sound)
    return made
