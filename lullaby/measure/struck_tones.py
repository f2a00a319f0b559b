"""Struck tones found in a stem, one after the other: when each begins, its pitch, level and place.

Nothing is known of them but the bounds of their pitch; where they come too dense to be told apart,
nothing more is found.  A tone is a row of harmonics, each dying
away by itself; fitted to what follows its onset, it is taken out of all that comes, so that the
next is heard without the tails of those before (Gauss-Newton on damped sinusoids, as in Stoica and
Moses 2005, "Spectral Analysis of Signals", chapter 4; one by one as in Hogbom 1974, "CLEAN").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import freqz, resample_poly

from lullaby.measure.k_weighting import k_weighting

Floats = NDArray[np.float64]

RATE = 12_000  # enough for the harmonics that tell a pitch
HARMONICS = 8
RISE_S = 0.016  # until a tone stands, it is not fitted
FIRST_S, LONGEST_S = 0.03, 0.2  # of it that is fitted, longer as far as it is alone
FRAME, AT_ONCE = 24, 100  # samples a look, and looks at once
OVER = 0.06  # of what is known to sound: what deviates more is another tone
FAINTEST = 3e-4  # amplitude
FINE_CENTS = 2.0
A_OCTAVE = 96
SHORTEST = 5  # looks that are fitted at least
STEPS = 4  # of a fit
LOST = 30  # tones within a second: what is left is no tones any more
LEAST_FALL, WEAK_FALL, MOST_FALL = 0.0, 20.0, 400.0  # 1/s
CLEAR = 3e-3  # of the strongest harmonic's power: what is softer says nothing of the pitch


@dataclass(frozen=True)
class Tones:
    """What was found, in time: seconds, Hz, dB (K-weighted, at the onset), -1 left to 1 right."""

    at_s: Floats
    pitch_hz: Floats
    level_db: Floats
    pan: Floats


def struck_tones(sound: Any, sample_rate: int, low_hz: float, high_hz: float) -> Tones:
    """Return the tones of a sound, float (2, frames), with pitches between two bounds."""
    up, down = RATE, sample_rate
    common = int(np.gcd(up, down))
    heard = resample_poly(np.asarray(sound, np.float64), up // common, down // common, axis=1)
    return _Finder(heard, low_hz, high_hz).found()


@dataclass(frozen=True)
class _Fit:
    """A tone as fitted: poles (1/s) and complex amplitudes (2, harmonics) at ``first``."""

    first: int
    poles: NDArray[np.complex128]
    amplitudes: NDArray[np.complex128]

    def sound(self, begin: int, end: int) -> Floats:
        t = np.arange(begin - self.first, end - self.first) / RATE
        turns = np.exp(self.poles[:, None] * t)
        made: Floats = (self.amplitudes @ turns).real
        return made

    def amplitude(self, at: int) -> float:
        fallen = np.exp(self.poles.real * (at - self.first) / RATE)
        return float(np.sqrt((np.abs(self.amplitudes * fallen) ** 2).sum()))

    def lasts(self) -> int:
        """Return the sample at which nothing of it is left."""
        fall = -self.poles.real
        loud = np.sqrt((np.abs(self.amplitudes) ** 2).sum(axis=0))
        left = np.log(np.maximum(loud / (0.01 * FAINTEST), 1.0)) / np.maximum(fall, 0.2)
        return self.first + int(left.max() * RATE) + 1


class _Finder:
    def __init__(self, heard: Floats, low_hz: float, high_hz: float) -> None:
        self._left = heard.copy()  # what no tone so far accounts for
        self._frames = heard.shape[1]
        self._bounds = low_hz, high_hz
        self._tones: list[tuple[int, _Fit]] = []

    def found(self) -> Tones:
        here = 0
        while (onset := self._onset(here)) is not None:
            if len(self._tones) >= LOST and onset - self._tones[-LOST][0] < RATE:
                break
            here = self._tone(onset)
        rows = [self._row(onset, fit) for onset, fit in self._tones]
        table = np.array(rows).reshape(-1, 4)
        return Tones(*(table[:, i] for i in range(4)))

    def _onset(self, here: int) -> int | None:
        # Where more is left than what the tones so far may be off by.
        for begin in range(here, self._frames - FRAME + 1, AT_ONCE * FRAME):
            frames = min(AT_ONCE, (self._frames - begin) // FRAME)
            rms = _rms(self._left[:, begin : begin + frames * FRAME])
            at = begin + np.arange(frames) * FRAME
            over = np.flatnonzero(rms > np.maximum(FAINTEST, OVER * self._sounding(at)))
            if len(over):
                return int(at[over[0]])
        return None

    def _sounding(self, at: NDArray[np.int64]) -> Floats:
        loud = np.zeros(len(at))
        for _, fit in self._tones[-40:]:
            since = np.maximum(at - fit.first, 0) / RATE
            for pole, both in zip(fit.poles, fit.amplitudes.T, strict=True):
                loud += (np.abs(both) ** 2).sum() * np.exp(2.0 * pole.real * since)
        return np.sqrt(loud)

    def _tone(self, onset: int) -> int:
        """Fit a tone, take it out, and return where to look on."""
        first = onset + round(RISE_S * RATE)
        size, most = round(FIRST_S * RATE), round(LONGEST_S * RATE)
        if first + size > self._frames:
            return int(self._frames)
        fit = self._fitted(first, size, self._guess(first, size))
        for short in range(size, SHORTEST * FRAME, -2 * FRAME):
            # Where another begins already: as short as it takes.
            tried = self._fitted(first, short, self._guess(first, short))
            if self._alone(tried, first, first + short) == first + short // FRAME * FRAME:
                fit, size = tried, short
                break
        while (
            longer := self._alone(fit, first + size, first + min(2 * size, most))
        ) > first + size:
            size = longer - first
            fit = self._fitted(first, size, fit.poles)
        end = min(max(first, fit.lasts()), self._frames)
        self._left[:, onset:end] -= fit.sound(onset, end)
        self._tones.append((onset, fit))
        return first

    def _alone(self, fit: _Fit, begin: int, end: int) -> int:
        # As far as nothing else begins.
        frames = (min(end, self._frames) - begin) // FRAME
        if frames < 1:
            return begin
        end = begin + frames * FRAME
        off = _rms(self._left[:, begin:end] - fit.sound(begin, end))
        other = np.flatnonzero(off > max(FAINTEST, OVER * fit.amplitude(begin)))
        looks = max(0, int(other[0]) - 1) if len(other) else frames
        return int(begin + looks * FRAME)

    def _guess(self, first: int, size: int) -> NDArray[np.complex128]:
        x = self._left[:, first : first + size].sum(axis=0)
        n = 1 << 15
        spectrum = np.abs(np.fft.rfft(x * np.hanning(size), n))
        low, high = self._bounds
        octaves = np.log2(high / low)
        coarse = low * 2.0 ** np.linspace(0.0, octaves, int(octaves * A_OCTAVE) + 2)
        near = coarse[self._score(spectrum, coarse, n).argmax()]
        fine = near * 2.0 ** (np.arange(-20.0, 20.5, FINE_CENTS) / 1200.0)
        k = np.arange(1, HARMONICS + 1)
        bins = np.round(fine[:, None] * k * n / RATE).astype(np.int64)
        inside = bins < n // 2
        power = np.where(inside, spectrum[np.minimum(bins, n // 2)] ** 2, 0.0).sum(axis=1)
        hz = fine[power.argmax()] * k
        hz = hz[hz < 0.45 * RATE]
        made: NDArray[np.complex128] = -5.0 + 2j * np.pi * hz
        return made

    @staticmethod
    def _score(spectrum: Floats, candidates: Floats, n: int) -> Floats:
        # Amplitudes at the harmonics less those half way between, as in ``reading_back``.
        score = np.zeros(len(candidates))
        for half in range(1, 2 * HARMONICS + 2):
            bins = np.round(half * 0.5 * candidates * n / RATE).astype(np.int64)
            amplitude = np.where(bins < n // 2, spectrum[np.minimum(bins, n // 2)], 0.0)
            if half % 2 == 0:
                score += amplitude / np.sqrt(half / 2)
            else:
                around = [k for k in (half // 2, half // 2 + 1) if 1 <= k <= HARMONICS]
                score -= 0.5 * amplitude * sum(k**-0.5 for k in around)
        return score

    def _fitted(self, first: int, size: int, poles: NDArray[np.complex128]) -> _Fit:
        t = np.arange(size) / RATE
        heard = self._left[:, first : first + size]
        mono = heard.sum(axis=0)
        k = np.arange(1, len(poles) + 1)
        for _ in range(STEPS):
            turns = np.exp(poles[:, None] * t)
            columns = np.concatenate([turns.real, -turns.imag, t * turns.real, -t * turns.imag])
            a, b, c, d = np.split(_solved(columns, mono), 4)
            amplitude, moved = a + 1j * b, c + 1j * d
            power = np.abs(amplitude) ** 2
            strong = power > CLEAR * power.max()
            off = np.where(strong, moved / np.where(strong, amplitude, 1.0), 0.0)
            weight = np.where(strong, power * k**2, 0.0)
            turn = float((off.imag / k * weight).sum() / max(weight.sum(), 1e-30))
            most = 0.5 / t[-1]
            hz = poles.imag / (2 * np.pi * k) + np.clip(turn / (2 * np.pi), -most, most)
            near = np.clip(off.real, -20.0, 20.0)
            fall: Any = np.where(
                strong, np.clip(-(poles.real + near), LEAST_FALL, MOST_FALL), WEAK_FALL
            )
            poles = np.asarray(-fall + 2j * np.pi * hz * k, np.complex128)
        turns = np.exp(poles[:, None] * t)
        columns = np.concatenate([turns.real, -turns.imag])
        both = np.array([_solved(columns, side) for side in heard])
        return _Fit(first, poles, both[:, : len(k)] + 1j * both[:, len(k) :])

    def _row(self, onset: int, fit: _Fit) -> tuple[float, float, float, float]:
        begun = fit.amplitudes * np.exp(fit.poles.real * (onset - fit.first) / RATE)
        hz = fit.poles.imag / (2.0 * np.pi)
        power = (np.abs(begun) ** 2).sum(axis=0) * _k_power(hz)
        left, right = np.sqrt((np.abs(begun) ** 2).sum(axis=1))
        level = 10.0 * np.log10(max(float(power.sum()), 1e-20))
        pan = 4.0 / np.pi * float(np.arctan2(right, left)) - 1.0
        return onset / RATE, float(hz[0]), level, pan


def _rms(x: Floats) -> Floats:
    made: Floats = np.sqrt((x**2).sum(axis=0).reshape(-1, FRAME).mean(axis=1))
    return made


def _solved(columns: Floats, x: Floats) -> Floats:
    gram = columns @ columns.T
    gram[np.diag_indices_from(gram)] *= 1.0 + 1e-9
    made: Any = np.linalg.solve(gram + 1e-12 * np.eye(len(gram)), columns @ x)
    return np.asarray(made, np.float64)


def _k_power(hz: Floats) -> Floats:
    gain = np.ones(len(hz), np.complex128)
    for b0, b1, b2, a1, a2 in k_weighting(48_000):
        gain = gain * freqz([b0, b1, b2], [1.0, a1, a2], hz, fs=48_000)[1]
    made: Floats = np.abs(gain) ** 2
    return made
