"""Cheap stand-ins for functions that are worked out for every voice and grid point."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import bits, fused, inlined
from lullaby.dsp.oscillators import sine

F32, I32 = np.float32, np.int32


@inlined
def turned(cycles: Any) -> Any:
    """Return the sine of a phase in cycles, within 4e-7."""
    return np.float64(sine(F32(2.0 * (cycles - np.floor(cycles + 0.5)))))


@inlined
def sine_of(cycles: Any) -> Any:
    """Return the sine of a phase in cycles, all float32, within 4e-7 of that of the float32."""
    return sine(F32(2) * (cycles - np.floor(cycles + F32(0.5))))


@inlined
def octaves(x: Any) -> Any:
    """Return 2^x for -126 <= x <= 127, float32, within 3e-7 of it; whole powers are exact.

    The whole part goes into the exponent, a Taylor series does the rest.
    """
    whole = np.floor(x + F32(0.5))
    z = (x - whole) * F32(0.6931471805599453)
    q = fused(z, F32(1 / 720), F32(1 / 120))
    q = fused(z, q, F32(1 / 24))
    q = fused(z, q, F32(1 / 6))
    q = fused(z, q, F32(0.5))
    q = fused(z, q, F32(1))
    q = fused(z, q, F32(1))
    return q * bits(I32((I32(whole) + I32(127)) << I32(23)))


@inlined
def octaves_of(x: Any) -> Any:
    """Return the octaves of a ratio, log2 x, float32, within 3e-7 (and 1e-7 of it) for x > 1e-37.

    The exponent of x, and ``2 artanh((m - 1) / (m + 1))`` of the rest as a series.
    """
    above = I32(bits(x) - I32(0x3F3504F3))  # from the root of one half on
    m = bits(I32((above & I32(0x7FFFFF)) + I32(0x3F3504F3)))
    z = (m - F32(1)) / (m + F32(1))
    w = z * z
    q = fused(w, F32(1 / 9), F32(1 / 7))
    q = fused(w, q, F32(1 / 5))
    q = fused(w, q, F32(1 / 3))
    q = fused(w, q, F32(1))
    return fused(z * F32(2.8853900817779268), q, F32(above >> I32(23)))


@inlined
def decayed(x: Any) -> Any:
    """Return e^x for x <= 80, float32, within 4e-7 of it near 0, 6e-6 at the ends.

    Below -80, where there is nothing left to hear, it stays at e^-80.
    """
    return octaves(max(x, F32(-80)) * F32(1.4426950408889634))


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
def integrators(cutoff_hz: Any, q: Any, louder: Any, half_turn_s: Any) -> Any:
    """Return ``2 a1``, ``2 louder a2`` and ``a3 / a2 / louder`` of ``coefficients``, float32."""
    x = cutoff_hz * half_turn_s
    n, d = x * (F32(15) - x * x), fused(x * x, F32(-6), F32(15))
    whole = fused(n, fused(d, F32(1) / q, n), d * d)
    part = F32(1) / (d * whole)
    twice = (d + d) * d * part
    return d * twice, louder * n * twice, F32(1) / louder * n * whole * part


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
def arctangent(x: Any) -> Any:
    """Return the arc tangent of -1..1, float32, within 1.2e-5 (Hastings 1955, sheet 11)."""
    w = x * x
    p = fused(w, F32(0.0208351), F32(-0.0851330))
    p = fused(w, p, F32(0.1801410))
    p = fused(w, p, F32(-0.3302995))
    return x * fused(w, p, F32(0.9998660))
