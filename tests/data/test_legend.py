"""A legend in the piece itself: its tones are the piece's, and all else only comes later."""

from __future__ import annotations

import mido
import numpy as np
import pytest
from click.testing import CliRunner

import lullaby
from lullaby.cli.data import lines
from lullaby.cli.rendering import render
from lullaby.data import resolved
from lullaby.engine.arrange import arrange, stretch
from lullaby.engine.engine import Engine
from lullaby.engine.layout import Layout
from lullaby.errors import ScoreError
from lullaby.live.midi_plan import planned
from lullaby.live.piece import LivePiece
from lullaby.measure import reading_back
from lullaby.outputs.midi_form import Form
from lullaby.score import read
from lullaby.units import ratio_to_cents
from tests.data.pieces import rows

SCORE = """\
lullaby: 1
seed: 3
data:
  web: {{file: d.csv, time: t, for: 60 s}}
signals:
  a: {{from: web.x, range: 10..20, unit: ms}}
  b: {{from: web.x, range: 10..20, levels: 2}}
arc: {{panic: walk 0.1..0.5 per 9 s, heat: 0 -> 1 over 50%}}
parts:
  line: {{module: data_voice, preset: clear-line, pitch: a to A2..A4 lag 1 s, level: {level}}}
  dots: {{module: data_voice, each: web, at_most: 0.7 /s, merge: nearest, level: -30 dB,
         pitch: web.x from 10..20 to A3..A5, pan: b to -0.5..0.5}}
scenes:
  - {{scene: x, for: 40 s, fade: 2 s, play: {{line: enter, dots: enter}},
     cues: [{{at: 7 s, mark: in}}]}}
  - {{scene: y, for: 20 s, fade: 2 s, keep: all, arc: {{panic: -> 0 over 10 s}}}}
cues:
  - {{when: a > 0.7, back: 0.1, mark: high}}
  - {{at: [3 s, -5 s], mark: told}}
  - {{every: 11 s, mark: again}}
midi: {{a: {{cc: 74, part: line}}}}
verify: {{line.pitch: {{rank: 0.98, error: 400 cents}}}}
legend: {{of: [a, b], place: {place}, ticks: {{time: 20 s, value: [12]}}}}
"""
T = np.arange(0.0, 60.1, 1.0)
STEPS = np.where(T < 20.0, 10.0, np.where(T < 40.0, 15.0, 20.0))
LEAD_S = 13  # 0.5 s, four tones, a pause, two tones, a pause, up to a whole second


def piece(folder, place, x=None, level="-12 dB", more=""):
    x = 15.0 + 4.5 * np.sin(T / 7.0) if x is None else x
    (folder / "d.csv").write_text("t,x\n" + rows(T, x))
    file = folder / f"{place}.yaml"
    file.write_text(SCORE.format(place=place, level=level) + more)
    return lullaby.load(file)


def marks(made):
    return [(m.name, m.at_us) for m in made.performance.marks]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    folder = tmp_path_factory.mktemp("legend")
    return piece(folder, "none"), piece(folder, "before")


def test_before_it_the_piece_only_comes_later(both):
    plain, made = (one.performance for one in both)
    by_us = LEAD_S * 1_000_000
    assert made.scenes[0].name == "legend"
    assert [(s.name, s.start_us, s.length_us) for s in made.scenes[1:]] == [
        (s.name, s.start_us + by_us, s.length_us) for s in plain.scenes
    ]
    assert made.length_us == plain.length_us + by_us
    own = [(name, at) for name, at in marks(both[1]) if at >= by_us]
    assert own == [(name, at + by_us) for name, at in marks(both[0])]
    assert [n for n, at in marks(both[1]) if at < by_us] == [
        *("a 10 ms", "a 15 ms", "a 20 ms", "a 12 ms", "b 10", "b 20")
    ]
    t = np.linspace(0.0, 60.0, 500)
    for name in ("panic", "heat"):
        was, now = plain.arcs[name](t), made.arcs[name](t + LEAD_S)
        np.testing.assert_allclose(now, was, atol=1e-9)
    assert both[1].score.known.spans["web"].at_s == LEAD_S


def test_the_sound_after_it_is_that_of_the_piece_alone(both):
    plain, made = (
        one.render(to_s=30.0 + at).samples for one, at in zip(both, (0, LEAD_S), strict=True)
    )
    here = LEAD_S * 48000
    np.testing.assert_array_equal(made[:, here:], plain)
    assert np.abs(made[:, 24000 : here - 60000]).max() > 0.01
    assert np.abs(made[:, here - 24000 : here]).max() < 1e-3  # it is over before that
    left = both[1].lasting(6.0)
    assert left.performance.legend == both[1].performance.legend[:4]
    np.testing.assert_array_equal(left.render(to_s=5.0).samples, made[:, : 5 * 48000])


