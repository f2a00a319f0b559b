"""Events as structured arrays: what starts at a time, and everything chance had to say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from lullaby.model.streams import Window

Events = np.ndarray[Any, np.dtype[np.record]]
Followed = Mapping[str, Callable[[Window], Events]]  # by ``leader`` parameter or gesture

LONGEST_S = 60.0  # no event lasts longer, so this far back everything that sounds began

EVENT = {
    "at_s": "f8",  # from the start of the run; exact
    "duration_s": "f8",  # to the end of its sound, at most LONGEST_S
    "pitch_hz": "f8",  # 0 where there is none
    "level_db": "f8",
    "azimuth_deg": "f8",  # left negative
    "distance_m": "f8",
    "width_deg": "f8",
    "key": "u8",  # for its own noise
}


def record(fields: Mapping[str, str]) -> np.dtype[np.record]:
    """Return a record type: ``row.name`` reads the same in Python and in a kernel."""
    return cast("np.dtype[np.record]", np.dtype((np.record, list(fields.items()))))


def columns(*names: str) -> Mapping[str, str]:
    """Return the numbers an event of a module carries beyond what every event has."""
    return dict.fromkeys(names, "f8")


def empty(fields: Mapping[str, str], rows: int = 0) -> Events:
    """Return zeroed rows."""
    return np.zeros(rows, record(fields))


def in_order(*tables: Events) -> Events:
    """Return all rows of several tables of one type, by time, then key."""
    rows = np.concatenate(tables)
    order: NDArray[np.intp] = np.lexsort((rows["key"], rows["at_s"]))
    return rows[order]
