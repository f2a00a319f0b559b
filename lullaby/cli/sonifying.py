"""``sonify``: a table into a sound file, with a score made for it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from lullaby.cli.options import examples, moment, seeded
from lullaby.errors import UsageError


@click.command(
    short_help="Make a table heard; no score needed.",
    epilog=examples(
        "lullaby sonify data.csv",
        "lullaby sonify data.csv --x date --y price --y volume -o price.wav",
        "lullaby sonify data.csv --print-score > data.yaml",
    ),
)
@click.argument("table", type=click.Path(path_type=Path))
@click.option("--x", help="The column of times; else found, else rows follow evenly.")
@click.option("--y", multiple=True, help="A column to hear, up to four; else the first ones.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The file, .wav or .flac by its name."
)
@moment("for", "How long the data last in the piece.")
@click.option("--title", default="", help="Title of the piece.")
@click.option("--print-score", is_flag=True, help="Print the score instead, for editing.")
@seeded
@click.option("-y", "--yes", is_flag=True, help="Replace files that are already there.")
@click.option("-n", "--no", is_flag=True, help="Never replace a file, and do not ask.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@click.pass_context
def sonify(
    context: click.Context,
    table: Path,
    x: str | None,
    y: tuple[str, ...],
    output: Path | None,
    for_s: float | None,
    title: str,
    print_score: bool,
    seed: int | None,
    yes: bool,
    no: bool,
    quiet: bool,
) -> None:
    """Make TABLE heard: csv, tsv, json, jsonl, npy, parquet; .gz may follow.

    Each column becomes a line of its own register, over the harmony, with a calm end.
    """
    import lullaby
    from lullaby.cli.rendering import may_replace, told, write_piece

    if print_score:
        from lullaby.data.sonified import score_text

        click.echo(score_text(table, x, y, length_s=for_s, title=title), nl=False)
        return
    if output is None:
        output = Path(table.name.removesuffix(".gz")).with_suffix(".wav")
    if output.absolute() == table.absolute():
        raise UsageError(f"{output}: that is the table; name another file with -o")
    piece = lullaby.sonify(table, x, y, length_s=for_s, title=title)
    piece = piece if seed is None else piece.with_seed(seed)
    targets = [path for _, path in piece.targets(output, None, "24")]
    may_replace([path for path in targets if path.exists()], yes, no)
    if not quiet:
        from lullaby.data.report import lines

        assert piece.score.known is not None
        for line in lines(piece.score.known):
            click.echo(line, err=True)
    rendered = write_piece(
        piece,
        output,
        None,
        (0.0, None),
        rate=48000,
        bits="24",
        jobs=min(8, os.cpu_count() or 1),
        block=8192,
        quiet=quiet,
    )
    context.exit(told(rendered, targets, "24", quiet))
