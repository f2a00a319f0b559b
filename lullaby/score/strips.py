"""Arcs, buses and parts: what a score defines before anything happens."""

from __future__ import annotations

from typing import Any, cast

from lullaby.effects import EFFECTS
from lullaby.errors import LullabyError
from lullaby.model.effect import Effect
from lullaby.model.gallery import Gallery
from lullaby.model.module import Module
from lullaby.model.score import ArcDef, BusDef, PartDef
from lullaby.model.sheet import Sheet
from lullaby.model.value import Number, Value
from lullaby.modules import MODULES
from lullaby.score.channels import channel_def
from lullaby.score.ducks import ducks, note_leaders
from lullaby.score.kinds import Slot
from lullaby.score.nearest import cut, hint
from lullaby.score.nodes import Node, Table, Text
from lullaby.score.presets import preset
from lullaby.score.reading import Reading
from lullaby.score.settings import Owner, Settings, into, of_bus, of_part, sends, settings

PART_KEYS = ("module", "preset", "into", "send", "duck", "midi", "each", "at_most", "merge")
SINGULAR = {
    "arc": "arc",
    "data": "source",
    "signals": "signal",
    "buses": "bus",
    "parts": "part",
}
MERGES = ("nearest", "loudest", "mean")
AT_MOST = Slot("at_most", "/s", 1e-3, 1000.0)
BUS_KEYS = ("effect", "preset", "into", "send")


def arc_slot(name: str) -> Slot:
    """Return the place of an arc's value."""
    return Slot(name, "ratio", 0.0, 1.0, name)


def sheet_of(
    reading: Reading, gallery: Gallery[Any], node: Node | None, what: str, at: Node
) -> type[Sheet] | None:
    """Return the class a part or bus names, or report it."""
    if node is None:
        reading.report.add(at, f"'{what}' is missing")
        return None
    name = reading.text(node, f"'{what}'")
    if name is None:
        return None
    if name not in gallery:
        known = hint(name, gallery, always=True)
        reading.report.add(node, f"unknown {what} {cut(name)}{known}")
        return None
    try:
        return cast("type[Sheet]", gallery[name])
    except (LullabyError, ValueError, ImportError) as error:
        reading.report.add(node, f"the {what} '{name}' cannot be used: {error}")
        return None


def names(reading: Reading, table: Table, where: str) -> list[tuple[Text, Node]]:
    """Return the entries of ``arc``, ``data``, ``buses``... whose names are good and new."""
    singular = SINGULAR[where]
    good = []
    for key, node in table:
        reading.name(key, singular)  # a bad name is told once, and known from there on
        if where in ("buses", "parts") and key.value in ("master", "all"):
            reading.report.add(key, f"{singular} '{key.value}': this name is taken")
            continue
        taken = {*reading.buses, *reading.parts}
        if where in ("arc", "data", "signals"):
            taken = {*reading.arcs, *reading.sources, *reading.signals}
        if key.value in taken:
            reading.report.add(key, f"the name '{key.value}' is defined twice")
            continue
        if where == "arc":
            reading.arcs[key.value] = None
        elif where == "data":
            reading.sources[key.value] = None
        elif where == "signals":
            reading.signals[key.value] = None
        elif where == "buses":
            reading.buses[key.value] = _bus_sheet(reading, key, node)
        else:
            reading.parts[key.value] = _part_sheet(reading, key, node)
        good.append((key, node))
    return good


def _bus_sheet(reading: Reading, key: Text, node: Node) -> type[Sheet] | None:
    table = reading.table(node, f"bus '{key.value}'")
    if table is None or table.get("effect") is None:
        if table is not None:
            reading.no_effect.add(key.value)
        return None
    return sheet_of(reading, EFFECTS, table.get("effect"), "effect", key)


def _part_sheet(reading: Reading, key: Text, node: Node) -> type[Sheet] | None:
    table = reading.table(node, f"part '{key.value}'")
    if table is None:
        return None
    return sheet_of(reading, MODULES, table.get("module"), "module", key)


def arc(reading: Reading, key: Text, node: Node) -> ArcDef:
    """Return one arc."""
    cc, value_node = None, node
    if isinstance(node, Table):
        reading.keys(node, ("value", "cc"), f"arc '{key.value}'")
        cc = reading.whole(node.get("cc"), "'cc'", 0, 127)
        inner = node.get("value")
        if inner is None:
            return ArcDef(key.value, Number(0.0), cc, key.where)
        value_node = inner
    value = reading.value(value_node, arc_slot(key.value), reading.place(), key.value)
    return ArcDef(key.value, value or Number(0.0), cc, key.where)


def bus(reading: Reading, key: Text, node: Node) -> BusDef | None:
    """Return one bus, or None where its effect is unknown."""
    if not isinstance(node, Table):
        return None
    name, sheet = key.value, reading.buses[key.value]
    owner = bus_owner(reading, name)
    own = settings(reading, node, owner, reading.place(), skip=BUS_KEYS, also=BUS_KEYS)
    laid = _preset(reading, node, owner, "effect", sheet, base=True)
    level = own.values.pop("level_db", None) if _own_level(sheet) else None
    made = BusDef(
        name=name,
        effect=cast("type[Effect] | None", sheet),
        into=into(reading, node.get("into"), name),
        preset=_preset_name(node),
        preset_settings=laid.values,
        settings=own.values,
        fixed={**laid.fixed, **own.fixed},
        level=level,
        sends=sends(reading, node.get("send"), reading.place(), name),
        where=key.where,
    )
    return made if sheet is not None or name in reading.no_effect else None


