"""Formants: where a mouth resonates for each vowel, and the filters that do.

Tables: means of Peterson and Barney 1952 for children; above the third, formants every 1380 Hz up
to the end of the band, without which a cascade at 48 kHz is far too dark (Klatt 1980).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# First three formants (Hz) of a child, by ARPAbet.
CHILD = {
    "IY": (370.0, 3200.0, 3730.0),
    "IH": (530.0, 2730.0, 3600.0),
    "EH": (690.0, 2610.0, 3570.0),
    "AE": (1010.0, 2320.0, 3320.0),
    "AA": (1030.0, 1370.0, 3170.0),
    "AO": (680.0, 1060.0, 3180.0),
    "UH": (560.0, 1410.0, 3310.0),
    "UW": (430.0, 1170.0, 3260.0),
    "AH": (850.0, 1590.0, 3360.0),
    "ER": (560.0, 1820.0, 2160.0),
}
HUM = "M"  # a closed mouth: the murmur of the nose
VOWELS = (*CHILD, HUM)
FOURTH_HZ, FIFTH_HZ, SPACING_HZ = 4700.0, 6000.0, 1380.0
MURMUR_HZ, MURMUR_WIDE_HZ = (350.0, 1350.0, 2740.0), (112.0, 275.0, 400.0)
# Of the side branch a closed mouth is: what it takes away and what it gives back.
ZERO_HZ, ZERO_WIDE_HZ, POLE_HZ, POLE_WIDE_HZ = 1280.0, 150.0, 1680.0, 310.0
OPEN_WIDE_HZ = (100.0, 125.0, 225.0, 290.0, 400.0)
ABOVE_WIDE = 0.08  # of a higher formant, in its own frequency
HIGHEST = 0.47  # of the sample rate, for the last formant
GUARD = 1.02  # a singer's first formant is never lower than this much of the pitch (Sundberg 1987)


def sections(sample_rate: float, longest: float = 1.0) -> int:
    """Return how many resonances fill the band, the pair of the nose not counted.

    ``longest``: the longest tract, 1 the child of the tables.
    """
    step_hz = SPACING_HZ / longest
    return 5 + max(int((HIGHEST * sample_rate - FIFTH_HZ / longest) / step_hz), 0)


def vowel(name: str) -> Floats:
    """Return frequency and width (Hz) of the nose's zero and pole and of five formants.

    Shape (2, 7).  ``name``: one of VOWELS.  An open mouth's zero lies on its pole, so that both go.
    """
    if name == HUM:
        hz = (ZERO_HZ, POLE_HZ, *MURMUR_HZ, 0.85 * FOURTH_HZ, 0.9 * FIFTH_HZ)
        wide = (ZERO_WIDE_HZ, POLE_WIDE_HZ, *MURMUR_WIDE_HZ, 500.0, 625.0)
        return np.array((hz, wide))
    hz = (POLE_HZ, POLE_HZ, *CHILD[name], FOURTH_HZ, FIFTH_HZ)
    return np.array((hz, (POLE_WIDE_HZ, POLE_WIDE_HZ, *OPEN_WIDE_HZ)))


def blended(a: Floats, b: Floats, share: Any) -> Floats:
    """Return the mouth between two, straight on a log scale; ``share`` of the way, shape (n,).

    Shape (n, 2, 7).
    """
    way = np.asarray(share, np.float64)[:, None, None]
    made: Floats = np.exp((1.0 - way) * np.log(a) + way * np.log(b))
    return made


def tract(mouth: Floats, length: float, pitch_hz: Any, count: int) -> tuple[Floats, Floats]:
    """Return frequencies and widths (Hz) of all sections of a mouth, each shape (n, 2 + count).

    ``mouth``: shape (n, 2, 7), as of ``vowel``; ``length`` of the tract, 1 a child, 1.35 a grown
    man; ``pitch_hz``: shape (n,), the first formant keeps above it.
    """
    hz, wide = mouth[:, 0] / length, mouth[:, 1]
    hz[:, 2] = np.maximum(hz[:, 2], GUARD * np.asarray(pitch_hz))
    hz[:, 3:] = np.maximum(hz[:, 3:], 1.05 * hz[:, 2:3])
    above = hz[:, 6:7] + SPACING_HZ / length * np.arange(1, count - 4)
    return np.hstack((hz, above)), np.hstack((wide, ABOVE_WIDE * above))


def resonators(hz: Floats, wide_hz: Floats, sample_rate: float) -> Floats:
    """Return B and C of resonators y = (1 - B - C) x + B y1 + C y2, gain 1 at 0 Hz (Klatt 1980).

    Shape (n, 2, sections).
    """
    # A tract too long for the band has its last resonances where they are not heard.
    kept = np.minimum(hz, 0.49 * sample_rate)
    radius = np.exp(-np.pi * wide_hz / sample_rate)
    b = 2.0 * radius * np.cos(2.0 * np.pi * kept / sample_rate)
    return np.stack((b, -(radius**2)), axis=1)


def response(coefficients: Floats, at_hz: Any, sample_rate: float) -> Floats:
    """Return the gain of a cascade at frequencies (Hz), its first section being a zero.

    ``coefficients``: shape (2, sections), as of ``resonators``.
    """
    z = np.exp(-2j * np.pi * np.asarray(at_hz, np.float64) / sample_rate)[:, None]
    b, c = coefficients
    each = np.abs((1.0 - b - c) / (1.0 - b * z - c * z * z))
    each[:, 0] = 1.0 / each[:, 0]
    made: Floats = np.prod(each, axis=1)
    return made
