"""A product and a sum that are rounded once, and lanes added up."""

from __future__ import annotations

import numpy as np

from lullaby.dsp.kernel import fused, kernel
from lullaby.dsp.summing import SUMS, sum_up
from lullaby.units import STEP


@kernel
def product_and_sum(a: float, b: float, c: float) -> float:
    return fused(a, b, c)  # type: ignore[no-any-return]


def test_a_fused_product_is_rounded_once() -> None:
    a, b = np.float32(1.0 + 2.0**-12), np.float32(-(1.0 + 2.0**-11))
    assert a * a + b == 0.0  # the product's last bit is rounded away
    assert product_and_sum(a, a, b) == 2.0**-24
    near = np.float64(1.0 + 2.0**-30)
    assert product_and_sum(near, near, np.float64(-(1.0 + 2.0**-29))) == 2.0**-60


def test_lanes_are_added_up_to_their_own_frame_and_side() -> None:
    rng = np.random.default_rng(1)
    sides = rng.integers(-9, 9, (2, STEP, SUMS)).astype(np.float32)  # whole, so that sums are exact
    said = sides.sum(axis=2)
    flat, out = sides.ravel().copy(), np.ones((2, 3 * STEP), np.float32)
    sum_up(flat, np.zeros(STEP * SUMS, np.float32), out, STEP)
    assert np.array_equal(out[:, STEP : 2 * STEP], 1.0 + said)
    assert np.all(out[:, :STEP] == 1.0)
    assert np.all(out[:, 2 * STEP :] == 1.0)
    assert not flat.any()
