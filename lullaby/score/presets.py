"""Presets: named parameter values, from beside the score, else shipped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lullaby.errors import ScoreError, UsageError
from lullaby.score.find import content, inside, shipped_folders
from lullaby.score.guard import decoded, parsed
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Node, Table, Text
from lullaby.score.reading import Reading

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


def preset(reading: Reading, kind: str, node: Node | None) -> Table | None:
    """Return the table of a preset of a module or effect, or report what is wrong with it."""
    name = reading.text(node, "'preset'")
    if name is None or node is None:
        return None
    if not NAME.fullmatch(name):
        reading.report.add(node, f"preset {cut(name)}: a name is small letters, digits, - and _")
        return None
    known = (kind, name)
    if known not in reading.presets:
        reading.presets[known] = _read(reading, kind, name, node)
    return reading.presets[known]


def _folders(reading: Reading) -> Iterator[Path]:
    if reading.folder is not None and (reading.folder / "presets").is_dir():
        yield reading.folder
    for folder in shipped_folders("presets"):
        yield folder.parent


def _read(reading: Reading, kind: str, name: str, node: Node) -> Table | None:
    for folder in _folders(reading):
        path = inside(folder, f"presets/{kind}/{name}.yaml")
        if isinstance(path, Path):
            return _table(reading, path, node)
    names = {
        f.stem for folder in _folders(reading) for f in (folder / "presets" / kind).glob("*.yaml")
    }
    known = hint(name, sorted(names), always=True)
    reading.report.add(node, f"unknown preset {cut(name)} of '{kind}'{known}")
    return None


def _table(reading: Reading, path: Path, node: Node) -> Table | None:
    report, limits = reading.report, reading.limits
    try:
        root = parsed(decoded(content(path, limits), str(path), limits), str(path), limits, report)
    except UsageError as error:
        report.add(node, str(error))
        return None
    except ScoreError as error:
        report.take(error.findings)
        return None
    if root is None or (isinstance(root, Text) and not root.value):
        report.add(node, f"the preset {path} is empty")
        return None
    return reading.table(root, "a preset")
