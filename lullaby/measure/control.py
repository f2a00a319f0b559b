"""Measures of what was played, not of its sound: beats of partials, pulses in step."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lullaby.errors import UsageError

# Sethares 1993, "Local consonance and the relationship between timbre and scale": the curve's
# peak at 0.24 of a critical band, its two decays, and the critical band over frequency
PEAK, SLOW, FAST = 0.24, 3.51, 5.75
PER_HZ, OFFSET_HZ = 0.0207, 18.96
STRENGTH = 5.0


def dissonance(frequencies_hz: ArrayLike, amplitudes: ArrayLike) -> float:
    """Return Sethares' sensory dissonance of partials, all pairs summed; 0 for none or one.

    Both of shape (partials,), amplitudes linear and >= 0 (the softer of a pair counts). Give it
    the partials that were synthesised: peaks picked from audio split by slow beats and reverb.
    """
    hz = np.asarray(frequencies_hz, np.float64)
    amplitude = np.asarray(amplitudes, np.float64)
    if hz.ndim != 1 or hz.shape != amplitude.shape:
        raise UsageError(
            f"{hz.size} frequencies and {amplitude.size} amplitudes: right would be as many, flat"
        )
    if not (np.isfinite(hz).all() and np.isfinite(amplitude).all()):
        raise UsageError("a partial's frequency or amplitude is not a number")
    order = np.argsort(hz, kind="stable")
    hz, amplitude = hz[order], amplitude[order]
    low, high = np.triu_indices(len(hz), 1)
    apart = (hz[high] - hz[low]) * PEAK / (PER_HZ * hz[low] + OFFSET_HZ)
    beats = STRENGTH * (np.exp(-SLOW * apart) - np.exp(-FAST * apart))
    return float((np.minimum(amplitude[low], amplitude[high]) * beats).sum())


def dissonance_between(
    one_hz: ArrayLike, one_amplitude: ArrayLike, other_hz: ArrayLike, other_amplitude: ArrayLike
) -> float:
    """Return the dissonance of two tones sounding together without what each has of its own."""
    both_hz = np.concatenate((np.ravel(one_hz), np.ravel(other_hz)))
    both = np.concatenate((np.ravel(one_amplitude), np.ravel(other_amplitude)))
    alone = dissonance(one_hz, one_amplitude) + dissonance(other_hz, other_amplitude)
    return dissonance(both_hz, both) - alone


def synchrony(phases_rad: ArrayLike) -> NDArray[np.float64]:
    """Return Kuramoto's order R of phases (..., pulses): 1 in step, about 1/sqrt(pulses) at odds.

    Phases in radians, any turn; the last axis is averaged over, so (times, pulses) gives R(time).
    """
    phases = np.asarray(phases_rad, np.float64)
    if phases.ndim == 0 or phases.shape[-1] == 0:
        raise UsageError("synchrony needs at least one phase")
    if not np.isfinite(phases).all():
        raise UsageError("a phase is not a number")
    order: NDArray[np.float64] = np.hypot(
        np.cos(phases).mean(axis=-1), np.sin(phases).mean(axis=-1)
    )
    return order
