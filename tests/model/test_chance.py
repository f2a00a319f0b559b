"""Chance: the same numbers for ever, in any order, each under its own name."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp import kernel
from lullaby.model.chance import Chance, mix, named
from lullaby.model.curve import Constant
from lullaby.model.streams import cells, poisson, pulses

# A change here changes every piece ever written.
FIRST = [0.782125345363726, 0.4337600200047754, 0.9189380291374218, 0.9363691918187975]


def test_the_first_numbers_of_a_key_are_written_down() -> None:
    drawn = Chance(named(1931, "test")).at(np.arange(4)).uniform("place")
    assert drawn == pytest.approx(FIRST, abs=1e-15)


def test_splitmix64_gives_its_published_words() -> None:
    # The first outputs for seed 0 (Steele, Lea, Flood 2014; java.util.SplittableRandom).
    golden = 0x9E3779B97F4A7C15
    words = [int(mix(np.uint64(i * golden % 2**64))) for i in range(3)]
    assert words == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_a_kernel_draws_the_same() -> None:
    keys = np.arange(100, dtype=np.uint64) * np.uint64(0x123456789)
    assert np.array_equal([kernel.mix(k) for k in keys], mix(keys))


def test_any_order_and_any_batch_is_the_same() -> None:
    whole = Chance(5).at(np.arange(1000)).uniform("x")
    assert np.array_equal(Chance(5).at([700, 3]).uniform("x"), whole[[700, 3]])


def test_another_name_is_another_draw() -> None:
    own = Chance(5).at(np.arange(20000))
    assert abs(float(np.corrcoef(own.uniform("x"), own.uniform("y"))[0, 1])) < 0.03
    x = own.uniform("x")
    assert abs(float(np.corrcoef(x[1:], x[:-1])[0, 1])) < 0.03
    assert x.min() >= 0.0
    assert x.max() < 1.0
    assert x.mean() == pytest.approx(0.5, abs=0.01)
    normal = own.normal("n")
    assert (normal.mean(), normal.std()) == pytest.approx((0.0, 1.0), abs=0.03)


def test_poisson_times_have_the_rate_and_the_spread_of_chance() -> None:
    t, _ = poisson(Chance(9), lambda x: np.full(x.shape, 5.0), 20.0, (0.0, 4000.0))
    assert len(t) == pytest.approx(20000, abs=4 * np.sqrt(20000))
    gaps = np.diff(t)
    assert gaps.std() / gaps.mean() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("slack", [0.0, 0.5, 1.0])
def test_pulses_keep_their_rate_and_come_late_by_slack(slack: float) -> None:
    t, own = pulses(Chance(9), Constant(2.0), Constant(slack), (100.0, 2100.0))
    assert len(t) == pytest.approx(4000, rel=0.02)
    gaps = np.diff(t)
    assert len(np.unique(own.key)) == len(t)
    if slack == 0.0:
        assert np.allclose(gaps, 0.5)
    if slack == 1.0:
        assert gaps.std() / gaps.mean() > 0.85


def test_windows_cut_anywhere_hold_the_same_times() -> None:
    def rate(x: np.ndarray) -> np.ndarray:
        return 3.0 + 2.0 * np.sin(x)

    whole, _ = poisson(Chance(9), rate, 8.0, (0.0, 60.0))
    cut = [poisson(Chance(9), rate, 8.0, w)[0] for w in ((0.0, 7.77), (7.77, 7.9), (7.9, 60.0))]
    assert np.array_equal(np.concatenate(cut), whole)
    assert np.array_equal(cells(2.5, (0.0, 10.0)), [0, 1, 2, 3])
    assert np.array_equal(cells(2.5, (2.5, 7.4), lead_s=1.0), [1, 2])
