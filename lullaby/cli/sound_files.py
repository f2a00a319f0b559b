"""Sound files read block by block, and every way in which one cannot be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lullaby.cli.plain import plain
from lullaby.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCORES = (".yaml", ".yml")
SOUNDS = (".wav", ".wave", ".flac", ".aif", ".aiff", ".ogg", ".opus", ".mp3", ".caf", ".w64", ".au")
# What a file's header promised, where it is more than there is; libsndfile says so in its log.
CUT = re.compile(r"^\s*(?:data|SSND) : ([0-9]+) \(should be ([0-9]+)\)", re.MULTILINE)
SLACK = 64  # bytes by which careless writers are wrong
UNKNOWN = 0x7FFF0000  # and more: written by a program that could not know the length (a pipe)


def is_sound(source: str) -> bool:
    """Return whether a command's argument names a sound file rather than a score."""
    path = Path(source)
    if path.suffix.lower() in SCORES:
        return False
    return path.is_file() or path.suffix.lower() in SOUNDS


class SoundFile:
    """An open sound file.  Raises UsageError, in one line, for what is not one or not whole."""

    def __init__(self, source: str) -> None:
        import soundfile

        self.name = plain(source)
        self._failure = soundfile.LibsndfileError
        path = Path(source)
        if path.is_dir():
            raise UsageError(f"{self.name}: is a folder; a sound file would be right")
        if not path.is_file():
            raise UsageError(f"{self.name}: no such file")
        if not path.stat().st_size:
            raise UsageError(f"{self.name}: is empty; a sound file would be right")
        try:
            with path.open("rb"):
                pass
            self._file: Any = soundfile.SoundFile(path)
        except OSError as error:
            raise UsageError(f"{self.name}: {error.strerror or 'cannot be read'}") from None
        except self._failure:
            raise UsageError(
                f"{self.name}: is not a sound file that can be read; WAV or FLAC would be right"
            ) from None
        self.sample_rate: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.frames: int = self._file.frames
        self._check_whole()

    def _check_whole(self) -> None:
        found = CUT.search(self._file.extra_info)
        if found and int(found[2]) + SLACK < int(found[1]) < UNKNOWN:
            raise self._cut(int(found[2]) / int(found[1]))

    def _cut(self, share: float) -> UsageError:
        percent = min(99, int(100 * share))
        return UsageError(f"{self.name}: is cut short, about {percent} % of its sound is there")

    def blocks(self) -> Iterator[NDArray[np.float32]]:
        """Yield a second at a time, shape (channels, frames)."""
        done = 0
        while True:
            try:
                block: NDArray[np.float32] = self._file.read(
                    self.sample_rate, dtype="float32", always_2d=True
                ).T
            except self._failure:
                after_s = done / self.sample_rate
                raise UsageError(
                    f"{self.name}: is damaged or cut short after {after_s:.0f} s"
                ) from None
            if not block.shape[1]:
                break
            self._check_numbers(block, done)
            done += block.shape[1]
            yield block
        if done < self.frames < 1 << 62:
            raise self._cut(done / self.frames)

    def _check_numbers(self, block: NDArray[np.float32], first: int) -> None:
        import numpy as np

        finite = np.isfinite(block)
        if finite.all():
            return
        frame, channel = (int(i) for i in np.argwhere(~finite.T)[0])
        raise UsageError(
            f"{self.name}: the sample at {(first + frame) / self.sample_rate:.3f} s of channel "
            f"{channel + 1} is {block[channel, frame]}, which is not a number: "
            "nothing can be measured"
        )

    def __enter__(self) -> SoundFile:
        """Return the file."""
        return self

    def __exit__(self, *reason: object) -> None:
        """Close it."""
        self._file.close()
