"""Cracks: shells and slabs that break, what falls from them, and the taps they become."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.alone import alone
from lullaby.measure.arc import Stretch, arc_reading
from lullaby.measure.features import features
from lullaby.model.chance import Chance
from lullaby.model.chords import CHORDS
from lullaby.model.curve import Constant
from lullaby.model.event import Events
from lullaby.model.gesture import Asking, rows
from lullaby.modules.cracks import RANGE, Cracks
from tests.modules.laws import RATE, composed, heard, one_event

PLAIN = {"slabs": 0.0, "debris": 0.0}


def shells(seed: int = 1, **settings: float) -> Events:
    return composed(Cracks, (0.0, 120.0), {**PLAIN, **settings}, seed)


def envelope(x: np.ndarray, frames: int = 24) -> np.ndarray:
    squares = (x.astype(np.float64) ** 2).sum(axis=0)
    return np.sqrt(np.convolve(squares, np.ones(frames) / frames, "same"))


def energy(x: np.ndarray) -> float:
    return float(np.sum(x.astype(np.float64) ** 2))


def share_between(x: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = (np.abs(np.fft.rfft(x.astype(np.float64))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(x.shape[1], 1.0 / RATE)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


def test_a_shell_snaps_in_under_a_millisecond_and_rings_for_a_few() -> None:
    for row in range(8):
        snap = one_event(Cracks, shells()[[row]])
        heard_at = np.abs(snap).max(axis=0)
        assert np.flatnonzero(heard_at > 0.5 * heard_at.max())[0] < 0.0008 * RATE
        assert heard_at.argmax() < 0.003 * RATE
        assert heard_at[0] == 0.0
        fades = envelope(snap)
        # After 15 ms, second peak and all, hardly anything is left.
        assert fades[int(0.015 * RATE) :].max() < 0.1 * fades.max()
        assert share_between(snap, 2400.0, 7500.0) > 0.9


def test_the_second_peak_is_weak_as_of_a_shell_that_is_cracked() -> None:
    # A mean over many, as their modes meet in other phases in each.
    ratios = []
    events = shells(q=12.0)[:120]
    for row in range(len(events)):
        alone_at = int(events["second_s"][row] * RATE) - 4
        both = one_event(Cracks, events[[row]])
        single = events[[row]].copy()
        single["second"] = 0.0
        first = one_event(Cracks, single)
        second = (both - first)[:, alone_at:]
        ratios.append(np.sqrt(energy(second) / energy(first)))
    assert 0.3 < np.mean(ratios) < 0.4
    assert min(ratios) > 0.25
    assert max(ratios) < 0.45


def test_debris_is_a_burst_and_then_pieces_that_bounce_in_their_own_time() -> None:
    (row,) = (shells(debris=1.0)[[5]],)
    row["level_db"], row["grains"], row["pieces"], row["second"] = 0.0, 0.0, 3.0, 0.0
    row["fall_s"] = 0.5
    row["duration_s"] = 1.5
    trains = []
    for pieces in (1.0, 2.0, 3.0):
        row["pieces"] = pieces
        x = one_event(Cracks, row)
        trains.append(x - sum(trains) if trains else x)
    trains[0][:, : int(0.03 * RATE)] = 0.0
    periods = []
    for train in trains:
        loud = envelope(train, 48)
        on = (loud > 0.02 * loud.max()).astype(int)
        at = np.flatnonzero(np.diff(on) > 0) / RATE
        at = at[np.append(True, np.diff(at) > 0.008)]  # what flickers in between is one
        gaps = np.diff(at)
        assert len(gaps) >= 3
        keeps = gaps[1:3] / gaps[:2]
        assert np.all((keeps > 0.5) & (keeps < 0.8))
        assert share_between(train, 2500.0, 13000.0) > 0.85
        periods.append(gaps[0])
    assert np.ptp(periods) > 0.005  # no common time


def test_the_burst_thins_out() -> None:
    events = shells(debris=1.0)
    row = events[[int(events["energy"].argmax())]]
    row["pieces"] = 0.0
    x = one_event(Cracks, row)
    length = int(float(row["burst_s"][0]) * RATE)
    parts = [energy(x[:, i * length // 4 : (i + 1) * length // 4]) for i in range(4)]
    assert parts[0] > 1.4 * parts[1] > 1.4 * parts[2]
    assert parts[3] < 0.25 * parts[0]
    assert share_between(x[:, length // 4 :], 2500.0, 13000.0) > 0.9


@pytest.mark.parametrize("steep", [1.3, 1.45, 1.6])
def test_energies_follow_the_power_law_they_say(steep: float) -> None:
    found = np.concatenate([shells(seed, steep=steep)["energy"] for seed in (1, 2, 3)])
    assert 1.0 <= found.min() < found.max() <= RANGE
    # Maximum likelihood over exponents, for a law that is cut off at both ends.
    a = np.linspace(1.05, 2.5, 581)
    most = np.log((1.0 - a) / (RANGE ** (1.0 - a) - 1.0)) - a * np.log(found).mean()
    assert a[most.argmax()] == pytest.approx(steep, abs=0.06)


def test_what_is_heard_has_the_energy_that_was_dealt() -> None:
    for size in (1.0, 8.0):
        events = shells(debris=1.0, size=size)[:60]
        heard_db = [
            10.0 * np.log10(energy(one_event(Cracks, events[[i]]))) for i in range(len(events))
        ]
        away = heard_db - 10.0 * np.log10(events["energy"])
        assert np.std(away) < 1.2
        # What is large takes longer, rather than being only louder.
        assert np.corrcoef(events["energy"], events["burst_s"])[0, 1] > 0.7


def test_a_slab_is_three_octaves_lower_with_a_thud() -> None:
    asked = rows(Cracks.gestures["slab"], [Asking("slab", 1.0, 77, (8.0, 0.0))])
    (row,) = [Cracks({"debris": Constant(0.0)}).answer("slab", asked, Chance(1))]
    x = one_event(Cracks, row)
    assert share_between(x, 20.0, 1000.0) > 0.95
    power = (np.abs(np.fft.rfft(x.astype(np.float64), 1 << 17)) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(1 << 17, 1.0 / RATE)
    assert 38.0 < hz[power.argmax()] < 72.0
    body = (hz > 250.0) & (hz < 1500.0)
    assert 350.0 < hz[body][power[body].argmax()] < 800.0


@pytest.mark.parametrize(("surrender", "wanted"), [(0.0, 0.93), (0.5, 0.69), (1.0, 0.18)])
def test_they_come_the_more_evenly_the_more_is_surrendered(surrender: float, wanted: float) -> None:
    found = []
    for seed in (1, 2, 3):
        settings = {"surrender": surrender, "density_per_s": 0.4}
        at_s = composed(Cracks, (0.0, 1200.0), settings, seed)["at_s"]
        gaps = np.diff(at_s)
        found.append(gaps.std() / gaps.mean())
        assert len(at_s) == pytest.approx(480, rel=0.08)
    assert np.mean(found) == pytest.approx(wanted, abs=0.07)


def test_panic_is_dense_and_rest_is_few() -> None:
    def rate(**settings: float) -> float:
        return len(composed(Cracks, (10.0, 70.0), settings)) / 60.0

    assert rate(panic=1.0) == pytest.approx(14.0, rel=0.1)
    assert rate(panic=0.0) == pytest.approx(0.3, abs=0.1)
    assert rate(panic=1.0, surrender=1.0) == pytest.approx(0.4, abs=0.05)
    assert rate(density_per_s=0.0) == 0.0


def test_kinds_change_one_by_one_as_it_surrenders() -> None:
    before: set[int] = set()
    for surrender in (0.0, 0.3, 0.6, 1.0):
        settings = {"surrender": surrender, "density_per_s": 0.4}  # the same pulses throughout
        events = composed(Cracks, (0.0, 1200.0), settings)
        soft = events["soft"] > 0.0
        assert soft.mean() == pytest.approx(surrender, abs=0.06)
        keys = set(map(int, events["key"][soft]))
        assert len(before - keys) <= 8  # at the edges of the window only
        before = keys


@pytest.mark.parametrize("chord", list(CHORDS))
def test_surrendered_taps_lie_on_the_chord_within_5_cents(chord: str) -> None:
    run = alone(Cracks, {"surrender": 1.0}, {"chord": chord})
    events = run.settings.compose((0.0, 60.0), Chance(2), {})
    tones = 55.0 * np.array(CHORDS[chord])
    for row in range(6):
        x = one_event(Cracks, events[[row]]).sum(axis=0, dtype=np.float64)
        bins = np.abs(np.fft.rfft(x * np.hanning(len(x)), 1 << 20))
        hz = np.fft.rfftfreq(1 << 20, 1.0 / RATE)
        found = hz[bins.argmax()]
        assert np.abs(1200.0 * np.log2(found / tones)).min() < 5.0
        assert found == pytest.approx(events["pitch_hz"][row], rel=0.001)


def test_a_tap_comes_up_softly_and_rings() -> None:
    events = composed(Cracks, (0.0, 30.0), {"surrender": 1.0})
    x = one_event(Cracks, events[[1]])
    loud = envelope(x, 240)
    up = np.flatnonzero(loud > 0.9 * loud[: RATE // 4].max())[0]
    assert 0.012 * RATE < up < 0.05 * RATE
    assert 0.1 < loud[2 * RATE] / loud.max() < 0.6
    assert loud[-1] < 1e-4
    # At the other end of the way a tap is hard and dry.
    rough = composed(Cracks, (0.0, 60.0), {"surrender": 0.15, "density_per_s": 10.0})
    hard = rough[rough["soft"] > 0.0][[0]]
    loud = envelope(one_event(Cracks, hard), 48)
    assert np.flatnonzero(loud > 0.7 * loud.max())[0] < 0.006 * RATE
    assert loud[RATE // 2] < 0.01 * loud.max()


def test_panic_is_the_panic_it_should_be() -> None:
    sound = heard(Cracks, {"surrender": 0.0, "panic": 1.0}, 40.0)
    reading = arc_reading(features(sound, RATE), [Stretch("panic", 5.0, 34.0)]).scenes[0]
    # Loudness belongs to the piece.
    assert len(reading.meets_panic - {"loudness_lufs"}) == 9


def test_the_breath_is_common_and_slow() -> None:
    sound = heard(Cracks, {"surrender": 1.0, "panic": 0.0}, 70.0, seed=4)
    reading = arc_reading(features(sound, RATE), [Stretch("calm", 10.0, 60.0)]).scenes[0]
    assert reading.breath is not None
    assert reading.breath.peak_hz == pytest.approx(0.1, abs=0.02)


def test_there_are_no_images_over_what_falls() -> None:
    sound = heard(Cracks, {"panic": 1.0}, 6.0)
    assert share_between(sound, 17_000.0, 24_000.0) < 1e-3


def test_a_part_laid_out_anew_goes_on_with_its_cracks() -> None:
    old, new = alone(Cracks).settings, alone(Cracks).settings
    old.compose((0.0, 200.0), Chance(1), {})
    new.go_on(old)
    assert new.compose((190.0, 200.0), Chance(1), {}).tobytes() == (
        old.compose((190.0, 200.0), Chance(1), {}).tobytes()
    )
