"""The data voice: what carries data can be read back from it, whatever the mood does."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.alone import alone, rendered
from lullaby.measure import reading_back
from lullaby.measure.loudness import loudness
from lullaby.model.chance import Chance
from lullaby.model.curve import Constant, Ramp
from lullaby.modules.data_voice import DataVoice
from lullaby.units import ratio_to_cents
from tests.modules.laws import RATE, heard, one_event


def sweep(length_s=20.0):
    return Ramp(Constant(110.0), Constant(440.0), 0.0, length_s, "linear", True)


@pytest.mark.parametrize(("surrender", "panic"), [(0.0, 0.0), (0.0, 1.0), (0.5, 0.5), (1.0, 0.0)])
def test_the_pitch_can_be_read_back_in_every_mood(surrender, panic):
    curve = sweep()
    sound = heard(DataVoice, {"pitch_hz": curve, "surrender": surrender, "panic": panic}, 20.0)
    t = np.arange(0.5, 19.5, 0.1)
    found = reading_back.pitch_hz(sound, RATE, t, 90.0, 540.0)
    cents = np.abs(ratio_to_cents(found / curve(t)))
    assert np.median(cents) < 8.0
    assert np.percentile(cents, 95) < 25.0


def test_fifty_rising_values_never_turn_back():
    steps = np.geomspace(110.0, 440.0, 50)
    found = []
    for hz in steps[::2]:
        sound = heard(DataVoice, {"pitch_hz": hz, "surrender": 0.6}, 0.6)
        t = np.array([0.35, 0.4, 0.45])
        found.append(np.median(reading_back.pitch_hz(sound, RATE, t, 90.0, 540.0)))
    assert (np.diff(found) > 0.0).all()
    assert np.abs(ratio_to_cents(np.array(found) / steps[::2])).max() < 8.0


def test_its_loudness_does_not_follow_pitch_or_brightness():
    levels = []
    for hz, cutoff in ((60, 300), (110, 300), (220, 800), (880, 3000), (1500, 6000), (220, 150)):
        sound = heard(DataVoice, {"pitch_hz": hz, "cutoff_hz": cutoff, "roughness": 0.0}, 4.0)
        levels.append(loudness(sound[:, RATE:], RATE).integrated_lufs)
    assert np.ptp(levels) < 1.0


def test_brightness_moves_and_pitch_stays():
    ramp = Ramp(Constant(200.0), Constant(2500.0), 0.0, 20.0, "linear", True)
    sound = heard(DataVoice, {"cutoff_hz": ramp, "pitch_hz": 180.0}, 20.0)
    t = np.arange(1.0, 19.0, 0.5)
    octaves = reading_back.centroid_octaves(sound, RATE, t, 1.0)
    assert reading_back.spearman(t, octaves) > 0.97
    found = reading_back.pitch_hz(sound, RATE, t, 90.0, 540.0)
    assert np.abs(ratio_to_cents(found / 180.0)).max() < 10.0


@pytest.mark.parametrize("surrender", [0.0, 1.0])
def test_as_many_grains_are_heard_as_density_says(surrender):
    ramp = Ramp(Constant(0.5), Constant(10.0), 0.0, 30.0)
    sound = heard(DataVoice, {"density_per_s": ramp, "sustain": 0.0, "surrender": surrender}, 30.0)
    onsets = reading_back.onsets_s(sound, RATE)
    said = 0.5 * 30.0 + 0.5 * 9.5 * 30.0
    assert abs(len(onsets) - said) < 0.05 * said
    t = np.arange(2.0, 28.0, 1.0)
    counted = reading_back.density_per_s(onsets, t, 4.0)
    assert reading_back.spearman(ramp(t), counted) > 0.97


def struck(pitch_hz, surrender=0.0, at_s=1.0137):
    settings = DataVoice(
        {n: Constant(v) for n, v in (("pitch_hz", pitch_hz), ("surrender", surrender))}
    )
    return settings.strikes(np.array([at_s]), Chance(np.array([7], np.uint64)))


@pytest.mark.parametrize("surrender", [0.0, 1.0])
def test_a_struck_tone_begins_within_20_ms_of_its_time(surrender):
    sound = one_event(DataVoice, struck(330.0, surrender)).astype(np.float64).sum(axis=0)
    loud = np.abs(sound)
    peak = loud[: RATE // 5].max()
    assert np.argmax(loud > 0.3 * peak) < 0.02 * RATE


@pytest.mark.parametrize("hz", [110.0, 333.3, 1500.0])
def test_a_struck_tone_has_its_row_s_pitch(hz):
    sound = one_event(DataVoice, struck(hz))
    found = reading_back.pitch_hz(sound, RATE, np.array([0.1, 0.2]), hz / 2.0, hz * 2.0)
    assert np.abs(ratio_to_cents(found / hz)).max() < 8.0


def test_surrendered_its_companions_stand_on_octave_and_fifth_of_the_root():
    settings = {"surrender": 1.0, "pitch_hz": 385.0, "cutoff_hz": 300.0}
    sound = heard(DataVoice, settings, 12.0)[:, 2 * RATE :].sum(axis=0)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    hz = np.fft.rfftfreq(len(sound), 1.0 / RATE)
    for tone in (110.0, 165.0, 385.0):
        near = np.abs(hz - tone) < 3.0
        assert power[near].max() > 30.0 * np.median(power[np.abs(hz - tone) < 20.0])
        assert abs(hz[near][power[near].argmax()] - tone) < 0.2


def test_air_alone_has_no_pitch():
    sound = heard(DataVoice, {"air": 1.0}, 6.0)[:, RATE:]
    assert -30.0 < loudness(sound, RATE).integrated_lufs < -18.0
    power = np.abs(np.fft.rfft(sound[0] * np.hanning(sound.shape[1]))) ** 2
    assert power.max() < 0.01 * power.sum()


def test_level_is_not_moved_by_a_sweeping_pitch():
    still = rendered(alone(DataVoice, {"pitch_hz": 220.0, "roughness": 0.0}), 12.0, RATE)
    moving = rendered(alone(DataVoice, {"pitch_hz": sweep(12.0), "roughness": 0.0}), 12.0, RATE)
    t = np.arange(2.0, 10.0, 0.5)
    apart = reading_back.level_db(moving, RATE, t, 2.0) - reading_back.level_db(still, RATE, t, 2.0)
    assert np.abs(apart).max() < 1.0
