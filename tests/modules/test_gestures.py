"""What modules do when they are asked: laws for all of them, and how each is heard."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from lullaby.engine.arrange import arrange
from lullaby.engine.composer import Composer
from lullaby.engine.engine import Engine
from lullaby.engine.hands import Hands
from lullaby.model.event import LONGEST_S
from lullaby.model.gesture import Gesture
from lullaby.model.module import Module
from lullaby.model.score import ArcDef, Cue, PartDef, SceneDef, Score, Stay
from lullaby.model.sheet import Param
from lullaby.model.take import Take
from lullaby.model.value import Number, Time
from lullaby.modules import MODULES
from lullaby.units import critical_bandwidth_hz, gain_to_db

RATE = 48000
EVERY = [(m, g) for m in MODULES for g in MODULES[m].gestures]
SOUNDING = [(m, g) for m, g in EVERY if MODULES[m].gestures[g].sounds_s > 0.0]


def performed(module: str, surrender: float, cues: tuple[Cue, ...], *, playing: bool = True):
    """A part over 20 s without fades, or for nothing but what it is asked for."""
    stay = (Stay("x"),) if playing else ()
    return arrange(
        Score(
            "Asked",
            (PartDef("x", MODULES[module]),),
            (SceneDef("one", Time(20.0), Time(0.0), play=stay),),
            seed=5,
            arcs=(ArcDef("surrender", Number(surrender)), ArcDef("panic", Number(0.5))),
            cues=cues,
        )
    )


def asking(gesture: str, *at_s: float, **words: object) -> Cue:
    return Cue(at=tuple(map(Time, at_s)), do=(f"x.{gesture}",), words=words, text=gesture)


@cache
def sound(module, surrender, gesture="", at_s=8.0, playing=True, **words):
    cues = (asking(gesture, at_s, **{k: Number(v) for k, v in words.items()}),) if gesture else ()
    with Engine(performed(module, surrender, cues, playing=playing), stems=True) as engine:
        return engine.read_all(20 * RATE)["stem x"]


def level_db(heard, first_s, last_s):
    part = heard[:, round(first_s * RATE) : round(last_s * RATE)].astype(np.float64)
    return float(gain_to_db(np.sqrt(np.mean(part**2)) + 1e-9))


def composed(module, surrender, gesture, window, at_s=(3.0, 3.4, 11.0), playing=False):
    (run, *_) = performed(module, surrender, (asking(gesture, *at_s),), playing=playing).runs
    return Composer(run, RATE, Hands(Take(RATE)), {})(window)


@pytest.mark.parametrize(("module", "name"), EVERY)
def test_every_gesture_says_what_it_is(module: str, name: str) -> None:
    gesture: type[Gesture] = MODULES[module].gestures[name]
    assert gesture.title().endswith(".")
    assert name.isidentifier()
    assert gesture.begins_s + gesture.sounds_s <= LONGEST_S
    for word in gesture.words().values():
        assert word.doc.endswith(".")
        if isinstance(word, Param):
            assert np.isfinite([word.low, word.high, word.default]).all()


@pytest.mark.parametrize("module", list(MODULES))
def test_every_module_can_sigh(module: str) -> None:
    assert "sigh" in MODULES[module].gestures


@pytest.mark.parametrize(("module", "name"), SOUNDING)
@pytest.mark.parametrize("surrender", [0.0, 1.0])
def test_answers_are_inside_their_time(module: str, name: str, surrender: float) -> None:
    rows = composed(module, surrender, name, (0.0, 60.0))  # from the first asking on
    gesture: type[Gesture] = MODULES[module].gestures[name]
    late = rows["at_s"][:, None] - np.array([0.0, 0.4, 8.0])
    assert np.all(((late > -1e-9) & (late <= gesture.begins_s + 1e-9)).any(axis=1))
    assert np.all((rows["duration_s"] > 0.0) & (rows["duration_s"] <= gesture.sounds_s))
    assert len(set(rows["key"])) == len(rows)


@pytest.mark.parametrize(("module", "name"), SOUNDING)
def test_windows_cut_anywhere_give_the_same_bytes(module: str, name: str) -> None:
    cuts = [0.0, *np.sort(np.random.default_rng(3).uniform(0.0, 20.0, 12)), 20.0]
    for playing in (True, False):
        whole = composed(module, 0.4, name, (0.0, 20.0), playing=playing)
        pieces = [composed(module, 0.4, name, w, playing=playing) for w in pairwise(cuts)]
        assert np.concatenate(pieces).tobytes() == whole.tobytes()


@pytest.mark.parametrize(("module", "name"), SOUNDING)
@pytest.mark.parametrize("surrender", [0.0, 1.0])
def test_it_is_heard_at_its_time_over_the_part_itself(module, name, surrender) -> None:
    plain, asked = sound(module, surrender), sound(module, surrender, name)
    first = 8 * RATE
    assert np.array_equal(asked[:, :first], plain[:, :first])
    added = asked - plain
    loud = np.abs(added).max(axis=0)
    onset = int(np.argmax(loud > 0.05 * loud.max()))
    assert 0 <= onset - first <= (0.03 if surrender == 0.0 else 1.0) * RATE
    length_s = 0.2 if surrender == 0.0 else 1.5
    assert level_db(added, 8.0, 8.0 + length_s) > level_db(plain, 7.0, 8.0) - 6.0
    assert np.abs(asked).max() < 1.0


@pytest.mark.parametrize(("module", "name"), SOUNDING)
def test_it_is_heard_where_the_part_does_not_play(module: str, name: str) -> None:
    heard = sound(module, 0.0, name, playing=False)
    assert np.abs(heard[:, : 8 * RATE]).max() == 0.0
    assert level_db(heard, 8.0, 8.2) > -50.0
    added = sound(module, 0.0, name) - sound(module, 0.0)
    if module != "harmony":  # whose phases are those of its run
        assert level_db(heard, 8.0, 8.2) == pytest.approx(level_db(added, 8.0, 8.2), abs=5.0)


@pytest.mark.parametrize("module", list(MODULES))
@pytest.mark.parametrize("surrender", [0.0, 1.0])
def test_a_sigh_sinks_and_comes_back(module: str, surrender: float) -> None:
    plain = sound(module, surrender)
    asked = sound(module, surrender, "sigh", over_s=6.0, depth_db=20.0)
    assert np.array_equal(asked[:, : 8 * RATE], plain[:, : 8 * RATE])
    low = level_db(asked, 9.6, 10.6) - level_db(plain, 9.6, 10.6)
    assert -30.0 < low < -14.0
    back = level_db(asked, 14.5, 19.5) - level_db(plain, 14.5, 19.5)
    assert back == pytest.approx(0.0, abs=1.0)


def centroid_hz(heard, first_s, last_s):
    part = heard[:, round(first_s * RATE) : round(last_s * RATE)].astype(np.float64)
    power = (np.abs(np.fft.rfft(part * np.hanning(part.shape[1]))) ** 2).sum(axis=0)
    return float((np.fft.rfftfreq(part.shape[1], 1 / RATE) * power).sum() / power.sum())


@pytest.mark.parametrize("module", list(MODULES))
def test_a_sigh_darkens(module: str) -> None:
    asked = sound(module, 0.0, "sigh", over_s=6.0, depth_db=20.0)
    assert centroid_hz(asked, 9.6, 10.8) < 0.95 * centroid_hz(sound(module, 0.0), 9.6, 10.8)


def test_the_harmony_s_pitch_sinks_and_comes_back() -> None:
    def root_hz(first_s: float) -> float:
        heard = sound("harmony", 1.0, "sigh", over_s=6.0, fall_cents=400.0)
        part = heard[:, round(first_s * RATE) : round((first_s + 0.5) * RATE)].sum(axis=0)
        bins = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 20))
        hz = np.fft.rfftfreq(1 << 20, 1 / RATE)
        near = (hz > 85.0) & (hz < 120.0)  # the second harmonic of A1
        return float(hz[near][bins[near].argmax()])

    assert root_hz(7.0) == pytest.approx(110.0, abs=0.5)
    assert root_hz(10.45) == pytest.approx(110.0 * 2 ** (-400 / 1200), abs=1.0)
    assert root_hz(15.0) == pytest.approx(110.0, abs=0.5)


def test_motors_sink_with_a_sigh_and_come_back() -> None:
    words = {"over_s": Number(6.0), "fall_cents": Number(400.0)}
    performance = performed("sirens", 0.0, (asking("sigh", 8.0, **words),))
    bent = performance.runs[0].settings.curves["bend_cents"](np.array([7.9, 10.7, 14.1]))
    assert bent == pytest.approx([0.0, -400.0, 0.0], abs=1.0)


def test_a_strike_rings_and_dies_away() -> None:
    heard = sound("harmony", 0.0, "strike", playing=False, ring_s=6.0)
    levels = [level_db(heard, 8.1 + i, 8.6 + i) for i in range(6)]
    assert all(b < a - 3.0 for a, b in pairwise(levels))
    assert level_db(heard, 14.5, 15.0) < levels[0] - 50.0
    # What is high dies first.
    assert centroid_hz(heard, 10.0, 10.5) < 0.7 * centroid_hz(heard, 8.05, 8.3)


def test_a_surrendered_strike_is_the_chord_in_its_own_phase() -> None:
    plain, asked = sound("harmony", 1.0), sound("harmony", 1.0, "strike")
    part = (asked - plain)[:, round(8.2 * RATE) : round(10.2 * RATE)].sum(axis=0, dtype=np.float64)
    bins = np.abs(np.fft.rfft(part * np.hanning(len(part))))
    hz = np.fft.rfftfreq(len(part), 1 / RATE)
    tones = 55.0 * np.array([1.0, 2.0, 3.0, 5.0, 8.0, 12.0])
    at = (np.abs(hz[:, None] - tones) < 0.2 * critical_bandwidth_hz(tones)).any(axis=1)
    assert np.sum(bins[at] ** 2) > 0.99 * np.sum(bins**2)
    # In phase with what stands: both together are louder than their powers.
    together = level_db(asked, 8.2, 8.7)
    powers = sum(10 ** (level_db(x, 8.2, 8.7) / 10) for x in (plain, asked - plain))
    assert together > 10 * np.log10(powers) + 1.0


def test_a_yelp_lasts_as_long_as_it_is_asked_for() -> None:
    for over_s in (0.6, 3.0):
        heard = sound("sirens", 0.0, "yelp", playing=False, over_s=over_s)
        assert level_db(heard, 8.0, 8.0 + 0.7 * over_s) > -45.0
        assert np.abs(heard[:, round((8.01 + over_s) * RATE) :]).max() == 0.0


def test_a_crack_is_a_burst_in_panic_and_a_wave_in_surrender() -> None:
    hot, calm = (sound("static", s, "crack", playing=False) for s in (0.0, 1.0))
    assert np.abs(hot[:, round(8.26 * RATE) :]).max() == 0.0
    assert level_db(hot, 8.0, 8.1) > level_db(hot, 8.22, 8.25) + 6.0
    assert level_db(calm, 8.4, 8.8) > level_db(calm, 8.0, 8.1) + 6.0
    assert np.abs(calm[:, round(9.52 * RATE) :]).max() == 0.0
    assert centroid_hz(calm, 8.0, 9.5) < 0.6 * centroid_hz(hot, 8.0, 8.25)


def test_a_sting_is_over_at_once_in_panic_and_lights_up_a_tone_in_surrender() -> None:
    hot, calm = (sound("wasps", s, "sting", playing=False) for s in (0.0, 1.0))
    assert np.abs(hot[:, round(8.051 * RATE) :]).max() == 0.0
    assert level_db(calm, 8.2, 9.0) > level_db(calm, 8.0, 8.02) + 10.0
    part = calm[:, round(8.1 * RATE) : round(9.5 * RATE)].sum(axis=0, dtype=np.float64)
    bins = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 18))
    tone = float(bins.argmax() * RATE / (1 << 18)) / 55.0
    assert min(abs(tone - wanted) for wanted in (8.0, 12.0, 16.0)) < 0.05


def test_a_wasp_dives_by_the_ear_and_is_gone() -> None:
    heard = sound("wasps", 0.0, "dive_by", playing=False, over_s=2.0)
    assert np.abs(heard[:, round(10.01 * RATE) :]).max() == 0.0
    nearest = level_db(heard, 8.4, 8.48)
    assert nearest > level_db(heard, 8.1, 8.18) + 6.0
    assert nearest > level_db(heard, 8.8, 8.88) + 6.0
    near = sound("wasps", 0.0, "dive_by", playing=False, over_s=2.0, near_m=0.2)
    assert level_db(near, 8.4, 8.48) > nearest + 3.0


def test_wasps_scatter_and_come_back() -> None:
    plain = sound("wasps", 0.0)
    asked = sound("wasps", 0.0, "scatter", over_s=5.0, away_m=8.0)
    changes = [level_db(asked, t, t + 0.8) - level_db(plain, t, t + 0.8) for t in (8.8, 14.0)]
    assert changes[0] < -8.0
    assert abs(changes[1]) < 1.0


@pytest.mark.parametrize(("module", "name"), SOUNDING)
@pytest.mark.parametrize("start_s", [8.05, 9.4])
def test_any_moment_can_be_the_start(module: str, name: str, start_s: float) -> None:
    performance = performed(module, 0.3, (asking(name, 8.0), asking("sigh", 8.5)))
    first = round(start_s * RATE) // 64 * 64
    heard = []
    for start in (7.0, first / RATE):
        with Engine(performance, stems=True, start_s=start, stretch=4096) as engine:
            stem = engine.read_all(round((11.0 - start) * RATE))["stem x"]
        heard.append(stem[:, -RATE:])
    assert np.array_equal(heard[0], heard[1])


def test_a_module_that_knows_nothing_answers_nothing() -> None:
    class Mute(Module):
        """It knows no gesture."""

    assert len(Mute().answer("sigh", np.zeros(0), None)) == 0  # type: ignore[arg-type]
