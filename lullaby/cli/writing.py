"""``schema``, ``new`` and ``graph``: small files that help to write a score."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from lullaby.cli.options import examples, own_modules
from lullaby.cli.plain import plain
from lullaby.cli.starters import SCHEMA, TEMPLATES, starter
from lullaby.errors import UsageError

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
