"""The whole score: top keys, includes, and everything in its order."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from lullaby.errors import ScoreError, UsageError
from lullaby.model.circles import way_back
from lullaby.model.score import BusDef, Clock, MasterDef, SceneDef, Score, Tuning
from lullaby.model.value import Number
from lullaby.score import times
from lullaby.score.context import context
from lullaby.score.data import source
from lullaby.score.ducks import follow_circles
from lullaby.score.find import content, inside
from lullaby.score.guard import decoded, parsed
from lullaby.score.kinds import Slot
from lullaby.score.loops import unset_arcs
from lullaby.score.nearest import cut
from lullaby.score.nodes import Items, Node, Table, Text
from lullaby.score.reading import Reading
from lullaby.score.scenes import cue_list, scene, scene_names
from lullaby.score.settings import MASTER, settings
from lullaby.score.signals import signal
from lullaby.score.strips import arc, bus, names, part
from lullaby.score.tones import clock, tuning

KEYS = (
    *("lullaby", "parts", "scenes", "title", "about", "seed", "clock", "tuning", "master"),
    *("include", "arc", "data", "signals", "buses", "cues", "legend", "midi", "verify"),
)
INCLUDED_KEYS = ("lullaby", "about", "include", "arc", "data", "signals", "buses", "parts")
CEILING = Slot("ceiling", "dBTP", -60.0, 0.0)
TAIL = times.Span("tail", share=False)
VERSION = 1


@dataclass
class _Cast:
    """What the score and its includes define, in order."""

    arcs: list[tuple[Text, Node]] = field(default_factory=list)
    sources: list[tuple[Text, Node]] = field(default_factory=list)
    signals: list[tuple[Text, Node]] = field(default_factory=list)
    buses: list[tuple[Text, Node]] = field(default_factory=list)
    parts: list[tuple[Text, Node]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)
    size: int = 0


def score(reading: Reading, root: Node | None, file: str) -> Score | None:
    """Return the score of a root node; None where the report says why not."""
    if root is None or (isinstance(root, Text) and not root.value):
        message = "the score is empty; it wants at least 'lullaby: 1', 'parts' and 'scenes'"
        if root is not None:
            reading.report.add(root, message)
        return None
    top = reading.table(root, "a score")
    if top is None:
        return None
    reading.keys(top, KEYS, "a score")
    _version(reading, top)
    reading.clock = clock(reading, top.get("clock")) or Clock()
    own_clock = reading.clock
    cast = _Cast()
    _gather(reading, top, cast, ())
    if len(cast.buses) + len(cast.parts) > reading.limits.strips:
        at = top.key("parts")
        reading.report.add(at, f"a score has at most {reading.limits.strips} parts and buses")
        return None
    sources = [source(reading, *entry) for entry in cast.sources]
    signals = [signal(reading, *entry) for entry in cast.signals]
    arcs = [arc(reading, *entry) for entry in cast.arcs]
    buses = [bus(reading, *entry) for entry in cast.buses]
    _bus_circles(reading, [b for b in buses if b], cast)
    parts = [part(reading, *entry) for entry in cast.parts]
    master = _master(reading, top.get("master"))
    cues = cue_list(reading, top.get("cues"))
    scenes = _scenes(reading, top)
    said = context(reading, top)
    _circles(reading)
    follow_circles(reading)
    unset_arcs(reading, scenes)
    return Score(
        title=reading.text(top.get("title"), "'title'") or Path(file).stem,
        parts=tuple(p for p in parts if p),
        scenes=scenes,
        about=reading.text(top.get("about"), "'about'") or "",
        seed=reading.whole(top.get("seed"), "'seed'", 0, 2**63 - 1) or 0,
        clock=own_clock,
        tuning=tuning(reading, top.get("tuning")) if top.get("tuning") else Tuning(),
        master=master,
        arcs=tuple(arcs),
        buses=tuple(b for b in buses if b),
        cues=cues,
        sources=tuple(s for s in sources if s),
        signals=tuple(s for s in signals if s),
        verify=said.verify,
        legend=said.legend,
        lanes=said.lanes,
        path=file,
    )


def _version(reading: Reading, top: Table) -> None:
    for key in ("lullaby", "parts", "scenes"):
        if top.get(key) is None:
            example = ": 1" if key == "lullaby" else ""
            reading.report.add(_first(top), f"'{key}{example}' is missing")
    node = top.get("lullaby")
    if isinstance(node, Text) and node.value != str(VERSION):
        message = f"this reads version {VERSION} of the language, not {cut(node.value)}"
        reading.report.add(node, message)
    elif node is not None and not isinstance(node, Text):
        reading.report.add(node, f"'lullaby' wants the version of the language: {VERSION}")


def _first(top: Table) -> Node:
    return next((key for key, _ in top), top)


def _gather(reading: Reading, top: Table, cast: _Cast, chain: tuple[Path, ...]) -> None:
    for key, defined in (
        *(("arc", cast.arcs), ("data", cast.sources), ("signals", cast.signals)),
        *(("buses", cast.buses), ("parts", cast.parts)),
    ):
        table = reading.table(top.get(key), f"'{key}'")
        if table is not None:
            defined += names(reading, table, key)
    include = top.get("include")
    if include is None:
        return
    if not isinstance(include, Items | Text):
        reading.report.add(include, "'include' wants a list of files")
        return
    for item in include if isinstance(include, Items) else [include]:
        _include(reading, item, cast, chain)


def _include(reading: Reading, item: Node, cast: _Cast, chain: tuple[Path, ...]) -> None:
    report, limits = reading.report, reading.limits
    name = reading.text(item, "'include'")
    if name is None:
        return
    if reading.folder is None:
        report.add(item, "a score without a folder cannot include files")
        return
    path = inside(reading.folder, name)
    if isinstance(path, str):
        report.add(item, f"{cut(name)}: {path}")
        return
    if path in chain:
        report.add(item, f"{cut(name)} includes itself: " + " -> ".join(p.name for p in chain))
        return
    if path in cast.files:
        report.add(item, f"{cut(name)} is included twice")
        return
    cast.files.append(path)
    if len(cast.files) > limits.includes or len(chain) > limits.include_depth:
        report.add(item, f"at most {limits.includes} includes, {limits.include_depth} deep")
        return
    try:
        data = content(path, limits)
        cast.size += len(data)
        if cast.size > limits.bytes_in_all:
            report.add(item, f"all includes together have at most {limits.bytes_in_all} bytes")
            return
        root = parsed(decoded(data, str(path), limits), str(path), limits, report)
    except UsageError as error:
        report.add(item, str(error))
        return
    except ScoreError as error:
        report.take(error.findings)
        return
    table = reading.table(root, f"the file {path.name}")
    if table is not None:
        reading.keys(table, INCLUDED_KEYS, "an included file")
        _gather(reading, table, cast, (*chain, path))


def _master(reading: Reading, node: Node | None) -> MasterDef:
    table = reading.table(node, "'master'")
    if table is None:
        return MasterDef()
    own = settings(
        reading, table, MASTER, reading.place(), skip=("ceiling", "tail"), also=("ceiling", "tail")
    )
    ceiling_dbtp, node = MasterDef().ceiling_dbtp, table.get("ceiling")
    if node is not None:
        value = reading.value(node, CEILING, reading.place())
        if isinstance(value, Number):
            ceiling_dbtp = value.value
        elif value is not None:
            reading.report.add(node, "'ceiling' wants one plain value, such as -1 dBTP")
    tail, tail_s = table.get("tail"), None
    if tail is not None and not (isinstance(tail, Text) and tail.value == "auto"):
        time = reading.time(tail, TAIL)
        if time is not None:
            if time.unit != "s" or time.until is not None or time.spread:
                reading.report.add(tail, "'tail' wants 'auto' or seconds, such as 8 s")
            tail_s = time.amount
    return MasterDef(ceiling_dbtp, tail_s, own.values)


def _scenes(reading: Reading, top: Table) -> tuple[SceneDef, ...]:
    node = top.get("scenes")
    if node is None:
        return ()
    if not isinstance(node, Items) or not node.items:
        reading.report.add(node, "'scenes' wants a list: - scene: NAME")
        return ()
    known = scene_names(reading, node)
    made = [scene(reading, item, known) for item in node if isinstance(item, Table)]
    return tuple(s for s in made if s)


def _circles(reading: Reading) -> None:
    # An arc that names itself in its own curve means its value at the start; only other ways
    # round are circles.
    follows = reading.follows
    for name in follows:
        seen: set[str] = set()
        todo = [name]
        while todo:
            for goal in follows.get(todo.pop(), {}):
                if goal == name:
                    at = next(iter(follows[name].values()))
                    reading.report.add(at, f"arc '{name}' follows itself in a circle")
                    todo, seen = [], set(follows)
                    break
                if goal not in seen:
                    seen.add(goal)
                    todo.append(goal)


def _bus_circles(reading: Reading, buses: list[BusDef], cast: _Cast) -> None:
    # Each circle is told once, at the first bus of it, at the word that leads on.
    goals = {b.name: [b.into, *b.sends] for b in buses}
    told: set[str] = set()
    for name in goals:
        way = None if name in told else way_back(name, goals)
        if way is None:
            continue
        told |= set(way)
        key, node = next(entry for entry in cast.buses if entry[0].value == name)
        place: Node = key
        if isinstance(node, Table):
            send = node.get("send")
            into = node.get("into")
            if isinstance(into, Text) and into.value == way[1]:
                place = into
            elif isinstance(send, Table):
                place = send.key(way[1])
        message = f"bus '{name}' feeds itself in a circle: {' -> '.join(way)}"
        reading.report.add(place, message)
