"""``check`` and ``events``: what a score will do, without a sample of sound."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from lullaby.cli.options import examples, lasting, limited, loaded, moment, own_modules, seeded
from lullaby.cli.plain import plain

if TYPE_CHECKING:
    from lullaby import Piece

SHOWN_S = 600.0  # of a piece without an end
UNSAID_BPM = 60.0  # a piece in which it never differs is not shown in bars
ASKED_S = 90  # seconds, or minutes, before the next unit
WINDOW_S = 300.0  # of events held at once


@click.command(
    short_help="Read a score and show its timeline.",
    epilog=examples(
        "lullaby check piece.yaml",
        "lullaby check let_go --json",
        "lullaby check sea.yaml --for 1h",
    ),
)
@click.argument("score")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@lasting
@seeded
@limited
@own_modules
def check(score: str, as_json: bool, for_s: float | None, seed: int | None) -> None:
    """Read a score, report every mistake with its place, and show its timeline.

    Of a piece without an end the first ten minutes are shown, or as much as --for says.
    """
    from lullaby.outputs.cost import estimated
    from lullaby.outputs.listing import timeline

    piece = loaded(score, seed, for_s, SHOWN_S)
    cost = estimated(piece.performance)
    found = {
        **timeline(piece.performance),
        "endless": piece.endless,
        "render_s": float(f"{cost.took_s:.2g}"),
        "render_cores": cost.cores,
    }
    known = piece.score.known
    if known is not None:  # so that scores without data need not wait for all that reads them
        from lullaby.data.report import figures, lines

        found |= {"data": figures(known)}
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    _show(found)
    if known is not None:
        for line in lines(known):
            click.echo(plain(line))


@click.command(
    short_help="List what happens when.",
    epilog=examples(
        "lullaby events let_go --from 1:30 --to 1:40",
        "lullaby events piece.yaml --json",
    ),
)
@click.argument("score")
@moment("from", "Where to begin.")
@moment("to", "Where to stop.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@lasting
@seeded
@limited
@own_modules
def events(
    score: str,
    from_s: float | None,
    to_s: float | None,
    as_json: bool,
    for_s: float | None,
    seed: int | None,
) -> None:
    """List the events of all parts by time; the same list on every machine."""
    from lullaby.outputs import listing

    piece = loaded(score, seed, for_s, to_s)
    last_s = piece.end_s if to_s is None else min(to_s, piece.end_s)
    found = _windows(piece, from_s or 0.0, last_s)
    if as_json:
        for text in listing.as_json(piece.performance, found):
            click.echo(text, nl=False)
        return
    click.echo(listing.header())
    for row in found:
        click.echo(listing.line({**row, "part": plain(row["part"])}))


def _windows(piece: Piece, from_s: float, to_s: float) -> Iterator[dict[str, Any]]:
    from lullaby.outputs.listing import rows

    here = from_s
    while here < to_s:
        there = min(here + WINDOW_S, to_s)
        yield from rows(piece.events(here, there))
        here = there


def _show(found: dict[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    from lullaby.cli.tables import console
    from lullaby.units import clock

    table = Table(title=Text(plain(found["title"])), title_justify="left")
    table.add_column("start", justify="right")
    table.add_column("length", justify="right")
    beaten = any(bpm != UNSAID_BPM for scene in found["scenes"] for bpm in scene["bpm"])
    if beaten:
        table.add_column("bpm", justify="right")
        table.add_column("bars", justify="right")
    table.add_column("scene")
    table.add_column("plays")
    for scene in found["scenes"]:
        name = scene["name"] + (f" ({scene['visit'] + 1})" if scene["visit"] else "")
        tempo = (_tempo(scene), f"{scene['bars']:.4g}") if beaten else ()
        times = clock(scene["start_s"]), clock(scene["length_s"])
        table.add_row(*times, *tempo, Text(plain(name)), _plays(scene))
    console().print(table)
    cores, took = found["render_cores"], _about(found["render_s"])
    click.echo(f"about {took} to render on {cores} cores, once the kernels are compiled")
    for name, asked_s in _asked(found).items():
        often = f"{len(asked_s)} times, first " if len(asked_s) > 1 else ""
        click.echo(f"asked {plain(name)} {often}at {clock(asked_s[0], 1)}")
    for mark in found["marks"]:
        click.echo(f"mark {clock(mark['at_s'], 1)} {plain(mark['name'])}")
    scenes = len(found["scenes"])
    length = clock(found["length_s"])
    length += " of a piece without an end" if found["endless"] else ""
    click.echo(f"{scenes} scene{'s' if scenes != 1 else ''}, {length}, seed {found['seed']}")


def _about(time_s: float) -> str:
    if time_s < ASKED_S:
        return f"{time_s:.0f} s"
    minutes = round(time_s / 60.0)
    return f"{minutes} min" if minutes < ASKED_S else f"{minutes / 60.0:.1f} h"


def _tempo(scene: dict[str, Any]) -> str:
    first, last = (f"{bpm:.4g}" for bpm in scene["bpm"])
    return first if first == last else f"{first} -> {last}"


def _asked(found: dict[str, Any]) -> dict[str, list[float]]:
    made: dict[str, list[float]] = {}
    for row in found["gestures"]:
        made.setdefault(f"{row['part']}.{row['gesture']}", []).append(row["at_s"])
    return made


def _plays(scene: dict[str, Any]) -> Any:
    from rich.text import Text

    from lullaby.units import clock

    first, last = scene["start_s"], scene["start_s"] + scene["length_s"]
    words = []
    for play in scene["plays"]:
        late = f" from {clock(play['from_s'])}" if play["from_s"] > first else ""
        early = f" to {clock(play['to_s'])}" if play["to_s"] < last else ""
        asked = " (only asked)" if play["only_asked"] else ""
        words.append(plain(play["part"]) + asked + late + early)
    return Text(", ".join(words) or "silence")
