"""``render``: a score into a sound file, with stems if asked."""

from __future__ import annotations

import difflib
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lullaby.cli.daw import daw_form, forms
from lullaby.cli.options import examples, lasting, limited, loaded, moment, own_modules, seeded
from lullaby.cli.plain import plain
from lullaby.cli.takes import streams_in, taken
from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby import Piece
    from lullaby.model.context import LegendDef
    from lullaby.model.take import Take
    from lullaby.outputs.midi_form import Form
    from lullaby.outputs.render import Rendered

LONG_S = 12 * 3600.0  # what takes a deliberate --long
SHOWN = 20  # messages of parts printed before the rest is only counted


@click.command(
    short_help="Render a score into a sound file.",
    epilog=examples(
        "lullaby render let_go -o let_go.wav",
        'lullaby render piece.yaml --scene "hum alone" -o hum.flac',
        "lullaby render piece.yaml --stems stems --bits 32f",
        "lullaby render piece.yaml --stems stems --midi --dawproject",
        "lullaby render piece.yaml --seed random -y",
        "lullaby render sea.yaml --for 20min -o sea.flac",
        "lullaby render piece.yaml --take evening.take",
    ),
)
@click.argument("score")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The file, .wav or .flac by its name."
)
@click.option("--stems", type=click.Path(path_type=Path), help="A folder for one file a part.")
@click.option("--midi", is_flag=True, help="MIDI, tempo and a manifest beside the stems.")
@click.option("--dawproject", is_flag=True, help="A project of the open exchange format with them.")
@forms
@moment("from", "Where to begin: 1:30, 90 or 90s.")
@moment("to", "Where to stop; else after the last sound.")
@click.option("--scene", help="One scene, instead of --from and --to.")
@lasting
@seeded
@click.option(
    "--take",
    "take_file",
    type=click.Path(path_type=Path),
    help="What hands did in a session, played again to the sample.",
)
@click.option("--rate", type=click.IntRange(8000, 192000), default=48000, show_default=True)
@click.option("--bits", type=click.Choice(["16", "24", "32f"]), default="24", show_default=True)
@click.option("--jobs", type=click.IntRange(1, 64), help="Threads; the sound is the same.")
@click.option(
    "--block",
    type=click.IntRange(1, 1 << 20),
    default=8192,
    show_default=True,
    help="Frames written at a time; the sound is the same.",
)
@click.option("-y", "--yes", is_flag=True, help="Replace files that are already there.")
@click.option("-n", "--no", is_flag=True, help="Never replace a file, and do not ask.")
@click.option("--long", "long_", is_flag=True, help="Allow more than 12 hours.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing.")
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
@limited
@own_modules
@click.pass_context
def render(
    context: click.Context,
    score: str,
    output: Path | None,
    stems: Path | None,
    midi: bool,
    dawproject: bool,
    mpe: str,
    profile: str,
    from_s: float | None,
    to_s: float | None,
    scene: str | None,
    for_s: float | None,
    seed: int | None,
    take_file: Path | None,
    rate: int,
    bits: str,
    jobs: int | None,
    block: int,
    yes: bool,
    no: bool,
    long_: bool,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Render SCORE, a file or the name of one that comes with lullaby.

    The same score, seed and rate give the same samples, every time.
    """
    fed = streams_in(take_file, score) if take_file is not None else frozenset()
    piece = loaded(score, seed, for_s, to_s, fed)
    if output is None and stems is None:
        output = Path(Path(score).stem + ".wav")
    take = None
    if take_file is not None:
        recorded = taken(take_file, piece, rate)
        take = recorded.take
        if from_s is None and scene is None and recorded.from_s > 0.0:
            from_s = recorded.from_s  # where the session began
    first_s, last_s = window(piece, from_s, to_s, scene)
    length_s = (piece.end_s if last_s is None else last_s) - first_s
    if length_s > LONG_S and not long_:
        raise UsageError(f"this is {length_s / 3600.0:.1f} hours of sound; --long allows it")
    daw = daw_form(mpe=mpe, profile=profile) if midi or dawproject else None
    naming, beside = None, []
    if daw is not None:
        if first_s:
            raise UsageError("--midi begins where the piece does: without --from and --scene")
        folder = piece.beside(stems, rate, bits, daw, dawproject)
        naming, beside = folder.naming.sound, folder.targets()
    targets = [*(path for _, path in piece.targets(output, stems, bits, naming)), *beside]
    if output is not None and piece.score.legend is not None:
        targets += _legend_files(output, piece.score.legend)
    if dry_run:
        _forecast(targets, length_s, rate, bits)
        return
    may_replace([path for path in targets if path.exists()], yes, no)
    rendered = write_piece(
        piece,
        output,
        stems,
        (first_s, last_s),
        rate=rate,
        bits=bits,
        jobs=jobs or min(8, os.cpu_count() or 1),
        block=block,
        take=take,
        quiet=quiet,
        daw=daw,
        project=dawproject,
    )
    if daw is not None and not quiet:
        for line in daw.daw.advice:
            click.echo(line, err=True)
    if output is not None:
        _legend(piece, output, rate, bits, quiet)
    context.exit(told(rendered, targets, bits, quiet))


def _legend_files(output: Path, legend: LegendDef) -> list[Path]:
    # The tones that say what the data sound like, if they are no part of the piece; the caption.
    sound = output.with_name(f"{output.stem}.legend{output.suffix}")
    text = output.with_name(f"{output.stem}.legend.txt")
    made = [sound] if legend.place == "separate" else []
    return [*made, text] if legend.caption and legend.place != "none" else made


def _legend(piece: Piece, output: Path, rate: int, bits: str, quiet: bool) -> None:
    from lullaby.outputs.texts import write_text

    wanted = piece.score.legend
    if wanted is None:
        return
    made, words = piece.legend(), piece.legend_text()
    for path in _legend_files(output, wanted):
        if path.suffix == ".txt":
            write_text(path, made[1] if made else words or "")
        elif made:
            made[0].write(path, sample_rate=rate, bits=bits, overwrite=True)
        if not quiet:
            what = "what its legend's tones are" if path.suffix == ".txt" else "its legend"
            click.echo(f"wrote {plain(path)}: {what}")


def window(
    piece: Piece, from_s: float | None, to_s: float | None, scene: str | None
) -> tuple[float, float | None]:
    """Return where to begin and to stop (None: after the tail).  Raises UsageError."""
    from lullaby.units import MICRO, clock

    if scene is not None:
        if from_s is not None or to_s is not None:
            raise UsageError("give either --scene or --from and --to")
        spans = {span.name: span for span in reversed(piece.performance.scenes)}
        if scene not in spans:
            near = difflib.get_close_matches(scene, spans, 1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise UsageError(f"there is no scene {scene!r}{hint}")
        span = spans[scene]
        return span.start_us / MICRO, (span.start_us + span.length_us) / MICRO
    first_s = from_s or 0.0
    if first_s >= piece.end_s:
        raise UsageError(f"--from {clock(first_s)} is behind the end at {clock(piece.end_s)}")
    if to_s is not None and to_s <= first_s:
        raise UsageError(f"--to {clock(to_s)} is not after --from {clock(first_s)}")
    return first_s, to_s


def may_replace(there: list[Path], yes: bool, no: bool) -> None:
    """Ask before files are replaced, where somebody can be asked.  Raises UsageError."""
    if not there or (yes and not no):
        return
    more = f" and {len(there) - 1} more" if len(there) > 1 else ""
    name = f"{plain(there[0])}{more}"
    if not no and _can_ask():
        if click.confirm(f"{name}: is already there; replace it?", err=True):
            return
        raise UsageError(f"{name}: was left as it is")
    raise UsageError(f"{name}: is already there; -y replaces it")


def _can_ask() -> bool:
    return sys.stdin.isatty() and sys.stderr.isatty()


def write_piece(
    piece: Piece,
    output: Path | None,
    stems: Path | None,
    place: tuple[float, float | None],
    *,
    rate: int,
    bits: str,
    jobs: int,
    block: int,
    take: Take | None = None,
    quiet: bool,
    daw: Form | None = None,
    project: bool = False,
) -> Rendered:
    """Render a piece into files, with progress on the way."""
    from lullaby.cli.compiling import Compiling
    from lullaby.outputs.progress import Meter, progress

    first_s, last_s = place
    compiling = Compiling(piece.performance)
    if compiling.fresh and not quiet:
        click.echo(compiling.said(), err=True)
    first = round(first_s * rate)
    frames = round((piece.end_s if last_s is None else last_s) * rate) - first
    meter = Meter(piece.performance, rate, first, frames)
    with progress(meter, quiet=quiet, note=compiling.note, name=plain) as watcher:
        rendered = piece.write(
            output,
            stems=stems,
            sample_rate=rate,
            bits=bits,
            from_s=first_s,
            to_s=last_s,
            overwrite=True,
            jobs=jobs,
            block=block,
            take=take,
            watcher=watcher,
            daw=daw,
            project=project,
        )
    heard_us = (first + rendered.frames) * 1_000_000 // rate
    runs = piece.performance.runs
    heard = {r.part for r in runs if r.start_us < heard_us and r.end_us > first_s * 1e6}
    compiling.remember(heard | {bus.name for bus in piece.performance.buses})
    return rendered


def told(rendered: Rendered, targets: list[Path], bits: str, quiet: bool) -> int:
    """Say what was written; return the exit code."""
    from lullaby.units import clock

    warned(rendered)
    if not quiet:
        length = clock(rendered.frames / rendered.sample_rate, 1)
        names = plain(targets[0])
        more = f" and {len(targets) - 1} more" if len(targets) > 1 else ""
        click.echo(
            f"wrote {names}{more}: {length}, {rendered.sample_rate} Hz, {_bits(bits)}, "
            f"peak {rendered.peak_dbfs:.1f} dBFS"
        )
    for part in rendered.muted:
        click.echo(
            f"error: part {plain(part)!r} failed and was muted; the rest was written", err=True
        )
    return 1 if rendered.muted else 0


def warned(rendered: Rendered) -> None:
    """Say what went wrong in parts; each once."""
    counted = Counter([*rendered.messages, *rendered.warnings])
    for message, times in list(counted.items())[:SHOWN]:
        often = f" ({times} times)" if times > 1 else ""
        click.echo(f"warning: {plain(message)}{often}", err=True)
    if len(counted) > SHOWN:
        click.echo(f"... and {len(counted) - SHOWN} more", err=True)


def _forecast(targets: list[Path], length_s: float, rate: int, bits: str) -> None:
    from lullaby.outputs.quantise import bytes_a_sample
    from lullaby.units import clock

    size = 2 * bytes_a_sample(bits) * length_s * rate
    for path in targets:
        verb = "would replace" if path.exists() else "would write"
        click.echo(
            f"{verb} {plain(path)}: {clock(length_s)} and its tail, {rate} Hz, {_bits(bits)}, "
            f"about {size / 1e6:.1f} MB as WAV"
        )


def _bits(bits: str) -> str:
    return "32 bit float" if bits == "32f" else f"{bits} bit"
