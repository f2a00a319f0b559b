"""A small process that outlives the player: if that is killed, it ends the notes that hang.

It opens the player's ports by their whole names, says so with a line on its standard output, and
reads on its standard input what is sent: the number of the port, the length of the message, and the
message.  A length of 0 is the good-bye; an end without it means that the player is gone.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from lullaby.live.held import AGAIN, APART_S, Held, panic
from lullaby.live.ports import Lost, OutPort, open_output

BYE = bytes((0, 0))
READY = b"ready\n"
WITHIN_S = 5.0  # a start takes a third of a second, on a machine with nothing to do

# A JACK server hears nobody for half a second after a program died in its middle; by then the
# player may have been started again, so only the notes are ended.
LATER_S = (0.4, 0.5, 1.0, 2.0)
# One that waits for its programs (-S) stands still for thirty, and then takes what was said.
LINGERS_S = 30.0

# Its paths are those of the player: neither the folder it is started in nor site hooks can put
# another program in its place, and it starts in half the time.
START = (
    "import os, sys; sys.path[:] = sys.argv.pop(1).split(os.pathsep); "
    "from lullaby.live.guard import main; sys.exit(main(sys.argv[1:]))"
)


class Guard:
    """That process, as the player sees it; it needs a system with POSIX signals."""

    def __init__(self, names: Sequence[str]) -> None:
        root = str(Path(__file__).parents[2])
        paths = os.pathsep.join([root, *(path for path in sys.path if path)])
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", START, paths, *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # whoever reads the player's is not kept waiting for it
            start_new_session=True,  # a signal to the player's group is none to its guard
        )
        assert self._process.stdin is not None
        self._pipe: IO[bytes] | None = self._process.stdin
        # A guard that does not read must never make the music wait.
        os.set_blocking(self._pipe.fileno(), False)

    def ready(self, within_s: float = WITHIN_S) -> bool:
        """Wait until it has its ports; return whether it has."""
        said = self._process.stdout
        assert said is not None
        there, _, _ = select.select([said], [], [], within_s)
        return bool(there) and said.readline() == READY

    def see(self, port: int, message: bytes) -> None:
        """Tell it of a message that is about to be sent."""
        self._tell(bytes((port, len(message))) + message)

    def close(self) -> None:
        """Say good-bye; a second time does nothing."""
        self._tell(BYE)
        if self._pipe is None:
            return
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._pipe = None
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()  # it never got its ports
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _tell(self, said: bytes) -> None:
        if self._pipe is None:
            return
        with contextlib.suppress(OSError):
            os.write(self._pipe.fileno(), said)


class Guarded:
    """One of the ports with a guard behind them; the last that is closed sends the guard away."""

    def __init__(self, port: OutPort, guard: Guard, number: int, open_: set[int]) -> None:
        self._port, self._guard, self._number, self._open = port, guard, number, open_
        self.name = port.name
        open_.add(number)

    @property
    def returned(self) -> Callable[[], None] | None:
        """What is called when the port is back, where it is one that is opened again."""
        return getattr(self._port, "returned", None)

    @returned.setter
    def returned(self, called: Callable[[], None] | None) -> None:
        if hasattr(self._port, "returned"):
            self._port.returned = called

    def send(self, message: bytes) -> None:
        """Send one message at once; raises Lost."""
        if 0x80 <= message[0] < 0xF0:
            self._guard.see(self._number, message)
        self._port.send(message)

    def close(self) -> None:
        """Let the port go; a second time does nothing."""
        self._port.close()
        if self._number in self._open:
            self._open.discard(self._number)
            if not self._open:
                self._guard.close()


def guarded(ports: Sequence[OutPort], within_s: float = WITHIN_S) -> tuple[list[OutPort], bool]:
    """Return ports whose notes end even if this process is killed, and whether that is so.

    It waits until the guard has the ports, so that no note comes before it; a guard that has none
    in time, or a system that cannot have one, leaves the ports as they are.
    """
    if os.name != "posix":
        return list(ports), False
    guard = Guard([port.name for port in ports])
    if not guard.ready(within_s):
        guard.close()
        return list(ports), False
    open_: set[int] = set()
    return [Guarded(port, guard, i, open_) for i, port in enumerate(ports)], True


def watch(source: IO[bytes], ports: Sequence[OutPort]) -> bool:
    """Read to the end; return whether the player went without a good-bye and was cleared up."""
    helds = [Held() for _ in ports]
    while len(head := source.read(2)) == 2:
        if head == BYE:
            return False
        message = source.read(head[1])
        if len(message) == head[1]:
            helds[head[0]].see(message)
    for pause_s in (0.0, *AGAIN * (APART_S,)):
        time.sleep(pause_s)
        for port, held in zip(ports, helds, strict=True):
            _say(port, [*held.silence(), *panic()])
    for pause_s in LATER_S:
        time.sleep(pause_s)
        for port, held in zip(ports, helds, strict=True):
            _say(port, held.ends())
    return True


def _say(port: OutPort, messages: Sequence[bytes]) -> None:
    for message in messages:
        with contextlib.suppress(Lost):
            port.send(message)


def main(names: Sequence[str]) -> int:
    """Guard the ports of these names."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    ports = [open_output(port) for port in names]
    os.write(sys.stdout.fileno(), READY)
    if watch(sys.stdin.buffer, ports):
        time.sleep(LINGERS_S)
    for port in ports:
        port.close()
    return 0
