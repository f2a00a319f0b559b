"""Score, seed, data, rate and take give the same samples, however they are asked for."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from lullaby.engine.alone import alone, rendered
from lullaby.engine.engine import Engine
from tests.engine.cast import Pings
from tests.engine.piece import performed, score, whole

RATES = (44100, 48000)


@pytest.fixture(scope="module", params=RATES)
def rate(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def reference(rate: int) -> np.ndarray:
    return whole(performed(), sample_rate=rate)


def test_the_reference_sounds_and_ends(reference: np.ndarray, rate: int) -> None:
    assert np.abs(reference).max() > 0.05
    assert 12.0 < reference.shape[1] / rate < 20.0
    # The tail is over: nothing above -90 dBFS in the last half second.
    assert np.abs(reference[:, -rate // 2 :]).max() < 10 ** (-90 / 20)


@pytest.mark.parametrize("frames", [63, 64, 127, 1024, 4096, 48000])
def test_block_size_is_inaudible(reference: np.ndarray, rate: int, frames: int) -> None:
    assert np.array_equal(whole(performed(), frames, sample_rate=rate), reference)


def test_single_frames_are_the_same(reference: np.ndarray, rate: int) -> None:
    with Engine(performed(), rate, stretch=256) as engine:
        frames = [engine.read(1) for _ in range(3000)]
    assert np.array_equal(np.concatenate(frames, axis=1), reference[:, :3000])


@pytest.mark.parametrize("seed", range(3))
def test_a_random_schedule_of_blocks_is_inaudible(
    reference: np.ndarray, rate: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    parts = []
    with Engine(performed(), rate) as engine:
        while not engine.ended:
            parts.append(engine.read(int(rng.integers(1, 20000))))
    assert np.array_equal(np.concatenate(parts, axis=1), reference)


@pytest.mark.parametrize("stretch", [64, 256, 1024, 32768])
def test_the_engine_s_own_stretch_is_inaudible(
    reference: np.ndarray, rate: int, stretch: int
) -> None:
    assert np.array_equal(whole(performed(), sample_rate=rate, stretch=stretch), reference)


@pytest.mark.parametrize("jobs", [1, 2, 4])
def test_threads_are_inaudible(reference: np.ndarray, rate: int, jobs: int) -> None:
    assert np.array_equal(whole(performed(), sample_rate=rate, jobs=jobs), reference)


def test_live_cells_are_inaudible(reference: np.ndarray, rate: int) -> None:
    live = whole(performed(), sample_rate=rate, live=True, stretch=256)
    assert np.array_equal(live, reference)


@pytest.mark.parametrize("hash_seed", ["0", "1", "42", "random"])
def test_processes_and_hash_seeds_are_inaudible(hash_seed: str) -> None:
    program = (
        "import hashlib; from tests.engine.piece import performed, whole;"
        "print(hashlib.sha256(whole(performed()).tobytes()).hexdigest())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"}
    answer = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    mine = hashlib.sha256(whole(performed()).tobytes()).hexdigest()
    assert answer.stdout.strip() == mine


def test_another_seed_is_another_piece(reference: np.ndarray, rate: int) -> None:
    other = whole(performed(score(seed=4)), sample_rate=rate)
    n = min(other.shape[1], reference.shape[1])
    a, b = reference[0, :n], other[0, :n]
    assert abs(float(np.corrcoef(a, b)[0, 1])) < 0.1


def test_beyond_two_to_the_24_frames_a_start_still_equals_the_played_through() -> None:
    # float32 can no longer count frames there, so a counter kept in one would show.
    beyond_s = (2**24 + 48000) / 48000
    run = alone(Pings, length_s=1000.0)
    first = round((beyond_s - 4.0) * 48000) // 64 * 64
    through = rendered(run, 6.0, start_s=first / 48000)
    started = rendered(run, 2.0, start_s=(first + 192000) / 48000)
    assert np.abs(started).max() > 0.01
    assert np.array_equal(through[:, 192000 : 192000 + started.shape[1]], started)
