"""What a listener could hardly hear as it is mapped: notes, never errors."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lullaby.model.score import PartDef, Score
from lullaby.model.signal import Rows
from lullaby.model.value import names_in
from lullaby.units import MICRO

FUSED_HZ = 12  # above it single notes are hardly told apart


def advice(score: Score, rows: Mapping[str, Rows]) -> list[str]:
    """Return a note for every part that asks more of an ear than it can do."""
    found = []
    data = {s.name for s in score.signals} | {s.name for s in score.sources}
    for part in score.parts:
        pitch, level = (
            {n for n in names_in(part.settings.get(key)) if n.partition(".")[0] in data}
            for key in ("pitch_hz", "level_db")
        )
        if pitch and level and pitch != level:
            found.append(
                f"part '{part.name}': {_listed(pitch)} moves its pitch and {_listed(level)} its"
                " level; the two are heard as one (Neuhoff, Kramer, Wayand 2002)"
            )
        if part.each in rows:
            found += _crowded(part, rows[part.each])
    return found


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _crowded(part: PartDef, rows: Rows) -> list[str]:
    if part.at_most_hz is not None and part.at_most_hz <= FUSED_HZ:
        return []
    seconds = np.floor(rows.at_us / MICRO).astype(np.int64)
    most = int(np.unique(seconds, return_counts=True)[1].max())
    most = most if part.at_most_hz is None else min(most, int(part.at_most_hz))
    if most <= FUSED_HZ:
        return []
    return [
        f"part '{part.name}': up to {most} rows of '{part.each}' in a second; above {FUSED_HZ} they"
        " fuse; 'at_most' and 'merge' thin them"
    ]
