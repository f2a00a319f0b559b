"""JSON Schema of the keys ``data``, ``signals`` and ``each``."""

from __future__ import annotations

from typing import Any

from lullaby.model.scale import SCALES
from lullaby.model.signal import BETWEEN
from lullaby.score.context import PLACES, SPEECH
from lullaby.score.data import DECIMALS, DELIMITERS, DOUBLES, ENCODINGS
from lullaby.score.key_words import explained
from lullaby.score.signal_scale import MOST_LEVELS

Schema = dict[str, Any]

LEVELS = "How many levels there are; each value sounds as the nearest one."
TEXT: Schema = {"type": "string"}
PLAIN: Schema = {"type": ["string", "number"]}
TEXTS: Schema = {"type": ["string", "array"], "items": TEXT}


def source_schema() -> Schema:
    """Return the schema of one source of data."""
    return _entry(
        ["file"],
        file=_said("A csv, tsv, json, jsonl, npy or parquet file in the score's folder; or .gz."),
        time=_said("The column of times: dates, or seconds."),
        rate={**PLAIN, "description": "Rows a second, where there is no column of times: 250 /s."},
        columns={"type": "object", "additionalProperties": PLAIN},
        where=_said("Which rows: comparisons with and, or, not."),
        span={"type": "array", "minItems": 2, "maxItems": 2, "items": PLAIN},
        at={**PLAIN, "description": "Where the data begin in the piece."},
        **{"for": {**PLAIN, "description": "How long they last in the piece."}},
        delimiter={"enum": [*DELIMITERS, *DELIMITERS.values()]},
        decimal={"enum": [*DECIMALS, *DECIMALS.values()]},
        encoding={"enum": list(ENCODINGS)},
        doubles={"enum": list(DOUBLES), "description": "What becomes of rows of one time."},
        missing={**TEXTS, "description": "More words that mean missing."},
    )


def signal_schema() -> Schema:
    """Return the schema of one signal."""
    gaps = "What is heard where data are missing: hold 20 s, linear, silence, drop or mark."
    ends = "Data units at 0 and at 1: 20..4000, 80..28, rolling 24 h or auto; a list of all values."
    scales = [s for s in SCALES if s != "pow"]
    return _entry(
        ["from"],
        **{"from": _said("A column such as web.ms, arithmetic on columns, or signals.")},
        steps={**TEXTS, "description": "In order, in data time: p95 per 1 s, lag 2 s, log10(x)."},
        range={"type": ["string", "array"], "items": PLAIN, "description": ends},
        scale={
            "anyOf": [{"enum": scales}, {"type": "string", "pattern": "^pow [0-9.]+$"}],
            "description": "How data lie between: linear, log, symlog, sqrt, pow 2, quantile, "
            "ordinal or nominal.",
        },
        mid={**PLAIN, "description": "The data value that 0.5 means."},
        levels={"type": "integer", "minimum": 2, "maximum": MOST_LEVELS, "description": LEVELS},
        gaps=_said(gaps),
        between={"enum": list(BETWEEN)},
        unit=TEXT,
    )


def each_schema() -> Schema:
    """Return the keys of a part that sounds for each row of a source."""
    return {
        "each": _said("A source of data: an event a row."),
        "at_most": {**PLAIN, "description": "How many of them a second."},
        "merge": {"enum": ["nearest", "loudest", "mean"]},
    }


def _said(description: str) -> Schema:
    return {**TEXT, "description": description}


def _entry(required: list[str], **properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": {key: explained(key, said) for key, said in properties.items()},
        "additionalProperties": False,
        "required": required,
    }


def context_schema() -> Schema:
    """Return the top keys ``legend``, ``midi`` and ``verify``."""
    cc = {"type": "integer", "minimum": 0, "maximum": 119}
    ticks = {"anyOf": [PLAIN, _entry([], time=PLAIN, value={"type": "array"})]}
    legend = _entry(
        [],
        of={**TEXTS, "description": "The signals that are explained."},
        place={"enum": list(PLACES)},
        tones={"type": "integer", "minimum": 2, "maximum": 5},
        ticks=ticks,
        speech={"enum": [*SPEECH, False]},
        caption={"type": "boolean"},
    )
    check = {"anyOf": [PLAIN, _entry([], rank=PLAIN, error=PLAIN)]}
    lane = _entry(["cc"], cc=cc, part=_said("On whose track."))
    return {
        "legend": {**legend, "description": "What the signals sound like, for who listens."},
        "midi": {"type": "object", "additionalProperties": lane},
        "verify": {"type": "object", "additionalProperties": check},
    }
