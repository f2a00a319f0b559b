"""Streams that take the place of a file: standard input, a growing file, datagrams on loopback.

Only a call names a stream, never a score.  A feed gives whole lines and never waits.
"""

from __future__ import annotations

import json
import os
import socket
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from lullaby.errors import DeviceError, UsageError

LONGEST = 64 << 10  # bytes of a line
MOST_WAITING = 100_000  # lines kept until somebody asks; the oldest go first
AT_ONCE = 1 << 20  # bytes read of a file at a time
LOOPBACK = "127.0.0.1"
DEEPEST, MOST_COLUMNS = 8, 1000  # of OSC: bundles in bundles, messages of a packet


class Feed(Protocol):
    """Lines of text as they come."""

    def lines(self) -> list[bytes]:
        """Return the whole lines since the last call, without waiting for any."""

    def close(self) -> None:
        """Let go of whatever is open."""


def opened(text: str) -> tuple[str, Feed]:
    """Return source and feed of ``NAME=stdin``, ``NAME=tail:FILE``, ``udp:PORT`` or ``osc:PORT``.

    Raises UsageError for anything else, or where it cannot be opened.
    """
    name, equals, what = text.partition("=")
    kind, _, rest = what.partition(":")
    if equals and name and what == "stdin":
        return name, Reader(sys.stdin.buffer)
    if equals and name and kind == "tail" and rest:
        return name, Tail(Path(rest))
    if equals and name and kind == "osc" and rest.isdecimal() and 0 < int(rest) < 65536:
        return name, Messages(int(rest))
    if equals and name and kind == "udp" and rest.isdecimal() and 0 < int(rest) < 65536:
        return name, Datagrams(int(rest))
    raise UsageError(
        f"--feed {text!r}: wanted is SOURCE=stdin, SOURCE=tail:FILE, SOURCE=udp:PORT or osc:PORT"
    )


class Reader:
    """A stream that is read by a thread of its own, since asking it may wait."""

    def __init__(self, stream: BinaryIO) -> None:
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: BinaryIO) -> None:
        while line := stream.readline(LONGEST):
            self._waiting.append(line.rstrip(b"\r\n"))

    def lines(self) -> list[bytes]:
        """Return what has come since."""
        return [self._waiting.popleft() for _ in range(len(self._waiting))]

    def close(self) -> None:
        """Leave the stream to its thread, which ends with it."""


class Tail:
    """What is added to a file from now on; its first line comes first, as the header."""

    def __init__(self, path: Path) -> None:
        self._path, self._rest = path, b""
        self._file = self._opened()
        self._first: list[bytes] = [self._file.readline(LONGEST).rstrip(b"\r\n")]
        self._file.seek(0, os.SEEK_END)

    def _opened(self) -> BinaryIO:
        try:
            if not stat.S_ISREG(self._path.stat().st_mode):
                raise UsageError(f"{self._path}: only a regular file can be followed")
            return self._path.open("rb")
        except OSError as error:
            raise UsageError(f"{self._path}: {error.strerror or 'cannot be read'}") from None

    def lines(self) -> list[bytes]:
        """Return the lines added since; of a file begun anew, all."""
        self._look_again()
        self._rest += self._file.read(AT_ONCE)
        *whole, self._rest = self._rest.split(b"\n")
        if len(self._rest) > LONGEST:
            self._rest = b""
        first, self._first = [line for line in self._first if line], []
        return [*first, *(line.rstrip(b"\r") for line in whole)]

    def _look_again(self) -> None:
        # A log that is cut off or put aside begins anew.
        try:
            now, held = self._path.stat(), os.fstat(self._file.fileno())
        except OSError:
            return
        if now.st_ino != held.st_ino or now.st_size < self._file.tell():
            self._file.close()
            self._file, self._rest = self._opened(), b""

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Datagrams:
    """Lines in UDP datagrams, from this machine alone."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((LOOPBACK, port))
        except OSError as error:
            self._socket.close()
            raise UsageError(f"udp:{port}: {error.strerror or 'cannot be opened'}") from None
        self._socket.setblocking(False)

    def lines(self) -> list[bytes]:
        """Return the lines of all datagrams since."""
        found: list[bytes] = []
        while len(found) < MOST_WAITING:
            try:
                found += self._socket.recv(LONGEST).splitlines()
            except OSError:  # none is waiting
                break
        return found

    def close(self) -> None:
        """Close the port."""
        self._socket.close()


class Messages(Datagrams):
    """OSC messages from this machine alone: ``/web/ms 12`` is a row with ``ms``, a bundle one row.

    Wants python-osc.  What it cannot read, and what is no number, is left out.
    """

    def __init__(self, port: int) -> None:
        try:
            from pythonosc.osc_packet import OscPacket
        except ImportError:
            raise DeviceError("OSC wants python-osc: pip install 'lullaby[osc]'") from None
        self._parse: Callable[[bytes], Any] = OscPacket
        super().__init__(port)

    def lines(self) -> list[bytes]:
        """Return a line of JSON for each packet since."""
        found: list[bytes] = []
        while len(found) < MOST_WAITING:
            try:
                packet = self._socket.recv(LONGEST)
            except OSError:  # none is waiting
                break
            row = self._row(packet)
            if row:
                found.append(json.dumps(row).encode())
        return found

    def _row(self, packet: bytes) -> dict[str, float]:
        if packet.count(b"#bundle\0") > DEEPEST:
            return {}
        try:
            messages = [timed.message for timed in self._parse(packet).messages[:MOST_COLUMNS]]
            said = [(str(m.address).rpartition("/")[2], m.params) for m in messages]
        except Exception:  # the parser raises a dozen kinds, UnicodeDecodeError among them
            return {}
        return {
            name: float(values[0])
            for name, values in said
            if name and len(values) == 1 and type(values[0]) in (int, float) and isfinite(values[0])
        }
