"""Where the companions of a data voice are, as arithmetic that composer and voice share."""

from __future__ import annotations

from typing import Any

import numpy as np


def beside_hz(pitch_hz: Any, tone_hz: Any, cents: Any, surrender: Any) -> Any:
    """Return the pitch of a line's companion: so many cents beside it, surrendered on a tone."""
    near = pitch_hz * np.exp(cents * (np.log(2.0) / 1200.0))
    way = np.minimum(np.maximum((surrender - 0.25) / 0.65, 0.0), 1.0)
    return near * np.exp(way * way * (3.0 - 2.0 * way) * np.log(tone_hz / near))
