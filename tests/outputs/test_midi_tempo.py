"""The tempo map: every moment within a millisecond, bars where they belong, however long."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lullaby.engine.timeline import visits
from lullaby.model.pulse import Pulse
from lullaby.model.score import Clock
from lullaby.outputs.midi_tempo import TICKS, TempoMap
from lullaby.score import read_text

HOUR_US = 3_600_000_000


@pytest.mark.parametrize("bpm", [0.01, 0.7, 20.0, 54.0, 60.0, 130.7, 333.3, 1000.0])
def test_every_moment_is_within_a_millisecond(bpm: float) -> None:
    tempo = TempoMap([(0, Clock(bpm))], HOUR_US)
    t = np.linspace(0.0, 3600.0, 10_007)
    assert np.abs(tempo.seconds(tempo.ticks(t)) - t).max() < 0.0008
    assert all(0 < change.quarter_us < 1 << 24 for change in tempo.tempi)


@pytest.mark.parametrize("bpm", [54.0, 130.7, 977.3])
def test_the_last_bar_of_an_hour_is_where_the_clock_says(bpm: float) -> None:
    tempo = TempoMap([(0, Clock(bpm))], HOUR_US)
    beats = np.arange(0, int(60 * bpm), 4)
    assert np.abs(tempo.seconds(beats * TICKS) - beats * 60.0 / bpm).max() < 0.0002


def test_a_tempo_that_is_whole_is_written_once() -> None:
    assert [c.quarter_us for c in TempoMap([(0, Clock(60.0))], HOUR_US).tempi] == [1_000_000]


def test_a_tempo_that_is_not_whole_is_not_left_to_drift() -> None:
    written = {c.quarter_us for c in TempoMap([(0, Clock(54.0))], HOUR_US).tempi}
    assert written == {1_111_111, 1_111_112}
    at_rounded = 3240 * 1_111_111
    assert abs(at_rounded - HOUR_US) > 300  # what would be lost in an hour


def test_scenes_with_clocks_of_their_own_change_tempo_and_meter_there() -> None:
    clocks = [
        (0, Clock(60.0)),
        (7_300_100, Clock(60.0)),
        (10_000_700, Clock(97.0, 3.0)),
        (20_123_456, Clock(41.0, 3.5)),
    ]
    tempo = TempoMap(clocks, 60_000_000)
    assert [(m.numerator, m.denominator) for m in tempo.meters] == [(4, 4), (3, 4), (7, 8)]
    assert tempo.meters[1].tick == tempo.tick(10.0007) == round(10.0007 * 960)
    t = np.linspace(0.0, 60.0, 5003)
    assert np.abs(tempo.seconds(tempo.ticks(t)) - t).max() < 0.0008
    beats = np.arange(0, 50, 5)
    exact_s = 20.123456 + beats * 60.0 / 41.0
    heard_s = tempo.seconds(tempo.meters[2].tick + beats * TICKS)
    assert np.abs(heard_s - exact_s).max() < 0.001


@pytest.mark.parametrize(
    ("bpm", "beats", "meter"),
    [(60.0, 4.0, (4, 4)), (60.0, 5.5, (11, 8)), (25.0, 4.0, (4, 2)), (12.0, 3.0, (3, 1))],
)
def test_slow_clocks_count_in_longer_notes(
    bpm: float, beats: float, meter: tuple[int, int]
) -> None:
    made = TempoMap([(0, Clock(bpm, beats))], HOUR_US)
    assert [(m.numerator, m.denominator) for m in made.meters] == [meter]
    bar_quarters = meter[0] * 4 / meter[1]
    assert float(made.seconds(round(bar_quarters * TICKS))) == pytest.approx(beats * 60.0 / bpm)


def test_a_meter_that_cannot_be_written_is_left_out() -> None:
    assert TempoMap([(0, Clock(60.0, 3.3))], HOUR_US).meters == []


def glide(said: str, length: str) -> tuple[list[tuple[int, Pulse]], int]:
    text = (
        "lullaby: 1\nparts: {a: {module: sirens}}\n"
        f"scenes: [{{scene: x, for: {length}, clock: {{bpm: {said}}}, play: {{}}}},"
        " {scene: y, for: 20 s, play: {}}]"
    )
    found = visits(read_text(text))
    return [(visit.start_us, visit.clock) for visit in found], found[-1].end_us


@pytest.mark.parametrize(
    ("said", "length"),
    [
        ("54 -> 90", "24 bars"),
        ("90 -> 54 smooth", "24 bars"),
        ("60 -> 120 step -> 41 ease-out", "3:20"),
        ("200 -> 20", "10 min"),
        ("40 -> 1000 over 2 s hold 60 s -> 40 over 10 ms", "2 min"),
        ("0.01 -> 1000", "20 min"),
        ("60 -> 61", "24 h"),
    ],
)
def test_a_tempo_that_glides_is_within_a_millisecond_anywhere(said: str, length: str) -> None:
    clocks, end_us = glide(said, length)
    tempo = TempoMap(clocks, end_us)
    t = np.linspace(0.0, end_us / 1e6, 50_021)
    assert np.abs(tempo.seconds(tempo.ticks(t)) - t).max() < 0.001
    assert all(0 < change.quarter_us < 1 << 24 for change in tempo.tempi)
    assert len(tempo.tempi) < 25_000


def test_beats_of_a_glide_lie_on_their_ticks() -> None:
    clocks, end_us = glide("54 -> 90", "24 bars")
    tempo = TempoMap(clocks, end_us)
    beats = np.arange(0.0, 96.0, 0.125)
    exact_s = np.array([clocks[0][1].seconds(float(beat)) for beat in beats])
    assert np.abs(tempo.seconds(np.rint(beats * TICKS)) - exact_s).max() < 0.0001
    steps = {b.tick - a.tick for a, b in pairwise(tempo.tempi[:200])}
    assert steps == {TICKS // 4}


def test_the_starting_tempo_of_each_step_would_end_late() -> None:
    clocks, _ = glide("54 -> 90", "24 bars")
    pulse = clocks[0][1]
    starts_s = [pulse.seconds(beat) for beat in range(96)]
    late_s = sum(60.0 / float(pulse.tempo(s)) for s in starts_s) - pulse.seconds(96.0)
    assert late_s == pytest.approx(0.222, abs=0.001)


def test_a_glide_goes_on_through_scenes_without_a_new_meter() -> None:
    text = (
        "lullaby: 1\nclock: {bpm: 60 -> 120 over 60 s, meter: 3/4}\nparts: {a: {module: sirens}}\n"
        "scenes: [{scene: x, for: 31 s, play: {}}, {scene: y, for: 29 s, play: {}}]"
    )
    found = visits(read_text(text))
    tempo = TempoMap([(v.start_us, v.clock) for v in found], 60_000_000)
    assert [(m.tick, m.numerator, m.denominator) for m in tempo.meters] == [(0, 3, 4)]
