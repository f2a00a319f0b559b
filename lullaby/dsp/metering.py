"""Energies of a filtered stream in cells of time: what loudness meters and onset finders add up."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.dsp.kernel import kernel


class CellEnergies:
    """Sums of squares of a stream behind one or more chains of biquads, in cells of time.

    ``chains`` has shape (bands, sections, 5): b0 b1 b2 a1 a2 of each section (a0 = 1).
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
        bands, sections, _ = self._chains.shape
        self._memory = np.zeros((channels, bands, sections, 2))
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
    bands, sections = chains.shape[0], chains.shape[1]
    y = np.empty(frames)
    for c in range(channels):
        for b in range(bands):
            for i in range(frames):
                y[i] = block[c, i]
            for s in range(sections):
                b0, b1, b2 = chains[b, s, 0], chains[b, s, 1], chains[b, s, 2]
                a1, a2 = chains[b, s, 3], chains[b, s, 4]
                z1, z2 = memory[c, b, s, 0], memory[c, b, s, 1]
                for i in range(frames):  # transposed direct form 2
                    x = y[i]
                    v = b0 * x + z1
                    z1 = b1 * x - a1 * v + z2
                    z2 = b2 * x - a2 * v
                    # a silence must not cost denormal arithmetic; the same at any block length
                    if abs(z1) < 1e-30:
                        z1 = 0.0
                    if abs(z2) < 1e-30:
                        z2 = 0.0
                    y[i] = v
                memory[c, b, s, 0], memory[c, b, s, 1] = z1, z2
            total = sums[c, b]
            at = 0
            for e in range(ends.shape[0]):
                for i in range(at, ends[e]):
                    total += y[i] * y[i]
                out[e, c, b] = total
                total = 0.0
                at = ends[e]
            for i in range(at, frames):
                total += y[i] * y[i]
            sums[c, b] = total
