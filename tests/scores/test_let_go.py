"""``let_go`` goes from panic to calm as heard, and it is surrender that takes it there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

import lullaby
from lullaby.measure.arc import FROZEN_INDEX, Judgement, frozen
from lullaby.measure.listening import Measurement
from lullaby.outputs.hearing import arcs_to_judge

OTHER_SEED = 7


def heard(seed: int | None, held: bool) -> tuple[lullaby.Piece, Measurement]:
    piece = lullaby.load("let_go")
    piece = piece if seed is None else piece.with_seed(seed)
    return piece, piece.measure(frozen=held, jobs=1)


@pytest.fixture(scope="module")
def takes() -> dict[str, tuple[lullaby.Piece, Measurement]]:
    """Return the piece by its own seed, by another, and with surrender held at 0."""
    asked = {"own": (None, False), "other": (OTHER_SEED, False), "frozen": (None, True)}
    with ThreadPoolExecutor(2) as pool:
        made = {name: pool.submit(heard, *how) for name, how in asked.items()}
        return {name: work.result() for name, work in made.items()}


def judged(take: tuple[lullaby.Piece, Measurement]) -> Judgement:
    piece, measurement = take
    return measurement.judged(*arcs_to_judge(piece.performance, measurement))


@pytest.mark.parametrize("seed", ["own", "other"])
def test_it_sounds_as_it_is_written(
    takes: dict[str, tuple[lullaby.Piece, Measurement]], seed: str
) -> None:
    judgement = judged(takes[seed])
    assert judgement.failures == ()
    assert [reading.scene.name for reading in judgement.panic] == ["no way out"]
    assert [reading.scene.name for reading in judgement.calm] == ["breathing"]


def test_held_at_panic_it_never_comes_to_rest(
    takes: dict[str, tuple[lullaby.Piece, Measurement]],
) -> None:
    control = judged(takes["frozen"])
    assert not control.passes
    (calm,) = control.calm
    assert calm.index > FROZEN_INDEX
    assert any("'breathing' has an index of" in line for line in control.failures)
    assert frozen(judged(takes["own"]), control.heard) == ()


def test_the_panic_is_the_same_with_and_without_surrender(
    takes: dict[str, tuple[lullaby.Piece, Measurement]],
) -> None:
    piece, own = takes["own"]
    control = takes["frozen"][1]
    _, surrender = arcs_to_judge(piece.performance, own)
    rising = int((surrender > 0).argmax())
    assert 60 < rising < len(surrender) - 60
    for name in own.rows.dtype.names or ():
        assert (own.rows[name][: rising - 1] == control.rows[name][: rising - 1]).all(), name
    calm = int((surrender > 0.99).argmax()) + 10
    assert own.rows["centroid_hz"][calm] < 0.5 * control.rows["centroid_hz"][calm]
