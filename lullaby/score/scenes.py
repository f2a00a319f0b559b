"""Scenes: stretches of the piece, who plays in them, and what changes."""

from __future__ import annotations

from lullaby.model.score import FADE, Cue, Fade, SceneDef, Stay
from lullaby.model.value import Time, Value
from lullaby.score import times
from lullaby.score.cues import cue
from lullaby.score.ducks import ducks
from lullaby.score.grammar import Parser
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Items, Node, Table, Text
from lullaby.score.reading import Reading
from lullaby.score.settings import MASTER, sends, settings
from lullaby.score.strips import arc_slot, bus_owner, part_owner, scene_preset
from lullaby.score.syntax import Coming
from lullaby.score.tones import clock, tuning

KEYS = (
    *("scene", "for", "fade", "keep", "arc", "play", "mix", "cues", "tuning", "clock", "repeat"),
    "next",
)
STAY_KEYS = ("enter", "leave", "preset", "send", "duck")
LENGTH = times.Span("for", share=False, zero=False)
SETTLE = times.Span("fade")
MOST_REPEATS = 10_000


def scene_names(reading: Reading, scenes: Items) -> dict[str, int]:
    """Return the names of all scenes, reporting what is doubled, missing or taken."""
    found: dict[str, int] = {}
    for i, item in enumerate(scenes):
        table = reading.table(item, "a scene")
        if table is None:
            continue
        node = table.get("scene")
        if node is None:
            reading.report.add(table, "a scene wants a name: 'scene: NAME'")
            continue
        name = reading.text(node, "'scene'")
        if name is None:
            continue
        if name in ("stop", "all") or "|" in name or not name.strip():
            reading.report.add(node, f"a scene cannot be called {cut(name)}")
        elif name in found:
            reading.report.add(node, f"there are two scenes called {cut(name)}")
        else:
            found[name] = i
    return found


def scene(reading: Reading, table: Table, names: dict[str, int]) -> SceneDef | None:
    """Return one scene; None where it has no name or length."""
    reading.keys(table, KEYS, "a scene")
    reading.scene = _name(table)
    own_clock = clock(reading, table.get("clock"), scene=True) if table.get("clock") else None
    if own_clock:
        reading.clock = own_clock
    length_node = table.get("for")
    if length_node is None:
        reading.report.add(table.key("scene"), "a scene wants a length: 'for: 30 s'")
    length = reading.time(length_node, LENGTH)
    fade = reading.time(table.get("fade"), SETTLE)
    repeat = reading.whole(table.get("repeat"), "'repeat'", 1, MOST_REPEATS)
    cue_nodes = table.get("cues")
    made = SceneDef(
        name=reading.scene,
        length=length or Time(1.0),
        fade=fade if fade is not None else FADE,
        keep=_keep(reading, table.get("keep")),
        arcs=_arcs(reading, table.get("arc")),
        play=_play(reading, table.get("play")),
        mix=_mix(reading, table.get("mix")),
        cues=cue_list(reading, cue_nodes),
        repeat=repeat or 1,
        next=_next(reading, table.get("next"), names),
        clock=own_clock,
        tuning=tuning(reading, table.get("tuning")) if table.get("tuning") else None,
        where=table.key("scene").where,
    )
    return made if length is not None and made.name else None


def _name(table: Table) -> str:
    name = table.get("scene")
    return name.value if isinstance(name, Text) else ""


def cue_list(reading: Reading, node: Node | None) -> tuple[Cue, ...]:
    """Return the cues of a scene or of the piece."""
    if node is None:
        return ()
    if not isinstance(node, Items):
        reading.report.add(node, "'cues' wants a list: - {at: 6 s, ...}")
        return ()
    return tuple(c for item in node if (c := cue(reading, item)) is not None)


def _keep(reading: Reading, node: Node | None) -> tuple[str, ...] | None:
    if node is None:
        return ()
    if isinstance(node, Text) and node.value == "all":
        return None
    items = list(node) if isinstance(node, Items) else [node]
    if isinstance(node, Table):
        reading.report.add(node, "'keep' wants 'all' or a list of parts")
        return ()
    return tuple(p for item in items if (p := reading.one_of(item, reading.parts, "part")))


