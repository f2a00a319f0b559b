from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import signal

from lullaby.effects.hall import Hall
from lullaby.model.curve import Constant, Lfo, Ramp
from lullaby.units import STEP, db_to_gain, gain_to_db, power_to_db
from tests.effects.running import RATE, effect, frames, impulse, noise, processed, tone


def octave(sound: Any, middle_hz: float, rate: int = RATE, octaves: float = 1.0) -> Any:
    edges = middle_hz * 2.0 ** np.array([-0.5 * octaves, 0.5 * octaves])
    return signal.sosfilt(signal.butter(3, edges, "band", fs=rate, output="sos"), sound)


def t60_s(sound: Any, rate: int = RATE) -> float:
    """Return the decay time by backward integration (Schroeder 1965), from -5 to -35 dB."""
    rest = np.cumsum((sound**2).sum(axis=0)[::-1])[::-1]
    level_db = power_to_db(rest / rest[0] + 1e-30)
    part = np.flatnonzero((level_db < -5.0) & (level_db > -35.0))
    return float(-60.0 / np.polyfit(part / rate, level_db[part], 1)[0])


def response(length_s: float, rate: int = RATE, start_frame: int = 0, **values: Any) -> Any:
    return processed(effect(Hall, **values), impulse(length_s, rate=rate), start_frame, rate=rate)


@pytest.mark.parametrize(
    ("decay_s", "size", "rate"),
    [(0.8, 1.0, 48000), (2.0, 0.5, 48000), (2.0, 2.0, 44100), (6.0, 1.0, 48000)],
)
def test_low_bands_decay_in_the_decay_time(decay_s: float, size: float, rate: int) -> None:
    heard = response(
        decay_s * 0.9, rate, decay_s=decay_s, size=size, damping_hz=16000.0, predelay_s=0.0
    )
    for middle_hz in (250.0, 500.0, 1000.0):
        assert t60_s(octave(heard, middle_hz, rate), rate) == pytest.approx(decay_s, rel=0.1)


@pytest.mark.parametrize(("decay_s", "damping_hz"), [(2.0, 6000.0), (4.0, 2500.0), (6.0, 1000.0)])
def test_the_damping_frequency_decays_twice_as_fast(decay_s: float, damping_hz: float) -> None:
    heard = response(decay_s * 0.8, decay_s=decay_s, damping_hz=damping_hz)
    # A third of an octave, since in a wider band the slower, lower edge is what is left at the end.
    at_damping = t60_s(octave(heard, damping_hz, octaves=1 / 3))
    assert at_damping == pytest.approx(decay_s / 2.0, rel=0.1)
    assert t60_s(octave(heard, min(4.0 * damping_hz, 14000.0))) < 0.4 * decay_s


def test_the_defaults_follow_surrender() -> None:
    for given, decay_s, damping_hz, predelay_s in (
        (0.0, 0.8, 6000.0, 0.005),
        (0.5, 2.1, 4250.0, 0.0225),
        (1.0, 6.0, 2500.0, 0.04),
    ):
        settings = Hall({"surrender": Constant(given)})
        now = {name: float(curve(0.0)) for name, curve in settings.curves.items()}
        assert now["decay_s"] == pytest.approx(decay_s)
        assert now["damping_hz"] == pytest.approx(damping_hz)
        assert now["predelay_s"] == pytest.approx(predelay_s)
    assert settings.hears_from_s() == pytest.approx(6.0 * 92.0 / 60.0, abs=0.6)


