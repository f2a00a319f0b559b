"""A take as text: a few lines of head, then one touch a line.

::

    lullaby take 1
    title Evening
    seed 7
    rate 48000
    from 0.0

    750 0.5 panic
    1500 - panic

A touch is the grid point (of 64 frames), the value in the parameter's unit or ``-`` where the hand
lets go, and the name.  Numbers are written so that they are read back to the bit.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lullaby.errors import Finding, ScoreError
from lullaby.model.take import Take, Touch

FIRST = "lullaby take 1"
HEAD = ("title", "seed", "rate", "from")
RATES = (8000, 192000)
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?", re.ASCII)
WHOLE = re.compile(r"-?[0-9]{1,15}", re.ASCII)
LINE = 200  # letters; nothing a take holds is longer
MOST = 2_000_000  # touches
SHOWN = 20  # mistakes collected before the rest is not looked at


@dataclass(frozen=True)
class Recorded:
    """A take, and whose: the title is for people, the seed must be that of the piece.

    ``from_s`` is where in the piece the session began.
    """

    take: Take
    seed: int
    title: str = ""
    from_s: float = 0.0


def written(recorded: Recorded) -> str:
    """Return the text of a take.  Raises ValueError for a name that no score has."""
    take = recorded.take
    for name in take.names:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of an arc or of a part's parameter")
    title = " ".join("".join(c if c.isprintable() else " " for c in recorded.title).split())
    lines = [FIRST, f"title {title}"[: LINE - 1], f"seed {recorded.seed}"]
    lines += [f"rate {take.sample_rate}", f"from {float(recorded.from_s)!r}", ""]
    for grid, i, value in take.rows:
        shown = "-" if math.isnan(value) else repr(float(value))
        lines.append(f"{grid} {shown} {take.names[i]}")
    return "\n".join(lines) + "\n"


def read(text: str, file: str = "take") -> Recorded:
    """Return a take from its text.  Raises ScoreError with every mistake and its line."""
    reader = _Reader(file)
    recorded = reader.read(text)
    if reader.findings:
        raise ScoreError(reader.findings)
    return recorded


class _Reader:
    def __init__(self, file: str) -> None:
        self._file, self.findings = file, list[Finding]()

    def read(self, text: str) -> Recorded:
        # One line after the other: a hostile file must not become a list of millions of them.
        lines = enumerate((raw.rstrip("\r\n") for raw in io.StringIO(text, "\n")), 1)
        if next(lines, (1, ""))[1] != FIRST:
            what = f"is no take this version reads: its first line must be {FIRST!r}"
            self._wrong(1, what)
            return Recorded(Take(RATES[0]), 0)
        head: dict[str, str] = {}
        for number, line in lines:
            if not line:
                break
            word, _, rest = line.partition(" ")
            if word not in HEAD or word in head or len(line) > LINE:
                self._wrong(number, f"the head has {', '.join(HEAD)}, each once")
                return Recorded(Take(RATES[0]), 0)
            head[word] = rest
        seed = self._number(head, "seed", 0, 10**18)
        take = Take(self._number(head, "rate", *RATES))
        self._touches(take, lines)
        from_s = _finite(head.get("from", "0"))
        if from_s is None or from_s < 0.0:
            self._wrong(1, "the head's line 'from' wants seconds from 0 on")
        return Recorded(take, seed, head.get("title", ""), from_s or 0.0)

    def _touches(self, take: Take, lines: Iterator[tuple[int, str]]) -> None:
        known: dict[str, int] = {}
        for number, line in lines:
            if len(take.rows) >= MOST:
                self._wrong(number, f"a take has at most {MOST} touches")
                break
            if len(self.findings) >= SHOWN:
                break
            touch = self._touch(line, number)
            if touch is None:
                continue
            if take.rows and touch.grid < take.rows[-1][0]:
                self._wrong(number, f"grid point {touch.grid} comes after {take.rows[-1][0]}")
                continue
            if touch.name not in known:
                known[touch.name] = len(take.names)
                take.names.append(touch.name)
            value = math.nan if touch.value is None else touch.value
            take.rows.append((touch.grid, known[touch.name], value))

    def _touch(self, line: str, number: int) -> Touch | None:
        words = line.split(" ")
        if len(line) > LINE or len(words) != 3:
            self._wrong(number, "a touch is a grid point, a value or -, and a name")
            return None
        grid, shown, name = words
        if not WHOLE.fullmatch(grid):
            self._wrong(number, f"{grid[:40]!r} is no grid point, which is a whole number")
        elif not NAME.fullmatch(name):
            self._wrong(number, f"{name[:40]!r} is no name of an arc or of a part's parameter")
        elif shown == "-":
            return Touch(int(grid), name, None)
        elif (value := _finite(shown)) is None:
            self._wrong(number, f"{shown[:40]!r} is no value: write a number, or - to let go")
        else:
            return Touch(int(grid), name, value)
        return None

    def _number(self, head: dict[str, str], word: str, low: int, high: int) -> int:
        text = head.get(word, "")
        if re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) and low <= int(text) <= high:
            return int(text)
        self._wrong(1, f"the head wants a line '{word}' with a number from {low} to {high}")
        return low

    def _wrong(self, line: int, message: str) -> None:
        if len(self.findings) < SHOWN:
            self.findings.append(Finding(self._file, line, 1, message))


def _finite(text: str) -> float | None:
    if not re.fullmatch(r"[-+0-9.eE]{1,40}", text, re.ASCII):
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
