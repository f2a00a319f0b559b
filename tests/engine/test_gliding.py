"""A tempo that glides: beats lie where its exact integral puts them, whatever counts in them."""

from __future__ import annotations

from itertools import pairwise
from math import log

import numpy as np
import pytest
from scipy.integrate import quad

from lullaby import Piece
from lullaby.engine.timeline import visits
from lullaby.errors import ScoreError
from lullaby.model.pulse import Legs, Pulse
from lullaby.outputs.curves import sampled
from lullaby.score import read_text

SCENE = "lullaby: 1\nparts: {a: {module: sirens}}\nscenes:\n"
BARS_24_S = 60 * 96 / (90 - 54) * log(90 / 54)


def piece(*scenes: str, more: str = "") -> Piece:
    return Piece(read_text(SCENE + "".join(f"  - {{{s}}}\n" for s in scenes) + more))


def pulse(said: str, length: str = "24 bars") -> Pulse:
    made = piece(f"scene: x, for: {length}, clock: {{bpm: {said}}}, play: {{}}")
    return visits(made.score)[0].clock


def marks(made: Piece) -> list[float]:
    return [mark.at_us / 1e6 for mark in made.performance.marks]


def test_a_scene_of_24_bars_from_54_to_90_lasts_as_long_as_the_integral_says() -> None:
    made = piece("scene: x, for: 24 bars, clock: {bpm: 54 -> 90}, play: {}")
    assert made.duration_s == pytest.approx(BARS_24_S, abs=1e-6)


@pytest.mark.parametrize(
    "said",
    [
        "54 -> 90",
        "90 -> 54 smooth",
        "54 hold 10 s -> 90 over 8 bars ease-in -> 30",
        "60 -> 120 step",
        "60 at 2 bars -> 100 at 20 s hold 4 beats -> 40 at -2 bars ease-out",
        "54 bpm -> 54 bpm",
        "0.01 -> 1000",
    ],
)
def test_beats_are_the_integral_of_the_tempo(said: str) -> None:
    made = pulse(said)
    edges = [leg.start_s for leg in made.legs]
    end_s = made.seconds(96.0)
    for to_s in np.linspace(0.1, 1.2, 5) * end_s:
        inside = [0.0, *(e for e in edges if 0.0 < e < to_s), float(to_s)]
        beats = sum(
            quad(lambda t: float(made.tempo(t)) / 60.0, a, b - 1e-12 * b, epsabs=1e-10)[0]
            for a, b in pairwise(inside)
        )
        assert made.beats(float(to_s)) == pytest.approx(beats, rel=1e-6)
        assert float(made.counted(to_s)) == pytest.approx(made.beats(float(to_s)), rel=1e-12)
        assert made.seconds(made.beats(float(to_s))) == pytest.approx(float(to_s), rel=1e-9)


def test_linear_is_even_over_the_beats_and_by_ratio_over_time() -> None:
    made = pulse("54 -> 90")
    assert made.tempo(made.seconds(48.0)) == pytest.approx(72.0)
    assert made.tempo(BARS_24_S / 2) == pytest.approx((54 * 90) ** 0.5)


def test_points_lie_in_beats_and_in_seconds() -> None:
    made = pulse("54 hold 10 s -> 90 over 8 bars -> 30")
    assert made.tempo([0.0, 9.9]) == pytest.approx([54.0, 54.0])
    there_s = made.seconds(made.beats(10.0) + 32.0)
    assert made.tempo([there_s, made.seconds(96.0), 500.0]) == pytest.approx([90.0, 30.0, 30.0])


def test_points_without_a_time_share_the_bars_of_a_scene_in_bars() -> None:
    made = pulse("40 -> 80 -> 120")
    assert float(made.tempo(made.seconds(48.0))) == pytest.approx(80.0)


def test_points_without_a_time_share_the_seconds_of_a_scene_in_seconds() -> None:
    made = pulse("40 -> 80 -> 120 smooth", "60 s")
    assert made.tempo([30.0, 60.0]) == pytest.approx([80.0, 120.0])


def test_a_step_waits_and_jumps() -> None:
    made = pulse("60 -> 120 over 4 beats step")
    assert made.tempo([3.99, 4.01]) == pytest.approx([60.0, 120.0])
    assert made.seconds(6.0) == pytest.approx(5.0)


def test_cues_enters_and_curves_count_in_its_beats() -> None:
    made = piece(
        "scene: x, for: 24 bars, clock: {bpm: 54 -> 90}, "
        "arc: {panic: 0 at 4 bars -> 1 over 4 bars hold 4 bars -> 0 over 4 bars}, "
        "play: {a: {enter: 2 bars over 1 bar}}, "
        "cues: [{at: [12 bars, -1 bar], mark: m}, {every: 8 bars, mark: e}]",
        more="arc: {panic: 0}\n",
    )
    tempo = visits(made.score)[0].clock
    wanted = sorted(tempo.seconds(4.0 * bar) for bar in (12, 23, 8, 16))
    assert marks(made) == pytest.approx(wanted, abs=2e-6)
    assert made.performance.runs[0].start_us / 1e6 == pytest.approx(tempo.seconds(8.0), abs=1e-6)
    at_s = [tempo.seconds(4.0 * bar) for bar in (4, 6, 8, 12, 14, 16)]
    share = (at_s[1] - at_s[0]) / (at_s[2] - at_s[0])
    down = (at_s[4] - at_s[3]) / (at_s[5] - at_s[3])
    arc = made.performance.arcs["panic"](np.array(at_s))
    assert arc == pytest.approx([0.0, share, 1.0, 1.0, 1.0 - down, 0.0], abs=1e-5)


