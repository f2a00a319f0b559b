"""Loudness along the critical-band scale of a steady sound, after Zwicker.

ISO 532-1:2017, method for stationary sounds, and its forerunner DIN 45631 (Zwicker, Fastl and
others 1984, "Program for calculating loudness according to DIN 45631"): third-octave levels in,
core loudnesses of 20 critical bands, flanks towards higher bands. Free field.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lullaby.dsp.kernel import kernel

THIRD_OCTAVES_HZ: Final = 1000.0 * 10.0 ** (np.arange(-16, 12) / 10)  # 25 Hz to 12.5 kHz
BARK_STEP: Final = 0.1
POINTS: Final = 240

# equal-loudness weighting of the 11 lowest third octaves, for levels up to each of LOW_LEVELS
LOW_LEVELS = np.array([45.0, 55.0, 65.0, 71.0, 80.0, 90.0, 100.0, 120.0])
LOW_WEIGHTS_DB = np.array(
    [
        [-32.0, -24, -16, -10, -5, 0, -7, -3, 0, -2, 0],
        [-29, -22, -15, -10, -4, 0, -7, -2, 0, -2, 0],
        [-27, -19, -14, -9, -4, 0, -6, -2, 0, -2, 0],
        [-25, -17, -12, -9, -3, 0, -5, -2, 0, -2, 0],
        [-23, -16, -11, -7, -3, 0, -4, -1, 0, -1, 0],
        [-20, -14, -10, -6, -3, 0, -4, -1, 0, -1, 0],
        [-18, -12, -9, -6, -2, 0, -3, -1, 0, -1, 0],
        [-15, -10, -8, -4, -2, 0, -3, -1, 0, -1, 0],
    ]
)
# by critical band: threshold in quiet, loss to the ear drum, third octave against critical band
QUIET_DB = np.array([30.0, 18, 12, 8, 7, 6, 5, 4] + [3] * 12)
EAR_DB = np.array([0.0] * 10 + [-0.5, -1.6, -3.2, -5.4, -5.6, -4, -1.5, 2, 5, 12])
BAND_DB = np.array([
    -0.25, -0.6, -0.8, -0.8, -0.5, 0, 0.5, 1.1, 1.5, 1.7, 1.8, 1.8, 1.7, 1.6, 1.4, 1.2, 0.8,
    0.5, 0, -0.5,
])  # fmt: skip
BAND_ENDS = np.array([
    0.9, 1.8, 2.8, 3.5, 4.4, 5.4, 6.6, 7.9, 9.2, 10.6, 12.3, 13.8, 15.2, 16.7, 18.1, 19.3,
    20.6, 21.8, 22.7, 23.6, 24.0,
])  # fmt: skip
# slope of the upper flank (sone/Bark a Bark) by specific loudness and critical band
FLANK_FROM = np.array(
    [21.5, 18, 15.1, 11.5, 9, 6.1, 4.4, 3.1, 2.13, 1.36, 0.82, 0.42, 0.3, 0.22, 0.15, 0.1, 0.035, 0]
)
FLANK = np.array(
    [
        [13.0, 8.2, 6.3, 5.5, 5.5, 5.5, 5.5, 5.5],
        [9, 7.5, 6, 5.1, 4.5, 4.5, 4.5, 4.5],
        [7.8, 6.7, 5.6, 4.9, 4.4, 3.9, 3.9, 3.9],
        [6.2, 5.4, 4.6, 4, 3.5, 3.2, 3.2, 3.2],
        [4.5, 3.8, 3.6, 3.2, 2.9, 2.7, 2.7, 2.7],
        [3.7, 3, 2.8, 2.35, 2.2, 2.2, 2.2, 2.2],
        [2.9, 2.3, 2.1, 1.9, 1.8, 1.7, 1.7, 1.7],
        [2.4, 1.7, 1.5, 1.35, 1.3, 1.3, 1.3, 1.3],
        [1.95, 1.45, 1.3, 1.15, 1.1, 1.1, 1.1, 1.1],
        [1.5, 1.2, 0.94, 0.86, 0.82, 0.82, 0.82, 0.82],
        [0.72, 0.67, 0.64, 0.63, 0.62, 0.62, 0.62, 0.62],
        [0.59, 0.53, 0.51, 0.5, 0.42, 0.42, 0.42, 0.42],
        [0.4, 0.33, 0.26, 0.24, 0.24, 0.22, 0.22, 0.22],
        [0.27, 0.21, 0.2, 0.18, 0.17, 0.17, 0.17, 0.17],
        [0.16, 0.15, 0.14, 0.12, 0.11, 0.11, 0.11, 0.11],
        [0.12, 0.11, 0.1, 0.08, 0.08, 0.08, 0.08, 0.08],
        [0.09, 0.08, 0.07, 0.06, 0.06, 0.06, 0.06, 0.05],
        [0.06, 0.05, 0.03, 0.02, 0.02, 0.02, 0.02, 0.02],
    ]
)


def specific_loudness(third_octaves_db: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the specific loudness (sone/Bark) at 0.1, 0.2 ... 24 Bark.

    ``third_octaves_db``: sound pressure levels of the 28 bands ``THIRD_OCTAVES_HZ``; anything
    below -60 dB counts as silence. The sum times ``BARK_STEP`` is the loudness in sone.
    """
    pattern = np.zeros(POINTS)
    _flanks(_cores(np.maximum(third_octaves_db, -60.0)), BAND_ENDS, FLANK_FROM, FLANK, pattern)
    return pattern


