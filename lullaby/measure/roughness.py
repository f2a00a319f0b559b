"""The rough index: how deep, and how alike across the spectrum, a sound beats at 10 to 400 Hz.

In the spirit of Daniel and Weber 1997 ("Psychoacoustical roughness: implementation of an
optimized model"), not a copy: an index that is 1.0 on the 1-asper signal (1 kHz, 60 dB, wholly
modulated at 70 Hz), about 0.1 on steady noise, and bounded near 1.2 on coherent pulses.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

BARK_EDGES_HZ = np.array([
    20.0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700,
    3150, 3700, 4400, 5300, 6400, 7700, 9500, 12_000, 15_500,
])  # fmt: skip
WIDENED = 0.15  # both ways, so that neighbouring bands share what lies between them
SLOWEST_HZ, WORST_HZ, FASTEST_HZ = 10.0, 70.0, 400.0
DEEPEST = 1.2
FAINTEST = 2e-4 / math.sqrt(2)  # 20 dB SPL where a full-scale sine is 94
SCALE = 1.32  # 1.0 on the 1-asper signal
CENTRES_BARK = np.arange(24) + 0.5
CARRIER = np.interp(
    CENTRES_BARK,
    [0, 1, 2.5, 4.9, 6.5, 8, 11.5, 13, 15, 17.5, 24],
    [0.3, 0.4, 0.55, 0.75, 0.9, 1, 1, 0.9, 0.7, 0.65, 0.6],
)
TAPER = 40  # the frame fades over a fortieth at both ends, and envelopes are read between


def rough_index(frame: NDArray[np.float32], sample_rate: int) -> float:
    """Return the rough index of a frame (channels, frames) of about 1 s; 0 for silence.

    Channels are judged apart and averaged by their power: what beats is heard by one ear.
    """
    powers = (frame.astype(np.float64) ** 2).mean(axis=1)
    total = float(powers.sum())
    if total <= 0:
        return 0.0
    if len(frame) > 1 and (frame == frame[:1]).all():
        return _of_row(frame[0], sample_rate)
    return sum(
        float(power) / total * _of_row(row, sample_rate)
        for row, power in zip(frame, powers, strict=True)
        if power > total * 1e-6
    )


def _of_row(row: NDArray[np.float32], sample_rate: int) -> float:
    n = len(row)
    fade = n // TAPER
    window = np.ones(n, np.float32)
    window[:fade] = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    window[n - fade :] = window[:fade][::-1]
    bins = np.fft.rfft(row * window)
    seconds = n / sample_rate
    hz = np.arange(math.ceil(FASTEST_HZ * seconds)) / (seconds * (1 - 2 / TAPER))
    pull = _pull(hz)
    beats = np.zeros((24, len(hz)), np.complex128)
    means = np.zeros(24)
    loud = np.zeros(24)
    for band in range(24):
        envelope = _envelope(bins, band, n, seconds)
        if envelope is None:
            continue
        mean = float(envelope.mean())
        loud[band] = math.sqrt(float((envelope * envelope).mean()) / 2)
        if loud[band] >= FAINTEST:
            means[band] = mean
            beats[band] = np.fft.rfft(envelope)[: len(hz)] / len(envelope) * pull
    heard = means > 0
    if not heard.any():
        return 0.0
    weight = np.where(heard, np.sqrt(loud), 0.0)
    strength = 2.0 * (np.abs(beats) ** 2).sum(axis=1)  # variance of each filtered envelope
    depth = np.minimum(np.sqrt(2 * strength) / np.where(heard, means, 1.0), DEEPEST)
    shared = weight * CARRIER * depth**1.6 * _alike(beats, strength)
    return SCALE * float(shared.sum() / weight.sum())


def _pull(hz: NDArray[np.float64]) -> Any:
    pull = (hz / WORST_HZ * np.exp(1 - hz / WORST_HZ)) ** 1.3
    return np.where((hz >= SLOWEST_HZ) & (hz <= FASTEST_HZ), pull, 0.0)


def _envelope(
    bins: NDArray[np.complexfloating[Any, Any]], band: int, n: int, seconds: float
) -> NDArray[np.float64] | None:
    # the analytic signal of the band alone, moved down to 0 Hz: as few samples as it needs
    low = math.ceil(BARK_EDGES_HZ[band] * (1 - WIDENED) * seconds)
    high = min(math.floor(BARK_EDGES_HZ[band + 1] * (1 + WIDENED) * seconds) + 1, len(bins))
    if high - low < 2:
        return None
    size = TAPER * math.ceil(max(2 * (high - low), 2.5 * FASTEST_HZ * seconds) / TAPER)
    size = _quick(size)
    moved = np.fft.ifft(bins[low:high], size)
    edge = size // TAPER
    envelope: NDArray[np.float64] = np.abs(moved[edge : size - edge]) * (2.0 * size / n)
    return envelope.astype(np.float64)


def _quick(size: int) -> int:
    # the next multiple of 40 with no prime above 5
    while True:
        rest = size
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return size
        size += TAPER


def _alike(beats: Any, strength: Any) -> Any:
    joint = 2.0 * (beats[1:] * beats[:-1].conj()).real.sum(axis=1)
    both = np.sqrt(strength[1:] * strength[:-1])
    alike = np.where(both > 1e-30, joint / np.maximum(both, 1e-30), 0.0)
    return np.clip(np.maximum(np.append(alike, 0.0), np.append(0.0, alike)), 0.0, 1.0)
