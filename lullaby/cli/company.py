"""The options of ``play`` for what goes along with the sound: MIDI, OSC, streams of data."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby.live.company import Company, Wishes
    from lullaby.live.session import Session

F = TypeVar("F", bound=Callable[..., Any])
NAMES = ("midi_in", "osc", "osc_host", "osc_from", "midi_out", "mpe", "clock", "mtc", "offset")


class Along:
    """What was asked to go along; ``fed`` names the sources that streams stand for."""

    def __init__(self, said: dict[str, Any], feeds: tuple[str, ...]) -> None:
        from lullaby.data.feeds import opened

        self._said, self._feeds = said, dict(opened(text) for text in feeds)
        if not said["midi_out"] and (said["clock"] or said["mtc"] or said["offset"]):
            raise UsageError("--clock, --mtc and --offset go with --midi-out")
        if said["osc"] is None and (said["osc_from"] or said["osc_host"] != "127.0.0.1"):
            raise UsageError("--osc-host and --osc-from go with --osc PORT")

    @property
    def fed(self) -> frozenset[str]:
        """Return the sources that streams stand for."""
        return frozenset(self._feeds)

    def with_session(self, session: Session) -> Company:
        """Return everything, open.  Raises DeviceError, UsageError, ScoreError."""
        from lullaby.live.company import Company

        return Company(session, self._wishes(session))

    def _wishes(self, session: Session) -> Wishes:
        from lullaby.cli.midi_live import opened
        from lullaby.live.company import Wishes
        from lullaby.outputs.midi_form import Form

        said, form = self._said, Form(mpe=self._said["mpe"])
        ports = []
        if said["midi_out"]:
            from lullaby.live.midi_plan import planned
            from lullaby.live.ports import backend

            stream = planned(session.piece.score, session.piece.performance, form)
            ports = opened(backend(), stream, said["midi_out"], False)
        return Wishes(
            midi_in=said["midi_in"],
            osc_port=said["osc"],
            osc_host=said["osc_host"],
            osc_from=frozenset(said["osc_from"]),
            midi_out=ports,
            form=form,
            clock=said["clock"],
            timecode=said["mtc"],
            offset_s=said["offset"] / 1000.0,
            feeds=self._feeds,
        )


def going_along(command: F) -> F:
    """Add the options to a command, which gets them as ``along``."""

    @functools.wraps(command)
    def called(feed: tuple[str, ...], **others: Any) -> Any:
        said = {name: others.pop(name) for name in NAMES}
        return command(along=Along(said, feed), **others)

    options = (
        click.option(
            "--midi-in",
            multiple=True,
            metavar="NAME",
            help="Listen to the controllers of the port with NAME in its name.",
        ),
        click.option(
            "--osc", type=click.IntRange(1, 65535), metavar="PORT", help="Listen to OSC by UDP."
        ),
        click.option(
            "--osc-host",
            default="127.0.0.1",
            show_default=True,
            metavar="ADDRESS",
            help="Where OSC listens: this machine only unless said.",
        ),
        click.option(
            "--osc-from", multiple=True, metavar="ADDRESS", help="Hear OSC from here only."
        ),
        click.option(
            "--midi-out",
            multiple=True,
            metavar="NAME",
            help="Send the notes and controllers, too, to the port with NAME in its name.",
        ),
        click.option(
            "--mpe",
            type=click.Choice(["off", "single", "split"]),
            default="off",
            show_default=True,
            help="How --midi-out plays between the keys.",
        ),
        click.option("--clock", is_flag=True, help="Send MIDI clock to --midi-out."),
        click.option(
            "--mtc",
            type=click.Choice(["24", "25", "29.97df", "30"]),
            help="Send MIDI time code to --midi-out.",
        ),
        click.option(
            "--offset",
            type=click.FloatRange(-10_000.0, 10_000.0),
            default=0.0,
            metavar="MS",
            help="Send MIDI so many milliseconds later.",
        ),
        click.option(
            "--feed",
            multiple=True,
            metavar="SOURCE=STREAM",
            help="Data as they come: web=stdin, web=tail:FILE, web=udp:PORT or web=osc:PORT.",
        ),
    )
    wrapped: Any = called
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]
