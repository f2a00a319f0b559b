"""A small process that outlives the player: if that is killed, it ends the notes that hang.

``python -m lullaby.live.guard PORT`` reads on its standard input what was sent: each message after
its length.  A length of 0 is the good-bye; an end without it means that the player is gone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
from typing import IO

from lullaby.live.ports import Lost, OutPort, open_output
from lullaby.live.wire import Held, panic

BYE = b"\x00"


class Guarded:
    """An output with such a process behind it; it needs a system with POSIX signals."""

    def __init__(self, port: OutPort) -> None:
        self._port, self.name = port, port.name
        code = [sys.executable, "-m", "lullaby.live.guard", port.name]
        self._process = subprocess.Popen(code, stdin=subprocess.PIPE, start_new_session=True)
        assert self._process.stdin is not None
        self._pipe: IO[bytes] | None = self._process.stdin
        # A guard that does not read must never make the music wait.
        flags = fcntl.fcntl(self._pipe, fcntl.F_GETFL)
        fcntl.fcntl(self._pipe, fcntl.F_SETFL, flags | os.O_NONBLOCK)

    def send(self, message: bytes) -> None:
        """Send one message at once; raises Lost."""
        if 0x80 <= message[0] < 0xF0:
            self._tell(bytes((len(message),)) + message)
        self._port.send(message)

    def close(self) -> None:
        """Say good-bye and let the port go."""
        self._tell(BYE)
        if self._pipe is not None:
            with contextlib.suppress(OSError):
                self._pipe.close()
        self._pipe = None
        self._port.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2.0)

    def _tell(self, said: bytes) -> None:
        if self._pipe is None:
            return
        try:
            os.write(self._pipe.fileno(), said)
        except OSError:
            self._pipe = None


def watch(source: IO[bytes], port: OutPort) -> bool:
    """Read to the end; return whether the player went without a good-bye and was cleared up."""
    held = Held()
    while length := source.read(1):
        if length == BYE:
            return False
        message = source.read(length[0])
        if len(message) == length[0]:
            held.see(message)
    for message in [*held.silence(), *panic()]:
        with contextlib.suppress(Lost):
            port.send(message)
    return True


def main(name: str) -> int:
    """Guard one port."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    port = open_output(name)
    watch(sys.stdin.buffer, port)
    port.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
