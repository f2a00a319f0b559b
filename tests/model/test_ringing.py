"""What was struck rings on, and is gone where its event is over."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.model.ringing import ringing


def test_only_what_sounds_and_is_pitched_rings_and_falls_60_db_in_its_time() -> None:
    fields = ["at_s", "duration_s", "pitch_hz", "level_db", "ring_s"]
    rows = [(0.0, 4.0, 110.0, -6.0, 4.0), (1.0, 0.5, 220.0, 0.0, 4.0), (1.5, 4.0, 330.0, 0.0, 2.0)]
    events = np.array([*rows, rows[0]], [(name, "f8") for name in fields])
    hz, gain = ringing(2.0, events, np.array([True, True, True, False]))
    assert hz.tolist() == [110.0, 330.0]
    assert 20.0 * np.log10(gain) == pytest.approx([-36.0, -15.0])
