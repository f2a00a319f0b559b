"""Magma: what churns, pops, spits and hisses, how it cools to glass, and the chord it becomes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import hilbert, welch

from lullaby import load
from lullaby.engine.alone import alone, rendered
from lullaby.measure.arc import Stretch, arc_reading
from lullaby.measure.features import features
from lullaby.model.chance import Chance
from lullaby.model.chords import CHORDS
from lullaby.model.curve import Constant
from lullaby.model.event import Events
from lullaby.model.gesture import Asking, rows
from lullaby.modules.magma import DROP, POP, SPIT, TICK, VENT, Magma
from tests.modules.laws import RATE, composed, heard, one_event

FLOWS = {"pops_per_s": 0.0, "spits_per_s": 0.0}


def band_db(x: np.ndarray, low_hz: float, high_hz: float) -> float:
    hz, power = welch(x.astype(np.float64), RATE, nperseg=8192)
    inside = (hz >= low_hz) & (hz < high_hz)
    return float(10.0 * np.log10(power.sum(axis=0)[inside].sum() * hz[1] + 1e-30))


def share_between(x: np.ndarray, low_hz: float, high_hz: float) -> float:
    power = (np.abs(np.fft.rfft(x.astype(np.float64))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(x.shape[1], 1.0 / RATE)
    return float(power[(hz >= low_hz) & (hz < high_hz)].sum() / power.sum())


def kind(events: Events, which: int) -> Events:
    return events[events["kind"] == which]


@pytest.fixture(scope="module")
def flowing() -> np.ndarray:
    return heard(Magma, FLOWS, 40.0)[:, 2 * RATE :]


def test_the_churn_is_deep_and_the_hiss_lies_14_db_under_it(flowing: np.ndarray) -> None:
    churn, hiss = band_db(flowing, 20.0, 400.0), band_db(flowing, 2500.0, 20_000.0)
    assert hiss - churn == pytest.approx(-14.0, abs=3.0)
    # Brown: some 6 dB an octave, which in bands of an octave are 3, and faster after the corner.
    assert 1.5 < band_db(flowing, 50.0, 70.0) - band_db(flowing, 100.0, 140.0) < 6.0
    assert band_db(flowing, 100.0, 200.0) - band_db(flowing, 400.0, 800.0) > 12.0
    # The hiss rises towards its low-pass.
    assert band_db(flowing, 8000.0, 9000.0) - band_db(flowing, 4000.0, 5000.0) > 2.0


def test_it_churns_with_no_one_rate() -> None:
    x = heard(Magma, {**FLOWS, "hiss_hz": 200.0}, 62.0)[:, 2 * RATE :]
    e = np.sqrt((x.astype(np.float64) ** 2).mean(axis=0).reshape(-1, RATE // 20).mean(axis=1))
    hz, power = welch(e - e.mean(), 20.0, nperseg=400)
    slow, quick = ((hz >= a) & (hz < b) for a, b in ((0.1, 1.2), (2.5, 8.0)))
    assert power[slow].mean() > 3.0 * power[quick].mean()
    assert e.std() / e.mean() > 0.2
    # No rate stands alone, as that of a tremolo would.
    assert power[slow].max() < 0.5 * power[slow].sum()


def test_bubbles_rise_by_5_to_10_percent_and_die_away_as_bubbles_do() -> None:
    pops = kind(composed(Magma, (0.0, 60.0)), POP)
    assert 38.0 < pops["pitch_hz"].min() < 60.0
    assert 130.0 < pops["pitch_hz"].max() < 182.0
    assert np.all((pops["rise"] >= 0.05) & (pops["rise"] <= 0.1))
    r = 3.0 / pops["pitch_hz"]
    assert pops["damping"] == pytest.approx(0.13 / r + 0.0072 * r**-1.5)
    for row in pops[np.argsort(pops["pitch_hz"])[::20]][:, None]:
        x = one_event(Magma, row).sum(axis=0, dtype=np.float64)
        spectrum = np.fft.rfft(x)
        hz = np.fft.rfftfreq(len(x), 1.0 / RATE)
        first = float(row["pitch_hz"][0])
        spectrum[hz > 1.5 * first] = 0.0
        low = hilbert(np.fft.irfft(spectrum, len(x)))
        turns = np.unwrap(np.angle(low)) / (2.0 * np.pi)
        damping = float(row["damping"][0])

        def pitch(at: float, turns: np.ndarray = turns, wide: float = 2.0 / first) -> float:
            a, b = (int((at + d) * RATE) for d in (-wide, wide))
            return float((turns[b] - turns[a]) / (b - a) * RATE)

        early, late = 0.3 / damping, 4.0 / damping
        share = [1.0 - np.exp(-damping * t) for t in (early, late)]
        rise = float(row["rise"][0])
        wanted = (1.0 + rise * share[1]) / (1.0 + rise * share[0])
        assert pitch(late) / pitch(early) == pytest.approx(wanted, abs=0.012)
        gain = np.abs(low)
        fell = 20.0 * np.log10(gain[int(late * RATE)] / gain[int(early * RATE)])
        assert fell == pytest.approx(-8.686 * damping * (late - early), abs=2.0)


def test_bubbles_grow_rare_with_the_square_of_the_heat() -> None:
    many = [len(kind(composed(Magma, (0.0, 300.0), {"heat": h}), POP)) for h in (1.0, 0.5, 0.2)]
    assert many[0] / 300.0 == pytest.approx(3.0, rel=0.15)
    assert many[1] / many[0] == pytest.approx(0.25, abs=0.06)
    assert many[2] / many[0] == pytest.approx(0.04, abs=0.025)


def test_spits_are_short_and_high() -> None:
    spits = kind(composed(Magma, (0.0, 60.0), {"panic": 1.0}), SPIT)
    assert len(spits) / 60.0 == pytest.approx(10.0, rel=0.2)
    assert np.all((spits["duration_s"] >= 0.003) & (spits["duration_s"] <= 0.010))
    for i in range(10):
        assert share_between(one_event(Magma, spits[[i]]), 3500.0, 12_600.0) > 0.95


def test_the_hiss_darkens_as_it_cools_and_is_gone_when_cold() -> None:
    loud = [heard(Magma, {**FLOWS, "heat": h}, 8.0) for h in (1.0, 0.35, 0.12, 0.04)]
    high = [band_db(x, 8000.0, 16_000.0) for x in loud]
    assert all(b < a - 5.0 for a, b in pairwise(high))
    assert band_db(loud[3], 4000.0, 20_000.0) < band_db(loud[0], 4000.0, 20_000.0) - 40.0
    # A hand of its own closes it, too.
    closed = heard(Magma, {**FLOWS, "hiss_hz": 2000.0}, 8.0)
    assert band_db(closed, 4000.0, 20_000.0) < band_db(loud[0], 4000.0, 20_000.0) - 40.0


def lines_hz(x: np.ndarray, count: int, low_hz: float = 40.0) -> np.ndarray:
    """Return the frequencies of the strongest lines, at least a tone apart."""
    hz, power = welch(x.sum(axis=0).astype(np.float64), RATE, nperseg=1 << 16, window="hann")
    found: list[float] = []
    power[hz < low_hz] = 0.0
    while len(found) < count:
        at = float(hz[power.argmax()])
        found.append(at)
        power[np.abs(np.log2(np.maximum(hz, 1.0) / at)) < 1 / 6] = 0.0
    return np.sort(found)


def test_cold_it_rings_in_glass_at_1_2_4_6() -> None:
    run = alone(Magma, {**FLOWS, "heat": 0.0}, {"voices": 1})
    found = lines_hz(rendered(run, 30.0)[:, 4 * RATE :], 4)
    cents = 1200.0 * np.log2(found / found[0])
    assert cents == pytest.approx(1200.0 * np.log2([1.0, 2.0, 4.0, 6.0]), abs=15.0)


def test_half_molten_its_modes_lie_between() -> None:
    vent = kind(composed(Magma, (0.0, 0.1), FLOWS), VENT)[:1]
    hz, gains = Magma({"glass": Constant(0.5)}).partials(1.0, vent)
    between = np.sqrt(np.array([1.0, 2.32 * 2.0, 4.25 * 4.0, 6.63 * 6.0]))
    assert hz / hz[0] == pytest.approx(between)
    assert np.all(gains == 0.5)


@pytest.mark.parametrize("chord", list(CHORDS))
def test_surrendered_every_line_lies_on_the_chord_within_5_cents(chord: str) -> None:
    run = alone(Magma, {"surrender": 1.0, "pops_per_s": 0.0}, {"chord": chord})
    x = rendered(run, 24.0)[:, 6 * RATE :].sum(axis=0).astype(np.float64)
    bins = np.abs(np.fft.rfft(x * np.hanning(len(x)), 1 << 21)) ** 2
    hz = np.fft.rfftfreq(1 << 21, 1.0 / RATE)
    tones = 55.0 * np.array(CHORDS[chord])
    near = (np.abs(1200.0 * np.log2(np.maximum(hz, 1.0)[:, None] / tones)) < 30.0).any(axis=1)
    assert bins[near].sum() > 0.97 * bins.sum()
    sounding = 0
    for tone in tones:
        here = np.abs(1200.0 * np.log2(np.maximum(hz, 1.0) / tone)) < 60.0
        if bins[here].max() > 1e-4 * bins.max():
            sounding += 1
            assert abs(1200.0 * np.log2(hz[here][bins[here].argmax()] / tone)) < 5.0
    assert sounding >= 4
    # At last the ground.
    ground = np.abs(hz - 55.0) < 1.0
    assert bins[ground].max() > 0.01 * bins.max()


def test_the_ground_is_the_last_to_come() -> None:
    def ground_db(surrender: float) -> float:
        settings = {**FLOWS, "surrender": surrender, "breath": 0.0}
        run = alone(Magma, settings, {"chord": "wide"})
        x = rendered(run, 6.0)[:, 2 * RATE :]
        return band_db(x, 50.0, 60.0)

    silent = alone(Magma, {**FLOWS, "surrender": 1.0, "ground": 0.0, "breath": 0.0}, {})
    assert ground_db(1.0) > ground_db(0.9) + 3.0
    assert band_db(rendered(silent, 6.0)[:, 2 * RATE :], 50.0, 60.0) < ground_db(1.0) - 1.0


def test_the_chord_does_not_dip_where_one_cell_of_a_vent_takes_over() -> None:
    settings = {"surrender": 1.0, "breath": 0.0, "pops_per_s": 0.0}
    x = heard(Magma, settings, 70.0)[:, 8 * RATE :]
    e = np.sqrt((x.astype(np.float64) ** 2).mean(axis=0).reshape(-1, RATE).mean(axis=1))
    assert 20.0 * np.log10(e.max() / e.min()) < 5.0


def test_it_breathes_six_times_a_minute() -> None:
    sound = heard(Magma, {"surrender": 1.0, "panic": 0.0}, 60.0)
    reading = arc_reading(features(sound, RATE), [Stretch("calm", 8.0, 50.0)]).scenes[0]
    assert reading.breath is not None
    assert reading.breath.peak_hz == pytest.approx(0.1, abs=0.02)
    assert reading.breath.slow_percent > 70.0


def test_bubbles_become_drops_on_the_chord_one_by_one() -> None:
    for surrender in (0.0, 0.4, 1.0):
        events = composed(Magma, (0.0, 600.0), {"surrender": surrender})
        drops, pops = kind(events, DROP), kind(events, POP)
        assert len(drops) / (len(drops) + len(pops)) == pytest.approx(surrender, abs=0.06)
    tones = 55.0 * np.array(CHORDS["octaves"])
    assert set(np.round(drops["pitch_hz"], 6)) <= set(np.round(tones, 6))
    x = one_event(Magma, drops[[3]])
    loud = np.abs(x).max(axis=0)
    assert 0.012 * RATE < np.flatnonzero(loud > 0.9 * loud.max())[0] < 0.06 * RATE
    assert len(kind(events, SPIT)) == 0


def contracted(**words: float) -> Events:
    given = {"over_s": 30.0, "ticks_per_s": 30.0, "halves_s": 1.5, "gain_db": 0.0} | words
    order = list(Magma.gestures["contract"].words())
    asking = Asking("contract", 2.0, 99, tuple(given[name] for name in order))
    part = Magma()
    return part.answer("contract", rows(Magma.gestures["contract"], [asking]), Chance(1))


def test_contraction_ticks_thin_out_as_aftershocks_do() -> None:
    for c in (1.0, 2.0):
        since = contracted(halves_s=c)["at_s"] - 2.0
        assert since[0] == 0.0
        for t in (1.0, 4.0, 12.0):
            # n(t) = K / (t + c): so many by then.
            assert np.sum(since < t) == pytest.approx(30.0 * c * np.log1p(t / c), abs=2.0)
    few = contracted(over_s=3.0, ticks_per_s=5.0)
    assert few["at_s"].max() < 5.0


def test_ticks_are_glass_and_surrendered_they_are_drops() -> None:
    ticks = contracted()
    assert np.all(ticks["kind"] == TICK)
    for i in range(1, 6):
        x = one_event(Magma, ticks[[i]])
        assert share_between(x, 900.0, 16_000.0) > 0.97
        loud = np.abs(x).max(axis=0)
        assert loud.argmax() < 0.004 * RATE
        assert loud[int(0.1 * RATE) :].max(initial=0.0) < 0.05 * loud.max()


def test_steam_darkens_and_passes_whatever_the_heat() -> None:
    asking = Asking("hiss", 1.0, 5, (3.0, 0.0))
    part = Magma({"heat": Constant(0.0)})
    row = part.answer("hiss", rows(Magma.gestures["hiss"], [asking]), Chance(1))
    x = one_event(Magma, row)
    first, last = x[:, : RATE // 2], x[:, 2 * RATE :]
    assert share_between(first, 2000.0, 20_000.0) > 0.9
    bright = [band_db(part, 8e3, 2e4) - band_db(part, 2.5e3, 5e3) for part in (first, last)]
    assert bright[1] < bright[0] - 6.0
    assert np.abs(first).max() > 4.0 * np.abs(last[:, RATE // 2 :]).max()


def test_backward_bubbles_swell_sink_and_stop() -> None:
    pops = kind(composed(Magma, (0.0, 60.0), {"reverse": 1.0}), POP)
    assert np.all(pops["backward"] == 1.0)
    assert pops["swells_s"] == pytest.approx(pops["duration_s"])
    row = pops[[int(np.abs(pops["pitch_hz"] - 120.0).argmin())]]
    x = one_event(Magma, row).sum(axis=0, dtype=np.float64)
    loud = np.abs(hilbert(x))
    assert 0.85 < loud.argmax() / len(x) < 1.0
    turns = np.unwrap(np.angle(hilbert(x))) / (2.0 * np.pi)
    n = len(x)
    early, late = (
        (turns[int(b * n)] - turns[int(a * n)]) / (int(b * n) - int(a * n)) * RATE
        for a, b in ((0.3, 0.5), (0.75, 0.9))
    )
    assert late < 0.985 * early
    deep, plain = (heard(Magma, {**FLOWS, "reverse": r}, 8.0) for r in (1.0, 0.0))
    assert band_db(deep, 120.0, 400.0) < band_db(plain, 120.0, 400.0) - 5.0


def test_heat_is_an_arc_where_the_score_has_one(tmp_path) -> None:
    file = tmp_path / "cooling.yaml"
    file.write_text(
        "lullaby: 1\ntitle: Cooling\nseed: 4\narc: {heat: 0}\n"
        "parts: {magma: {module: magma}}\n"
        "scenes: [{scene: a, for: 20 s, play: {magma: enter}}]\n"
    )
    cold = sum(len(events) for _, events in load(file).events(0.0, 20.0))
    file.write_text(file.read_text().replace("heat: 0", "heat: 1"))
    hot = sum(len(events) for _, events in load(file).events(0.0, 20.0))
    assert cold < 10 < 100 < hot


@pytest.mark.parametrize("rate", [22_050, 44_100])
def test_it_is_as_loud_at_another_rate(rate: int) -> None:
    for surrender in (0.0, 1.0):
        settings = {**FLOWS, "hiss_hz": 200.0, "surrender": surrender}
        levels = []
        for r in (48_000, rate):
            x = rendered(alone(Magma, settings), 24.0, r)[:, 4 * r :].astype(np.float64)
            levels.append(10.0 * np.log10(np.mean(x**2)))
        assert levels[1] == pytest.approx(levels[0], abs=1.0)