@pytest.mark.parametrize("start_frame", [0, 64 * 50000])
@pytest.mark.parametrize("decay_s", [2.8, 6.0])
def test_no_single_mode_rings_on(decay_s: float, start_frame: int) -> None:
    heard = response(decay_s, start_frame=start_frame, decay_s=decay_s, damping_hz=20000.0)
    late = heard[:, frames(decay_s / 2.0) :][:, :65536]
    power = (np.abs(np.fft.rfft(late * np.hanning(late.shape[1]))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(late.shape[1], 1.0 / RATE)
    over_db = []
    for middle_hz in np.geomspace(80.0, 8000.0, 60):
        near = power[(hz > middle_hz / 1.12) & (hz < middle_hz * 1.12)]
        over_db.append(power_to_db(near.max() / np.median(near)))
    # The highest of this many bins of decaying noise is 10 to 11 dB above their median.
    assert max(over_db) < 13.0


def test_echoes_are_dense_soon() -> None:
    heard = response(1.0, decay_s=2.0, damping_hz=20000.0)[0]
    part = heard[frames(0.2) : frames(0.5)]
    # Of noise, 32 % lies beyond one standard deviation (Abel and Huang 2006).
    window = 1024
    shares = [
        np.mean(np.abs(part[i : i + window]) > part[i : i + window].std())
        for i in range(0, len(part) - window, window)
    ]
    assert np.mean(shares) == pytest.approx(0.32, abs=0.04)


def test_both_sides_are_different_but_as_loud() -> None:
    for sound in (impulse(3.0), noise(3.0)):
        out = processed(effect(Hall, decay_s=3.0), sound)[:, frames(0.3) :]
        assert abs(np.corrcoef(out)[0, 1]) < 0.1
        left, right = power_to_db((out**2).mean(axis=1))
        assert abs(left - right) < 1.0


def test_a_sound_from_the_left_begins_on_the_left() -> None:
    sound = impulse(1.0)
    sound[1] = 0.0
    out = processed(effect(Hall, decay_s=2.0, predelay_s=0.0), sound)
    early, late = (
        power_to_db((part**2).sum(axis=1))
        for part in (out[:, : frames(0.06)], out[:, frames(0.5) :])
    )
    assert early[0] > early[1] + 10.0
    assert abs(late[0] - late[1]) < 1.5


def test_steady_sound_is_as_loud_in_every_hall() -> None:
    levels = []
    for decay_s in (0.8, 2.0, 6.0):
        out = processed(
            effect(Hall, decay_s=decay_s, damping_hz=8000.0), noise(3.0 * decay_s + 1.0)
        )
        levels.append(power_to_db((octave(out, 1000.0)[:, -frames(1.0) :] ** 2).mean()))
    assert max(levels) - min(levels) < 6.0


@pytest.mark.parametrize("predelay_s", [0.0, 0.1, 0.25])
def test_nothing_comes_before_the_predelay(predelay_s: float) -> None:
    out = response(0.6, predelay_s=predelay_s)
    first = int(np.flatnonzero(np.abs(out).max(axis=0) > 1e-4)[0])
    assert predelay_s * RATE <= first <= predelay_s * RATE + 10


def test_dc_is_kept_out() -> None:
    out = processed(effect(Hall, decay_s=6.0), np.full((2, frames(4.0)), 0.5, np.float32))
    assert np.abs(out[:, -RATE:].mean(axis=1)).max() < 1e-3


def test_a_still_tone_stays_in_tune() -> None:
    sound = tone(440.0, 6.0)
    sound *= np.clip((4.0 - np.arange(sound.shape[1]) / RATE) / 0.2, 0.0, 1.0).astype("f4")
    out = processed(effect(Hall, decay_s=6.0, damping_hz=16000.0), sound)[0, frames(4.2) :]
    power = np.abs(np.fft.rfft(out * np.hanning(len(out)), 2**18)) ** 2
    hz = np.fft.rfftfreq(2**18, 1.0 / RATE)
    near = (hz > 400.0) & (hz < 480.0)
    cents = 1200.0 * np.log2(hz[near] / 440.0)
    mean = np.average(cents, weights=power[near])
    spread = np.sqrt(np.average((cents - mean) ** 2, weights=power[near]))
    # 8 cents is 2 Hz here, of which the window itself makes 0.4.
    assert abs(mean) < 5.0
    assert spread < 14.0


def test_a_jumping_predelay_glides() -> None:
    jump = Ramp(Constant(0.0), Constant(0.2), 1.0, 1.0)
    out = processed(effect(Hall, predelay_s=jump, decay_s=0.4), tone(440.0, 3.0))
    high = signal.sosfilt(signal.butter(8, 3000.0, "high", fs=RATE, output="sos"), out)
    assert gain_to_db(np.abs(high[:, RATE // 2 :]).max()) < -70.0


def test_a_decay_that_shrinks_cuts_the_tail() -> None:
    shrinking = Ramp(Constant(6.0), Constant(0.4), 1.0, 2.0)
    out = processed(effect(Hall, decay_s=shrinking, damping_hz=20000.0), impulse(3.0))
    before = (out[:, frames(0.6) : frames(0.9)] ** 2).mean()
    after = (out[:, frames(2.6) : frames(2.9)] ** 2).mean()
    assert power_to_db(after / before) < -100.0


def test_it_rests_where_nothing_sounds() -> None:
    settings = effect(Hall, decay_s=0.2, size=0.5)
    running = settings.processor(RATE)
    processed(settings, impulse(3.0), processor=running)
    # -400 dB is cut to nothing, so that no arithmetic ever works on denormal numbers.
    for array in running.state.values():
        if array.dtype.kind == "f":
            small = np.abs(array[array != 0.0])
            assert not (small < 1e-37).any()
    processed(settings, np.zeros((2, STEP * 1000), np.float32), processor=running)
    assert not running.state["lines"].any()


def test_moving_everything_stays_bounded() -> None:
    wild = effect(
        Hall,
        decay_s=Lfo("square", 0.2, 30.0, 0.31),
        size=Lfo("square", 0.5, 2.0, 0.47),
        predelay_s=Lfo("square", 0.0, 0.25, 0.23),
        damping_hz=Lfo("square", 200.0, 20000.0, 0.17),
    )
    out = processed(wild, noise(6.0))
    assert np.isfinite(out).all()
    assert np.abs(out).max() < db_to_gain(12.0)
