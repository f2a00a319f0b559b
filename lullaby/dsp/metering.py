"""Energies of a filtered stream in cells of time: what loudness meters and onset finders add up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.dsp.filters import flushed
from lullaby.dsp.kernel import kernel


class CellEnergies:
    """Sums of squares of a stream behind one or more pairs of biquads, in cells of time.

    ``chains`` has shape (bands, 2, 5): b0 b1 b2 a1 a2 of each section (a0 = 1).
    Cell i holds the frames from round(i x rate / cells_per_s) to the next such place, so that
    cells of any length fit any sample rate. Cutting the stream elsewhere changes no bit.
    """

    def __init__(
        self, channels: int, sample_rate: int, cells_per_s: int, chains: NDArray[np.float64]
    ) -> None:
        self.sample_rate = sample_rate
        self.cells_per_s = cells_per_s
        self.frames = 0  # heard so far
        self._chains = np.ascontiguousarray(chains)
        bands = len(self._chains)
        self._memory = np.zeros((channels, bands, 2, 2))
        self._sums = np.zeros((channels, bands))

    def add(self, block: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return mean squares of the cells that end in ``block``: (cells, channels, bands)."""
        first = self._cell_of(self.frames)
        last = self._cell_of(self.frames + block.shape[1])
        ends = self._start_of(np.arange(first + 1, last + 1)) - self.frames
        out = np.zeros((len(ends), *self._sums.shape))
        _energies(block, ends, self._chains, self._memory, self._sums, out)
        self.frames += block.shape[1]
        return out * (self.cells_per_s / self.sample_rate)

    def _start_of(self, cell: Any) -> Any:
        return (2 * cell * self.sample_rate + self.cells_per_s) // (2 * self.cells_per_s)

    def _cell_of(self, frame: int) -> int:
        cell = frame * self.cells_per_s // self.sample_rate + 1
        while self._start_of(cell) > frame:
            cell -= 1
        return cell


@kernel
def _energies(block: Any, ends: Any, chains: Any, memory: Any, sums: Any, out: Any) -> None:
    channels, frames = block.shape
    for c in range(channels):
        for b in range(chains.shape[0]):
            # transposed direct form 2, both sections in one pass
            b0, b1, b2, a1, a2 = chains[b, 0]
            d0, d1, d2, e1, e2 = chains[b, 1]
            w1, w2 = memory[c, b, 0]
            z1, z2 = memory[c, b, 1]
            total = sums[c, b]
            at = 0
            for e in range(ends.shape[0] + 1):
                whole = e < ends.shape[0]
                end = ends[e] if whole else frames
                for i in range(at, end):
                    x = np.float64(block[c, i])
                    v = b0 * x + w1
                    w1 = b1 * x - a1 * v + w2
                    w2 = b2 * x - a2 * v
                    y = d0 * v + z1
                    z1 = d1 * v - e1 * y + z2
                    z2 = d2 * v - e2 * y
                    total += y * y
                if whole:
                    out[e, c, b] = total
                    total = 0.0
                    # at the ends of cells, which are the same however the stream is cut
                    w1, w2, z1, z2 = flushed(w1), flushed(w2), flushed(z1), flushed(z2)
                at = end
            memory[c, b, 0, 0], memory[c, b, 0, 1] = w1, w2
            memory[c, b, 1, 0], memory[c, b, 1, 1] = z1, z2
            sums[c, b] = total
