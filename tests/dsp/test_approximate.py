"""Cheap functions are as near to the real ones as they say."""

from __future__ import annotations

import numpy as np

from lullaby.dsp.approximate import (
    arctangent,
    coefficients,
    decayed,
    exponential,
    integrators,
    octaves,
    octaves_of,
    sine_of,
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
def logarithms(x: np.ndarray) -> np.ndarray:
    return np.array([octaves_of(y) for y in x])


@kernel
def decays(x: np.ndarray) -> np.ndarray:
    return np.array([decayed(y) for y in x])


@kernel
def single_sines(cycles: np.ndarray) -> np.ndarray:
    return np.array([sine_of(x) for x in cycles])


@kernel
def filters(cutoff_hz: np.ndarray, q: float) -> np.ndarray:
    found = np.zeros((len(cutoff_hz), 3))
    for i in range(len(cutoff_hz)):
        found[i, 0], found[i, 1], found[i, 2] = coefficients(cutoff_hz[i], q, np.pi / 48000)
    return found


@kernel
def single_filters(cutoff_hz: np.ndarray, q: np.float32, louder: np.float32) -> np.ndarray:
    found = np.zeros((len(cutoff_hz), 3), np.float32)
    for i in range(len(cutoff_hz)):
        a, b, g = integrators(cutoff_hz[i], q, louder, np.float32(np.pi / 48000))
        found[i, 0], found[i, 1], found[i, 2] = a, b, g
    return found


@kernel
def exponentials(x: np.ndarray) -> np.ndarray:
    return np.array([exponential(y) for y in x])


@kernel
def angles(x: np.ndarray) -> np.ndarray:
    return np.array([arctangent(y) for y in x])


def single(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, np.float32)


def apart(found: np.ndarray, real: np.ndarray) -> float:
    return float(np.abs(found / real - 1.0).max())


def test_exponentials_are_as_near_as_they_say_and_never_below_what_is_heard() -> None:
    x = np.linspace(-39.0, 16.0, 501)
    assert apart(exponentials(x), np.exp(x)) < 2e-8
    assert exponentials(np.zeros(1)).tolist() == [1.0]
    near, far = single(np.linspace(-4.0, 4.0, 801)), single(np.linspace(-80.0, 80.0, 801))
    assert apart(decays(near), np.exp(near.astype(np.float64))) < 4e-7
    assert apart(decays(far), np.exp(far.astype(np.float64))) < 6e-6
    assert decays(single([0.0])).dtype == np.float32
    assert decays(single([0.0])).tolist() == [1.0]


def test_an_arc_tangent_is_within_a_thousandth_of_a_degree() -> None:
    z = single(np.linspace(-1.0, 1.0, 501))
    assert np.abs(angles(z) - np.arctan(z.astype(np.float64))).max() < 1.2e-5


def test_octaves_and_ratios_are_each_others_opposite() -> None:
    whole = np.arange(-126, 128)
    assert powers(single(whole)).tolist() == (2.0**whole).tolist()
    assert logarithms(single(2.0**whole)).tolist() == whole.tolist()
    x = np.linspace(-126.0, 127.0, 4001)
    assert apart(powers(single(x)), 2.0 ** single(x).astype(np.float64)) < 3e-7
    ratios = single(np.geomspace(1e-37, 1e37, 4001))
    real = np.log2(ratios.astype(np.float64))
    assert np.abs(logarithms(ratios) - real).max() < 1e-5
    near = single(np.geomspace(0.5, 2.0, 4001))
    assert np.abs(logarithms(near) - np.log2(near.astype(np.float64))).max() < 3e-7


def test_a_single_sine_is_that_of_the_number_it_is_given() -> None:
    cycles = single(np.linspace(-40.0, 40.0, 20011))
    real = np.sin(2.0 * np.pi * cycles.astype(np.float64))
    assert np.abs(single_sines(cycles) - real).max() < 5e-7


def test_a_sine_is_a_sine_however_many_cycles_on() -> None:
    cycles = np.linspace(-3.0, 1000.0, 20011)
    assert np.abs(sines(cycles) - np.sin(2.0 * np.pi * cycles)).max() < 5e-7


def test_coefficients_are_those_of_the_filter_up_to_a_third_of_the_rate() -> None:
    cutoffs_hz = np.geomspace(20.0, 15360.0, 60)
    for q in (0.7, 9.0):
        real = np.array([svf(hz, q, 48000.0)[:3] for hz in cutoffs_hz])
        assert np.abs(filters(cutoffs_hz, q) - real).max() < 2e-3


def test_integrators_are_the_same_coefficients_brought_over_one_division() -> None:
    cutoffs_hz = np.geomspace(20.0, 15360.0, 60)
    a1, a2, a3 = filters(cutoffs_hz, 7.0).T
    for louder in (1.0, 0.15):
        found = single_filters(single(cutoffs_hz), np.float32(7.0), np.float32(louder))
        real = np.array([2.0 * a1, 2.0 * louder * a2, a3 / a2 / louder]).T
        assert apart(found, real) < 2e-6
