"""Cheap functions are as near to the real ones as they say."""

from __future__ import annotations

import numpy as np

from lullaby.dsp.approximate import (
    arctangent,
    coefficients,
    exponential,
    logarithm,
    octaves,
    turned,
)
from lullaby.dsp.filters import svf
from lullaby.dsp.kernel import kernel


@kernel
def sines(cycles: np.ndarray) -> np.ndarray:
    return np.array([turned(x) for x in cycles])


@kernel
def powers(x: np.ndarray) -> np.ndarray:
    return np.array([octaves(y) for y in x])


@kernel
def filters(cutoff_hz: np.ndarray, q: float) -> np.ndarray:
    found = np.zeros((len(cutoff_hz), 3))
    for i in range(len(cutoff_hz)):
        found[i, 0], found[i, 1], found[i, 2] = coefficients(cutoff_hz[i], q, np.pi / 48000)
    return found


@kernel
def others(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    found = np.zeros((3, len(x)))
    for i in range(len(x)):
        found[0, i], found[1, i] = exponential(x[i]), logarithm(y[i])
        found[2, i] = arctangent(z[i])
    return found


def test_exponential_logarithm_and_arc_tangent_are_as_near_as_they_say() -> None:
    x, z = np.linspace(-39.0, 16.0, 501), np.linspace(-1.0, 1.0, 501)
    near, far = np.geomspace(0.02, 50.0, 501), np.geomspace(1e-5, 1e5, 501)
    powers_of_e, logs, angles = others(x, near, z)
    assert np.abs(powers_of_e / np.exp(x) - 1.0).max() < 2e-8
    assert np.abs(logs - np.log(near)).max() < 1e-7
    assert np.abs(angles - np.arctan(z)).max() < 1.2e-5
    assert np.abs(others(x, far, z)[1] - np.log(far)).max() < 4e-5
    assert others(np.zeros(1), np.ones(1), np.zeros(1)).ravel().tolist() == [1.0, 0.0, 0.0]


def test_a_sine_is_a_sine_however_many_cycles_on() -> None:
    cycles = np.linspace(-3.0, 1000.0, 20011)
    assert np.abs(sines(cycles) - np.sin(2.0 * np.pi * cycles)).max() < 5e-7


def test_octaves_are_powers_of_two() -> None:
    x = np.linspace(-4.0, 4.0, 801)
    assert np.abs(powers(x) / 2.0**x - 1.0).max() < 2e-4


def test_coefficients_are_those_of_the_filter_up_to_a_third_of_the_rate() -> None:
    cutoffs_hz = np.geomspace(20.0, 15360.0, 60)
    for q in (0.7, 9.0):
        real = np.array([svf(hz, q, 48000.0)[:3] for hz in cutoffs_hz])
        assert np.abs(filters(cutoffs_hz, q) - real).max() < 2e-3
