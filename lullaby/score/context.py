"""The keys ``verify``, ``legend`` and ``midi``: what is measured, explained, handed to a DAW."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lullaby.model.context import LaneDef, LegendDef, VerifyDef
from lullaby.score.data_units import data_s
from lullaby.score.lexer import Slip
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Items, Node, Table, Text
from lullaby.score.reading import Reading

VERIFIED = {"pitch": "cents", "level": "dB", "pan": "", "cutoff": "", "density": "%"}
LIMITS = {
    "pitch": "60 cents",
    "level": "1.5 dB",
    "pan": "0.1",
    "cutoff": "{rank: 0.9}",
    "density": "5%",
}
AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(cents|dB|%|)", re.ASCII)
LEGEND = ("of", "place", "tones", "ticks", "speech", "caption")
PLACES = ("before", "after", "separate", "none")
SPEECH = ("auto", "off")
MOST_TICKS = 12


@dataclass(frozen=True)
class Context:
    """All three."""

    verify: tuple[VerifyDef, ...] = ()
    legend: LegendDef | None = None
    lanes: tuple[LaneDef, ...] = ()


def context(reading: Reading, top: Table) -> Context:
    """Return what a score says under ``verify``, ``legend`` and ``midi``, or report it."""
    verify = reading.table(top.get("verify"), "'verify'")
    midi = reading.table(top.get("midi"), "'midi'")
    checks = [_verified(reading, key, node) for key, node in verify or ()]
    lanes = [_lane(reading, key, node) for key, node in midi or ()]
    return Context(
        tuple(c for c in checks if c),
        _legend(reading, top.get("legend")),
        tuple(lane for lane in lanes if lane),
    )


def _verified(reading: Reading, key: Text, node: Node) -> VerifyDef | None:
    part, dot, parameter = key.value.partition(".")
    if not dot or part not in reading.parts:
        known = hint(part, reading.parts, always=True)
        reading.report.add(key, f"'verify' names PART.PARAMETER; unknown part {cut(part)}{known}")
        return None
    sheet = reading.parts[part]
    if sheet is not None and parameter not in (*sheet.by_score_name(), "level", "pan"):
        near = hint(parameter, sheet.by_score_name(), always=True)
        reading.report.add(key, f"part '{part}' has no {cut(parameter)}{near}")
        return None
    if parameter not in VERIFIED:
        known = ", ".join(VERIFIED)
        reading.report.add(key, f"{cut(parameter)} cannot be read back from sound; {known} can")
        return None
    rank, error, text = None, None, ""
    if isinstance(node, Table):
        reading.keys(node, ("rank", "error"), f"'{key.value}'")
        rank_node, error_node = node.get("rank"), node.get("error")
        if rank_node is not None:
            rank = _share(reading, rank_node, "'rank'")
        if error_node is not None:
            error, text = _amount(reading, error_node, parameter)
    elif not (isinstance(node, Text) and node.value == "faithful"):
        error, text = _amount(reading, node, parameter)
    return VerifyDef(part, parameter, rank, error, text, key.where)


def _share(reading: Reading, node: Node, what: str) -> float | None:
    text = reading.text(node, what)
    if text is None:
        return None
    found = re.fullmatch(r"[01](?:\.[0-9]+)?", text, re.ASCII)
    if found is None or float(text) > 1.0:
        reading.report.add(node, f"{what} goes from 0 to 1, such as 0.95")
        return None
    return float(text)


def _amount(reading: Reading, node: Node, parameter: str) -> tuple[float | None, str]:
    text = reading.text(node, f"'{parameter}'")
    found = None if text is None else AMOUNT.fullmatch(text)
    unit = VERIFIED[parameter]
    if found is None or text is None or found[2] != unit or parameter == "cutoff":
        like = LIMITS[parameter]
        reading.report.add(node, f"how far '{parameter}' may be off is written {like}, or faithful")
        return None, ""
    return float(found[1]) * (0.01 if unit == "%" else 1.0), text


def _legend(reading: Reading, node: Node | None) -> LegendDef | None:
    table = reading.table(node, "'legend'")
    if table is None:
        return None
    reading.keys(table, LEGEND, "'legend'")
    of = table.get("of")
    names = reading.texts(of, "'of'") if of is not None else tuple(reading.signals)
    for name in names:
        if name not in reading.signals:
            at = of or table
            near = hint(name, reading.signals, always=True)
            reading.report.add(at, f"unknown signal {cut(name)}{near}")
    place, speech, tones = table.get("place"), table.get("speech"), table.get("tones")
    if speech is not None and isinstance(speech, Text) and speech.value == "false":
        speech = None  # a bare off
    caption = table.get("caption")
    tick_s, values = _ticks(reading, table.get("ticks"))
    return LegendDef(
        signals=tuple(n for n in names if n in reading.signals),
        place=(reading.one_of(place, PLACES, "'place'") if place else None) or "separate",
        tones=(reading.whole(tones, "'tones'", 2, 5) or 3) if tones else 3,
        tick_s=tick_s,
        tick_values=values,
        caption=not (isinstance(caption, Text) and caption.value == "false"),
        speech=(reading.one_of(speech, SPEECH, "'speech'") if speech else None) or "off",
        where=table.where,
    )


def _ticks(reading: Reading, node: Node | None) -> tuple[float | None, tuple[float, ...]]:
    # 30 s, or {time: 30 s, value: [100, 500]}
    if node is None:
        return None, ()
    if not isinstance(node, Table):
        return _data_s(reading, node), ()
    reading.keys(node, ("time", "value"), "'ticks'")
    time, listed = node.get("time"), node.get("value")
    values: list[float] = []
    for item in listed if isinstance(listed, Items) else [listed] if listed else []:
        text = reading.text(item, "a tick")
        try:
            values.append(float(text or ""))
        except ValueError:
            reading.report.add(item, "a tick of value is a number in data units")
    if len(values) > MOST_TICKS and listed is not None:
        reading.report.add(listed, f"at most {MOST_TICKS} ticks can be told apart")
    return (_data_s(reading, time) if time else None), tuple(values)


def _data_s(reading: Reading, node: Node) -> float | None:
    text = reading.text(node, "'ticks'")
    if text is None:
        return None
    return reading.checked(node, lambda: _seconds(text, reading))


def _seconds(text: str, reading: Reading) -> float:
    if not text:
        raise Slip(0, 0, "data time wants s, ms, min, h or d, such as 15 min")
    return data_s(text, 0, reading)


def _lane(reading: Reading, key: Text, node: Node) -> LaneDef | None:
    if key.value not in reading.signals:
        near = hint(key.value, reading.signals, always=True)
        reading.report.add(key, f"'midi' names a signal; unknown {cut(key.value)}{near}")
        return None
    table = reading.table(node, f"'{key.value}'")
    if table is None:
        return None
    reading.keys(table, ("cc", "part"), f"'{key.value}'")
    if table.get("cc") is None:
        reading.report.add(key, f"'{key.value}' wants a 'cc', such as cc: 74")
        return None
    cc = reading.whole(table.get("cc"), "'cc'", 0, 119)
    part_node = table.get("part")
    part = reading.text(part_node, "'part'") or ""
    if part and part not in reading.parts:
        near = hint(part, reading.parts, always=True)
        reading.report.add(part_node or key, f"unknown part {cut(part)}{near}")
        return None
    return None if cc is None else LaneDef(key.value, cc, part, key.where)
