"""A take given to a command: read, and held against the piece it is for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lullaby.cli.plain import plain
from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby import Piece
    from lullaby.model.take_text import Recorded


def streams_in(path: Path, source: str) -> frozenset[str]:
    """Return the sources of a score that streams stood for in the session of a take.

    Raises UsageError, ScoreError for a file that is no take, or no score.
    """
    from lullaby.data.live import source_of
    from lullaby.outputs.takes import load
    from lullaby.score import read

    names = frozenset(load(path).take.names)
    score = read(source, fed=frozenset(name.partition(".")[0] for name in names))
    made = {s.name: {f"{s.name}.{column}" for column in s.used} for s in score.sources}
    for one in score.signals:
        if (where := source_of(one)) in made:
            made[where].add(one.name)
    return frozenset(source for source, touched in made.items() if names & touched)


def taken(path: Path, piece: Piece, sample_rate: int) -> Recorded:
    """Return the take of a file and where it began, for one piece at one sample rate.

    Warns of names the piece does not have.  Raises UsageError where seed or rate are others,
    ScoreError for a file that is no take.
    """
    from lullaby.engine.fed_cues import NAME
    from lullaby.live.hold import controls
    from lullaby.outputs.takes import load

    recorded = load(path)
    take = recorded.take
    if take.sample_rate != sample_rate:
        rate = take.sample_rate
        raise UsageError(f"{path}: was taken at {rate} Hz, not {sample_rate}: give --rate {rate}")
    if recorded.seed != piece.seed:
        seed = recorded.seed
        raise UsageError(f"{path}: is of seed {seed}, not {piece.seed}: give --seed {seed}")
    known = controls(piece.performance)
    streamed = piece.score.known.streamed if piece.score.known else frozenset()
    for name in take.names:
        if name not in known and name not in streamed and not NAME.fullmatch(name):
            click.echo(f"warning: {plain(path)}: the piece has no {plain(name)} to touch", err=True)
    return recorded
