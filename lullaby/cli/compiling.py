"""The first run compiles kernels: it says so, counts them, and remembers which it has.

A mark beside the compiled kernels stands for each module and effect that has sounded once.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lullaby.model.performance import Performance
    from lullaby.model.sheet import Sheet


class Compiling:
    """What a performance needs compiled on this machine."""

    def __init__(self, performance: Performance) -> None:
        from lullaby.dsp.kernel import CACHE

        self._folder = CACHE / "heard"
        self._kernels = CACHE
        self._names = {run.part: _mark(run.settings) for run in performance.runs}
        self._names |= {b.name: _mark(e) for b in performance.buses for e in b.effects}
        self.fresh = sorted(
            {name for name in self._names.values() if not (self._folder / name).exists()}
        )
        self._first = self.count()

    def count(self) -> int:
        """Return how many kernels are in the cache."""
        return sum(1 for _ in self._kernels.rglob("*.nbi")) if self._kernels.is_dir() else 0

    def said(self) -> str:
        """Return what to tell before the first run of anything new; empty if all is there."""
        if not self.fresh:
            return ""
        n = len(self.fresh)
        what = f"{n} module{'s' if n != 1 else ''} and effect{'s' if n != 1 else ''}"
        return f"compiling kernels of {what}: once on this machine, later runs start at once"

    def note(self) -> str:
        """Return a few words for the progress line once kernels are coming."""
        new = self.count() - self._first if self.fresh else 0
        return f"{new} kernels compiled" if new else ""

    def remember(self, parts: set[str]) -> None:
        """Note what has sounded; a cache that cannot be written is only slower."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for part in parts & self._names.keys():
                Path(self._folder / self._names[part]).touch()
        except OSError:
            return


def _mark(sheet: Sheet) -> str:
    kind = type(sheet)
    return f"{kind.__module__}.{kind.__qualname__}"
