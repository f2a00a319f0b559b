"""The glottis: one period of the flow's derivative, pressed to breathy, ready band-limited.

LF model (Fant, Liljencrants and Lin 1985), its shape from the one number Rd (Fant 1995): 0.4
pressed, 1 modal, 1.35 a child, 2 and more breathy.  A period is worked out for 24 values of Rd,
mixed for four times as many, and tabulated for every half octave of pitch with only the harmonics
that lie below half the sample rate, so that nothing folds.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SOLVED, FINER = 24, 4
RD = np.linspace(0.4, 2.7, (SOLVED - 1) * FINER + 1)
BITS = 10
SIZE = 1 << BITS  # frames of a period; every row has one more, the first again
MIPS = 16
CLOSES = 0.75  # of a period, where every one has its strongest point, so that they mix well
FULLEST = 320  # harmonics of the fullest row; each row has half an octave less than the one before
ROW = SIZE + 1
ROWS = MIPS * ROW  # from one Rd to the next
PER_RD = (len(RD) - 1) / (RD[-1] - RD[0])  # rows a unit of Rd


def lf_period(rd: float, frames: int = SIZE) -> Floats:
    """Return one period of the derivative of the glottal flow, its strongest point -1.

    Shape (frames,).  ``rd``: 0.4..2.7.  Fant's regressions from Rd; the growth is the one for which
    no flow is left over, found by halving.
    """
    ra, rk = (-1.0 + 4.8 * rd) / 100.0, (22.4 + 11.8 * rd) / 100.0
    rg = rk / (4.0 * (0.11 * rd / (0.5 + 1.2 * rk) - ra))
    peak = 0.5 / rg
    closes, returns = peak * (1.0 + rk), ra
    decay = 1.0 / returns
    for _ in range(100):  # eps ta = 1 - exp(-eps (1 - te)) contracts
        decay = (1.0 - np.exp(-decay * (1.0 - closes))) / returns

    def period(growth: float, fine: int) -> Floats:
        t = (np.arange(fine * frames) + 0.5) / (fine * frames)
        opened = -np.exp(growth * (t - closes)) * np.sin(np.pi * t / peak)
        opened /= np.sin(np.pi * closes / peak)
        left = np.exp(-decay * (1.0 - closes))
        closing = -(np.exp(-decay * (t - closes)) - left) / (decay * returns)
        return np.where(t < closes, opened, np.where(t < 1.0, closing, 0.0))

    low, high = -50.0, 200.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if period(middle, 1).sum() > 0.0 else (low, middle)
    made: Floats = period(0.5 * (low + high), 8).reshape(frames, 8).mean(axis=1)
    return made


def closed_at(rd: Any) -> Any:
    """Return the share of the period after which the glottis closes (te of the LF model)."""
    rk = (22.4 + 11.8 * rd) / 100.0
    rg = rk / (4.0 * (0.11 * rd / (0.5 + 1.2 * rk) - (-1.0 + 4.8 * rd) / 100.0))
    return 0.5 / rg * (1.0 + rk)


@cache
def spectra() -> NDArray[np.complex128]:
    """Return the harmonics of each of RD, shape (n, FULLEST + 1), of power 1; none at 0 Hz."""
    solved = np.array([np.fft.rfft(lf_period(rd))[: FULLEST + 1] for rd in RD[::FINER]]) / SIZE
    solved[:, 0] = 0.0
    late = (CLOSES - closed_at(RD[::FINER]))[:, None] * np.arange(FULLEST + 1)
    solved *= np.exp(-2j * np.pi * late)
    solved /= np.sqrt(np.sum(np.abs(solved) ** 2, axis=1))[:, None]
    at = np.arange(len(RD)) / FINER
    below = np.minimum(at.astype(np.int64), SOLVED - 2)
    share = (at - below)[:, None]
    found = (1.0 - share) * solved[below] + share * solved[below + 1]
    power = 2.0 * np.sum(np.abs(found) ** 2, axis=1)
    made: NDArray[np.complex128] = found / np.sqrt(power)[:, None]
    return made


@cache
def wavetable() -> NDArray[np.float32]:
    """Return all periods, flat: by Rd, then by fullness, each with its first frame again."""
    made = np.zeros((len(RD), MIPS, ROW), np.float32)
    for mip in range(MIPS):
        kept = spectra().copy()
        kept[:, harmonics(mip) + 1 :] = 0.0
        full = np.zeros((len(RD), SIZE // 2 + 1), np.complex128)
        full[:, : kept.shape[1]] = kept
        made[:, mip, :SIZE] = np.fft.irfft(full * SIZE, axis=1)
    made[:, :, SIZE] = made[:, :, 0]
    return made.ravel()


def harmonics(mip: int) -> int:
    """Return how many harmonics a row of the table has."""
    return max(int(FULLEST * 2.0 ** (-0.5 * mip)), 1)


def mip_for(highest_hz: float, sample_rate: float) -> int:
    """Return the fullest row that may be read up to a pitch: none beyond 0.49 of the rate."""
    room = 0.49 * sample_rate / highest_hz
    return next((mip for mip in range(MIPS) if harmonics(mip) <= room), MIPS - 1)
