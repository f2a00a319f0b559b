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


def taken(path: Path, piece: Piece, sample_rate: int) -> Recorded:
    """Return the take of a file and where it began, for one piece at one sample rate.

    Warns of names the piece does not have.  Raises UsageError where seed or rate are others,
    ScoreError for a file that is no take.
    """
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
    for name in take.names:
        if name not in known:
            click.echo(f"warning: {plain(path)}: the piece has no {plain(name)} to touch", err=True)
    return recorded
