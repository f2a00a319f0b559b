"""What becomes of a wasp as panic and surrender move, as plain arithmetic on numbers or arrays.

The functions know no compiler, so that a composer and a compiled voice read the same formula.
"""

from __future__ import annotations

from typing import Any

from lullaby.dsp.motors import eased_between

RAW_FROM, RAW_TO = 0.10, 0.55  # of surrender, over which jitter, stings and Doppler go
ALIKE = 0.52  # of two strokes, share of the octave: its first harmonic is 4 dB over the wing's own
UNHEARD = 0.12  # of the gain of those that panic has not roused: they are far off
ROUSED_OVER = 0.2  # of panic


def raw(surrender: Any) -> Any:
    """Return how much of the raw swarm is left: 1 below a surrender of 0.1, 0 from 0.55 on."""
    return 1.0 - eased_between(surrender, RAW_FROM, RAW_TO)


def quicker(panic: Any) -> Any:
    """Return the factor of every wing's pitch: a semitone to each side of the middle of panic."""
    return 2.0 ** (0.16 * (panic - 0.5))


def roused(panic: Any, rank: Any) -> Any:
    """Return the gain of a wasp that panic rouses from ``rank`` on."""
    return UNHEARD + (1.0 - UNHEARD) * eased_between(panic - rank, 0.0, ROUSED_OVER)
