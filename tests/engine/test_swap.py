"""A performance swapped while running: what is the same goes on, the rest crossfades."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lullaby.engine.engine import Engine
from lullaby.model.performance import Performance
from lullaby.model.value import Number
from tests.engine.piece import performed, score

BEFORE, AFTER = 240_000, 200_000


def swapped(new: Performance, crossfade_s: float = 0.5) -> dict[str, np.ndarray]:
    with Engine(performed(), stems=True, stretch=8192) as engine:
        before = engine.read_all(BEFORE)
        engine.swap(new, crossfade_s=crossfade_s)
        after = engine.read_all(AFTER)
    return {name: np.concatenate((before[name], after[name]), axis=1) for name in after}


def straight(performance: Performance) -> dict[str, np.ndarray]:
    with Engine(performance, stems=True) as engine:
        return engine.read_all(BEFORE + AFTER)


def changed() -> Performance:
    made = score()
    a, b, c = made.parts
    return performed(replace(made, parts=(a, b, replace(c, settings={"bright": Number(0.9)}))))


def test_swapping_for_the_same_changes_nothing() -> None:
    a, b = swapped(performed()), straight(performed())
    for name in b:
        assert np.array_equal(a[name], b[name])


def test_unchanged_parts_go_on_sample_for_sample() -> None:
    a, b = swapped(changed()), straight(performed())
    assert np.array_equal(a["stem a"], b["stem a"])
    assert np.array_equal(a["stem b"], b["stem b"])
    assert not np.array_equal(a["stem c"], b["stem c"])


def test_a_changed_part_becomes_the_new_one_without_a_jump() -> None:
    a, old, new = swapped(changed())["stem c"], straight(performed()), straight(changed())
    settled = BEFORE + 24_000 + 8192  # crossfade, and what was rendered ahead
    assert np.array_equal(a[:, settled:], new["stem c"][:, settled:])
    steps = np.abs(np.diff(a))
    usual = max(np.abs(np.diff(old["stem c"])).max(), np.abs(np.diff(new["stem c"])).max())
    assert steps.max() < 1.5 * usual  # two voices at once for a moment, but never a click


def test_a_level_is_reached_over_the_crossfade() -> None:
    made = score()
    a, b, c = made.parts
    quiet = performed(replace(made, parts=(a, replace(b, settings={"level_db": Number(-23.0)}), c)))
    heard, plain = swapped(quiet)["stem b"], straight(performed())["stem b"]
    settled = BEFORE + 24_000 + 8192
    # The voices are the same, 20 dB softer.
    assert np.allclose(heard[:, settled:], plain[:, settled:] * 0.1, atol=1e-6)


def test_going_on_at_another_place_is_the_new_piece_from_there() -> None:
    with Engine(performed(), stretch=8192) as engine:
        engine.read(BEFORE)
        engine.swap(performed(), crossfade_s=0.1, place_s=2.0)
        place = engine.position / 48000
        heard = engine.read(100_000)
    assert abs(place - 2.0) < 0.2 or place < 2.0
    with Engine(performed(), stretch=8192) as engine:
        engine.read(round(place * 48000))
        straight_on = engine.read(100_000)
    # After the crossfade and the memory of the buses.
    assert np.abs(heard[:, 30_000:] - straight_on[:, 30_000:]).max() < 1e-3


def test_what_was_made_ready_a_moment_before_sounds_the_same() -> None:
    with Engine(performed(), stems=True, stretch=8192) as engine:
        before = [engine.read_all(BEFORE - 40_000)]
        ready = engine.prepare(changed())
        before.append(engine.read_all(40_000))
        engine.swap(changed(), crossfade_s=0.5, prepared=ready)
        after = engine.read_all(AFTER)
    plain = swapped(changed())
    for name, block in after.items():
        heard = np.concatenate((*(b[name] for b in before), block), axis=1)
        assert np.array_equal(heard, plain[name])


def test_what_was_made_ready_too_long_ago_is_made_again() -> None:
    with Engine(performed(), stretch=8192) as engine:
        ready = engine.prepare(changed())
        before = engine.read(BEFORE)
        engine.swap(changed(), crossfade_s=0.5, prepared=ready)
        heard = np.concatenate((before, engine.read(AFTER)), axis=1)
    assert np.array_equal(heard, swapped(changed())["master"])


def test_the_last_level_is_reached_over_the_crossfade() -> None:
    made = score()
    quiet = performed(
        replace(made, master=replace(made.master, settings={"level_db": Number(-20.0)}))
    )
    heard, plain = swapped(quiet)["master"], straight(performed())["master"]
    settled = BEFORE + 24_000 + 8192 + 4800
    assert np.allclose(heard[:, settled:], plain[:, settled:] * 0.1, atol=1e-4)
    usual = np.abs(np.diff(plain)).max()
    assert np.abs(np.diff(heard)).max() <= 1.01 * usual
