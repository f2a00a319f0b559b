"""What every measurement takes: float32 blocks of shape (channels, frames), all numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lullaby.errors import UsageError

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8000, 768_000


def checked_block(samples: ArrayLike, channels: int | None = None) -> NDArray[np.float32]:
    """Return samples as a contiguous float32 block (channels, frames); one row may be given flat.

    Raises UsageError for another shape, another number of channels, or what is not a number.
    """
    block: NDArray[Any] = np.asarray(samples)
    if block.ndim == 1:
        block = block[np.newaxis]
    if block.ndim != 2 or block.shape[0] == 0 or block.dtype.kind not in "fiu":
        raise UsageError(
            f"samples of shape {np.shape(samples)} and type {block.dtype} cannot be measured: "
            "right would be numbers of shape (channels, frames)"
        )
    if channels is not None and block.shape[0] != channels:
        raise UsageError(
            f"the block has {block.shape[0]} channels, the meter was made for {channels}"
        )
    with np.errstate(over="ignore"):  # beyond float32 is infinite, and refused as such
        block = np.ascontiguousarray(block, np.float32)
    finite = np.isfinite(block)
    if not finite.all():
        channel, frame = (int(i) for i in np.argwhere(~finite)[0])
        raise UsageError(
            f"frame {frame} of channel {channel} is {block[channel, frame]}, not a number: "
            "nothing can be measured"
        )
    return block


def checked_rate(sample_rate: int) -> int:
    """Return the sample rate, or raise UsageError when it is not 8 000 to 768 000 Hz."""
    if not LOWEST_RATE_HZ <= sample_rate <= HIGHEST_RATE_HZ:
        raise UsageError(
            f"a sample rate of {sample_rate} Hz cannot be measured: "
            f"{LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz would be right"
        )
    return int(sample_rate)
