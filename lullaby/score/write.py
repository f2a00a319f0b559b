"""A Score back as text that reads equal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lullaby.model.score import BusDef, Clock, Cue, Fade, PartDef, SceneDef, Score, Stay, Tuning
from lullaby.model.sheet import Fixed, Master, Param, Sheet, Strip
from lullaby.model.value import Number, Time, Value
from lullaby.score.channels import channel_entry
from lullaby.score.ducks import DUCK
from lullaby.score.kinds import Slot
from lullaby.score.printed import number_text, printed, time_text
from lullaby.score.strips import arc_slot, file_name
from lullaby.score.tones import BPM
from lullaby.score.write_data import context_entries, each_entry, signal_entry, source_entry

LEVEL = Slot.of(Strip.level_db)
Written = dict[str, Any]
# Text that YAML reads as it stands, in brackets too.
PLAIN = re.compile(r"(?:[A-Za-z0-9(]|-[0-9>(])(?:[A-Za-z0-9_.()*/^~|>+%-]| (?=[^ #]))*", re.ASCII)


def written(score: Score) -> str:
    """Return a score as YAML in flow style, an entry a line.

    A preset is written by its name, so reading again wants the same presets; the ``text`` of cues
    may differ, since it is what their author typed.
    """
    kinds = _kinds(score)
    top: Written = {"lullaby": 1, "title": score.title, "about": score.about, "seed": score.seed}
    top |= {"clock": _clock(score.clock), "tuning": _tuning(score.tuning)}
    tail = score.master.tail_s
    top["master"] = {
        "ceiling": f"{number_text(score.master.ceiling_dbtp)} dBTP",
        "tail": "auto" if tail is None else f"{number_text(tail)} s",
        **_settings(score.master.settings, kinds["master"]),
    }
    top["data"] = {s.name: source_entry(s) for s in score.sources}
    top["signals"] = {s.name: signal_entry(s) for s in score.signals}
    top["arc"] = {
        a.name: {"value": printed(a.value, arc_slot(a.name))}
        | ({} if a.cc is None else {"cc": a.cc})
        for a in score.arcs
    }
    top["buses"] = {b.name: _bus(b, kinds[b.name]) for b in score.buses}
    top["parts"] = {p.name: _part(p, kinds[p.name]) for p in score.parts}
    spoken = _words(score)
    top["scenes"] = [_scene(s, kinds, spoken) for s in score.scenes]
    top["cues"] = [_cue(c, kinds, spoken) for c in score.cues]
    top |= context_entries(score)
    return "".join(_lines(key, value) for key, value in top.items() if value not in ("", {}, []))


def _lines(key: str, value: Any) -> str:
    if key in ("data", "signals", "arc", "buses", "parts"):
        rows = (f"  {name}: {_flow(inner)}\n" for name, inner in value.items())
        return f"{key}:\n" + "".join(rows)
    if isinstance(value, list):
        return f"{key}:\n" + "".join(f"  - {_flow(inner)}\n" for inner in value)
    return f"{key}: {_flow(value)}\n"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_flow(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(v) for v in value) + "]"
    if isinstance(value, bool | int):
        return str(value).lower()
    return value if PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)


Kinds = Mapping[str, Mapping[str, Param | Fixed[Any]]]


def _kinds(score: Score) -> Kinds:
    # What each part and bus declares, by the declaration's name.
    desk = {p.name: p for p in (Strip.level_db, Strip.pan)}
    made: dict[str, dict[str, Any]] = {"master": dict(Master.params())}
    for part in score.parts:
        made[part.name] = {**desk, **_all(part.module)}
    for bus in score.buses:
        made[bus.name] = {"level_db": Strip.level_db, **(_all(bus.effect) if bus.effect else {})}
    return made


Words = Mapping[str, Mapping[str, Any]]


def _words(score: Score) -> Words:
    # What each PART.GESTURE and all.GESTURE may be given, by the declaration's name.
    made: dict[str, dict[str, Any]] = {}
    for part in score.parts:
        for name, gesture in part.module.gestures.items():
            made[f"{part.name}.{name}"] = gesture.words()
            made.setdefault(f"all.{name}", {}).update(gesture.words())
    return made


def _all(sheet: type[Sheet]) -> dict[str, Any]:
    return {**sheet.params(), **sheet.fixed_params()}


def _settings(values: Mapping[str, Value], kinds: Mapping[str, Any]) -> Written:
    return {kinds[n].score_name: printed(v, Slot.of(kinds[n])) for n, v in values.items()}


def _sends(values: Mapping[str, Value]) -> Written:
    sends = {bus: printed(level, LEVEL) for bus, level in values.items()}
    return {"send": sends} if sends else {}


def _ducks(values: Mapping[str, Value]) -> Written:
    ducks = {part: printed(depth, DUCK) for part, depth in values.items()}
    return {"duck": ducks} if ducks else {}


def _bus(bus: BusDef, kinds: Mapping[str, Any]) -> Written:
    made: Written = {"effect": file_name(bus.effect)} if bus.effect else {}
    made |= {"preset": bus.preset} if bus.preset else {}
    made |= {"level": printed(bus.level, LEVEL)} if bus.level is not None else {}
    return (
        made | {"into": bus.into, **bus.fixed, **_settings(bus.settings, kinds)} | _sends(bus.sends)
    )


def _part(part: PartDef, kinds: Mapping[str, Any]) -> Written:
    made: Written = {"module": file_name(part.module), "into": part.into}
    made |= {"preset": part.preset} if part.preset else {}
    made |= dict(part.fixed) | _settings(part.settings, kinds)
    made |= each_entry(part)
    shown = channel_entry(part.midi)
    made |= {} if shown is None else {"midi": shown}
    return made | _sends(part.sends) | _ducks(part.ducks)


def _scene(scene: SceneDef, kinds: Kinds, spoken: Words) -> Written:
    made: Written = {"scene": scene.name, "for": time_text(scene.length)}
    made["fade"] = time_text(scene.fade)
    made["keep"] = "all" if scene.keep is None else list(scene.keep)
    made["arc"] = {n: printed(v, arc_slot(n)) for n, v in scene.arcs.items()}
    made["play"] = {s.part: _stay(s, kinds[s.part]) for s in scene.play}
    made["mix"] = {b: _settings(values, kinds[b]) for b, values in scene.mix.items()}
    made["cues"] = [_cue(c, kinds, spoken) for c in scene.cues]
    made |= {"repeat": scene.repeat} if scene.repeat != 1 else {}
    made |= {"clock": _clock(scene.clock)} if scene.clock else {}
    made |= {"tuning": _tuning(scene.tuning)} if scene.tuning else {}
    if scene.next:
        picked = len(scene.next) > 1
        made["next"] = ("pick " if picked else "") + " | ".join(scene.next)
    return {k: v for k, v in made.items() if v not in ({}, [])}


def _stay(stay: Stay, kinds: Mapping[str, Any]) -> Any:
    if stay == Stay(stay.part, enter=Fade()):
        return "enter"
    if stay == Stay(stay.part, leave=Fade()):
        return "leave"
    made: Written = {}
    for key, fade in (("enter", stay.enter), ("leave", stay.leave)):
        if fade is not None:
            made[key] = _fade(fade) or "0 s"
    made |= {"preset": stay.preset} if stay.preset else {}
    return made | _settings(stay.settings, kinds) | _sends(stay.sends) | _ducks(stay.ducks)


def _fade(fade: Fade) -> str:
    words = [time_text(fade.at)] if fade.at else []
    return " ".join([*words, f"over {time_text(fade.over)}"] if fade.over else words)


def _cue(cue: Cue, kinds: Mapping[str, Any], spoken: Words) -> Written:
    made: Written = {"at": [time_text(t) for t in cue.at]} if cue.at else {}
    made |= {"every": time_text(cue.every)} if cue.every else {}
    made |= {"each": cue.each} if cue.each else {}
    made |= {"rest": time_text(cue.rest)} if cue.each and cue.rest else {}
    if cue.when:
        name, sign, level = cue.when
        made |= {"when": f"{name} {sign} {number_text(level)}"}
        made |= {"back": number_text(cue.back)} if cue.back else {}
        made |= {"rest": time_text(cue.rest)} if cue.rest else {}
    if cue.do:
        made["do"] = cue.do[0] if len(cue.do) == 1 else list(cue.do)
        words: Mapping[str, Any] = {k: v for goal in cue.do for k, v in spoken[goal].items()}
        given = {words[n].score_name: _word(v, words[n]) for n, v in cue.words.items()}
        made |= {"with": given} if given else {}
    said: Written = {}
    for target, value in cue.settings.items():
        owner, dot, name = target.partition(".")
        if dot:
            p = kinds[owner][name]
            said[f"{owner}.{p.score_name}"] = printed(value, Slot.of(p))
        else:
            said[owner] = printed(value, arc_slot(owner))
    made |= {"set": said} if said else {}
    kicks = {n: _kick(depth, over) for n, (depth, over) in cue.kicks.items()}
    made |= {"kick": kicks} if kicks else {}
    return made | ({"mark": cue.mark} if cue.mark else {})


def _word(value: Any, declared: Param | Fixed[Any]) -> Any:
    if isinstance(declared, Param):
        return printed(value, Slot.of(declared))
    return value


def _kick(depth: Value, over: Time) -> str:
    assert isinstance(depth, Number)
    return f"{number_text(depth.value)} over {time_text(over)}"


def _clock(clock: Clock) -> Written:
    tempo = f"{number_text(clock.bpm)} bpm" if clock.glide is None else printed(clock.glide, BPM)
    return {"bpm": tempo, "meter": f"{int(clock.beats_a_bar)}/4"}


def _tuning(tuning: Tuning) -> Written:
    scale = [number_text(r) for r in tuning.ratios]
    return {"root": f"{number_text(tuning.root_hz)} Hz", "scale": scale}
