"""The key ``signals``: named 0..1 curves made from data."""

from __future__ import annotations

import re

from lullaby.model.formula import Cell, Formula, X, cells, is_truth
from lullaby.model.score_place import Where
from lullaby.model.table import SignalDef, Step
from lullaby.score.data_units import data_s, pair
from lullaby.score.formula import formula
from lullaby.score.lexer import Slip
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Items, Node, Text
from lullaby.score.reading import Reading
from lullaby.score.signal_scale import between_of, scaled, words_of

KEYS = ("from", "steps", "range", "scale", "mid", "levels", "gaps", "between", "unit")
GAPS = ("hold", "linear", "silence", "drop", "mark")
STATS = ("mean", "median", "sum", "count", "min", "max", "first", "last", "minmax")
PLAIN = ("diff", "total", "detrend", "zscore")
STEPS = (*STATS, "p95", "lag", "late", "clip", *PLAIN)
BINNED = re.compile(r"([a-z0-9]+)\s+(per|over)\s+(.+)", re.ASCII)
SHIFTED = re.compile(r"(lag|late|zscore over|clip)\s+(.+)", re.ASCII)
PERCENTILE = re.compile(r"p(100|[1-9]?[0-9](?:\.[0-9])?)", re.ASCII)
MOST_STEPS = 32


def signal(reading: Reading, key: Text, node: Node) -> SignalDef | None:
    """Return one signal, or report what is wrong with it."""
    table = reading.table(node, f"signal '{key.value}'")
    if table is None:
        return None
    reading.keys(table, KEYS, f"signal '{key.value}'")
    wanted = table.get("from")
    if wanted is None and any(k.value not in KEYS for k, _ in table):
        return None
    if wanted is None:
        reading.report.add(key, f"signal '{key.value}' wants 'from', such as from: web.ms")
        return None
    said = scaled(reading, table)
    words = said.scale == "nominal"
    source = _source(reading, key.value, wanted, words=words)
    steps = _steps(reading, table.get("steps"))
    gaps, hold_s = _gaps(reading, table.get("gaps"))
    truth = is_truth(steps[-1].formula if steps else source)
    between = between_of(reading, table.get("between"), said, truth=truth)
    if source is None or not isinstance(wanted, Text):
        return None
    if words and words_of(reading, table, source, steps) is None:
        return None
    ends = said.range
    if table.get("range") is None and truth:
        ends = (0.0, 1.0)  # a comparison is 0 or 1
    return SignalDef(
        name=key.value,
        source=source,
        source_text=" ".join(wanted.value.split()),
        steps=steps,
        range=ends,
        rolling_s=said.rolling_s,
        values=said.values,
        scale=said.scale,
        power=said.power,
        mid=said.mid,
        levels=said.levels,
        gaps=gaps,
        hold_s=hold_s,
        between=between,
        unit=reading.text(table.get("unit"), "'unit'") or "",
        where=key.where,
        places={k.value: v.where for k, v in table},
    )


def _source(reading: Reading, name: str, node: Node, *, words: bool) -> Formula | None:
    made = parsed(reading, node, "'from'")
    if made is None:
        return None
    found = list(cells(made))
    if not found:
        reading.report.add(node, "'from' wants a column such as web.ms, or signals")
        return None
    columns = {c.name for c in found if c.column}
    for cell in found:
        known = reading.sources if cell.column else reading.signals
        what = "source of data" if cell.column else "signal"
        if cell.name not in known:
            more = ""
            if not cell.column and cell.name in reading.sources:
                more = f"; a column of it is written {cell.name}.COLUMN"
            near = hint(cell.name, known, always=True)
            reading.report.add(node, f"unknown {what} {cut(cell.name)}{more or near}")
            return None
        if cell.column:
            reading.use(cell.name, cell.column, node, words=words)
        elif cell.name == name:
            reading.report.add(node, f"signal '{name}' is made from itself")
            return None
    if len(columns) > 1 or (columns and any(not c.column for c in found)):
        message = "'from' takes columns of one source, or signals: make a signal of each first"
        reading.report.add(node, message)
        return None
    return made


