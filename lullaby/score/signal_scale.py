"""What 0 and 1 of a signal mean: its ``range``, ``scale``, ``mid`` and ``levels``."""

from __future__ import annotations

from dataclasses import dataclass

from lullaby.model.formula import Cell, Formula
from lullaby.model.scale import SCALES, STEPPED
from lullaby.model.signal import BETWEEN
from lullaby.model.table import Step
from lullaby.score.data_units import data_s, number, pair
from lullaby.score.lexer import Slip
from lullaby.score.nearest import cut
from lullaby.score.nodes import Items, Node, Table, Text
from lullaby.score.reading import Reading

LISTED = ("ordinal", "nominal")
SMOOTH = ("linear", "log", "symlog", "sqrt", "pow")
EXPONENTS = (0.1, 10.0)
MOST_WORDS = 100
MOST_LEVELS = 1000
LONGEST_WORD = 64


@dataclass(frozen=True)
class Scaled:
    """Both ends (None: found out) or all values, and how those between lie."""

    scale: str = "linear"
    power: float = 1.0
    range: tuple[float, float] | None = None
    rolling_s: float | None = None
    values: tuple[str, ...] = ()
    mid: float | None = None
    levels: int | None = None


def usual_between(scale: str, levels: int | None, *, truth: bool) -> str:
    """Return how values are joined unless the score says: what has levels is not glided over."""
    return "step" if scale in STEPPED or levels is not None or truth else "linear"


def scaled(reading: Reading, table: Table) -> Scaled:
    """Return what a signal says of its scale, or report what is wrong with it."""
    scale, power = _scale(reading, table.get("scale"))
    ends, rolling_s, values = _range(reading, table.get("range"), scale)
    levels = table.get("levels")
    count = None if levels is None else reading.whole(levels, "'levels'", 2, MOST_LEVELS)
    if levels is not None and scale == "nominal":
        reading.report.add(levels, "'levels' says nothing with nominal: each word is one")
    if rolling_s is not None and scale not in SMOOTH:
        message = f"a rolling range goes with {', '.join(SMOOTH)}, not with {scale}"
        reading.report.add(table.get("range") or table, message)
    mid = _mid(reading, table.get("mid"), scale, ends, rolling_s)
    return Scaled(scale, power, ends, rolling_s, values, mid, count)


def _scale(reading: Reading, node: Node | None) -> tuple[str, float]:
    text = reading.text(node, "'scale'")
    if text is None or node is None:
        return "linear", 1.0
    word, _, rest = text.strip().partition(" ")
    if word != "pow":
        return reading.one_of(node, SCALES, "scale") or "linear", 1.0
    if not rest.strip():
        reading.report.add(node, "'pow' wants its exponent: pow 2")
        return "pow", 1.0

    def exponent() -> float:
        made = number(rest.strip(), "'pow'", "pow 2", len(word) + 1)
        if not EXPONENTS[0] <= made <= EXPONENTS[1]:
            low, high = EXPONENTS
            raise Slip(0, len(text), f"the exponent of 'pow' goes from {low:g} to {high:g}")
        return made

    made = reading.checked(node, exponent)
    return "pow", made if made is not None else 1.0


def _range(
    reading: Reading, node: Node | None, scale: str
) -> tuple[tuple[float, float] | None, float | None, tuple[str, ...]]:
    # Both ends, or the width of the window they are those of, or a list of values.
    if node is None or (isinstance(node, Text) and node.value == "auto"):
        return None, None, ()
    if isinstance(node, Items):
        return None, None, _values(reading, node, scale)
    text = reading.text(node, "'range'")
    if text is None:
        return None, None, ()
    word, _, rest = text.strip().partition(" ")
    if word == "rolling":
        lead = len(word) + 1
        if not rest.strip():
            reading.report.add(node, "'rolling' wants a time: rolling 24 h")
            return None, None, ()
        return None, reading.checked(node, lambda: data_s(rest, lead, reading)), ()
    if scale == "nominal":
        reading.report.add(node, "the range of nominal is a list of its words: [ok, slow, down]")
        return None, None, ()
    return _ends(reading, node, text, scale), None, ()


def _ends(reading: Reading, node: Node, text: str, scale: str) -> tuple[float, float] | None:
    made = reading.checked(node, lambda: pair(text, 0, reading, "range 0..400"))
    if made is None:
        return None
    low, high = made
    if low == high:
        reading.report.add(node, "'range' has no width: both ends are the same")
    elif scale == "log" and min(low, high) <= 0.0:
        message = "a log range cannot reach 0; 'scale: symlog' can, and crosses it"
        reading.report.add(node, message)
    return made


def _values(reading: Reading, node: Items, scale: str) -> tuple[str, ...]:
    if scale not in LISTED:
        message = "a list is the range of 'scale: ordinal' or 'nominal'; others want 20..400"
        reading.report.add(node, message)
        return ()
    found = tuple(word.strip() for word in reading.texts(node, "'range'", most=MOST_WORDS))
    long = next((word for word in found if len(word) > LONGEST_WORD), None)
    if long is not None:
        reading.report.add(node, f"{cut(long)}: a word has at most {LONGEST_WORD} letters")
        return ()
    if len(found) != len(node.items):
        return ()
    if len(found) < 2 or len(set(found)) < len(found):
        reading.report.add(node, f"the range of {scale} is two or more values, each once")
        return ()
    if scale == "ordinal":
        made = reading.checked(node, lambda: [number(v, "ordinal", "[1, 2, 5]") for v in found])
        if made is None:
            return ()
        if made not in (sorted(set(made)), sorted(set(made), reverse=True)):
            reading.report.add(node, "the values of ordinal rise or fall: [1, 2, 5]")
            return ()
    return found


def _mid(
    reading: Reading,
    node: Node | None,
    scale: str,
    ends: tuple[float, float] | None,
    rolling_s: float | None,
) -> float | None:
    text = reading.text(node, "'mid'")
    if text is None or node is None:
        return None
    if scale in LISTED:
        reading.report.add(node, f"'mid' bends a scale of numbers; {scale} has its values evenly")
    elif rolling_s is not None:
        reading.report.add(node, "'mid' stands still and the range rolls: leave one of them out")
    made = reading.checked(node, lambda: number(text, "'mid'", "6.5"))
    if made is not None and ends is not None and not min(ends) < made < max(ends):
        low, high = ends
        reading.report.add(node, f"'mid' lies inside the range {low:g}..{high:g}, not at {made:g}")
    return made


def between_of(reading: Reading, node: Node | None, said: Scaled, *, truth: bool) -> str:
    """Return how a signal's values are joined, or report what cannot be."""
    made = reading.one_of(node, BETWEEN, "'between'") if node else None
    if node is not None and made not in (None, "step") and said.scale in STEPPED:
        reading.report.add(node, f"nothing lies between the words of {said.scale}: leave it out")
    return made or usual_between(said.scale, said.levels, truth=truth)


def words_of(
    reading: Reading, table: Table, made: Formula | None, steps: tuple[Step, ...]
) -> Cell | None:
    """Return the column whose words a nominal signal has, or report what is none."""
    for step in steps:
        if step.kind != "late" and step.what not in ("first", "last"):
            message = f"{cut(step.text)}: words take no arithmetic, only first, last and late"
            reading.report.add(table.get("steps") or table, message)
    if isinstance(made, Cell) and made.column:
        return made
    wanted = "nominal wants one column of words, such as from: web.status"
    reading.report.add(table.get("from") or table, wanted)
    return None
