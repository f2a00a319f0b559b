"""What a stroke leaves behind that only pushes a membrane out is taken away."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel
from lullaby.units import STEP

MEMORY = {"last": "f8", "out": "f8"}  # of an event
LOWEST_HZ = 10.0


@kernel
def swung(heard: Any, m: Any, one: Any, sample_rate: int) -> None:
    """Add one step of an event, the first row of ``one``, where it stands, above 10 Hz.

    ``m``: its memory, with gains ``left`` and ``right``.  A high-pass of one zero and one pole
    (Smith 2007, "Introduction to Digital Filters", DC blocker).
    """
    keeps = 1.0 - 2.0 * np.pi * LOWEST_HZ / sample_rate
    for i in range(STEP):
        x = np.float64(one[0, i])
        m.out = x - m.last + keeps * m.out
        m.last = x
        heard[0, i] += np.float32(m.left * m.out)
        heard[1, i] += np.float32(m.right * m.out)
