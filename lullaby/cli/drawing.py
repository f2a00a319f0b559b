"""``picture``: the poster of a piece or of a sound file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lullaby.cli.options import examples, lasting, limited, loaded, own_modules, seeded
from lullaby.cli.plain import plain
from lullaby.cli.rendering import may_replace
from lullaby.cli.sound_files import SoundFile, is_sound
from lullaby.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lullaby import Piece

LONGEST_S = 3600.0  # the whole sound is held in memory


@click.command(
    short_help="Draw the poster of a score or a sound file.",
    epilog=examples(
        "lullaby picture let_go -o let_go.png",
        "lullaby picture let_go --part radio -o radio.svg",
        "lullaby picture sea.yaml --for 10min",
        "lullaby picture evening.wav -y",
    ),
)
@click.argument("source", metavar="SCORE|FILE")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The picture, .png or .svg by its name."
)
@click.option("--part", help="One part, or bus, of a score alone.")
@lasting
@seeded
@click.option("--jobs", type=click.IntRange(1, 64), help="Threads; the picture is the same.")
@click.option("-y", "--yes", is_flag=True, help="Replace a file that is already there.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@limited
@own_modules
def picture(
    source: str,
    output: Path | None,
    part: str | None,
    for_s: float | None,
    seed: int | None,
    jobs: int | None,
    yes: bool,
    quiet: bool,
) -> None:
    """Draw what is written and what is heard: scenes, spectrogram, arcs and loudness."""
    from lullaby.measure.picture import check_picture
    from lullaby.outputs.whole import check_target

    target = output or Path(Path(source).stem + ".png")
    check_picture(target)
    check_target(target)
    may_replace([target] if target.exists() else [], yes, False)
    if is_sound(source):
        if part is not None:
            raise UsageError(f"{plain(source)}: --part is of a score; a file has none")
        if for_s is not None:
            raise UsageError(f"{plain(source)}: --for is of a score; a file has its length")
        _draw_file(source, target)
    else:
        _draw_score(loaded(source, seed, for_s), target, part, jobs, quiet)
    if not quiet:
        click.echo(f"wrote {plain(target)}")


def _draw_file(source: str, target: Path) -> None:
    import numpy as np

    from lullaby.measure.block import checked_rate
    from lullaby.measure.picture import poster
    from lullaby.units import clock

    with SoundFile(source) as sound:
        if sound.frames > LONGEST_S * sound.sample_rate:
            raise _too_long(sound.frames / sound.sample_rate)
        try:
            checked_rate(sound.sample_rate)
        except UsageError as error:
            raise UsageError(f"{sound.name}: {error}") from None
        nothing = np.zeros((sound.channels, 0), np.float32)
        samples = np.concatenate([nothing, *sound.blocks()], axis=1)
        if samples.shape[1] < sound.sample_rate:
            raise UsageError(
                f"{sound.name}: is {clock(samples.shape[1] / sound.sample_rate, 2)} "
                "long; a picture needs at least 1 s of sound"
            )
    poster(
        samples, sound.sample_rate, title=plain(Path(source).stem), scenes=[], arcs={}, path=target
    )


def _draw_score(
    piece: Piece, target: Path, part: str | None, jobs: int | None, quiet: bool
) -> None:
    import numpy as np

    from lullaby.cli.hearing import RATE, heard
    from lullaby.outputs.posters import draw, stream

    if piece.end_s > LONGEST_S:
        raise _too_long(piece.end_s)
    name = stream(piece.performance, part)
    blocks: list[NDArray[np.float32]] = []
    heard(piece, {name: blocks.append}, jobs=jobs, quiet=quiet)
    samples = np.concatenate([np.zeros((2, 0), np.float32), *blocks], axis=1)
    draw(piece.performance, samples, RATE, target, part=part)


def _too_long(length_s: float) -> UsageError:
    from lullaby.units import clock

    return UsageError(f"a picture is of at most an hour of sound; this is {clock(length_s)}")
