"""A score rendered into a command's ears, with its progress on standard error."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from lullaby.cli.plain import plain
from lullaby.cli.rendering import LONG_S, warned
from lullaby.errors import ModuleError, UsageError

if TYPE_CHECKING:
    from lullaby import Piece
    from lullaby.model.take import Take
    from lullaby.outputs.hearing import Taker

RATE = 48000


def heard(
    piece: Piece,
    takers: Mapping[str, Taker],
    *,
    take: Take | None = None,
    jobs: int | None = None,
    quiet: bool = False,
) -> None:
    """Render a piece into takers by stream (``master``, ``stem NAME``), whole, without a file.

    Raises UsageError for more than 12 hours, ModuleError where a part failed and was muted.
    """
    from lullaby.cli.compiling import Compiling
    from lullaby.outputs.hearing import hear
    from lullaby.outputs.progress import Meter, progress

    if piece.end_s > LONG_S:
        raise UsageError(f"this is {piece.end_s / 3600.0:.1f} hours of sound; render it to a file")
    compiling = Compiling(piece.performance)
    if compiling.fresh and not quiet:
        click.echo(compiling.said(), err=True)
    meter = Meter(piece.performance, RATE, 0, round(piece.end_s * RATE))
    stems = set(takers) != {"master"}
    engine = piece.engine(RATE, jobs=jobs or min(8, os.cpu_count() or 1), take=take, stems=stems)
    with engine, progress(meter, quiet=quiet, note=compiling.note, name=plain) as watcher:
        rendered = hear(engine, takers, watcher=watcher)
    compiling.remember({*piece.performance.parts, *(bus.name for bus in piece.performance.buses)})
    warned(rendered)
    if rendered.muted:
        raise ModuleError(f"part {plain(rendered.muted[0])!r} failed and was muted")
