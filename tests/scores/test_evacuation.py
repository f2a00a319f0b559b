"""``evacuation``: other voices, the same way; and it is surrender that takes them there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import lullaby
from lullaby.measure.arc import BANDS, FROZEN_INDEX, Judgement, frozen
from lullaby.outputs.hearing import arcs_to_judge


def judged(held: bool) -> Judgement:
    piece = lullaby.load("evacuation")
    measurement = piece.measure(frozen=held, jobs=1)
    return measurement.judged(*arcs_to_judge(piece.performance, measurement))


def test_it_sounds_as_it_is_written_and_not_without_surrender() -> None:
    with ThreadPoolExecutor(2) as pool:
        own, control = pool.map(judged, (False, True))
    assert own.failures == ()
    (panic,), (calm,) = own.panic, own.calm
    assert (panic.scene.name, calm.scene.name) == ("the plan unravels", "one pulse")
    every = {band.feature for band in BANDS}
    assert panic.meets_panic == every
    assert calm.meets_calm == every
    assert panic.index > 0.95
    assert calm.index < 0.05
    assert not control.passes
    assert control.calm[0].index > FROZEN_INDEX
    assert frozen(own, control.heard) == ()
