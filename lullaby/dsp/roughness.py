"""Roughness: amplitude modulation at a rate the ear hears as neither pitch nor tremolo."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel
from lullaby.dsp.oscillators import TO_UNIT, sine, wrapped
from lullaby.units import STEP

F32, I32 = np.float32, np.int32
COUNT = np.arange(STEP, dtype=np.int32)
RAMP = COUNT.astype(np.float32)


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
        phase: Any = np.int64((cycles[s] - np.floor(cycles[s])) * 4294967296.0)
        p = I32(wrapped(phase))
        d = I32(np.floor((cycles[s + 1] - cycles[s]) * (4294967296.0 / STEP) + 0.5))
        m, m_by = F32(depth), F32(depth_by)
        left, right = block[0, s * STEP : (s + 1) * STEP], block[1, s * STEP : (s + 1) * STEP]
        for i in range(STEP):
            now = m + m_by * RAMP[i]
            gain = F32(1) + now * sine(F32(I32(p + I32(d * COUNT[i]))) * TO_UNIT)
            if neutral:
                gain /= np.sqrt(F32(1) + F32(0.5) * now * now)
            left[i] *= gain
            right[i] *= gain
