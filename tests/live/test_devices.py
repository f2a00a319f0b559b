"""The test tone, and what plays to nobody."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lullaby.errors import DeviceError
from lullaby.live import devices
from lullaby.live.nobody import Nobody
from lullaby.live.ring import Ring
from tests.live.fake import FakeCard


def test_the_tone_is_soft_left_first_and_an_octave_higher_right() -> None:
    left, right = devices.tone(48000)
    assert not left[48_000:].any()
    assert not right[:48_000].any()
    for side, pitch_hz in ((left[:48_000], 440), (right[48_000:], 880)):
        assert 0.09 < np.abs(side).max() < 0.11
        assert np.argmax(np.abs(np.fft.rfft(side))) == pitch_hz


def test_a_card_that_takes_nothing_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "STUCK_S", 0.05)
    with pytest.raises(DeviceError, match="fake does not take any sound"):
        devices.play_tone(FakeCard())


def test_nobody_takes_sound_at_the_pace_of_a_card() -> None:
    ring, card = Ring(48000, 5.0), Nobody(48000)
    ring.write(np.zeros((2, ring.frames), np.float32))
    begun = time.monotonic()
    card.start(ring)
    while ring.played < 24_000:
        time.sleep(0.005)
    assert time.monotonic() - begun >= 0.49
    assert card.active()
    card.close()
    assert not card.active()
