"""Data and signals back as the entries of a score that reads equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lullaby.model.context import VerifyDef
from lullaby.model.formula import is_truth
from lullaby.model.score import PartDef, Score
from lullaby.model.table import SignalDef, SourceDef
from lullaby.score.data import DECIMALS, DELIMITERS
from lullaby.score.printed import number_text
from lullaby.score.signal_scale import usual_between

Entry = dict[str, Any]


def source_entry(one: SourceDef) -> Entry:
    """Return a source of data as its entry under ``data``."""
    made: Entry = {"file": one.file}
    made |= {"time": one.time} if one.time else {}
    made |= {"rate": f"{number_text(one.rate_hz)} /s"} if one.rate_hz is not None else {}
    made |= {"columns": dict(one.columns)} if one.columns else {}
    made |= {"where": one.keep_text} if one.keep_text else {}
    made |= {"span": list(one.span)} if one.span else {}
    made |= {"at": f"{number_text(one.at_s)} s"} if one.at_s else {}
    made |= {"for": f"{number_text(one.length_s)} s"} if one.length_s is not None else {}
    made |= {"delimiter": _word(one.delimiter, DELIMITERS)} if one.delimiter else {}
    made |= {"decimal": _word(one.decimal, DECIMALS)} if one.decimal else {}
    made |= {"encoding": one.encoding} if one.encoding else {}
    made |= {"doubles": one.doubles} if one.doubles != "keep" else {}
    return made | ({"missing": list(one.missing)} if one.missing else {})


def _word(letter: str, words: Mapping[str, str]) -> str:
    return next(word for word, said in words.items() if said == letter)


def signal_entry(one: SignalDef) -> Entry:
    """Return a signal as its entry under ``signals``."""
    made: Entry = {"from": one.source_text}
    made |= {"steps": [step.text for step in one.steps]} if one.steps else {}
    made |= _range_entry(one)
    if one.scale == "pow":
        made["scale"] = f"pow {number_text(one.power)}"
    elif one.scale != "linear":
        made["scale"] = one.scale
    made |= {"mid": number_text(one.mid)} if one.mid is not None else {}
    made |= {"levels": one.levels} if one.levels is not None else {}
    if one.hold_s is not None:
        made["gaps"] = f"hold {number_text(one.hold_s)} s"
    elif one.gaps != "hold":
        made["gaps"] = one.gaps
    truth = is_truth(one.steps[-1].formula if one.steps else one.source)
    usual = usual_between(one.scale, one.levels, truth=truth)
    made |= {"between": one.between} if one.between != usual else {}
    return made | ({"unit": one.unit} if one.unit else {})


def _range_entry(one: SignalDef) -> Entry:
    if one.values:
        return {"range": list(one.values)}
    if one.rolling_s is not None:
        return {"range": f"rolling {number_text(one.rolling_s)} s"}
    if one.range is not None:
        return {"range": "..".join(number_text(end) for end in one.range)}
    return {}


def each_entry(part: PartDef) -> Entry:
    """Return what a part says of the rows it sounds for."""
    if not part.each:
        return {}
    made: Entry = {"each": part.each}
    if part.at_most_hz is not None:
        made["at_most"] = f"{number_text(part.at_most_hz)} /s"
    return made | ({"merge": part.merge} if part.merge != "nearest" else {})


def context_entries(score: Score) -> Entry:
    """Return what a score says under ``legend``, ``midi`` and ``verify``."""
    made: Entry = {}
    if score.legend is not None:
        one = score.legend
        legend: Entry = {"of": list(one.signals), "place": one.place, "tones": one.tones}
        ticks: Entry = {} if one.tick_s is None else {"time": f"{number_text(one.tick_s)} s"}
        ticks |= {"value": [number_text(v) for v in one.tick_values]} if one.tick_values else {}
        legend |= {"ticks": ticks} if ticks else {}
        made["legend"] = legend | {"speech": one.speech, "caption": one.caption}
    if score.lanes:
        made["midi"] = {
            lane.signal: {"cc": lane.cc} | ({"part": lane.part} if lane.part else {})
            for lane in score.lanes
        }
    if score.verify:
        made["verify"] = {one.name: _verify_entry(one) for one in score.verify}
    return made


def _verify_entry(one: VerifyDef) -> Any:
    if one.rank is None:
        return one.text or "faithful"
    error = {"error": one.text} if one.text else {}
    return {"rank": number_text(one.rank), **error}