def _arcs(reading: Reading, node: Node | None) -> dict[str, Value]:
    table = reading.table(node, "'arc'")
    made: dict[str, Value] = {}
    for key, inner in table or ():
        if key.value not in reading.arcs:
            known = hint(key.value, reading.arcs, always=True)
            reading.report.add(key, f"unknown arc {cut(key.value)}{known}")
            continue
        place = reading.place(change=True)
        value = reading.value(inner, arc_slot(key.value), place, key.value)
        if value is not None:
            made[key.value] = value
    return made


def _play(reading: Reading, node: Node | None) -> tuple[Stay, ...]:
    table = reading.table(node, "'play'")
    made = []
    for key, inner in table or ():
        if key.value not in reading.parts:
            if key.value in reading.buses or key.value == "master":
                reading.report.add(key, f"'{key.value}' is a bus: its values go under 'mix'")
            else:
                known = hint(key.value, reading.parts, always=True)
                reading.report.add(key, f"unknown part {cut(key.value)}{known}")
            continue
        made.append(_stay(reading, key, inner))
    return tuple(made)


def _stay(reading: Reading, key: Text, node: Node) -> Stay:
    name = key.value
    if isinstance(node, Text):
        if node.value == "enter":
            return Stay(name, enter=Fade(), where=key.where)
        if node.value == "leave":
            return Stay(name, leave=Fade(), where=key.where)
        reading.report.add(node, f"'{name}' wants enter, leave or a table {{enter: , ...}}")
        return Stay(name)
    table = reading.table(node, f"'{name}'")
    if table is None:
        return Stay(name)
    owner = part_owner(reading, name)
    skip = [k for k in STAY_KEYS if k not in owner.declared]
    place = reading.place(change=True)
    own = settings(reading, table, owner, place, skip=skip, fixed=False, also=STAY_KEYS)
    preset_node = table.get("preset")
    return Stay(
        part=name,
        enter=_fade(reading, table.get("enter")),
        leave=_fade(reading, table.get("leave")),
        preset=preset_node.value if isinstance(preset_node, Text) else "",
        preset_settings=scene_preset(reading, table, name),
        settings=own.values,
        sends=sends(reading, table.get("send"), place),
        ducks=ducks(reading, table.get("duck") if "duck" in skip else None, place, name),
        where=key.where,
    )


def _fade(reading: Reading, node: Node | None) -> Fade | None:
    if node is None:
        return None
    phrase = reading.said(node, Parser.whole_coming, "'enter' or 'leave'")
    if not isinstance(phrase, Coming):
        return None

    def make() -> Fade:
        at = times.timed(phrase.at, times.AT) if phrase.at else None
        return Fade(at, times.timed(phrase.over, times.OVER) if phrase.over else None)

    return reading.checked(node, make)


def _mix(reading: Reading, node: Node | None) -> dict[str, dict[str, Value]]:
    table = reading.table(node, "'mix'")
    made = {}
    for key, inner in table or ():
        name = key.value
        if name != "master" and name not in reading.buses:
            if name in reading.parts:
                reading.report.add(key, f"'{name}' is a part: its values go under 'play'")
            else:
                known = hint(name, ["master", *reading.buses], always=True)
                reading.report.add(key, f"unknown bus {cut(name)}{known}")
            continue
        values = reading.table(inner, f"'{name}'")
        if values is None:
            continue
        owner = MASTER if name == "master" else bus_owner(reading, name)
        place = reading.place(change=True)
        made[name] = settings(reading, values, owner, place, fixed=False).values
    return made


def _next(reading: Reading, node: Node | None, names: dict[str, int]) -> tuple[str, ...]:
    text = reading.text(node, "'next'")
    if text is None or node is None:
        return ()
    picked = text.startswith("pick ")
    wanted = [w.strip() for w in text.removeprefix("pick ").split("|")] if picked else [text]
    if picked and len(wanted) < 2:
        reading.report.add(node, "'pick' wants alternatives: next: pick drift | tide")
    for word in wanted:
        if word != "stop" and word not in names:
            start = text.find(word) if word else 0
            known = hint(word, [*names, "stop"], always=True)
            message = f"unknown scene {cut(word)}{known}"
            reading.report.add(node, message, (start, start + max(1, len(word))))
    return tuple(wanted)
