"""``let_go`` goes from panic to calm as heard, and it is surrender that takes it there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lullaby
from lullaby.dsp import formants
from lullaby.measure.arc import BANDS, FROZEN_INDEX, Judgement, frozen
from lullaby.measure.listening import Measurement
from lullaby.model import songbook
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
    (panic,), (calm,) = judgement.panic, judgement.calm
    assert (panic.scene.name, calm.scene.name) == ("no way out", "breathing")
    every = {band.feature for band in BANDS}
    assert panic.meets_panic == every
    assert calm.meets_calm == every
    assert panic.index > 0.95
    assert calm.index < 0.05


def test_held_at_panic_it_never_comes_to_rest(
    takes: dict[str, tuple[lullaby.Piece, Measurement]],
) -> None:
    control = judged(takes["frozen"])
    assert not control.passes
    (calm,) = control.calm
    assert calm.index > FROZEN_INDEX + 0.1
    assert any("'breathing' has an index of" in line for line in control.failures)
    assert frozen(judged(takes["own"]), control.heard) == ()


def test_the_child_sings_backwards_until_the_city_is_let_go() -> None:
    piece = lullaby.load("let_go")
    enters_s, lets_go_s, breathes_s = 70.0, 95.0, 135.0
    child = np.concatenate([rows for part, rows in piece.events() if part == "child"])
    sung_s = child["at_s"] + child["swells_s"]
    before, after = sung_s < lets_go_s, sung_s > breathes_s - 8.0
    assert before.sum() > 15
    assert child["turned"][before].all()
    assert not child["turned"][after].any()
    assert len(child[after]) > 3
    assert child["at_s"].min() >= enters_s
    # Where she comes to rest are tones of the city's chord.
    rest = child["pitch_hz"][child["at_s"] > breathes_s] / 55.0
    assert len(rest) > 0
    assert np.abs(np.subtract.outer(rest, [5.0, 8.0])).min(axis=1).max() < 0.02
    # The tune itself comes at the end, forward.
    home = np.concatenate([rows for part, rows in piece.events() if part == "home"])
    assert not home["turned"].any()
    tune = [note.ratio for note in songbook.song(songbook.CRADLE)[0] if note.semitones is not None]
    assert np.abs(1200.0 * np.log2(home["pitch_hz"] / 220.0 / tune)).max() < 1.0
    hummed = np.concatenate([rows for part, rows in piece.events() if part == "hum"])
    assert {formants.VOWELS[int(v)] for v in hummed["vowel"]} == {formants.HUM}


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
