"""What a value of a score means once the piece is laid out in time."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.arrange import arrange
from lullaby.errors import ScoreError
from lullaby.model.value import Number, Points, Spread, Time
from lullaby.score import read_text

FRAME = """\
lullaby: 1
seed: 7
clock: {{bpm: 120, meter: 3/4}}
tuning: {{root: A1, scale: [1, 2, 3, 4, 5, 6, 8]}}
arc: {{panic: 0.25, surrender: 0, line: 0 -> 1}}
buses: {{hall: {{effect: hall}}}}
parts:
  a: {{module: wasps, {part}}}
scenes:
  - {{scene: one, for: 10 s, fade: 2 s, play: {{a: enter}}}}
  - {{scene: two, for: 10 s, fade: 2 s, keep: all, play: {{a: {{{stay}}}}}, cues: [{cue}]}}
"""


def laid(part="label: x", stay="", cue=""):
    return arrange(read_text(FRAME.format(part=part, stay=stay, cue=cue)))


def at(performance, name, time_s):
    (run,) = performance.runs
    curve = {"level_db": run.desk.level_db, "pan": run.desk.pan}.get(name)
    curve = run.settings.curves[name] if curve is None else curve
    return float(curve(np.asarray(float(time_s))))


@pytest.mark.parametrize(
    ("text", "name", "time_s", "value"),
    [
        ("level: -12 dB", "level_db", 3, -12.0),
        ("level: 0", "level_db", 3, 0.0),
        ("level: -30 -> -12 dB", "level_db", 0, -30.0),
        ("level: -30 -> -12 dB", "level_db", 10, -21.0),
        ("pitch: A4", "pitch_hz", 1, 440.0),
        ("pitch: A3 + 1 oct", "pitch_hz", 1, 440.0),
        ("pitch: A5 - 12 st", "pitch_hz", 1, 440.0),
        ("pitch: 0.44 kHz", "pitch_hz", 1, 440.0),
        ("pitch: 2 * A3", "pitch_hz", 1, 440.0),
        ("pitch: A4 * 3/2", "pitch_hz", 1, 660.0),
        ("cutoff: 1 -> 4 kHz", "cutoff_hz", 10, 2000.0),
        ("cutoff: 1000 -> 4000 Hz at 10 s hold 5 s -> 1000 Hz", "cutoff_hz", 5, 2000.0),
        ("cutoff: 1000 -> 4000 Hz at 10 s hold 5 s -> 1000 Hz", "cutoff_hz", 14, 4000.0),
        ("cutoff: line to 100..400 Hz", "cutoff_hz", 10, 200.0),
        ("cutoff: panic to 16..1 kHz", "cutoff_hz", 10, 8000.0),
        ("density: 30 /min", "density_per_s", 1, 0.5),
        ("density: 1 /beat", "density_per_s", 1, 2.0),
        ("density: 60 bpm", "density_per_s", 1, 1.0),
        ("density: panic to 0..40 /s", "density_per_s", 1, 10.0),
        ("pulse: 90 bpm", "pulse_bpm", 1, 90.0),
        ("pulse: 2 /s", "pulse_bpm", 1, 120.0),
        ("attack: 20 ms", "attack_s", 1, 0.02),
        ("attack: 0:01.5", "attack_s", 1, 1.5),
        ("attack: 1 beat", "attack_s", 1, 0.5),
        ("attack: 1 bar", "attack_s", 1, 1.5),
        ("detune: -1 st", "detune_cents", 1, -100.0),
        ("azimuth: -30 deg", "azimuth_deg", 1, -30.0),
        ("bright: 40%", "bright", 1, 0.4),
        ("bright: 7/10", "bright", 1, 0.7),
        ("bright: 1 - panic", "bright", 1, 0.75),
        ("bright: panic", "bright", 1, 0.25),
        ("bright: panic ^ 2", "bright", 1, 0.0625),
        ("bright: -2 ^ 2 + 4.5", "bright", 1, 0.5),
        ("bright: panic from 0..0.5 smooth", "bright", 1, 0.5),
        ("bright: panic from 0..0.5 to 1..0.8", "bright", 1, 0.9),
        ("bright: max(panic | 0.6)", "bright", 1, 0.6),
        ("bright: min(panic | 0.6)", "bright", 1, 0.25),
        ("bright: (0 -> 1) * 0.5", "bright", 10, 0.25),
        ("bright: 5 * panic", "bright", 1, 1.0),
        ("bright: 0 -> 1 at 40% -> 0.5", "bright", 8, 1.0),
        ("bright: 0 -> 1 at -10 s", "bright", 10, 1.0),
        ("bright: 0 -> 1 step", "bright", 19, 0.0),
        ("bright: -> 1 over 4 s", "bright", 2, 0.75),
        ("bright: lfo square 0.2..0.8 per 4 s", "bright", 1, 0.8),
        ("bright: lfo square 0.2..0.8 per 4 s", "bright", 3, 0.2),
        ("pitch: 300 Hz snap", "pitch_hz", 1, 275.0),
        ('bright: "0.3"', "bright", 1, 0.3),
        ("bright: 1e-1", "bright", 1, 0.1),
        ("bright: [{at: 0, value: 0}, {at: 10 s, value: 1, shape: linear}]", "bright", 5, 0.5),
    ],
)
def test_a_part_s_value_is_what_was_meant(text, name, time_s, value):
    assert at(laid(part=text), name, time_s) == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize(
    ("stay", "name", "time_s", "value"),
    [
        ("level: -> -20 dB", "level_db", 15, -10.0),
        ("level: -20 dB", "level_db", 11, -10.0),
        ("level: -20 dB", "level_db", 12, -20.0),
        ("level: -> -20 dB over 4 s hold 2 s -> 0 over 2 s", "level_db", 14, -20.0),
        ("level: -> -20 dB over 4 s hold 2 s -> 0 over 2 s", "level_db", 17, -10.0),
        ("level: -6 dB at 2 s -> -12 dB", "level_db", 16, -9.0),
        ("level: hold 5 s -> -12 dB", "level_db", 15, 0.0),
        ("cutoff: -> cutoff * 0.25", "cutoff_hz", 15, 500.0),
        ("attack: -> 1 s at 4 beats", "attack_s", 12, 1.0),
        ("bright: reset", "bright", 19, 0.5),
        ("pan: -> 0.5 at 1 bar", "pan", 11.5, 0.5),
    ],
)
def test_a_scene_s_value_is_what_was_meant(stay, name, time_s, value):
    assert at(laid(stay=stay), name, time_s) == pytest.approx(value, rel=1e-9)


def test_a_cue_sets_a_value_from_its_instant_on():
    performance = laid(cue="{at: 3 s, set: {a.cutoff: -> 4 kHz over 2 s}}")
    assert at(performance, "cutoff_hz", 12.9) == 1000.0
    assert at(performance, "cutoff_hz", 14) == pytest.approx(2000.0)
    assert at(performance, "cutoff_hz", 19) == 4000.0


def test_a_kick_adds_to_an_arc_and_fades():
    performance = laid(cue="{at: [2 s, 6 s], kick: {panic: 0.5 over 2 s}, mark: hit}")
    panic = performance.arcs["panic"]
    assert float(panic(np.asarray(12.0))) == 0.75
    assert float(panic(np.asarray(14.5))) == 0.25
    assert [m.at_us for m in performance.marks] == [12_000_000, 16_000_000]


def test_draws_stay_in_their_range_and_differ_by_seed():
    seen = set()
    for seed in range(8):
        text = FRAME.format(part="cutoff: 200..400 Hz", stay="", cue="")
        value = at(arrange(read_text(text.replace("seed: 7", f"seed: {seed}"))), "cutoff_hz", 1)
        assert 200.0 <= value <= 400.0
        seen.add(value)
    assert len(seen) == 8


@pytest.mark.parametrize(
    ("text", "spread"),
    [
        ("pitch: A4 ~10 cents", Spread(440.0, 10.0, "cents")),
        ("pitch: each 440 ~ 5 Hz", Spread(440.0, 5.0, "add", True)),
        ("density: 60 /s ~10%", Spread(60.0, 10.0 / 100, "share")),
        ("bright: 0.5 ~10%", Spread(0.5, 0.1)),
        ("detune: 10 ~ 5 cents", Spread(10.0, 5.0)),
    ],
)
def test_a_spread_keeps_the_scale_it_was_written_in(text, spread):
    (part,) = read_text(FRAME.format(part=text, stay="", cue="")).parts
    assert next(iter(part.settings.values())) == spread


def test_times_keep_their_unit_and_their_chance():
    score = read_text(
        FRAME.format(
            part="label: x", stay="enter: 2 s ~10% over 1 bar, leave: 80% over 3..5 s", cue=""
        )
    )
    (stay,) = score.scenes[1].play
    assert stay.enter.at == Time(2.0, "s", spread=0.2)
    assert stay.enter.over == Time(1.0, "bar")
    assert stay.leave.at == Time(0.8, "share")
    assert stay.leave.over == Time(3.0, "s", until=5.0)


def test_fixed_values_are_read_by_their_kind():
    (part,) = read_text(
        FRAME.format(
            part='voices: 12, reversed: true, song: none, label: no, say: ["A: b", 1e-3]',
            stay="",
            cue="",
        )
    ).parts
    assert part.fixed == {
        "voices": 12,
        "reversed": True,
        "song": "none",
        "label": "no",
        "say": ("A: b", "1e-3"),
    }


def test_a_curve_without_a_start_begins_at_the_default_in_a_part_but_from_now_in_a_scene():
    score = read_text(FRAME.format(part="bright: -> 1", stay="bright: -> 0", cue=""))
    (part,) = score.parts
    (stay,) = score.scenes[1].play
    own, said = part.settings["bright"], stay.settings["bright"]
    assert isinstance(own, Points)
    assert isinstance(said, Points)
    assert own.start == Number(0.5)
    assert said.start is None


def test_bare_numbers_say_in_what_unit_they_were_taken():
    with pytest.raises(ScoreError, match="takes the unit kHz from its neighbour"):
        read_text(FRAME.format(part="cutoff: 180 -> 4 kHz", stay="", cue=""))
