"""FLAC files, 16 or 24 bit, through libsndfile; whole or absent like every other."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.errors import OutputError, UsageError
from lullaby.outputs.markers import Marker
from lullaby.outputs.quantise import Quantiser
from lullaby.outputs.whole import SPARE, Part

FORMATS = ("16", "24")


class FlacWriter:
    """A FLAC file in the making.  It holds a title and no cues."""

    def __init__(
        self,
        target: Path,
        sample_rate: int,
        quantiser: Quantiser,
        *,
        channels: int = 2,
        title: str = "",
        software: str = "",
    ) -> None:
        import soundfile

        if quantiser.bits not in FORMATS:
            raise UsageError(f"{target}: FLAC holds 16 or 24 bits; float needs a .wav")
        self.quantiser = quantiser
        self._failure: type[Exception] = soundfile.LibsndfileError
        self._frames = 0
        self.part = Part(target)
        form = {"subtype": f"PCM_{quantiser.bits}", "format": "FLAC"}
        try:
            self._file: Any = soundfile.SoundFile(
                self.part.path, "w", sample_rate, channels, **form
            )
        except BaseException as error:
            self.part.discard()
            if isinstance(error, self._failure):
                raise self._failed() from error
            raise
        self._file.title, self._file.software = title, software

    def write(self, block: NDArray[np.float32], frame: int) -> None:
        """Append a block, float32 (channels, frames), that begins at ``frame`` of the piece."""
        # libsndfile takes the upper bits of an int32.
        steps = self.quantiser(block, frame) << (32 - int(self.quantiser.bits))
        try:
            self._file.write(np.ascontiguousarray(steps, np.int32))
        except (self._failure, AssertionError) as error:
            raise self._failed() from error
        self._frames += len(steps)

    def finish(self, markers: Sequence[Marker] = ()) -> None:
        """Complete the file under its provisional name."""
        import soundfile

        try:
            self._file.close()
            # libsndfile closes a file on a full disk without a word: count what is there.
            found = soundfile.info(self.part.path).frames if self._frames else 0
        except self._failure as error:
            raise self._failed() from error
        if found != self._frames:
            raise self._failed()
        self.part.sync()

    def discard(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(self._failure):
            self._file.close()
        self.part.discard()

    def _failed(self) -> OutputError:
        # libsndfile keeps the number of the system's error to itself.
        target = self.part.target
        full = shutil.disk_usage(target.parent).free < SPARE
        why = "the disk is full" if full else "the system refused to write"
        return OutputError(f"{target}: {why}; nothing was written under this name")
