"""Every score and preset that ships: it sounds, and the same however it is asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lullaby
from lullaby.effects import EFFECTS
from lullaby.engine.engine import Engine
from lullaby.measure.loudness import loudness
from lullaby.modules import MODULES
from lullaby.score import read_text, shipped_presets, shipped_scores

SCORES = shipped_scores()
PRESETS = [(module, name) for module, names in shipped_presets().items() for name in names]
LENGTH_S = 10


@pytest.fixture(scope="module", params=SCORES)
def piece(request: pytest.FixtureRequest) -> lullaby.Piece:
    return lullaby.load(request.param)


def middle_s(piece: lullaby.Piece) -> float:
    """Return a moment with everybody on stage, not on any grid."""
    return piece.duration_s * 0.4 + 0.1234


def cut(piece: lullaby.Piece, sample_rate: int = 48000, **options: object) -> np.ndarray:
    with Engine(
        piece.performance,
        sample_rate,
        start_s=middle_s(piece),
        **options,  # type: ignore[arg-type]
    ) as engine:
        return engine.read(LENGTH_S * sample_rate)


def test_the_pieces_are_there() -> None:
    assert {"let_go", "hello", "cradle"} <= set(SCORES)


@pytest.mark.parametrize("sample_rate", [44100, 48000])
def test_threads_stretches_and_blocks_are_inaudible(piece: lullaby.Piece, sample_rate: int) -> None:
    whole = cut(piece, sample_rate)
    assert loudness(whole, sample_rate).integrated_lufs > -45.0
    assert np.array_equal(cut(piece, sample_rate, jobs=2, stretch=1024), whole)
    assert np.array_equal(cut(piece, sample_rate, live=True, stretch=256), whole)
    sizes = np.random.default_rng(2).integers(1, 9000, 1000)
    with Engine(piece.performance, sample_rate, start_s=middle_s(piece)) as engine:
        blocks, left = [], whole.shape[1]
        for size in sizes:
            blocks.append(engine.read(min(int(size), left)))
            left -= blocks[-1].shape[1]
            if not left:
                break
    assert np.array_equal(np.concatenate(blocks, axis=1), whole)


def test_a_start_in_the_middle_is_the_cut_of_an_earlier_start(piece: lullaby.Piece) -> None:
    late = cut(piece)
    at = middle_s(piece)
    with Engine(piece.performance, 48000, start_s=at - 6.0) as engine:
        early = engine.read((LENGTH_S + 6) * 48000)
    skip = round(at * 48000) - round((at - 6.0) * 48000)
    gap = np.abs(early[:, skip : skip + late.shape[1] - 1] - late[:, :-1]).max()
    assert gap < 10 ** (-80 / 20)


def test_stems_sum_to_the_mix_before_the_master(piece: lullaby.Piece) -> None:
    with Engine(piece.performance, 48000, start_s=middle_s(piece), stems=True) as engine:
        heard = engine.read_all(5 * 48000)
    into = {run.part: run.into for run in piece.performance.runs}
    into |= {bus.name: bus.into for bus in piece.performance.buses}
    direct = [heard[f"stem {name}"] for name, goal in into.items() if goal == "master"]
    gap = np.abs(np.sum(direct, axis=0) - heard["pre-master"]).max()
    assert np.abs(heard["pre-master"]).max() > 0.01
    assert gap < 10 ** (-90 / 20)


def test_events_need_no_sound_and_are_the_same_in_pieces(piece: lullaby.Piece) -> None:
    length = piece.duration_s
    whole = dict(piece.events())
    assert sum(len(rows) for rows in whole.values()) > 10
    found: dict[str, list[np.ndarray]] = {}
    for first, last in (
        (0.0, length * 0.31),
        (length * 0.31, length * 0.77),
        (length * 0.77, length),
    ):
        for part, rows in piece.events(first, last):
            found.setdefault(part, []).append(rows)
    for part, rows in whole.items():
        together = np.concatenate(found[part])
        assert len(together) == len(rows)
        assert np.allclose(together["at_s"], rows["at_s"], rtol=0.0, atol=1e-9)
        assert np.array_equal(together["key"], rows["key"])


@pytest.mark.parametrize(("owner", "name"), PRESETS)
def test_every_preset_sounds(owner: str, name: str, tmp_path: Path) -> None:
    part = "{module: harmony}"
    buses = "{}"
    if owner in MODULES:
        part = f"{{module: {owner}, preset: {name}}}"
    else:
        assert owner in EFFECTS
        buses = f"{{b: {{effect: {owner}, preset: {name}}}}}"
        part = "{module: harmony, into: b}"
    text = (
        f"lullaby: 1\nbuses: {buses}\nparts: {{a: {part}}}\n"
        "scenes: [{scene: x, for: 8 s, fade: 1 s, play: {a: enter}}]\n"
    )
    sound = lullaby.Piece(read_text(text, "preset.yaml")).render(to_s=8.0).samples
    assert np.isfinite(sound).all()
    assert -45.0 < loudness(sound, 48000).integrated_lufs < -9.0
