"""What hands did live, rendered again from the take, is sample for sample what was heard."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.engine import Engine
from lullaby.model.take import Take, Touch
from tests.engine.piece import performed


def played(stretch: int) -> tuple[np.ndarray, Take]:
    heard = []
    with Engine(performed(), live=True, stretch=stretch) as engine:
        for i in range(100):
            match i:
                case 10:
                    engine.touch("panic", 1.0)
                case 30:
                    engine.touch("a.rate", 18.0)
                    engine.touch("c.bright", 0.9)
                case 45:
                    engine.touch("panic", None)
                case 60:
                    engine.touch("a.level", -30.0)
                case 70:
                    engine.touch("dull.amount", 0.02)
            heard.append(engine.read(4801))
        return np.concatenate(heard, axis=1), engine.take


@pytest.mark.parametrize("stretch", [64, 256, 1024, 8192])
def test_score_and_take_give_the_session_s_samples(stretch: int) -> None:
    heard, take = played(stretch)
    with Engine(performed(), take=take, jobs=2) as engine:
        again = engine.read(heard.shape[1])
    assert np.array_equal(heard, again)
    with Engine(performed()) as engine:
        untouched = engine.read(heard.shape[1])
    # The hand was heard: a different piece, and the same up to the first touch.
    first = take.rows[0][0] * 64
    assert np.array_equal(heard[:, : first - 1024], untouched[:, : first - 1024])
    assert np.abs(heard - untouched).max() > 0.01


def test_a_hand_beyond_the_range_is_kept_inside_it() -> None:
    with Engine(performed(), live=True) as engine:
        engine.touch("c.level", 1e9)
        engine.touch("a.rate", -5.0)
        heard = engine.read(200_000)
    assert np.all(np.isfinite(heard))
    assert np.abs(heard).max() <= 1.0


def test_a_take_goes_forward_only() -> None:
    take = Take(48000)
    take.add(Touch(10, "panic", 1.0))
    with pytest.raises(ValueError, match="touch at grid 9 after one at 10"):
        take.add(Touch(9, "panic", 1.0))
