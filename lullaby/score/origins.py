"""Where the values of a checked score were said: by default, preset, part, scene or cue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lullaby.errors import LullabyError, UsageError
from lullaby.model.score import NOWHERE, BusDef, Cue, PartDef, Score, Stay, Where
from lullaby.model.sheet import Fixed, Master, Param, Sheet, Strip
from lullaby.model.value import Value
from lullaby.score.find import content
from lullaby.score.guard import decoded, parsed
from lullaby.score.kinds import Slot, shown
from lullaby.score.limits import Limits
from lullaby.score.nearest import hint
from lullaby.score.nodes import Items, Node, Report, Source, Table, Text, canonical
from lullaby.score.presets import preset
from lullaby.score.printed import printed
from lullaby.score.reading import Reading
from lullaby.score.strips import arc_slot, file_name

SEND = Slot("send", "dB", -120.0, 24.0)


@dataclass(frozen=True)
class Origin:
    """One saying of a value: by whom, in which words, where; ``scene`` if one says it."""

    by: str  # "default", "follows panic", "preset far", "part", "scene", "cue"
    text: str
    where: Where = NOWHERE
    scene: str = ""


@dataclass(frozen=True)
class Asked:
    """A value of a part, bus, the master or an arc, and what is declared of it."""

    kind: str  # "part", "bus", "master", "arc"
    owner: str
    name: str  # as a score writes it; "" for an arc
    declared: Param | Fixed[Any] | None  # None: an arc, a send or a duck

    @property
    def said(self) -> str:
        """Return the name as it is asked for."""
        return f"{self.owner}.{self.name}" if self.name else self.owner


def asked(score: Score, target: str) -> list[Asked]:
    """Return what a target names: all of ``PART``, one ``PART.PARAM``, or an arc.

    Buses and ``master`` have parameters too; ``PART.send.BUS`` is a send, ``PART.duck.PART`` how
    much softer it is under another part.  Raises UsageError.
    """
    owner, _, name = target.partition(".")
    if owner in {a.name for a in score.arcs} and not name:
        return [Asked("arc", owner, "", None)]
    every = {o: list(_all(score, o, sheet)) for o, sheet in _owners(score).items()}
    if owner not in every:
        known = [*every, *(a.name for a in score.arcs)]
        raise UsageError(f"there is no part, bus or arc {owner!r}{hint(owner, known, always=True)}")
    if not name:
        return every[owner]
    found = [a for a in every[owner] if a.name == name]
    if not found:
        names = [a.name for a in every[owner]]
        raise UsageError(f"{owner} has no {name!r}{hint(name, names, always=True)}")
    return found


def _owners(score: Score) -> dict[str, PartDef | BusDef | None]:
    return {
        **{p.name: p for p in score.parts},
        **{b.name: b for b in score.buses},
        "master": None,
    }


def _all(score: Score, owner: str, made: PartDef | BusDef | None) -> Iterator[Asked]:
    kind = "master" if made is None else "part" if isinstance(made, PartDef) else "bus"
    declared: dict[str, Param | Fixed[Any]] = {}
    if made is None:
        declared |= Master.by_score_name()
    elif isinstance(made, PartDef):
        declared |= {**Strip.by_score_name(), **made.module.by_score_name()}
    else:
        declared |= {"level": Strip.level_db}
        declared |= made.effect.by_score_name() if made.effect else {}
    for name, what in declared.items():
        yield Asked(kind, owner, name, what)
    if made is not None:
        stays = [s for scene in score.scenes for s in scene.play if s.part == owner]
        sends = dict.fromkeys([*made.sends, *(bus for s in stays for bus in s.sends)])
        for bus in sends:
            yield Asked(kind, owner, f"send.{bus}", None)
        own = made.ducks if isinstance(made, PartDef) else {}
        for part in dict.fromkeys([*own, *(part for s in stays for part in s.ducks)]):
            yield Asked(kind, owner, f"duck.{part}", None)


class Origins:
    """Finds the words of a score, reading its files again; a score built in code is printed."""

    def __init__(self, score: Score) -> None:
        self.score = score
        self._pages: dict[str, Node | None] = {}
        folder = Path(score.path).parent if score.path else None
        self._reading = Reading(Report(), Limits(), folder)

    def of(self, asked: Asked) -> list[Origin]:
        """Return all that was said of a value, weakest first; scenes in their order."""
        return [*self._own(asked), *self._scenes(asked), *self._cues(asked)]

    def _own(self, asked: Asked) -> Iterator[Origin]:
        score, name = self.score, asked.name
        if asked.kind == "arc":
            arc = next(a for a in score.arcs if a.name == asked.owner)
            node = self._node(arc.where, "arc", arc.name)
            if isinstance(node, Table):
                node = node.get("value")
            yield self._origin("arc", node, arc.where, printed(arc.value, arc_slot(arc.name)))
            return
        if asked.declared is not None:
            yield self._default(asked)
        if asked.kind == "master":
            value = score.master.settings.get(_key(asked))
            node = self._node(NOWHERE, "master", name)
            if value is not None:
                yield self._origin("master", node, NOWHERE, _printed(asked, value))
            return
        made = _owners(score)[asked.owner]
        assert made is not None
        sheet = made.module if isinstance(made, PartDef) else made.effect
        laid = self._preset(sheet, made.preset, name)
        if laid is not None:
            yield self._origin(f"preset {made.preset}", laid, NOWHERE, "")
        value = _value(made, asked)
        group = "parts" if asked.kind == "part" else "buses"
        node = self._node(made.where, group, made.name, *name.split("."))
        if value is not None and not (laid is not None and node is None):
            yield self._origin(asked.kind, node, made.where, _printed(asked, value))

    def _default(self, asked: Asked) -> Origin:
        p = asked.declared
        if isinstance(p, Fixed):
            return Origin("default", _plain(p.default))
        assert p is not None
        arcs = {a.name for a in self.score.arcs}
        sheet = _sheet(self.score, asked)
        if p.follows is not None:
            follows, own = p.follows.name, sheet.params() if sheet else {}
            if (follows in own and follows != p.name) or follows in arcs:
                return Origin(f"follows {follows}", _mapping(p))
        return Origin("default", shown(p.default, p.unit))

    def _scenes(self, asked: Asked) -> Iterator[Origin]:
        for scene in self.score.scenes:
            at = (("scenes", scene.name),)
            if asked.kind == "arc":
                said = scene.arcs.get(asked.owner)
                node = self._node(scene.where, *at, "arc", asked.owner)
                slot = arc_slot(asked.owner)
                if said is not None:
                    text = printed(said, slot)
                    yield self._origin("scene", node, scene.where, text, scene.name)
                continue
            if asked.kind != "part":
                said = scene.mix.get(asked.owner, {}).get(_key(asked))
                node = self._node(scene.where, *at, "mix", asked.owner, asked.name)
                if said is not None:
                    text = _printed(asked, said)
                    yield self._origin("scene", node, scene.where, text, scene.name)
                continue
            for stay in scene.play:
                if stay.part != asked.owner:
                    continue
                laid = self._preset(_sheet(self.score, asked), stay.preset, asked.name)
                if laid is not None and _key(asked) in stay.preset_settings:
                    yield self._origin(f"preset {stay.preset}", laid, NOWHERE, "", scene.name)
                said = _goal(stay, asked.name) or stay.settings.get(_key(asked))
                node = self._node(stay.where, *at, "play", stay.part, *asked.name.split("."))
                if said is not None:
                    text = _printed(asked, said)
                    yield self._origin("scene", node, stay.where, text, scene.name)

    def _cues(self, asked: Asked) -> Iterator[Origin]:
        target = asked.owner if asked.kind == "arc" else f"{asked.owner}.{_key(asked)}"
        places: list[tuple[tuple[Any, ...], str, tuple[Cue, ...]]] = [((), "", self.score.cues)]
        places += [((("scenes", s.name),), s.name, s.cues) for s in self.score.scenes]
        for at, scene, cues in places:
            for i, cue in enumerate(cues):
                if target in cue.settings:
                    node = self._node(cue.where, *at, "cues", i, "set", asked.said)
                    text = _printed(asked, cue.settings[target])
                    yield self._origin("cue", node, cue.where, text, scene)
                if target in cue.kicks:
                    node = self._node(cue.where, *at, "cues", i, "kick", asked.said)
                    yield self._origin("kick", node, cue.where, "", scene)

    def _origin(
        self, by: str, node: Node | None, where: Where, text: str, scene: str = ""
    ) -> Origin:
        if node is None:
            return Origin(by, text, where, scene)
        return Origin(by, canonical(node), node.where, scene)

    def _preset(self, sheet: type[Sheet] | None, name: str, key: str) -> Node | None:
        if sheet is None or not name:
            return None
        place = Text(Source("", []), 0, 0, 0, 0, name, True)
        table = preset(self._reading, file_name(sheet), place)
        return table.get(key) if table is not None else None

    def _node(self, where: Where, *keys: Any) -> Node | None:
        node = self._root(where.file or self.score.path)
        for key in keys:
            if isinstance(key, tuple):  # ("scenes", NAME)
                scenes = node.get(key[0]) if isinstance(node, Table) else None
                items = list(scenes) if isinstance(scenes, Items) else []
                node = next((n for n in items if _scene_name(n) == key[1]), None)
            elif isinstance(key, int):
                items = list(node) if isinstance(node, Items) else []
                node = items[key] if key < len(items) else None
            else:
                node = node.get(key) if isinstance(node, Table) else None
        return node

    def _root(self, file: str) -> Node | None:
        if file not in self._pages:
            limits = Limits()
            try:
                text = decoded(content(Path(file), limits), file, limits) if file else ""
                self._pages[file] = parsed(text, file, limits, Report())
            except LullabyError:
                self._pages[file] = None
        return self._pages[file]


def _scene_name(node: Node) -> str:
    name = node.get("scene") if isinstance(node, Table) else None
    return name.value if isinstance(name, Text) else ""


def _sheet(score: Score, asked: Asked) -> type[Sheet] | None:
    made = _owners(score)[asked.owner]
    if made is None:
        return Master
    return made.module if isinstance(made, PartDef) else made.effect


def _key(asked: Asked) -> str:
    return asked.declared.name if asked.declared is not None else asked.name


def _value(made: PartDef | BusDef, asked: Asked) -> Any:
    if asked.declared is None:
        return _goal(made, asked.name)
    own: Mapping[str, Any] = made.settings
    if isinstance(asked.declared, Fixed):
        own = made.fixed
    elif isinstance(made, BusDef) and asked.name == "level" and made.level is not None:
        return made.level
    return own.get(asked.declared.name)


def _goal(made: PartDef | BusDef | Stay, name: str) -> Value | None:
    # What is said of a send or a duck, by its full name.
    what, _, goal = name.partition(".")
    if what == "duck" and not isinstance(made, BusDef):
        return made.ducks.get(goal)
    return made.sends.get(goal) if what == "send" else None


def _printed(asked: Asked, value: Any) -> str:
    if not isinstance(value, Value):
        return _plain(value)
    return printed(value, Slot.of(asked.declared) if isinstance(asked.declared, Param) else SEND)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(str, value)) + "]"
    return str(value) or "nothing"


def _mapping(p: Param) -> str:
    assert p.follows is not None
    low, high = p.follows.target
    if (low, high) == (0.0, 1.0):
        return p.follows.name
    return f"{p.follows.name} to {shown(low, '')}..{shown(high, p.unit)}"
