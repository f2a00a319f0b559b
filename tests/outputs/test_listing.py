"""Lists of events: every figure as promised, in order, the same as text and as JSON."""

from __future__ import annotations

import json

import numpy as np

from lullaby.engine.listing import events
from lullaby.model.event import EVENT, columns, empty
from lullaby.outputs import listing
from tests.engine.piece import performed


def table(*at_s: float, pitch_hz: float = 1234.56789) -> np.ndarray:
    made = empty(EVENT | columns("bend"), len(at_s))
    made["at_s"], made["pitch_hz"], made["duration_s"] = at_s, pitch_hz, 1.0 / 3.0
    made["level_db"], made["bend"], made["key"] = -12.3456789, 0.000123456789, 255
    return made


def test_times_are_in_microseconds_and_the_rest_has_six_figures() -> None:
    row = next(listing.rows([("sky", table(1.23456789))]))
    assert row["at_s"] == 1.234568
    assert row["duration_s"] == 0.333333
    assert row["pitch_hz"] == 1234.57
    assert row["level_db"] == -12.3457
    assert row["bend"] == 0.000123457
    assert row["key"] == "00000000000000ff"
    text = listing.line(row)
    assert text.split()[:4] == ["1.234568", "sky", "0.333333", "1234.57"]
    assert text.endswith("bend=0.000123457")


def test_no_pitch_is_a_dash() -> None:
    assert listing.line(next(listing.rows([("a", table(0.0, pitch_hz=0.0))]))).split()[3] == "-"


def test_parts_are_woven_by_time() -> None:
    made = listing.rows([("b", table(1.0, 3.0)), ("a", table(0.5, 1.0, 2.0))])
    assert [(row["part"], row["at_s"]) for row in made] == [
        ("a", 0.5),
        ("b", 1.0),
        ("a", 1.0),
        ("a", 2.0),
        ("b", 3.0),
    ]


def test_json_says_what_the_text_says() -> None:
    performance = performed()
    found = list(listing.rows(events(performance, 0.0, 12.0)))
    read = json.loads("".join(listing.as_json(performance, found)))
    assert (read["title"], read["seed"]) == ("Test", 3)
    assert read["events"] == found
    assert len(found) > 30


def test_an_empty_list_is_still_json() -> None:
    assert json.loads("".join(listing.as_json(performed(), [])))["events"] == []


def test_the_timeline_says_who_plays_when() -> None:
    found = listing.timeline(performed())
    assert [(s["name"], s["start_s"], s["length_s"]) for s in found["scenes"]] == [
        ("one", 0.0, 4.0),
        ("two", 4.0, 4.0),
        ("three", 8.0, 3.0),
    ]
    plays = [{p["part"]: (p["from_s"], p["to_s"]) for p in s["plays"]} for s in found["scenes"]]
    assert plays[0] == {"a": (0.0, 9.0), "c": (0.0, 5.0)}
    assert plays[1]["c"] == (0.0, 5.0)
    assert plays[2] == {"a": (0.0, 9.0), "b": (4.0, 12.0), "c": (8.0, 12.0)}
