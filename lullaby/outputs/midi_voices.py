"""Who gets which channel: every voice one of its own, kept for its tail."""

from __future__ import annotations

from collections.abc import Sequence

from lullaby.outputs.midi_grid import Timed
from lullaby.outputs.midi_notes import Note

MEMBERS = 15  # of an MPE zone that has all channels but the master's
TAIL_S = 0.5  # a channel rests this long after its note, so that the tail keeps its bend


def voices(found: Sequence[Note], tempo: Timed) -> list[int]:
    """Return the voice, counted from 0, of each note (by time); a voice has one note at a time.

    The one idle longest, if its tail is over; else one that still rings; else a new one, which
    nothing is dropped for: the sixteenth voice begins a second zone.
    """
    tails = tempo.ticks(tempo.seconds([note.off for note in found]) + TAIL_S)
    given: list[int] = []
    off: list[int] = []
    quiet: list[int] = []
    for note, tail in zip(found, tails, strict=True):
        free = [v for v in range(len(off)) if off[v] <= note.on]
        rested = [v for v in free if quiet[v] <= note.on]
        in_zone = -(-len(off) // MEMBERS) * MEMBERS
        if rested:
            voice = min(rested, key=lambda v: off[v])
        elif len(off) < in_zone or not free:
            voice = len(off)
            off.append(0)
            quiet.append(0)
        else:
            voice = min(free, key=lambda v: off[v])
        off[voice], quiet[voice] = note.off, int(tail)
        given.append(voice)
    return given
