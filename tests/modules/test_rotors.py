"""Rotors: blades that pass and slap, what they are when they shatter, and the wings they become."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.alone import alone, rendered
from lullaby.measure.loudness import loudness
from lullaby.model.chance import Chance
from lullaby.model.chords import CHORDS
from lullaby.model.curve import Constant
from lullaby.model.event import Events
from lullaby.model.gesture import Asking, rows
from lullaby.modules.rotors import AIR, BLADE, GLASS, Rotors
from lullaby.units import power_to_db, ratio_to_cents
from tests.modules.laws import RATE, heard, one_event


def passing(
    settings: dict[str, float], voices: int = 1, seed: int = 1, length_s: float = 60.0
) -> Events:
    run = alone(Rotors, settings, {"voices": voices}, seed=seed)
    return run.settings.compose((0.0, length_s), Chance(run.key), {})


def share_between(x: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = (np.abs(np.fft.rfft(x.astype(np.float64), 1 << 16)) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(1 << 16, 1.0 / RATE)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


@pytest.mark.parametrize(("panic", "hz"), [(0.0, 11.0), (1.0, 19.0)])
def test_blades_pass_as_fast_as_it_is_hot(panic: float, hz: float) -> None:
    events = passing({"panic": panic})
    assert np.all(events["kind"] == BLADE)
    assert len(events) == pytest.approx(60.0 * hz, rel=0.02)
    gaps = np.diff(events["at_s"])
    assert gaps.std() / gaps.mean() == pytest.approx(0.03, rel=0.15)


def test_a_thump_is_low_and_over_in_milliseconds_and_its_slap_lies_above() -> None:
    events = passing({"tail": 0.0, "slap_db": -40.0, "panic": 0.5})
    for row in range(0, 200, 29):
        thump = one_event(Rotors, events[[row]]).astype(np.float64)
        energy = np.cumsum((thump**2).sum(axis=0))
        assert np.searchsorted(energy, 0.9 * energy[-1]) < 0.02 * RATE
        assert share_between(thump, 20.0, 110.0) > 0.6
        hard = passing({"tail": 0.0, "slap_db": 6.0, "panic": 0.5})[[row]]
        slap = one_event(Rotors, hard) - thump
        assert share_between(slap, 90.0, 600.0) > 0.8


def test_the_tail_rotor_buzzes_between_blades() -> None:
    power = {}
    for tail in (0.0, 1.0):
        sound = heard(Rotors, {"tail": tail, "slap_db": -40.0}, 8.0).sum(axis=0)[RATE:]
        bins = np.abs(np.fft.rfft(sound)) ** 2
        hz = np.fft.rfftfreq(len(sound), 1 / RATE)
        power[tail] = bins[(hz > 170.0) & (hz < 400.0)].sum()
    assert power_to_db(power[1.0] / power[0.0]) > 6.0


def test_shattered_blades_are_glass_and_the_rotor_slows() -> None:
    whole, half, glass = (passing({"shatter": x, "panic": 0.5}) for x in (0.0, 0.5, 1.0))
    assert np.mean(half["kind"] == GLASS) == pytest.approx(0.5, abs=0.05)
    assert np.all(glass["kind"] == GLASS)
    assert len(glass) == pytest.approx(0.6 * len(whole), rel=0.03)
    for row in range(0, 300, 41):
        shard = one_event(Rotors, glass[[row]])
        assert share_between(shard, 1800.0, 18000.0) > 0.98
        power = np.abs(np.fft.rfft(shard.sum(axis=0), 1 << 17))
        hz = np.fft.rfftfreq(1 << 17, 1 / RATE)
        assert hz[power.argmax()] == pytest.approx(glass["pitch_hz"][row], rel=0.01)
        # The material is heard from its damping: T60 = 2.2 / (f tan phi), 40 to 250 ms.
        assert 0.04 <= glass["ring_s"][row] <= 0.25
        lost = 2.2 / (glass["pitch_hz"][row] * glass["ring_s"][row])
        assert glass["ring_s"][row] in (0.04, 0.25) or 0.002 <= lost <= 0.006


def test_a_rotor_that_shatters_bursts_and_rains_thinning_out() -> None:
    asked = rows(Rotors.gestures["shatter"], [Asking("shatter", 5.0, 77, (6.0, 1.0, 0.0))])
    module = Rotors({"surrender": Constant(0.0)})
    made = module.answer("shatter", asked, Chance(1))
    late_s = np.sort(made["at_s"]) - 5.0
    assert 60 <= len(made) <= 150
    assert np.all((late_s >= 0.0) & (late_s <= 4.0))
    assert np.count_nonzero(late_s < 0.08) > len(made) / 3
    rain_s = late_s[late_s > 0.3]
    assert np.median(rain_s - 0.3) == pytest.approx(0.5 * np.log(2.0), rel=0.3)


def test_surrendered_wings_beat_with_the_breath_on_open_tones() -> None:
    events = passing({"surrender": 1.0}, voices=3, length_s=120.0)
    off_s = events["at_s"] / 10.0 - np.round(events["at_s"] / 10.0)
    assert np.abs(off_s).max() < 1e-6
    sound = heard(Rotors, {"surrender": 1.0}, 30.0)[:, 10 * RATE :].sum(axis=0)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 21)) ** 2
    hz = np.fft.rfftfreq(1 << 21, 1 / RATE)
    for tone in (2.0, 3.0, 5.0):
        near = (hz > 55.0 * tone * 0.97) & (hz < 55.0 * tone * 1.03)
        assert abs(ratio_to_cents(hz[near][power[near].argmax()] / (55.0 * tone))) < 5.0


def test_on_the_way_fewer_blades_pass_and_wings_grow() -> None:
    counts, levels_db = [], []
    for surrender in (0.1, 0.5, 0.9):
        events = passing({"surrender": surrender}, voices=2, length_s=60.0)
        counts.append(np.count_nonzero(events["kind"] == BLADE))
        wings = events[events["kind"] == AIR]
        assert len(wings) == 12  # a breath each, and each of both
        levels_db.append(wings["level_db"].mean())
    assert counts[0] > 2.5 * counts[1] > 10.0 * counts[2]
    assert levels_db[0] < levels_db[1] - 6.0 < levels_db[2] - 6.0


def test_rotors_come_into_step_with_the_breath() -> None:
    def turned(surrender: float, at_s: float) -> np.ndarray:
        run = alone(Rotors, {"surrender": surrender}, {"voices": 4})
        return np.exp(2j * np.pi * run.settings.pulses(at_s, np.zeros(0)))

    times = np.arange(20.0, 40.0, 0.7)
    assert np.mean([abs(turned(0.0, t).mean()) for t in times]) < 0.7
    for t in times:
        assert turned(1.0, t) == pytest.approx(np.full(4, np.exp(0.2j * np.pi * t)), abs=1e-6)


def test_surrendered_shards_are_bells_on_the_chord() -> None:
    asked = rows(Rotors.gestures["shatter"], [Asking("shatter", 5.0, 77, (6.0, 1.0, 0.0))])
    made = Rotors({"surrender": Constant(1.0)}).answer("shatter", asked, Chance(1))
    assert set(np.round(made["pitch_hz"] / 55.0, 6)) <= set(CHORDS["warm"])
    bell = one_event(Rotors, made[[0]]).sum(axis=0)
    power = np.abs(np.fft.rfft(bell * np.hanning(len(bell)), 1 << 20))
    hz = np.fft.rfftfreq(1 << 20, 1 / RATE)
    assert abs(ratio_to_cents(hz[power.argmax()] / made["pitch_hz"][0])) < 5.0


@pytest.mark.parametrize("voices", [1, 6])
def test_more_machines_are_no_louder(voices: int) -> None:
    for surrender, lufs in ((0.0, -23.0), (1.0, -29.0)):
        run = alone(Rotors, {"surrender": surrender}, {"voices": voices})
        sound = rendered(run, 40.0, RATE)[:, 10 * RATE :]
        assert loudness(sound, RATE).integrated_lufs == pytest.approx(lufs, abs=4.0)
