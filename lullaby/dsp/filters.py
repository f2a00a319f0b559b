"""The state-variable filter that all voices share, and its own account of its response.

Trapezoidal integrators, so that it stays stable while its cutoff moves (Simper 2013, "Solving the
continuous SVF equations using trapezoidal integration"; Zavalishin 2012, chapter 4).  One frame:

    v3 = x - ic2
    v1 = a1 ic1 + a2 v3
    v2 = ic2 + a2 ic1 + a3 v3
    ic1 = 2 v1 - ic1
    ic2 = 2 v2 - ic2

Low-pass is v2, band-pass v1 (times k: 0 dB at the centre), high-pass x - k v1 - v2.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel


@kernel
def svf(cutoff_hz: float, q: float, sample_rate: float) -> Any:
    """Return a1, a2, a3 and k; the cutoff is kept between 1 Hz and 0.49 of the sample rate.

    ``q``: 0.5 two equal real poles, 0.707 flattest, above it resonant.
    """
    cutoff_hz = min(max(cutoff_hz, 1.0), 0.49 * sample_rate)
    g = np.tan(np.pi * cutoff_hz / sample_rate)
    k = 1.0 / q
    a1 = 1.0 / (1.0 + g * (g + k))
    return a1, g * a1, g * g * a1, k


@kernel
def flushed(state: float) -> float:
    """Return a filter's state, but 0 below 1e-30: silence must not cost denormal arithmetic."""
    return state if abs(state) > 1e-30 else 0.0


def svf_response(
    kind: str, cutoff_hz: float, q: float, sample_rate: float, frequency_hz: Any
) -> Any:
    """Return the complex response at frequencies: ``kind`` is "low", "band" or "high"."""
    s = 1j * np.tan(np.pi * np.asarray(frequency_hz) / sample_rate)
    g, k = np.tan(np.pi * cutoff_hz / sample_rate), 1.0 / q
    over = {"low": g * g, "band": k * g * s, "high": s * s}[kind]
    return over / (s * s + k * g * s + g * g)
