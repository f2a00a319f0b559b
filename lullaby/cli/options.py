"""Kinds of values and options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lullaby.errors import LullabyError, ModuleError, UsageError

if TYPE_CHECKING:
    from lullaby import Piece

F = TypeVar("F", bound=Callable[..., Any])

CLOCK = re.compile(r"(?:([0-9]+):)?([0-9]+):([0-5]?[0-9](?:\.[0-9]+)?)")
SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(s|min|h)?")
LIMITS = "lullaby.limits"  # where a call keeps what --limit said
UNIT_S = {None: 1.0, "s": 1.0, "min": 60.0, "h": 3600.0}


def _moment(context: click.Context, option: click.Parameter, value: str | None) -> float | None:
    if value is None:
        return None
    if found := CLOCK.fullmatch(value.strip()):
        hours, minutes, seconds = found.groups()
        return int(hours or 0) * 3600.0 + int(minutes) * 60.0 + float(seconds)
    if found := SECONDS.fullmatch(value.strip()):
        return float(found[1]) * UNIT_S[found[2]]
    raise click.BadParameter(f"{value!r} is no time; write 1:30, 90 or 90s", context, option)


def _seed(context: click.Context, option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    if value == "random":
        import secrets

        seed = secrets.randbelow(2**32)
        click.echo(f"seed {seed}", err=True)  # so that the piece can be had again
        return seed
    if re.fullmatch(r"[0-9]{1,18}", value):
        return int(value)
    message = f"{value!r} is no seed; write a whole number from 0 on, or random"
    raise click.BadParameter(message, context, option)


def moment(name: str, help_text: str) -> Callable[[F], F]:
    """Add an option for a time in a piece: 1:30, 1:02:03.5, 90, 90s, 1.5min."""
    return click.option(f"--{name}", f"{name}_s", metavar="TIME", callback=_moment, help=help_text)


def seeded(command: F) -> F:
    """Add ``--seed`` to a command: a whole number, or ``random`` to have one drawn."""
    return click.option(
        "--seed",
        metavar="N|random",
        callback=_seed,
        help="Other chance than the score's own; random prints what it drew.",
    )(command)


def examples(*lines: str) -> str:
    """Return the end of a help page: calls as they are typed."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])


def _own(context: click.Context, option: click.Parameter, paths: tuple[Path, ...]) -> None:
    if not paths:
        return
    from lullaby.modules import MODULES

    for path in paths:
        name = MODULES.add(path)
        try:
            MODULES[name]
        except LullabyError:
            raise
        except Exception as error:
            kind = type(error).__name__
            raise ModuleError(f"{path}: cannot be used as a module: {kind}: {error}") from error


def own_modules(command: F) -> F:
    """Add ``--module PATH`` to a command."""
    return click.option(
        "--module",
        multiple=True,
        type=click.Path(path_type=Path),
        expose_value=False,
        is_eager=True,
        callback=_own,
        help="A module of your own, one Python file; may be given several times.",
    )(command)


def lasting(command: F) -> F:
    """Add ``--for`` to a command: how long a piece is, where its score does not say."""
    return moment("for", "How long to go on: 10min, 1h; wanted by pieces without an end.")(command)


def _limits(context: click.Context, option: click.Parameter, said: tuple[str, ...]) -> None:
    if not said:
        return
    from dataclasses import asdict

    from lullaby.score.limits import Limits
    from lullaby.score.nearest import hint

    known = asdict(Limits())
    raised: dict[str, int] = {}
    for text in said:
        word, _, amount = text.partition("=")
        name = word.strip().replace("-", "_")
        if name not in known:
            message = f"unknown limit {word.strip()!r}{hint(name, known, always=True)}"
            raise click.BadParameter(message, context, option)
        if not re.fullmatch(r"[0-9]{1,12}", amount.strip()):
            message = f"{text!r}: write {name}=NUMBER; it is {known[name]} unless said"
            raise click.BadParameter(message, context, option)
        raised[name] = int(amount)
    context.meta[LIMITS] = Limits(**{**known, **raised})


def limited(command: F) -> F:
    """Add ``--limit NAME=NUMBER`` to a command: how much of a score is read at most."""
    return click.option(
        "--limit",
        multiple=True,
        metavar="NAME=NUMBER",
        expose_value=False,
        callback=_limits,
        help="Read a larger score: nodes, depth, bytes_a_file and others; once for each.",
    )(command)


def loaded(
    source: str,
    seed: int | None = None,
    for_s: float | None = None,
    otherwise_s: float | None = None,
    fed: frozenset[str] = frozenset(),
) -> Piece:
    """Return the piece of a score, with another seed or length if one is given.

    ``otherwise_s``: how long an endless piece is looked at if nobody says; ``fed``: its streams.
    Raises UsageError where a length is missing, or is nothing.
    """
    from lullaby import load

    if for_s is not None and for_s <= 0.0:
        raise UsageError("--for wants a length, such as 10min")
    context = click.get_current_context(silent=True)
    limits = context.meta.get(LIMITS) if context else None
    piece = load(source, limits=limits, fed=fed)
    piece = piece if seed is None else piece.with_seed(seed)
    length_s = for_s if for_s is not None else otherwise_s
    if for_s is None and not piece.endless:
        return piece
    if length_s is None:
        raise UsageError("this piece has no end: say how long, such as --for 10min")
    return piece.lasting(length_s)