def _cores(levels_db: NDArray[np.float64]) -> NDArray[np.float64]:
    lowest = levels_db[:11]
    row = np.zeros(11, np.int64)
    for j in range(len(LOW_LEVELS) - 1):
        row += (row == j) & (lowest > LOW_LEVELS[j] - LOW_WEIGHTS_DB[j])
    powers = 10.0 ** ((lowest + LOW_WEIGHTS_DB[row, np.arange(11)]) / 10)
    low_bands = 10 * np.log10([powers[:6].sum(), powers[6:9].sum(), powers[9:].sum()])
    level = np.concatenate((low_bands, levels_db[11:])) - EAR_DB
    over = level - BAND_DB - QUIET_DB
    core = 0.0635 * 10.0 ** (0.025 * QUIET_DB) * ((0.75 + 0.25 * 10.0 ** (over / 10)) ** 0.25 - 1)
    core = np.where(level > QUIET_DB, np.maximum(core, 0.0), 0.0)
    core[0] *= min(1.0, 0.4 + 0.32 * core[0] ** 0.2)  # threshold within the lowest band
    return np.append(core, 0.0)


@kernel
def _flanks(cores: Any, ends: Any, flank_from: Any, flank: Any, pattern: Any) -> None:
    bark, loud, point, j = 0.0, 0.0, 0, 0
    for band in range(cores.shape[0]):
        core, end = cores[band], ends[band] + 1e-4
        column = min(max(band - 1, 0), 7)
        while bark < end:
            slope = 0.0
            if loud <= core:  # the band itself is heard, up to its end
                if loud < core:
                    j = 0
                    while j < 17 and flank_from[j] > core:
                        j += 1
                start, to, lower = core, end, core
            else:  # the flank of the bands below is louder still
                slope = flank[j, column]
                lower = max(flank_from[j], core)
                start, to = loud, bark + (loud - lower) / slope
                if to > end:
                    to = end
                    lower = loud - (to - bark) * slope
            while point < pattern.shape[0] and (point + 1) * 0.1 < to:
                pattern[point] = start - ((point + 1) * 0.1 - bark) * slope
                point += 1
            while j < 17 and lower <= flank_from[j]:
                j += 1
            bark, loud = to, lower
