"""One source of data read: the columns that are used, by time, and notes on what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from lullaby.data import dates, delimited, records
from lullaby.data.cells import Column, Truths, numbers
from lullaby.data.faults import TableError, fault, shown
from lullaby.data.formulas import reckoned
from lullaby.data.opening import Limits, digest
from lullaby.data.ordered import in_order
from lullaby.data.table import Table
from lullaby.data.words import Words
from lullaby.errors import ScoreError
from lullaby.model.chance import Floats
from lullaby.model.table import SourceDef

MOST_BAD = 0.05  # of the cells of a column: more is no table of numbers
SURELY = 10_000  # rows after which too many bad ones end the reading at once
SHOWN = 5
LIKE_TIME = re.compile(r"(date|time|t|t_s|datetime|timestamp|month|year|ts)", re.IGNORECASE)


def read(source: SourceDef, limits: Limits | None = None) -> Table:
    """Return the rows of a source that ``where`` keeps, sorted by time.

    Raises ScoreError with the place in the score that is wrong about the file.
    """
    limits = limits or Limits()
    try:
        return _Reader(source, limits).table()
    except TableError as error:
        raise fault(source.place("file"), f"{source.file}: {error}") from None


@dataclass
class _Bad:
    """Cells of a column that are neither numbers nor missing."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, source: SourceDef, limits: Limits) -> None:
        self.source, self.limits = source, limits
        self.path = Path(source.path)
        self.notes: list[str] = []
        self.bad: dict[str, _Bad] = {}
        self.rows = self.ragged = 0
        self.calendar = False
        self.decimal = source.decimal
        self.words = {name: Words() for name in source.worded}

    def table(self) -> Table:
        source = self.source
        if not source.time and source.rate_hz is None:
            self._no_time()
        made = digest(self.path, self.limits)
        parts: list[list[Floats]] = []
        for chunk in self._chunks():
            self._too_bad()
            parts.append(self._kept(chunk))
            if self.rows > self.limits.rows:
                raise TableError(f"more than {self.limits.rows} rows")
        if not self.rows:
            raise TableError("the table has no rows")
        self._tell()
        time, *rest = (np.concatenate(column) for column in zip(*parts, strict=True))
        if not len(time):
            raise fault(source.place("where"), f"no row of {self.rows} is left: {source.keep_text}")
        columns = dict(zip(source.used, rest, strict=False))
        codes = dict(zip(source.worded, rest[len(columns) :], strict=True))
        words = {name: known.found for name, known in self.words.items()}
        table = Table(time, columns, made, codes, words, self.calendar, tuple(self.names))
        table, notes = in_order(table, source)
        return replace(table, notes=[*self.notes, *notes])

    # What the file holds, as chunks of columns: the time first, then those used.

    def _chunks(self) -> Iterator[list[Any]]:
        stem = self.source.file.lower().removesuffix(".gz")
        if stem.endswith((".csv", ".tsv", ".txt")):
            yield from self._delimited("\t" if stem.endswith(".tsv") else "")
            return
        if stem.endswith(".npy"):
            columns = records.numpy_columns(self.path, self.limits)
        elif stem.endswith(".parquet"):
            columns = records.parquet_columns(self.path, self.limits, None)
        else:
            lines = not stem.endswith(".json")
            columns = records.json_columns(self.path, self.limits, lines=lines)
        self.names = list(columns)
        self.decimal = "."
        yield [columns[self.names[i]] for i in self._wanted()]

    def _delimited(self, delimiter: str) -> Iterator[list[Any]]:
        source, limits = self.source, self.limits
        delimiter = source.delimiter or delimiter
        form = delimited.layout(self.path, limits, delimiter, source.encoding)
        self.names = list(form.names)
        if form.guessed and form.delimiter != ",":
            self.notes.append(f"{source.file}: delimiter {shown(form.delimiter)}")
        if not form.header:
            self.notes.append(f"{source.file}: no header, so its columns are c1, c2, ...")
        wanted = self._wanted()
        for chunk in delimited.chunks(self.path, limits, form, source.encoding, wanted):
            if chunk.rows:
                if not self.decimal:
                    self._find_decimal(chunk.columns, form.delimiter)
                self.ragged += chunk.ragged
                yield chunk.columns

    def _find_decimal(self, columns: Sequence[Column], delimiter: str) -> None:
        self.decimal = "."
        if delimiter == ",":
            return
        cells = [c.text(i) for c in columns for i in range(min(50, len(c.start)))]
        if any(re.fullmatch(r"[+-]?\d+,\d+", c) for c in cells) and not any(
            re.fullmatch(r"[+-]?\d+\.\d+", c) for c in cells
        ):
            self.decimal = ","
            self.notes.append(f"{self.source.file}: decimal comma")

    def _wanted(self) -> list[int]:
        # The columns in the file of the time and of everything used; with a rate there is no time.
        source = self.source
        wanted = [self._find(source.time, "time")] if source.time else []
        for name, where in source.used.items():
            wanted.append(self._find(source.columns.get(name, name), name, where))
        for name, where in source.worded.items():
            wanted.append(self._find(source.columns.get(name, name), name, where))
        for alias, name in source.columns.items():
            self._find(name, alias, source.place("columns"))
        self.said = [*([source.time] if source.time else []), *source.used]
        return wanted or [0]

    def _find(self, name: str, alias: str, where: Any = None) -> int:
        names = self.names
        plain = [plain_name(n) for n in names]
        for known, said in ((names, name), (plain, name)):
            if known.count(said) == 1:
                return known.index(said)
            if known.count(said) > 1:
                message = f"{self.source.file} has more than one column {shown(said)}"
                raise fault(where or self.source.place(alias), message)
        near = get_close_matches(name.lower()[:64], [n.lower() for n in names], n=1, cutoff=0.6)
        mean = [n for n in names if near and n.lower() == near[0]]
        hint = f"did you mean {shown(mean[0])}?; " if mean else ""
        listed = ", ".join(shown(n)[1:-1] for n in names[:20])
        more = f", ... ({len(names)} in all)" if len(names) > 20 else ""
        message = f"{self.source.file} has no column {shown(name)} ({hint}known: {listed}{more})"
        raise fault(where or self.source.place(alias), message)

    def _no_time(self) -> None:
        if self.source.file.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".txt")):
            form = delimited.layout(
                self.path, self.limits, self.source.delimiter, self.source.encoding
            )
            like = [n for n in form.names if LIKE_TIME.fullmatch(n)]
        else:
            like = []
        example = like[0] if like else "t_s"
        message = f"a source wants 'time: COLUMN' ({example}) or 'rate: 250 /s'"
        raise fault(self.source.where, message)

    # A chunk as numbers, of the rows that are kept.

    def _kept(self, chunk: list[Any]) -> list[Floats]:
        source = self.source
        rows = len(chunk[0].start) if isinstance(chunk[0], Column) else len(chunk[0])
        if source.time:
            time, columns = self._times(chunk[0]), chunk[1:]
        else:
            time = (self.rows + np.arange(rows)) / (source.rate_hz or 1.0)
            columns = chunk
        values = {
            name: self._numbers(name, column)
            for name, column in zip(source.used, columns, strict=False)
        }
        codes = [
            self._codes(name, column)
            for name, column in zip(source.worded, columns[len(values) :], strict=False)
        ]
        self.rows += rows
        kept: Truths = ~np.isnan(time)
        if source.keep is not None:
            kept &= reckoned(source.keep, lambda cell: values[cell.column or cell.name])
        return [time[kept], *(column[kept] for column in (*values.values(), *codes))]

    def _codes(self, name: str, column: Any) -> Floats:
        try:
            return self.words[name].codes(column, self.decimal, self.source.missing)
        except TableError as error:
            message = f"{self.source.file}: column {shown(name)}: {error}"
            raise fault(self.source.worded[name], message) from None

    def _numbers(self, name: str, column: Any) -> Floats:
        if not isinstance(column, Column):
            return np.asarray(column, np.float64)
        values, bad = numbers(column, self.decimal, self.source.missing)
        self._note_bad(name, column, bad)
        return values

    def _times(self, column: Any) -> Floats:
        if not isinstance(column, Column):
            self.calendar = False
            values: Floats = np.asarray(column, np.float64)
        else:
            if not self.rows and not self.calendar:
                first = np.flatnonzero(column.end > column.start)
                text = column.text(int(first[0])) if len(first) else ""
                if dates.is_ambiguous(text) and not dates.is_date(text):
                    message = f"the date {shown(text)} may be read two ways; write 2020-01-31"
                    raise fault(self.source.place("time"), f"{self.source.file}: {message}")
                self.calendar = dates.is_date(text)
            if self.calendar:
                values, bad = dates.seconds(column)
            else:
                values, bad = numbers(column, self.decimal, self.source.missing)
            self._note_bad(self.source.time, column, bad)
        blank = int(np.isnan(values).sum())
        if blank:
            self.blank = getattr(self, "blank", 0) + blank
        return values

    def _note_bad(self, name: str, column: Column, bad: Truths) -> None:
        if not bad.any():
            return
        known = self.bad.setdefault(name, _Bad())
        for i in np.flatnonzero(bad)[: SHOWN - len(known.examples)]:
            cell = shown(column.text(int(i))[:64])
            known.examples.append(f"row {self.rows + int(i) + 1}: {cell}")
        known.count += int(bad.sum())

    def _too_bad(self, least: int = SURELY) -> None:
        for name, bad in self.bad.items():
            if self.rows >= least and bad.count > MOST_BAD * self.rows:
                share = 100.0 * bad.count / self.rows
                what = "no time" if name == self.source.time else "no number"
                message = f"column {shown(name)}: {share:.0f} % of its cells are {what} ("
                raise self._at(name, message + "; ".join(bad.examples) + ")")
        if self.rows >= least and self.ragged > MOST_BAD * self.rows:
            message = f"{self.ragged} of {self.rows} rows have more or fewer cells than the header"
            raise TableError(f"{message} has ({len(self.names)}); is the delimiter right?")
        blank = getattr(self, "blank", 0)
        if self.rows >= least and blank > MOST_BAD * self.rows:
            message = f"{blank} of {self.rows} rows have no time"
            raise self._at(self.source.time, message)

    def _at(self, name: str, message: str) -> ScoreError:
        where = self.source.used.get(name) or self.source.place("time")
        return fault(where, f"{self.source.file}: {message}")

    def _tell(self) -> None:
        self._too_bad(1)
        file = self.source.file
        for name, bad in self.bad.items():
            examples = "; ".join(bad.examples)
            note = f"{file}: {bad.count} cells of {shown(name)} are no numbers, so missing"
            self.notes.append(f"{note} ({examples})")
        if self.ragged:
            self.notes.append(
                f"{file}: {self.ragged} rows have more or fewer cells than the header"
            )
        if getattr(self, "blank", 0):
            self.notes.append(
                f"{file}: {getattr(self, 'blank', 0)} rows without a time are left out"
            )


def plain_name(name: str) -> str:
    """Return a column's name as a score can write it: small letters, digits and _."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
