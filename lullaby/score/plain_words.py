"""YAML's own complaints in plain words; its two parsers word them differently."""

from __future__ import annotations

import re

import yaml

from lullaby.score.nodes import Source

CLOSING = "a '{0}' is missing here, or a comma before it"
WORDS = (
    (r"expected ',' or '([\]}])'", "closing"),
    (r"mapping values are not allowed", "': ' cannot stand here; put text that holds it in quotes"),
    (r"depth|[Ee]xceed", "nested too deep"),
    (r"tab", "indent with spaces, not with tabs"),
    (r"cannot start any token", "a value cannot begin with this character; put it in quotes"),
    (r"could not find expected ':'|expected ':'", "a ':' is missing after this key"),
    (
        r"expected key|expected <block end>|expected '<document start>'|document start",
        "this line does not fit what stands above it; look at its indent and its brackets",
    ),
    (r"block sequence entries are not allowed", "a list ('- ') cannot begin here"),
    (r"expected '-' indicator", "a '- ' is missing, or the indent is wrong"),
    (r"unexpected end of stream", "a quote is opened and never closed"),
    (
        r"unknown escape|escape",
        "an unknown escape; a backslash in double quotes wants a second one",
    ),
    (r"undefined alias|alias", "'*' begins an alias, which a score may not hold; put it in quotes"),
    (r"anchor", "'&' begins an anchor, which a score may not hold; put it in quotes"),
    (r"tag", "'!' begins a tag, which a score may not hold; put it in quotes"),
    (r"directive|version", "'%' cannot begin a line"),
    (r"expected the node content|node content", "a value is missing here"),
    (r"block end|block mapping", "the indent is wrong here"),
    (
        r"chomping|indentation indicator|comment or a line break",
        "only the text may follow '|' or '>'",
    ),
)
CUT_COMMENT = re.compile(r"[ \t]#(?=\w)")


def in_plain_words(error: yaml.YAMLError, source: Source) -> tuple[int, int, str]:
    """Return line and column (from 1) and what is wrong, of an error of the YAML parser."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = str(getattr(error, "problem", "") or "")
    context = str(getattr(error, "context", "") or "")
    if mark is None:
        return 1, 1, "this is not YAML"
    line, column = mark.line + 1, mark.column + 1
    if line > len(source.lines):
        line, column = len(source.lines), len(source.lines[-1]) + 1
    message = _worded(problem, context)
    opened = getattr(error, "context_mark", None)
    if opened is not None:
        cut = CUT_COMMENT.search(source.line(opened.line + 1), opened.column)
        if cut and "missing" in message:
            return opened.line + 1, cut.end(), "a comment is '# ' with a space; this cuts the line"
        if opened.line + 1 != line:
            message += f" (it belongs to line {opened.line + 1})"
    return line, column, message


def _worded(problem: str, context: str) -> str:
    closing = re.search(WORDS[0][0], problem)
    if closing:
        return CLOSING.format(closing[1])
    for pattern, words in WORDS[1:]:
        if re.search(pattern, problem):
            return words
    if "flow" in context:
        return "a bracket or a comma is missing here"
    return "this is not YAML" + (f": {problem}" if problem else "")
