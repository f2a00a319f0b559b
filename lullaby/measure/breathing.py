"""Slow breath: how much of a scene's rise and fall is once in five to twenty seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

ENVELOPE_HZ = 50  # values a second, enough for 20 Hz
SHORTEST_S = 30
SLOW_HZ, ALL_HZ = (0.05, 0.2), (0.05, 20.0)
FINE = 8  # zero padding: the peak's frequency is read to an eighth of what the length resolves


@dataclass(frozen=True)
class Breathing:
    """Share of the slow movement, and where it peaks; both 0 where nothing moves."""

    slow_percent: float  # power at 0.05-0.2 Hz, of that at 0.05-20 Hz
    peak_hz: float  # the strongest rate of 0.05-20 Hz


def breathing(envelope: ArrayLike) -> Breathing | None:
    """Return the slow share of an envelope (linear, 50 values a second), or None below 30 s.

    A straight line is taken out first, so that a scene that only fades does not seem to breathe.
    """
    values: NDArray[np.float64] = np.asarray(envelope, np.float64).ravel()
    n = len(values)
    if n < SHORTEST_S * ENVELOPE_HZ:
        return None
    time = np.arange(n) - (n - 1) / 2
    moving = values - values.mean() - time * (time @ values) / (time @ time)
    if float(np.abs(moving).max()) <= 1e-6 * float(np.abs(values).max()):
        return Breathing(0.0, 0.0)
    size = 1 << int(np.ceil(np.log2(FINE * n)))
    power = np.abs(np.fft.rfft(moving * np.hanning(n), size)) ** 2
    hz = np.fft.rfftfreq(size, 1 / ENVELOPE_HZ)
    of_all = (hz >= ALL_HZ[0]) & (hz <= ALL_HZ[1])
    slow = (hz >= SLOW_HZ[0]) & (hz <= SLOW_HZ[1])
    share = float(power[slow].sum() / power[of_all].sum())
    return Breathing(100.0 * share, float(hz[of_all][power[of_all].argmax()]))
