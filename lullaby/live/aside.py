"""Work beside the audio: catching up for a seek, reading a score again."""

from __future__ import annotations

import threading
from collections.abc import Callable

Work = Callable[[], None]


class Aside:
    """One thread that does what it is given; of two things with the same name only the newer."""

    def __init__(self, failed: Callable[[str, Exception], None], threaded: bool = True) -> None:
        self._failed = failed
        self._todo: dict[str, Work] = {}
        self._change = threading.Condition()
        self._closed = False
        self._thread: threading.Thread | None = None
        if threaded:
            self._thread = threading.Thread(target=self._run, name="aside", daemon=True)
            self._thread.start()

    def put(self, name: str, work: Work) -> None:
        """Do something soon, instead of what has the same name and is not begun."""
        with self._change:
            self._todo.pop(name, None)
            self._todo[name] = work
            self._change.notify()

    def do_now(self) -> None:
        """Do all there is, in the calling thread: where no thread was wanted."""
        while self._todo:
            self._do(*self._next())

    def close(self) -> None:
        """Do nothing more; what is begun is not waited for."""
        with self._change:
            self._closed = True
            self._todo.clear()
            self._change.notify()

    def _next(self) -> tuple[str, Work]:
        name = next(iter(self._todo))
        return name, self._todo.pop(name)

    def _do(self, name: str, work: Work) -> None:
        try:
            work()
        except Exception as error:  # must not end the music
            self._failed(name, error)

    def _run(self) -> None:
        while True:
            with self._change:
                while not self._todo and not self._closed:
                    self._change.wait()
                if self._closed:
                    return
                name, work = self._next()
            self._do(name, work)
