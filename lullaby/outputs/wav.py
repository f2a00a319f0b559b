"""WAV files of any length, with cues: RIFF below 4 GiB, RF64 above.

RIFF/WAVE (Microsoft, IBM 1991), RF64 (EBU Tech 3306, ITU-R BS.2088): a JUNK chunk in front keeps
the room that ``ds64`` takes if the file outgrows 32-bit sizes.  Every chunk is of even length.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lullaby.errors import OutputError
from lullaby.outputs.markers import Marker
from lullaby.outputs.quantise import Quantiser, bytes_a_sample, packed
from lullaby.outputs.whole import Part, told

UPDATE_S = 10  # of sound between two updates of the sizes: what a killed render may lose
LARGEST = 0xFFFFFFFF  # what a 32-bit size can say
PCM, IEEE_FLOAT = 1, 3


class Sink(Protocol):
    """What a container is written to."""

    def write(self, data: bytes) -> None:
        """Append all of ``data``."""

    def patch(self, offset: int, data: bytes) -> None:
        """Overwrite bytes that are already there."""


class Container:
    """The chunks of a WAV around samples that come as bytes."""

    def __init__(self, sink: Sink, sample_rate: int, channels: int, bits: str) -> None:
        self._sink, self._sample_rate = sink, sample_rate
        self._frame_bytes = channels * bytes_a_sample(bits)
        self._rest = 0  # bytes after the samples
        self.frames = 0
        self._written = 0  # frames when the sizes were last right
        form = IEEE_FLOAT if bits == "32f" else PCM
        rate_bytes = sample_rate * self._frame_bytes
        depth = 8 * bytes_a_sample(bits)
        fmt = struct.pack(
            "<HHIIHH", form, channels, sample_rate, rate_bytes, self._frame_bytes, depth
        )
        head = b"RIFF" + bytes(4) + b"WAVE" + _chunk(b"JUNK", bytes(28))
        self._fact_at = 0
        if form == IEEE_FLOAT:
            head += _chunk(b"fmt ", fmt + bytes(2))
            self._fact_at = len(head) + 8
            head += _chunk(b"fact", bytes(4))
        else:
            head += _chunk(b"fmt ", fmt)
        head += b"data" + bytes(4)
        self._head = len(head)
        sink.write(head)
        self._update()

    def add(self, data: bytes) -> None:
        """Append whole frames."""
        self._sink.write(data)
        self.frames += len(data) // self._frame_bytes
        if self.frames - self._written >= UPDATE_S * self._sample_rate:
            self._update()

    def finish(self, markers: Sequence[Marker], title: str, software: str) -> None:
        """Write what follows the samples and the final sizes."""
        rest = bytes(self._pad) + _cues(markers) + _info(title, software)
        self._sink.write(rest)
        self._rest = len(rest) - self._pad
        self._update()

    @property
    def _data(self) -> int:
        return self.frames * self._frame_bytes

    @property
    def _pad(self) -> int:
        return self._data % 2

    def _update(self) -> None:
        riff = self._head + self._data + (self._pad if self._rest else 0) + self._rest - 8
        if riff <= LARGEST:
            self._sink.patch(4, struct.pack("<I", riff))
            self._sink.patch(self._head - 4, struct.pack("<I", self._data))
        else:
            ds64 = struct.pack("<QQQI", riff, self._data, self.frames, 0)
            full = struct.pack("<I", LARGEST)
            self._sink.patch(12, _chunk(b"ds64", ds64))
            self._sink.patch(self._head - 4, full)
            self._sink.patch(0, b"RF64" + full)
        if self._fact_at:
            self._sink.patch(self._fact_at, struct.pack("<I", min(self.frames, LARGEST)))
        self._written = self.frames


class WavWriter:
    """A WAV file in the making: 16 or 24 bit with TPDF dither, or 32-bit float ("32f")."""

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
        self.quantiser, self._title, self._software = quantiser, title, software
        self.part = Part(target)
        self._file = _File(self.part)
        try:
            self._container = Container(self._file, sample_rate, channels, quantiser.bits)
        except BaseException:
            self.discard()
            raise

    def write(self, block: NDArray[np.float32], frame: int) -> None:
        """Append a block, float32 (channels, frames), that begins at ``frame`` of the piece."""
        self._container.add(packed(self.quantiser(block, frame), self.quantiser.bits))

    def finish(self, markers: Sequence[Marker] = ()) -> None:
        """Complete the file under its provisional name."""
        self._container.finish(markers, self._title, self._software)
        self._file.close()
        self.part.sync()

    def discard(self) -> None:
        """Leave nothing behind."""
        with contextlib.suppress(OutputError):
            self._file.close()
        self.part.discard()


class _File:
    # Unbuffered, so that an error of the disk is raised where it happens and by its number.
    def __init__(self, part: Part) -> None:
        self._target = part.target
        with told(self._target):
            self._file = part.path.open("r+b", buffering=0)

    def write(self, data: bytes) -> None:
        with told(self._target):
            left = memoryview(data)
            while left:
                left = left[self._file.write(left) :]

    def patch(self, offset: int, data: bytes) -> None:
        with told(self._target):
            self._file.seek(offset)
            self._file.write(data)
            self._file.seek(0, 2)

    def close(self) -> None:
        with told(self._target):
            self._file.close()


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _text(name: bytes, text: str, front: bytes = b"") -> bytes:
    return _chunk(name, front + text.replace("\0", " ").encode() + b"\0")


def _cues(markers: Sequence[Marker]) -> bytes:
    # A cue's place is 32 bit: in a longer file the later ones cannot be said.
    known = [(i, m) for i, m in enumerate(markers, 1) if m.frame <= LARGEST]
    if not known:
        return b""
    points = b"".join(struct.pack("<II4sIII", i, m.frame, b"data", 0, 0, m.frame) for i, m in known)
    labels = b"".join(_text(b"labl", m.label, struct.pack("<I", i)) for i, m in known)
    cue = _chunk(b"cue ", struct.pack("<I", len(known)) + points)
    return cue + _chunk(b"LIST", b"adtl" + labels)


def _info(title: str, software: str) -> bytes:
    fields = [(b"INAM", title), (b"ISFT", software)]
    texts = b"".join(_text(name, text) for name, text in fields if text)
    return _chunk(b"LIST", b"INFO" + texts) if texts else b""
