"""Cheap stand-ins for functions that are worked out for every voice and grid point."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import inlined
from lullaby.dsp.oscillators import sine

F32 = np.float32


@inlined
def turned(cycles: Any) -> Any:
    """Return the sine of a phase in cycles, within 4e-7."""
    return np.float64(sine(F32(2.0 * (cycles - np.floor(cycles + 0.5)))))


@inlined
def octaves(x: Any) -> Any:
    """Return 2^x for -4 <= x <= 4, within 2e-4 of it: a Taylor series of the fourth root."""
    z = x * (0.25 * 0.6931471805599453)
    q = 1.0 + z * (1.0 + z * (0.5 + z * (1 / 6 + z * (1 / 24 + z * (1 / 120 + z / 720)))))
    q *= q
    return q * q


@inlined
def coefficients(cutoff_hz: Any, q: float, half_turn_s: Any) -> Any:
    """Return a1, a2, a3 of a state-variable filter; needs a cutoff below a third of the rate.

    ``half_turn_s``: pi over the sample rate.  The tangent is a continued fraction, within 4e-4 up
    to there, and all is brought over one division.
    """
    x = cutoff_hz * half_turn_s
    n, d = x * (15.0 - x * x), 15.0 - 6.0 * x * x
    part = 1.0 / (d * d + n * (n + d * (1.0 / q)))
    return d * d * part, n * d * part, n * n * part
