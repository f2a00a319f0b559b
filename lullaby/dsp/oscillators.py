"""Oscillators whose phase is a whole number, 2^32 to a cycle, so that it never drifts.

Phases are int32 and wrap by themselves; ``int32 * 2^-31`` is the naive saw, -1..1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import fused, inlined, kernel

F32 = np.float32
TO_UNIT = F32(2.0**-31)


@kernel
def step_of(frequency_hz: float, sample_rate: float) -> Any:
    """Return the whole-number phase step a frame of a frequency below half the sample rate."""
    return np.int64(np.floor(frequency_hz / sample_rate * 4294967296.0 + 0.5))


@kernel
def wrapped(phase: int) -> Any:
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
def wide_blep_saw(x: Any, per_step: Any) -> Any:
    """Return a saw from a naive one, its step smoothed over eight frames.

    ``x`` and ``per_step`` as for ``polyblep_saw``; needs at least eight frames a cycle.  Images
    lie 83 dB under the first harmonic at 1.6 kHz and 48 kHz, against 31 dB for two frames
    (after Valimaki, Pekonen and Nam 2012, "Perceptually informed synthesis of bandlimited
    classical waveforms").  The pulse under the step is an even polynomial piece fitted for this:
    flat within 1 dB to a fifth of the sample rate, 60 dB down beyond half of it when weighted as
    the harmonics of a saw are.  Branch-free, so that lanes vectorise.
    """
    # v: 1 at the step, 0 from four frames away on, where three zeros join it smoothly.
    v = max(F32(0), F32(1) - (F32(1) - abs(x)) * per_step * F32(0.25))
    p = F32(-0.3134437) * v + F32(26.761821)
    p = p * v + F32(-91.7203159)
    p = p * v + F32(109.4785992)
    p = p * v + F32(-50.2394238)
    p = p * v + F32(9.0655261)
    p = p * v + F32(-2.032763)
    r = v * v * v * p * np.copysign(F32(1), x)
    return x - r


@inlined
def sine(x: Any) -> Any:
    """Return the sine of pi x for float32 x in -1..1, within 4e-7 (odd minimax polynomial).

    ``x`` is a naive saw; the harmonics the error makes lie below -125 dB.
    """
    # Fold to -0.5..0.5, where the polynomial holds: sin(pi x) = sin(pi (1 - x)).
    y = min(max(x, F32(-1) - x), F32(1) - x)
    z = y * y
    p = fused(F32(-0.00737043), z, F32(0.08214589))
    p = fused(p, z, F32(-0.59926453))
    p = fused(p, z, F32(2.55016404))
    p = fused(p, z, F32(-5.16771278))
    p = fused(p, z, F32(3.14159265))
    return y * p
