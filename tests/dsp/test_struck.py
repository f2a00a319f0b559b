"""A stroke is the sine it says it is, wherever it begins, and silent where it cannot be heard."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp.struck import struck

RATE = 48000


def heard(hz: float, decay_s: float, rise_s: float, begins: int, steps: int, rate: int = RATE):
    out = np.zeros((2, 64 * steps), np.float32)
    for s in range(steps):
        struck(out[:, 64 * s :], 64 * s - begins, hz, decay_s, rise_s, 0.8, 0.6, 1.0, rate)
    return out


@pytest.mark.parametrize("begins", [0, 1, 63, 64, 100])
@pytest.mark.parametrize(
    ("hz", "decay_s", "rise_s"),
    [(4200.0, 0.0016, 0.0003), (55.0, 1.0, 0.03), (11_000.0, 0.0004, 0.0001)],
)
def test_it_is_a_sine_that_rises_and_dies_away(
    begins: int, hz: float, decay_s: float, rise_s: float
) -> None:
    out = heard(hz, decay_s, rise_s, begins, 30)
    n = np.arange(out.shape[1]) - begins
    x = np.clip(n / max(rise_s * RATE, 2.0), 0.0, 1.0)
    y = x * x * (3.0 - 2.0 * x) * np.exp(-np.maximum(n, 0) / (decay_s * RATE))
    y *= np.sin(2.0 * np.pi * hz * n / RATE)
    assert np.abs(out[0] - 0.8 * y).max() < 1e-4
    assert np.abs(out[1] - 0.6 * y).max() < 1e-4
    assert np.abs(out[:, : begins + 1]).max() == 0.0


def test_what_begins_later_is_the_same_later() -> None:
    early, late = heard(3000.0, 0.002, 0.0002, 64, 8), heard(3000.0, 0.002, 0.0002, 128, 8)
    assert np.array_equal(early[:, :-64], late[:, 64:])


def test_what_the_rate_cannot_hold_is_silent() -> None:
    assert np.abs(heard(11_000.0, 0.001, 0.0002, 0, 4, rate=22050)).max() == 0.0
    assert np.abs(heard(9_000.0, 0.001, 0.0002, 0, 4, rate=22050)).max() > 0.1


def test_its_gain_goes_to_where_it_is_led() -> None:
    a, b = np.zeros((2, 64), np.float32), np.zeros((2, 64), np.float32)
    struck(a, 48000, 440.0, 4.0, 0.01, 1.0, 1.0, 1.0, RATE)
    struck(b, 48000, 440.0, 4.0, 0.01, 1.0, 1.0, 0.5, RATE)
    wanted = a * (1.0 - 0.5 * np.arange(64) / 64.0)
    assert np.abs(b - wanted).max() < 1e-6
