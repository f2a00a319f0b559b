"""The harmony: a rough cluster at surrender 0, one open breathing chord at 1, the same anywhere."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import lfilter

from lullaby.engine.alone import alone, rendered
from lullaby.measure.control import dissonance
from lullaby.model.chance import Chance, named
from lullaby.model.chords import CHORDS
from lullaby.model.curve import Constant, Ramp
from lullaby.modules.harmony import Harmony
from lullaby.units import STEP, critical_bandwidth_hz, gain_to_db, power_to_db, ratio_to_cents

RATE = 48000
CHANCE = Chance(named(1, "alone", "alone"))
RISING = {
    "surrender": Ramp(Constant(0.0), Constant(1.0), 1.0, 22.0),
    "panic": Ramp(Constant(1.0), Constant(0.0), 2.0, 20.0),
    "root_hz": Ramp(Constant(55.0), Constant(58.0), 10.0, 16.0),
}


@cache
def sound(surrender=0.0, panic=0.5, chord="warm", length_s=32.0, seed=1):
    run = alone(Harmony, {"surrender": surrender, "panic": panic}, {"chord": chord}, seed=seed)
    return rendered(run, length_s)


def lufs(heard):
    """Return the ungated loudness (ITU-R BS.1770, its two biquads at 48 kHz)."""
    b = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    shelf = lfilter(b, [1.0, -1.69065929318241, 0.73248077421585], heard)
    high = lfilter([1.0, -2.0, 1.0], [1.0, -1.99004745483398, 0.99007225036621], shelf)
    return -0.691 + power_to_db((high**2).mean(axis=1).sum())


def lines(heard):
    """Return frequency (Hz) and level (dB re the strongest) of the spectral peaks above -70 dB."""
    n = heard.shape[1]
    bins = np.abs(np.fft.rfft(heard.mean(axis=0, dtype=np.float64) * np.kaiser(n, 14.0)))
    middle = bins[1:-1]
    peak = (middle > bins[:-2]) & (middle > bins[2:]) & (middle > bins.max() * 10**-3.5)
    k = np.flatnonzero(peak) + 1
    a, b, c = np.log(bins[k - 1]), np.log(bins[k]), np.log(bins[k + 1])
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / n, gain_to_db(bins[k] / bins.max())


def envelope(heard, rate_hz=50):
    n = heard.shape[1] // (RATE // rate_hz) * (RATE // rate_hz)
    return np.sqrt((heard[:, :n].reshape(2, -1, RATE // rate_hz) ** 2).mean(axis=(0, 2)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_at_its_defaults_it_measures_minus_twenty_three(seed):
    assert abs(lufs(sound(seed=seed)[:, RATE * 2 :]) + 23.0) < 1.0


@pytest.mark.parametrize("chord", CHORDS)
def test_surrendered_its_pitches_are_just(chord):
    tones = 55.0 * np.array(CHORDS[chord])
    hz, _ = lines(sound(1.0, 0.0, chord)[:, 4 * RATE : 24 * RATE])
    cents = np.abs(ratio_to_cents(hz[:, None] / tones))
    # The breath puts a line 0.1 Hz to each side of every tone: 3 cents at the root.
    near = cents.min(axis=0)
    assert near.max() < 2.0
    assert (np.abs(hz[:, None] - tones).min(axis=1) < 0.25).all()


@pytest.mark.parametrize("chord", CHORDS)
def test_neighbours_of_a_chord_are_more_than_a_critical_band_apart(chord):
    tones = 55.0 * np.array(CHORDS[chord])
    apart = np.diff(tones) / critical_bandwidth_hz((tones[1:] + tones[:-1]) / 2.0)
    assert apart.min() >= 1.2


@pytest.mark.parametrize("chord", CHORDS)
def test_surrendered_it_still_sounds_and_is_calm(chord):
    calm, hot = sound(1.0, 0.0, chord)[:, 2 * RATE :], sound(0.0, 0.0, chord)[:, 2 * RATE :]
    assert -24.0 < lufs(calm) - lufs(hot) < 3.0
    hz, level_db = lines(calm)
    gain = 10.0 ** (level_db / 20.0)
    assert np.sum(hz * gain) / np.sum(gain) < 800.0
    assert hz.max() < 2000.0
    assert gain_to_db(np.abs(calm).max() / np.sqrt((calm**2).mean())) < 12.5


def test_surrendered_it_breathes_six_times_a_minute():
    e = envelope(sound(1.0, 0.0, length_s=42.0)[:, 2 * RATE :])
    power = np.abs(np.fft.rfft((e - e.mean()) * np.hanning(len(e)))) ** 2
    hz = np.fft.rfftfreq(len(e), 1.0 / 50.0)
    slow, every = (hz >= 0.05) & (hz <= 0.2), (hz >= 0.05) & (hz <= 20.0)
    assert power[slow].sum() > 0.9 * power[every].sum()
    assert abs(hz[every][power[every].argmax()] - 0.1) < 0.03
    assert 2.6 < e.max() / e.min() < 3.4  # 1.5 over 0.5


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("chord", CHORDS)
def test_on_its_way_it_never_rubs_more_than_it_did(chord, seed):
    # Sethares' dissonance of the partials, those in one phase (within 2 cents) being one.
    found = []
    for surrender in np.linspace(0.0, 1.0, 21):
        run = alone(Harmony, {"surrender": surrender}, {"chord": chord}, seed=seed)
        rows = run.settings.compose((0.0, 12.0), Chance(run.key), {})
        moments = [run.settings.partials(t, rows) for t in (6.0, 8.0, 10.0)]
        found.append(np.mean([dissonance(*merged(*moment)) for moment in moments]))
    risen = np.array(found) - np.minimum.accumulate(found)
    assert risen.max() < 0.1 * found[0]
    assert found[-1] < 0.25 * found[0]


def merged(hz, gain):
    order = np.argsort(hz)
    hz, gain = hz[order], gain[order]
    first = np.append(0, np.flatnonzero(ratio_to_cents(hz[1:] / hz[:-1]) > 2.0) + 1)
    return hz[first], np.add.reduceat(gain, first)


@pytest.mark.parametrize("chord", CHORDS)
def test_on_its_way_it_dips_but_makes_no_hole(chord):
    level = [lufs(sound(s, 0.3, chord)[:, 4 * RATE :]) for s in (0.0, 0.4, 0.5, 0.6, 0.7, 1.0)]
    assert min(level[1:-1]) > min(level[0], level[-1]) - 3.0


def test_what_has_arrived_neither_beats_nor_cancels():
    # Every tone is sung by four partials from anywhere, over several of their hand-overs.
    run = alone(Harmony, {"surrender": 1.0, "panic": 0.0, "breath": 0.0})
    level_db = gain_to_db(envelope(rendered(run, 40.0)[:, 2 * RATE + 9600 :], 5))
    assert np.ptp(level_db) < 0.1


class Lone(Harmony):
    """One partial of the harmony, at a level that no tilt moves."""

    def compose(self, window, chance, followed):
        made = super().compose(window, chance, followed)
        made["azimuth_deg"] = 0.0
        return made[(made["harmonic"] == 16.0) & (made["leans"] == 0.0)]


@pytest.mark.parametrize(("first", "last"), [(0.0, 0.0), (0.45, 0.45), (0.2, 0.6)])
def test_hand_overs_of_a_lone_partial_are_inaudible(first, last):
    # Steady or on its way, unsteady in pitch: the phase one event leaves off is the next one's.
    way = Ramp(Constant(first), Constant(last), 0.0, 60.0)
    settings = {"surrender": way, "panic": 1.0, "bright_db": 3.0, "roughness": 0.0, "breath": 0.0}
    heard = rendered(alone(Lone, settings), 60.0)[:, 3 * RATE :]
    level_db = gain_to_db(envelope(heard, 10))
    t = np.arange(570.0)
    assert np.ptp(level_db - np.polynomial.Polynomial.fit(t, level_db, 12)(t)) < 0.3


def test_panic_is_rough_and_inharmonic():
    hot = sound(0.0, 1.0)[:, 2 * RATE :]
    beating = np.abs(np.fft.rfft(envelope(hot, 1000) * np.hanning(30000)))
    hz = np.fft.rfftfreq(30000, 1e-3)
    near = beating[(hz > 60.0) & (hz < 72.0)].max()
    assert near > 10.0 * np.median(beating[(hz > 30.0) & (hz < 100.0)])
    found, _ = lines(sound(0.0, 0.5, length_s=12.0)[:, 3 * RATE :])
    cents = np.abs(ratio_to_cents(found / (55.0 * np.maximum(np.round(found / 55.0), 1.0))))
    assert np.mean(cents > 10.0) > 0.6


def test_the_cluster_leans_at_the_roughest_spacing():
    rows = alone(Harmony, {"jitter_cents": 0.0}).settings.compose((0.0, 0.5), CHANCE, {})
    leaning = rows[rows["leans"] > 0.0]
    assert len(leaning) == 8
    for row in leaning:
        on = rows[(rows["harmonic"] == row["harmonic"]) & (rows["leans"] == 0.0)]["pitch_hz"][0]
        # 0.25 critical band.
        wanted = np.interp(on, (100, 250, 500, 1000, 2000), (19, 22, 27, 36, 55))
        assert row["pitch_hz"] - on == pytest.approx(wanted, rel=0.1)


@pytest.mark.parametrize("block", [64, 256, 1024, "random"])
def test_block_size_is_inaudible(block):
    run = alone(Harmony, RISING)
    whole = rendered(run, 24.0)
    if block == "random":
        from lullaby.engine.composer import Composer
        from lullaby.engine.hands import Hands
        from lullaby.engine.player import Player
        from lullaby.model.take import Take

        hands = Hands(Take(RATE))
        player = Player(Composer(run, RATE, hands, {}), RATE, 0, hands)
        again, done, rng = np.zeros_like(whole), 0, np.random.default_rng(5)
        while done < whole.shape[1]:
            n = min(STEP * int(rng.integers(1, 200)), whole.shape[1] - done)
            part = np.zeros((2, n), np.float32)
            player.render(part, done)
            again[:, done : done + n] = part
            done += n
    else:
        length_s = 2.0 if block == 64 else 24.0
        again = rendered(run, length_s, block=block)
    np.testing.assert_array_equal(again, whole[:, : again.shape[1]])


@pytest.mark.parametrize("start_s", [0.5, 7.31, 16.0, 19.99])
def test_any_moment_can_be_the_start(start_s):
    run = alone(Harmony, RISING)
    first = round(start_s * RATE) // STEP * STEP
    late = rendered(run, 2.0, start_s=start_s)
    np.testing.assert_array_equal(late, rendered(run, 24.0)[:, first : first + late.shape[1]])


def test_windows_cut_anywhere_hold_the_same_events():
    settings = alone(Harmony, RISING).settings
    whole = settings.compose((0.0, 70.0), CHANCE, {})
    for edges in ([0, 4, 8, 70], [0, 0.06, 16, 16.0625, 31.7, 70], np.linspace(0, 70, 41)):
        pairs = list(pairwise(edges))
        fresh = alone(Harmony, RISING).settings
        cut = [(a, fresh.compose((a, b), CHANCE, {})) for a, b in reversed(pairs)]
        rows = np.concatenate([made for _, made in sorted(cut, key=lambda pair: pair[0])])
        assert rows.tobytes() == whole.tobytes()
    assert (np.diff(whole["at_s"]) >= 0.0).all()
    assert (whole["duration_s"] <= 60.0).all()


def test_another_seed_is_another_cluster():
    settings = alone(Harmony).settings
    one = settings.compose((0.0, 4.0), CHANCE, {})
    other = settings.compose((0.0, 4.0), Chance(named(2, "x")), {})
    assert not np.array_equal(np.sort(one["pitch_hz"]), np.sort(other["pitch_hz"]))


def test_settings_and_chance_are_never_mixed_up_by_what_is_remembered():
    settings = alone(Harmony, RISING).settings
    settings.compose((0.0, 40.0), CHANCE, {})
    other = settings.compose((0.0, 40.0), Chance(named(2, "x")), {})
    fresh = alone(Harmony, RISING).settings.compose((0.0, 40.0), Chance(named(2, "x")), {})
    assert other.tobytes() == fresh.tobytes()


def test_it_begins_and_ends_without_a_click_and_has_no_mean():
    heard = sound(0.0, 1.0)
    assert np.abs(heard[:, 0]).max() < 1e-3
    assert np.abs(heard.mean(axis=1, dtype=np.float64)).max() < 1e-3
    run = alone(Harmony, {"panic": 1.0})
    last = run.settings.compose((0.0, 1.0), CHANCE, {})
    from lullaby.dsp import partials
    from lullaby.model.event import record

    # One event alone, to its very last frame and beyond.
    memory = record({"key": "u8", "start": "i8", "end": "i8"} | partials.MEMORY)
    one, state = last[:1], np.zeros(1, memory)
    state["end"] = round(float(one["duration_s"][0]) * RATE)
    frames = -(-int(state["end"][0]) // STEP) * STEP + STEP
    table = np.zeros(frames // STEP + 1, record(dict.fromkeys(Harmony.params(), "f8")))
    for name, curve in run.settings.curves.items():
        table[name] = curve(np.zeros(len(table)))
    out = np.zeros((2, frames), np.float32)
    partials.render(out, 0, RATE, table, one, state)
    assert np.abs(out).max() > 1e-3
    assert np.abs(out[:, int(state["end"][0]) - 1 :]).max() < 1e-3
    # No sample-to-sample jump that a sine below 2 kHz at this level cannot make.
    assert np.abs(np.diff(out)).max() < 0.3 * np.abs(out).max()


@pytest.mark.parametrize("name", Harmony.params())
def test_both_ends_of_every_parameter_sound(name):
    p = Harmony.params()[name]
    for value in (p.low, p.high):
        heard = rendered(alone(Harmony, {name: value}), 3.0)
        assert np.isfinite(heard).all()
        assert 1e-3 < np.abs(heard[:, RATE:]).max() < 1.0


@pytest.mark.parametrize("voices", [8, 96])
@pytest.mark.parametrize("rate", [22050, 44100, 96000])
def test_few_and_many_partials_at_any_rate(voices, rate):
    run = alone(Harmony, {"root_hz": 220.0, "panic": 1.0}, {"voices": voices})
    heard = rendered(run, 2.0, rate)
    assert np.isfinite(heard).all()
    # Nothing folds: the spectrum ends at 0.45 of the rate, or 18 kHz.
    y = heard.mean(axis=0)[rate // 2 :]
    bins = np.abs(np.fft.rfft(y * np.kaiser(len(y), 14.0)))
    hz = np.arange(len(bins)) * rate / len(y)
    assert gain_to_db(bins[hz > min(18200.0, 0.46 * rate)].max() / bins.max()) < -70.0


def test_every_tone_of_the_chord_is_sung_by_few_partials():
    rows = alone(Harmony, {"surrender": 1.0}, {"voices": 8}).settings.compose((0, 0.1), CHANCE, {})
    assert sorted(set(rows["tone"])) == sorted(CHORDS["warm"])
    np.testing.assert_allclose(rows["pitch_hz"], 55.0 * rows["tone"])


def test_partials_and_pulses_say_what_sounds():
    for surrender in (0.0, 0.5, 1.0):
        settings = alone(Harmony, {"surrender": surrender, "jitter_cents": 0.0}).settings
        made = settings.compose((0.0, 20.0), CHANCE, {})
        hz, gain = settings.partials(6.0, made)
        assert (gain >= 0.0).all()
        heard, level_db = lines(sound(surrender, 0.5, length_s=12.0)[:, 3 * RATE : 9 * RATE])
        strong = heard[level_db > -12.0]
        cents = np.abs(ratio_to_cents(strong[:, None] / hz)).min(axis=1)
        assert cents.max() < (12.0 if surrender < 1.0 else 4.0)
    assert settings.partials(6.0, made[:0])[0].shape == (0,)
    np.testing.assert_allclose(settings.pulses(12.5, made), [0.25])


def test_the_module_lists_without_a_compiler():
    import subprocess
    import sys

    code = "import sys; from lullaby.modules.harmony import Harmony; Harmony.params();"
    code += "sys.exit('numba' in sys.modules or 'scipy.signal' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_presets_name_only_what_there_is():
    from pathlib import Path

    import yaml

    files = sorted((Path(__file__).parents[2] / "presets" / "harmony").glob("*.yaml"))
    assert len(files) >= 3
    for file in files:
        laid = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert laid.pop("about")
        assert laid.keys() <= Harmony.by_score_name().keys(), file.name
