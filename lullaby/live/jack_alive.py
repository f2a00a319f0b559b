"""Whether the JACK server still runs: its programs are not told, and would wait for it for ever.

A message to a server that is gone fills a buffer and then never returns.  The server's socket says
how it is: a connection that asks for nothing is what JACK's own programs look for a server with.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

FOLDERS = ("/dev/shm", "/tmp")


class JackAlive:
    """The server that runs when this is made; one whose socket is not found counts as running."""

    def __init__(self) -> None:
        name = os.environ.get("JACK_DEFAULT_SERVER", "default")
        user = os.getuid() if hasattr(os, "getuid") else 0
        places = [Path(folder) / f"jack_{name}_{user}_0" for folder in FOLDERS]
        self._place = next((place for place in places if place.is_socket()), None)

    def __call__(self) -> bool:
        """Return whether it runs."""
        if self._place is None:
            return True
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(1.0)
            try:
                asked.connect(str(self._place))
            except (ConnectionRefusedError, FileNotFoundError):
                return False
            except OSError:
                return True
        return True
