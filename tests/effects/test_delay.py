from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from lullaby.effects.delay import Delay
from lullaby.model.curve import Constant, Lfo, Ramp
from lullaby.units import gain_to_db
from tests.effects.running import RATE, effect, frames, impulse, processed, tone


@pytest.mark.parametrize("at", [0, 17, 64, 1000])
@pytest.mark.parametrize("time_s", [0.01, 0.1234567, 0.3, 1.0, 4.0])
def test_an_echo_comes_after_exactly_its_time(time_s: float, at: int) -> None:
    sound = impulse(time_s + 0.1, at)
    out = processed(effect(Delay, time_s=time_s, feedback=0.0, wet=1.0), sound)
    expected = np.zeros_like(sound)
    expected[:, at + round(time_s * RATE)] = 1.0
    assert np.array_equal(out, expected)


def test_echoes_fall_by_the_feedback_and_stay_in_time() -> None:
    settings = effect(Delay, time_s=0.1, feedback=0.7, wet=1.0, damping_hz=2000.0)
    out = processed(settings, impulse(2.0))[0]
    # Echo k is the impulse through k - 1 one-pole low-passes, so its frames sum to 0.7^(k - 1).
    sums = out[: 4800 * 20].reshape(20, 4800).sum(axis=1)
    assert sums[1:] == pytest.approx(0.7 ** np.arange(19), rel=0.01)


@pytest.mark.parametrize("damping_hz", [500.0, 4000.0, 15000.0])
def test_the_second_echo_is_3_db_down_at_the_damping(damping_hz: float) -> None:
    settings = effect(Delay, time_s=0.1, feedback=0.5, wet=1.0, damping_hz=damping_hz)
    out = processed(settings, impulse(0.3))[0]
    hz = np.fft.rfftfreq(4800, 1.0 / RATE)
    echo_db = gain_to_db(np.abs(np.fft.rfft(out[9600:14400])) / 0.5)
    assert np.interp(damping_hz, hz, echo_db) == pytest.approx(-3.01, abs=0.1)
    assert echo_db[1] == pytest.approx(0.0, abs=0.1)


def test_crossed_echoes_change_sides() -> None:
    sound = impulse(0.5)
    sound[1] = 0.0
    settings = effect(Delay, time_s=0.1, feedback=0.8, wet=1.0, cross=1.0)
    out = np.abs(processed(settings, sound)).reshape(2, -1)[:, : 4800 * 5].reshape(2, 5, 4800)
    heard = out.max(axis=2) > 1e-3
    assert heard.tolist() == [[False, True, False, True, False], [False, False, True, False, True]]


def test_a_time_that_moves_bends_the_pitch_and_does_no_more() -> None:
    # 0.2 to 0.3 s in 2 s: the echo runs at 0.95 of its speed.
    moving = Ramp(Constant(0.2), Constant(0.3), 1.0, 3.0)
    out = processed(effect(Delay, time_s=moving, feedback=0.0, wet=1.0), tone(1000.0, 4.0))[0]
    part = out[frames(1.5) : frames(2.5)]
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)), 2**19)) ** 2
    hz = np.fft.rfftfreq(2**19, 1.0 / RATE)
    peak_hz = hz[power.argmax()]
    assert 1200.0 * np.log2(peak_hz / 950.0) == pytest.approx(0.0, abs=1.0)
    beside = np.abs(hz - peak_hz) > 20.0
    assert gain_to_db(np.sqrt(power[beside].max() / power.max())) < -70.0


def test_a_time_that_jumps_glides_no_faster_than_half_a_second_a_second() -> None:
    jump = Ramp(Constant(0.1), Constant(0.3), 1.0, 1.0)
    out = processed(effect(Delay, time_s=jump, feedback=0.0, wet=1.0), tone(1000.0, 2.5))[0]
    part = out[frames(1.05) : frames(1.35)]
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)), 2**18)) ** 2
    assert np.fft.rfftfreq(2**18, 1.0 / RATE)[power.argmax()] == pytest.approx(500.0, abs=2.0)
    high = signal.sosfilt(signal.butter(8, 5000.0, "high", fs=RATE, output="sos"), out)
    assert gain_to_db(np.abs(high[frames(0.5) :]).max()) < -60.0


def test_a_time_that_comes_to_rest_is_a_whole_number_of_frames_again() -> None:
    settings = effect(
        Delay, time_s=Ramp(Constant(0.1), Constant(0.20001), 0.1, 0.5), feedback=0.0, wet=1.0
    )
    sound = impulse(2.0, RATE)
    out = processed(settings, sound)[0]
    assert np.flatnonzero(out).tolist() == [RATE + round(0.20001 * RATE)]
    assert out.max() == 1.0


def test_a_gently_swaying_time_adds_no_steps() -> None:
    # A tenth of a millisecond up and down, 4.8 frames: whole frames alone would zip.
    swaying = Lfo("sine", 0.1, 0.1001, 1.0)
    out = processed(effect(Delay, time_s=swaying, feedback=0.0, wet=1.0), tone(2000.0, 3.0))[0]
    part = out[frames(0.8) : frames(2.8)]
    power = np.abs(np.fft.rfft(part * np.blackman(len(part)))) ** 2
    hz = np.fft.rfftfreq(len(part), 1.0 / RATE)
    assert gain_to_db(np.sqrt(power[np.abs(hz - 2000.0) > 40.0].max() / power.max())) < -70.0


def test_silence_between_echoes_is_announced() -> None:
    settings = effect(Delay, time_s=Lfo("sine", 0.5, 3.0, 10.0), feedback=0.5)
    assert settings.gap_s() == 3.0
    # 0.5^n is -92 dB at n = 15.3: seventeen times 3 s, and 5 s to glide home.
    assert settings.hears_from_s() == pytest.approx(17 * 3.01 + 5.0)
    assert effect(Delay, time_s=1.0, feedback=0.0).hears_from_s() == pytest.approx(1.01)


def test_full_feedback_stays_bounded() -> None:
    settings = effect(Delay, time_s=0.01, feedback=0.95, cross=0.5, damping_hz=20000.0, wet=1.0)
    out = processed(settings, tone(100.0, 5.0, level=1.0))
    assert np.abs(out).max() < 1.0 / (1.0 - 0.95) + 0.1
