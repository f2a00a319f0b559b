"""``midi``: a score as a MIDI file for a DAW, without a sample of sound."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lullaby.cli.daw import cc_list, daw_form, forms
from lullaby.cli.midi_live import AtPort, at_port, play_out
from lullaby.cli.options import examples, lasting, limited, loaded, own_modules, seeded
from lullaby.cli.plain import plain
from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby import Piece
    from lullaby.outputs.midi_file import PartWritten, Written
    from lullaby.outputs.midi_form import Form

UNHEARD_CENTS = 1.0


@click.command(
    short_help="Write a score as a MIDI file for a DAW.",
    epilog=examples(
        "lullaby midi let_go -o let_go.mid",
        "lullaby midi piece.yaml --mpe single -y",
        "lullaby midi piece.yaml --profile live --mpe split",
        "lullaby midi piece.yaml --dawproject piece.dawproject",
        "lullaby midi let_go --port fluid --clock",
    ),
)
@click.argument("score")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The file, .mid by its name.")
@forms
@click.option(
    "--cc",
    default="all",
    show_default=True,
    metavar="LIST",
    help="Curves and arcs as controllers: all, none, or numbers and names (1,74,level).",
)
@click.option("--cc14", is_flag=True, help="Controllers below 32 in pairs of 14 bits.")
@click.option("--bend-range", type=click.IntRange(1, 96), help="Semitones a full bend is.")
@click.option("--no-glides", is_flag=True, help="Keep a note on the pitch it begins with.")
@click.option(
    "--markers",
    type=click.Choice(["markers", "cues", "both", "none"]),
    default="markers",
    show_default=True,
    help="Scenes and marks as markers or as cue points.",
)
@click.option(
    "--ppq",
    type=click.Choice(["240", "480", "960", "1920"]),
    default="960",
    show_default=True,
    help="Ticks a quarter.",
)
@click.option(
    "--charset",
    type=click.Choice(["ascii", "latin-1", "utf-8"]),
    default="ascii",
    show_default=True,
    help="Letters of names; readers disagree about all but the first.",
)
@click.option("--span-note", is_flag=True, help="A silent note as long as the piece, for Live.")
@click.option(
    "--dawproject",
    type=click.Path(path_type=Path),
    help="Write a project of the open exchange format beside it, without sound.",
)
@lasting
@at_port
@seeded
@click.option("-y", "--yes", is_flag=True, help="Replace files that are already there.")
@click.option("-q", "--quiet", is_flag=True, help="Print warnings and errors only.")
@limited
@own_modules
def midi(
    score: str,
    output: Path | None,
    mpe: str,
    profile: str,
    cc: str,
    cc14: bool,
    bend_range: int | None,
    no_glides: bool,
    markers: str,
    ppq: str,
    charset: str,
    span_note: bool,
    dawproject: Path | None,
    for_s: float | None,
    live: AtPort | None,
    seed: int | None,
    yes: bool,
    quiet: bool,
) -> None:
    """Write SCORE as a MIDI file: notes, controllers, tempo and markers of the same events.

    The same score and seed give the same bytes, every time.  Where the score has a tuning of its
    own, it stands beside the file as .scl and .kbm.  With --port or --virtual no file is written:
    the same messages are played in real time.
    """
    piece = loaded(score, seed, for_s)
    form = daw_form(
        mpe=mpe,
        profile=profile,
        controllers=cc_list(cc),
        fine=cc14,
        bend_range=bend_range,
        glides=not no_glides,
        markers=markers,
        ppq=int(ppq),
        charset=charset,
        span_note=span_note,
    )
    if live is not None:
        if output is not None or dawproject is not None:
            raise UsageError("give either -o for a file or --port to play")
        play_out(piece, live, form, quiet)
        return
    path = output or Path(Path(score).stem + ".mid")
    written, beside = _written(piece, path, form, dawproject, yes)
    told(written, beside, form, quiet)


def _written(
    piece: Piece, path: Path, form: Form, dawproject: Path | None, yes: bool
) -> tuple[Written, Sequence[Path]]:
    from lullaby.outputs.export import midi_set

    try:
        return midi_set(piece.exported(form), path, dawproject, overwrite=yes)
    except UsageError as error:
        if not yes and "already there" in str(error):
            raise UsageError(f"{error}; -y replaces it") from error
        raise


def told(written: Written, beside: Sequence[Path], form: Form, quiet: bool) -> None:
    """Say what was written, what was left out, and how a DAW takes it."""
    from lullaby.units import clock

    for part in written.parts:
        if part.dropped:
            what = f"part {plain(part.part)}: {part.dropped} of its softest notes were left out"
            click.echo(f"warning: {what}: more than a port carries", err=True)
    if form.mpe == "single" and form.daw.merges:
        click.echo(
            f"warning: {form.profile} makes one channel of a track, which spoils --mpe single; "
            "--mpe split keeps every bend",
            err=True,
        )
    if quiet:
        return
    click.echo(
        f"wrote {plain(written.path)}: {clock(written.length_s, 1)}, {written.tracks} tracks, "
        f"{written.notes} notes, {written.controls} control changes, "
        f"at most {written.busiest} messages a second"
    )
    for part in written.parts:
        click.echo(f"  {plain(part.part)}: {_said(part)}")
    for path in beside:
        click.echo(f"wrote {plain(path)}")
    for line in form.daw.advice:
        click.echo(line, err=True)


def _said(part: PartWritten) -> str:
    words = [f"{part.notes} notes" if part.notes else "controllers only"]
    if part.hidden:
        words.append(f"{part.hidden} softer ones not shown")
    if part.joined:
        words.append(f"{part.joined} cells joined to them")
    if part.lost:
        words.append(f"{part.lost} doubled by another of the same key")
    if part.away_cents > UNHEARD_CENTS:
        words.append(f"up to {part.away_cents:.0f} cents off (--mpe single is exact)")
    if part.glides_cents > max(part.away_cents, 50.0) + UNHEARD_CENTS:
        words.append(f"glides up to {part.glides_cents:.0f} cents from its keys")
    if part.beyond_cents > UNHEARD_CENTS:
        words.append(f"up to {part.beyond_cents:.0f} cents beyond the bend range")
    return ", ".join(words)
