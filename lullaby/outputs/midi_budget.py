"""The ceiling: no second of any port carries more than 300 messages.

A fifth of what a cable carries (3125 bytes a second, about 1040 messages).  Seconds of the clock
are kept below half of it, so that any second at all is below the whole.  Notes come before
controllers, loud notes before soft ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from lullaby.outputs.midi_grid import Timed
from lullaby.outputs.midi_lanes import BIN_S, Counts, binned, points, within
from lullaby.outputs.midi_tracks import Played, Row, Track

CEILING = 300  # messages a second and port
BUDGET = CEILING // 2 - 5  # ticks may move a few over the edge of a second


def fitted(tracks: Sequence[Track], tempo: Timed, bins: int) -> Counter[str]:
    """Drop the softest notes wherever there are too many; return how many, by part."""
    dropped: Counter[str] = Counter()
    for of_port in _ports(tracks):
        taken = _setup(of_port, bins)
        room = np.full(bins, BUDGET - sum(track.least for track in of_port))
        # Beside all that sets a zone up, the notes of the first second come before their glides.
        room[0] = BUDGET - sum(lane.cost for track in of_port for lane in track.lanes)
        all_ = [(track, one) for track in of_port for one in track.played]
        on = _bins(tempo, [one.note.on for _, one in all_], bins)
        off = _bins(tempo, [one.note.off for _, one in all_], bins)
        loud_first = sorted(range(len(all_)), key=lambda i: (-all_[i][1].note.velocity, i))
        lost: set[int] = set()
        for i in loud_first:
            track, one = all_[i]
            taken[on[i]] += one.cost
            taken[off[i]] += 1
            if taken[on[i]] > room[on[i]] or taken[off[i]] > room[off[i]]:
                taken[on[i]] -= one.cost
                taken[off[i]] -= 1
                lost.add(id(one))
                dropped[track.part] += 1
        if lost:
            for track in of_port:
                track.played = [one for one in track.played if id(one) not in lost]
    return dropped


def thinned(tracks: Sequence[Track], tempo: Timed, moments_s: Sequence[float], bins: int) -> int:
    """Give every track the points of its curves that fit; return how many control changes."""
    sent = 0
    for of_port in _ports(tracks):
        taken = _setup(of_port, bins)
        for track in of_port:
            taken += _counted(tempo, track.played, bins)
        found = [points(lane, moments_s) for track in of_port for lane in track.lanes]
        costs = [lane.cost for track in of_port for lane in track.lanes]
        gliding = [track.gliding() for track in of_port]
        bends = [bend for of_track in gliding for _, bend in of_track]
        kept = iter(within([*found, *bends], taken, BUDGET, [*costs, *([1] * len(bends))]))
        for track in of_port:
            track.points = [next(kept) for _ in track.lanes]
            both = zip(track.lanes, track.points, strict=True)
            sent += sum(lane.cost * len(of_lane.at_s) for lane, of_lane in both)
        for track, of_track in zip(of_port, gliding, strict=True):
            track.bends = [(channel, next(kept)) for channel, _ in of_track]
    return sent


def busiest(rows: Iterable[tuple[int, Sequence[Row]]], tempo: Timed) -> int:
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


def _bins(tempo: Timed, ticks: Sequence[int], bins: int) -> Counts:
    at = (tempo.seconds(np.array(ticks, np.int64)) / BIN_S).astype(np.int64)
    return np.minimum(at, bins - 1)


def _counted(tempo: Timed, played: Sequence[Played], bins: int) -> Counts:
    ticks = [one.note.on for one in played for _ in range(one.cost)]
    ticks += [one.note.off for one in played]
    return binned(tempo.seconds(np.array(ticks, np.int64)), bins)
