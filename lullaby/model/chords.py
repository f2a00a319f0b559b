"""The open chords that everything pitched comes home to: ratios over one root.

Each is a subset of one root's harmonics, so that it is just, and open: neighbours lie 1.2 critical
bands and more apart at a root of 55 Hz (Plomp and Levelt 1965; 1.72 f^0.65 Hz at their mean), so
that no two tones rub.
"""

from __future__ import annotations

from typing import Final

CHORDS: Final = {
    "warm": (1.0, 2.0, 3.0, 5.0, 8.0, 12.0),
    "octaves": (1.0, 2.0, 4.0, 6.0, 10.0, 16.0),
    "wide": (1.0, 3.0, 5.0, 8.0, 12.0, 20.0),
}


def tones_between(chord: str, lowest: float, highest: float) -> tuple[float, ...]:
    """Return the tones of a chord that lie within two ratios over its root, both included."""
    return tuple(tone for tone in CHORDS[chord] if lowest <= tone <= highest)
