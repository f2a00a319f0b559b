"""What reading a score goes by: findings, known names, and plain things read from nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from lullaby.model.score import Clock, Where
from lullaby.model.sheet import Sheet
from lullaby.model.value import Number, Point, Points, Time, Value
from lullaby.score import times
from lullaby.score.grammar import NAME, RESERVED, SHAPES, Parser
from lullaby.score.kinds import Slot
from lullaby.score.lexer import Slip
from lullaby.score.limits import Limits
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Items, Node, Report, Table, Text
from lullaby.score.syntax import Phrase
from lullaby.score.typed import Place, Typer

T = TypeVar("T")
WHOLE = re.compile(r"[+-]?[0-9]+", re.ASCII)
POINT_KEYS = ("at", "value", "shape", "hold", "over")


@dataclass(frozen=True)
class Lean:
    """A cue that changes an arc from its own value, in a scene ("": the piece), again and again."""

    arc: str
    scene: str
    at: Node


@dataclass
class Reading:
    """The state of reading one score."""

    report: Report
    limits: Limits
    folder: Path | None
    fed: frozenset[str] = frozenset()  # sources of data that a stream stands for
    clock: Clock = field(default_factory=Clock)
    arcs: dict[str, None] = field(default_factory=dict)
    signals: dict[str, None] = field(default_factory=dict)
    channels: dict[int, str] = field(default_factory=dict)  # MIDI channels, of which part
    sources: dict[str, None] = field(default_factory=dict)
    columns: dict[str, dict[str, Where]] = field(default_factory=dict)  # used, of each source
    worded: dict[str, dict[str, Where]] = field(default_factory=dict)  # the same, for their words
    parts: dict[str, type[Sheet] | None] = field(default_factory=dict)  # None: module unknown
    buses: dict[str, type[Sheet] | None] = field(default_factory=dict)
    no_effect: set[str] = field(default_factory=set)  # buses that only sum
    owners: dict[str, Any] = field(default_factory=dict)  # what each part and bus declares
    values: dict[tuple[Any, ...], tuple[Value, set[str]]] = field(default_factory=dict)
    presets: dict[tuple[str, str], Table | None] = field(default_factory=dict)
    follows: dict[str, dict[str, Node]] = field(default_factory=dict)  # arc -> arcs it names
    leads: dict[str, dict[str, Node]] = field(default_factory=dict)  # part -> parts it follows
    leans: list[Lean] = field(default_factory=list)
    scene: str = ""  # the one being read

    def place(self, **more: Any) -> Place:
        """Return where a value stands, by what is known."""
        return Place(self.arcs, self.clock, signals=self.signals, sources=self.sources, **more)

    def use(self, source: str, column: str, node: Node, *, words: bool = False) -> None:
        """Note that something reads a column of a source: its numbers, or its words."""
        known = self.worded if words else self.columns
        known.setdefault(source, {}).setdefault(column, node.where)

    def plain(self, node: Node | None, value: Value | None, what: str, like: str) -> float | None:
        """Return a plain number, or report anything that moves or is drawn."""
        if isinstance(value, Number):
            return value.value
        if value is not None and node is not None:
            self.report.add(node, f"{what} wants one plain value, such as {like}")
        return None

    def keys(self, table: Table, allowed: Iterable[str], what: str) -> None:
        """Report every key that is not allowed."""
        names = list(allowed)
        for key, _ in table:
            if key.value not in names:
                self.report.add(
                    key, f"unknown key {cut(key.value)} in {what}{hint(key.value, names)}"
                )

    def table(self, node: Node | None, what: str) -> Table | None:
        """Return a node as a table, or report it."""
        if node is None or isinstance(node, Table):
            return node
        if isinstance(node, Text) and not node.value and node.plain:
            self.report.add(node, f"{what} says nothing; a table such as {{key: value}} is wanted")
        else:
            self.report.add(node, f"{what} wants a table such as {{key: value}}")
        return None

    def text(self, node: Node | None, what: str) -> str | None:
        """Return a node as text, or report it."""
        if node is None:
            return None
        if isinstance(node, Text) and (node.value or not node.plain):
            return node.value
        self.report.add(node, f"{what} wants a text")
        return None

    def texts(
        self,
        node: Node,
        what: str,
        check: Callable[[str], None] | None = None,
        most: int = 0,
    ) -> tuple[str, ...]:
        """Return a list of texts, each checked, ``most`` if not 0; one text is a list of one."""
        items = list(node) if isinstance(node, Items) else [node]
        if most and len(items) > most:
            self.report.add(node, f"{what} has {len(items)} lines; {most} is the most")
            return ()
        found = []
        for item in items:
            text = self.text(item, what)
            try:
                if text is not None and check is not None:
                    check(text)
            except ValueError as error:
                self.report.add(item, f"{what} {error}")
                continue
            if text is not None:
                found.append(text)
        return tuple(found)

    def whole(self, node: Node | None, what: str, low: int, high: int) -> int | None:
        """Return a whole number in a range, or report it."""
        text = self.text(node, what)
        if node is None or text is None:
            return None
        if not WHOLE.fullmatch(text) or len(text) > self.limits.digits:
            self.report.add(node, f"{what} wants a whole number, not {cut(text)}")
            return None
        number = int(text)
        if not low <= number <= high:
            self.report.add(node, f"{what} goes from {low} to {high}, not {cut(text)}")
            return None
        return number

    def truth(self, node: Node, what: str) -> bool | None:
        """Return true or false, or report what is neither."""
        text = self.text(node, what)
        if text is None:
            return None
        if text not in ("true", "false"):
            self.report.add(node, f"{what} wants true or false, not {cut(text)}")
            return None
        return text == "true"

    def one_of(self, node: Node, options: Iterable[str], what: str) -> str | None:
        """Return one of a few words, or report another."""
        text, known = self.text(node, what), list(options)
        if text is None or text in known:
            return text
        self.report.add(node, f"unknown {what} {cut(text)}{hint(text, known, always=True)}")
        return None

    def name(self, key: Text, what: str) -> bool:
        """Return whether a key is a good new name, or report it."""
        word = key.value
        if not NAME.fullmatch(word):
            message = f"{what} {cut(word)}: a name is small letters, digits and _ (64 at most)"
            self.report.add(key, message)
            return False
        if word in RESERVED:
            self.report.add(key, f"{what} '{word}': this is a word or unit of the language")
            return False
        return True

    def said(self, node: Node | None, rule: Callable[[Parser], Phrase], what: str) -> Any | None:
        """Return a node's text by a rule of the grammar, or report it."""
        text = self.text(node, what)
        if text is None or not isinstance(node, Text):
            return None
        try:
            return rule(Parser(text, self.limits))
        except Slip as slip:
            self.report.add(node, slip.message, (slip.start, slip.end))
            return None

    def checked(self, node: Node, make: Callable[[], T]) -> T | None:
        """Return what ``make`` makes, or report its slip at the node."""
        try:
            return make()
        except Slip as slip:
            self.report.add(node, slip.message, (slip.start, slip.end))
            return None

    def time(self, node: Node | None, span: times.Span) -> Time | None:
        """Return a node as a time, or report it."""
        phrase = self.said(node, Parser.whole_time, f"'{span.what}'")
        if phrase is None or node is None:
            return None
        return self.checked(node, lambda: times.timed(phrase, span))

    def value(self, node: Node, slot: Slot, place: Place, owner: str = "") -> Value | None:
        """Return a node as a value of a slot, or report it; ``owner``: the arc it is said of."""
        if isinstance(node, Items):
            return self._listed(node, slot, place)
        made, followed = self._typed(node, slot, place)
        if owner:
            for name in followed:
                self.follows.setdefault(owner, {}).setdefault(name, node)
        return made

    def _typed(self, node: Node, slot: Slot, place: Place) -> tuple[Value | None, set[str]]:
        # The same words in the same kind of place are the same value.
        text = node.value if isinstance(node, Text) else ""
        known = (text, slot, place.change, place.length, place.clock)
        if text and known in self.values:
            return self.values[known]
        phrase = self.said(node, Parser.whole_value, f"'{slot.label}'")
        if phrase is None:
            return None, set()
        typer = Typer(slot, place)
        made = self.checked(node, lambda: typer.whole(phrase))
        for source, column in typer.columns:
            self.use(source, column, node)
        if made is not None:
            self.values[known] = made, typer.followed
        return made, typer.followed

    def syntax(self, node: Node) -> None:
        """Check only the words of a value whose place is unknown."""
        if isinstance(node, Text) and node.value and node.plain:
            self.said(node, Parser.whole_value, "a value")

    def _listed(self, node: Items, slot: Slot, place: Place) -> Value | None:
        # A curve for programs: a list of {at: , value: , shape: }.
        points: list[Point] = []
        for item in node:
            table = self.table(item, f"a point of '{slot.label}'")
            if table is None:
                return None
            self.keys(table, POINT_KEYS, "a point")
            wanted = table.get("value")
            if wanted is None:
                self.report.add(table, "a point wants a 'value'")
                return None
            value = self.value(wanted, slot, place)
            shape_node = table.get("shape")
            shape = self.one_of(shape_node, SHAPES, "shape") if shape_node else None
            at, over = (
                self.time(table.get("at"), times.AT),
                self.time(table.get("over"), times.OVER),
            )
            if value is None or isinstance(value, Points):
                if value is not None:
                    self.report.add(wanted, "a point is one value, not a curve")
                return None
            if not place.length and at is None and over is None:
                self.report.add(table, "there is no length here: a point wants 'at' or 'over'")
            points.append(Point(value, at, over, self.time(table.get("hold"), times.HOLD), shape))
        if len(points) < 2:
            self.report.add(node, "a curve wants two points or more")
            return None
        first = points[0]
        return Points(first.value, tuple(points[1:]), first.at, first.hold)
