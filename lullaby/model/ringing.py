"""What rings on at a time of all that was struck, for measuring dissonance."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.event import Events
from lullaby.units import db_to_gain


def ringing(at_s: float, events: Events, pitched: Any) -> tuple[Floats, Floats]:
    """Return pitch (Hz) and linear gain of each event that sounds at a time and is ``pitched``.

    Events carry ``ring_s``, in which they fall by 60 dB.
    """
    since = at_s - events["at_s"]
    e = events[(since >= 0.0) & (since < events["duration_s"]) & pitched]
    gain: Floats = db_to_gain(e["level_db"] - 60.0 * (at_s - e["at_s"]) / e["ring_s"])
    return np.asarray(e["pitch_hz"], np.float64), gain