def test_all_ways_out_have_the_same_tones(both, tmp_path):
    made = both[1]
    whole = made.render(to_s=20.0).samples
    blocks = [b for b, _ in zip(made.blocks(9600), range(100), strict=False)]
    np.testing.assert_array_equal(np.concatenate(blocks, axis=1), whole)  # as it is played
    later = made.render(from_s=4.0, to_s=20.0).samples
    np.testing.assert_array_equal(later, whole[:, 4 * 48000 :])
    made.midi(tmp_path / "x.mid", mpe="single")
    file = mido.MidiFile(tmp_path / "x.mid")
    found, notes = {}, []
    for message in mido.merge_tracks(file.tracks):
        found.setdefault("ticks", 0)
        found["ticks"] += message.time
        if message.type == "marker":
            found[message.text] = found["ticks"]
        if message.type in ("note_on", "pitchwheel"):
            notes.append((found["ticks"], message.type))
    a_second = (found["in"] - found["a 10 ms"]) / (LEAD_S + 7.0 - 0.5)
    assert found["a 20 ms"] - found["a 10 ms"] == pytest.approx(3.2 * a_second, rel=0.01)
    told = [kind for at, kind in notes if at < 7.5 * a_second]
    assert told.count("note_on") >= 1
    assert told.count("pitchwheel") >= 3  # one note that is bent to each of the four


@pytest.mark.parametrize("place", ["before", "after"])
def test_a_session_and_a_port_have_them_too(tmp_path, place):
    made = piece(tmp_path, place)
    live = LivePiece(made.score)
    assert live.performance == made.performance
    times_s = planned(live.score, live.performance).times_s
    for tone in made.performance.legend:
        assert np.abs(times_s - tone.at_s).min() < 0.05  # something is sent for each
    assert len(made.exported(Form()).tunings) == 3  # of the legend and of both scenes


@pytest.mark.parametrize("place", ["before", "after", "separate"])
def test_the_tones_are_what_the_values_sound_like_in_the_piece(tmp_path, place):
    made = piece(tmp_path, place, STEPS, level="a to -20..-8 dB")
    told = made.legend()[0] if place == "separate" else made
    shown = [s for s in told.performance.legend if s.signal == "a"]
    begins = (
        [0.5 + 1.6 * i for i in range(3)] if place == "separate" else [s.at_s for s in shown[:3]]
    )
    tones, stem = (one.stems({"line"})["line"] for one in (told, made))
    lead_s = LEAD_S if place == "before" else 0.0
    at_s, then_s = np.array(begins) + 0.7, lead_s + np.array([15.0, 35.0, 55.0])
    heard = reading_back.pitch_hz(tones, 48000, at_s, 80.0, 600.0)
    wanted = reading_back.pitch_hz(stem, 48000, then_s, 80.0, 600.0)
    assert np.abs(ratio_to_cents(heard / wanted)).max() < 10.0
    level, was = (
        reading_back.level_db(sound, 48000, times, 0.8)
        for sound, times in ((tones, at_s), (stem, then_s))
    )
    assert np.abs(level - was).max() < 0.5


def test_after_it_ends_as_it_does_and_then_the_tones_come(tmp_path):
    plain, made = piece(tmp_path, "none"), piece(tmp_path, "after")
    assert [s.name for s in made.performance.scenes] == ["x", "y", "legend"]
    assert [m for m in marks(made) if m[1] < 60_000_000] == marks(plain)
    first = made.performance.legend[0]
    assert first.at_s == 62.5  # the parts have faded by then
    assert made.duration_s == 62.0 + LEAD_S
    was, now = (one.render(from_s=45.0, to_s=61.0).samples for one in (plain, made))
    assert np.abs(now - was).max() < 1e-4
    left = made.lasting(66.0)
    assert [s.text for s in left.performance.legend if s.signal == "a"] == [
        "10 ms",
        "15 ms",
        "20 ms",
    ]
    assert left.lasting(30.0).performance.legend == ()


