"""Events and timelines as text and as JSON: the same figures on every machine.

Times are printed in whole microseconds, everything else with six significant figures.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from lullaby.model.event import EVENT, Events
from lullaby.model.performance import Performance
from lullaby.units import MICRO

Table = Iterable[tuple[str, Events]]  # part, its events
SPOKEN = ("pitch_hz", "level_db", "azimuth_deg", "distance_m", "width_deg")


def rows(tables: Table) -> Iterator[dict[str, Any]]:
    """Return events of all parts by time (ties in the order given), as plain values."""
    found = [
        (float(event["at_s"]), i, j, part, event)
        for i, (part, events) in enumerate(tables)
        for j, event in enumerate(events)
    ]
    for at_s, _, _, part, event in sorted(found, key=lambda row: row[:3]):
        own = [n for n in (event.dtype.names or ()) if n not in EVENT]
        yield {
            "at_s": _time(at_s),
            "part": part,
            "duration_s": _time(event["duration_s"]),
            **{name: _figure(event[name]) for name in (*SPOKEN, *own)},
            "key": f"{int(event['key']):016x}",
        }


def header() -> str:
    """Return what stands over the lines of text."""
    return f"{'at s':>14}  {'part':<12} {'for s':>11} {'Hz':>9} {'dB':>9} {'deg':>9} {'m':>8}"


def line(row: dict[str, Any]) -> str:
    """Return one event as a line of text; the module's own fields are named."""
    own = " ".join(f"{n}={v:g}" for n, v in row.items() if n not in EVENT and n != "part")
    pitch = f"{row['pitch_hz']:g}" if row["pitch_hz"] else "-"
    text = (
        f"{row['at_s']:14.6f}  {row['part']:<12} {row['duration_s']:11.6f} {pitch:>9} "
        f"{row['level_db']:>9g} {row['azimuth_deg']:>9g} {row['distance_m']:>8g}  {own}"
    )
    return text.rstrip()


def as_json(performance: Performance, found: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Return pieces of one JSON document: title, seed, and an event a line."""
    head = json.dumps({"title": performance.title, "seed": performance.seed})
    yield head[:-1] + ', "events": ['
    between = "\n"
    for row in found:
        yield between + json.dumps(row)
        between = ",\n"
    yield "\n]}\n"


def timeline(performance: Performance) -> dict[str, Any]:
    """Return scenes, what plays in them, gestures and marks, as plain values."""
    return {
        "title": performance.title,
        "seed": performance.seed,
        "length_s": performance.length_us / MICRO,
        "scenes": [
            {
                "name": scene.name,
                "visit": scene.visit,
                "start_s": scene.start_us / MICRO,
                "length_s": scene.length_us / MICRO,
                "bpm": list(scene.bpm),
                "bars": round(scene.bars, 6),
                "plays": _plays(performance, scene.start_us, scene.start_us + scene.length_us),
            }
            for scene in performance.scenes
        ],
        "gestures": _gestures(performance),
        "marks": [{"name": mark.name, "at_s": mark.at_us / MICRO} for mark in performance.marks],
    }


def _plays(performance: Performance, first_us: int, last_us: int) -> list[dict[str, Any]]:
    return [
        {
            "part": run.part,
            "from_s": run.start_us / MICRO,
            "to_s": run.end_us / MICRO,
            "only_asked": not run.steady,
        }
        for run in performance.runs
        if run.start_us < last_us and run.end_us > first_us
    ]


def _gestures(performance: Performance) -> list[dict[str, Any]]:
    found = []
    for run in performance.runs:
        for asking in run.asked:
            words = run.settings.gestures[asking.gesture].words()
            found.append(
                {
                    "part": run.part,
                    "gesture": asking.gesture,
                    "at_s": _time(run.start_us / MICRO + asking.at_s),
                    "words": {
                        name: word if isinstance(word, str) else _figure(word)
                        for name, word in zip(words, asking.words, strict=True)
                    },
                }
            )
    return sorted(found, key=lambda row: row["at_s"])


def _time(time_s: Any) -> float:
    return round(float(time_s), 6)


def _figure(value: Any) -> float:
    return float(f"{float(value):.6g}")
