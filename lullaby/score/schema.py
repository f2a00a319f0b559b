"""JSON Schema (draft-07) of scores, from the declarations: what editors complete by."""

from __future__ import annotations

from typing import Any

from lullaby.effects import EFFECTS
from lullaby.model.gallery import Gallery
from lullaby.model.sheet import Fixed, Master, Param, Strip
from lullaby.modules import MODULES
from lullaby.score.kinds import WANTS, shown

Schema = dict[str, Any]

NAME = "^[a-z][a-z0-9_]{0,63}$"
VALUE: Schema = {"type": ["string", "number", "array"]}
TIME: Schema = {"type": ["string", "number"], "description": "A time such as 2 s, 1:30 or 40%."}
TEXT: Schema = {"type": "string"}


def schema() -> Schema:
    """Return the schema of a score, for the modules and effects that are known now."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A lullaby score",
        "type": "object",
        "required": ["lullaby", "parts", "scenes"],
        "additionalProperties": False,
        "properties": {
            "lullaby": {"const": 1},
            "title": TEXT,
            "about": TEXT,
            "seed": {"type": "integer", "minimum": 0},
            "clock": _table({"bpm": {"type": ["number", "string"]}, "meter": TEXT}),
            "tuning": {"type": ["object", "string"]},
            "master": _table({"ceiling": VALUE, "tail": TIME, **_declared(Master)}),
            "include": {"type": ["array", "string"], "items": TEXT},
            "arc": _named({"anyOf": [VALUE, _table({"value": VALUE, "cc": _whole(0, 127)})]}),
            "buses": _named(_one_of(EFFECTS, "effect", needed=False)),
            "parts": _named(_one_of(MODULES, "module", needed=True)),
            "scenes": {"type": "array", "minItems": 1, "items": _scene()},
            "cues": {"type": "array", "items": _cue()},
        },
    }


def _table(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _named(item: Schema) -> Schema:
    names = {"pattern": NAME}
    return {"type": "object", "propertyNames": names, "additionalProperties": item}


def _whole(low: int, high: int) -> Schema:
    return {"type": "integer", "minimum": low, "maximum": high}


def _one_of(gallery: Gallery[Any], key: str, *, needed: bool) -> Schema:
    # Each module or effect allows its own parameters: one branch each, chosen by its name.
    common: Schema = {"preset": TEXT, "into": TEXT, "send": {"type": "object"}}
    ducks: Schema = {"duck": _named(VALUE)} if needed else {}
    branches = []
    for name in gallery:
        sheet = gallery[name]
        desk = _declared(Strip) if needed else {"level": VALUE}
        which = {"const": name, "description": sheet.title()}
        own = _table({key: which, **common, **ducks, **desk, **_declared(sheet)})
        branches.append({**own, "required": [key]})
    if not needed:
        branches.append(_table({**common, "level": VALUE}))
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
    stay = {"anyOf": [{"enum": ["enter", "leave"]}, {"type": "object"}]}
    made = _table(
        {
            "scene": TEXT,
            "for": TIME,
            "fade": TIME,
            "keep": {"type": ["string", "array"]},
            "arc": _named(VALUE),
            "play": _named(stay),
            "mix": _named({"type": "object"}),
            "cues": {"type": "array", "items": _cue()},
            "tuning": {"type": ["object", "string"]},
            "clock": {"type": "object"},
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
