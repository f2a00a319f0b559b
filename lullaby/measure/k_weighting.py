"""The K-weighting of BS.1770 at any sample rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# ITU-R BS.1770-5 prints the filters' coefficients at 48 kHz alone. These are the analogue
# prototypes whose bilinear transforms they are, found by solving the printed numbers for them
# (as De Man 2014, "Evaluation of implementations of the EBU R128 loudness measurement").
TABLE_RATE = 48_000


@dataclass(frozen=True)
class _Prototype:
    corner_hz: float
    q: float

    def warped(self, sample_rate: int) -> float:
        return math.tan(math.pi * self.corner_hz / sample_rate)

    def poles(self, sample_rate: int) -> tuple[float, float, float]:
        k = self.warped(sample_rate)
        return 1 + k / self.q + k * k, 2 * (k * k - 1), 1 - k / self.q + k * k


SHELF = _Prototype(1681.974450955533, 0.7071752369554196)
SHELF_DB = 3.999843853973347
SHELF_MIDDLE = 0.4996667741545416  # where the shelf's band term lies between none and all of it
CUT = _Prototype(38.13547087602444, 0.5003270373238773)


def k_weighting(sample_rate: int) -> NDArray[np.float64]:
    """Return two biquads, shape (2, 5): b0 b1 b2 a1 a2 of the high shelf and the low cut."""
    k = SHELF.warped(sample_rate)
    a0, a1, a2 = SHELF.poles(sample_rate)
    high = 10 ** (SHELF_DB / 20)
    band = high**SHELF_MIDDLE * k / SHELF.q
    shelf = [high + band + k * k, 2 * (k * k - high), high - band + k * k, a1, a2]

    c0, c1, c2 = CUT.poles(sample_rate)
    # the printed cut has b = 1, -2, 1, which lifts the whole response by 0.04 dB at 48 kHz;
    # other rates get that same lift, not the one they would have with the same b
    lift = CUT.poles(TABLE_RATE)[0]
    cut = [lift, -2 * lift, lift, c1, c2]
    return np.array([[v / a0 for v in shelf], [v / c0 for v in cut]])
