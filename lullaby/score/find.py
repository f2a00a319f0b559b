"""Where scores and presets lie: beside the asked file, in the wheel, in a checkout."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

from lullaby.errors import UsageError
from lullaby.score.limits import Limits
from lullaby.score.nearest import hint

HERE = Path(__file__).resolve().parent
ENDINGS = (".yaml", ".yml")


def shipped_folders(what: str) -> Iterator[Path]:
    """Yield the folders of ``scores`` or ``presets`` that come with the package."""
    for folder in (HERE.parent / "shipped" / what, HERE.parent.parent / what):
        if folder.is_dir():
            yield folder


def shipped_scores() -> list[str]:
    """Return the names of the scores that come with the package."""
    found = {f.stem for folder in shipped_folders("scores") for f in folder.glob("*.yaml")}
    return sorted(found)


def shipped_presets() -> dict[str, list[str]]:
    """Return the presets that come with the package, by module or effect."""
    found: dict[str, set[str]] = {}
    for folder in shipped_folders("presets"):
        for file in folder.glob("*/*.yaml"):
            found.setdefault(file.parent.name, set()).add(file.stem)
    return {name: sorted(found[name]) for name in sorted(found)}


def located(source: str | Path) -> Path:
    """Return the file of a score: a path, or the name of a shipped one.

    Raises UsageError where there is neither.
    """
    path = Path(source)
    if "\0" in str(source):
        raise UsageError("a path has no NUL in it")
    if path.exists():
        return path
    if isinstance(source, str) and path.name == source and not path.suffix:
        for folder in shipped_folders("scores"):
            file = folder / f"{source}.yaml"
            if file.is_file():
                return file
    names = shipped_scores()
    raise UsageError(f"{source}: no such file or shipped score{hint(str(source), names, True)}")


def content(path: Path, limits: Limits) -> bytes:
    """Return a file's bytes, one more than is allowed at most.

    Raises UsageError for what is no regular file or cannot be read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise UsageError(f"{path}: a score is a regular file")
        with path.open("rb") as file:
            return file.read(limits.bytes_a_file + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or 'cannot be read'}") from None


def inside(folder: Path, name: str, *, there: bool = True) -> Path | str:
    """Return a file of a folder by its relative name, or why it is refused.

    ``there``: whether it must exist.
    """
    strange = "\\" in name or "$" in name or ":" in name or name.startswith(("/", "~"))
    if strange or ".." in Path(name).parts or not name:
        return "a file is named by a plain relative path inside the score's folder"
    try:
        path = (folder / name).resolve()
        root = folder.resolve()
        if not path.is_relative_to(root):
            return "the file lies outside the score's folder"
        if not path.exists():
            return path if not there else "there is no such file in the score's folder"
        if not path.is_file():
            return "this is no regular file"
    except (OSError, ValueError):
        return "the file cannot be read"
    return path
