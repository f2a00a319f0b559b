"""Options of a file for a DAW, which ``midi`` and ``render`` share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby.outputs.midi_form import Form

F = TypeVar("F", bound=Callable[..., Any])
MOST_NAMES = 200


def forms(command: F) -> F:
    """Add ``--mpe`` and ``--profile`` to a command."""
    with_profile = click.option(
        "--profile",
        type=click.Choice(["generic", "live", "logic", "cubase", "reaper"]),
        default="generic",
        show_default=True,
        help="The DAW it is for.",
    )(command)
    return click.option(
        "--mpe",
        type=click.Choice(["off", "single", "split"]),
        default="off",
        show_default=True,
        help="Pitches between the keys: nearest key, a zone a part, or a track a voice.",
    )(with_profile)


def cc_list(text: str) -> bool | frozenset[str]:
    """Return which controllers are meant: all, none, or a set of numbers and names."""
    if text in ("all", "none"):
        return text == "all"
    names = frozenset(name.strip() for name in text.split(",") if name.strip())
    if not names or len(names) > MOST_NAMES:
        raise UsageError("--cc wants all, none, or numbers and names such as 1,74,level")
    return names


def daw_form(**form: Any) -> Form:
    """Return the form of a file, imported only where one is written."""
    from lullaby.outputs.midi_form import Form

    return Form(**form)
