"""Running sums: an integral that any moment can ask for, with the same bits however asked."""

from __future__ import annotations

import numpy as np

from lullaby.dsp.running_sum import STEP_S, RunningSum


def rates(t):
    return np.hstack((440.0 + 50.0 * np.sin(0.7 * t), 3.0 * t))


def test_it_is_the_integral():
    t = np.arange(0, 1600, 37) * STEP_S
    made = RunningSum(rates, 2)
    exact = 440.0 * t + 50.0 / 0.7 * (1.0 - np.cos(0.7 * t))
    np.testing.assert_allclose(made(t, np.zeros(len(t))), exact, atol=0.03)
    np.testing.assert_allclose(made(t, np.ones(len(t))), 1.5 * t * t, rtol=1e-12)


def test_the_way_of_asking_changes_no_bit():
    t = np.arange(0, 1600, 7) * STEP_S
    column = np.arange(len(t)) % 2
    whole = RunningSum(rates, 2)(t, column)
    made = RunningSum(rates, 2)
    for i in np.random.default_rng(3).permutation(len(t)):
        assert made(t[i : i + 1], column[i : i + 1])[0] == whole[i]


def test_nothing_later_than_what_is_asked_for_is_read():
    seen = []

    def watched(t):
        seen.append(float(t.max()))
        return rates(t)

    RunningSum(watched, 2)(np.array([3.0, 17.25]), np.array([0, 1]))
    assert max(seen) == 17.25
