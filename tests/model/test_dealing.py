"""What is dealt out is even in every hand, and the same however it is asked."""

from __future__ import annotations

import numpy as np

from lullaby.model.chance import Chance
from lullaby.model.curve import Constant
from lullaby.model.dealing import HAND, dealt
from lullaby.model.streams import numbered_pulses, pulses


def test_every_hand_holds_one_of_each_sixteenth() -> None:
    k = np.arange(-4 * HAND, 4 * HAND)
    chance = Chance(5)
    x = dealt(chance, k, chance.of("own").at(k), "x")
    hands = np.sort(np.floor(x * HAND).reshape(-1, HAND), axis=1)
    assert np.array_equal(hands, np.tile(np.arange(HAND), (8, 1)))
    order = np.floor(x * HAND).reshape(-1, HAND)
    assert len({tuple(row) for row in order}) == 8


def test_it_is_the_same_one_by_one() -> None:
    k, chance = np.arange(-20, 40), Chance(9)
    whole = dealt(chance, k, chance.of("own").at(k), "x")
    single = [dealt(chance, [i], chance.of("own").at([i]), "x")[0] for i in k]
    assert np.array_equal(whole, single)


def test_a_running_stream_does_not_begin_thin() -> None:
    counts = np.zeros(2)
    for seed in range(200):
        asked = (Chance(seed), Constant(4.0), Constant(1.0), (0.0, 1.0), 12.0)
        counts += len(pulses(*asked)[0]), len(numbered_pulses(*asked, running=True)[0])
    thin, whole = counts / 200
    assert thin < 1.5
    assert abs(whole - 4.0) < 0.4


def test_numbers_say_which_pulse_it_is() -> None:
    rate_hz, slack = Constant(3.0), Constant(0.5)
    t, own, k = numbered_pulses(Chance(3), rate_hz, slack, (0.0, 40.0), running=True)
    assert len(set(k)) == len(k)
    assert k.min() < 0
    late = 3.0 * t - k
    assert np.all((late >= -1e-9) & (late <= 4.0))
    assert np.array_equal(own.key, Chance(3).at(k).key)
