"""What a name and a note mean where they stand: arcs, a value's own past, degrees of the tuning."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lullaby.engine.arrange import arrange
from lullaby.model.chance import Chance
from lullaby.model.curve import Curve
from lullaby.model.score import ArcDef, Score, Stay, Tuning
from lullaby.model.value import Binary, Following, Name, Number, Point, Points, Range, Value
from tests.engine.piece import scene, score

FIFTHS = Tuning(110.0, (1.0, 1.5), repeats=True)
FOURTHS = Tuning(110.0, (1.0, 4 / 3), repeats=True)


def said(own: Value | None, *scenes: Value | None, **more: object) -> Curve:
    """The curve ``bright`` of part a, said by the part and by scenes of 10 s; arc bright rises."""
    return curve("bright", own, *scenes, **more)


def curve(name: str, own: Value | None, *scenes: Value | None, **more: object) -> Curve:
    made = score()
    stays = [Stay("a", settings={} if value is None else {name: value}) for value in scenes]
    rising = Points(Number(0.0), (Point(Number(1.0)),))
    part = replace(made.parts[0], settings={} if own is None else {name: own})
    whole = replace(
        made,
        parts=(part, *made.parts[1:]),
        arcs=(ArcDef("bright", rising), *made.arcs),
        scenes=tuple(scene(str(i), [stay], 10.0) for i, stay in enumerate(stays)),
    )
    changed: Score = replace(whole, **more)  # type: ignore[arg-type]
    (run,) = (run for run in arrange(changed).runs if run.part == "a")
    return run.settings.curves[name]


def test_a_part_may_follow_the_arc_of_a_parameter_s_own_name() -> None:
    assert said(Name("bright"), None, None)(np.array([5.0, 15.0])) == pytest.approx([0.25, 0.75])


def test_a_scene_means_the_arc_as_well() -> None:
    half = Binary("*", Name("bright"), Number(0.5))
    found = said(Number(0.9), None, half)
    assert found(np.array([5.0, 15.0])) == pytest.approx([0.9, 0.375])


def test_in_its_own_curve_the_name_is_the_value_at_the_start() -> None:
    third = Points(None, (Point(Binary("*", Name("bright"), Number(0.5))),))
    found = said(Number(0.8), None, third)
    assert found(np.array([5.0, 10.0, 15.0, 19.999])) == pytest.approx(
        [0.8, 0.8, 0.6, 0.4], abs=1e-3
    )


def test_beside_a_curve_in_brackets_the_name_is_the_arc_again() -> None:
    value = Binary("*", Points(Number(1.0), (Point(Number(1.0)),)), Name("bright"))
    assert said(Number(0.9), value, None)(np.array([8.0])) == pytest.approx([0.4])


def tuned(*tunings: Tuning | None) -> dict[str, object]:
    return {
        "scenes": tuple(
            scene(str(i), [Stay("a")], 10.0, tuning=tuning) for i, tuning in enumerate(tunings)
        ),
        "tuning": FIFTHS,
    }


def test_snapping_goes_to_the_tuning_of_the_scene() -> None:
    pitch = Following(Number(0.5), target_range=(150.0, 160.0), snap=True)
    found = curve("pitch_hz", pitch, None, **tuned(None, FOURTHS, None, FIFTHS))
    fifth, fourth = 165.0, 110.0 * 4 / 3
    assert found(np.array([5.0, 15.0, 25.0, 35.0])) == pytest.approx([fifth, fourth, fourth, fifth])


def test_between_notes_degrees_of_the_tuning_are_drawn() -> None:
    drawn = Range(110.0, 440.0, each=True, degrees=True)
    found = curve("pitch_hz", drawn, None, **tuned(None, FOURTHS))
    own = Chance(np.arange(200, dtype=np.uint64) * 7919)
    first, later = found(np.full(200, 5.0), own), found(np.full(200, 15.0), own)
    assert set(first.round(3)) == {110.0, 165.0, 220.0, 330.0, 440.0}
    assert set(later.round(3)) == {110.0, 146.667, 220.0, 293.333, 440.0}


def test_a_draw_of_a_scene_is_a_degree_of_its_tuning() -> None:
    drawn = Range(200.0, 450.0, degrees=True)
    heard = set()
    for seed in range(12):
        more = {**tuned(FOURTHS), "seed": seed}
        more["scenes"] = (
            scene("0", [Stay("a", settings={"pitch_hz": drawn})], 10.0, tuning=FOURTHS),
        )
        heard.add(round(float(curve("pitch_hz", None, None, **more)(np.array([1.0]))[0]), 3))
    assert heard == {220.0, 293.333, 440.0}


def test_where_no_degree_lies_between_any_pitch_is_drawn() -> None:
    found = curve("pitch_hz", Range(170.0, 180.0, degrees=True), None, **tuned(None))
    assert 170.0 < float(found(np.array([1.0]))[0]) < 180.0
