"""Artery: two thuds to a beat, how they fall and follow, and how a heart comes to rest."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.alone import alone, rendered
from lullaby.measure.features import features
from lullaby.measure.loudness import loudness
from lullaby.model.chance import Chance
from lullaby.model.event import Events
from lullaby.modules.artery import Artery
from lullaby.units import power_to_db, ratio_to_cents
from tests.modules.laws import RATE, heard, moving, one_event


def thuds(
    settings: dict[str, float], voices: int = 1, seed: int = 1, length_s: float = 240.0
) -> Events:
    run = alone(Artery, settings, {"voices": voices}, seed=seed)
    return run.settings.compose((0.0, length_s), Chance(run.key), {})


def firsts(events: Events) -> np.ndarray:
    return events["at_s"][events["second"] == 0.0]


@pytest.mark.parametrize(("panic", "bpm"), [(0.0, 58.0), (1.0, 140.0)])
def test_it_beats_as_fast_as_it_is_hot(panic: float, bpm: float) -> None:
    at_s = firsts(thuds({"panic": panic}))
    assert 60.0 / np.diff(at_s).mean() == pytest.approx(bpm, rel=0.05)
    assert len(at_s) == pytest.approx(4 * bpm, rel=0.06)


@pytest.mark.parametrize("jitter", [0.0, 0.02, 0.08])
def test_beats_are_as_uneven_as_is_said(jitter: float) -> None:
    found = []
    for seed in (1, 2, 3):
        gaps = np.diff(firsts(thuds({"jitter": jitter}, seed=seed)))
        found.append(gaps.std() / gaps.mean())
    assert np.mean(found) == pytest.approx(jitter, rel=0.1, abs=1e-6)


@pytest.mark.parametrize("bpm", [60.0, 100.0, 140.0])
def test_the_second_thud_follows_the_sooner_the_faster_it_beats(bpm: float) -> None:
    events = thuds({"rate_bpm": bpm, "jitter": 0.0}, length_s=60.0)
    first, second = (events["at_s"][events["second"] == x][:40] for x in (0.0, 1.0))
    second = second[second > first[0]][: len(first)]
    assert second - first[: len(second)] == pytest.approx(0.413 - 0.0017 * bpm, abs=1e-6)


def test_a_first_thud_is_lower_longer_and_louder_than_a_second() -> None:
    events = thuds({"panic": 0.5}, length_s=120.0)
    measured = {}
    for second in (0.0, 1.0):
        found = []
        for row in np.flatnonzero(events["second"] == second)[:40]:
            sound = one_event(Artery, events[[row]]).astype(np.float64)
            power = (np.abs(np.fft.rfft(sound, 1 << 16)) ** 2).sum(axis=0)
            hz = np.fft.rfftfreq(1 << 16, 1 / RATE)
            energy = np.cumsum((sound**2).sum(axis=0))
            length_s = np.searchsorted(energy, 0.98 * energy[-1]) / RATE
            found.append((hz[power.argmax()], length_s, power_to_db(energy[-1])))
        measured[second] = np.median(found, axis=0)
    first, second = measured[0.0], measured[1.0]
    assert 30.0 <= first[0] <= 60.0
    assert 50.0 <= second[0] <= 90.0
    assert 0.08 <= first[1] <= 0.15
    assert second[1] < first[1]
    assert 2.0 < first[2] - second[2] < 8.0


def test_its_spectrum_falls_some_6_db_an_octave_above_the_thud() -> None:
    events = thuds({"panic": 0.5}, length_s=400.0)
    rows = np.flatnonzero(events["second"] == 0.0)[:200]
    power = sum(
        np.abs(np.fft.rfft(one_event(Artery, events[[row]]).sum(axis=0), 1 << 15)) ** 2
        for row in rows
    )
    hz = np.fft.rfftfreq(1 << 15, 1 / RATE)
    bands = [(110.0 * 2.0 ** (x / 2), 110.0 * 2.0 ** ((x + 1) / 2)) for x in range(4)]
    levels = [power_to_db(power[(hz >= a) & (hz < b)].mean()) for a, b in bands]
    assert -12.0 < np.polyfit(np.arange(4) / 2.0, levels, 1)[0] < -4.0


def test_surrendered_it_rests_on_root_octave_and_fifth() -> None:
    sound = heard(Artery, {"surrender": 1.0}, 24.0)[:, 12 * RATE :].sum(axis=0)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 21)) ** 2
    hz = np.fft.rfftfreq(1 << 21, 1 / RATE)
    for tone in (1.0, 2.0):
        near = (hz > 55.0 * tone * 0.96) & (hz < 55.0 * tone * 1.04)
        assert abs(ratio_to_cents(hz[near][power[near].argmax()] / (55.0 * tone))) < 5.0
    assert power_to_db(power[hz > 300.0].sum() / power.sum()) < -20.0


def test_hearts_come_into_step() -> None:
    events = thuds({"surrender": 1.0}, voices=5, length_s=60.0)
    at_s = firsts(events)
    assert np.abs(at_s - np.round(at_s)).max() < 1e-6
    apart = firsts(thuds({"surrender": 0.0}, voices=5, length_s=60.0))
    assert np.abs(apart * 99.0 / 60.0 - np.round(apart * 99.0 / 60.0)).mean() > 0.15
    run = alone(Artery, {"surrender": moving(0.0, 1.0, 60.0)}, {"voices": 5})

    def together(t: float) -> float:
        return float(np.abs(np.exp(2j * np.pi * run.settings.pulses(t, np.zeros(0))).mean()))

    assert np.mean([together(t) for t in np.arange(30.0, 36.0, 0.3)]) < 0.95
    assert np.mean([together(t) for t in np.arange(61.0, 70.0, 0.3)]) > 0.999


def test_a_heart_that_gives_way_gets_slower_and_quieter_in_onsets() -> None:
    found = []
    for surrender in (0.0, 0.5, 1.0):
        sound = heard(Artery, {"surrender": surrender, "panic": 1.0}, 30.0)[:, 6 * RATE :]
        found.append(float(np.mean(features(sound, RATE)["onsets_per_s"])))
    assert found[0] > found[1] > found[2]
    assert found[2] <= 1.2


@pytest.mark.parametrize("voices", [3, 8])
def test_more_hearts_are_no_louder(voices: int) -> None:
    for surrender, lufs in ((0.0, -23.0), (1.0, -29.0)):
        run = alone(Artery, {"surrender": surrender}, {"voices": voices})
        sound = rendered(run, 40.0, RATE)[:, 8 * RATE :]
        assert loudness(sound, RATE).integrated_lufs == pytest.approx(lufs, abs=3.0)
