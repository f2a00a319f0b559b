"""What is heard, into a file: written by a thread of its own, whole or absent."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Full, Queue
from typing import Any

from lullaby.errors import LullabyError
from lullaby.outputs.files import Form, check_sound
from lullaby.outputs.markers import Marker
from lullaby.outputs.whole import commit

WAITING_S = 30.0  # of sound that may wait for a slow disk


class Recorder:
    """Writes blocks to a .wav (32-bit float: what is heard, to the bit) or a .flac (24 bit).

    Raises UsageError for a name that no sound can be written under, OutputError of the disk.
    """

    def __init__(self, path: Path, sample_rate: int, seed: int, title: str, software: str) -> None:
        bits = "24" if path.suffix.lower() == ".flac" else "32f"
        check_sound(path, bits)
        self.path, self.trouble = path, ""
        self._writer = Form(sample_rate, bits, seed, title, software).writer("master", path)
        self._blocks: Queue[Any] = Queue(int(WAITING_S * sample_rate / 1024))
        self._error: LullabyError | None = None
        self._frame = 0
        self._markers: list[Marker] = []
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def add(self, block: Any, label: str) -> None:
        """Append a block, shape (2, frames), of a scene; never waits."""
        if not self._markers or self._markers[-1].label != label:
            self._markers.append(Marker(self._frame, label))
        self._frame += block.shape[1]
        try:
            if not self.trouble:
                self._blocks.put_nowait(block)
        except Full:
            self.trouble = f"{self.path}: the disk is too slow; recording has ended"

    def finish(self) -> None:
        """Give the file its name.  Raises OutputError where it could not be written whole."""
        self._blocks.put(None)
        self._thread.join()
        try:
            if self._error is not None:
                raise self._error
            self._writer.finish(self._markers)
            commit([self._writer.part])
        except BaseException:
            self._writer.discard()
            raise

    def discard(self) -> None:
        """Leave no file."""
        self._blocks.put(None)
        self._thread.join()
        self._writer.discard()

    def _run(self) -> None:
        frame = 0
        while (block := self._blocks.get()) is not None:
            if self._error is not None:
                continue
            try:
                self._writer.write(block, frame)
            except LullabyError as error:
                self._error, self.trouble = error, str(error)
            frame += block.shape[1]
