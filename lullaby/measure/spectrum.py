"""The spectrum of a frame, and what is read off it: centroid, share of the highs, flatness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lullaby.units import power_to_db

LOWEST_DB = -120.0  # what silence reads on a relative scale
HEARD_HZ = (20.0, 20_000.0)
FLAT_HZ = (50.0, 10_000.0)
HIGH_HZ = 2000.0
NOTHING = 1e-20  # mean square of a bin, below any 24 bit noise


@dataclass(frozen=True)
class Spectrum:
    """Mean square in each bin, averaged over the channels; all bins add up to the frame's."""

    hz: NDArray[np.float64]
    power: NDArray[np.float64]

    def band(self, low_hz: float, high_hz: float) -> slice:
        """Return the bins with low <= frequency < high."""
        low, high = np.searchsorted(self.hz, (low_hz, high_hz))
        return slice(int(low), int(high))


def spectrum(frame: NDArray[np.float32], sample_rate: int) -> Spectrum:
    """Return the spectrum of a whole frame (channels, frames) under one Hann window."""
    n = frame.shape[1]
    window = np.hanning(n + 1)[:n].astype(np.float32) if n > 1 else np.ones(1, np.float32)
    bins = np.fft.rfft(frame * window, axis=1)
    power = (bins.real.astype(np.float64) ** 2 + bins.imag.astype(np.float64) ** 2).mean(axis=0)
    power *= 2.0 / (n * float((window.astype(np.float64) ** 2).sum()))
    return Spectrum(np.arange(len(power)) * (sample_rate / n), power)


def centroid_hz(heard: Spectrum) -> float:
    """Return the mean frequency, weighted by amplitude, 20 Hz to 20 kHz; 0 for silence."""
    bins = heard.band(*HEARD_HZ)
    amplitude = np.sqrt(heard.power[bins])
    total = float(amplitude.sum())
    return float((heard.hz[bins] * amplitude).sum()) / total if total > 0 else 0.0


def high_db(heard: Spectrum) -> float:
    """Return the power above 2 kHz in dB re the whole (from 20 Hz); -120 for none or silence."""
    total = float(heard.power[heard.band(HEARD_HZ[0], np.inf)].sum())
    above = float(heard.power[heard.band(HIGH_HZ, np.inf)].sum())
    return max(LOWEST_DB, float(power_to_db(above / total))) if total > 0 else LOWEST_DB


def flatness_db(heard: Spectrum) -> float:
    """Return geometric over arithmetic mean of the power, 50 Hz to 10 kHz, in dB.

    White noise reads -2.5 (its bins are exponentially distributed), a tone -60 and less, silence
    -120.
    """
    power = heard.power[heard.band(*FLAT_HZ)]
    if not len(power) or power.mean() <= NOTHING:
        return LOWEST_DB
    power = power + NOTHING
    return max(LOWEST_DB, float(power_to_db(np.exp(np.log(power).mean()) / power.mean())))
