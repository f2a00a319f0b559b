from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp import delay_line as lines
from lullaby.units import STEP


def delayed(sound: np.ndarray, delays: list[float], longest: float = 1000.0) -> np.ndarray:
    """Return the sound read at a delay for each grid point."""
    ring, out = lines.ring(1, longest)[0], np.zeros_like(sound)
    for s in range(len(sound) // STEP):
        here = slice(s * STEP, (s + 1) * STEP)
        lines.write(ring, s * STEP, sound[here])
        ends = [lines.fixed(d) for d in delays[s : s + 2]]
        lines.read(ring, s * STEP, ends[0], ends[1], out[here])
    return out


@pytest.mark.parametrize("delay", [2, 3, 64, 100, 963, 1000])
def test_a_whole_delay_gives_back_every_frame(delay: int) -> None:
    sound = np.random.default_rng(1).standard_normal(STEP * 80).astype(np.float32)
    out = delayed(sound, [float(delay)] * 81)
    assert np.array_equal(out[delay:], sound[:-delay])
    assert not out[:delay].any()


@pytest.mark.parametrize("step", [0.0, 0.37, -0.37, 5.3, -5.3, 31.9, -31.9])
def test_a_gliding_delay_reads_between_frames(step: float) -> None:
    delays = 500.25 + step * np.maximum(np.arange(25) - 12, 0)
    hz = 1.0 / 60.0
    n = np.arange(STEP * 24)
    sound = np.sin(2.0 * np.pi * hz * n).astype(np.float32)
    out = delayed(sound, list(delays))
    wanted = np.sin(2.0 * np.pi * hz * (n - np.interp(n / STEP, np.arange(25), delays)))
    # Four frames at 60 to the cycle: the cubic is within 5e-6 of the sine.
    late = slice(STEP * 12, None)
    assert np.abs(out[late] - wanted[late]).max() < 2e-5


def test_a_glide_arrives_exactly() -> None:
    place, goal = np.array([lines.fixed(10.0), 0]), lines.fixed(717.3)
    speeds = []
    while place[0] != goal:
        lines.glide(place, goal, goal, 8 * lines.FRAME)
        speeds.append(place[1])
    assert goal % STEP == 0
    assert max(speeds) == 8 * lines.FRAME  # frames a step
    assert np.abs(np.diff(speeds)).max() <= lines.BEND
    # At full speed it would take 88 steps; setting off and stopping cost some more.
    assert 88 <= len(speeds) <= 105
    assert min(speeds) > -lines.BEND  # nor does it overshoot by more than a frame
    lines.glide(place, goal, goal, 8 * lines.FRAME)
    assert place.tolist() == [goal, 0]


def test_a_slow_goal_is_followed_exactly() -> None:
    place = np.array([lines.fixed(100.0), 0])
    for s in range(200):
        goal = lines.fixed(100.0 + 0.01 * s * s / 4.0)
        lines.glide(place, place[0], goal, 8 * lines.FRAME)
        assert place[0] == goal


def test_what_is_below_400_db_is_silence() -> None:
    ring = lines.ring(1, 100.0)[0]
    lines.write(ring, 0, np.full(STEP, 1e-25, np.float32))
    assert not ring.any()
