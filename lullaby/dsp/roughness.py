"""Roughness: amplitude modulation at a rate the ear hears as neither pitch nor tremolo."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel
from lullaby.units import STEP

F32 = np.float32


@kernel
def roughen(block: Any, cycles: Any, curves: Any, neutral: bool) -> None:
    """Multiply ``block``, shape (2, frames), by 1 + depth sin(2 pi cycles).

    ``cycles``: float64, the phase at each grid point, in cycles since the start of the piece;
    ``curves``: rows with ``depth``; ``neutral``: divide by sqrt(1 + depth^2 / 2), so that the power
    of a steady sound stays what it was.
    """
    for s in range(block.shape[1] // STEP):
        depth, depth_by = curves[s].depth, (curves[s + 1].depth - curves[s].depth) / STEP
        if depth == 0.0 and depth_by == 0.0:
            continue
        phase, phase_by = cycles[s], (cycles[s + 1] - cycles[s]) / STEP
        for i in range(STEP):
            m = depth + depth_by * i
            gain = 1.0 + m * np.sin(2.0 * np.pi * (phase + phase_by * i))
            if neutral:
                gain /= np.sqrt(1.0 + 0.5 * m * m)
            block[0, s * STEP + i] *= F32(gain)
            block[1, s * STEP + i] *= F32(gain)
