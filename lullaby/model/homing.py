"""Coming home: what ticks by itself is brought to one common beat, a little or all the way."""

from __future__ import annotations

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.curve import Curve


def homeward(at_s: Floats, share: Floats, beat_hz: Curve) -> Floats:
    """Return times (s) delayed by a share, 0..1, of what is left until the next beat.

    Beat n is where the integral of ``beat_hz`` passes n.  Nothing comes early, and the beat is told
    by the tempo as it is at that time: what is still to come of it cannot move anything.
    """
    turns = np.array([beat_hz.integral(t) for t in at_s.tolist()])
    left: Floats = (np.ceil(turns - 1e-9) - turns) / beat_hz(at_s)
    return at_s + share * left
