"""``schema``, ``new`` and ``graph``: small files that help to write a score."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lullaby.cli.options import examples, own_modules
from lullaby.cli.plain import plain
from lullaby.cli.starters import SCHEMA, TEMPLATES, starter
from lullaby.errors import UsageError

if TYPE_CHECKING:
    from lullaby.model.score import BusDef, PartDef, Score
    from lullaby.model.value import Value
    from lullaby.outputs.graph import Box, Wire

STEM = re.compile(r"[\w][\w -]{0,63}")


def schema_text() -> str:
    """Return the JSON Schema of scores as it is written into files."""
    from lullaby.score.schema import schema

    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


@click.command(
    short_help="The JSON Schema of scores, for editors.",
    epilog=examples(
        "lullaby schema -o lullaby.schema.json",
        "lullaby schema --module bees.py -o lullaby.schema.json",
    ),
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file; else printed.")
@own_modules
def schema(output: Path | None) -> None:
    """Write the JSON Schema (draft-07) of scores, with every module and effect there is.

    An editor with a YAML language server completes and explains a score that names it in its
    first line: # yaml-language-server: $schema=lullaby.schema.json
    """
    text = schema_text()
    if output is None:
        click.echo(text, nl=False)
        return
    from lullaby.outputs.texts import write_text

    write_text(output, text)
    click.echo(f"wrote {plain(output)}")


@click.command(
    short_help="Begin a score of your own.",
    epilog=examples(
        "lullaby new evening",
        "lullaby new sea --template endless --editor",
    ),
)
@click.argument("name")
@click.option("--template", type=click.Choice(list(TEMPLATES)), default="arc", show_default=True)
@click.option("--editor", is_flag=True, help="Also write the schema and settings that editors use.")
def new(name: str, template: str, editor: bool) -> None:
    """Write NAME.yaml, a whole small score to change; files that are there are left alone."""
    from lullaby.outputs.texts import write_text
    from lullaby.outputs.whole import told

    target = Path(name if name.endswith(".yaml") else f"{name}.yaml")
    if not STEM.fullmatch(target.stem):
        raise UsageError(f"{name!r} is no name: letters, digits, spaces, - and _")
    texts = {target: starter(template, target.stem.replace("_", " ").strip().capitalize())}
    if editor:
        place = target.parent / SCHEMA
        pattern = {f"./{SCHEMA}": [target.name]}
        texts[place] = schema_text()
        texts[target.parent / ".vscode" / "settings.json"] = (
            json.dumps({"yaml.schemas": pattern}, indent=2) + "\n"
        )
    for path in texts:
        if path.exists() and path.name != SCHEMA:
            raise UsageError(f"{path}: is already there; nothing was written")
    for path, text in texts.items():
        if path.parent.name == ".vscode":
            with told(path):
                path.parent.mkdir(exist_ok=True)
        write_text(path, text, overwrite=path.name == SCHEMA)
        click.echo(f"wrote {plain(path)}")


@click.command(
    short_help="Draw parts, buses and sends.",
    epilog=examples(
        "lullaby graph let_go -o let_go.svg",
    ),
)
@click.argument("score")
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="An .svg.")
@own_modules
def graph(score: str, output: Path) -> None:
    """Draw who sounds into what: parts, buses and their effects, sends, the master."""
    from lullaby import load
    from lullaby.outputs.graph import drawn
    from lullaby.outputs.texts import write_text

    if output.suffix.lower() != ".svg":
        raise UsageError(f"{output}: a graph is an .svg file")
    made = load(score).score
    boxes, wires = _wired(made)
    write_text(output, drawn(plain(made.title), boxes, wires))
    click.echo(f"wrote {plain(output)}")


def _wired(score: Score) -> tuple[list[Box], list[Wire]]:
    from lullaby.model.performance import MASTER
    from lullaby.outputs.graph import Box, Wire
    from lullaby.score.strips import file_name

    boxes = [Box(p.name, file_name(p.module), _led(p)) for p in score.parts]
    for bus in score.buses:
        boxes.append(Box(bus.name, file_name(bus.effect) if bus.effect else "sum", "", 1))
    boxes.append(Box(MASTER, "limiter", f"{score.master.ceiling_dbtp:g} dBTP", 1))
    wires: list[Wire] = []
    strips: list[PartDef | BusDef] = [*score.parts, *score.buses]
    for strip in strips:
        wires.append(Wire(strip.name, strip.into, _level(strip)))
        sends = dict(strip.sends)
        for stay in (s for scene in score.scenes for s in scene.play if s.part == strip.name):
            sends = {**stay.sends, **sends}
        wires += [Wire(strip.name, bus, _decibels(v), True) for bus, v in sends.items()]
    return boxes, wires


def _led(part: PartDef) -> str:
    leaders = [f.name for f in part.module.fixed_params().values() if f.kind == "leader"]
    followed = [part.fixed[name] for name in leaders if part.fixed.get(name)]
    words = [f"follows {', '.join(followed)}"] if followed else []
    words += [f"under {', '.join(part.ducks)}"] if part.ducks else []
    return ", ".join(words)


def _level(strip: PartDef | BusDef) -> str:
    from lullaby.model.score import BusDef

    own = {**strip.preset_settings, **strip.settings}
    value = strip.level if isinstance(strip, BusDef) else own.get("level_db")
    return "" if value is None else _decibels(value)


def _decibels(value: Value) -> str:
    from lullaby.score.kinds import Slot
    from lullaby.score.printed import printed

    return printed(value, Slot("level", "dB", -120.0, 24.0))
