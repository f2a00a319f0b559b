"""The desk's arithmetic: gains, image and width move on lines and keep what they should."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp.mixing import add_ramped, block_dc, ramp, rotate, widen
from lullaby.dsp.panning import placed

RATE = 48000


def tone(frames: int = 4800) -> np.ndarray:
    n = np.arange(frames)
    return np.stack([np.sin(0.1 * n), np.cos(0.07 * n)]).astype(np.float32)[:, : frames // 64 * 64]


def constant(block: np.ndarray, value: float) -> np.ndarray:
    return np.full(block.shape[1] // 64 + 1, value)


def test_a_gain_moves_on_a_line_between_grid_points() -> None:
    block = np.ones((2, 128), np.float32)
    ramp(block, np.array([0.0, 1.0, 0.5]))
    assert block[0, 32] == pytest.approx(0.5)
    assert block[1, 64] == pytest.approx(1.0)
    assert block[0, 96] == pytest.approx(0.75)


def test_a_send_adds_and_leaves_its_source() -> None:
    source, target = tone(), tone()
    before = source.copy()
    add_ramped(target, source, constant(source, 0.5))
    assert np.array_equal(source, before)
    assert np.allclose(target, 1.5 * before, atol=1e-6)


@pytest.mark.parametrize("pan", [-1.0, -0.3, 0.0, 0.6, 1.0])
def test_turning_the_image_keeps_the_power_of_different_sides(pan: float) -> None:
    rng = np.random.default_rng(3)
    block = rng.normal(size=(2, 64 * 500)).astype(np.float32)
    before = float(np.mean(block.astype(np.float64) ** 2))
    rotate(block, constant(block, pan))
    assert 10 * np.log10(np.mean(block.astype(np.float64) ** 2) / before) == pytest.approx(
        0.0, abs=0.1
    )


def test_the_ends_of_the_image() -> None:
    for pan, silent in ((-1.0, 1), (1.0, 0)):
        block = tone()
        rotate(block, constant(block, pan))
        assert np.abs(block[silent]).max() < 1e-6
    block = tone()
    rotate(block, constant(block, 0.0))
    assert np.array_equal(block, tone())


def test_width() -> None:
    block = tone()
    widen(block, constant(block, 0.0))
    assert np.array_equal(block[0], block[1])
    block = tone()
    widen(block, constant(block, 1.0))
    assert np.allclose(block, tone(), atol=1e-6)


def test_what_does_not_move_is_taken_away_and_nothing_else() -> None:
    n = np.arange(RATE * 2)
    block = np.stack([0.5 + 0.1 * np.sin(2 * np.pi * 50 * n / RATE)] * 2).astype(np.float32)
    block_dc(block, np.exp(-2 * np.pi * 5 / RATE), np.zeros((2, 2)))
    late = block[:, RATE:]
    assert np.abs(late.mean(axis=1, dtype=np.float64)).max() < 10 ** (-80 / 20)
    assert np.abs(late).max() == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize("azimuth_deg", [-90.0, -30.0, 0.0, 45.0, 90.0])
def test_a_place_keeps_its_power_and_distance_takes_6_db_a_doubling(azimuth_deg: float) -> None:
    left, right = placed(-6.0, azimuth_deg, 1.0)
    assert 10 * np.log10(left**2 + right**2) == pytest.approx(-6.0, abs=1e-9)
    far_left, far_right = placed(-6.0, azimuth_deg, 8.0)
    assert 10 * np.log10(far_left**2 + far_right**2) == pytest.approx(-6.0 - 18.06, abs=0.01)
    assert (left > right) == (azimuth_deg < -1e-9) or azimuth_deg == 0.0
