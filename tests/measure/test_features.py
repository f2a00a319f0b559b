import numpy as np
import pytest

from lullaby.errors import UsageError
from lullaby.measure.breathing import breathing
from lullaby.measure.features import ROW, Ear, features
from lullaby.measure.roughness import rough_index
from lullaby.measure.sharpness import sharpness_acum, third_octaves_db
from lullaby.measure.spectrum import centroid_hz, flatness_db, high_db, spectrum

from .signals import RATE, at_spl, beating, clicks, harmonic, noise, times


def sharp(row):
    return sharpness_acum(spectrum(row, RATE))


@pytest.mark.parametrize(
    ("low_hz", "high_hz", "tilt", "acum", "within"),
    [
        (920, 1080, 0, 1.00, 0.05),
        (2700, 3150, 0, 2.08, 0.1),
        (200, 300, 0, 0.37, 0.1),
        (20, 24_000, 0, 2.68, 0.1),
        (20, 24_000, 1, 2.03, 0.1),
    ],
)
def test_sharpness_of_reference_sounds(low_hz, high_hz, tilt, acum, within):
    row = at_spl(noise(1.0, low_hz, high_hz, tilt), 60)
    assert sharp(row) == pytest.approx(acum, rel=within)


@pytest.mark.parametrize(("spl_db", "sone"), [(40, 1.0), (50, 2.0), (60, 4.0), (80, 16.0)])
def test_a_tone_is_twice_as_loud_every_ten_decibels(spl_db, sone):
    from lullaby.dsp.specific_loudness import specific_loudness

    tone = at_spl(np.sin(2 * np.pi * 1000 * times()), spl_db)
    levels = third_octaves_db(spectrum(tone, RATE))
    assert specific_loudness(levels).sum() * 0.1 == pytest.approx(sone, rel=0.06)


def test_sharpness_hardly_depends_on_the_rate():
    for rate in (44_100, 96_000, 192_000):
        row = at_spl(noise(1.0, 200, 15_000, 1.0, rate=rate), 60)
        own = at_spl(noise(1.0, 200, 15_000, 1.0), 60)
        assert sharpness_acum(spectrum(row, rate)) == pytest.approx(sharp(own), rel=0.03)


@pytest.mark.parametrize(
    ("rate_hz", "depth", "index"),
    [
        (70, 1.0, 1.0),
        (70, 0.2, 0.08),
        (70, 0.4, 0.23),
        (70, 0.6, 0.45),
        (70, 0.8, 0.70),
        (30, 1.0, 0.74),
        (40, 1.0, 0.99),
        (150, 1.0, 0.21),
        (0, 0.0, 0.0),
        (4, 1.0, 0.0),
    ],
)
def test_rough_index_of_beating_tones(rate_hz, depth, index):
    row = at_spl(beating(rate_hz, depth), 60)
    assert rough_index(row, RATE) == pytest.approx(index, abs=0.05)


def test_noise_is_hardly_rough_and_rough_when_it_beats():
    steady = noise(1.0, 20, 20_000)
    assert rough_index(at_spl(steady, 60), RATE) == pytest.approx(0.09, abs=0.02)
    beats = steady * (1 + 0.8 * np.sin(2 * np.pi * 70 * times()))
    assert rough_index(at_spl(beats, 60), RATE) > 0.5


def test_what_beats_in_one_ear_counts_by_its_power():
    rough, smooth = at_spl(beating(70, 1.0), 60), at_spl(beating(0, 0.0), 60)
    both = rough_index(np.concatenate((rough, smooth)), RATE)
    assert both == pytest.approx(0.5, abs=0.05)


def test_centroid_highs_and_flatness():
    t = times()
    low, high = np.sin(2 * np.pi * 500 * t), np.sin(2 * np.pi * 4000 * t)
    mixed = spectrum((low + 0.5 * high)[np.newaxis].astype(np.float32), RATE)
    assert centroid_hz(mixed) == pytest.approx((500 + 0.5 * 4000) / 1.5, rel=0.02)
    assert high_db(mixed) == pytest.approx(10 * np.log10(0.25 / 1.25), abs=0.05)
    assert flatness_db(mixed) < -60
    white = spectrum(at_spl(noise(), 70), RATE)
    assert flatness_db(white) == pytest.approx(-2.5, abs=0.1)
    assert centroid_hz(white) == pytest.approx(10_000, rel=0.03)


@pytest.mark.parametrize("per_s", [1, 4, 8])
def test_clicks_are_counted_at_any_level(per_s):
    for level in (0.5, 0.02):
        found = features((level * clicks(per_s))[np.newaxis], RATE)["onsets_per_s"]
        assert found.mean() == pytest.approx(per_s, abs=0.3)


def test_no_onset_in_a_steady_tone_a_swell_or_what_is_too_faint():
    steady = 0.3 * np.sin(2 * np.pi * 300 * times(4))
    assert features(steady[np.newaxis], RATE)["onsets_per_s"][1:].sum() == 0
    swell = steady * np.minimum(1, times(4) / 2 + 0.01)
    assert features(swell[np.newaxis], RATE)["onsets_per_s"][1:].sum() == 0
    faint = 1e-4 * clicks(4)
    assert features(faint[np.newaxis], RATE)["onsets_per_s"].sum() == 0