def _own_level(sheet: type[Sheet] | None) -> bool:
    return sheet is None or "level_db" not in sheet.params()


def bus_owner(reading: Reading, name: str) -> Owner:
    """Return the owner of a bus's settings."""
    if name not in reading.owners:
        sheet = reading.buses[name]
        known = sheet is not None or name in reading.no_effect
        said = f"bus '{name}'" if sheet is None else f"effect '{file_name(sheet)}'"
        reading.owners[name] = of_bus(sheet, said, known)
    owner: Owner = reading.owners[name]
    return owner


def part_owner(reading: Reading, name: str) -> Owner:
    """Return the owner of a part's settings."""
    if name not in reading.owners:
        sheet = reading.parts[name]
        said = f"part '{name}'" if sheet is None else f"module '{file_name(sheet)}'"
        reading.owners[name] = of_part(sheet, said)
    owner: Owner = reading.owners[name]
    return owner


def file_name(sheet: type[Sheet]) -> str:
    """Return the name a module or effect goes by: that of its file."""
    return sheet.__module__.rpartition(".")[2].removeprefix("lullaby_own_")


def part(reading: Reading, key: Text, node: Node) -> PartDef | None:
    """Return one part, or None where its module is unknown."""
    if not isinstance(node, Table):
        return None
    name, sheet = key.value, reading.parts[key.value]
    owner = part_owner(reading, name)
    # A module may have a parameter of the same name as a key that is for data alone.
    own_names = set(sheet.by_score_name()) if sheet is not None else set()
    keys = [k for k in PART_KEYS if k not in own_names]
    own = settings(reading, node, owner, reading.place(), skip=keys, also=PART_KEYS)
    laid = _preset(reading, node, owner, "module", sheet, base=True)
    goal = into(reading, node.get("into"))
    sent = sends(reading, node.get("send"), reading.place())
    under = ducks(reading, node.get("duck") if "duck" in keys else None, reading.place(), name)
    shown = channel_def(reading, name, node.get("midi") if "midi" in keys else None)
    if sheet is None:
        return None
    note_leaders(reading, node, key, sheet, {**laid.fixed, **own.fixed})
    return PartDef(
        name=name,
        module=cast("type[Module]", sheet),
        into=goal,
        preset=_preset_name(node),
        preset_settings=laid.values,
        settings=own.values,
        fixed={**laid.fixed, **own.fixed},
        sends=sent,
        ducks=under,
        **_rows(reading, name, node, own_names),
        midi=shown,
        where=key.where,
    )


def _rows(reading: Reading, name: str, table: Table, own_names: set[str]) -> dict[str, Any]:
    # An event for each row of a source, rather than those that the module would make.
    found = {key: table.get(key) for key in ("each", "at_most", "merge") if key not in own_names}
    each, at_most, merge = (found.get(key) for key in ("each", "at_most", "merge"))
    for key, node in (("at_most", at_most), ("merge", merge)):
        if node is not None and each is None and "each" not in own_names:
            reading.report.add(table.key(key), f"'{key}' belongs to an 'each'")
    if each is None:
        return {}
    sheet = reading.parts.get(name)
    if sheet is not None and issubclass(sheet, Module) and not sheet.can_be_struck():
        message = f"the module '{file_name(sheet)}' makes its own events: it has no 'each'"
        reading.report.add(table.key("each"), message)
    value = None if at_most is None else reading.value(at_most, AT_MOST, reading.place())
    return {
        "each": reading.one_of(each, reading.sources, "source of data") or "",
        "at_most_hz": reading.plain(at_most, value, "'at_most'", "8 /s"),
        "merge": (reading.one_of(merge, MERGES, "'merge'") if merge else None) or "nearest",
    }


def _preset_name(table: Table) -> str:
    node = table.get("preset")
    return node.value if isinstance(node, Text) else ""


def _preset(
    reading: Reading,
    table: Table,
    owner: Owner,
    what: str,
    sheet: type[Sheet] | None,
    *,
    base: bool,
) -> Settings:
    node = table.get("preset")
    if node is None or sheet is None:
        return Settings()
    laid = preset(reading, file_name(sheet), node)
    if laid is None:
        return Settings()
    reading.text(laid.get("about"), "'about'")
    place = reading.place(change=not base)
    return settings(reading, laid, owner, place, skip=("about",), fixed=base)


def scene_preset(reading: Reading, table: Table, part_name: str) -> dict[str, Value]:
    """Return the settings of the preset that a scene names for a part."""
    sheet = reading.parts[part_name]
    owner = part_owner(reading, part_name)
    return _preset(reading, table, owner, "module", sheet, base=False).values
