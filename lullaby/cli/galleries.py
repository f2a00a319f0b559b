"""``modules``, ``effects``, ``presets`` and ``scores``: what there is to play with."""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from lullaby.cli.options import examples, own_modules
from lullaby.cli.plain import plain
from lullaby.cli.tables import show
from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby.model.gallery import Gallery
    from lullaby.model.sheet import Fixed, Param, Sheet


@click.command(
    short_help="The instruments, or one with its parameters.",
    epilog=examples(
        "lullaby modules",
        "lullaby modules sirens",
        "lullaby modules bees --module bees.py",
    ),
)
@click.argument("name", required=False)
@own_modules
def modules(name: str | None) -> None:
    """List the modules, or say all about one."""
    from lullaby.modules import MODULES

    _gallery(MODULES, name, "module")


@click.command(
    short_help="The effects, or one with its parameters.",
    epilog=examples(
        "lullaby effects",
        "lullaby effects hall",
    ),
)
@click.argument("name", required=False)
def effects(name: str | None) -> None:
    """List the effects, or say all about one."""
    from lullaby.effects import EFFECTS

    _gallery(EFFECTS, name, "effect")


@click.command(
    short_help="The presets that come with lullaby.",
    epilog=examples(
        "lullaby presets",
        "lullaby presets sky",
    ),
)
@click.argument("module", required=False)
def presets(module: str | None) -> None:
    """List presets of all modules and effects, or of one."""
    from lullaby.score import shipped_presets

    found = shipped_presets()
    if module is not None:
        found = {module: found[_known(module, found, "module with presets")]}
    for owner, names in sorted(found.items()):
        click.echo(f"{plain(owner)}: {', '.join(plain(n) for n in sorted(names))}")


@click.command(
    short_help="The scores that come with lullaby.",
    epilog=examples(
        "lullaby scores",
    ),
)
def scores() -> None:
    """List the scores that can be named instead of a file."""
    from lullaby.score import shipped_scores

    for name in shipped_scores():
        click.echo(plain(name))


def _gallery(gallery: Gallery[Any], name: str | None, kind: str) -> None:
    if name is None:
        show([kind, "what it is"], [(n, gallery[n].title()) for n in gallery])
        return
    sheet = gallery[_known(name, gallery, kind)]
    click.echo(f"{name}: {plain(inspect.getdoc(sheet) or '', lines=True)}\n")
    show(["name", "unit", "range", "default>", "meaning"], _parameters(sheet))
    for word, gesture in getattr(sheet, "gestures", {}).items():
        click.echo(f"\ncan be asked, {word}: {plain(gesture.title())}\n")
        show(["with", "unit", "range", "default>", "meaning"], _parameters(gesture))


def _known(name: str, names: Iterable[str], kind: str) -> str:
    known = list(names)
    if name in known:
        return name
    near = difflib.get_close_matches(name, known, 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise UsageError(f"there is no {kind} {name!r}{hint}")


def _parameters(sheet: type[Sheet]) -> list[tuple[object, ...]]:
    moving = [_moving(name, p) for name, p in sheet.params().items()]
    return moving + [_fixed(f) for f in sheet.fixed_params().values()]


def _moving(name: str, p: Param) -> tuple[object, ...]:
    follows = f" (follows {p.follows.name})" if p.follows else ""
    unit = "" if p.unit == "ratio" else p.unit
    return p.score_name, unit, f"{p.low:g}..{p.high:g}", f"{p.default:g}", p.doc + follows


def _fixed(f: Fixed[Any]) -> tuple[object, ...]:
    span = f"{f.low}..{f.high}" if f.kind == "count" else " | ".join(f.options)
    return f.score_name, f.kind, span, _default(f.default), f.doc


def _default(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return str(value)
