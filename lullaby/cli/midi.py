"""``midi``: a score as a MIDI file for a DAW, without a sample of sound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lullaby.cli.midi_live import AtPort, at_port, play_out
from lullaby.cli.options import examples, loaded, own_modules, seeded
from lullaby.cli.plain import plain
from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby.outputs.midi_file import PartWritten, Written

ADVICE = (
    "Logic: use Open, not Import; Live: accept the tempo prompt (--span-note makes it ask); "
    "Cubase: tick Import markers"
)
UNHEARD_CENTS = 1.0


@click.command(
    short_help="Write a score as a MIDI file for a DAW.",
    epilog=examples(
        "lullaby midi let_go -o let_go.mid",
        "lullaby midi piece.yaml --mpe single -y",
        "lullaby midi let_go --port fluid --clock",
    ),
)
@click.argument("score")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file, .mid by its name.")
@click.option(
    "--mpe",
    type=click.Choice(["off", "single", "split"]),
    default="off",
    show_default=True,
    help="Pitches between the keys: nearest key, a zone a part, or a track a voice.",
)
@click.option(
    "--cc",
    type=click.Choice(["all", "none"]),
    default="all",
    show_default=True,
    help="Curves and arcs as controllers.",
)
@click.option("--span-note", is_flag=True, help="A silent note as long as the piece, for Live.")
@at_port
@seeded
@click.option("-y", "--yes", is_flag=True, help="Replace a file that is already there.")
@click.option("-q", "--quiet", is_flag=True, help="Print warnings and errors only.")
@own_modules
def midi(
    score: str,
    output: Path | None,
    mpe: str,
    cc: str,
    span_note: bool,
    live: AtPort | None,
    seed: int | None,
    yes: bool,
    quiet: bool,
) -> None:
    """Write SCORE as a MIDI file: notes, controllers, tempo and markers of the same events.

    The same score and seed give the same bytes, every time.  With --port or --virtual no file is
    written: the same messages are played in real time.
    """
    piece = loaded(score, seed)
    if live is not None:
        if output is not None:
            raise UsageError("give either -o for a file or --port to play")
        from lullaby.outputs.midi_file import Form

        play_out(piece, live, Form(mpe, cc == "all"), quiet)
        return
    path = output or Path(Path(score).stem + ".mid")
    try:
        written = piece.midi(
            path, mpe=mpe, controllers=cc == "all", span_note=span_note, overwrite=yes
        )
    except UsageError as error:
        if path.is_file() and not yes:
            raise UsageError(f"{error}; -y replaces it") from error
        raise
    _told(written, quiet)


def _told(written: Written, quiet: bool) -> None:
    from lullaby.units import clock

    for part in written.parts:
        if part.dropped:
            what = f"part {plain(part.part)}: {part.dropped} of its softest notes were left out"
            click.echo(f"warning: {what}: more than a port carries", err=True)
    if quiet:
        return
    click.echo(
        f"wrote {plain(written.path)}: {clock(written.length_s, 1)}, {written.tracks} tracks, "
        f"{written.notes} notes, {written.controls} control changes, "
        f"at most {written.busiest} messages a second"
    )
    for part in written.parts:
        click.echo(f"  {plain(part.part)}: {_said(part)}")
    click.echo(ADVICE, err=True)


def _said(part: PartWritten) -> str:
    words = [f"{part.notes} notes" if part.notes else "controllers only"]
    if part.joined:
        words.append(f"{part.joined} cells joined to them")
    if part.lost:
        words.append(f"{part.lost} doubled by another of the same key")
    if part.away_cents > UNHEARD_CENTS:
        words.append(f"up to {part.away_cents:.0f} cents off (--mpe single is exact)")
    return ", ".join(words)
