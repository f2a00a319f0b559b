"""The ceiling: no second of any port carries more than 300 messages.

A fifth of what a cable carries (3125 bytes a second, about 1040 messages).  Seconds of the clock
are kept below half of it, so that any second at all is below the whole.  Notes come before
controllers, loud notes before soft ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from lullaby.outputs.midi_lanes import BIN_S, Counts, binned, points, within
from lullaby.outputs.midi_tempo import TempoMap
from lullaby.outputs.midi_tracks import Played, Row, Track

CEILING = 300  # messages a second and port
BUDGET = CEILING // 2 - 5  # ticks may move a few over the edge of a second


def fitted(tracks: Sequence[Track], tempo: TempoMap, bins: int) -> Counter[str]:
    """Drop the softest notes wherever there are too many; return how many, by part."""
    dropped: Counter[str] = Counter()
    for of_port in _ports(tracks):
        taken = _setup(of_port, bins)
        room = BUDGET - sum(len(track.lanes) for track in of_port)  # one a second for each
        all_ = [(track, one) for track in of_port for one in track.played]
        on = _bins(tempo, [one.note.on for _, one in all_], bins)
        off = _bins(tempo, [one.note.off for _, one in all_], bins)
        loud_first = sorted(range(len(all_)), key=lambda i: (-all_[i][1].note.velocity, i))
        lost: set[int] = set()
        for i in loud_first:
            track, one = all_[i]
            taken[on[i]] += one.cost
            taken[off[i]] += 1
            if max(taken[on[i]], taken[off[i]]) > room:
                taken[on[i]] -= one.cost
                taken[off[i]] -= 1
                lost.add(id(one))
                dropped[track.part] += 1
        if lost:
            for track in of_port:
                track.played = [one for one in track.played if id(one) not in lost]
    return dropped


def thinned(tracks: Sequence[Track], tempo: TempoMap, moments_s: Sequence[float], bins: int) -> int:
    """Give every track the points of its controllers that fit; return how many there are."""
    sent = 0
    for of_port in _ports(tracks):
        taken = _setup(of_port, bins)
        for track in of_port:
            taken += _counted(tempo, track.played, bins)
        found = [points(lane, moments_s) for track in of_port for lane in track.lanes]
        kept = iter(within(found, taken, BUDGET))
        for track in of_port:
            track.points = [next(kept) for _ in track.lanes]
            sent += sum(len(lane.at_s) for lane in track.points)
    return sent


def busiest(rows: Iterable[tuple[int, Sequence[Row]]], tempo: TempoMap) -> int:
    """Return the most messages in any one second of a port; ``rows`` with their ports."""
    by_port: dict[int, list[int]] = {}
    for port, of_track in rows:
        sent = [tick for tick, _, message in of_track if not message.is_meta]
        by_port.setdefault(port, []).extend(sent)
    most = 0
    for ticks in by_port.values():
        at_s = np.sort(tempo.seconds(np.array(ticks, np.int64)))
        if len(at_s):
            last = np.searchsorted(at_s, at_s + 1.0, side="left")
            most = max(most, int((last - np.arange(len(at_s))).max()))
    return most


def _ports(tracks: Sequence[Track]) -> list[list[Track]]:
    return [[t for t in tracks if t.port == port] for port in sorted({t.port for t in tracks})]


def _setup(tracks: Sequence[Track], bins: int) -> Counts:
    taken = np.zeros(bins, np.int64)
    taken[0] = sum(len(track.setup) for track in tracks)
    return taken


def _bins(tempo: TempoMap, ticks: Sequence[int], bins: int) -> Counts:
    at = (tempo.seconds(np.array(ticks, np.int64)) / BIN_S).astype(np.int64)
    return np.minimum(at, bins - 1)


def _counted(tempo: TempoMap, played: Sequence[Played], bins: int) -> Counts:
    ticks = [one.note.on for one in played for _ in range(one.cost)]
    ticks += [one.note.off for one in played]
    return binned(tempo.seconds(np.array(ticks, np.int64)), bins)
