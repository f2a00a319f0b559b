"""Samples as the bytes of a file: dithered integers or plain float32, never a NaN."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Words, mix, named

FORMATS = ("16", "24", "32f")  # as a user writes them


@dataclass
class Quantiser:
    """Turns blocks into whole samples of one sound, with its own dither for each channel.

    The dither is triangular over two steps (TPDF: Lipshitz, Wannamaker, Vanderkooy 1992): the error
    is 0.5 steps rms whatever the sound.  It is drawn by frame of the piece, so that neither blocks
    nor the moment a render starts from show.  ``name`` keeps the dither of stems apart.
    """

    bits: str
    seed: int
    name: str = "mix"
    spoilt: int = 0  # samples that were no numbers, written as silence
    clipped: int = 0  # samples over full scale in an integer format

    def __call__(self, block: NDArray[np.float32], frame: int) -> NDArray[Any]:
        """Return samples of shape (frames, channels): float32, or int32 in steps of the format.

        ``block``: float32, shape (channels, frames), full scale 1.0; ``frame``: where it begins in
        the piece.
        """
        finite = np.isfinite(block)
        if not finite.all():
            self.spoilt += int(np.count_nonzero(~finite))
            block = np.where(finite, block, np.float32(0.0))
        if self.bits == "32f":
            return np.ascontiguousarray(block.T, np.float32)
        full = 1 << (int(self.bits) - 1)
        steps = np.empty(block.shape, np.int32)
        for channel, samples in enumerate(block):
            key = named(self.seed, "dither", self.name, channel)
            exact = samples.astype(np.float64)
            exact *= full
            if exact.size and (exact.max() > full - 1 or exact.min() < -full):
                self.clipped += int(np.count_nonzero((exact > full - 1) | (exact < -full)))
            exact += _triangular(key, frame, len(samples))
            np.rint(exact, out=exact)
            np.clip(exact, -full, full - 1, out=exact)
            steps[channel] = exact
        return np.ascontiguousarray(steps.T)


def packed(samples: NDArray[Any], bits: str) -> bytes:
    """Return the little-endian bytes of what a Quantiser made."""
    if bits == "32f":
        return samples.astype("<f4", copy=False).tobytes()
    if bits == "16":
        return samples.astype("<i2").tobytes()
    four = np.ascontiguousarray(samples, "<i4")
    return np.ndarray(four.size, "V3", four, strides=4).tobytes()  # the low three of each four


def bytes_a_sample(bits: str) -> int:
    """Return how long one sample of one channel is in a file."""
    return {"16": 2, "24": 3, "32f": 4}[bits]


def _triangular(key: int, frame: int, frames: int) -> NDArray[np.float64]:
    with np.errstate(over="ignore"):
        words: Words = mix(np.arange(frame, frame + frames).astype(np.uint64) + np.uint64(key))
    halves = words.astype("<u8", copy=False).view("<u4").reshape(-1, 2).astype(np.float64)
    triangle: NDArray[np.float64] = (halves[:, 1] - halves[:, 0]) * 2.0**-32
    return triangle
