"""The picture of a session that a screen shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from lullaby.live.piece import LivePiece
from lullaby.live.producer import Moment
from lullaby.live.status import ArcStatus, PartStatus, SceneStatus
from lullaby.model.performance import Performance
from lullaby.units import MICRO, gain_to_db, power_to_db

SOUNDING_DB = -90.0


def scenes_of(performance: Performance) -> tuple[SceneStatus, ...]:
    """Return the visits to scenes in seconds."""
    return tuple(
        SceneStatus(s.name, s.start_us / MICRO, (s.start_us + s.length_us) / MICRO)
        for s in performance.scenes
    )


def arcs_of(
    piece: LivePiece, performance: Performance, place_s: float, held: Mapping[str, float]
) -> tuple[ArcStatus, ...]:
    """Return every arc as written at a place, and as held."""
    numbers = {arc.name: arc.cc for arc in piece.score.arcs}
    made = []
    for name, curve in performance.arcs.items():
        written = float(curve(np.asarray(place_s)))
        now = held.get(name, written)
        made.append(ArcStatus(name, written, now, name in held, numbers.get(name)))
    return tuple(made)


def parts_of(
    performance: Performance,
    moment: Moment | None,
    muted: frozenset[str],
    soloed: frozenset[str],
    failed: set[str],
) -> tuple[PartStatus, ...]:
    """Return how every part stands."""
    levels: tuple[Mapping[str, Any], ...] = moment.parts if moment else ()
    made = []
    for name in performance.parts:
        heard = [level[name] for level in levels if name in level]
        peak = max((peak for peak, _ in heard), default=0.0)
        power = sum(power for _, power in heard) / max(1, len(levels))
        peak_db, rms_db = float(gain_to_db(peak)), float(power_to_db(power))
        sounding = math.isfinite(peak_db) and peak_db > SOUNDING_DB
        made.append(
            PartStatus(
                name, peak_db, rms_db, sounding, name in muted, name in soloed, name in failed
            )
        )
    return tuple(made)
