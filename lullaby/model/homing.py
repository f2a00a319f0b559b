"""Coming home: what ticks by itself is brought to one common beat, a little or all the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.curve import Curve, eased, kept

HOME_FROM, HOME_AT = 0.2, 0.9  # of surrender, between which what ticks comes home


def home_share(surrender: Floats) -> Floats:
    """Return how far home it is, 0..1."""
    return eased(kept((surrender - HOME_FROM) / (HOME_AT - HOME_FROM)), "smooth")


def homeward(at_s: Floats, share: Floats, beat_hz: Curve) -> Floats:
    """Return times (s) delayed by a share, 0..1, of what is left until the next beat.

    Beat n is where the integral of ``beat_hz`` passes n.  Nothing comes early, and the beat is told
    by the tempo as it is at that time: what is still to come of it cannot move anything.
    """
    turns = np.array([beat_hz.integral(t) for t in at_s.tolist()])
    left: Floats = (np.ceil(turns - 1e-9) - turns) / beat_hz(at_s)
    return at_s + share * left


def phases(at_s: float, share: float, beat_hz: Curve, rates_hz: Sequence[Curve]) -> Floats:
    """Return the phases (cycles) of clocks at a time, a share of them that of the beat."""
    turns = np.array([rate_hz.integral(at_s) for rate_hz in rates_hz])
    found: Floats = (turns + share * (beat_hz.integral(at_s) - turns)) % 1.0
    return found
