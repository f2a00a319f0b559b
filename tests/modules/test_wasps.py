"""What makes a swarm one: wings, ways in space, stings, and three tones where it comes to rest."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy.signal import find_peaks

from lullaby.engine.alone import alone, rendered
from lullaby.measure.features import features
from lullaby.measure.loudness import loudness
from lullaby.model.chance import Chance
from lullaby.model.event import Events
from lullaby.model.gesture import Asking
from lullaby.model.gesture import rows as rows_of_gesture
from lullaby.model.sheet import param
from lullaby.modules.wasps import DiveBy, Wasps
from lullaby.units import gain_to_db, power_to_db, ratio_to_cents
from tests.modules.laws import RATE, composed, heard, moving, one_event

PANIC = {"surrender": 0.0, "panic": 1.0}
CALM = {"surrender": 1.0, "panic": 0.0}


class Steady(Wasps):
    """Wasps whose pitch does not wander and whose wings do not beat each other."""

    jitter = param(0.0, "ratio", (0.0, 0.1), "None.")
    roughness = param(0.0, "ratio", (0.0, 1.0), "None.")


@cache
def swarm(panic: float, surrender: float, length_s: float = 30.0) -> np.ndarray:
    return heard(Wasps, {"panic": panic, "surrender": surrender}, length_s)


def wings(near: bool = True) -> Events:
    rows = composed(Wasps, (0.0, 60.0))
    rows = rows[rows["burst_s"] == 0.0]
    return rows[(rows["beats"] > 0.0) == near]


def hovering(row: Events) -> Events:
    """Return a wasp that stands still in front."""
    row = row.copy()
    row["reach"] = row["above"] = row["speed_m_per_s"] = 0.0
    row["aside_m"], row["rank"] = 1.0, -1.0
    return row


def lines_hz(sound: np.ndarray, least_db: float = -20.0) -> np.ndarray:
    """Return the frequencies of all lines so far below the strongest."""
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    step_hz = RATE / len(sound)
    least = power.max() * 10.0 ** (least_db / 20.0)
    tops, _ = find_peaks(power, height=least, distance=max(1, int(20.0 / step_hz)))
    a, b, c = (np.log(power[tops + d]) for d in (-1, 0, 1))
    return (tops + 0.5 * (a - c) / (a - 2.0 * b + c)) * step_hz


def test_wings_beat_between_100_and_250_hz_in_panic() -> None:
    rows = composed(Wasps, (0.0, 60.0), PANIC)
    rows = rows[rows["burst_s"] == 0.0]
    assert len(rows) > 100
    beat_hz = 0.5 * rows["pitch_hz"]  # a wing is written as its strongest harmonic
    assert np.all((beat_hz > 95.0) & (beat_hz < 260.0))
    assert np.ptp(beat_hz) > 100.0


def test_the_second_harmonic_is_the_strongest() -> None:
    row = hovering(wings()[:1])
    sound = one_event(Steady, row)[0, 4 * RATE : 6 * RATE]
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 20))
    lines = 0.5 * float(row["pitch_hz"][0]) * np.arange(1, 7) * (1 << 20) / RATE
    levels = np.array([gain_to_db(power[int(i) - 40 : int(i) + 41].max()) for i in lines])
    assert levels.argmax() == 1
    assert levels[1] - levels[0] == pytest.approx(4.0, abs=0.5)


def test_a_pitch_wanders_by_two_to_five_percent() -> None:
    row = hovering(wings()[:1])
    sound = one_event(Wasps, row)[0].astype(np.float64)
    size, hz = 4096, float(row["pitch_hz"][0])
    found = []
    for at in range(2 * RATE, 22 * RATE, size):
        power = np.abs(np.fft.rfft(sound[at : at + size] * np.hanning(size), 1 << 17))
        low, high = (int(x * hz * (1 << 17) / RATE) for x in (0.85, 1.15))
        found.append((low + np.argmax(power[low:high])) / (low + high) * 2.0)
    assert 0.02 < np.std(found) < 0.05
    assert np.mean(found) == pytest.approx(1.0, abs=0.02)


def test_the_near_ones_lie_20_to_70_hz_apart() -> None:
    for seed in range(1, 9):
        rows = composed(Wasps, (0.0, 0.1), PANIC, seed=seed)
        near_hz = np.sort(0.5 * rows["pitch_hz"][rows["beats"] > 0.0])
        assert len(near_hz) == 4
        assert np.all((np.diff(near_hz) > 20.0) & (np.diff(near_hz) < 70.0))


def test_panic_is_rough_and_calm_is_not() -> None:
    hot, calm = (np.median(features(swarm(*x), RATE)["rough_index"]) for x in ((1, 0), (0, 1)))
    assert hot > 0.35
    assert calm < 0.1


def test_panic_is_louder_brighter_and_busier_by_degrees() -> None:
    rows = [features(swarm(p, 0.0)[:, 5 * RATE :], RATE) for p in (0.0, 0.5, 1.0)]
    for name, step in (("loudness_lufs", 2.0), ("centroid_hz", 300.0), ("sharpness_acum", 0.1)):
        found = [np.median(r[name]) for r in rows]
        assert np.all(np.diff(found) > step), name
    assert np.mean(rows[2]["onsets_per_s"]) > 5.0


def test_passing_by_bends_pitch_as_the_formula_says() -> None:
    row = hovering(wings()[:1])
    row["speed_m_per_s"], row["passes_s"], row["aside_m"] = 12.0, 5.0, 2.0
    sound = one_event(Steady, row).sum(axis=0).astype(np.float64)
    hz = float(row["pitch_hz"][0])

    def at_hz(time_s: float) -> float:
        size = 8192
        part = sound[int(time_s * RATE) - size // 2 :][:size] * np.hanning(size)
        power = np.abs(np.fft.rfft(part, 1 << 18))
        low, high = (int(x * hz * (1 << 18) / RATE) for x in (0.9, 1.1))
        return (low + float(np.argmax(power[low:high]))) * RATE / (1 << 18)

    for time_s, along in ((4.0, -12.0), (4.5, -6.0), (5.0, 0.0), (6.0, 12.0)):
        away = 12.0 * along / np.hypot(along, 2.0)
        wanted = hz * 343.0 / (343.0 + away)
        assert abs(ratio_to_cents(at_hz(time_s) / wanted)) < 4.0, time_s


def test_one_that_dives_by_falls_in_pitch_as_it_passes() -> None:
    asked = rows_of_gesture(DiveBy, [Asking("dive_by", 2.0, 7, (2.0, 0.45, 0.0))])
    (row,) = Steady().answer("dive_by", asked, Chance(3))
    sound = one_event(Steady, row.reshape(1)).sum(axis=0)
    hz = float(row["pitch_hz"])
    for time_s in (0.15, 0.44, 0.85):
        part = sound[int((time_s - 0.08) * RATE) : int((time_s + 0.08) * RATE)]
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 18))
        low, high = (int(x * hz * (1 << 18) / RATE) for x in (0.9, 1.1))
        found = (low + float(np.argmax(power[low:high]))) * RATE / (1 << 18)
        along = abs(row["speed_m_per_s"]) * (time_s - row["passes_s"])
        away = abs(row["speed_m_per_s"]) * along / np.hypot(along, 0.45)
        assert abs(ratio_to_cents(found / (hz * 343.0 / (343.0 + away)))) < 6.0, time_s


def test_it_is_twice_as_loud_at_half_the_distance() -> None:
    levels = []
    for aside_m in (1.0, 2.0, 4.0):
        row = hovering(wings()[:1])
        row["aside_m"] = aside_m
        levels.append(power_to_db(np.mean(one_event(Steady, row)[:, 4 * RATE : 6 * RATE] ** 2)))
    assert np.diff(levels) == pytest.approx([-6.02, -6.02], abs=0.05)


def test_each_flies_from_side_to_side() -> None:
    sound = one_event(Wasps, wings()[:1]).astype(np.float64)[:, 3 * RATE : 15 * RATE]
    power = (sound.reshape(2, -1, RATE // 4) ** 2).mean(axis=2)
    side_db = power_to_db(power[0] / power[1])
    assert side_db.max() > 6.0
    assert side_db.min() < -6.0


def stings(settings: dict[str, float], seed: int = 1, length_s: float = 60.0) -> Events:
    rows = composed(Wasps, (0.0, length_s), settings, seed=seed)
    return rows[rows["burst_s"] > 0.0]


def test_stings_follow_panic_and_are_gone_before_the_chord() -> None:
    counts = [len(stings({"panic": p})) / 60.0 for p in (0.0, 0.5, 1.0)]
    assert counts == pytest.approx([0.3, 2.2, 8.0], rel=0.35, abs=0.2)
    assert len(stings({"panic": 1.0, "surrender": 0.3})) < 0.8 * len(stings({"panic": 1.0}))
    assert len(stings({"panic": 1.0, "surrender": 0.55})) == 0


def test_a_sting_is_a_short_burst_between_1_5_and_5_khz_with_a_bump() -> None:
    for row in stings(PANIC)[:12]:
        row = row.reshape(1)
        sound = one_event(Wasps, row).sum(axis=0).astype(np.float64)
        bins = np.fft.rfft(sound, 1 << 15)
        hz = np.fft.rfftfreq(1 << 15, 1.0 / RATE)
        high = np.fft.irfft(np.where(hz > 500.0, bins, 0.0))[: len(sound)]
        loud = np.flatnonzero(np.abs(high) > 0.1 * np.abs(high).max()) / RATE
        assert 0.004 < loud[-1] - loud[0] < 0.020
        power = np.abs(bins) ** 2
        centre = np.sum((hz * power)[hz > 500.0]) / np.sum(power[hz > 500.0])
        assert 1200.0 < centre < 5500.0
        low = hz < 300.0
        assert hz[low][np.argmax(power[low])] == pytest.approx(60.0, abs=8.0)
        assert abs(sound.sum()) < 0.02 * np.abs(sound).sum()  # nothing is pushed aside


@pytest.mark.parametrize("root_hz", [55.0, 41.2])
def test_at_rest_it_is_three_tones_within_5_cents(root_hz: float) -> None:
    sound = heard(Wasps, {**CALM, "root_hz": root_hz}, 24.0)[:, 8 * RATE : 24 * RATE].sum(axis=0)
    found = lines_hz(sound.astype(np.float64))
    tones = root_hz * np.array([8.0, 12.0, 16.0])
    assert len(found) == 3
    assert np.abs(ratio_to_cents(found / tones)).max() < 1.0


def test_coming_to_rest_ends_on_the_tones_within_5_cents() -> None:
    settings = {"surrender": moving(0.0, 1.0, 14.0), "panic": moving(1.0, 0.1, 10.0)}
    sound = heard(Wasps, settings, 26.0)[:, 16 * RATE :].sum(axis=0).astype(np.float64)
    found = lines_hz(sound)
    assert np.abs(ratio_to_cents(found / (55.0 * np.array([8.0, 12.0, 16.0])))).max() < 5.0


def test_every_wing_comes_to_rest_in_a_window_of_its_own() -> None:
    begins, arrives = (np.unique(wings(near=False)[name]) for name in ("begins", "arrives"))
    assert len(begins) > 40
    assert begins.min() >= 0.10
    assert np.ptp(begins) > 0.15
    assert arrives.max() <= 0.90
    assert np.ptp(arrives) > 0.2


@pytest.mark.parametrize("voices", [9, 48])
def test_unisons_that_have_arrived_do_not_cancel(voices: int) -> None:
    run = alone(Wasps, {"surrender": moving(0.0, 1.0, 12.0)}, {"voices": voices})
    sound = rendered(run, 56.0, RATE)[:, 16 * RATE :].sum(axis=0).astype(np.float64)
    t = np.arange(len(sound)) / RATE
    for tone in (8.0, 12.0, 16.0):
        low = sound * np.exp(-2j * np.pi * 55.0 * tone * t)
        level = np.abs(low.reshape(40, RATE).mean(axis=1))
        # One breath of 45 %, and wings that hand over: never a hole.
        assert level.min() > 0.3 * np.median(level), tone


def test_the_shimmer_breathes_six_times_a_minute() -> None:
    sound = swarm(0.0, 1.0, 62.0)[:, 2 * RATE :].astype(np.float64)
    levels = np.sqrt((sound**2).sum(axis=0).reshape(600, -1).mean(axis=1))
    power = np.abs(np.fft.rfft((levels - levels.mean()) * np.hanning(600), 1 << 14)) ** 2
    hz = np.fft.rfftfreq(1 << 14, 0.1)
    assert hz[power.argmax()] == pytest.approx(0.1, abs=0.01)
    assert power[(hz > 0.05) & (hz < 0.2)].sum() > 0.9 * power.sum()


@pytest.mark.parametrize("panic", [0.0, 0.5, 1.0])
def test_at_rest_it_is_transformed_and_not_faded_out(panic: float) -> None:
    raw, calm = (loudness(swarm(panic, s)[:, 5 * RATE :], RATE).integrated_lufs for s in (0.0, 1.0))
    assert -24.0 <= calm - raw <= 3.0


def test_on_its_way_it_never_gets_louder_than_it_was() -> None:
    settings = {"surrender": moving(0.0, 1.0, 40.0), "panic": 0.4}
    rows = features(heard(Wasps, settings, 50.0), RATE)
    begun = np.median(rows["loudness_lufs"][4:8])
    assert rows["loudness_lufs"][8:].max() < begun + 2.0
    assert rows["loudness_lufs"][4:].min() > begun - 16.0


def test_at_rest_it_is_as_calm_as_calm_must_be() -> None:
    rows = features(swarm(0.0, 1.0, 62.0)[:, 10 * RATE :], RATE)
    assert np.median(rows["sharpness_acum"]) <= 0.9
    assert np.median(rows["centroid_hz"]) <= 800.0
    assert np.median(rows["high_db"]) <= -30.0
    assert np.mean(rows["onsets_per_s"]) <= 0.2
    assert np.median(rows["hnr_db"][10:]) >= 20.0


@pytest.mark.parametrize("voices", [1, 12, 200])
def test_a_swarm_of_any_size_is_about_as_loud(voices: int) -> None:
    run = alone(Wasps, fixed={"voices": voices})
    lufs = loudness(rendered(run, 20.0)[:, 4 * RATE :], RATE).integrated_lufs
    assert -31.0 < lufs < -22.0


def test_block_size_is_inaudible_on_the_way_to_rest() -> None:
    settings = {
        "surrender": moving(0.0, 1.0, 5.0),
        "panic": moving(1.0, 0.0, 5.0),
        "distance_m": moving(1.0, 4.0, 5.0),
    }
    for fixed in ({"voices": 48}, {"voices": 3}):
        run = alone(Wasps, settings, fixed)
        whole = rendered(run, 6.0, RATE)
        for block in (64, 256, 64 * 37):
            assert np.array_equal(rendered(run, 6.0, RATE, block=block), whole)


def test_any_moment_can_be_the_start_of_two_hundred() -> None:
    run = alone(Wasps, {"surrender": moving(0.0, 1.0, 40.0)}, {"voices": 200})
    whole = rendered(run, 30.0, RATE)
    for first in (64 * 6007, 64 * 20003):
        started = rendered(run, 1.0, RATE, start_s=first / RATE)
        assert np.array_equal(started, whole[:, first : first + started.shape[1]])


def test_another_seed_is_another_swarm() -> None:
    a, b = (rendered(alone(Wasps, seed=seed), 3.0)[0] for seed in (1, 2))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.05


def test_a_wasp_keeps_what_it_is_from_flight_to_flight() -> None:
    rows = wings()
    for wasp in np.unique(rows["wasp"]):
        mine = rows[rows["wasp"] == wasp]
        assert len(mine) >= 2
        assert len(np.unique(mine["place"])) == 1
        gaps = mine["at_s"][1:] - (mine["at_s"] + mine["duration_s"])[:-1]
        assert gaps == pytest.approx(np.full(len(gaps), -3.0))  # over which one takes over


def test_a_wing_is_there_at_every_moment() -> None:
    run = alone(Steady, {"panic": 1.0, "stings_per_s": 0.0}, {"voices": 1, "near": 0})
    sound = rendered(run, 60.0)[:, 2 * RATE :].astype(np.float64)
    level = (sound**2).sum(axis=0).reshape(-1, RATE // 2).mean(axis=1)
    assert power_to_db(level.min() / np.median(level)) > -15.0


def test_what_is_declared_as_partials_is_what_sounds() -> None:
    run = alone(Steady, {"stings_per_s": 0.0}, {"voices": 1, "near": 1})
    rows = run.settings.compose((0.0, 20.0), Chance(run.key), {})
    hz, gain = run.settings.partials(8.0, rows)
    assert len(hz) == len(gain) == 4
    assert gain.argmax() == 1
    sound = rendered(run, 10.0)[:, 8 * RATE - 4096 : 8 * RATE + 4096].sum(axis=0)
    power = np.abs(np.fft.rfft(sound * np.hanning(8192), 1 << 17))
    assert np.argmax(power) * RATE / (1 << 17) == pytest.approx(hz[1], rel=0.02)
    rest = Wasps(alone(Wasps, {"surrender": 1.0}).settings.curves)
    hz, gain = rest.partials(8.0, rest.compose((0.0, 8.5), Chance(3), {}))
    assert set(np.round(hz[gain > 0.0])) == {440.0, 660.0, 880.0}
