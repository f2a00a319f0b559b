"""``measure``: what a listener would notice of a sound file or a score, as numbers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from lullaby.cli.options import examples, lasting, limited, loaded, own_modules, seeded
from lullaby.cli.plain import plain
from lullaby.cli.sound_files import SoundFile, is_sound
from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby import Piece
    from lullaby.measure.arc import Judgement
    from lullaby.measure.listening import Measurement


@dataclass(frozen=True)
class Measured:
    """One argument of the command, measured, and compared if it has a score to go by."""

    name: str
    measurement: Measurement
    piece: Piece | None = None
    judgement: Judgement | None = None
    frozen: tuple[str, ...] | None = None  # what speaks against the control; None: not asked

    @property
    def passes(self) -> bool:
        """Return whether nothing that was compared failed."""
        if self.frozen is not None:
            return not self.frozen
        return self.judgement is None or self.judgement.passes


@click.command(
    short_help="Measure a sound file or a score.",
    epilog=examples(
        "lullaby measure evening.wav",
        "lullaby measure let_go",
        "lullaby measure let_go.flac --against let_go --require",
        "lullaby measure let_go --frozen",
        "lullaby measure sea.yaml --for 10min",
        "lullaby measure evening.wav --json",
        "lullaby measure evening.wav --csv",
    ),
)
@click.argument("files", nargs=-1, required=True, metavar="FILE|SCORE...")
@click.option("--against", metavar="SCORE", help="Compare with the scenes and arcs of a score.")
@click.option("--require", is_flag=True, help="Exit with 1 where a comparison does not pass.")
@click.option("--frozen", is_flag=True, help="Control: render scores with surrender held at 0.")
@click.option("--loudness", is_flag=True, help="Loudness and true peak alone: faster.")
@click.option("--json", "as_json", is_flag=True, help="For programs; null where nothing sounds.")
@click.option("--csv", "as_csv", is_flag=True, help="A row a second.")
@lasting
@seeded
@click.option("--jobs", type=click.IntRange(1, 64), help="Threads; the sound is the same.")
@click.option("-q", "--quiet", is_flag=True, help="No progress of rendering.")
@limited
@own_modules
@click.pass_context
def measure(
    context: click.Context,
    files: tuple[str, ...],
    against: str | None,
    require: bool,
    frozen: bool,
    loudness: bool,
    as_json: bool,
    as_csv: bool,
    for_s: float | None,
    seed: int | None,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Measure sound files (WAV, FLAC and others) and scores, which are rendered and not written.

    A score is compared with its own arcs, a file with those of --against.
    """
    from lullaby.cli.measured import as_plain, csv_lines, show

    _check(files, against, require=require, frozen=frozen, loudness=loudness)
    if as_json and as_csv:
        raise UsageError("give either --json or --csv")
    if as_csv and (loudness or len(files) > 1):
        raise UsageError("--csv is all features of one file, a row a second")
    if for_s is not None and against is None and all(map(is_sound, files)):
        raise UsageError("--for is of a score; a file has its length")
    goal = None if against is None else loaded(against, seed, for_s)
    plainly, passing = [], True
    for file in files:
        if is_sound(file):
            measured = _of_file(file, goal, loudness)
        else:
            measured = _of_score(
                loaded(file, seed, for_s), file, goal, frozen, loudness, jobs, quiet
            )
        passing = passing and measured.passes
        if as_json:
            plainly.append(as_plain(measured))
        elif as_csv:
            for line in csv_lines(measured):
                click.echo(line)
        else:
            show(measured)
    if as_json:
        click.echo(json.dumps(plainly if len(files) > 1 else plainly[0], indent=2, allow_nan=False))
    context.exit(1 if require and not passing else 0)


def _check(
    files: tuple[str, ...], against: str | None, *, require: bool, frozen: bool, loudness: bool
) -> None:
    sounds = [file for file in files if is_sound(file)]
    if frozen and sounds:
        raise UsageError(f"{plain(sounds[0])}: --frozen renders a score; a file stays as it is")
    if loudness and (against or frozen or require):
        raise UsageError("--loudness measures no features, so nothing can be compared")
    if require and sounds and not against:
        raise UsageError("--require compares with a score: --against names it")


def _of_file(file: str, goal: Piece | None, loudness: bool) -> Measured:
    from lullaby.measure.listening import Listener
    from lullaby.outputs.hearing import stretches

    scenes = [] if goal is None else stretches(goal.performance)
    with SoundFile(file) as sound:
        try:
            listener = Listener(sound.channels, sound.sample_rate, scenes, loudness_only=loudness)
        except UsageError as error:
            raise UsageError(f"{sound.name}: {error}") from None
        for block in sound.blocks():
            listener.add(block)
    return _compared(file, listener.finish(), goal, None)


def _of_score(
    piece: Piece,
    name: str,
    goal: Piece | None,
    frozen: bool,
    loudness: bool,
    jobs: int | None,
    quiet: bool,
) -> Measured:
    from lullaby.cli.hearing import RATE, heard
    from lullaby.measure.listening import Listener
    from lullaby.outputs.hearing import frozen_take, stretches

    goal = goal or piece
    listener = Listener(2, RATE, stretches(goal.performance), loudness_only=loudness)
    take = frozen_take(piece.performance, RATE) if frozen else None
    heard(piece, {"master": listener.add}, take=take, jobs=jobs, quiet=quiet)
    return _compared(name, listener.finish(), None if loudness else goal, frozen)


def _compared(
    name: str, measurement: Measurement, goal: Piece | None, frozen: bool | None
) -> Measured:
    if goal is None:
        return Measured(name, measurement)
    from lullaby.measure.arc import frozen as control
    from lullaby.outputs.hearing import arcs_to_judge

    judgement = measurement.judged(*arcs_to_judge(goal.performance, measurement))
    against = control(judgement, measurement.arc) if frozen else None
    return Measured(name, measurement, goal, judgement, against)
