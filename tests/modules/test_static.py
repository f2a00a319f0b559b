"""Static: what it sounds like in panic and as surf, and that it is the same however it is asked."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.signal import welch

from lullaby.engine.alone import alone, rendered
from lullaby.measure.loudness import loudness
from lullaby.model.chance import Chance
from lullaby.model.curve import Constant, Curve, Ramp
from lullaby.modules.static import Static

RATE = 48000
PANIC = {"surrender": 0.0, "panic": 1.0}
CALM = {"surrender": 1.0, "panic": 0.0}


def heard(length_s: float, settings: dict[str, float | Curve] | None = None, **fixed: int):
    return rendered(alone(Static, settings, fixed), length_s)


def lufs(x: np.ndarray) -> float:
    return loudness(x, RATE).integrated_lufs


def spectrum(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    hz, power = welch(x.astype(np.float64), RATE, nperseg=4096)
    return hz, power.mean(axis=0)


def centroid_hz(x: np.ndarray) -> float:
    hz, power = spectrum(x)
    return float((hz * np.sqrt(power)).sum() / np.sqrt(power).sum())


def above_2_khz_db(x: np.ndarray) -> float:
    hz, power = spectrum(x)
    return float(10.0 * np.log10(power[hz > 2000.0].sum() / power.sum()))


def crest_db(x: np.ndarray) -> float:
    seconds = x[:, : x.shape[1] // RATE * RATE].astype(np.float64).reshape(2, -1, RATE)
    peak = np.abs(seconds).max(axis=(0, 2))
    return float(np.median(20.0 * np.log10(peak / np.sqrt((seconds**2).mean(axis=(0, 2))))))


def envelope(x: np.ndarray, rate_hz: int = 50) -> np.ndarray:
    n = RATE // rate_hz
    squares = (x.astype(np.float64) ** 2).mean(axis=0)
    return np.sqrt(squares[: len(squares) // n * n].reshape(-1, n).mean(axis=1))


@pytest.fixture(scope="module")
def panic() -> np.ndarray:
    return heard(30.0, dict(PANIC))


@pytest.fixture(scope="module")
def calm() -> np.ndarray:
    return heard(60.0, dict(CALM))


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return heard(30.0)


def test_it_measures_minus_23_lufs_as_declared(plain: np.ndarray) -> None:
    assert lufs(plain) == pytest.approx(-23.0, abs=1.0)


def test_surf_is_softer_than_panic_but_stays(calm: np.ndarray, plain: np.ndarray) -> None:
    assert -24.0 < lufs(calm) - lufs(plain) < 3.0
    assert envelope(calm, 2)[2:].min() > 10 ** (-50 / 20)  # the trough of the wave


def test_panic_is_bright_and_sharp(panic: np.ndarray) -> None:
    assert centroid_hz(panic) >= 3000.0
    assert above_2_khz_db(panic) >= -10.0
    assert crest_db(panic) >= 16.0


def test_surf_is_dark_and_smooth(calm: np.ndarray) -> None:
    assert centroid_hz(calm) <= 800.0
    assert above_2_khz_db(calm) <= -30.0
    assert crest_db(calm) <= 12.5
    hz, power = spectrum(calm)
    wave = (hz > 200.0) & (hz < 800.0)
    assert power[wave].sum() > 0.75 * power.sum()


def test_surf_breathes_six_times_a_minute_and_panic_does_not(
    calm: np.ndarray, panic: np.ndarray
) -> None:
    def slow(x: np.ndarray) -> tuple[float, float]:
        e = envelope(x)
        e = (e - e.mean()) * np.hanning(len(e))
        power, hz = np.abs(np.fft.rfft(e, 1 << 15)) ** 2, np.fft.rfftfreq(1 << 15, 0.02)
        felt = (hz >= 0.05) & (hz <= 20.0)
        share = power[felt & (hz <= 0.2)].sum() / power[felt].sum()
        return float(share), float(hz[felt][power[felt].argmax()])

    share, peak_hz = slow(calm)
    assert share > 0.5
    assert peak_hz == pytest.approx(0.1, abs=0.02)
    assert slow(panic)[0] < 0.1


def test_a_wave_comes_in_for_four_seconds_and_goes_for_six(calm: np.ndarray) -> None:
    # The loudest moment of a mean breath is 4 s after its start, the softest the start itself.
    breaths = envelope(calm, 5)[50:300].reshape(5, 50).mean(axis=0)
    smooth = np.convolve(np.tile(breaths, 3), np.ones(5) / 5, "same")[50:100]
    assert smooth.argmax() / 5 == pytest.approx(4.0, abs=0.8)
    assert min(smooth.argmin() / 5, 10.0 - smooth.argmin() / 5) < 0.8


def test_surf_is_wide(calm: np.ndarray) -> None:
    assert abs(np.corrcoef(calm)[0, 1]) < 0.8
    left, right = (calm.astype(np.float64) ** 2).mean(axis=1)
    assert abs(10.0 * np.log10(left / right)) < 4.0


@pytest.mark.parametrize(("panic", "slope_db"), [(0.0, -9.0), (0.5, -6.0), (1.0, -3.0)])
def test_the_hiss_falls_by_the_declared_slope(panic: float, slope_db: float) -> None:
    hz, power = spectrum(heard(12.0, {"panic": panic, "density_per_s": 0.0}))
    above = (hz > 3000.0) & (hz < 12000.0)
    slope = np.polyfit(np.log2(hz[above]), 10.0 * np.log10(power[above]), 1)[0]
    assert slope == pytest.approx(slope_db, abs=1.8)  # two filters approximate a straight slope


def test_crackle_is_as_dense_as_asked() -> None:
    def jumps(density: float) -> int:
        # Peaks far outside of noise, counted in cells of 20 ms, one station, good reception.
        x = heard(30.0, {"density_per_s": density, "reception": 1.0, "panic": 1.0}, voices=1)
        cells = np.abs(x).max(axis=0)[: 1500 * 960].reshape(1500, 960).max(axis=1)
        return int((cells > 2.0 * np.median(cells)).sum())

    none, some, many = jumps(0.0), jumps(4.0), jumps(16.0)
    assert none <= 2
    assert 25 < some < 150  # of 120: some fall into one cell, small ones stay under
    assert many > 2 * some


def whistling_db(settings: dict[str, float | Curve]) -> float:
    # How far the strongest line of 0.17 s stands over its surroundings, at best.
    x = heard(8.0, {"density_per_s": 0.0, "whistle": 1.0, **settings})[0].astype(np.float64)
    frames = x[: len(x) // 8192 * 8192].reshape(-1, 8192) * np.hanning(8192)
    power = (np.abs(np.fft.rfft(frames)) ** 2)[:, 60:450]
    return float(10.0 * np.log10((power.max(axis=1) / power.mean(axis=1)).max()))


def test_a_moving_dial_whistles_and_a_still_one_does_not() -> None:
    moving: Curve = Ramp(Constant(0.2), Constant(0.8), 0.0, 60.0)
    still = whistling_db({"search": 0.0})
    assert whistling_db({"search": 0.0, "dial": moving}) > still + 3.0
    gone = {"search": 0.0, "dial": moving, "surrender": 1.0}
    assert whistling_db(gone) < whistling_db({"search": 0.0, "surrender": 1.0}) + 1.0


def test_poor_reception_fades_one_station_in_and_out() -> None:
    def unsteady_db(reception: float) -> float:
        settings = {"reception": reception, "density_per_s": 0.0, "whistle": 0.0, "focus": 3.0}
        e = envelope(heard(20.0, settings, voices=1))[50:]
        return float(20.0 * np.log10(np.percentile(e, 50) / np.percentile(e, 3)))

    assert unsteady_db(0.0) > unsteady_db(1.0) + 6.0


@pytest.fixture(scope="module")
def moving() -> dict[str, float | Curve]:
    return {
        "surrender": Ramp(Constant(0.0), Constant(1.0), 1.0, 9.0),
        "panic": Ramp(Constant(1.0), Constant(0.0), 0.0, 9.0),
        "dial": Ramp(Constant(0.1), Constant(0.9), 0.0, 9.0),
    }


@pytest.mark.parametrize("rate", [44100, 48000])
def test_block_size_is_inaudible(moving: dict[str, float | Curve], rate: int) -> None:
    run = alone(Static, moving)
    whole = rendered(run, 3.0, rate)
    for block in (64, 256, 1024, 64 * 37):
        assert np.array_equal(rendered(run, 3.0, rate, block=block), whole)


def test_any_moment_can_be_the_start(moving: dict[str, float | Curve]) -> None:
    run = alone(Static, moving)
    through = rendered(run, 30.0)
    for first in (64, 64 * 6007, 64 * 18000):
        started = rendered(run, 1.0, start_s=first / RATE)
        assert np.array_equal(started, through[:, first : first + started.shape[1]])


def test_windows_cut_anywhere_give_the_same_events() -> None:
    part, chance = Static(fixed={"voices": 32}), Chance(7)
    whole = part.compose((0.0, 120.0), chance, {})
    assert np.all(np.diff(whole["at_s"]) >= 0.0)
    assert whole["duration_s"].max() <= 60.0
    cuts = [0.0, 0.25, 3.7, 29.9, 30.0, 30.25, 61.803, 118.0, 120.0]
    parts = [part.compose(w, chance, {}) for w in itertools.pairwise(cuts)]
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_every_station_sounds_at_every_moment() -> None:
    events = Static(fixed={"voices": 32}).compose((0.0, 200.0), Chance(7), {})
    for t in np.arange(0.5, 180.0, 3.1):
        on = (events["at_s"] <= t) & (t < events["at_s"] + events["duration_s"])
        assert len(set(events["lead"][on])) == 32


def test_the_level_stays_while_stations_take_over() -> None:
    e = envelope(heard(45.0, {"density_per_s": 0.0, "reception": 1.0}, voices=4), 2)[2:]
    assert 20.0 * np.log10(e.max() / e.min()) < 6.0


def test_events_begin_and_end_without_a_click() -> None:
    run = alone(Static, dict(PANIC), {"voices": 1}, length_s=19.0)
    x = rendered(run, 34.0)
    sounding = np.flatnonzero(np.abs(x).max(axis=0))
    assert sounding[0] < 64
    assert np.abs(x[:, sounding[0]]).max() < 1e-3
    assert np.abs(x[:, sounding[-1]]).max() < 1e-3
    assert np.abs(x[:, sounding[-1] + 1 :]).max() == 0.0


def ends() -> list[dict[str, float]]:
    return [{n: v} for n, p in Static.params().items() for v in (p.low, p.high)]


@pytest.mark.parametrize("settings", ends(), ids=str)
@pytest.mark.parametrize("voices", [1, 32])
def test_every_end_of_every_parameter_is_finite_and_heard(
    settings: dict[str, float], voices: int
) -> None:
    x = heard(3.0, {"panic": 0.5, **settings}, voices=voices)
    assert np.isfinite(x).all()
    assert np.abs(x).max() < 8.0  # 18 dB over full scale: crackle of hundreds a second
    assert np.abs(x.mean(axis=1)).max() < 1e-3
    assert envelope(x, 2)[1:].min() > 10 ** (-50 / 20)


@pytest.mark.parametrize("name", ["reception", "focus", "tilt_db", "surrender", "panic"])
def test_moving_a_parameter_does_not_zip(name: str) -> None:
    # What a parameter moving end to end in 0.25 s adds near the top, against both its ends.
    p = Static.params()[name]
    base = {"density_per_s": 0.0, "whistle": 0.0, "reception": 1.0, "tilt_db": -12.0}

    def top(value: float | Curve) -> float:
        x = heard(2.0, {**base, name: value}, voices=4)
        hz, power = welch(x[0].astype(np.float64), RATE, nperseg=1024)
        return float(power[hz > 18000.0].mean())

    moved = top(Ramp(Constant(p.low), Constant(p.high), 1.0, 1.25))
    assert moved < 2.0 * max(top(p.low), top(p.high)) + 1e-16


def test_another_seed_is_another_noise() -> None:
    a, b = (rendered(alone(Static, seed=seed), 2.0)[0] for seed in (1, 2))
    assert abs(np.corrcoef(a, b)[0, 1]) < 0.02


def test_stations_find_the_common_breath() -> None:
    def together(s: float) -> float:
        part = Static({"surrender": Constant(s)}, {"voices": 32})
        events = part.compose((0.0, 60.0), Chance(3), {})
        phases = part.pulses(50.0, events[events["at_s"] < 50.0])
        return float(abs(np.exp(2j * np.pi * phases).mean()))

    assert together(0.0) < 0.4
    assert together(0.0) < together(0.5) < together(1.0) == pytest.approx(1.0)


def test_two_cells_of_a_station_do_not_repeat() -> None:
    x = heard(70.0, {"reception": 1.0, "density_per_s": 0.0}, voices=1)[0, : 1 << 21].astype(
        np.float64
    )
    spectrum = np.fft.rfft(x, 2 * len(x))
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[: len(x)]
    assert np.abs(alike[RATE:]).max() < 0.05 * alike[0]
