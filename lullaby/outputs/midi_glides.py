"""Pitches that move inside a note, as the module says they do, thinned to what a bend can say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lullaby.model.chance import Floats
from lullaby.model.event import Events
from lullaby.model.performance import Run
from lullaby.units import MICRO, hz_to_midi

RATE_HZ = 50  # how often a pitch is looked at
CHUNK_S = 600.0
STEP_CENTS = 1.0  # a move smaller than this is not sent, unless the pitch then stands
LOWEST_HZ = 1.0  # what is below is breath
NO_PITCH = 60  # middle C stands for what has no pitch


@dataclass(frozen=True)
class Glide:
    """Where a pitch is from which moment on (s): ``cents`` above a key."""

    at_s: Floats
    cents: Floats

    @property
    def widest(self) -> float:
        """Return how far it is from the key at most, in cents."""
        return float(np.abs(self.cents).max()) if len(self.cents) else 0.0


class Heard:
    """What the events of a part sound like at any time; ``runs`` of the part, by time."""

    def __init__(self, events: Events, runs: Sequence[Run]) -> None:
        self.events, self._runs = events, runs
        starts_s = np.array([run.start_us for run in runs]) / MICRO
        found = np.searchsorted(starts_s, events["at_s"] + 1e-9, side="right") - 1
        self.which: NDArray[np.int64] = np.maximum(found, 0).astype(np.int64)

    def pitch(self, rows: NDArray[np.int64], at_s: Floats) -> Floats:
        """Return MIDI note numbers with their fraction, of rows at times of the piece."""
        made = np.empty(len(rows))
        which = self.which[rows]
        for i in np.unique(which):
            here = which == i
            run = self._runs[int(i)]
            start_s = run.start_us / MICRO
            own = self.events[rows[here]].copy()
            own["at_s"] -= start_s
            hz = np.asarray(run.settings.heard_hz(at_s[here] - start_s, own))
            heard = hz_to_midi(np.maximum(hz, LOWEST_HZ))
            made[here] = np.where(own["pitch_hz"] > 0.0, heard, NO_PITCH)
        return made

    def words(self) -> list[str]:
        """Return what each event says, one a row; "" where it has no words."""
        made = [""] * len(self.events)
        for i, run in enumerate(self._runs):
            rows = np.flatnonzero(self.which == i)
            said = run.settings.words(self.events[rows])
            for row, word in zip(rows, said, strict=False):
                made[int(row)] = word
        return made

    def glide(
        self, cells: Sequence[int], key: int, on_s: float, off_s: float, rate_hz: float = RATE_HZ
    ) -> Glide:
        """Return how a note made of ``cells`` (rows, by time) moves around a key."""
        at_s: list[Floats] = [np.zeros(0)]
        cents: list[Floats] = [np.zeros(0)]
        order = np.asarray(cells, np.int64)
        begins_s = np.asarray(self.events["at_s"])[order]
        for t in _times(on_s, off_s, rate_hz):
            now = np.maximum(np.searchsorted(begins_s, t, side="right") - 1, 0)
            moved = 100.0 * (self.pitch(order[now], t) - key)
            keep = _told(moved)
            at_s.append(t[keep])
            cents.append(moved[keep])
        return Glide(np.concatenate(at_s), np.concatenate(cents))


def _times(on_s: float, off_s: float, rate_hz: float) -> Iterator[Floats]:
    begin_s = on_s
    while begin_s < off_s:
        end_s = min(begin_s + CHUNK_S, off_s)
        steady = np.arange(np.ceil(begin_s * rate_hz), np.ceil(end_s * rate_hz)) / rate_hz
        yield np.unique(np.concatenate(([begin_s], steady)))
        begin_s = end_s


def _told(cents: Floats) -> NDArray[np.bool_]:
    # Where it enters another step; and, once it stands still, exactly where.
    step = np.rint(cents / STEP_CENTS)
    keep = np.diff(step, prepend=np.nan) != 0.0
    moves = np.abs(np.diff(cents)) > 1e-6
    keep[1:] |= moves & np.append(~moves[1:], True)
    told: NDArray[np.bool_] = keep
    return told
