"""What a project of the format may hold, as its schema of version 1.0 has it.

The rules of ``Project.xsd`` and ``MetaData.xsd`` of https://github.com/bitwig/dawproject (MIT
License, copyright 2020 Bitwig) for the elements that are written here, put down as tables.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

NAMED = {"name?": "text", "color?": "text", "comment?": "text"}
KNOWN = {**NAMED, "id?": "id"}
LINE = {**KNOWN, "timeUnit?": "beats seconds", "track?": "ref"}
REAL = {**KNOWN, "parameterID?": "int", "max?": "text", "min?": "text", "value?": "text"}
REAL["unit"] = "linear normalized percent decibel hertz semitones seconds beats bpm"
TIMELINES = "Timeline Lanes Notes Clips ClipSlot markers Warps Audio Video Points"
POINTS = "Point RealPoint EnumPoint BoolPoint IntegerPoint TimeSignaturePoint"
CONTENT = "audio automation notes video markers tracks"
EXPRESSIONS = (
    "gain pan transpose timbre formant pressure channelController channelPressure polyPressure "
    "pitchBend programChange"
)

# element -> (children in their order: name and how often, or a choice), attributes; "?" is optional
RULES: dict[str, tuple[list[tuple[str, str]], dict[str, str]]] = {
    "Project": (
        [("Application", "1"), ("Transport", "?"), ("Structure", "?"), ("Arrangement", "?"),
         ("Scenes", "?")],
        {"version": "text"},
    ),
    "Application": ([], {"name": "text", "version": "text"}),
    "Transport": ([("Tempo", "?"), ("TimeSignature", "?")], {}),
    "Tempo": ([], REAL),
    "Volume": ([], REAL),
    "Pan": ([], REAL),
    "Mute": ([], {**KNOWN, "parameterID?": "int", "value?": "bool"}),
    "TimeSignature": (
        [], {**KNOWN, "parameterID?": "int", "denominator": "int", "numerator": "int"}),
    "Structure": ([("Track Channel", "*")], {}),
    "Track": (
        [("Channel", "?"), ("Track", "*")], {**KNOWN, "contentType?": "list", "loaded?": "bool"}),
    "Channel": (
        [("Devices", "?"), ("Mute", "?"), ("Pan", "?"), ("Sends", "?"), ("Volume", "?")],
        {**KNOWN, "audioChannels?": "int", "destination?": "ref", "solo?": "bool",
         "role?": "regular master effect submix vca"},
    ),
    "Arrangement": (
        [("Lanes", "?"), ("Markers", "?"), ("TempoAutomation", "?"),
         ("TimeSignatureAutomation", "?")],
        KNOWN,
    ),
    "Lanes": ([(TIMELINES, "*")], LINE),
    "Clips": ([("Clip", "*")], LINE),
    "Clip": (
        [(TIMELINES, "?")],
        {**NAMED, "time": "double", "duration?": "double", "contentTimeUnit?": "beats seconds",
         "playStart?": "double", "playStop?": "double", "loopStart?": "double",
         "loopEnd?": "double", "fadeTimeUnit?": "beats seconds", "fadeInTime?": "double",
         "fadeOutTime?": "double", "enable?": "bool", "reference?": "ref"},
    ),
    "Notes": ([("Note", "*")], LINE),
    "Note": (
        [(TIMELINES, "?")],
        {"time": "double", "duration": "double", "channel": "int", "key": "int", "vel?": "double",
         "rel?": "double"},
    ),
    "Points": ([("Target", "1"), (POINTS, "*")], {**LINE, "unit?": REAL["unit"]}),
    "TempoAutomation": ([("Target", "1"), (POINTS, "*")], {**LINE, "unit?": REAL["unit"]}),
    "TimeSignatureAutomation": ([("Target", "1"), (POINTS, "*")], {**LINE, "unit?": REAL["unit"]}),
    "Target": (
        [], {"parameter?": "ref", "expression?": EXPRESSIONS, "channel?": "int", "key?": "int",
             "controller?": "int"}),
    "RealPoint": ([], {"time": "double", "value": "double", "interpolation?": "hold linear"}),
    "TimeSignaturePoint": ([], {"time": "double", "numerator": "int", "denominator": "int"}),
    "Markers": ([("Marker", "+")], LINE),
    "Marker": ([], {**NAMED, "time": "double"}),
    "Audio": (
        [("File", "1")],
        {**LINE, "duration": "double", "algorithm?": "text", "channels": "int",
         "sampleRate": "int"},
    ),
    "File": ([], {"path": "text", "external?": "bool"}),
}  # fmt: skip
TEXTS = ("Title", "Artist", "Album", "OriginalArtist", "Composer", "Songwriter", "Producer")
TEXTS += ("Arranger", "Year", "Genre", "Copyright", "Website", "Comment")
KINDS = {
    "int": r"-?\d+",
    "double": r"-?\d+(\.\d+)?([eE]-?\d+)?",
    "bool": "true|false|0|1",
    "text": r"(?s).*",
    "id": r"[A-Za-z_][\w.-]*",
    "ref": r"[A-Za-z_][\w.-]*",
    "list": rf"({'|'.join(CONTENT.split())})( ({'|'.join(CONTENT.split())}))*",
}


def broken(root: Element) -> list[str]:
    """Return every rule a project breaks, in words; empty where it is valid."""
    found: list[str] = [] if root.tag == "Project" else [f"the root is {root.tag}"]
    ids: list[str] = [e.attrib["id"] for e in root.iter() if "id" in e.attrib]
    found += (
        sorted({f"two have the id {i}" for i in ids if ids.count(i) > 1})
        if (len(set(ids)) < len(ids))
        else []
    )
    known = set(ids)
    for element in root.iter():
        found += _broken(element, known)
    return found


def broken_meta(root: Element) -> list[str]:
    """Return every rule the metadata break."""
    places = [TEXTS.index(e.tag) if e.tag in TEXTS else -1 for e in root]
    fine = root.tag == "MetaData" and places == sorted(set(places)) and -1 not in places
    return [] if fine else ["metadata are out of order"]


def _broken(element: Element, ids: set[str]) -> list[str]:
    if element.tag not in RULES:
        return [f"there is no {element.tag}"]
    children, attributes = RULES[element.tag]
    found = []
    order = "".join(f"<{child.tag}>" for child in element)
    pattern = "".join(
        "(" + "|".join(f"<{name}>" for name in names.split()) + ")" + how.replace("1", "")
        for names, how in children
    )
    if not re.fullmatch(pattern, order):
        found.append(f"{element.tag} cannot hold {order[:200]}")
    wanted = {name for name in attributes if not name.endswith("?")}
    given = set(element.attrib)
    allowed = {name.rstrip("?") for name in attributes}
    found += [f"{element.tag} lacks {name}" for name in wanted - given]
    found += [f"{element.tag} knows no {name}" for name in given - allowed]
    for name in given & allowed:
        kind = attributes.get(name) or attributes[f"{name}?"]
        value = element.attrib[name]
        pattern = KINDS.get(kind) or "|".join(kind.split())
        if not re.fullmatch(pattern, value):
            found.append(f"{element.tag} {name}={value!r} is no {kind}")
        if kind == "ref" and value not in ids:
            found.append(f"{element.tag} {name}={value!r} is the id of nothing")
    return found
