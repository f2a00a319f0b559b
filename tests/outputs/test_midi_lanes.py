"""Controllers: half a step from their curves, silent while nothing moves, within a budget."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.model.curve import Chain, Constant, Curve, Lfo, Ramp, Walk
from lullaby.outputs.midi_lanes import (
    RATE_HZ,
    Lane,
    Points,
    binned,
    points,
    ranged,
    stretch,
    within,
)

MOVING: list[Curve] = [
    Ramp(Constant(0.1), Constant(0.9), 2.0, 18.0, "smooth"),
    Lfo("sine", 0.0, 1.0, 11.0),
    Walk(0.2, 0.8, 3.0, 17),
]


def lane(curve: Curve, end_s: float = 20.0) -> Lane:
    return Lane(1, "x", "x", (stretch(0.0, end_s, curve, ranged(0.0, 1.0, log=False)),))


def held(found: Points, t: np.ndarray) -> np.ndarray:
    return found.value[np.searchsorted(found.at_s, t + 1e-9, side="right") - 1]


@pytest.mark.parametrize("curve", MOVING)
def test_a_lane_is_its_curve_within_half_a_step(curve: Curve) -> None:
    found = points(lane(curve), ())
    t = np.arange(1001) / 50.0
    assert np.abs(held(found, t) - 127.0 * curve(t)).max() <= 0.5 + 1e-9
    assert np.all(np.diff(found.value) != 0)
    assert np.all(np.diff(found.at_s) > 0)


def test_what_stands_still_is_sent_once() -> None:
    found = points(lane(Constant(0.5), 10_000.0), ())
    assert (found.at_s.tolist(), found.value.tolist()) == ([0.0], [64])


def test_a_jump_is_where_the_scene_begins() -> None:
    step = Chain((0.0, 7.0101), (Constant(0.0), Constant(1.0)))
    assert points(lane(step), (7.0101,)).at_s[1] == pytest.approx(7.0101, abs=2e-6)


def test_a_jump_is_not_missed_where_times_round_badly() -> None:
    step = Chain((0.0, 2.0), (Constant(0.0), Constant(1.0)))
    assert 2.3 - 0.3 < 2.0
    part = stretch(0.3, 20.0, step, ranged(0.0, 1.0, log=False))
    found = points(Lane(1, "x", "x", (part,)), (2.3,))
    assert found.at_s[1] == pytest.approx(2.3, abs=2e-6)


def test_the_own_time_of_a_run_begins_with_it() -> None:
    curve = Ramp(Constant(0.0), Constant(1.0), 0.0, 10.0)
    share = ranged(0.0, 1.0, log=False)
    found = points(Lane(1, "x", "x", (stretch(100.0, 110.0, curve, share),)), ())
    assert (found.at_s[0], found.value[0]) == (100.0, 0)
    assert held(found, np.array([105.0]))[0] in (63, 64)
    assert found.value[-1] == 127


def test_a_frequency_is_spread_by_octaves() -> None:
    share = ranged(300.0, 19200.0, log=True)  # six octaves
    assert share(np.array([300.0, 2400.0, 19200.0])).tolist() == pytest.approx([0.0, 0.5, 1.0])
    assert share(np.array([1.0, 99999.0])).tolist() == pytest.approx([0.0, 1.0])


def fast(period_s: float) -> Points:
    return points(lane(Lfo("triangle", 0.0, 1.0, period_s)), ())


def test_no_lane_says_more_than_it_looks() -> None:
    assert 40 < binned(fast(0.7).at_s, 22).max() <= RATE_HZ + 1


def test_a_thinned_lane_keeps_its_first_value() -> None:
    (kept,) = within([fast(0.7)], np.full(22, 125), 145)
    assert kept.at_s[0] == 0.0
    assert binned(kept.at_s, 22)[:20].tolist() == [20] * 20


def test_many_lanes_share_what_notes_leave() -> None:
    wanted = [fast(0.7 + 0.1 * i) for i in range(10)]
    taken = np.full(22, 50)
    kept = within(wanted, taken, 145)
    counts = np.array([binned(lane.at_s, 22) for lane in kept])
    assert (counts.sum(axis=0) + taken).max() <= 145
    assert counts[:, :20].min() >= 8  # nobody starves


def test_a_quiet_lane_loses_nothing_to_wild_ones() -> None:
    quiet = fast(60.0)
    kept = within([fast(0.7), fast(0.8), fast(0.9), quiet], np.full(22, 60), 145)
    assert kept[3] == quiet or np.array_equal(kept[3].at_s, quiet.at_s)
    assert len(kept[0].at_s) < len(fast(0.7).at_s)


def test_a_thinned_lane_ends_each_second_on_its_value() -> None:
    wild = fast(0.7)
    (kept,) = within([wild], np.full(22, 140), 145)
    for second in range(1, 20):
        t = np.array([second - 1e-6])
        assert held(kept, t) == held(wild, t)


def test_notes_that_take_everything_leave_one_a_second() -> None:
    (kept,) = within([fast(0.7)], np.full(22, 500), 145)
    assert binned(kept.at_s, 22)[:20].tolist() == [1] * 20
