"""What an effect is: a sheet of parameters and a processor with its memory in named arrays."""

from __future__ import annotations

from typing import Any, Protocol

from numpy.typing import NDArray

from lullaby.model.event import Events
from lullaby.model.sheet import Sheet


class Processor(Protocol):
    """A running effect.  All its memory is in ``state``, so that it can be copied out and in."""

    state: dict[str, NDArray[Any]]

    def process(self, block: Any, start_frame: int, curves: Events) -> None:
        """Replace ``block`` by what the effect makes of it.

        ``block``: float32, shape (2, frames), frames a multiple of 64.  ``start_frame``: from the
        start of the piece, a multiple of 64.  ``curves``: a row a grid point, both ends included;
        a field a parameter.  The result does not depend on how time is cut into blocks.
        """


class Effect(Sheet):
    """Base of every processor: an instance is its settings, each parameter a curve."""

    def processor(self, sample_rate: int) -> Processor:
        """Return a processor at rest."""
        raise NotImplementedError

    def hears_from_s(self) -> float:
        """Return how long before a moment the effect must have run to sound as if always run.

        What is left of the difference is under -80 dBFS (with 12 dB in hand for loud input).
        """
        return 0.0

    def tail_s(self) -> float:
        """Return an upper bound of how long the effect sounds on after its input ended."""
        return self.hears_from_s()

    def gap_s(self) -> float:
        """Return how long the effect may be silent and still have something to say (an echo)."""
        return 0.0
