"""Clockwork: clocks that are precise, come apart, and come home to one wooden pulse."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.alone import alone, rendered
from lullaby.measure.features import features
from lullaby.measure.loudness import loudness
from lullaby.model.chance import Chance
from lullaby.model.chords import CHORDS
from lullaby.model.curve import Constant
from lullaby.model.event import Events
from lullaby.model.gesture import Asking, rows
from lullaby.modules.clockwork import PER_BEAT, RHYTHMS, SPRING_FROM_HZ, SPRING_TO_HZ, Clockwork
from lullaby.units import power_to_db, ratio_to_cents
from tests.modules.laws import RATE, heard, moving, one_event

PRECISE = {"unravel": 0.0, "haste": 1.0}


def ticks(
    settings: dict[str, float], fixed: dict[str, object], seed: int = 1, length_s: float = 240.0
) -> Events:
    run = alone(Clockwork, settings, fixed, seed=seed)
    return run.settings.compose((0.0, length_s), Chance(run.key), {})


def spread(at_s: np.ndarray) -> float:
    gaps = np.diff(at_s)
    return float(gaps.std() / gaps.mean())


def test_a_tick_is_three_clicks_in_four_to_ten_milliseconds() -> None:
    for row in range(0, 60, 7):
        tick = ticks({"case": 0.0}, {})[[row]]
        sound = one_event(Clockwork, tick).astype(np.float64)
        power = (np.abs(np.fft.rfft(sound, 1 << 15)) ** 2).sum(axis=0)
        hz = np.fft.rfftfreq(1 << 15, 1 / RATE)
        inside = (hz > 2500.0) & (hz < 14000.0)
        assert power_to_db(power[inside].sum() / power.sum()) > -0.5
        level = np.sqrt(np.convolve((sound**2).sum(axis=0), np.ones(24) / 24, "same"))
        wanted = RATE * np.array([0.0, tick["gap_s"][0], tick["gap_2_s"][0]])
        for at in wanted.astype(int):
            near = level[max(at - 20, 0) : at + 60].max()
            before = level[max(at - 60, 0) : max(at - 30, 1)].max()
            assert near > 1.6 * before or at == 0
        assert 0.004 <= tick["gap_2_s"][0] <= 0.010
        assert level[int(0.02 * RATE) :].max() < 0.01 * level.max()


def test_precise_clocks_tick_two_three_and_five_times_to_a_beat() -> None:
    known: list[int] = []
    for voices, per_beat in enumerate(PER_BEAT, 1):
        events = ticks(PRECISE, {"voices": voices}, length_s=60.0)
        new = events[~np.isin(events["key"], known)]
        known = list(events["key"])
        assert len(new) == pytest.approx(60 * per_beat, abs=1)
        assert spread(new["at_s"]) < 0.02


def test_unravelled_they_come_as_chance_has_it() -> None:
    found = {}
    for unravel in (0.0, 0.5, 1.0):
        settings = {"unravel": unravel, "haste": 1.0}
        found[unravel] = np.mean(
            [spread(ticks(settings, {"voices": 1}, seed)["at_s"]) for seed in (1, 2, 3, 4)]
        )
    assert found[0.0] < 0.02 < 0.2 < found[0.5] < 0.8
    assert found[1.0] == pytest.approx(1.0, abs=0.12)  # Poisson
    whole = len(ticks({"unravel": 0.0, "haste": 1.0}, {}))
    assert len(ticks({"unravel": 1.0, "haste": 1.0}, {})) == pytest.approx(0.6 * whole, rel=0.1)


@pytest.mark.parametrize("rhythm", list(RHYTHMS))
def test_accents_are_a_euclidean_rhythm(rhythm: str) -> None:
    events = ticks(PRECISE | {"accent_db": 12.0}, {"voices": 1, "rhythm": rhythm}, length_s=60.0)
    onsets, places = RHYTHMS[rhythm]
    loud = events["level_db"] > events["level_db"].max() - 6.0
    assert np.ptp(events["level_db"]) == pytest.approx(12.0)
    gaps = np.diff(np.flatnonzero(loud))
    assert set(gaps) == {places // onsets, places // onsets + 1}  # as even as they can be
    whole = len(gaps) // onsets * onsets
    assert np.all(gaps[:whole].reshape(-1, onsets).sum(axis=1) == places)


def test_panic_makes_them_hasty_and_bright() -> None:
    calm, hot = (ticks({"panic": p}, {}, length_s=120.0) for p in (0.0, 1.0))
    assert len(hot) == pytest.approx(1.5 * len(calm), rel=0.05)
    assert hot["bright_db"][0] - calm["bright_db"][0] == pytest.approx(3.0)


def test_surrendered_all_tap_once_a_second_together() -> None:
    events = ticks({"surrender": 1.0, "panic": 0.8, "unravel": 1.0}, {}, length_s=60.0)
    assert np.all(events["soft"] == 1.0)
    off_s = events["at_s"] - np.round(events["at_s"])
    assert np.abs(off_s).max() < 1e-6
    _, taps = np.unique(np.round(events["at_s"]), return_counts=True)
    assert np.all(taps[1:-1] == 6)
    sound = heard(Clockwork, {"surrender": 1.0, "panic": 0.0}, 60.0)[:, 10 * RATE :]
    assert np.median(features(sound, RATE)["onsets_per_s"]) == 1.0


def test_surrendered_taps_are_on_the_chord() -> None:
    sound = heard(Clockwork, {"surrender": 1.0, "root_hz": 55.0}, 20.0)[:, 10 * RATE :]
    power = np.abs(np.fft.rfft(sound.sum(axis=0) * np.hanning(sound.shape[1]), 1 << 21))
    hz = np.fft.rfftfreq(1 << 21, 1 / RATE)
    for tone in CHORDS["warm"][1:]:
        near = (hz > 55.0 * tone * 0.97) & (hz < 55.0 * tone * 1.03)
        assert abs(ratio_to_cents(hz[near][power[near].argmax()] / (55.0 * tone))) < 5.0
        assert power[near].max() > 0.02 * power.max()


def test_on_the_way_each_comes_nearer_to_the_beat() -> None:
    run = alone(Clockwork, {"surrender": moving(0.0, 1.0, 200.0)})
    at_s = run.settings.compose((0.0, 220.0), Chance(run.key), {})["at_s"]
    early, late, home = (
        np.abs((at_s - np.round(at_s))[(at_s >= a) & (at_s < a + 30.0)]).mean()
        for a in (0.0, 120.0, 190.0)
    )
    assert early > 0.2
    assert home < 1e-3 < late < 0.75 * early
    # No hole in it and no rush: never more at once than there were, never less than the pulse.
    counts = np.histogram(at_s, np.arange(0.0, 201.0, 10.0))[0]
    assert counts.max() <= 1.15 * counts[0]
    assert counts.min() >= 0.8 * counts[-1]


def test_their_clocks_come_into_step() -> None:
    def step(settings: dict[str, float]) -> float:
        module = alone(Clockwork, settings).settings
        turns = [np.exp(2j * np.pi * module.pulses(t, None)) for t in np.arange(60.0, 120.0, 1.7)]
        return float(np.mean([np.abs(turn.mean()) for turn in turns]))

    assert step({"surrender": 0.0, "unravel": 1.0}) < 0.6
    assert step({"surrender": 1.0, "unravel": 1.0}) > 0.999


def test_a_spring_runs_away_faster_and_faster() -> None:
    asked = rows(Clockwork.gestures["spring"], [Asking("spring", 5.0, 77, (2.0, 0.0))])
    made = Clockwork({"surrender": Constant(0.0)}).answer("spring", asked, Chance(1))
    at_s = np.sort(made["at_s"])
    rates_hz = 1.0 / np.diff(at_s)
    assert at_s[0] == 5.0
    assert at_s[-1] < 7.0
    assert np.all(np.diff(rates_hz) > 0.0)
    assert rates_hz[0] == pytest.approx(SPRING_FROM_HZ, rel=0.1)
    assert rates_hz[-1] == pytest.approx(SPRING_TO_HZ, rel=0.1)
    growth = np.polyfit(at_s[1:], np.log(rates_hz), 1)[0]
    assert growth == pytest.approx(np.log(SPRING_TO_HZ / SPRING_FROM_HZ) / 2.0, rel=0.05)


@pytest.mark.parametrize("voices", [1, 3, 24])
def test_more_clocks_are_no_louder(voices: int) -> None:
    def level_db(surrender: float) -> float:
        settings = {"surrender": surrender, "unravel": 0.0}
        run = alone(Clockwork, settings, {"voices": voices})
        return loudness(rendered(run, 40.0, RATE)[:, 8 * RATE :], RATE).integrated_lufs

    assert level_db(0.0) == pytest.approx(-23.0, abs=3.0)
    assert level_db(1.0) == pytest.approx(-28.0, abs=3.0)
