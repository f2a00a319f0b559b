from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lullaby.effects.rough import Rough
from lullaby.model.curve import Constant, Lfo, Ramp
from lullaby.units import gain_to_db, power_to_db
from tests.effects.running import RATE, effect, frames, noise, processed, tone


def line_db(sound: Any, hz: float) -> float:
    """Return the level of a steady sine of that frequency, against amplitude 1."""
    window = np.hanning(len(sound))
    wave = np.exp(-2j * np.pi * hz * np.arange(len(sound)) / RATE)
    return float(gain_to_db(2.0 * np.abs((sound * window * wave).sum()) / window.sum()))


@pytest.mark.parametrize("depth", [0.2, 0.5, 1.0])
@pytest.mark.parametrize("rate_hz", [30.0, 70.0, 150.0])
def test_sidebands_lie_at_the_rate_and_are_as_deep_as_stated(depth: float, rate_hz: float) -> None:
    settings = effect(Rough, depth=depth, rate_hz=rate_hz, wander_hz=0.0)
    out = processed(settings, tone(1000.0, 3.0))[0, RATE:]
    carrier_db = line_db(out, 1000.0)
    assert carrier_db == pytest.approx(gain_to_db(0.5), abs=0.05)
    for side_hz in (1000.0 - rate_hz, 1000.0 + rate_hz):
        assert line_db(out, side_hz) - carrier_db == pytest.approx(gain_to_db(depth / 2), abs=0.2)
    for side_hz in (1000.0 - 2.0 * rate_hz, 1000.0 + 2.0 * rate_hz):
        assert line_db(out, side_hz) < carrier_db - 80.0


@pytest.mark.parametrize(("heat", "depth", "rate_hz"), [(0.7, 0.375, 62.5), (1.0, 0.75, 70.0)])
def test_panic_makes_it_deep_and_fast(heat: float, depth: float, rate_hz: float) -> None:
    out = processed(effect(Rough, panic=heat, wander_hz=0.0), tone(1000.0, 3.0))[0, RATE:]
    side_db = line_db(out, 1000.0 + rate_hz) - line_db(out, 1000.0)
    assert side_db == pytest.approx(gain_to_db(depth / 2.0), abs=0.2)


@pytest.mark.parametrize("heat", [0.0, 0.2, 0.4])
def test_below_panic_0_4_the_sound_passes_as_it_is(heat: float) -> None:
    sound = noise(0.5)
    assert np.array_equal(processed(effect(Rough, panic=heat), sound), sound)


def test_the_rate_wanders_by_as_much_as_stated() -> None:
    settings = effect(Rough, depth=0.5, rate_hz=60.0, wander_hz=3.0)
    gain = processed(settings, np.ones((2, frames(40.0)), np.float32))[0].astype("f8")
    spectrum = np.fft.fft(gain - 1.0)
    spectrum[len(spectrum) // 2 :] = 0.0
    turns = np.unwrap(np.angle(np.fft.ifft(spectrum)))
    hz = np.diff(turns) * RATE / (2.0 * np.pi)
    hz = hz[RATE:-RATE]
    assert hz.min() > 56.9
    assert hz.max() < 63.1
    assert hz.max() - hz.min() > 4.5
    # It moves slowly: no more than a few Hz in a second.
    assert np.abs(hz[RATE:] - hz[:-RATE]).max() < 6.0


def test_the_phase_follows_a_moving_rate() -> None:
    settings = effect(Rough, depth=1.0, rate_hz=Ramp(Constant(40.0), Constant(80.0), 1.0, 5.0))
    gain = processed(settings, np.ones((2, frames(7.0)), np.float32))[0]
    up = np.flatnonzero((gain[:-1] < 1.0) & (gain[1:] >= 1.0)) / RATE
    for first, rate_hz in ((0.0, 40.0), (2.5, 60.0), (6.0, 80.0)):
        count = np.sum((up >= first) & (up < first + 1.0))
        assert count == pytest.approx(rate_hz, abs=4.0)


def test_any_start_gives_the_same_samples() -> None:
    settings = effect(
        Rough, depth=0.7, rate_hz=Lfo("sine", 40.0, 90.0, 3.0), wander_hz=Lfo("sine", 0.0, 5.0, 2.0)
    )
    sound = noise(4.0)
    whole = processed(settings, sound)
    for first_s in (0.5, 1.73, 3.1):
        first = frames(first_s)
        fresh = effect(
            Rough,
            depth=0.7,
            rate_hz=Lfo("sine", 40.0, 90.0, 3.0),
            wander_hz=Lfo("sine", 0.0, 5.0, 2.0),
        )
        assert np.array_equal(whole[:, first:], processed(fresh, sound[:, first:], first))


@pytest.mark.parametrize(("neutral", "rise_db"), [(False, 10 * np.log10(1.28125)), (True, 0.0)])
def test_power_rises_unless_it_is_kept_neutral(neutral: bool, rise_db: float) -> None:
    settings = effect(Rough, {"neutral": neutral}, depth=0.75, rate_hz=70.0, wander_hz=0.0)
    sound = tone(1000.0, 3.0)
    out = processed(settings, sound)
    part = slice(RATE, 2 * RATE)
    heard_db = power_to_db((out[:, part] ** 2).mean() / (sound[:, part] ** 2).mean())
    assert heard_db == pytest.approx(rise_db, abs=0.02)
