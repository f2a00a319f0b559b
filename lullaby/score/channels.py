"""What a part says of its place in MIDI: a channel and a program, or that it has none."""

from __future__ import annotations

from typing import Any

from lullaby.model.context import ChannelDef
from lullaby.score.nodes import Node, Table, Text
from lullaby.score.reading import Reading

KEYS = ("channel", "program", "bank")
ARCS = 16  # the channel of the arcs


def channel_def(reading: Reading, part: str, node: Node | None) -> ChannelDef | None:
    """Return what a part's ``midi`` says, or None where it says nothing that holds."""
    if node is None:
        return None
    if isinstance(node, Text) and node.value == "off":
        return ChannelDef(shown=False)
    if not isinstance(node, Table):
        reading.report.add(node, "'midi' wants off, or a table such as {channel: 3, program: 12}")
        return None
    reading.keys(node, KEYS, "'midi'")
    channel = reading.whole(node.get("channel"), "'channel'", 1, ARCS)
    if channel == ARCS:
        reading.report.add(node.get("channel") or node, "channel 16 is that of the arcs")
        channel = None
    other = reading.channels.setdefault(channel, part) if channel else part
    if other != part:
        message = f"channel {channel} is that of the part '{other}' already"
        reading.report.add(node.get("channel") or node, message)
    return ChannelDef(
        channel,
        reading.whole(node.get("program"), "'program'", 1, 128),
        reading.whole(node.get("bank"), "'bank'", 0, 16383),
    )


def channel_entry(one: ChannelDef | None) -> Any:
    """Return it as its entry in a score; None where there is nothing to say."""
    if one is None:
        return None
    if not one.shown:
        return "off"
    said = (("channel", one.channel), ("program", one.program), ("bank", one.bank))
    return {key: value for key, value in said if value is not None}


def channel_schema() -> dict[str, Any]:
    """Return the schema of a part's ``midi``."""
    table = {
        "type": "object",
        "properties": {
            "channel": {
                "type": "integer",
                "minimum": 1,
                "maximum": ARCS - 1,
                "description": "Its own channel where no part bends (--mpe off).",
            },
            "program": {
                "type": "integer",
                "minimum": 1,
                "maximum": 128,
                "description": "The sound its receiver takes, counted as General MIDI lists them.",
            },
            "bank": {
                "type": "integer",
                "minimum": 0,
                "maximum": 16383,
                "description": "The bank the program is of: 128 * MSB (CC 0) + LSB (CC 32).",
            },
        },
        "additionalProperties": False,
    }
    return {
        "anyOf": [{"enum": ["off", False]}, table],
        "description": "Its channel and program in MIDI, or off: no track.",
    }
