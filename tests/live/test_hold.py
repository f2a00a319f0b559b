"""What can be taken over, and where in its range it is."""

from __future__ import annotations

import pytest

from lullaby.engine.engine import Engine
from lullaby.live.hold import controls
from tests.engine.piece import performed


def test_everything_the_engine_can_be_touched_at_is_there_with_its_range() -> None:
    found = controls(performed(), {"panic": 21})
    assert next(iter(found)) == "panic"
    assert found["panic"].cc == 21
    assert found["surrender"].cc is None
    assert {
        "a.rate",
        "c.bright",
        "a.level",
        "a.pan",
        "dull.amount",
        "room.level",
        "master.level",
    } <= (found.keys())
    assert (found["a.level"].low, found["a.level"].high, found["a.level"].unit) == (
        -120.0,
        24.0,
        "dB",
    )


def test_a_touch_through_a_control_is_heard() -> None:
    found = controls(performed())
    with Engine(performed(), live=True) as engine, Engine(performed(), live=True) as other:
        engine.touch("c.level", found["c.level"].value(0.3))
        assert (engine.read(96000) != other.read(96000)).any()


@pytest.mark.parametrize("name", ["panic", "a.rate", "a.level", "c.bright"])
def test_value_and_share_are_inverse_and_keep_the_range(name: str) -> None:
    control = controls(performed())[name]
    for share in (0.0, 0.25, 0.5, 1.0):
        assert control.share(control.value(share)) == pytest.approx(share)
    assert control.value(-3.0) == control.low
    assert control.value(7.0) == control.high
    assert control.share(1e9) == 1.0
