"""How a session is to be played: what the command line and the front door ask for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Plan:
    """Wishes for a session.

    ``device``: a number, part of a name, ``"none"`` for nobody, None for the default;
    ``sample_rate`` in Hz, None for 48000 or what the device has; ``ahead_s`` from 0.1, the length
    of the ring and so of the way from hand to ear; ``for_s`` ends after a time, its last ``fade_s``
    fading; ``rise_s`` fades in at the start; ``volume_db`` at most 0; ``loop`` a scene;
    ``watch`` reads the score again when it is saved; ``record`` a file for what is heard;
    ``fed`` the sources of data that streams stand for.
    """

    device: str | None = None
    sample_rate: int | None = None
    ahead_s: float = 0.5
    from_s: float = 0.0
    for_s: float | None = None
    fade_s: float = 2.0
    rise_s: float | None = None  # None: none at the start of the piece, a moment elsewhere
    volume_db: float = 0.0
    loop: str | None = None
    seed: int | None = None
    watch: bool = False
    record: Path | None = None
    fed: frozenset[str] = frozenset()
    software: str = "lullaby"
    threads: bool = True  # without, a test calls ``pump`` and reads the ring by hand
