"""JSON Schema (draft-07) of scores, from the declarations: what editors complete by."""

from __future__ import annotations

from typing import Any

from lullaby.effects import EFFECTS
from lullaby.model.gallery import Gallery
from lullaby.model.sheet import Fixed, Master, Param, Strip
from lullaby.modules import MODULES
from lullaby.score.channels import channel_schema
from lullaby.score.find import shipped_presets
from lullaby.score.key_words import explained
from lullaby.score.kinds import WANTS, shown
from lullaby.score.schema_data import (
    Schema,
    context_schema,
    each_schema,
    signal_schema,
    source_schema,
)
from lullaby.score.tones import SCALES

NAME = "^[a-z][a-z0-9_]{0,63}$"
VALUE: Schema = {"type": ["string", "number", "array"]}
TIME: Schema = {"type": ["string", "number"], "description": "A time such as 2 s, 1:30 or 40%."}
TEXT: Schema = {"type": "string"}


def schema() -> Schema:
    """Return the schema of a score, for the modules and effects that are known now."""
    made = _table(
        {
            "lullaby": {"const": 1},
            "title": TEXT,
            "about": TEXT,
            "seed": {"type": "integer", "minimum": 0},
            "clock": _clock(),
            "tuning": _tuning(),
            "master": _table({"ceiling": VALUE, "tail": TIME, **_declared(Master)}),
            "include": {"type": ["array", "string"], "items": TEXT},
            "arc": _named({"anyOf": [VALUE, _table({"value": VALUE, "cc": _whole(0, 127)})]}),
            "data": _named(source_schema()),
            "signals": _named(signal_schema()),
            **context_schema(),
            "buses": _named(_one_of(EFFECTS, "effect", needed=False)),
            "parts": _named(_one_of(MODULES, "module", needed=True)),
            "scenes": {"type": "array", "minItems": 1, "items": _scene()},
            "cues": {"type": "array", "items": _cue()},
        }
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A lullaby score",
        **made,
        "required": ["lullaby", "parts", "scenes"],
    }


def _table(properties: Schema, *, others: bool = False) -> Schema:
    told = {key: explained(key, said) for key, said in properties.items()}
    return {"type": "object", "properties": told, "additionalProperties": others}


def _clock() -> Schema:
    return _table({"bpm": {"type": ["number", "string"]}, "meter": TEXT})


def _tuning() -> Schema:
    scale = {"anyOf": [{"enum": list(SCALES)}, {"type": "array", "items": VALUE}]}
    table = _table({"root": VALUE, "scale": scale})
    return {"anyOf": [{"enum": list(SCALES)}, table]}


def _preset(name: str) -> Schema:
    known = shipped_presets().get(name, [])
    return {"anyOf": [{"enum": known}, TEXT]} if known else TEXT


def _any_of(gallery: Gallery[Any], more: Schema) -> Schema:
    # The settings of every module or effect: which it is, a scene does not say.
    told: dict[str, dict[str, None]] = {}
    for name in gallery:
        for key, p in gallery[name].by_score_name().items():
            if isinstance(p, Param):
                told.setdefault(key, {})[f"{name}: {_parameter(p)['description']}"] = None
    settings = {key: {**VALUE, "description": " ".join(words)} for key, words in told.items()}
    return _table({**settings, **more}, others=True)


def _named(item: Schema) -> Schema:
    names = {"pattern": NAME}
    return {"type": "object", "propertyNames": names, "additionalProperties": item}


def _whole(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _one_of(gallery: Gallery[Any], key: str, *, needed: bool) -> Schema:
    # Each module or effect allows its own parameters: one branch each, chosen by its name.
    common: Schema = {"into": TEXT, "send": {"type": "object"}}
    ducks: Schema = {"duck": _named(VALUE)} if needed else {}
    shown: Schema = {"midi": channel_schema()} if needed else {}
    branches = []
    for name in gallery:
        sheet = gallery[name]
        desk = _declared(Strip) if needed else {"level": VALUE}
        which = {"const": name, "description": sheet.title()}
        rows = each_schema() if needed and sheet.can_be_struck() else {}
        own = _table(
            {
                key: which,
                "preset": _preset(name),
                **common,
                **ducks,
                **rows,
                **shown,
                **desk,
                **_declared(sheet),
            }
        )
        branches.append({**own, "required": [key]})
    if not needed:
        branches.append(_table({"preset": TEXT, **common, "level": VALUE}))
    return {"anyOf": branches} if branches else {"type": "object"}


def _declared(sheet: Any) -> Schema:
    return {name: _parameter(p) for name, p in sheet.by_score_name().items()}


def _parameter(p: Param | Fixed[Any]) -> Schema:
    if isinstance(p, Fixed):
        return {**_fixed(p), "description": p.doc, "default": p.default}
    span = f"{shown(p.low, '')}..{shown(p.high, p.unit)}"
    text = f"{p.doc} {WANTS[p.unit][0].upper()}{WANTS[p.unit][1:]}; {span}."
    return {**VALUE, "description": text, "default": shown(p.default, p.unit)}


def _fixed(p: Fixed[Any]) -> Schema:
    match p.kind:
        case "count":
            return _whole(p.low, p.high)
        case "flag":
            return {"type": "boolean"}
        case "choice":
            return {"enum": list(p.options)}
        case "texts":
            return {"type": ["array", "string"], "items": TEXT}
    return TEXT


def _scene() -> Schema:
    own = {"enter": TEXT, "leave": TEXT, "preset": TEXT, "send": {"type": "object"}}
    played = _any_of(MODULES, {**_declared(Strip), **own})
    stay = {"anyOf": [{"enum": ["enter", "leave"]}, played]}
    made = _table(
        {
            "scene": TEXT,
            "for": TIME,
            "fade": TIME,
            "keep": {"anyOf": [{"enum": ["all"]}, TEXT, {"type": "array", "items": TEXT}]},
            "arc": _named(VALUE),
            "play": _named(stay),
            "mix": _named(_any_of(EFFECTS, {"level": VALUE})),
            "cues": {"type": "array", "items": _cue()},
            "tuning": _tuning(),
            "clock": _clock(),
            "repeat": {"type": "integer", "minimum": 1},
            "next": TEXT,
        }
    )
    return {**made, "required": ["scene", "for"]}


def _cue() -> Schema:
    times = {"anyOf": [TIME, {"type": "array", "items": TIME}]}
    return _table(
        {
            "at": times,
            "every": TIME,
            "each": TEXT,
            "when": TEXT,
            "back": VALUE,
            "rest": TIME,
            "do": _asked(),
            "with": {"type": "object"},
            "set": {"type": "object"},
            "kick": _named(TEXT),
            "mark": TEXT,
        }
    )


def _asked() -> Schema:
    # What any module can be asked for, to be completed; which part knows it is the reader's.
    found: dict[str, str] = {}
    for module in MODULES:
        for name, gesture in MODULES[module].gestures.items():
            words = ", ".join(p.score_name for p in gesture.words().values())
            said = f"{module}.{name}: {gesture.title()} With: {words}."
            found[name] = f"{found[name]} {said}" if name in found else said
    described = " ".join(found[name] for name in sorted(found))
    one = {**TEXT, "pattern": "^[a-z][a-z0-9_]{0,63}[.][a-z][a-z0-9_]{0,63}$"}
    either = {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}
    return {**either, "description": f"PART.GESTURE or all.GESTURE. {described}".rstrip()}
