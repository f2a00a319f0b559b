import numpy as np
import pytest

from lullaby.errors import UsageError
from lullaby.measure.k_weighting import k_weighting
from lullaby.measure.loudness import LoudnessMeter, loudness

from .ebu import PEAK, PROGRAMME, RANGE, peak_burst, peak_tone, steps, tone

RATES = (44_100, 48_000, 96_000, 192_000)


def followed(samples, rate, after_s):
    """Momentary and short-term readings every 10 ms from ``after_s`` on."""
    meter = LoudnessMeter(len(samples), rate)
    hop = rate // 100
    readings = []
    for at in range(0, samples.shape[1], hop):
        meter.add(samples[:, at : at + hop])
        if at + hop >= after_s * rate:
            readings.append((meter.momentary_lufs, meter.short_term_lufs))
    return np.array(readings)


@pytest.mark.parametrize(
    ("case", "rate"), [(1, 44_100), (2, 44_100), (1, 48_000), (2, 96_000), (1, 192_000)]
)
def test_a_steady_tone_reads_its_level_on_all_three_scales(case, rate):
    reading = loudness(steps(PROGRAMME[case], rate), rate)
    expected = {1: -23.0, 2: -33.0}[case]
    for value in (reading.momentary_lufs, reading.short_term_lufs, reading.integrated_lufs):
        assert value == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(("case", "rate"), [(3, 44_100), (3, 96_000), (4, 48_000), (5, 96_000)])
def test_the_gates_leave_out_what_is_quiet(case, rate):
    reading = loudness(steps(PROGRAMME[case], rate), rate)
    assert reading.integrated_lufs == pytest.approx(-23.0, abs=0.1)


@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_surrounds_weigh_more_and_the_lfe_nothing(rate):
    left, centre, behind = (tone(5, level, rate) for level in (-28, -24, -30))
    five = np.stack((left, left, centre, behind, behind))
    six = np.stack((left, left, centre, 0 * left, behind, behind))
    loud_lfe = np.stack((left, left, centre, 8 * left, behind, behind))
    for samples in (five, six, loud_lfe):
        assert loudness(samples, rate).integrated_lufs == pytest.approx(-23.0, abs=0.1)


def test_short_term_is_constant_where_the_level_alternates_within_its_window():
    samples = steps([(1.34, -20), (1.66, -30)] * 5, 48_000)
    assert np.abs(followed(samples, 48_000, 3.0)[:, 1] + 23.0).max() < 0.1


def test_momentary_is_constant_where_the_level_alternates_within_its_window():
    samples = steps([(0.18, -20), (0.22, -30)] * 25, 44_100)
    assert np.abs(followed(samples, 44_100, 1.0)[:, 0] + 23.0).max() < 0.1


@pytest.mark.parametrize("i", range(0, 20, 3))
def test_a_tone_that_fills_the_window_is_read_wherever_it_begins(i):
    rate = RATES[i % 4]
    short = loudness(steps([(i * 0.15, None), (3, -23), (1, None)], rate), rate)
    assert short.short_term_max_lufs == pytest.approx(-23.0, abs=0.1)
    momentary = loudness(steps([(i * 0.02, None), (0.4, -23), (1, None)], rate), rate)
    assert momentary.momentary_max_lufs == pytest.approx(-23.0, abs=0.1)


def test_the_maximum_follows_tones_that_grow():
    rate = 48_000
    meter = LoudnessMeter(2, rate)
    for i in range(20):
        meter.add(steps([(i * 0.15, None), (3, -38 + i), (3 - i * 0.15, None)], rate))
        assert meter.short_term_max_lufs == pytest.approx(-38 + i, abs=0.1)
    meter = LoudnessMeter(2, rate)
    for i in range(20):
        meter.add(steps([(i * 0.02, None), (0.4, -38 + i), (0.4 - i * 0.02, None)], rate))
        assert meter.momentary_max_lufs == pytest.approx(-38 + i, abs=0.1)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("case", PEAK)
def test_peaks_between_the_samples_are_found(case, rate):
    peak = loudness(peak_tone(case, rate), rate).true_peak_db
    assert -0.4 <= peak - PEAK[case][3] <= 0.2


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("offset", range(4))
def test_one_high_period_is_found_at_any_offset(offset, rate):
    assert -0.4 <= loudness(peak_burst(offset, rate), rate).true_peak_db <= 0.2


