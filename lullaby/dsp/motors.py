"""A motor with inertia, and what reaches a listener of it: every instant has a formula.

The functions are plain arithmetic on numbers or arrays; voices compile the same lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SOUND_M_PER_S = 343.0  # in air of 20 degrees
QUIETEST = 0.04  # of full speed: below it a siren is breath, and its pitch is not asked for
BEGINS_FROM = 0.10  # of surrender, before which no motor begins to come to rest
BLOWN = 0.35  # of full speed, from which a blower gives its full level


def lowest(on_s: Any, off_s: Any, up_s: Any, down_s: Any) -> Any:
    """Return the speed at which a motor that is switched for ever is switched on again, 0..1."""
    kept_on, kept_off = np.exp(-on_s / up_s), np.exp(-off_s / down_s)
    return (1.0 - kept_on) * kept_off / (1.0 - kept_on * kept_off)


def speed(
    since_s: Any,
    first: Any,
    low: Any,
    on_s: Any,
    off_s: Any,
    up_s: Any,
    down_s: Any,
    cut_s: Any,
) -> Any:
    """Return the speed of a motor that is switched on and off in turn, as a share of its full one.

    With the current on it nears 1 with time constant ``up_s``, off it nears 0 with ``down_s``; it
    is on for ``on_s`` and off for ``off_s``, again and again until ``cut_s``, when it is left to
    run down.  ``first``: its speed at 0 s; ``low``: ``lowest`` of the same switching.  The speeds
    at which it is switched on are a geometric row, so no turn need be gone through.
    """
    t = np.minimum(np.maximum(since_s, 0.0), cut_s)
    turn = np.floor(t / (on_s + off_s))
    within = t - turn * (on_s + off_s)
    begun = low + (first - low) * np.exp(-turn * (on_s / up_s + off_s / down_s))
    risen = 1.0 - (1.0 - begun) * np.exp(-np.minimum(within, on_s) / up_s)
    fallen = np.maximum(within - on_s, 0.0) + np.maximum(since_s - cut_s, 0.0)
    return risen * np.exp(-fallen / down_s)


def doppler(along_m: Any, aside_m: Any, speed_m_per_s: Any) -> Any:
    """Return the factor of pitch c / (c + v) of a source passing on a straight line.

    ``along_m``: how far it is past the nearest point of its way, which is ``aside_m`` > 0 away.
    """
    away = speed_m_per_s * along_m / np.sqrt(along_m * along_m + aside_m * aside_m)
    return SOUND_M_PER_S / (SOUND_M_PER_S + away)


def eased_between(x: Any, low: Any, high: Any) -> Any:
    """Return 0 below ``low``, 1 above ``high``, and 3y^2 - 2y^3 between."""
    y = np.minimum(np.maximum((x - low) / (high - low), 0.0), 1.0)
    return y * y * (3.0 - 2.0 * y)
