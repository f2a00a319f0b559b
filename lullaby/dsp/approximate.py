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


@inlined
def integrators(cutoff_hz: Any, q: float, louder: float, half_turn_s: Any) -> Any:
    """Return ``2 a1``, ``2 louder a2`` and ``a3 / a2 / louder`` of ``coefficients``."""
    x = cutoff_hz * half_turn_s
    n, d = x * (15.0 - x * x), 15.0 - 6.0 * x * x
    whole = d * d + n * (n + d * (1.0 / q))
    part = 1.0 / (d * whole)
    twice = (d + d) * d * part
    return d * twice, louder * n * twice, (1.0 / louder) * n * whole * part


@inlined
def exponential(x: Any) -> Any:
    """Return e^x for x <= 16 within 2e-8 of it: a Taylor series of the 128th root; 0 is exact.

    Below -40, where there is nothing left to hear, it stays at e^-40.
    """
    z = max(x, -40.0) * (1 / 128)
    z2 = z * z
    low = 1.0 + z + z2 * (1 / 2 + z * (1 / 6))
    q = low + z2 * z2 * (1 / 24 + z * (1 / 120) + z2 * (1 / 720 + z * (1 / 5040 + z / 40320)))
    q *= q
    q *= q
    q *= q
    q *= q
    q *= q
    q *= q
    return q * q


@inlined
def logarithm(x: Any) -> Any:
    """Return ln x within 1e-7 for 0.02 <= x <= 50, within 4e-5 for 1e-5 <= x <= 1e5.

    ``2 artanh((y - 1) / (y + 1))`` of the sixteenth root, as a series.
    """
    y = np.sqrt(np.sqrt(np.sqrt(np.sqrt(x))))
    z = (y - 1.0) / (y + 1.0)
    w = z * z
    return 32.0 * z * (1.0 + w * (1 / 3 + w * (1 / 5 + w * (1 / 7 + w * (1 / 9)))))


@inlined
def arctangent(x: Any) -> Any:
    """Return the arc tangent of -1..1 within 1.2e-5 (Hastings 1955, sheet 11)."""
    w = x * x
    p = 0.0208351 * w - 0.0851330
    p = p * w + 0.1801410
    p = p * w - 0.3302995
    return x * (p * w + 0.9998660)
