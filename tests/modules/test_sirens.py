"""What makes a siren one: ports and turns, inertia, passing by, coming to rest, coming apart."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import find_peaks

from lullaby.dsp import motors
from lullaby.engine.alone import alone, rendered
from lullaby.measure.features import features
from lullaby.model.chance import Chance
from lullaby.model.chords import tones_between
from lullaby.model.curve import Constant
from lullaby.model.event import Events
from lullaby.model.sheet import param
from lullaby.modules.sirens import HORNS, Sirens
from lullaby.units import power_to_db, ratio_to_cents
from tests.modules.laws import RATE, composed, heard, moving, one_event

ROOT_HZ = 55.0
MOTOR = ("first", "low", "on_s", "off_s", "up_s", "down_s", "cut_s")


class Plain(Sirens):
    """Sirens without vowels, shiver, air and turning horns: pulses alone."""

    flow_db = param(-60.0, "dB", (-60.0, 0.0), "None.")
    vowels = param(0.0, "ratio", (0.0, 1.0), "None.")
    tremor = param(0.0, "ratio", (0.0, 1.0), "None.")
    swing_db = param(0.0, "dB", (0.0, 24.0), "None.")


class Bent(Plain):
    """As those, a fifth of an octave lower."""

    bend_cents = param(-240.0, "cents", (-2400.0, 2400.0), "Lower.")


class BentAtRest(Bent):
    """As those, at rest."""

    surrender = param(1.0, "ratio", (0.0, 1.0), "All of it.")


def wails() -> Events:
    rows = composed(Sirens, (0.0, 60.0))
    return rows[(rows["base_hz"] == 0.0) & (rows["speed_m_per_s"] == 0.0)]


def steady(hz: float) -> Events:
    """Return one call that is at one pitch all the time."""
    row = wails()[:1].copy()
    row["base_hz"] = row["top_hz"] = hz
    row["first"] = row["low"] = 1.0
    row["up_s"], row["down_s"], row["blower"] = 0.01, 1e9, 1.0
    return row


def followed_cycles(sound: np.ndarray, cycles: np.ndarray) -> np.ndarray:
    """Return how far the fundamental has run ahead of a phase (cycles), every 0.1 s."""
    hop = RATE // 10
    turning = sound.sum(axis=0)[: len(cycles)] * np.exp(-2j * np.pi * cycles)
    n = len(turning) // hop
    window = np.hanning(2 * hop)
    spots = [np.sum(turning[i * hop : (i + 2) * hop] * window) for i in range(n - 1)]
    return np.unwrap(np.angle(spots)) / (2.0 * np.pi)


def test_pitch_is_ports_times_turns_a_minute_over_sixty() -> None:
    row = wails()[:1]
    sound = one_event(Plain, row)
    t = np.arange(sound.shape[1]) / RATE
    share = motors.speed(t, *(row[0][name] for name in MOTOR))
    full_rpm = 60.0 * row[0]["top_hz"] / row[0]["ports"]
    assert 1000.0 < full_rpm < 8000.0  # motors as built
    pitch_hz = row[0]["ports"] * full_rpm * share / 60.0
    ahead = followed_cycles(sound, np.cumsum(pitch_hz) / RATE)
    loud = slice(20, int(10 * row[0]["cut_s"]))
    off_hz = np.diff(ahead[loud]) / 0.1
    at_hz = pitch_hz[:: RATE // 10][loud][1 : len(off_hz) + 1]
    assert np.abs(ratio_to_cents(1.0 + off_hz / at_hz)).max() < 5.0
    # No drift either: after twenty seconds the phase is that of the formula's integral.
    assert np.ptp(ahead[loud]) < 0.05


def test_a_wail_is_a_motor_switched_every_four_to_six_seconds() -> None:
    row = wails()[:1]
    on_s, off_s = row[0]["on_s"], row[0]["off_s"]
    assert 4.0 <= on_s <= 6.0
    assert 4.0 <= off_s <= 6.0
    sound = one_event(Plain, row).sum(axis=0)
    hop, size = RATE // 20, 16384
    found = []
    for at in range(RATE, int(row[0]["cut_s"] * RATE) - size, hop):
        power = np.abs(np.fft.rfft(sound[at : at + size] * np.hanning(size)))
        found.append(np.argmax(power[: int(700 * size / RATE)]) * RATE / size)
    tops, _ = find_peaks(np.convolve(found, np.ones(9) / 9, "valid"), distance=60, prominence=20.0)
    assert len(tops) >= 2
    assert np.diff(tops) * hop / RATE == pytest.approx(on_s + off_s, abs=0.4)


def test_inertia_rises_in_two_to_four_seconds_and_falls_in_six_to_ten() -> None:
    rows = wails()
    assert np.all((rows["up_s"] > 2.0) & (rows["up_s"] < 4.0))
    assert np.all((rows["down_s"] > 6.0) & (rows["down_s"] <= 10.0))
    # From rest the speed is 1 - 1/e after one time constant; left alone it falls to 1/e in one.
    assert motors.speed(3.0, 0.0, 0.0, 60.0, 5.0, 3.0, 8.0, 60.0) == pytest.approx(1 - np.exp(-1))
    full = motors.speed(np.array([30.0, 38.0]), 0.0, 0.0, 60.0, 5.0, 3.0, 8.0, 30.0)
    assert full[1] / full[0] == pytest.approx(np.exp(-1))


def test_passing_by_at_20_m_per_s_bends_pitch_as_the_formula_says() -> None:
    row = steady(500.0)
    row["speed_m_per_s"], row["passes_s"], row["distance_m"] = 20.0, 10.0, 10.0
    sound = one_event(Plain, row)
    t = np.arange(sound.shape[1]) / RATE
    said_hz = 500.0 * 343.0 / (343.0 + 20.0 * (t - 10.0) / np.hypot(t - 10.0, 0.5))
    off_hz = np.diff(followed_cycles(sound, np.cumsum(said_hz) / RATE)) / 0.1
    assert np.abs(ratio_to_cents(1.0 + off_hz[20:180] / 500.0)).max() < 3.0
    hz = said_hz[:: RATE // 10][1 : len(off_hz) + 1] + off_hz
    coming, going = np.mean(hz[30:35]), np.mean(hz[165:170])
    # 100 m and more before and behind, nearly all of its 20 m/s is towards or from the ear.
    assert ratio_to_cents(coming / 500.0) == pytest.approx(1200 * np.log2(343 / 323), abs=3.0)
    assert ratio_to_cents(going / 500.0) == pytest.approx(1200 * np.log2(343 / 363), abs=3.0)
    far = motors.doppler(np.array([-1e6, -1e6]), 10.0, np.array([15.0, 25.0]))
    assert np.round(ratio_to_cents(far)) == pytest.approx([77.0, 131.0])


@pytest.mark.parametrize(("module", "hz"), [(Bent, 500.0 * 2.0**-0.2), (BentAtRest, 220.0)])
def test_all_motors_bend_at_once_and_none_that_has_come_to_rest(
    module: type[Plain], hz: float
) -> None:
    row = steady(500.0)
    row["rest_hz"] = 220.0
    sound = one_event(module, row)
    off_hz = np.diff(followed_cycles(sound, hz * np.arange(sound.shape[1]) / RATE)) / 0.1
    assert np.abs(ratio_to_cents(1.0 + off_hz[20:180] / hz)).max() < 2.0
    said_hz = module().heard_hz(row["at_s"] + 5.0, row)
    assert np.abs(ratio_to_cents(said_hz / hz)).max() < 0.1


def test_a_turning_horn_swings_12_db() -> None:
    row = steady(300.0)
    row["horn_hz"], row["horn_turn"] = 3.0 / 60.0, 0.0
    row["at_s"] = 0.0

    class Turning(Plain):
        swing_db = param(12.0, "dB", (0.0, 24.0), "Full.")
        cutoff_hz = param(12000.0, "Hz", (300.0, 12000.0), "Open, so that level alone is heard.")

    sound = one_event(Turning, row).sum(axis=0)[: 20 * RATE]
    levels = power_to_db(np.mean(sound.reshape(80, -1) ** 2, axis=1))
    assert levels[8:72].max() - levels[8:72].min() == pytest.approx(12.0, abs=1.5)


@pytest.mark.parametrize("hz", [465.3, 1571.9])
def test_nothing_that_folds_back_is_heard(hz: float) -> None:
    class Still(Plain):
        panic = param(0.99, "ratio", (0.0, 1.0), "As bright as it gets.")

    sound = one_event(Still, steady(hz))[:, 5 * RATE : 5 * RATE + (1 << 18)].sum(axis=0)
    power = np.abs(np.fft.rfft(sound * np.blackman(len(sound)) ** 2))
    at = np.arange(len(power)) * RATE / len(sound)
    off = np.abs(at - hz * np.round(at / hz))
    # The air's own noise, here 60 dB down and spread over all lines, is below every one.
    assert power[(off > 20.0) & (at > 100.0)].max() < power.max() * 10 ** (-70 / 20)


def test_two_rows_are_a_third_apart_on_one_shaft() -> None:
    run = {"dual": 1.0, "passing": 0.0}
    rows = composed(Sirens, (0.0, 60.0), run)
    rows = rows[rows["base_hz"] == 0.0]
    pairs = rows.reshape(-1, 2)
    assert np.array_equal(pairs["at_s"][:, 0], pairs["at_s"][:, 1])
    ratio = pairs["top_hz"].max(axis=1) / pairs["top_hz"].min(axis=1)
    assert np.all(np.isclose(ratio, 6 / 5) | np.isclose(ratio, 5 / 4))
    assert np.array_equal(pairs["on_s"][:, 0], pairs["on_s"][:, 1])


def test_yelps_and_hi_lo_are_as_codes_have_them() -> None:
    for kind, low_hz, high_hz in (("yelp", 450.0, 1800.0), ("hi-lo", 360.0, 630.0)):
        rows = alone(Sirens, fixed={"kind": kind}).settings.compose((0.0, 60.0), Chance(7), {})
        assert np.all((rows["base_hz"] > low_hz * 0.8) & (rows["top_hz"] < high_hz * 1.3))
        a_minute = 60.0 / (rows["on_s"] + rows["off_s"])
        if kind == "yelp":
            assert np.all((a_minute >= 150.0) & (a_minute <= 250.0))
        else:
            assert np.all((rows["on_s"] >= 0.5) & (rows["on_s"] <= 0.7))
            assert rows["top_hz"] / rows["base_hz"] == pytest.approx(4 / 3)


def called(kind: str) -> Events:
    """Return one call of a kind that stays where it is."""
    run = alone(Sirens, {"passing": 0.0}, {"kind": kind})
    return run.settings.compose((0.0, 20.0), Chance(run.key), {})[:1]


def followed_hz(sound: np.ndarray, low_hz: float, high_hz: float, size: int) -> np.ndarray:
    """Return the strongest pitch of ``size`` frames within a band, every 10 ms of 6 s."""
    band = slice(int(low_hz * 32768 / RATE), int(high_hz * 32768 / RATE))
    found = []
    for at in range(4 * RATE, 10 * RATE, RATE // 100):
        power = np.abs(np.fft.rfft(sound[at : at + size] * np.hanning(size), 32768))
        found.append((band.start + np.argmax(power[band])) * RATE / 32768)
    return np.array(found)


def test_a_yelp_sweeps_two_hundred_times_a_minute() -> None:
    row = called("yelp")
    heard_hz = followed_hz(one_event(Plain, row).sum(axis=0), 400.0, 2000.0, 1024)
    turns = np.abs(np.fft.rfft(heard_hz - heard_hz.mean()))
    a_minute = np.argmax(turns) * 60.0 / 6.0
    assert a_minute == pytest.approx(60.0 / (row[0]["on_s"] + row[0]["off_s"]), abs=10.0)
    assert 150.0 <= a_minute <= 250.0
    assert np.percentile(heard_hz, 95) / np.percentile(heard_hz, 5) > 1.8


def test_a_hi_lo_calls_a_fourth_apart_for_half_a_second_each() -> None:
    row = called("hi-lo")
    heard_hz = followed_hz(one_event(Plain, row).sum(axis=0), 300.0, 700.0, 4096)
    middle = np.sqrt(row[0]["base_hz"] * row[0]["top_hz"])
    high = heard_hz > middle
    ratio = np.median(heard_hz[high]) / np.median(heard_hz[~high])
    assert ratio_to_cents(ratio) == pytest.approx(498.0, abs=15.0)
    changes = np.flatnonzero(np.diff(high.astype(int))) * 0.01
    assert np.median(np.diff(changes)) == pytest.approx(row[0]["on_s"], abs=0.03)
    assert 0.5 <= np.median(np.diff(changes)) <= 0.7


def test_horns_turn_two_to_three_times_a_minute() -> None:
    row = steady(300.0)
    row["horn_hz"], row["horn_turn"], row["duration_s"], row["cut_s"] = 2.5 / 60.0, 0.3, 56.0, 60.0

    class Turning(Plain):
        swing_db = param(12.0, "dB", (0.0, 24.0), "Full.")

    sound = one_event(Turning, row).sum(axis=0)[4 * RATE : 52 * RATE]
    levels = power_to_db(np.mean(sound.reshape(96, -1) ** 2, axis=1))
    turns = np.abs(np.fft.rfft(levels - levels.mean()))
    assert np.argmax(turns) == 2  # of 24 s each, in 48 s
    turning = wails()[wails()["horn_hz"] > 0.0]
    assert len(turning) > 0
    assert np.all((turning["horn_hz"] >= 2.0 / 60.0) & (turning["horn_hz"] <= 3.0 / 60.0))


def test_vowels_glide_where_no_voice_holds_them() -> None:
    # What a mouth does to 70 Hz pulses, against the same ones without it, every quarter second.
    class Speaking(Plain):
        vowels = param(1.0, "ratio", (0.0, 1.0), "All of it.")
        cutoff_hz = param(12000.0, "Hz", (300.0, 12000.0), "Open.")

    class Mute(Plain):
        cutoff_hz = param(12000.0, "Hz", (300.0, 12000.0), "Open.")

    row = steady(70.0)
    row["azimuth_deg"], row["air"] = 0.0, 1.0
    size, hop = 8192, RATE // 4
    window = np.hanning(size)

    def frames(module: type[Sirens]) -> np.ndarray:
        sound = one_event(module, row)[0]
        starts = range(RATE, 24 * RATE, hop)
        return np.array([np.abs(np.fft.rfft(sound[at : at + size] * window)) for at in starts])

    lines = np.round(np.arange(1, 60) * 70.0 * size / RATE).astype(int)
    mouth = (frames(Speaking) / frames(Mute))[:, lines]
    hz = lines * RATE / size
    first = hz[:13][np.argmax(mouth[:, :13], axis=1)]
    t = np.arange(len(first)) * 0.25 + 1.0 + 0.5 * size / RATE
    said = 367.0 * 2.0 ** (
        1.29 * np.sin(2 * np.pi * (row[0]["vowel_1_hz"] * t + row[0]["vowel_turn"]))
    )
    # Within one harmonic, where it lies below the second formant.
    assert np.median(np.abs(first - said)) < 70.0
    assert 0.2 <= row[0]["vowel_1_hz"] <= 0.5
    assert 0.2 <= row[0]["vowel_2_hz"] <= 0.5
    assert first.min() < 250.0
    assert first.max() > 700.0
    above = hz[7:38][np.argmax(mouth[:, 7:38], axis=1)]  # 490 to 2660 Hz
    assert above.min() < 800.0
    assert above.max() > 1800.0


def test_plain_motors_fall_silent_with_their_speed_and_blown_or_electronic_ones_do_not() -> None:
    # Steady at half speed, then at full: 40 log10 of the ratio for a plain one.
    change_db = {}
    for name, base_hz, blower in (("plain", 0, 0), ("blown", 0, 1), ("electronic", 300, 1)):
        levels = []
        for speed in (0.5, 1.0):
            row = steady(400.0)
            row["base_hz"], row["top_hz"], row["blower"] = base_hz, 400.0, blower
            row["first"] = row["low"] = speed
            row["up_s"] = 1e9
            levels.append(power_to_db(np.mean(one_event(Plain, row)[:, RATE : 4 * RATE] ** 2)))
        change_db[name] = levels[1] - levels[0]
    assert change_db["plain"] == pytest.approx(12.0, abs=1.0)
    assert abs(change_db["blown"]) < 1.0
    assert abs(change_db["electronic"]) < 1.0


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_dissolved_siren_is_noise(share: float) -> None:
    class Torn(Plain):
        dissolve = param(share, "ratio", (0.0, 1.0), "One end.")

    sound = one_event(Torn, steady(400.0))[0, 2 * RATE : 18 * RATE]
    blocks = sound[: len(sound) // 8192 * 8192].reshape(-1, 8192) * np.hanning(8192)
    power = np.mean(np.abs(np.fft.rfft(blocks)) ** 2, axis=0)
    # From line to line, not over the whole spectrum: noise may be coloured.
    line = power[int(200 * 8192 / RATE) : int(4000 * 8192 / RATE)]
    lines = np.array_split(line, 12)
    flatness = np.mean([10 * np.log10(np.exp(np.log(x).mean()) / x.mean()) for x in lines])
    assert flatness > -1.0 if share else flatness < -8.0


def test_surrendered_it_is_as_calm_as_calm_must_be() -> None:
    sound = heard(Sirens, {"surrender": 1.0, "panic": 0.1}, 42.0)[:, 12 * RATE :]
    rows = features(sound, RATE)
    assert np.median(rows["sharpness_acum"]) <= 0.9
    assert np.median(rows["rough_index"]) <= 0.2
    assert np.median(rows["centroid_hz"]) <= 800.0
    assert np.median(rows["high_db"]) <= -30.0
    assert np.mean(rows["onsets_per_s"]) <= 1.2
    assert np.median(rows["flatness_db"]) <= -35.0
    assert np.median(rows["hnr_db"][10:]) >= 10.0


def test_in_panic_it_is_bright_and_restless() -> None:
    rows = features(heard(Sirens, {"panic": 1.0}, 30.0)[:, 6 * RATE :], RATE)
    assert np.median(rows["centroid_hz"]) > 1500.0
    assert np.median(rows["high_db"]) > -20.0
    assert np.mean(rows["onsets_per_s"]) > 1.5


def test_at_rest_every_tone_is_of_the_chord_within_2_cents() -> None:
    sound = heard(Sirens, {"surrender": 1.0}, 40.0)[:, 14 * RATE : 30 * RATE].sum(axis=0)
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    step_hz = RATE / len(sound)
    loudest = power.max()
    tops, _ = find_peaks(power, height=0.03 * loudest, distance=int(20 / step_hz))
    a, b, c = (np.log(power[tops + d]) for d in (-1, 0, 1))
    found_hz = (tops + 0.5 * (a - c) / (a - 2 * b + c)) * step_hz
    tones = ROOT_HZ * np.array(tones_between("warm", *HORNS))
    harmonics = np.unique(np.outer(tones, np.arange(1, 8)).ravel())
    for hz in found_hz:
        nearest = harmonics[np.argmin(np.abs(np.log(harmonics / hz)))]
        assert abs(ratio_to_cents(hz / nearest)) < 2.0
    for tone in tones:
        assert np.abs(ratio_to_cents(found_hz / tone)).min() < 2.0


def test_unisons_that_have_arrived_do_not_cancel() -> None:
    ramp = moving(0.0, 1.0, 30.0)
    run = alone(Sirens, {"surrender": ramp}, {"voices": 8, "kind": "wail"})
    sound = rendered(run, 70.0, RATE)[:, 44 * RATE :].sum(axis=0)
    t = np.arange(len(sound)) / RATE
    for tone in tones_between("warm", *HORNS):
        low = sound * np.exp(-2j * np.pi * ROOT_HZ * tone * t)
        level = np.abs(low[: 26 * RATE].reshape(26, RATE).mean(axis=1))
        # Two stations a tone, one breath of 30 % and calls that hand over: never a hole.
        assert level.min() > 0.25 * np.median(level), tone


def test_what_is_declared_as_partials_is_what_sounds() -> None:
    run = alone(Sirens, {"dual": 0.0, "passing": 0.0}, {"voices": 1, "kind": "wail"})
    rows = run.settings.compose((0.0, 20.0), Chance(run.key), {})
    hz, gain = run.settings.partials(8.0, rows)
    assert len(hz) == len(gain) == 4
    assert hz[1] == pytest.approx(2.0 * hz[0])
    sound = rendered(run, 10.0, RATE)[:, 8 * RATE - 2048 : 8 * RATE + 2048].sum(axis=0)
    power = np.abs(np.fft.rfft(sound * np.hanning(4096), 1 << 16))
    assert np.argmax(power[: int(1.3 * hz[0] * 65536 / RATE)]) * RATE / 65536 == pytest.approx(
        hz[0], rel=0.01
    )


@pytest.mark.parametrize("name", ["surrender", "vowels", "dissolve"])
def test_stretches_are_inaudible_where_a_colour_goes_and_comes_back(name: str) -> None:
    # At its end a colour is exactly 0, and what makes it stops working.
    gone = {"surrender": (0.55, 0.65), "vowels": (0.2, 0.0), "dissolve": (0.2, 0.0)}[name]
    back = {"surrender": (0.65, 0.55), "vowels": (0.0, 0.2), "dissolve": (0.0, 0.2)}[name]
    for ends in (gone, back):
        settings = {name: moving(*ends, 2.0)}
        whole = heard(Sirens, settings, 3.0, block=8192)
        for block in (64, 320):
            assert np.array_equal(heard(Sirens, settings, 3.0, block=block), whole)


@pytest.mark.parametrize("kind", ["mixed", "wail"])
@pytest.mark.parametrize("surrender", [0.15, None])
def test_who_has_gone_before_a_start_changes_nothing(kind: str, surrender: float | None) -> None:
    # What is over is not caught up on: no lane may ask who else stands beside it.
    calm = moving(0.0, 1.0, 60.0) if surrender is None else Constant(surrender)
    run = alone(Sirens, {"surrender": calm}, {"voices": 9, "kind": kind})
    whole = rendered(run, 50.0, RATE)
    for start_s in (27.9, 33.3, 46.0):
        first = round(start_s * RATE) // 64 * 64
        part = rendered(run, 1.0, RATE, start_s=start_s)
        assert np.array_equal(part, whole[:, first : first + part.shape[1]])