def test_a_free_point_ends_with_the_scene_whatever_its_beats_take() -> None:
    made = piece(
        "scene: x, for: 60 s, clock: {bpm: 54 -> 180}, "
        "arc: {panic: 0 -> 0.5 -> 0.5 over 8 beats -> 1}, play: {}",
        more="arc: {panic: 0}\n",
    )
    arc = made.performance.arcs["panic"]
    assert arc(np.array([59.9, 60.0])) == pytest.approx([1.0, 1.0], abs=0.01)
    assert float(arc(np.array(59.0))) < 0.99


def test_a_rate_by_the_beat_follows_the_tempo() -> None:
    made = piece(
        "scene: x, for: 60 s, clock: {bpm: 60 -> 120}, play: {a: {pitch: 200 /beat, rise: 2 beats}}"
    )
    t = np.array([0.0, 30.0, 59.999])
    tempo = 60.0 * 2.0 ** (t / 60.0)
    pitch = sampled(made.performance, "part", "a", "pitch_hz", t)
    assert pitch == pytest.approx(200.0 * tempo / 60.0, rel=1e-6)
    rise = sampled(made.performance, "part", "a", "rise_s", t)
    assert rise == pytest.approx(2.0 * 60.0 / tempo, rel=1e-6)


def test_a_scene_after_it_goes_on_at_the_tempo_it_came_to() -> None:
    made = piece(
        "scene: x, for: 24 bars, clock: {bpm: 54 -> 90}, play: {}",
        "scene: y, for: 3 bars, play: {}",
        "scene: z, for: 2 bars, clock: {bpm: -> 45}, play: {}",
        "scene: w, for: 1 bar, clock: {meter: 3/4}, play: {}",
    )
    lengths = [scene.length_us / 1e6 for scene in made.performance.scenes]
    falling = 60 * 8 / (45 - 90) * log(45 / 90)
    assert lengths == pytest.approx([BARS_24_S, 12 * 60 / 90, falling, 3 * 60 / 45], abs=1e-5)
    assert [s.bpm for s in made.performance.scenes] == [(54, 90), (90, 90), (90, 45), (45, 45)]
    assert [s.bars for s in made.performance.scenes] == pytest.approx([24, 3, 2, 1], abs=1e-5)


def test_a_glide_of_the_piece_runs_through_its_scenes() -> None:
    made = piece(
        "scene: x, for: 30 s, play: {}",
        "scene: y, for: 30 s, play: {}, cues: [{at: 20 beats, mark: m}]",
        more="clock: {bpm: 60 -> 120 over 60 s}\n",
    )
    tempo = Pulse(visits(made.score)[0].clock.legs)
    assert marks(made) == pytest.approx([tempo.seconds(tempo.beats(30.0) + 20.0)], abs=1e-5)


def test_an_end_known_only_the_other_way_is_refused() -> None:
    made = piece("scene: x, for: 24 bars, clock: {bpm: 54 -> 90 at -10 s}, play: {}")
    with pytest.raises(ScoreError, match="wants the unit of 'for'"):
        _ = made.performance


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("54 -> 0", "'bpm' goes from 0.01..1000 bpm, not 0 bpm"),
        ("54 -> 80..90", "'bpm' wants a plain tempo such as 60, or a curve"),
        ("reset", "'bpm' wants a plain tempo such as 60, or a curve"),
        ("54 -> 90 dB", "'bpm' wants a tempo such as 60 bpm"),
    ],
)
def test_what_a_tempo_cannot_be(said: str, message: str) -> None:
    with pytest.raises(ScoreError, match=message.replace(".", "\\.")):
        pulse(said)


def test_beats_and_seconds_do_not_mix_in_one_range_while_it_glides() -> None:
    with pytest.raises(ScoreError, match="beats and other units do not go together"):
        piece("scene: x, for: 9 s, clock: {bpm: 60 -> 90}, play: {a: {rise: 1 s..2 beats}}")


def test_before_its_start_a_glide_stands() -> None:
    legs = Legs(120.0)
    legs.add(0.2, 20.0)
    pulse = legs.pulse(4.0)
    times_s = np.array([-600.0, -1.0, 0.0, 0.1, 3.0])
    one_by_one = [pulse.beats(float(t)) for t in times_s]
    np.testing.assert_allclose(pulse.counted(times_s), one_by_one, rtol=1e-12)
    assert one_by_one[:2] == [-1200.0, -2.0]
