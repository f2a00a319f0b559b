"""A score saved while it plays: seen, read again, and where to go on in it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path

from lullaby.model.performance import Performance
from lullaby.units import MICRO

POLL_S = 0.05


class Watch:
    """Sees that files have other content; they may be written in place or replaced.

    ``look`` returns True once after a change, when a file has stayed as it is for one more look,
    so that nobody reads it half written.
    """

    def __init__(self, paths: list[Path]) -> None:
        self._paths = paths
        self._content = self._hash()
        self._seen = self._stamp()
        self._moving = False

    def look(self) -> bool:
        """Return whether there is something new to read."""
        stamp = self._stamp()
        if stamp != self._seen:
            self._seen, self._moving = stamp, True
            return False
        if not self._moving:
            return False
        self._moving = False
        content = self._hash()
        changed = content is not None and content != self._content
        if changed:
            self._content = content
        return changed

    def _stamp(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(path) for path in self._paths]

    def _hash(self) -> bytes | None:
        digest = hashlib.blake2b()
        try:
            for path in self._paths:
                with path.open("rb") as file:
                    digest.update(file.read(1 << 23))
        except OSError:
            return None
        return digest.digest()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def watching(watch: Watch, changed: Callable[[], None], closed: threading.Event) -> None:
    """Look until closed; call ``changed`` after every change."""
    while not closed.wait(POLL_S):
        if watch.look():
            changed()


def place_after(old: Performance, new: Performance, place_s: float) -> float | None:
    """Return where to go on in a changed piece; None where it is the same place.

    It is the same visit to the same scene, as far from its start; where the scene has become
    shorter than that, as far in its length.  A scene that is gone leaves the time as it is.
    """
    scenes = {(scene.name, scene.visit): scene for scene in new.scenes}
    place_us = place_s * MICRO
    here = next(
        (s for s in reversed(old.scenes) if s.start_us <= place_us),
        old.scenes[0] if old.scenes else None,
    )
    there = scenes.get((here.name, here.visit)) if here is not None else None
    if here is None or there is None:
        last_us = new.length_us
        return None if place_us < last_us else max(0.0, (last_us - MICRO) / MICRO)
    within_us = place_us - here.start_us
    if within_us >= there.length_us and within_us < here.length_us:
        within_us *= there.length_us / here.length_us
    goal_s = (there.start_us + within_us) / MICRO
    return None if abs(goal_s - place_s) < 1e-6 else goal_s
