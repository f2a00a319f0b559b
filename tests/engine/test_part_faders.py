"""Mute: a fade of a part and its sends, and nothing at all where nobody asked."""

from __future__ import annotations

import numpy as np

from lullaby.engine.engine import Engine
from tests.engine.piece import performed

FRAMES = 96_000


def stems(*, muted: str | None = None, until: int = FRAMES) -> dict[str, np.ndarray]:
    with Engine(performed(), stems=True, live=True) as engine:
        first = engine.read_all(48_000)
        if muted is not None:
            engine.mute(muted, True)
        second = engine.read_all(until - 48_000)
        if muted is not None:
            engine.mute(muted, False)
        third = engine.read_all(FRAMES - until + 48_000)
    return {n: np.concatenate((first[n], second[n], third[n]), axis=1) for n in first}


def test_a_muted_part_fades_out_and_comes_back_as_if_never_away() -> None:
    plain, heard = stems(), stems(muted="c", until=72_000)
    late = 2048  # rendered ahead when it was asked for
    fade = 1440 + 64
    gone = heard["stem c"][:, 48_000 + late + fade : 72_000]
    assert not gone.any()
    assert plain["stem c"][:, 48_000:72_000].any()
    back = slice(72_000 + late + fade, None)
    assert np.array_equal(heard["stem c"][:, back], plain["stem c"][:, back])
    usual = np.abs(np.diff(plain["stem c"])).max()
    assert np.abs(np.diff(heard["stem c"])).max() <= 1.01 * usual


def test_other_parts_do_not_notice_and_sends_are_muted_too() -> None:
    plain, heard = stems(), stems(muted="a")
    assert np.array_equal(heard["stem c"], plain["stem c"])
    assert np.array_equal(heard["stem room"][:, :48_000], plain["stem room"][:, :48_000])
    assert np.abs(heard["stem room"][:, 80_000:FRAMES]).max() < 1e-6
    assert np.abs(plain["stem room"][:, 80_000:FRAMES]).max() > 1e-3


def test_muting_what_is_full_or_muting_at_once() -> None:
    with Engine(performed(), stems=True, live=True) as engine:
        engine.mute("c", False)
        plain = engine.read_all(48_000)
    with Engine(performed(), stems=True, live=True) as engine:
        engine.mute("c", True, at_once=True)
        silent = engine.read_all(48_000)
    assert np.array_equal(plain["master"], stems()["master"][:, :48_000])
    assert not silent["stem c"].any()
