"""``play``: a score on the speakers, for as long as it lasts or as it is wanted."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lullaby.cli.company import Along, going_along
from lullaby.cli.options import examples, moment, own_modules, seeded
from lullaby.cli.plain import plain
from lullaby.errors import UsageError
from lullaby.version import SOFTWARE

if TYPE_CHECKING:
    from lullaby.cli.watching import Screen
    from lullaby.live.company import Company
    from lullaby.live.session import Session

DEVICE = "LULLABY_DEVICE"


@click.command(
    short_help="Play a score on the speakers.",
    epilog=examples(
        "lullaby play let_go",
        "lullaby play piece.yaml --watch",
        'lullaby play piece.yaml --from 1:30 --loop "hum alone"',
        "lullaby play sea.yaml --for 45min --fade 5min --record evening.wav",
        "lullaby play sea.yaml --headless --ahead 2s --status status.json --log sea.log",
        "lullaby play let_go --midi-in nano --osc 9000 --midi-out fluid --clock",
        "tail -f access.csv | lullaby play watch.yaml --feed web=stdin",
        "lullaby play let_go --device none --no-tui",
    ),
)
@click.argument("score")
@click.option(
    "--device",
    envvar=DEVICE,
    show_envvar=True,
    help="A number or part of a name from lullaby devices; none plays to nobody.",
)
@moment("ahead", "What is rendered ahead, and the way from hand to ear: 0.1s to 30s.  [0.5s]")
@moment("from", "Where to begin: 1:30, 90 or 90s.")
@click.option("--loop", metavar="SCENE", help="Play this scene again and again.")
@moment("for", "End after this time: 45min, 8h.")
@moment("fade", "Fade out over this at the end of --for, and when stopped.  [2s]")
@click.option("--watch", is_flag=True, help="Read the score again whenever it is saved.")
@click.option(
    "--volume",
    type=click.FloatRange(-60.0, 0.0),
    default=0.0,
    metavar="DB",
    help="Softer than written, -60 to 0 dB.",
)
@click.option("--record", type=click.Path(path_type=Path), help="What is heard: .wav or .flac.")
@click.option("--record-take", type=click.Path(path_type=Path), help="What hands do.")
@click.option("--no-tui", is_flag=True, help="No screen: a line every ten seconds.")
@click.option("--headless", is_flag=True, help="For installations: no screen, no keys, a log.")
@click.option("--status", type=click.Path(path_type=Path), help="A JSON file with counters.")
@click.option("--log", type=click.Path(path_type=Path), help="A log; five of 5 MB are kept.")
@click.option("--rate", type=click.IntRange(8000, 192000), help="Sample rate in Hz.  [48000]")
@click.option("-y", "--yes", is_flag=True, help="Replace files that are already there.")
@going_along
@seeded
@own_modules
@click.pass_context
def play(
    context: click.Context,
    score: str,
    along: Along,
    device: str | None,
    ahead_s: float | None,
    from_s: float | None,
    loop: str | None,
    for_s: float | None,
    fade_s: float | None,
    watch: bool,
    volume: float,
    record: Path | None,
    record_take: Path | None,
    no_tui: bool,
    headless: bool,
    status: Path | None,
    log: Path | None,
    rate: int | None,
    yes: bool,
    seed: int | None,
) -> None:
    """Play SCORE, a file or the name of one that comes with lullaby.

    What is heard is what lullaby render writes, sample for sample, as long as no hand and no
    transport comes in between.  Ctrl-C fades out and completes all files; a second one stops at
    once.
    """
    from lullaby import load
    from lullaby.cli.compiling import Compiling
    from lullaby.live.open import opened
    from lullaby.live.plan import Plan

    for path in (record, record_take):
        if path is not None and path.exists() and not yes:
            raise UsageError(f"{plain(path)}: is already there; -y replaces it")
    if for_s is not None and for_s <= 0.0:
        raise UsageError("--for wants a length, such as 45min")
    plan = Plan(
        device=device or None,
        sample_rate=rate,
        ahead_s=0.5 if ahead_s is None else ahead_s,
        from_s=from_s or 0.0,
        for_s=for_s,
        fade_s=2.0 if fade_s is None else fade_s,
        volume_db=volume,
        loop=loop,
        seed=seed,
        watch=watch,
        record=record,
        fed=along.fed,
        software=SOFTWARE,
    )
    session = opened(load(score, fed=along.fed).score, plan)
    compiling = Compiling(session.piece.performance)
    try:
        company = along.with_session(session)
    except BaseException:
        session.close()
        raise
    face = None if no_tui or headless else _face(session, company)
    with _screen(session, face, headless, log, status) as screen, company:
        code = screen.run()
        if company.failed is not None:
            screen.say(f"error: MIDI has ended: {company.failed}")
            code = code or 1
    compiling.remember(set(session.piece.performance.parts))
    if record_take is not None:
        from lullaby.model.take_text import Recorded
        from lullaby.outputs.takes import save

        began_s, take = session.take
        score_played = session.piece.score
        save(record_take, Recorded(take, score_played.seed, score_played.title, began_s))
    context.exit(code)


def _face(session: Session, company: Company) -> Callable[[], int] | None:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    try:
        from lullaby.live.screen.app import ScreenApp
    except ImportError:
        click.echo("no screen without textual: pip install 'lullaby[live]'", err=True)
        return None
    return lambda: ScreenApp(session, company.learn).run() or 0


def _screen(
    session: Session,
    face: Callable[[], int] | None,
    headless: bool,
    log: Path | None,
    status: Path | None,
) -> Screen:
    from lullaby.cli.watching import Screen

    quiet = headless and log is not None and "INVOCATION_ID" not in os.environ
    return Screen(session, log=log, status=status, quiet=quiet, face=face)