def parsed(reading: Reading, node: Node, what: str, *, tests: bool = False) -> Formula | None:
    """Return a node's text as a formula, or report it."""
    text = reading.text(node, what)
    if text is None:
        return None
    return reading.checked(node, lambda: formula(text, reading.limits, tests=tests))


def _steps(reading: Reading, node: Node | None) -> tuple[Step, ...]:
    if node is None:
        return ()
    items = list(node) if isinstance(node, Items) else [node]
    if len(items) > MOST_STEPS:
        reading.report.add(node, f"a signal has at most {MOST_STEPS} steps")
        return ()
    made = [_step(reading, item) for item in items]
    return tuple(step for step in made if step is not None)


def _step(reading: Reading, node: Node) -> Step | None:
    text = reading.text(node, "a step")
    if text is None:
        return None
    text = " ".join(text.split())
    where = node.where
    if text in PLAIN:
        return Step(text, text=text, where=where)
    for pattern, make in ((SHIFTED, _shifted), (BINNED, _binned)):
        match = pattern.fullmatch(text)
        if match is not None:
            return reading.checked(node, lambda m=match, f=make: f(reading, m, text, where))  # type: ignore[misc]
    word = text.partition(" ")[0]
    if word in STATS or PERCENTILE.fullmatch(word):
        reading.report.add(node, f"'{word}' wants a time: {word} per 1 s, or {word} over 1 s")
        return None
    if word in ("lag", "late", "clip"):
        example = {"lag": "lag 2 s", "late": "late 5 min", "clip": "clip 0..400"}[word]
        reading.report.add(node, f"'{word}' is written {example}")
        return None
    return reading.checked(node, lambda: _arithmetic(reading, text, where))


def _arithmetic(reading: Reading, text: str, where: Where) -> Step:
    made = formula(text, reading.limits)
    for cell in cells(made):
        if cell != Cell(X):
            near = hint(cell.key, STEPS, always=True)
            message = (
                f"unknown step {cut(cell.key)}{near}; arithmetic is on x, such as log10(x + 1)"
            )
            raise Slip(0, len(text), message)
    if not any(True for _ in cells(made)):
        raise Slip(0, len(text), "a step of arithmetic works on x, such as log10(x + 1)")
    return Step("formula", formula=made, text=text, where=where)


def _binned(reading: Reading, match: re.Match[str], text: str, where: Where) -> Step:
    what, kind, rest = match.groups()
    if what not in STATS and not PERCENTILE.fullmatch(what):
        near = hint(what, (*STATS, "p95"), always=True)
        raise Slip(0, len(what), f"unknown statistic {cut(what)}{near}")
    if what == "minmax" and kind == "over":
        raise Slip(0, len(text), "'minmax' is two points a bin: minmax per 1 s")
    amount_s = data_s(rest, match.start(3), reading)
    return Step(kind, what, (amount_s,), text=text, where=where)


def _shifted(reading: Reading, match: re.Match[str], text: str, where: Where) -> Step:
    word, rest = match.groups()
    if word == "clip":
        low, high = pair(rest, match.start(2), reading, "clip 0..400")
        if low > high:
            raise Slip(match.start(2), len(text), "'clip' wants the lower end first")
        return Step("clip", "", (low, high), text=text, where=where)
    kind = word.partition(" ")[0]
    return Step(kind, "", (data_s(rest, match.start(2), reading),), text=text, where=where)


def _gaps(reading: Reading, node: Node | None) -> tuple[str, float | None]:
    text = reading.text(node, "'gaps'")
    if text is None or node is None:
        return "hold", None
    word, _, rest = text.strip().partition(" ")
    if word == "hold" and rest:
        held_s = reading.checked(node, lambda: data_s(rest, len(word) + 1, reading))
        return "hold", held_s
    if rest or word not in GAPS:
        known = hint(word, GAPS, always=True) if word not in GAPS else ""
        reading.report.add(node, f"'gaps' wants hold 20 s, linear, silence, drop or mark{known}")
    return (word if word in GAPS else "hold"), None
