"""A port that is opened again when it was lost: with a back-off, in a thread of its own."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from lullaby.live.ports import Backend, Lost, OutPort

LOOK_S = 1.0  # how often the list of ports is looked at
LONGEST_S = 10.0  # between two tries


class Kept:
    """An output by its whole name.

    ``returned`` is called (in the thread that looks) each time the port is back, so that the owner
    can say again what the receiver missed; ``losses`` counts how often it went.
    """

    def __init__(self, library: Backend, name: str, look_s: float = LOOK_S) -> None:
        self.name, self.losses = name, 0
        self.returned: Callable[[], None] | None = None
        self._library, self._look_s = library, look_s
        self._port: OutPort | None = library.open_output(name)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name=f"port {name}", daemon=True)
        self._thread.start()

    @property
    def lost(self) -> bool:
        """Return whether the port is gone just now."""
        return self._port is None

    def send(self, message: bytes) -> None:
        """Send one message at once; raises Lost while the port is gone."""
        port = self._port
        if port is None:
            raise Lost(f"{self.name}: is gone")
        try:
            port.send(message)
        except Lost:
            self._gone()
            raise

    def close(self) -> None:
        """Let the port go and look no more."""
        self._over.set()
        port, self._port = self._port, None
        if port is not None:
            port.close()

    def _gone(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            self.losses += 1
            port.close()

    def _look(self) -> None:
        pause_s = self._look_s
        while not self._over.wait(pause_s):
            try:
                there = self.name in self._library.outputs()
            except Exception:
                there = False
            if self._port is not None:
                pause_s = self._look_s
                if not there:
                    self._gone()
            elif not (there and self._again()):
                pause_s = min(2.0 * pause_s, LONGEST_S)

    def _again(self) -> bool:
        try:
            port = self._library.open_output(self.name)
        except Exception:
            return False
        if self._over.is_set():
            port.close()
            return False
        self._port = port
        if self.returned is not None:
            with contextlib.suppress(Lost):
                self.returned()
        return True
