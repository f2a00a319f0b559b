"""Curves: their values at named instants, the same bits however they are asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from lullaby.model.curve import Chain, Constant, Curve, Lfo, Ramp, Walk, inside, remade
from lullaby.model.following import (
    Arithmetic,
    Clipped,
    Kick,
    Mapped,
    Mean,
    Smoothed,
    Snapped,
    Transposed,
)

ARC = Ramp(Constant(0.0), Constant(1.0), 10.0, 20.0)
RISE = Ramp(Constant(100.0), Constant(1600.0), 0.0, 4.0, "linear", log=True)

CURVES: dict[str, Curve] = {
    "constant": Constant(3.0),
    "ramp": ARC,
    "log ramp": RISE,
    "chain": Chain((-np.inf, 5.0, 12.0), (Constant(1.0), ARC, RISE)),
    "lfo": Lfo("sine", 0.0, 1.0, 10.0),
    "walk": Walk(-1.0, 1.0, 3.0, 77),
    "sum": Arithmetic("+", ARC, Constant(1.0)),
    "mapped": Mapped(ARC, 0.4, 1.0, 0.0, 0.75, "smooth"),
    "clipped": Clipped(RISE, 200.0, 400.0),
    "transposed": Transposed(Constant(440.0), Constant(1200.0)),
    "snapped": Snapped(RISE, (55.0, 110.0, 220.0, 440.0)),
    "smoothed": Smoothed(ARC, 1.0, 3.0),
    "mean": Mean(ARC, 4.0),
    "kick": Kick(2.0, 0.5, 4.0),
}


@pytest.mark.parametrize("name", list(CURVES))
def test_a_number_and_an_array_give_the_same_bits(name: str) -> None:
    curve = CURVES[name]
    t = np.arange(0.0, 30.0, 0.37)
    whole = curve(t)
    assert whole.shape == t.shape
    for i in (0, 13, 40, 80):
        assert float(curve(t[i])) == whole[i]
    assert np.array_equal(curve(t[20:30]), whole[20:30])
    assert curve(np.zeros(0)).shape == (0,)


@pytest.mark.parametrize("name", list(CURVES))
def test_no_value_lies_outside_the_bounds(name: str) -> None:
    values = CURVES[name](np.arange(0.0, 60.0, 0.11))
    low, high = CURVES[name].bounds()
    assert values.min() >= low - 1e-12
    assert values.max() <= high + 1e-12


@pytest.mark.parametrize(
    ("shape", "middle"),
    [("linear", 0.5), ("smooth", 0.5), ("ease-in", 0.25), ("ease-out", 0.75), ("step", 0.0)],
)
def test_shapes(shape: str, middle: float) -> None:
    ramp = Ramp(Constant(0.0), Constant(1.0), 10.0, 20.0, shape)
    assert float(ramp(15.0)) == pytest.approx(middle)
    assert (float(ramp(9.99)), float(ramp(20.0))) == (0.0, 1.0)


def test_values_at_instants() -> None:
    assert float(RISE(2.0)) == pytest.approx(400.0)
    assert float(CURVES["lfo"](2.5)) == pytest.approx(1.0)
    assert float(CURVES["lfo"](7.5)) == pytest.approx(0.0)
    assert float(CURVES["mapped"](17.0)) == pytest.approx(0.375)
    assert float(CURVES["mapped"](12.0)) == 0.0
    assert float(CURVES["transposed"](0.0)) == pytest.approx(880.0)
    assert float(CURVES["snapped"](2.0)) == 440.0
    assert float(CURVES["kick"](2.0)) == 0.5
    assert float(CURVES["kick"](6.0)) == float(CURVES["kick"](1.9)) == 0.0


def test_a_lag_follows_at_its_own_pace_up_and_down() -> None:
    step = Chain((-np.inf, 10.0, 30.0), (Constant(0.0), Constant(1.0), Constant(0.0)))
    lag = Smoothed(step, 1.0, 3.0)
    # One step of a 16th of the shorter time late, joined on a line.
    assert float(lag(11.0)) == pytest.approx(1 - np.exp(-1.0), abs=0.04)
    assert float(lag(33.0)) == pytest.approx(np.exp(-1.0), abs=0.04)


def test_a_mean_turns_a_jump_into_a_slope() -> None:
    step = Chain((-np.inf, 10.0), (Constant(0.0), Constant(1.0)))
    mean = Mean(step, 4.0)
    assert float(mean(9.9)) == 0.0
    assert float(mean(12.0)) == pytest.approx(0.5, abs=0.03)
    assert float(mean(14.2)) == 1.0


def test_a_walk_stays_in_its_range_and_moves() -> None:
    values = CURVES["walk"](np.arange(0.0, 300.0, 0.1))
    assert values.std() > 0.3
    assert np.abs(np.diff(values)).max() < 0.12


def test_the_integral_and_its_inverse_agree() -> None:
    rate = Lfo("sine", 0.5, 3.5, 10.0)
    levels = np.arange(0.0, 150.0, 7.3)
    t = rate.when(levels, 200.0)
    assert [rate.integral(float(x)) for x in t] == pytest.approx(levels.tolist(), abs=1e-9)
    assert rate.integral(100.0) == pytest.approx(200.0, rel=0.01)
    assert np.isinf(rate.when([1e9], 200.0)).all()


def test_an_integral_is_the_same_in_any_order() -> None:
    forward, backward = Lfo("sine", 0.5, 3.5, 10.0), Lfo("sine", 0.5, 3.5, 10.0)
    times = [0.01, 3.3, 64.0, 64.07, 100.0, 300.5, 300.6]
    there = [forward.integral(t) for t in times]
    back = [backward.integral(t) for t in reversed(times)]
    assert there == back[::-1]


@pytest.mark.parametrize("first", [-3, 0, 1, 1000, 1023, 1024, 1025, 3000])
def test_integrals_at_steps_are_those_asked_for_one_by_one(first: int) -> None:
    asked, single = Lfo("sine", 0.5, 3.5, 10.0), Lfo("sine", 0.5, 3.5, 10.0)
    steps = range(first, first + 1100)
    assert asked.integrals(first, steps[-1]).tolist() == [single.integral(k / 16) for k in steps]


def test_what_is_shared_is_walked_and_remade_once() -> None:
    curve: Curve = Constant(1.0)
    for _ in range(60):  # as a tree this has 2^60 leaves
        curve = Arithmetic("+", curve, curve)
    assert sum(1 for _ in inside(curve)) == 61
    asked: list[Curve] = []

    def halved(inner: Curve) -> Curve | None:
        asked.append(inner)
        return Constant(0.5) if isinstance(inner, Constant) else None

    made = remade(curve, halved)
    assert len(asked) == 61
    assert sum(1 for _ in inside(made)) == 61
    assert next(iter(inside(curve, lambda _: False))) is curve


def test_looking_inside_stops_where_it_is_told() -> None:
    curve = Arithmetic("+", Clipped(ARC, 0.0, 1.0), Constant(2.0))
    seen = list(inside(curve, lambda inner: not isinstance(inner, Clipped)))
    assert [type(inner) for inner in seen] == [Arithmetic, Clipped, Constant]


def test_an_integral_reads_nothing_from_its_end_on():
    # A hand may still change what begins there, and what was summed once is kept.
    read = []

    @dataclass(frozen=True)
    class Spy(Curve):
        def __call__(self, t, own=None):
            read.extend(np.asarray(t, np.float64).tolist())
            return np.full(np.shape(t), 2.0)

        def bounds(self):
            return 2.0, 2.0

    spy = Spy()
    assert spy.integral(0.25) == 0.5
    assert spy.when(np.array([0.25]), 0.25).tolist() == [0.125]
    assert spy.when(np.array([0.6]), 0.25).tolist() == [np.inf]
    assert max(read) < 0.25
