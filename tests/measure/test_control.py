import numpy as np
import pytest

from lullaby.errors import UsageError
from lullaby.measure.control import dissonance, dissonance_between, synchrony

TONE = 261.63 * np.arange(1, 7)
AMPLITUDE = 0.88 ** np.arange(6)


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (2 ** (0.5 / 12), 3.66),
        (16 / 15, 3.64),
        (9 / 8, 2.61),
        (6 / 5, 1.76),
        (5 / 4, 1.63),
        (2 ** (4 / 12), 1.89),
        (4 / 3, 1.20),
        (2**0.5, 1.84),
        (3 / 2, 0.51),
        (2 ** (7 / 12), 0.61),
        (5 / 3, 0.82),
        (2, 0.01),
        (2.1, 1.79),
    ],
)
def test_dissonance_of_intervals(ratio, expected):
    both = dissonance_between(TONE, AMPLITUDE, TONE * ratio, AMPLITUDE)
    assert both == pytest.approx(expected, abs=0.05)


def test_order_of_partials_does_not_matter_and_unison_is_smooth():
    mixed = np.random.default_rng(1).permutation(6)
    assert dissonance(TONE[mixed], AMPLITUDE[mixed]) == pytest.approx(dissonance(TONE, AMPLITUDE))
    assert dissonance([440, 440], [1, 1]) == 0
    assert dissonance([], []) == dissonance([440], [1]) == 0


def test_an_open_chord_is_smoother_than_a_close_one():
    ones = np.ones(5)
    open_chord = dissonance(110 * np.array([1, 2, 3, 5, 8]), ones)
    close_chord = dissonance(110 * np.array([1, 1.1, 1.2, 1.3, 1.4]), ones)
    assert open_chord < 0.5 * close_chord


def test_synchrony_from_apart_to_together():
    spread = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    rows = synchrony(
        np.stack((spread, np.full(8, 1.3), np.full(8, 1.3) + 2 * np.pi * np.arange(8)))
    )
    assert rows == pytest.approx([0, 1, 1], abs=1e-9)
    assert synchrony([0.0, np.pi / 2]) == pytest.approx(2**-0.5)


def test_bad_partials_and_phases_are_refused():
    with pytest.raises(UsageError, match="2 frequencies and 1 amplitudes"):
        dissonance([1, 2], [1])
    with pytest.raises(UsageError, match="not a number"):
        dissonance([np.nan], [1])
    with pytest.raises(UsageError, match="at least one"):
        synchrony([])
    with pytest.raises(UsageError, match="not a number"):
        synchrony([np.inf])
