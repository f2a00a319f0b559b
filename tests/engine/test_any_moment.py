"""Any moment can be the start, and any state can be put away and taken up again."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lullaby.engine.engine import Engine
from lullaby.engine.listing import events
from tests.engine.piece import performed, stems, whole


@pytest.fixture(scope="module")
def reference() -> np.ndarray:
    return whole(performed())


@pytest.mark.parametrize("start_s", [0.01, 2.5, 4.0, 7.123, 10.99, 12.3])
def test_a_start_in_the_middle_equals_the_cut(reference: np.ndarray, start_s: float) -> None:
    started = whole(performed(), start_s=start_s)
    cut = reference[:, round(start_s * 48000) :]
    assert started.shape == cut.shape
    # Buses have memory: what is left of the difference after their pre-roll is under -80 dBFS.
    assert np.abs(started - cut).max() < 10 ** (-80 / 20)


def test_voices_started_in_the_middle_are_exact() -> None:
    full = stems(performed(), 500_000)["stem c"]
    cut = stems(performed(), 200_000, start_s=5.0)["stem c"]
    assert np.abs(cut).max() > 0.001
    assert np.array_equal(cut, full[:, 240_000 : 240_000 + cut.shape[1]])


@pytest.mark.parametrize("frames", [1, 4800, 191_999, 300_001])
def test_a_snapshot_goes_on_in_a_fresh_engine(reference: np.ndarray, frames: int) -> None:
    with Engine(performed()) as engine:
        engine.read(frames)
        saved = engine.snapshot()
        first = engine.read(200_000)
        with Engine(performed(), jobs=2, stretch=1024) as other:
            other.restore(saved)
            again = other.read(200_000)
        engine.restore(saved)
        assert np.array_equal(engine.read(200_000), first)
    assert np.array_equal(again, first)
    assert np.array_equal(first, reference[:, frames : frames + first.shape[1]])


@pytest.mark.parametrize("stretch", [1024, 65536])
def test_a_snapshot_taken_while_parts_play_ahead_goes_on_anywhere(
    reference: np.ndarray, stretch: int
) -> None:
    with Engine(performed(), jobs=2, stretch=8192) as engine:
        engine.read(100_001)
        saved = engine.snapshot()
        first = engine.read(200_000)
    assert np.array_equal(first, reference[:, 100_001:300_001])
    for jobs in (1, 2):
        with Engine(performed(), jobs=jobs, stretch=stretch) as other:
            other.restore(saved)
            assert np.array_equal(other.read(200_000), first)


def test_an_engine_that_plays_ahead_takes_no_other_performance() -> None:
    with Engine(performed(), jobs=2) as engine:
        engine.read(1000)
        with pytest.raises(ValueError, match="live engine"):
            engine.swap(performed())


def test_windows_of_events_cut_anywhere_and_asked_in_any_order_are_the_same_bytes() -> None:
    performance = performed()
    rows = {part: table for part, table in events(performance, 0.0, 12.0)}
    rng = np.random.default_rng(5)
    cuts = [0.0, *np.sort(rng.uniform(0.0, 12.0, 40)), 12.0]
    windows = list(itertools.pairwise(cuts))
    found: dict[tuple[str, int], np.ndarray] = {}
    for i in rng.permutation(len(windows)):
        for part, table in events(performance, *windows[i]):
            found[part, int(i)] = table
    for part, table in rows.items():
        pieces = [found[part, i] for i in range(len(windows)) if (part, i) in found]
        assert len(table) > 5
        assert np.concatenate(pieces).tobytes() == table.tobytes()