def test_two_onsets_within_50_ms_are_one():
    pairs = clicks(2)
    pairs += 2.0 * np.roll(pairs, round(0.03 * RATE))
    assert features(0.2 * pairs[np.newaxis], RATE)["onsets_per_s"].mean() == pytest.approx(
        2, abs=0.3
    )


def hnr(row):
    row = 0.5 * row / np.abs(row).max()
    return features(row[np.newaxis], RATE)["hnr_db"][-1]


def test_a_just_triad_repeats_and_a_tempered_one_less():
    roots = {"just": [220.0, 275.0, 330.0], "tempered": [220.0, 277.183, 329.628]}
    just, tempered = (hnr(sum(harmonic(hz) for hz in chord)) for chord in roots.values())
    assert just > 33
    assert tempered == pytest.approx(10.8, abs=1.0)
    assert hnr(harmonic(110, stretch=1.09)) == pytest.approx(4.8, abs=1.0)
    cluster = [220 * 2 ** (k / 12) for k in range(5)]
    assert hnr(sum(harmonic(hz) for hz in cluster)) < 1.5


def test_hnr_of_noise_and_of_a_tone_in_noise():
    hiss = noise(10.0, 0, 4000)
    assert hnr(noise(10.0)) < -7
    tone = np.sin(2 * np.pi * 220 * times(10)) * np.sqrt(2) * hiss.std()
    assert hnr(tone + hiss * 10**-0.5) == pytest.approx(10.1, abs=0.5)


def test_a_breath_of_ten_seconds_is_slow_and_seen():
    t = np.arange(60 * 50) / 50
    breath = breathing(1 + 0.5 * np.sin(2 * np.pi * 0.1 * t))
    assert breath.slow_percent > 95
    assert breath.peak_hz == pytest.approx(0.1, abs=0.005)
    quick = breathing(1 + 0.5 * np.sin(2 * np.pi * 4 * t))
    assert quick.slow_percent < 2
    assert quick.peak_hz == pytest.approx(4, abs=0.01)
    flutter = np.abs(np.random.default_rng(1).normal(1, 0.3, 60 * 50))
    assert breathing(flutter).slow_percent < 5
    assert breathing(1 + 0.01 * t + 0.05 * np.sin(2 * np.pi * 2 * t)).slow_percent < 5
    assert breathing(np.ones(60 * 50)).slow_percent == 0
    assert breathing(np.ones(29 * 50)) is None


def test_crest_of_a_sine_and_of_clicks():
    assert features(0.5 * np.sin(2 * np.pi * 100 * times())[np.newaxis], RATE)[
        "crest_db"
    ] == pytest.approx(3.01, abs=0.01)
    assert features(clicks(2)[np.newaxis], RATE)["crest_db"].min() > 16


def test_rows_are_the_same_however_the_stream_is_cut():
    rate = 22_050
    samples = np.stack((noise(3.7, rate=rate), noise(3.7, seed=2, rate=rate))) * 0.1
    whole = features(samples, rate)
    assert list(whole["at_s"]) == [0.0, 1.0, 2.0, 3.0]
    ear = Ear(2, rate)
    rows = [ear.add(samples[:, at : at + 777]) for at in range(0, samples.shape[1], 777)]
    assert np.array_equal(np.concatenate([*rows, ear.finish()]), whole)


def test_the_envelope_is_the_level():
    rows = features(0.5 * np.sin(2 * np.pi * 1000 * times(2))[np.newaxis], RATE)
    assert rows["envelope"] == pytest.approx(0.5 / np.sqrt(2), rel=0.01)
    assert rows["loudness_lufs"] == pytest.approx(-9.03, abs=0.1)


def test_silence_has_a_value_in_every_column():
    row = features(np.zeros((2, RATE)), RATE)[0]
    assert row["loudness_lufs"] == -np.inf
    assert row["high_db"] == row["flatness_db"] == -120
    others = set(ROW.names) - {"loudness_lufs", "high_db", "flatness_db"}
    assert all(np.all(row[name] == 0) for name in others)


@pytest.mark.parametrize("frames", [0, 1, 7, 100, 23_999])
def test_less_than_half_a_second_has_no_row(frames):
    assert len(features(np.ones((1, frames)), RATE)) == 0


@pytest.mark.parametrize(
    "row",
    [
        np.ones(RATE),
        np.eye(1, RATE)[0],
        np.full(RATE, 1e-30),
        np.full(RATE, 1e6),
        clicks(30)[:RATE],
    ],
    ids=["direct current", "one frame", "denormal", "far too loud", "many clicks"],
)
@pytest.mark.parametrize("rate", [8000, RATE])
def test_odd_sounds_give_numbers(row, rate):
    rows = features(row[np.newaxis, : 2 * rate], rate)
    for name in set(ROW.names) - {"loudness_lufs"}:
        assert np.isfinite(rows[name]).all(), name
    assert not np.isnan(rows["loudness_lufs"]).any()


def test_no_number_is_refused():
    with pytest.raises(UsageError, match="frame 3 of channel 0 is nan"):
        features(np.array([[0, 0, 0, np.nan]]), RATE)
