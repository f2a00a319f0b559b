"""``data``: what became of the data of a score, and whether they can be got back from its sound."""

from __future__ import annotations

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lullaby.cli.options import examples, lasting, loaded, own_modules, seeded
from lullaby.cli.plain import plain

if TYPE_CHECKING:
    from lullaby.outputs.verifying import Check

CONTROLS = ("shuffled", "shifted", "flipped", "another")


@click.group(short_help="What became of a score's data, and whether it can be heard.")
def data() -> None:
    """Explain the data of a score, verify their sound, draw them, keep their ranges."""


@data.command(
    short_help="Read the data back from the sound.",
    epilog=examples(
        "lullaby data verify server_latency",
        "lullaby data verify piece.yaml --control shuffled",
    ),
)
@click.argument("score")
@click.option(
    "--control",
    type=click.Choice(CONTROLS),
    help="Compare with data as they are not: such a check must fail.",
)
@lasting
@seeded
@own_modules
@click.pass_context
def verify(
    context: click.Context, score: str, control: str | None, for_s: float | None, seed: int | None
) -> None:
    """Render what SCORE names under verify and say how far its sound is from its data.

    Exit 1 where something that must be faithful is not.
    """
    checks = loaded(score, seed, for_s).verify(control or "")
    for check in checks:
        for line in lines(check):
            click.echo(plain(line))
    context.exit(0 if all(check.passes for check in checks) else 1)


@data.command(
    short_help="Say what became of the data.", epilog=examples("lullaby data explain piece.yaml")
)
@click.argument("score")
@lasting
@seeded
@own_modules
def explain(score: str, for_s: float | None, seed: int | None) -> None:
    """Say what each signal of SCORE means, what is missing or cut off, and what is heard."""
    import numpy as np

    from lullaby.data.explained import explained, flat

    piece = loaded(score, seed, for_s)
    parts = [
        (run.part, name, curve)
        for run in {run.part: run for run in piece.performance.runs if not run.told}.values()
        for name, curve in [
            *run.settings.curves.items(),
            ("level_db", run.level_each or run.desk.level_db),
            ("pan", run.pan_each or run.desk.pan),
        ]
    ]
    for line in explained(piece.score, parts):
        click.echo(plain(line))
    t = np.linspace(0.0, piece.duration_s, 1000)
    for name, arc in piece.performance.arcs.items():
        for line in flat(name, arc(t)):
            click.echo(plain(line))


@data.command(
    short_help="Keep the ranges for next week's data.",
    epilog=examples("lullaby data lock piece.yaml"),
)
@click.argument("score")
@click.option("-y", "--yes", is_flag=True, help="Replace a lock that is already there.")
@own_modules
def lock(score: str, yes: bool) -> None:
    """Write beside SCORE what 0 and 1 of each signal mean now, so that other data mean the same.

    A score whose NAME.lock.json is there takes the ranges it does not state itself from it.
    """
    from lullaby.cli.rendering import may_replace
    from lullaby.data.lock import lock_path, lock_text
    from lullaby.outputs.texts import write_text
    from lullaby.score import read

    path = lock_path(read(score))
    may_replace([path] if path.exists() else [], yes, False)
    path.unlink(missing_ok=True)  # an old lock must not speak for the new one
    write_text(path, lock_text(loaded(score, None, None, 1.0).score))
    click.echo(f"wrote {plain(path)}")


@data.command(
    short_help="Draw data and sound on one axis of time.",
    epilog=examples("lullaby data picture server_latency -o latency.png"),
)
@click.argument("score")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A .png or .svg.")
@click.option("-y", "--yes", is_flag=True, help="Replace a file that is already there.")
@lasting
@seeded
@own_modules
def picture(
    score: str, output: Path | None, yes: bool, for_s: float | None, seed: int | None
) -> None:
    """Draw the signals of SCORE in data units, what its sound says of them, and the sound."""
    from lullaby.cli.rendering import may_replace
    from lullaby.measure.picture import check_picture

    target = output or Path(Path(score).stem + ".data.png")
    check_picture(target)
    may_replace([target] if target.exists() else [], yes, False)
    loaded(score, seed, for_s).data_picture(target, overwrite=True)
    click.echo(f"wrote {plain(target)}")


def lines(check: Check) -> list[str]:
    """Return what a check found, in a line and one for each failure."""
    words = [
        f"{check.name}: {'ok' if check.passes else 'FAILS'}",
        f"coverage {100.0 * check.coverage:.3g} %",
        f"Spearman {check.spearman:.4f}",
        f"Pearson {check.pearson:.4f}",
        f"error {check.median_error:.3g}, 95 % {check.error_95:.3g} {check.unit}".rstrip(),
    ]
    if check.data_median is not None and isnan(check.data_median):
        words.append("in data nothing: its range rolls, so a value means something else each time")
    elif check.data_median is not None:
        words.append(
            f"in data {check.data_median:.3g}, 95 % {check.data_95:.3g} {check.data_unit}".rstrip()
        )
    if check.onset_ms is not None:
        words.append(f"onsets within {check.onset_ms:.2g} ms")
    return [", ".join(words), *(f"  {failure}" for failure in check.failures)]
