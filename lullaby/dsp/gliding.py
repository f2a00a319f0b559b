"""How a partial glides from its place in a cluster to a tone of a chord, as plain arithmetic.

Every function takes numbers or arrays that broadcast and knows no compiler, so that a composer
and a compiled voice read the same formula.
"""

from __future__ import annotations

from typing import Any

import numpy as np

ROUGHEST = 0.2206 / 0.24  # where two sines are roughest (Sethares 1993), times 0.0207 f + 18.96 Hz

HUSH_DB = -13.0


def eased_between(x: Any, first: Any, last: Any) -> Any:
    """Return 3y^2 - 2y^3 of the share y of the way of ``x`` from ``first`` to ``last``, 0..1."""
    y = np.minimum(np.maximum((x - first) / (last - first), 0.0), 1.0)
    return y * y * (3.0 - 2.0 * y)


def source_hz(
    root_hz: Any, harmonic: Any, strays: Any, leans: Any, stretch: Any, detune_cents: Any
) -> Any:
    """Return where a partial lies in the cluster.

    ``root_hz * harmonic^(1 + stretch)``, moved by ``strays`` times ``detune_cents``, then by
    ``leans`` (0 or 1) times the roughest distance from there: 19 Hz at 100 Hz, 36 Hz at 1 kHz.
    """
    cents = strays * detune_cents
    f = root_hz * np.exp((1.0 + stretch) * np.log(harmonic) + cents * (np.log(2.0) / 1200.0))
    return f + leans * ROUGHEST * (0.0207 * f + 18.96)


def glided_hz(way: Any, from_hz: Any, to_hz: Any) -> Any:
    """Return the frequency at share ``way`` of a glide, straight on a log scale."""
    return to_hz * np.exp((1.0 - way) * np.log(from_hz / to_hz))


def hushed_db(way: Any, share: Any) -> Any:
    """Return how much softer one glides who follows another to its tone (a share below a half).

    What crosses on its way rubs; so one voice leads to each tone, and those behind it are hushed
    until they have arrived.
    """
    y = np.minimum(way / 0.4, 1.0)
    return HUSH_DB * (share < 0.5) * (y * y * (3.0 - 2.0 * y))


def wandered(time_s: Any, slow_hz: Any, slow_turn: Any, quick_hz: Any, quick_turn: Any) -> Any:
    """Return an unsteadiness within -1..1: two slow sines, phases in cycles at time 0."""
    slow = np.sin(2.0 * np.pi * (slow_hz * time_s + slow_turn))
    return 0.6 * slow + 0.4 * np.sin(2.0 * np.pi * (quick_hz * time_s + quick_turn))


def settled(away_cents: Any, way: Any) -> Any:
    """Return the share of a partial that rests on its tone, 0..1.

    All of it within 2 cents, none beyond 8, and none before three quarters of the way: what began
    close to its tone still belongs to the cluster.
    """
    y = np.minimum(np.maximum((8.0 - away_cents) / 6.0, 0.0), 1.0)
    z = np.minimum(np.maximum((way - 0.75) / 0.2, 0.0), 1.0)
    return y * y * (3.0 - 2.0 * y) * z


def tilted_db(octaves: Any, tilt_db: Any) -> Any:
    """Return the level of a partial so many octaves over the root.

    ``tilt_db`` an octave well above it, softer near it, so that the root does not stand alone.
    """
    return tilt_db * (np.sqrt(octaves * octaves + 1.0) - 1.0)


def panic_tilt_db(panic: Any, bright_db: Any) -> Any:
    """Return the tilt, dB an octave: -9 calm to -3 in panic, and what is added."""
    return -9.0 + 6.0 * panic + bright_db


def heat_db(panic: Any) -> Any:
    """Return how much louder panic is: 4 dB to each side of its middle."""
    return 8.0 * (panic - 0.5)


def lifted_db(tilt_db: Any, lift: Any) -> Any:
    """Return what a tilt brighter than -6 dB an octave adds to a whole cluster, to be taken off.

    ``lift``: dB a dB, from -6 to 0; so that many partials, bright, are no louder than few.
    """
    return np.maximum(tilt_db + 6.0, 0.0) * lift


def rung(since_s: Any, rise_s: Any, ring_s: Any) -> Any:
    """Return how far what was struck has died away: 40 dB in ``ring_s``; 1 where that is 0."""
    gone = np.maximum(since_s - rise_s, 0.0) / np.maximum(ring_s, 1e-9)
    return np.exp(-np.log(100.0) * gone * (ring_s > 0.0))
