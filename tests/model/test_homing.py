"""What comes home comes late, never early, and all the way onto the beat."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.model.curve import Constant
from lullaby.model.homing import homeward
from tests.modules.laws import moving


def test_all_the_way_home_is_the_next_beat_and_half_way_is_half_as_late() -> None:
    at_s = np.array([0.1, 0.5, 0.99, 3.0])
    home = homeward(at_s, np.ones(4), Constant(2.0))
    assert home == pytest.approx([0.5, 0.5, 1.0, 3.0])
    half = homeward(at_s, np.full(4, 0.5), Constant(2.0))
    assert half == pytest.approx((at_s + home) / 2.0)
    assert homeward(at_s, np.zeros(4), Constant(2.0)).tolist() == at_s.tolist()


def test_where_the_beat_quickens_it_is_met_within_a_few_milliseconds() -> None:
    beat_hz = moving(1.0, 1.5, 30.0)
    at_s = np.linspace(0.0, 29.0, 117)
    home = homeward(at_s, np.ones(len(at_s)), beat_hz)
    turns = np.array([beat_hz.integral(t) for t in home])
    assert np.abs(turns - np.round(turns)).max() / 1.0 < 0.012