def test_a_piece_without_an_end_has_no_after(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n" + rows(T, T))
    text = SCORE.format(place="after", level="-12 dB")
    text = text.replace("keep: all,", "keep: all, next: x,").replace("-5 s", "5 s")
    text = text.replace("heat: 0 -> 1 over 50%", "heat: 0.5")
    file = tmp_path / "endless.yaml"
    file.write_text(text)
    with pytest.raises(ScoreError, match="a piece without an end has no place after it: 'place: b"):
        lullaby.load(file).lasting(30.0).performance  # noqa: B018
    file.write_text(text.replace("after", "before"))
    made = lullaby.load(file).lasting(200.0).performance
    assert [s.name for s in made.scenes] == ["legend", "x", "y", "x", "y", "x", "y", "x"]
    layout = Layout(lullaby.load(file).score)
    begun = stretch(layout, 0, 200_000_000)
    assert begun.legend == made.legend != ()
    assert [r for r in begun.runs if r.told] == [r for r in made.runs if r.told]
    later = stretch(layout, 20_000_000, 400_000_000)
    assert not any(run.told for run in later.runs)


@pytest.mark.parametrize("place", ["before", "separate"])
def test_what_is_counted_sounds_long_enough_to_be_counted(tmp_path, place):
    (tmp_path / "d.csv").write_text("t,x\n" + rows(T, STEPS))
    (tmp_path / "p.yaml").write_text(
        f"""\
lullaby: 1
data: {{web: {{file: d.csv, time: t, for: 60 s}}}}
signals: {{a: {{from: web.x, range: 10..20}}}}
parts: {{drops: {{module: data_voice, cutoff: 300 Hz, density: a to 0.5..12 /s}}}}
scenes: [{{scene: x, for: 60 s, play: {{drops: enter}}}}]
legend: {{of: [a], tones: 2, place: {place}}}
"""
    )
    made = lullaby.load(tmp_path / "p.yaml")
    told = made.legend()[0] if place == "separate" else made
    begins = [mark.at_us / 1e6 for mark in told.performance.marks][:2]
    assert begins == [0.5, 5.9]
    runs = [run for run in told.performance.runs if run.told]
    hz = runs[0].settings.curves["density_per_s"](np.array([1.0, 6.0]))
    np.testing.assert_allclose(hz, [0.5, 12.0])


def test_its_tones_are_not_verified_as_data(both):
    assert [check.passes for check in both[1].verify()] == [True]


def test_words_have_a_tone_each_and_what_rolls_has_no_figures(tmp_path):
    (tmp_path / "d.csv").write_text(
        "t,x,w\n"
        + "".join(f"{t},{t % 7},{('ok', 'slow', 'down', 'gone')[t % 4]}\n" for t in range(30))
    )
    (tmp_path / "p.yaml").write_text(
        """\
lullaby: 1
data:
  web: {file: d.csv, time: t}
signals:
  w: {from: web.w, scale: nominal}
  r: {from: web.x, range: rolling 2 min}
parts:
  a: {module: data_voice, pitch: w to A2..A4}
  b: {module: data_voice, pitch: r to A2..A4}
scenes: [{scene: x, for: 30 s, play: {a: enter, b: enter}}]
legend: {of: [w, r], place: before, ticks: {value: [3]}, speech: auto}
"""
    )
    made = lullaby.load(tmp_path / "p.yaml")
    texts = [(s.signal, s.text) for s in made.performance.legend]
    assert texts[:4] == [("w", "down"), ("w", "gone"), ("w", "ok"), ("w", "slow")]
    assert texts[4:] == [
        ("r", "the least of the last 2 min"),
        ("r", "50 % of the spread of the last 2 min"),
        ("r", "the greatest of the last 2 min"),
    ]
    caption = made.legend_text()
    assert "w: a, from down to slow." in caption
    assert "Nothing of this is spoken" in caption
    assert made.legend() is None


def test_no_stream_moves_a_tone(tmp_path):
    score = SCORE.format(place="before", level="-12 dB").replace(", each: web, at_most: 0.7 /s", "")
    score = score.replace("merge: nearest, ", "").replace("cues:\n", "cues: []\nold:\n")
    score = score.split("old:")[0] + "legend: {of: [a], place: before}\n"
    (tmp_path / "d.csv").write_text("t,x\n0,1\n1,2\n")
    (tmp_path / "fed.yaml").write_text(score)
    fed = frozenset({"web"})
    performance = arrange(resolved(read(tmp_path / "fed.yaml", fed=fed), fed=fed))
    heard = []
    for value in (0.0, 0.9):
        with Engine(performance, live=True) as engine:
            engine.touch("a", value)
            engine.touch("a.missing", 0.0)
            heard.append(engine.read(5 * 48000))
    assert np.abs(heard[0]).max() > 0.02
    np.testing.assert_array_equal(heard[0], heard[1])


def test_the_words_stand_beside_the_sound(tmp_path):
    made = piece(tmp_path, "before")
    called = [str(tmp_path / "before.yaml"), "-o", str(tmp_path / "x.wav"), "--for", "2s"]
    done = CliRunner().invoke(render, called)
    assert done.exit_code == 0, done.output
    assert "wrote " in done.output
    assert "what its legend's tones are" in done.output
    assert {f.name for f in tmp_path.iterdir()} == {
        *("d.csv", "before.yaml", "x.wav", "x.legend.txt")
    }
    assert "   0.5 s  a 10 ms" in (tmp_path / "x.legend.txt").read_text()
    assert made.legend_text() is not None
    again = CliRunner().invoke(render, [*called, "--dry-run"])
    assert "x.legend.txt" in again.output


def test_what_rolls_is_verified_without_figures_of_data(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n" + rows(T, 15.0 + T % 7 + np.sin(T / 7.0)))
    (tmp_path / "p.yaml").write_text(
        """\
lullaby: 1
data: {web: {file: d.csv, time: t, for: 60 s}}
signals: {r: {from: web.x, steps: [mean over 9 s], range: rolling 20 s}}
parts: {line: {module: data_voice, preset: clear-line, pitch: r to A2..A4}}
scenes: [{scene: x, for: 60 s, play: {line: enter}}]
verify: {line.pitch: 60 cents}
"""
    )
    (check,) = lullaby.load(tmp_path / "p.yaml").verify()
    assert check.passes
    assert "in data nothing: its range rolls" in lines(check)[0]
