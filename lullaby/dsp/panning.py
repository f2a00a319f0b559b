"""Where a sound stands: gains of the two speakers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel


@kernel
def placed(level_db: float, azimuth_deg: float, distance_m: float) -> Any:
    """Return the linear gains (left, right) of a level at a place.

    ``azimuth_deg``: -90 left to 90 right, by the sine-cosine law, which keeps the power the same
    everywhere (-3 dB a side in the middle; Rumsey 2001, Spatial Audio).  ``distance_m``: 6 dB less
    for each doubling beyond 1 m (free field).
    """
    gain = 10.0 ** (level_db / 20.0) / max(distance_m, 1.0)
    angle = (min(max(azimuth_deg, -90.0), 90.0) / 90.0 + 1.0) * 0.25 * np.pi
    return gain * np.cos(angle), gain * np.sin(angle)
