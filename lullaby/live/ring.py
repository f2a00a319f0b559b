"""A ring of finished frames between who makes them and the sound card."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import ring as words

FADE_S = 0.01  # from sound to silence where the ring runs dry, and back


class Ring:
    """``ahead_s`` of stereo sound, one writer and one reader, no locks.

    Places in it count frames from the start of the session and never wrap.
    """

    def __init__(self, sample_rate: int, ahead_s: float) -> None:
        self.sample_rate = sample_rate
        self.frames = max(1024, round(ahead_s * sample_rate))
        self.memory = words.ring_memory(self.frames, round(FADE_S * sample_rate))
        self._floats = self.memory.view(np.float32).reshape(-1, 2)[words.HEADER :]

    @property
    def written(self) -> int:
        """Return how many frames went in so far."""
        return int(self.memory[words.WRITTEN])

    @property
    def played(self) -> int:
        """Return how many frames went out so far."""
        return int(self.memory[words.PLAYED])

    @property
    def filled(self) -> int:
        """Return how many frames lie ready."""
        return self.written - self.played

    @property
    def room(self) -> int:
        """Return how many frames may be written."""
        return self.frames - self.filled

    @property
    def calls(self) -> int:
        """Return how often the sound card asked."""
        return int(self.memory[words.CALLS])

    @property
    def underruns(self) -> int:
        """Return how often there was too little."""
        return int(self.memory[words.UNDERRUNS])

    @property
    def silent_frames(self) -> int:
        """Return how many frames were asked for and not there."""
        return int(self.memory[words.SILENT])

    def write(self, block: Any) -> None:
        """Append a block, float32, shape (2, frames); there must be room."""
        written, n = self.written, block.shape[1]
        at = written % self.frames
        first = min(n, self.frames - at)
        self._floats[at : at + first] = block[:, :first].T
        self._floats[: n - first] = block[:, first:].T
        self.memory[words.WRITTEN] = written + n  # only now may the reader see it

    def read(self, out: Any) -> None:
        """Fill ``out``, float32, shape (frames, 2): what a sound card's callback does."""
        words.fill(self.memory, out)

    def skip(self, frames: int) -> None:
        """Let frames pass unheard, as many as there are; only while nobody reads."""
        self.memory[words.PLAYED] += min(frames, self.filled)

    def fade_in(self) -> None:
        """Begin the next frames from silence; only while nobody reads."""
        self.memory[words.GAIN] = 0

    def close(self) -> None:
        """Say that nothing more is to come: running dry is the end, and no underrun."""
        self.memory[words.OPEN] = 0
