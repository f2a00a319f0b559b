"""How molten rock becomes glass, as plain arithmetic.

Every function takes numbers or arrays that broadcast and knows no compiler, so that a composer
and a compiled voice read the same formula.
"""

from __future__ import annotations

from typing import Any

import numpy as np

MODES = 4
LIQUID = (1.0, 2.32, 4.25, 6.63)  # of a rubbed glass (Cook and Scavone's STK, BandedWG)
HARD = (1.0, 2.0, 4.0, 6.0)
SOFT_RING_S = 0.2  # how long it rings while it is molten
HOTTEST_HZ, COLDEST_HZ = 12_000.0, 2_500.0  # corners of the hiss: at its hottest; where it ends
# Between which values of surrender it hardens, glides to its tones; churn and hiss come to rest.
HARDENS, ARRIVES = (0.1, 0.85), (0.25, 0.9)
CALMS, ENDS = (0.2, 0.85), (0.2, 0.75)


def hardened(heat: Any, glass: Any, given: Any) -> Any:
    """Return how far it is glass, 0..1: by cold, by its own parameter, or as it is given up."""
    return 1.0 - heat * (1.0 - glass) * (1.0 - given)


def ratio(liquid: Any, hard: Any, hardness: Any) -> Any:
    """Return a mode's frequency over the lowest, straight on a log scale between the two."""
    return liquid * np.exp(hardness * np.log(hard / liquid))


def mode_hz(glass_hz: Any, tone_hz: Any, way: Any) -> Any:
    """Return where a mode is at share ``way`` of its way from the glass to its tone."""
    return glass_hz * np.exp(way * np.log(tone_hz / glass_hz))


def rings_s(hardness: Any, ring_s: Any) -> Any:
    """Return how long modes ring (60 dB)."""
    return SOFT_RING_S * np.exp(hardness * np.log(ring_s / SOFT_RING_S))


def hiss_hz(heat: Any, most_hz: Any) -> Any:
    """Return the corner of the hiss's low-pass: it falls as the root of the heat."""
    return np.minimum(most_hz, HOTTEST_HZ * np.sqrt(heat))


def damping(bubble_hz: Any) -> Any:
    """Return how fast a bubble of a pitch dies away, nepers a second (van den Doel 2005).

    Its radius is 3 over the pitch, in metres.
    """
    r = 3.0 / bubble_hz
    return 0.13 / r + 0.0072 * r**-1.5
