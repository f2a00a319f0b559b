"""OSC that comes in by UDP: on this machine only unless asked, and trusted in nothing.

UDP cannot say who sent a packet.  So packets are small, few, parsed by python-osc with every one
of its exceptions caught, and never answered; what is wrong is dropped and counted.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from lullaby.errors import DeviceError, LullabyError
from lullaby.live.osc_words import Refused, Words

LARGEST = 8192  # bytes of a packet
DEEPEST = 8  # bundles in bundles
PER_S = 500.0  # packets a second, and so many at once
MESSAGES = 64  # of one packet
GET_IT = "OSC wants python-osc: pip install 'lullaby[osc]'"
LOOPBACK = "127.0.0.1"
LOOK_S = 0.2


class Bucket:
    """How many packets are let through: so many a second, as many at once."""

    def __init__(self, per_s: float = PER_S, now: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._now = per_s, now
        self._left, self._at_s = per_s, now()

    def take(self) -> bool:
        """Return whether one more is let through."""
        now_s = self._now()
        self._left = min(self._per_s, self._left + (now_s - self._at_s) * self._per_s)
        self._at_s = now_s
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True


class Osc:
    """Reads packets and does what they ask; ``counts`` says how many were done and dropped."""

    def __init__(self, words: Words, bucket: Bucket | None = None) -> None:
        try:
            from pythonosc.osc_packet import OscPacket
        except ImportError as error:
            raise DeviceError(GET_IT) from error
        self._parse: Callable[[bytes], Any] = OscPacket
        self._words, self._bucket = words, bucket or Bucket()
        self.counts: Counter[str] = Counter()

    def use(self, words: Words) -> None:
        """Understand other words from now on, such as those of a score saved anew."""
        self._words = words

    def hear(self, packet: bytes) -> None:
        """Take in one packet; whatever it is, nothing is raised."""
        if not self._bucket.take():
            self.counts["too many"] += 1
            return
        if len(packet) > LARGEST or packet.count(b"#bundle\0") > DEEPEST:
            self.counts["too large"] += 1
            return
        try:
            messages = [timed.message for timed in self._parse(packet).messages[: MESSAGES + 1]]
        except Exception:  # the parser raises a dozen kinds, UnicodeDecodeError among them
            self.counts["unreadable"] += 1
            return
        if len(messages) > MESSAGES:
            self.counts["too large"] += 1
            return
        for message in messages:
            self._do(message)

    def _do(self, message: Any) -> None:
        try:
            self._words.do(str(message.address), list(message.params))
        except (Refused, LullabyError):
            self.counts["refused"] += 1
        except Exception:
            self.counts["failed"] += 1
        else:
            self.counts["done"] += 1


class OscIn:
    """A socket with its thread.

    ``host`` is this machine unless somebody asks for more, who then says by ``allowed`` from which
    addresses it listens.  Raises DeviceError where the port is taken.
    """

    def __init__(
        self, osc: Osc, port: int, host: str = LOOPBACK, allowed: frozenset[str] | None = None
    ) -> None:
        self.osc, self._allowed = osc, allowed
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(LOOK_S)
        try:
            self._socket.bind((host, port))
        except (OSError, OverflowError) as error:
            self._socket.close()
            raise DeviceError(f"OSC cannot listen at {host}:{port}: {error}") from error
        self.host, self.port = self._socket.getsockname()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="osc in", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        self._over.set()
        self._thread.join(timeout=2.0)
        with contextlib.suppress(OSError):
            self._socket.close()

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                packet, (host, *_) = self._socket.recvfrom(LARGEST + 1)
            except TimeoutError:
                continue
            except OSError:
                if self._over.wait(LOOK_S):  # such as an ICMP answer to nothing we sent
                    return
                continue
            if self._allowed is not None and host not in self._allowed:
                self.osc.counts["not allowed"] += 1
                continue
            self.osc.hear(packet)
