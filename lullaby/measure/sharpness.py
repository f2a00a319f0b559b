"""Sharpness: how much of a sound's loudness lies high (DIN 45692, in acum)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lullaby.measure.spectrum import Spectrum
from lullaby.units import power_to_db

# A full-scale sine stands for 94 dB SPL, so one unit of root mean square is sqrt(2) pascal.
REFERENCE_PA = 2e-5
FULL_SCALE_PA2 = 2.0
HIGHEST_HZ = 20_000.0  # where the highest band has no more skirt
ACUM = 0.11  # so that a critical band of noise at 1 kHz and 60 dB SPL is 1 acum


@lru_cache(maxsize=4)
def _third_octaves(bins: int, bin_hz: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    # Butterworth band-passes of third order (IEC 61260): the loudness method counts on their
    # skirts, rectangular bands read a tone 10 % too soft. Bins are first summed in groups of 2 %.
    from lullaby.dsp.specific_loudness import THIRD_OCTAVES_HZ

    groups = np.unique(np.append(np.geomspace(1, max(bins - 1, 1), 700).astype(np.int64), 0))
    hz = (groups + np.append(groups[1:], bins) - 1) / 2 * bin_hz
    away = np.maximum(hz, 1e-3) / THIRD_OCTAVES_HZ[:, np.newaxis]
    width = 10**0.05 - 10**-0.05
    return groups, 1.0 / (1.0 + ((away - 1.0 / away) / width) ** 6)


def third_octaves_db(heard: Spectrum) -> NDArray[np.float64]:
    """Return the sound pressure levels of the 28 third octaves from 25 Hz to 12.5 kHz."""
    top = heard.band(0.0, HIGHEST_HZ).stop
    groups, filters = _third_octaves(top, float(heard.hz[1]) if top > 1 else 1.0)
    power = filters @ np.add.reduceat(heard.power[:top], groups)
    levels: NDArray[np.float64] = power_to_db(
        np.maximum(power * FULL_SCALE_PA2 / REFERENCE_PA**2, 1e-6)
    )
    return levels


def sharpness_acum(heard: Spectrum) -> float:
    """Return the sharpness in acum of a spectrum whose full-scale sine is 94 dB SPL; 0 unheard.

    Specific loudness after ISO 532-1 (stationary, free field), weighted as in DIN 45692:2009.
    """
    from lullaby.dsp.specific_loudness import BARK_STEP, POINTS, specific_loudness

    pattern = specific_loudness(third_octaves_db(heard))
    total = float(pattern.sum())
    if total <= 0:
        return 0.0
    bark = BARK_STEP * np.arange(1, POINTS + 1)
    weight = np.where(bark > 15.8, 0.15 * np.exp(0.42 * (bark - 15.8)) + 0.85, 1.0)
    return ACUM * float((pattern * weight * bark).sum()) / total
