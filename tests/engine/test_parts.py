"""A part changes no part that does not name it; a follower hears its leader; a run can be moved."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lullaby.engine.listing import events
from lullaby.model.score import PartDef, Stay
from lullaby.model.value import Number, Time
from tests.engine.cast import Pings
from tests.engine.piece import performed, scene, score, stems, without

FRAMES = 500_000


def test_removing_a_part_changes_no_other() -> None:
    with_b, without_b = stems(performed(), FRAMES), stems(performed(without(score(), "b")), FRAMES)
    assert "stem b" not in without_b
    for name in ("stem a", "stem c"):
        assert np.array_equal(with_b[name], without_b[name])


def test_adding_a_part_changes_no_other() -> None:
    made = score()
    first = made.scenes[0]
    more = replace(
        made,
        parts=(PartDef("z", Pings), *made.parts),
        scenes=(replace(first, play=(*first.play, Stay("z"))), *made.scenes[1:]),
    )
    old, new = stems(performed(made), FRAMES), stems(performed(more), FRAMES)
    assert np.abs(new["stem z"]).max() > 0.01
    for name in ("stem a", "stem b", "stem c"):
        assert np.array_equal(old[name], new[name])


def test_the_order_of_the_parts_changes_no_part() -> None:
    made = score()
    old = stems(performed(made), FRAMES)
    new = stems(performed(replace(made, parts=made.parts[::-1])), FRAMES)
    for name in ("stem a", "stem b", "stem c"):
        assert np.array_equal(old[name], new[name])


def test_a_longer_scene_before_moves_a_run_and_changes_nothing_else() -> None:
    made = score()
    # A part's own curve is told in the time of the piece, so it may not move here.
    still = replace(made.parts[2], settings={"pan": Number(0.3)})
    made = replace(made, parts=(*made.parts[:2], still))
    longer = replace(made, scenes=(replace(made.scenes[0], length=Time(4.8)), *made.scenes[1:]))
    old, new = stems(performed(made), FRAMES), stems(performed(longer), FRAMES)
    shift = round(0.8 * 48000)  # a multiple of 64 frames
    assert shift % 64 == 0
    # b enters in the second scene: its leader's run started earlier and is not moved, so only the
    # run of c that enters in the third scene has no ties to the first.
    entry = round(8.0 * 48000)
    a, b = old["stem c"][:, entry + 48000 :], new["stem c"][:, entry + shift + 48000 :]
    n = min(a.shape[1], b.shape[1])
    assert np.abs(a[:, :n]).max() > 0.001
    assert np.array_equal(a[:, :n], b[:, :n])


def test_a_follower_answers_its_leader_s_events() -> None:
    rows = dict(events(performed(), 0.0, 12.0))
    led, followers = rows["a"], rows["b"]
    assert len(followers) > 5
    for event in followers:
        waits = event["at_s"] - led["at_s"]
        near = (waits >= 0.1 - 1e-9) & (waits <= 2.0 + 1e-9)
        assert np.any(np.isclose(led["pitch_hz"][near] * 2.0, event["pitch_hz"]))


def test_stems_sum_to_the_mix_before_the_master() -> None:
    heard = stems(performed(), FRAMES)
    summed = heard["stem dull"] + heard["stem room"] + heard["stem b"] + heard["stem c"]
    assert np.abs(summed - heard["pre-master"]).max() < 10 ** (-90 / 20)
    assert np.abs(heard["pre-master"]).max() > 0.05


@pytest.mark.parametrize("where", ["one", "two"])
def test_a_silent_scene_is_silent(where: str) -> None:
    made = score()
    scenes = tuple(scene(s.name, [], 4.0) if s.name == where else s for s in made.scenes)
    heard = stems(performed(replace(made, scenes=scenes, buses=made.buses)), FRAMES)
    # Past the fade of the scene before (1 s) and the smear of the buses.
    first = {"one": 0, "two": 4}[where] * 48000 + 57600
    assert np.abs(heard["pre-master"][:, first : first + 48000 * 2]).max() < 1e-6
    assert np.abs(heard["pre-master"]).max() > 0.01


def test_levels_are_in_db() -> None:
    made = score()
    quiet = replace(
        made, parts=(*made.parts[:2], replace(made.parts[2], settings={"level_db": Number(-20.0)}))
    )
    base = replace(made, parts=(*made.parts[:2], replace(made.parts[2], settings={})))
    a, b = stems(performed(base), FRAMES)["stem c"], stems(performed(quiet), FRAMES)["stem c"]
    # float32 gains: equal to a millionth
    assert np.allclose(b, a * 0.1, atol=1e-7)
