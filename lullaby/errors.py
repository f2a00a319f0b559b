"""Everything a user can do wrong, or a machine can fail at.

LullabyError            the root; ``exit_code`` is what the command line ends with
├── ScoreError          a score, preset or call is wrong (2); with every finding and its place
├── UsageError          a call is wrong (2): a bad option, a file in the way
├── ModuleError         a module or effect broke its own contract (1)
├── OutputError         a file or disk failed on the way (1)
└── DeviceError         a sound card or port failed or is missing (1)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

SHOWN = 20  # findings printed before the rest is only counted


class LullabyError(Exception):
    """Root of all errors that end in one clear line."""

    exit_code = 1


class UsageError(LullabyError):
    """The call is wrong; nothing was written."""

    exit_code = 2


class ModuleError(LullabyError):
    """A module or an effect broke its contract."""


class OutputError(LullabyError):
    """A file could not be written whole; nothing stands under the asked name."""


class DeviceError(LullabyError):
    """A sound card or a MIDI port failed or is missing."""


@dataclass(frozen=True, order=True)
class Finding:
    """One mistake in a score: where it stands, what it is, what would be right."""

    file: str
    line: int  # 1-based; 0 when it has no place in the text
    column: int  # 1-based
    message: str
    source: str = field(default="", compare=False)  # the line of text, for the caret
    width: int = field(default=1, compare=False)  # letters the caret covers

    def __str__(self) -> str:
        """Return ``file:line:column: message`` with the line and a caret under the word."""
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        if not self.source:
            return place + self.message
        return (
            f"{place}{self.message}\n"
            f"{self.line:5d} | {self.source}\n"
            f"      | {' ' * (self.column - 1)}{'^' * max(1, self.width)}"
        )


class ScoreError(LullabyError):
    """A score is wrong: every finding at once, in the order of the text."""

    exit_code = 2

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__(self._text())

    def _text(self) -> str:
        lines = [str(finding) for finding in self.findings[:SHOWN]]
        n = len(self.findings)
        if n > SHOWN:
            lines.append(f"... and {n - SHOWN} more")
        lines.append(f"{n} error{'s' if n != 1 else ''}")
        return "\n".join(lines)