@pytest.mark.parametrize(("case", "rate"), [(1, 44_100), (2, 96_000), (3, 48_000), (4, 48_000)])
def test_loudness_range(case, rate):
    pairs, expected = RANGE[case]
    assert loudness(steps(pairs, rate), rate).range_lu == pytest.approx(expected, abs=1.0)


def test_the_printed_coefficients_come_out_at_48_khz():
    shelf, cut = k_weighting(48_000)
    assert shelf == pytest.approx(  # ITU-R BS.1770-5, tables 1 and 2
        [
            1.53512485958697,
            -2.69169618940638,
            1.19839281085285,
            -1.69065929318241,
            0.73248077421585,
        ],
        abs=1e-8,
    )
    assert cut == pytest.approx([1.0, -2.0, 1.0, -1.99004745483398, 0.99007225036621], abs=1e-8)


@pytest.mark.parametrize("rate", [22_050, 44_100, 96_000, 192_000])
def test_other_rates_have_the_response_of_48_khz(rate):
    hz = np.geomspace(20, 8000, 60)

    def response_db(sections, rate):
        z = np.exp(-2j * np.pi * hz / rate)
        powers = np.stack((np.ones_like(z), z, z * z))
        both = [(s[:3] @ powers) / (1 + s[3] * z + s[4] * z * z) for s in sections]
        return 20 * np.log10(np.abs(np.prod(both, axis=0)))

    apart = response_db(k_weighting(rate), rate) - response_db(k_weighting(48_000), 48_000)
    assert np.abs(apart).max() < (0.05 if rate > 40_000 else 0.15)


def test_a_full_scale_sine_in_one_channel():
    assert loudness(tone(3, 0, 48_000, hz=997.0), 48_000).integrated_lufs == pytest.approx(
        -3.01, abs=0.02
    )


def test_frame_by_frame_and_whole_read_the_same():
    rng = np.random.default_rng(3)
    rate = 11_025  # 110.25 frames every 10 ms
    samples = rng.normal(0, 0.1, (2, 4 * rate)).astype(np.float32)
    samples[:, 2 * rate : 3 * rate] *= 0.05
    whole, by_one, by_some = (LoudnessMeter(2, rate) for _ in range(3))
    whole.add(samples)
    for at in range(samples.shape[1]):
        by_one.add(samples[:, at : at + 1])
    for at in range(0, samples.shape[1], 997):
        by_some.add(samples[:, at : at + 997])
    for other in (by_one, by_some):
        assert np.allclose(other.tenths(), whole.tenths(), rtol=0, atol=1e-12)
        for name, value in vars(whole.read()).items():
            assert getattr(other.read(), name) == pytest.approx(value, abs=1e-9)


def test_silence_and_nothing_at_all_read_minus_infinity():
    for samples in (np.zeros((2, 48_000 * 4)), np.zeros((2, 0)), np.zeros((1, 1))):
        reading = loudness(samples, 48_000)
        assert reading.integrated_lufs == reading.momentary_lufs == -np.inf
        assert reading.short_term_lufs == reading.true_peak_db == -np.inf
        assert reading.range_lu == 0.0


def test_a_clip_shorter_than_a_gating_block_has_a_peak_but_no_loudness():
    reading = loudness(tone(0.3, -6, 48_000), 48_000)
    assert reading.integrated_lufs == -np.inf
    assert reading.true_peak_db == pytest.approx(-6.0, abs=0.1)


def test_the_last_frames_count_for_the_peak():
    samples = np.zeros((1, 48_000), np.float32)
    samples[0, -1] = 0.5
    assert loudness(samples, 48_000).true_peak_db == pytest.approx(-6.0, abs=0.1)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
def test_what_is_no_number_is_refused_with_its_place(bad):
    samples = np.zeros((2, 100))
    samples[1, 42] = bad
    with pytest.raises(UsageError, match="frame 42 of channel 1"):
        loudness(samples, 48_000)


def test_wrong_shapes_rates_and_channels_are_refused():
    with pytest.raises(UsageError, match="shape"):
        loudness(np.zeros((2, 3, 4)), 48_000)
    with pytest.raises(UsageError, match="12 Hz"):
        loudness(np.zeros((2, 400)), 12)
    with pytest.raises(UsageError, match="3 channels, the meter was made for 2"):
        LoudnessMeter(2, 48_000).add(np.zeros((3, 10)))
