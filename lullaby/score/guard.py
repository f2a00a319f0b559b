"""From bytes to nodes: everything a stranger's file could do harm with is refused on the way.

The YAML is walked event by event, so that an anchor, an alias, a tag or a bomb is refused at the
first sight of it and nothing is ever expanded, resolved or called.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from lullaby.score.limits import Limits
from lullaby.score.nearest import cut
from lullaby.score.nodes import Items, Node, Report, Source, Table, Text
from lullaby.score.plain_words import in_plain_words

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ufeff\ufffe\uffff\ud800-\udfff]"
)
LINES = re.compile("\r\n|\n|\r")
CUTTING = re.compile(r"[ \t]+#(?=\w)")


def decoded(data: bytes, file: str, limits: Limits) -> str:
    """Return the text of a file; raises ScoreError where it is too long or not UTF-8."""
    report = Report()
    if len(data) > limits.bytes_a_file:
        _refuse_size(report, file, limits)
    try:
        return data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        lines = LINES.split(before)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        report.say(Source(file, []), len(lines), len(lines[-1]) + 1, message)
        report.close()
        raise AssertionError from error


def parsed(text: str, file: str, limits: Limits, report: Report) -> Node | None:
    """Return the root node of a text, None for an empty one; doubled keys go to ``report``.

    Raises ScoreError at the first thing that is not allowed in a score.
    """
    stop = Report()
    if len(text) > limits.bytes_a_file or len(text.encode("utf-8", "replace")) > (
        limits.bytes_a_file
    ):
        _refuse_size(stop, file, limits)
    source = Source(file, LINES.split(text))
    found = FORBIDDEN.search(text)
    if found:
        before = LINES.split(text[: found.start()])
        message = f"the character U+{ord(found[0]):04X} is not allowed in a score"
        stop.say(source, len(before), len(before[-1]) + 1, message)
        stop.close()
    walk = _Walk(source, limits, stop, report)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            walk.take(event)
    except yaml.YAMLError as error:
        line, column, message = in_plain_words(error, source)
        stop.say(source, line, column, message)
        stop.close()
    return walk.root


def _refuse_size(report: Report, file: str, limits: Limits) -> None:
    message = f"the file is longer than {limits.bytes_a_file} bytes"
    report.say(Source(file, []), 0, 0, message)
    report.close()


class _Walk:
    """Builds nodes from events and counts."""

    def __init__(self, source: Source, limits: Limits, stop: Report, report: Report) -> None:
        self.source, self.limits, self.stop, self.report = source, limits, stop, report
        self.root: Node | None = None
        self.nodes = self.documents = 0
        # Open lists and tables, each with what it holds and, in a table, the key that waits.
        self.open: list[tuple[Any, list[Node], list[tuple[Text | None, Node]], list[Node]]] = []

    def take(self, event: Any) -> None:
        kind = type(event)  # asked first of what there is most of
        if kind is yaml.ScalarEvent:
            self._allowed(event)
            self._scalar(event)
        elif kind is yaml.SequenceStartEvent or kind is yaml.MappingStartEvent:
            self._allowed(event)
            if len(self.open) >= self.limits.depth:
                self._refuse(event, f"nested more than {self.limits.depth} deep")
            self.open.append((event, [], [], []))
        elif kind is yaml.SequenceEndEvent or kind is yaml.MappingEndEvent:
            self._up(event)
        elif kind is yaml.AliasEvent:
            self._refuse(event, f"aliases ('*{event.anchor}') are not allowed in a score")
        elif kind is yaml.DocumentStartEvent:
            self.documents += 1
            if self.documents > 1:
                self._refuse(event, "a file holds one score; '---' begins a second")
            if event.tags or event.version:
                self._refuse(event, "directives ('%...') are not allowed in a score")

    def _refuse(self, event: Any, message: str, width: int = 1) -> None:
        mark = event.start_mark
        self.stop.say(self.source, mark.line + 1, mark.column + 1, message, width)
        self.stop.close()

    def _allowed(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, f"anchors ('&{event.anchor}') are not allowed in a score")
        if event.tag is not None:
            self._refuse(event, f"tags ({cut(event.tag)}) are not allowed in a score")
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            self._refuse(event, f"a score has at most {self.limits.nodes} nodes")

    def _scalar(self, event: Any) -> None:
        plain = event.style in (None, "")
        value: str = event.value
        if plain and value == "<<":
            self._refuse(event, "merge keys ('<<') are not allowed in a score", 2)
        most = self.limits.bytes_a_scalar
        if len(value) * 4 > most and len(value.encode()) > most:
            self._refuse(event, f"a text has at most {self.limits.bytes_a_scalar} bytes")
        a, b = event.start_mark, event.end_mark
        node = Text(self.source, a.line + 1, a.column + 1, b.line + 1, b.column + 1, value, plain)
        if plain and value:
            rest = CUTTING.match(self.source.line(b.line + 1), b.column)
            if rest:
                message = "a comment is '# ' with a space; this would cut the value short"
                self.report.say(self.source, b.line + 1, rest.end(), message)
        self._put(node)

    def _up(self, event: Any) -> None:
        start, items, pairs, _ = self.open.pop()
        a, b = start.start_mark, event.end_mark
        place = (self.source, a.line + 1, a.column + 1, b.line + 1, b.column + 1)
        if type(start) is yaml.SequenceStartEvent:
            self._put(Items(*place, items))
            return
        entries: dict[str, tuple[Text, Node]] = {}
        for key, value in pairs:
            if key is None:
                continue
            if key.value in entries:
                first = entries[key.value][0]
                message = f"the key {cut(key.value)} stands here twice (first on line {first.line})"
                self.report.add(key, message)
                continue
            entries[key.value] = (key, value)
        self._put(Table(*place, entries))

    def _put(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        start, items, pairs, waiting = self.open[-1]
        if type(start) is yaml.SequenceStartEvent:
            items.append(node)
        elif not waiting:
            if not isinstance(node, Text):
                self.report.add(node, "a key is a plain word, not a list or a table")
            waiting.append(node)
        else:
            key = waiting.pop()
            pairs.append((key if isinstance(key, Text) else None, node))
