"""Sounds of known character, as float32 rows (1, frames)."""

import numpy as np

RATE = 48_000


def times(seconds=1.0, rate=RATE):
    return np.arange(round(seconds * rate)) / rate


def at_spl(row, level_db):
    """The row at a sound pressure level, where a full-scale sine is 94 dB."""
    row = np.asarray(row, np.float64)
    rms = 2e-5 * 10 ** (level_db / 20) / np.sqrt(2)
    return (row / np.sqrt((row**2).mean()) * rms).astype(np.float32)[np.newaxis]


def noise(seconds=1.0, low_hz=0.0, high_hz=np.inf, tilt=0.0, seed=1, rate=RATE):
    """Noise of a band; power falls as 1/f^tilt."""
    n = round(seconds * rate)
    bins = np.fft.rfft(np.random.default_rng(seed).normal(size=n))
    hz = np.fft.rfftfreq(n, 1 / rate)
    bins[(hz < low_hz) | (hz > high_hz)] = 0
    bins[1:] /= hz[1:] ** (tilt / 2)
    return np.fft.irfft(bins, n)


def beating(rate_hz, depth, carrier_hz=1000.0, seconds=1.0):
    t = times(seconds)
    return np.sin(2 * np.pi * carrier_hz * t) * (1 + depth * np.sin(2 * np.pi * rate_hz * t))


def harmonic(hz, partials=6, seconds=10.0, stretch=1.0):
    t = times(seconds)
    return sum(
        0.88**k * np.sin(2 * np.pi * hz * k**stretch * t + k * k) for k in range(1, partials + 1)
    )


def clicks(per_s, seconds=4.0, decay_s=0.02, hz=1500.0):
    n = round(seconds * RATE)
    row = np.zeros(n)
    t = times(0.2)
    one = np.exp(-t / decay_s) * np.sin(2 * np.pi * hz * t)
    for k in range(int(per_s * seconds)):
        at = round(k / per_s * RATE) + 480
        row[at : at + len(one)] += one[: n - at]
    return row
