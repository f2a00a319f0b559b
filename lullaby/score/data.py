"""The key ``data``: tables of the score's folder and their place in the piece."""

from __future__ import annotations

from lullaby.model.formula import Cell, cells
from lullaby.model.table import SourceDef
from lullaby.model.value import Time
from lullaby.score import times
from lullaby.score.find import inside
from lullaby.score.grammar import NAME
from lullaby.score.kinds import Slot
from lullaby.score.nearest import cut
from lullaby.score.nodes import Items, Node, Text
from lullaby.score.reading import Reading
from lullaby.score.signals import parsed

KEYS = (
    *("file", "time", "rate", "columns", "where", "span", "at", "for"),
    *("delimiter", "decimal", "encoding", "missing", "doubles"),
)
ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".npy", ".parquet")
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "space": " "}
DECIMALS = {"point": ".", "comma": ","}
DOUBLES = ("keep", "mean", "error")
ENCODINGS = ("utf-8", "utf-16", "latin-1", "cp1252")
RATE = Slot("rate", "/s", 1e-9, 1e9)
AT = times.Span("at", share=False)
FOR = times.Span("for", share=False, zero=False)


def source(reading: Reading, key: Text, node: Node) -> SourceDef | None:
    """Return one source of data, or report what is wrong with it."""
    name = key.value
    table = reading.table(node, f"source '{name}'")
    if table is None:
        return None
    reading.keys(table, KEYS, f"source '{name}'")
    file, path = _file(reading, key, table.get("file"))
    keep_node = table.get("where")
    keep = None if keep_node is None else parsed(reading, keep_node, "'where'", tests=True)
    if keep is not None and keep_node is not None:
        for cell in cells(keep):
            column = _column(name, cell)
            if column is None:
                message = f"'where' names columns of this source: {cell.column}, not {cell.key}"
                reading.report.add(keep_node, message)
            else:
                reading.use(name, column, keep_node)
    time, rate = table.get("time"), table.get("rate")
    if time is not None and rate is not None:
        reading.report.add(table.key("rate"), "a source has a 'time' column or a 'rate', not both")
    doubles = table.get("doubles")
    if doubles is not None and rate is not None:
        message = "'doubles' are rows of one time; with a 'rate' there are none"
        reading.report.add(table.key("doubles"), message)
    rate_value = None if rate is None else reading.value(rate, RATE, reading.place())
    return SourceDef(
        name=name,
        file=file,
        path=path,
        time=reading.text(time, "'time'") or "",
        rate_hz=reading.plain(rate, rate_value, "'rate'", "250 /s"),
        columns=_columns(reading, table.get("columns")),
        keep=keep,
        keep_text=" ".join(keep_node.value.split()) if isinstance(keep_node, Text) else "",
        span=_span(reading, table.get("span")),
        at_s=_seconds(reading, table.get("at"), AT) or 0.0,
        length_s=_seconds(reading, table.get("for"), FOR),
        delimiter=_said(reading, table.get("delimiter"), DELIMITERS, "delimiter"),
        decimal=_said(reading, table.get("decimal"), DECIMALS, "decimal"),
        encoding=_encoding(reading, table.get("encoding")),
        missing=reading.texts(n, "'missing'") if (n := table.get("missing")) else (),
        doubles=(reading.one_of(doubles, DOUBLES, "'doubles'") if doubles else None) or "keep",
        worded=reading.worded.setdefault(name, {}),
        used=reading.columns.setdefault(name, {}),
        where=key.where,
        places={k.value: v.where for k, v in table},
    )


def _column(name: str, cell: Cell) -> str | None:
    if not cell.column:
        return cell.name
    return cell.column if cell.name == name else None


def _file(reading: Reading, key: Text, node: Node | None) -> tuple[str, str]:
    name = reading.text(node, "'file'")
    if node is None:
        reading.report.add(key, f"source '{key.value}' wants a 'file'")
    if name is None or node is None:
        return "", ""
    if reading.folder is None:
        reading.report.add(node, "a score without a folder cannot read data")
        return name, ""
    stem = name.removesuffix(".gz").lower()
    if not stem.endswith(ENDINGS):
        known = ", ".join(e.removeprefix(".") for e in ENDINGS)
        reading.report.add(node, f"{cut(name)}: data files are {known}; .gz may follow")
        return name, ""
    path = inside(reading.folder, name, there=key.value not in reading.fed)
    if isinstance(path, str):
        reading.report.add(node, f"{cut(name)}: {path}")
        return name, ""
    return name, str(path)


def _columns(reading: Reading, node: Node | None) -> dict[str, str]:
    table = reading.table(node, "'columns'")
    made: dict[str, str] = {}
    for key, inner in table or ():
        if not NAME.fullmatch(key.value):  # units may name columns: web.ms
            message = f"column {cut(key.value)}: a name is small letters, digits and _"
            reading.report.add(key, message)
            continue
        column = reading.text(inner, f"column '{key.value}'")
        if column is not None:
            made[key.value] = column
    return made


def _span(reading: Reading, node: Node | None) -> tuple[str, str] | None:
    if node is None:
        return None
    if not isinstance(node, Items) or len(node.items) != 2:
        reading.report.add(node, "'span' wants two data times: [FROM, TO]")
        return None
    first, last = (reading.text(item, "a data time") for item in node)
    return None if first is None or last is None else (first, last)


def _seconds(reading: Reading, node: Node | None, span: times.Span) -> float | None:
    time = reading.time(node, span)
    if time is None or node is None:
        return None
    if time.until is not None or time.spread:
        reading.report.add(node, f"'{span.what}' of data is one plain time")
    return plain_s(reading, time)


def plain_s(reading: Reading, time: Time) -> float:
    """Return a time of the piece in seconds, by the score's own clock."""
    beat_s = 60.0 / reading.clock.bpm
    unit = {"s": 1.0, "beat": beat_s, "bar": beat_s * reading.clock.beats_a_bar}
    return time.amount * unit.get(time.unit, 1.0)


def _said(reading: Reading, node: Node | None, known: dict[str, str], what: str) -> str:
    text = reading.text(node, f"'{what}'")
    if text is None or node is None:
        return ""
    if text in known.values():
        return text
    return known.get(reading.one_of(node, known, what) or "", "")


def _encoding(reading: Reading, node: Node | None) -> str:
    return (reading.one_of(node, ENCODINGS, "encoding") or "") if node is not None else ""
