"""The text of a score as nodes that know their places: texts, lists and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lullaby.errors import Finding, ScoreError
from lullaby.model.score import Where

LONGEST_LINE = 400  # letters; a longer line is not printed under its finding


@dataclass(frozen=True)
class Source:
    """A file as it was read: its name and its lines."""

    file: str
    lines: Sequence[str]

    def line(self, number: int) -> str:
        """Return a line by its number from 1; nothing where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


@dataclass(frozen=True, eq=False)
class Node:
    """Something written: where it begins and ends (lines and columns from 1)."""

    source: Source = field(repr=False)
    line: int
    column: int
    end_line: int
    end_column: int

    @property
    def where(self) -> Where:
        """Return the place as the model keeps it."""
        return Where(self.source.file, self.line, self.column)

    @property
    def width(self) -> int:
        """Return how many letters a caret covers."""
        if self.end_line == self.line:
            return max(1, self.end_column - self.column)
        return max(1, len(self.source.line(self.line).rstrip()) - self.column + 1)


@dataclass(frozen=True, eq=False)
class Text(Node):
    """A scalar: always text; what it means is decided by the place it stands in."""

    value: str
    plain: bool

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return column and width of a stretch of the value; of the whole where folded."""
        line = self.source.line(self.line)
        lead = 0 if self.plain else 1
        begin = self.column - 1 + lead
        if self.end_line != self.line or line[begin : begin + len(self.value)] != self.value:
            return self.column, self.width
        return begin + start + 1, max(1, end - start)


@dataclass(frozen=True, eq=False)
class Items(Node):
    """A list."""

    items: list[Node]

    def __iter__(self) -> Iterator[Node]:
        """Return the items in order."""
        return iter(self.items)


@dataclass(frozen=True, eq=False)
class Table(Node):
    """A mapping, keys in the order they are written; of equal keys the first."""

    entries: dict[str, tuple[Text, Node]]

    def __iter__(self) -> Iterator[tuple[Text, Node]]:
        """Return keys and values in order."""
        return iter(self.entries.values())

    def get(self, key: str) -> Node | None:
        """Return the value of a key, if it is there."""
        found = self.entries.get(key)
        return found[1] if found else None

    def key(self, key: str) -> Node:
        """Return where a key stands, or the table itself where it is not there."""
        found = self.entries.get(key)
        return found[0] if found else self


class Report:
    """Collects what is wrong, so that all of it is told at once."""

    def __init__(self) -> None:
        self._findings: dict[Finding, None] = {}

    def add(self, node: Node, message: str, span: tuple[int, int] | None = None) -> None:
        """Note a mistake at a node, or at a stretch (start, end) of its text."""
        column, width = node.column, node.width
        if span is not None and isinstance(node, Text):
            column, width = node.span(*span)
        self.say(node.source, node.line, column, message, width)

    def say(self, source: Source, line: int, column: int, message: str, width: int = 1) -> None:
        """Note a mistake at a line and column."""
        text = source.line(line)
        shown = text if len(text) <= LONGEST_LINE else ""
        self._findings[Finding(source.file, line, column, message, shown, width)] = None

    def take(self, findings: Sequence[Finding]) -> None:
        """Note what another reading found."""
        for finding in findings:
            self._findings[finding] = None

    @property
    def empty(self) -> bool:
        """Return whether nothing is wrong so far."""
        return not self._findings

    def close(self) -> None:
        """Raise ScoreError with all that was found, if anything was."""
        if self._findings:
            raise ScoreError(list(self._findings))


def canonical(node: Node) -> str:
    """Return a node as one line that does not change with its layout."""
    if isinstance(node, Text):
        return " ".join(node.value.split())
    if isinstance(node, Items):
        return "[" + ", ".join(canonical(item) for item in node) + "]"
    assert isinstance(node, Table)
    return "{" + ", ".join(f"{key.value}: {canonical(value)}" for key, value in node) + "}"
