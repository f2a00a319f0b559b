"""What a folder of modules or effects holds, found by file name; nothing is registered by hand."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Generic, TypeVar

from lullaby.errors import ModuleError, UsageError
from lullaby.model.sheet import Sheet

S = TypeVar("S", bound=Sheet)


class Gallery(Generic[S]):
    """All sheets of one kind: a folder of the package, and files a user named in the call."""

    def __init__(self, package: str, folders: Sequence[str], kind: type[S]) -> None:
        self._package, self._folders, self._kind = package, folders, kind
        self._own: dict[str, Path] = {}
        self._found: dict[str, type[S]] = {}

    def __iter__(self) -> Iterator[str]:
        """Return the names, in alphabetical order."""
        shipped = {
            file.stem
            for folder in self._folders
            for file in Path(folder).glob("*.py")
            if not file.stem.startswith("_")
        }
        return iter(sorted(shipped | self._own.keys()))

    def __contains__(self, name: object) -> bool:
        """Return whether there is one of that name."""
        return name in list(self)

    def __getitem__(self, name: str) -> type[S]:
        """Return the class; raises KeyError for a name that is not there."""
        if name not in self._found:
            if name not in self:
                raise KeyError(name)
            self._found[name] = self._load(name)
        return self._found[name]

    def add(self, path: Path) -> str:
        """Make a user's own file known under its name; only ever from a call, never from a score.

        Raises UsageError if the file is not there or its name is taken.
        """
        if not path.is_file():
            raise UsageError(f"{path}: no such file; a module is one Python file")
        if path.stem in self:
            raise UsageError(f"{path}: there is already one named {path.stem!r}")
        self._own[path.stem] = path
        return path.stem

    def _load(self, name: str) -> type[S]:
        if name in self._own:
            spec = importlib.util.spec_from_file_location(f"lullaby_own_{name}", self._own[name])
            if spec is None or spec.loader is None:
                raise ModuleError(f"{self._own[name]}: cannot be read as Python")
            file = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(file)
        else:
            file = importlib.import_module(f"{self._package}.{name}")
        return self._only(file, name)

    def _only(self, file: ModuleType, name: str) -> type[S]:
        own = [
            thing
            for thing in vars(file).values()
            if isinstance(thing, type)
            and issubclass(thing, self._kind)
            and thing is not self._kind
            and thing.__module__ == file.__name__
        ]
        if len(own) != 1:
            raise ModuleError(f"{name}: defines {len(own)} of {self._kind.__name__}, wanted one")
        return own[0]
