"""The legend that sounds in the piece itself: runs that say what the data sound like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from lullaby.engine.stays import Presence, spans
from lullaby.engine.timeline import visits
from lullaby.model.context import Shown
from lullaby.model.curve import Curve
from lullaby.model.legend import inside_groups, speaker, told
from lullaby.model.performance import Run
from lullaby.model.score import PartDef, Score
from lullaby.model.signal import Known
from lullaby.units import MICRO

ENOUGH_US = 600 * MICRO  # of a piece without an end: who plays by then may speak for the data


def check_legend(score: Score) -> None:
    """Raise ScoreError for a legend after a piece that has no end."""
    if score.legend is not None and score.legend.place == "after":
        message = "a piece without an end has no place after it: 'place: before' or 'separate'"
        raise score.refused(score.legend.where, message)


def presences(score: Score, lead_us: int, *, endless: bool) -> Iterator[tuple[PartDef, Presence]]:
    """Yield who may say what data sound like: the same wherever the piece is left."""
    laid = visits(score, lead_us + ENOUGH_US if endless else None)
    for part in score.parts:
        for span in spans(score.seed, laid, part.name, laid[-1].end_us):
            yield part, span


def legend_runs(
    score: Score, runs: Sequence[Run], arcs: Mapping[str, Curve], from_us: int, end_us: int
) -> tuple[tuple[Run, ...], tuple[Shown, ...]]:
    """Return the runs of the tones from a place in the piece on, and what each tone stands for.

    What lies after ``end_us``, where the piece is left, is not there.
    """
    known = score.known or Known()
    made: list[Run] = []
    shown: list[Shown] = []
    for group in inside_groups(score, from_us / MICRO):
        run = speaker(runs, arcs, group.signal)
        if run is None:
            continue
        new = told(run, group, arcs)
        if new.start_us < end_us:
            made.append(replace(new, end_us=min(new.end_us, end_us)))
            found = group.shown(known.signals[group.signal], run.part)
            shown += [one for one in found if one.at_s * MICRO < end_us]
    return tuple(made), tuple(shown)
