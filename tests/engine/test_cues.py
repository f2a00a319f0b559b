"""Cues go off at times that are a pure function of the score and its seed."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lullaby.engine.arrange import arrange
from lullaby.errors import ScoreError
from lullaby.model.performance import Performance
from lullaby.model.score import ArcDef, Cue, SceneDef, Score, Stay
from lullaby.model.value import Binary, Name, Number, Point, Points, Time
from tests.engine.piece import scene, score


def times(performance: Performance, name: str = "x") -> list[float]:
    return [mark.at_us / 1e6 for mark in performance.marks if mark.name == name]


def placed(cue: Cue, length_s: float = 600.0, seed: int = 3, **more: object) -> Score:
    """A piece of one long scene with a cue, and another scene before and after."""
    made = score(seed)
    scenes = (
        scene("before", [Stay("a")], 10.0),
        scene("here", [Stay("a")], length_s, cues=(cue,), **more),
        scene("after", [Stay("a")], 10.0),
    )
    return replace(made, scenes=scenes)


EVERY = Cue(every=Time(40.0, until=90.0), mark="x", text="every")


def test_every_so_often_means_waits_in_the_range_and_inside_the_scene() -> None:
    found = np.array(times(arrange(placed(EVERY))))
    assert 10.0 + 40.0 <= found[0] <= 10.0 + 90.0
    waits = np.diff(found)
    assert np.all((waits >= 40.0) & (waits <= 90.0))
    assert waits.std() > 5.0
    assert 520.0 <= found[-1] < 610.0


def test_the_same_seed_gives_the_same_times_and_another_gives_others() -> None:
    assert times(arrange(placed(EVERY))) == times(arrange(placed(EVERY)))
    assert times(arrange(placed(EVERY))) != times(arrange(placed(EVERY, seed=4)))


def test_a_steady_every_is_steady() -> None:
    cue = replace(EVERY, every=Time(30.0))
    assert times(arrange(placed(cue, 100.0))) == [40.0, 70.0, 100.0]


def test_lengthening_a_scene_moves_no_firing_but_adds_more() -> None:
    short, long = times(arrange(placed(EVERY))), times(arrange(placed(EVERY, 900.0)))
    assert long[: len(short)] == short
    assert len(long) > len(short)


def test_what_comes_later_changes_nothing_before() -> None:
    made = placed(EVERY)
    last = replace(made.scenes[2], length=Time(99.0), cues=(replace(EVERY, text="more"),))
    assert times(arrange(replace(made, scenes=(*made.scenes[:2], last))))[
        : len(times(arrange(made)))
    ] == times(arrange(made))


def rising(first: float, last: float) -> Points:
    return Points(Number(first), (Point(Number(last)),))


def saw(turns: int, low: float, high: float, length_s: float) -> Points:
    """Down and up, ``turns`` times, evenly over a length."""
    half_s = length_s / turns / 2
    stops = [(high, half_s), (low, half_s)] * turns
    return Points(Number(low), tuple(Point(Number(v), over=Time(s)) for v, s in stops))


WHEN = Cue(when=("panic", ">", 0.8), mark="x", text="when")


def test_when_an_arc_crosses_a_level_the_cue_goes_off_there() -> None:
    made = placed(WHEN, 100.0, arcs={"panic": rising(0.0, 1.0)})
    (at_s,) = times(arrange(made))
    assert at_s == pytest.approx(10.0 + 80.0, abs=2e-6)


def test_below_is_watched_as_well() -> None:
    cue = replace(WHEN, when=("panic", "<", 0.25))
    (at_s,) = times(arrange(placed(cue, 100.0, arcs={"panic": rising(1.0, 0.0)})))
    assert at_s == pytest.approx(10.0 + 75.0, abs=2e-6)


def test_an_arc_that_lies_beyond_from_the_start_has_not_crossed() -> None:
    assert times(arrange(placed(WHEN, 100.0, arcs={"panic": rising(0.9, 1.0)}))) == []


def test_a_jump_is_found_to_the_microsecond() -> None:
    step = Points(Number(0.0), (Point(Number(1.0), at=Time(33.3333), shape="step"),))
    (at_s,) = times(arrange(placed(WHEN, 100.0, arcs={"panic": step})))
    assert at_s == pytest.approx(43.3333, abs=2e-6)


def test_it_goes_off_again_only_after_it_came_back() -> None:
    low = {"panic": saw(5, 0.7, 0.9, 100.0)}
    assert len(times(arrange(placed(WHEN, 100.0, arcs=low)))) == 5
    near = replace(WHEN, back=0.09)
    assert len(times(arrange(placed(near, 100.0, arcs=low)))) == 5
    far = replace(WHEN, back=0.11)
    assert len(times(arrange(placed(far, 100.0, arcs=low)))) == 1


def test_it_rests() -> None:
    low = {"panic": saw(10, 0.7, 0.9, 100.0)}
    found = times(arrange(placed(replace(WHEN, rest=Time(25.0)), 100.0, arcs=low)))
    assert len(found) == 4
    assert all(b - a >= 25.0 for a, b in pairwise(found))


def test_a_crossing_may_move_the_arc_that_another_cue_watches() -> None:
    first = replace(
        WHEN, when=("panic", ">", 0.5), mark="first", kicks={"panic": (Number(0.4), Time(5.0))}
    )
    made = placed(first, 100.0, arcs={"panic": rising(0.0, 1.0)})
    here = replace(made.scenes[1], cues=(WHEN, first))
    found = arrange(replace(made, scenes=(made.scenes[0], here, made.scenes[2])))
    (kicked,) = times(found, "first")
    assert kicked == pytest.approx(60.0, abs=2e-6)
    # At once by the kick, and once more when the arc gets there by itself.
    at_s, again = times(found)
    assert at_s == pytest.approx(kicked, abs=0.001)
    assert again == pytest.approx(90.0, abs=2e-6)


def test_a_cue_that_moves_what_it_watches_comes_to_rest() -> None:
    down = Points(None, (Point(Number(0.0), over=Time(1.0)),))
    cue = replace(WHEN, settings={"panic": down})
    assert len(times(arrange(placed(cue, 100.0, arcs={"panic": rising(0.0, 1.0)})))) == 1


def test_set_and_kick_happen_at_every_firing() -> None:
    cue = replace(EVERY, every=Time(20.0), kicks={"panic": (Number(0.3), Time(4.0))})
    panic = arrange(placed(cue, 100.0)).arcs["panic"]
    for at_s in (30.0, 50.0, 70.0, 90.0):
        assert panic(np.array([at_s - 0.01, at_s, at_s + 2.0])) == pytest.approx([0.4, 0.7, 0.475])


def test_what_a_cue_sets_stays_until_it_is_said_again() -> None:
    halved = Points(None, (Point(Binary("*", Name("panic"), Number(0.5)), over=Time(1.0)),))
    cue = replace(EVERY, every=Time(20.0), settings={"panic": halved})
    panic = arrange(placed(cue, 70.0)).arcs["panic"]
    assert panic(np.array([29.0, 45.0, 65.0, 85.0])) == pytest.approx([0.4, 0.2, 0.1, 0.05])


def test_a_thousand_settings_are_no_deeper_than_one() -> None:
    down = Points(None, (Point(Name("panic"), over=Time(0.1)),))
    cue = replace(EVERY, every=Time(0.5), settings={"a.bright": down})
    performance = arrange(placed(cue, 600.0))
    bright = performance.runs[0].settings.curves["bright"]
    assert float(bright(np.array([500.0]))[0]) == pytest.approx(0.4)


def test_a_part_that_comes_anew_starts_from_its_own_values() -> None:
    cue = Cue(at=(Time(2.0),), settings={"a.bright": Number(0.9)}, text="set")
    made = score()
    scenes = (
        scene("one", [Stay("a")], cues=(cue,)),
        scene("two", []),
        scene("three", [Stay("a")]),
    )
    first, second = (
        r.settings.curves["bright"]
        for r in arrange(replace(made, scenes=scenes)).runs
        if r.part == "a"
    )
    assert float(first(np.array([3.0]))[0]) == 0.9
    assert float(second(np.array([3.0]))[0]) == 0.1


def test_too_many_firings_are_refused() -> None:
    with pytest.raises(ScoreError, match="more than 20000 times"):
        arrange(placed(replace(EVERY, every=Time(0.01)), 600.0))


def test_cues_of_the_piece_are_in_the_time_of_the_piece() -> None:
    made = replace(placed(Cue(text="none"), 100.0), cues=(replace(EVERY, every=Time(50.0)),))
    assert times(arrange(made)) == [50.0, 100.0]
    arcs = (ArcDef("panic", rising(0.0, 1.0)), ArcDef("surrender", Number(0.0)))
    (at_s,) = times(arrange(replace(made, arcs=arcs, cues=(WHEN,))))
    assert at_s == pytest.approx(96.0, abs=2e-6)


LOOP = (
    SceneDef("drift", Time(10.0, until=20.0), Time(2.0), keep=(), play=(Stay("a"),),
             arcs={"panic": Points(None, (Point(Number(0.9)),))}, next=("drift", "tide")),
    SceneDef("tide", Time(8.0), Time(2.0), play=(Stay("b"), Stay("a")),
             arcs={"panic": Points(None, (Point(Number(0.1)),))}, cues=(EVERY,),
             next=("drift",)),
)  # fmt: skip


def endless(seed: int = 3) -> Score:
    cue = replace(EVERY, every=Time(7.0, until=11.0))
    made = score(seed)
    return replace(made, parts=made.parts[:2], scenes=LOOP, cues=(cue, WHEN))


def test_a_piece_without_an_end_needs_a_length() -> None:
    with pytest.raises(ScoreError, match="no end"):
        arrange(endless())
    found = arrange(endless(), until_s=300.0)
    assert found.length_us == 300_000_000
    assert sum(span.length_us for span in found.scenes) == 300_000_000
    assert {span.name for span in found.scenes} == {"drift", "tide"}
    lengths = {span.length_us for span in found.scenes if span.name == "drift"}
    assert len(lengths) > 3
    assert max(run.end_us for run in found.runs) <= 302_000_000


def test_a_longer_look_changes_nothing_of_what_was_seen() -> None:
    short, long = arrange(endless(), until_s=100.0), arrange(endless(), until_s=300.0)
    assert times(long)[: len(times(short))] == times(short)
    t = np.arange(0.0, 100.0, 0.37)
    assert np.array_equal(short.arcs["panic"](t), long.arcs["panic"](t))
    whole = [r for r in short.runs if r.end_us < 100_000_000]
    assert whole
    kept = {(r.part, r.name): r for r in long.runs}
    for run in whole:
        assert kept[run.part, run.name].same_sound(run)


def test_a_piece_that_ends_may_be_left_before() -> None:
    found = arrange(placed(EVERY), until_s=60.0)
    assert found.length_us == 60_000_000
    assert [span.name for span in found.scenes] == ["before", "here"]
    assert max(run.end_us for run in found.runs) == 61_000_000
    assert all(at_s < 60.0 for at_s in times(found))
    assert arrange(placed(EVERY), until_s=9999.0) == arrange(placed(EVERY))


def test_a_scene_is_repeated_with_draws_of_its_own() -> None:
    drawn = scene("one", [Stay("a")], repeat=3)
    drawn = replace(drawn, length=Time(10.0, until=20.0))
    spans = arrange(replace(score(), scenes=(drawn,))).scenes
    assert [span.visit for span in spans] == [0, 1, 2]
    assert len({span.length_us for span in spans}) == 3


def test_a_curve_that_needs_the_length_of_an_endless_piece_is_refused() -> None:
    made = endless()
    part = replace(made.parts[0], settings={"bright": rising(0.0, 1.0)})
    with pytest.raises(ScoreError, match=r"'a\.bright' needs a time at every point"):
        arrange(replace(made, parts=(part, *made.parts[1:])), until_s=60.0)
