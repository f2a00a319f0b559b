"""Sound in memory, as a render returns it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lullaby.measure.listening import Measurement
    from lullaby.model.performance import Performance


@dataclass(frozen=True)
class Audio:
    """Rendered sound: ``samples`` float32, shape (channels, frames), full scale 1.0."""

    samples: NDArray[np.float32]
    sample_rate: int
    performance: Performance | None = field(default=None, repr=False, compare=False)
    from_s: float = 0.0  # where in the performance it begins

    @property
    def duration_s(self) -> float:
        """Return how long it is."""
        return float(self.samples.shape[1] / self.sample_rate)

    def measure(self) -> Measurement:
        """Return loudness, features a second and their medians.  Raises UsageError for NaN."""
        from lullaby.measure.listening import listened

        return listened(self.samples, self.sample_rate)

    def _repr_html_(self) -> str:
        from lullaby.outputs.notebook import sound

        return sound(self.samples, self.sample_rate, self.performance, self.from_s)
