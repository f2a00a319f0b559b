"""Oscillators whose phase is a whole number, 2^32 to a cycle, so that it never drifts.

Phases are int32 and wrap by themselves; ``int32 * 2^-31`` is the naive saw, -1..1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import inlined, kernel

F32 = np.float32
TO_UNIT = F32(2.0**-31)


@kernel
def step_of(frequency_hz: float, sample_rate: float) -> int:
    """Return the whole-number phase step a frame of a frequency below half the sample rate."""
    return np.int64(np.floor(frequency_hz / sample_rate * 4294967296.0 + 0.5))


@kernel
def wrapped(phase: int) -> int:
    """Return a phase of any size as the int32 it wraps to."""
    return np.int32((np.int64(phase) + 2147483648) % 4294967296 - 2147483648)


@inlined
def polyblep_saw(x: Any, per_step: Any) -> Any:
    """Return a band-limited saw from a naive one (PolyBLEP; Valimaki and Huovilainen 2007).

    ``x``: the naive saw, float32, -1..1; ``per_step``: 1 over its rise a frame, that is
    ``sample_rate / (2 frequency_hz)``.  Branch-free, so that lanes vectorise.
    """
    early = max(F32(0), F32(1) - (x + F32(1)) * per_step)
    late = max(F32(0), F32(1) - (F32(1) - x) * per_step)
    return x + early * early - late * late


@inlined
def sine(x: Any) -> Any:
    """Return the sine of pi x for float32 x in -1..1, within 4e-7 (odd minimax polynomial).

    ``x`` is a naive saw; the harmonics the error makes lie below -125 dB.
    """
    # Fold to -0.5..0.5, where the polynomial holds: sin(pi x) = sin(pi (1 - x)).
    y = min(max(x, F32(-1) - x), F32(1) - x)
    z = y * y
    p = F32(-0.00737043) * z + F32(0.08214589)
    p = p * z + F32(-0.59926453)
    p = p * z + F32(2.55016404)
    p = p * z + F32(-5.16771278)
    p = p * z + F32(3.14159265)
    return y * p
