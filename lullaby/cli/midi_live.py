"""``midi --port``: the same messages in real time, instead of a file."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lullaby.cli.options import moment
from lullaby.cli.plain import plain
from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby import Piece
    from lullaby.live.midi_out import MidiOut
    from lullaby.live.ports import Backend, OutPort
    from lullaby.outputs.midi_file import Form
    from lullaby.outputs.midi_stream import Stream

F = TypeVar("F", bound=Callable[..., Any])
FARTHEST_MS = 10_000.0


@dataclass(frozen=True)
class AtPort:
    """Where and how a piece is played."""

    ports: tuple[str, ...]
    virtual: bool
    clock: bool
    mtc: str | None
    offset_ms: float
    from_s: float


def at_port(command: F) -> F:
    """Add the options of a MIDI port to a command, which gets them as ``live``; None for none."""

    @functools.wraps(command)
    def called(
        port: tuple[str, ...],
        virtual: bool,
        clock: bool,
        mtc: str | None,
        offset: float,
        from_s: float | None,
        **others: Any,
    ) -> Any:
        live = None
        if port or virtual:
            live = AtPort(port, virtual, clock, mtc, offset, from_s or 0.0)
        elif clock or mtc or offset or from_s:
            raise UsageError("--clock, --mtc, --offset and --from go with --port or --virtual")
        return command(live=live, **others)

    options = (
        click.option(
            "--port",
            multiple=True,
            metavar="NAME",
            help="Play to the port with NAME in its name; once more for each port --mpe wants.",
        ),
        click.option("--virtual", is_flag=True, help="Make a port for others to connect to."),
        click.option("--clock", is_flag=True, help="Send MIDI clock, Start, Stop, song position."),
        click.option(
            "--mtc", type=click.Choice(["24", "25", "29.97df", "30"]), help="Send MIDI time code."
        ),
        click.option(
            "--offset",
            type=click.FloatRange(-FARTHEST_MS, FARTHEST_MS),
            default=0.0,
            metavar="MS",
            help="Send everything so many milliseconds later.",
        ),
        moment("from", "Where to begin playing: 1:30, 90 or 90s."),
    )
    wrapped: Any = called
    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped  # type: ignore[no-any-return]


def play_out(piece: Piece, live: AtPort, form: Form, quiet: bool) -> None:
    """Play a piece to ports until it ends.  Raises UsageError, DeviceError."""
    from lullaby.live.midi_plan import planned
    from lullaby.units import clock

    if live.from_s >= piece.end_s:
        raise UsageError(f"--from {clock(live.from_s)} is behind the end at {clock(piece.end_s)}")
    play(planned(piece.score, piece.performance, form), live, quiet)


def play(stream: Stream, live: AtPort, quiet: bool) -> None:
    """Play messages to ports until they end.  Raises UsageError, DeviceError."""
    from lullaby.live.midi_out import MidiOut
    from lullaby.live.ports import backend

    library = backend()
    ports = opened(library, stream, live.ports, live.virtual)
    out = MidiOut(
        stream, ports, clock=live.clock, timecode=live.mtc, offset_s=live.offset_ms / 1000.0
    )
    try:
        if not quiet:
            _announced(stream, ports)
        out.alone(live.from_s)
        out.ended.wait()
    finally:
        out.stop()
    if out.failed is not None:
        raise out.failed
    if not quiet:
        _told(out)


def opened(library: Backend, stream: Stream, names: Sequence[str], virtual: bool) -> list[OutPort]:
    """Return the ports a stream wants, each found by a part of its name.

    Raises UsageError where there are too few.
    """
    from lullaby.live.ports import NAME, open_output

    if virtual:
        first = names[0] if names else NAME
        wanted = [first, *(f"{first} {i + 2}" for i in range(stream.ports - 1))]
        return [open_output(name, True, library) for name in wanted]
    if len(names) < stream.ports:
        raise UsageError(
            f"this wants {stream.ports} ports, not {len(names)}: give --port once for each, "
            "or --mpe off"
        )
    made: list[OutPort] = []
    try:
        for name in names[: stream.ports]:
            made.append(open_output(name, False, library))
        return with_guard(made)
    except BaseException:
        for port in made:
            port.close()
        raise


def with_guard(ports: Sequence[OutPort]) -> list[OutPort]:
    """Return ports whose notes end even if this process is killed; say so where they do not."""
    from lullaby.live.guard import guarded

    made, watched = guarded(ports)
    if not watched:
        names = ", ".join(plain(port.name) for port in ports)
        click.echo(
            f"warning: nobody guards {names}: if this is killed, notes may hang "
            "(lullaby panic ends them)",
            err=True,
        )
    return made


def _announced(stream: Stream, ports: Sequence[OutPort]) -> None:
    for part, port, channel in stream.names:
        where = plain(ports[port].name)
        click.echo(f"  {plain(part)}: channel {channel + 1} of {where}", err=True)
    for part, notes in stream.dropped.items():
        what = f"part {plain(part)}: {notes} of its softest notes are left out"
        click.echo(f"warning: {what}: more than a port carries", err=True)


def _told(out: MidiOut) -> None:
    import numpy as np

    sent = sum(wire.sent for wire in out.wires)
    late_ms = 1000.0 * np.array(out.late_s or [0.0])
    middle, most = np.percentile(late_ms, 50), np.percentile(late_ms, 99)
    click.echo(f"played {sent} messages, late by {middle:.2f} ms (99 %: {most:.2f} ms)")
    skipped = sum(wire.skipped for wire in out.wires)
    if skipped:
        click.echo(f"warning: {skipped} notes were more than a port carries", err=True)
    if out.stalls:
        click.echo(
            f"warning: stood still {out.stalls} times; the place was taken up anew", err=True
        )
