"""Arcs, parameters, cues and events follow data by name, at the moment the data are there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import lullaby
from lullaby.data import resolved
from lullaby.engine.arrange import arrange
from lullaby.engine.listing import events
from lullaby.errors import ScoreError
from lullaby.model.gallery import Gallery
from lullaby.model.module import Module
from lullaby.score import read, read_text, strips
from lullaby.score.write import written as text_of
from tests.data.pieces import rows, written

CAST = Path(__file__).parents[1] / "score" / "cast_modules"
SOURCE = "{file: d.csv, time: t, for: 60 s}"


@pytest.fixture
def struck(monkeypatch):
    monkeypatch.setattr(strips, "MODULES", Gallery("tests.score.cast_modules", [str(CAST)], Module))


def table(folder, t, x, y=None):
    lines = rows(t, x) if y is None else ""
    if y is not None:
        lines = "".join(
            f"{a},{'' if np.isnan(b) else b},{c}\n" for a, b, c in zip(t, x, y, strict=True)
        )
    (folder / "d.csv").write_text(("t,x\n" if y is None else "t,x,y\n") + lines)


def performed(folder, part="", more="", signals="sig: {from: web.x, range: 0..10}", length="60 s"):
    file = written(folder, SOURCE, signals, part, more)
    text = file.read_text().replace("for: 60 s, play", f"for: {length}, play")
    file.write_text(text)
    return arrange(resolved(read(file)))


TIME = np.arange(0.0, 61.0, 1.0)
RAMP = TIME / 6.0


def test_a_parameter_follows_a_signal_and_a_column(tmp_path):
    table(tmp_path, TIME, RAMP)
    made = performed(tmp_path, ", level: sig to -40..-20 dB, pan: web.x from 0..10 to -1..1")
    desk = made.runs[0].desk
    t = np.arange(0.0, 60.0, 1.0)
    np.testing.assert_allclose(desk.level_db(t), -40.0 + t / 3.0, atol=1e-9)
    np.testing.assert_allclose(desk.pan(t), -1.0 + t / 30.0, atol=1e-9)


def test_a_run_that_begins_late_hears_the_data_at_their_own_time(tmp_path):
    table(tmp_path, TIME, RAMP)
    made = performed(tmp_path, ", level: sig to -40..-20 dB")
    score = resolved(read(tmp_path / "piece.yaml"))
    text = (tmp_path / "piece.yaml").read_text()
    text = text.replace("scenes: [", "scenes: [{scene: before, for: 20 s, play: {}}, ")
    (tmp_path / "piece.yaml").write_text(text)
    late = arrange(resolved(read(tmp_path / "piece.yaml"))).runs[0]
    assert late.start_us == 20_000_000
    t = np.arange(0.0, 40.0, 64 / 48000)
    np.testing.assert_allclose(
        late.desk.level_db(t), made.runs[0].desk.level_db(t + 20.0), atol=1e-9
    )
    assert score.known is not None


def test_an_arc_follows_several_signals(tmp_path):
    table(tmp_path, TIME, RAMP, 10.0 - RAMP)
    signals = "up: {from: web.x, range: 0..10}\n  down: {from: web.y, range: 0..10}"
    more = "arc: {panic: 0.25 * up + 0.75 * down to 0.1..1, worst: max(up | down)}\n"
    made = performed(tmp_path, more=more, signals=signals)
    u = TIME / 60.0
    np.testing.assert_allclose(
        made.arcs["panic"](TIME), 0.1 + 0.9 * (0.25 * u + 0.75 * (1.0 - u)), atol=1e-9
    )
    np.testing.assert_allclose(made.arcs["worst"](TIME), np.maximum(u, 1.0 - u), atol=1e-9)


GAP = np.where((TIME > 20) & (TIME < 40), np.nan, RAMP)


def test_a_part_is_silent_in_the_gaps_of_what_it_follows_itself(tmp_path):
    table(tmp_path, TIME, GAP)
    signals = "sig: {from: web.x, range: 0..10, gaps: silence}"
    made = performed(tmp_path, ", level: sig to -40..-20 dB", signals=signals)
    fade = made.runs[0].desk.fade(np.array([15.0, 22.0, 30.0, 39.0, 45.0]))
    np.testing.assert_array_equal(fade, [1.0, 0.0, 0.0, 0.0, 1.0])


def test_what_follows_through_an_arc_only_holds(tmp_path):
    table(tmp_path, TIME, GAP)
    signals = "sig: {from: web.x, range: 0..10, gaps: silence}"
    made = performed(
        tmp_path, ", level: panic to -40..-20 dB", "arc: {panic: sig}\n", signals=signals
    )
    t = np.array([22.0, 30.0, 38.0])
    np.testing.assert_array_equal(made.runs[0].desk.fade(t), 1.0)
    np.testing.assert_allclose(made.arcs["panic"](t), 20.0 / 60.0)


def test_a_marked_gap_is_a_marker(tmp_path):
    table(tmp_path, TIME, GAP)
    made = performed(tmp_path, signals="sig: {from: web.x, gaps: mark}")
    assert [(m.name, m.at_us) for m in made.marks] == [("no data: sig", 21_000_000)]


def test_cues_go_off_where_a_signal_or_a_column_crosses(tmp_path):
    table(tmp_path, TIME, 10.0 * (TIME % 20.0 >= 10.0))
    more = (
        "cues: [{when: sig > 0.5, mark: up}, {when: sig < 0.5, back: 0.1, mark: down},"
        " {when: web.x > 5, rest: 25 s, mark: col}]\n"
    )
    made = performed(tmp_path, more=more)
    marks = [(m.name, round(m.at_us / 1e6, 1)) for m in made.marks]
    assert [at for name, at in marks if name == "up"] == [9.5, 29.5, 49.5]
    assert [at for name, at in marks if name == "down"] == [19.5, 39.5, 59.5]
    assert [at for name, at in marks if name == "col"] == [10.0, 50.0]


def test_a_cue_goes_off_at_every_row(tmp_path):
    t = [0.5, 3.0, 3.1, 10.0, 59.0, 70.0]
    table(tmp_path, t, np.arange(6.0))
    file = written(
        tmp_path,
        "{file: d.csv, time: t, at: 1 s}",
        "",
        "",
        "cues: [{each: web, rest: 1 s, mark: r}]\n",
    )
    made = arrange(resolved(read(file)))
    assert [m.at_us for m in made.marks] == [1_000_000, 3_500_000, 10_500_000, 59_500_000]


def rows_of(performance):
    return events(performance, 0.0, 60.0)[0][1]


def each(tmp_path, part, **more):
    file = written(tmp_path, SOURCE, "sig: {from: web.x, range: 0..10}", part)
    file.write_text(file.read_text().replace("module: static", "module: wasps"))
    return arrange(resolved(read(file)))


def test_every_row_is_an_event_that_reads_its_own_row(tmp_path, struck):
    t = np.sort(np.random.default_rng(4).uniform(0.0, 60.0, 200)).round(3)
    t[[0, -1]] = 0.0, 60.0
    t[50:55] = t[50]  # five at once
    x = np.random.default_rng(5).uniform(0.0, 10.0, 200).round(4)
    x[7] = np.nan
    table(tmp_path, t, x)
    part = ", each: web, pitch: sig to 100..1000 Hz, level: web.x from 0..10 to -40..-20 dB"
    found = rows_of(each(tmp_path, part))
    kept = ~np.isnan(x) & (t < 60.0)
    np.testing.assert_allclose(found["at_s"], t[kept], atol=5e-6)
    np.testing.assert_allclose(np.log10(found["pitch_hz"]), 2.0 + x[kept] / 10.0, atol=1e-9)
    np.testing.assert_allclose(found["level_db"], -40.0 + 2.0 * x[kept], atol=1e-9)
    assert len(np.unique(found["key"])) == len(found)


def test_the_desk_does_not_move_what_the_rows_say(tmp_path, struck):
    table(tmp_path, TIME, RAMP)
    run = each(tmp_path, ", each: web, level: web.x from 0..10 to -40..-20 dB").runs[0]
    assert run.desk.level_db.constant == 0.0
    run = each(tmp_path, ", each: web, level: -10 dB").runs[0]
    assert run.desk.level_db.constant == -10.0
    assert run.level_each is None


@pytest.mark.parametrize("merge", ["nearest", "loudest", "mean"])
def test_rows_that_are_too_many_are_merged(tmp_path, struck, merge):
    t = np.arange(0.0, 60.1, 0.1).round(1)
    x = (np.arange(len(t)) * 7 % 11).clip(0, 10).astype(float)
    table(tmp_path, t, x)
    part = f", each: web, at_most: 2 /s, merge: {merge}, level: web.x from 0..10 to -40..-20 dB"
    found = rows_of(each(tmp_path, part))
    cells = np.floor(found["at_s"] * 2.0 + 1e-6).astype(int)
    assert cells.tolist() == list(range(120))
    row = np.rint(found["at_s"] * 10.0).astype(int)
    value = (found["level_db"] + 40.0) / 2.0
    groups = [x[5 * c : 5 * c + 5] for c in range(120)]
    if merge == "mean":
        np.testing.assert_allclose(value, [g.mean() for g in groups], atol=1e-9)
    else:
        np.testing.assert_allclose(value, x[row], atol=1e-9)
        if merge == "loudest":
            np.testing.assert_allclose(value, [g.max() for g in groups], atol=1e-9)
        else:
            assert set((row % 5).tolist()) <= {2, 3}


def test_more_rows_than_can_be_events_are_refused(tmp_path, struck):
    t = np.arange(0.0, 10.0, 0.0005)
    (tmp_path / "d.csv").write_text("t,x\n" + "".join(f"{a:.4f},1\n" for a in t))
    file = written(tmp_path, "{file: d.csv, time: t}", "", ", each: web")
    file.write_text(file.read_text().replace("module: static", "module: wasps"))
    with pytest.raises(ScoreError, match="more than 1000 rows of 'web' in a second; say 'at_most"):
        arrange(resolved(read(file)))


def test_what_can_hardly_be_heard_is_noted(tmp_path, struck):
    t = np.arange(0.0, 60.05, 0.05).round(2)
    table(tmp_path, t, np.sin(t), np.cos(t))
    part = ", each: web, pitch: sig to 100..900 Hz, level: web.y from 0..1 to -40..-20 dB"
    file = written(tmp_path, SOURCE, "sig: {from: web.x, range: -1..1}", part)
    file.write_text(file.read_text().replace("module: static", "module: wasps"))
    pitch, crowd = resolved(read(file)).known.notes
    assert pitch.startswith("part 'a': sig moves its pitch and web.y its level;")
    assert crowd.startswith("part 'a': up to 20 rows of 'web' in a second; above 12 they fuse")
    text = file.read_text().replace("each: web", "each: web, at_most: 8 /s")
    file.write_text(text.replace("web.y", "sig").replace("from 0..1 to", "to"))
    assert resolved(read(file)).known.notes == ()


SCORES = [
    ("from: ¦nothing.x", "unknown source of data 'nothing' (known: web)"),
    ("from: ¦web", "unknown signal 'web'; a column of it is written web.COLUMN"),
    ("from: ¦3", "'from' wants a column such as web.ms, or signals"),
    ("from: ¦sig", "signal 'sig' is made from itself"),
    ("from: web.x >¦", "a number or a name is missing here"),
    ("from: web.x ¦> 3 > 2", None),
    ("from: ¦web.x and 2", "'and' joins comparisons"),
    ("from: web.x / ¦", None),
    ("from: web.x, steps: [¦mean]", "'mean' wants a time: mean per 1 s, or mean over 1 s"),
    ("from: web.x, steps: [¦meen per 1 s]", "unknown statistic 'meen' (did you mean 'mean'?"),
    ("from: web.x, steps: [mean per ¦1 Hz]", "data time wants s, ms, min, h or d, such as 15 min"),
    ("from: web.x, steps: [mean per ¦0 s]", "this time must be longer than nothing"),
    ("from: web.x, steps: [¦lag]", "'lag' is written lag 2 s"),
    ("from: web.x, steps: [¦smooth]", "unknown step 'smooth'"),
    ("from: web.x, steps: [¦lg(x)]", "unknown function 'lg'"),
    ("from: web.x, steps: [¦2 + 2]", "a step of arithmetic works on x, such as log10(x + 1)"),
    ("from: web.x, steps: [x / ¦0]", None),
    ("from: web.x, steps: [clip ¦9..2]", "'clip' wants the lower end first"),
    ("from: web.x, range: ¦3..3", "'range' has no width: both ends are the same"),
    ("from: web.x, range: 3 ¦", None),
    ("from: web.x, range: ¦3 dB..4 dB", "data values are plain numbers; their unit is said"),
    ("from: web.x, range: ¦0..9, scale: log", "a log range cannot reach 0; 'scale: symlog' can"),
    ("from: web.x, scale: ¦lin", "unknown scale 'lin' (did you mean 'linear'?"),
    ("from: web.x, gaps: ¦zero", "'gaps' wants hold 20 s, linear, silence, drop or mark"),
    ("from: web.x, gaps: ¦drop 2 s", "'gaps' wants hold 20 s, linear, silence, drop or mark"),
    ("from: web.x, scale: ¦pow", "'pow' wants its exponent: pow 2"),
    ("from: web.x, scale: pow ¦two", "'pow' wants a number, such as pow 2; not 'two'"),
    ("from: web.x, scale: ¦pow 11", "the exponent of 'pow' goes from 0.1 to 10"),
    ("from: web.x, scale: ¦sqrt 2", "unknown scale 'sqrt 2'"),
    ("from: web.x, levels: ¦1", "'levels' goes from 2 to 1000, not '1'"),
    ("from: web.x, levels: ¦eight", "'levels' wants a whole number, not 'eight'"),
    ("from: web.x, scale: nominal, levels: ¦4", "'levels' says nothing with nominal"),
    ("from: web.x, range: 0..9, mid: ¦12", "'mid' lies inside the range 0..9, not at 12"),
    ("from: web.x, range: 9..0, mid: ¦0", "'mid' lies inside the range 9..0, not at 0"),
    ("from: web.x, mid: ¦6 dB", "'mid' wants a number, such as 6.5; not '6 dB'"),
    ("from: web.x, scale: ordinal, mid: ¦6", "'mid' bends a scale of numbers; ordinal has"),
    ("from: web.x, range: rolling 1 h, mid: ¦6", "'mid' stands still and the range rolls"),
    ("from: web.x, range: ¦rolling", "'rolling' wants a time: rolling 24 h"),
    ("from: web.x, range: rolling ¦5", "data time wants s, ms, min, h or d, such as 15 min"),
    ("from: web.x, scale: quantile, range: ¦rolling 1 h", "a rolling range goes with linear,"),
    ("from: web.x, range: ¦[1, 2]", "a list is the range of 'scale: ordinal' or 'nominal'"),
    ("from: web.x, scale: nominal, range: ¦1..2", "the range of nominal is a list of its words"),
    ("from: web.x, scale: nominal, range: ¦[a]", "the range of nominal is two or more values"),
    ("from: web.x, scale: nominal, range: ¦[a, a]", "the range of nominal is two or more"),
    ("from: web.x, scale: ordinal, range: ¦[1, 3, 2]", "the values of ordinal rise or fall"),
    ("from: web.x, scale: ordinal, range: ¦[1, x]", "ordinal wants a number, such as [1, 2, 5]"),
    ("from: ¦web.x + 1, scale: nominal", "nominal wants one column of words"),
    ("from: web.x, scale: nominal, steps: ¦[lag 2 s]", "'lag 2 s': words take no arithmetic"),
    ("from: web.x, scale: nominal, between: ¦linear", "nothing lies between the words"),
    ("from: web.x, between: ¦cubic", "unknown 'between' 'cubic'"),
    ("¦form: web.x", "unknown key 'form' in signal 'sig' (did you mean 'from'?)"),
]


@pytest.mark.parametrize(("entry", "message"), SCORES)
def test_a_broken_signal_is_told_at_its_word(tmp_path, entry, message):
    table(tmp_path, TIME, RAMP)
    file = written(tmp_path, SOURCE, "sig: {" + entry.replace("¦", "") + "}")
    with pytest.raises(ScoreError) as caught:
        read(file)
    finding = min(caught.value.findings)
    assert finding.line == 5
    if message is not None:
        assert message in finding.message
        assert finding.column == len("  sig: {") + entry.index("¦") + 1


SOURCES = [
    ("{file: d.csv, time: t, doubles: ¦sum}", "unknown 'doubles' 'sum' (known: keep, mean, error)"),
    ("{file: d.csv, rate: 2 /s, ¦doubles: mean}", "'doubles' are rows of one time; with a 'rate'"),
    ("{¦time: t}", "source 'web' wants a 'file'"),
    ("{file: ¦d.xls, time: t}", "'d.xls': data files are csv, tsv"),
    ("{file: ¦e.csv, time: t}", "'e.csv': there is no such file in the score's folder"),
    ("{file: d.csv, time: t, ¦rate: 3 /s}", "a source has a 'time' column or a 'rate', not both"),
    ("{file: d.csv, time: t, span: ¦[1]}", "'span' wants two data times: [FROM, TO]"),
    ("{file: d.csv, time: t, where: ¦x}", "this wants a comparison such as ms >= 0"),
    ("{file: d.csv, time: t, where: x ¦= 3}", "write '==' for is equal"),
    ("{file: d.csv, time: t, where: ¦0 < x < 3}", None),
    ("{file: d.csv, time: t, where: ¦other.x > 3}", "'where' names columns of this source"),
    ("{file: d.csv, time: t, at: ¦3}", "a time wants a unit: write '3 s'"),
    ("{file: d.csv, time: t, for: ¦0 s}", "'for' must be longer than nothing"),
    ("{file: d.csv, time: t, delimiter: ¦dot}", "unknown delimiter 'dot'"),
    ("{file: d.csv, time: t, encoding: ¦ebcdic}", "unknown encoding 'ebcdic'"),
    ("{file: d.csv, time: t, port: 80}", "unknown key 'port' in source 'web'"),
]


@pytest.mark.parametrize(("entry", "message"), SOURCES)
def test_a_broken_source_is_told_at_its_word(tmp_path, entry, message):
    table(tmp_path, TIME, RAMP)
    file = written(tmp_path, entry.replace("¦", ""))
    with pytest.raises(ScoreError) as caught:
        read(file)
    finding = min(caught.value.findings)
    assert finding.line == 3
    if message is not None:
        assert message in finding.message


LATE = [
    ("{file: d.csv}", "a source wants 'time: COLUMN' (t) or 'rate: 250 /s'"),
    ("{file: d.csv, time: tt}", "d.csv has no column 'tt' (did you mean 't'?; known: t, x)"),
    ("{file: d.csv, time: t, where: x > 99}", "no row of 61 is left: x > 99"),
    ("{file: d.csv, time: t, where: z > 99}", "d.csv has no column 'z' (known: t, x)"),
    ("{file: d.csv, time: t, span: [5, 2]}", "its span ends before it begins"),
    ("{file: d.csv, time: t, span: [100, 200]}", "no row lies in the span; it has 0 to 60"),
    ("{file: d.csv, time: t, span: [now, 200]}", "'now': the times of d.csv want a number"),
    ("{file: d.csv, time: t, columns: {y: zz}}", "d.csv has no column 'zz' (known: t, x)"),
]


@pytest.mark.parametrize(("entry", "message"), LATE)
def test_what_only_the_file_shows_is_told_at_its_place(tmp_path, entry, message):
    table(tmp_path, TIME, RAMP)
    with pytest.raises(ScoreError) as caught:
        resolved(read(written(tmp_path, entry)))
    (finding,) = caught.value.findings
    assert message in finding.message
    assert finding.line == 3
    assert finding.source.startswith("  web: ")


VALUES = [
    (", level: ¦web to 0..-3 dB", "'web' is a table; a column of it is written web.COLUMN"),
    (", level: ¦sig", "'level' wants a level such as -12 dB: map 0..1 with 'to LOW..HIGH'"),
    (", level: ¦sig.mean to 0..-3 dB", "'sig' is a signal: it has 'sig.missing' alone"),
    (", level: ¦sog to 0..-3 dB", "unknown arc or signal 'sog' (did you mean 'sig'?"),
    (", ¦each: web", "the module 'static' makes its own events: it has no 'each'"),
]


@pytest.mark.parametrize(("part", "message"), VALUES)
def test_a_broken_use_is_told_at_its_word(tmp_path, part, message):
    table(tmp_path, TIME, RAMP)
    file = written(tmp_path, SOURCE, "sig: {from: web.x}", part.replace("¦", ""))
    with pytest.raises(ScoreError) as caught:
        read(file)
    (finding,) = caught.value.findings
    assert message in finding.message
    assert finding.column == len("parts: {a: {module: static") + part.index("¦") + 1


def test_names_are_shared_by_arcs_signals_and_sources(tmp_path):
    table(tmp_path, TIME, RAMP)
    file = written(tmp_path, SOURCE, "web: {from: web.x}", more="arc: {web: 0.5}\n")
    with pytest.raises(ScoreError) as caught:
        read(file)
    assert [f.message for f in caught.value.findings] == ["the name 'web' is defined twice"] * 2


def test_a_data_score_is_written_back_equal(tmp_path, struck):
    table(tmp_path, TIME, RAMP)
    source = (
        '{file: d.csv, time: t, columns: {y: x}, where: y >= 0 and not (y > 9), span: ["0", "50"],'
        " at: 2 s, for: 1:00, delimiter: comma, decimal: point, missing: [gone], encoding: utf-8}"
    )
    signals = (
        "sig: {from: web.y * 2, steps: [p95 per 2 s, lag 1 min, x ^ 2], range: 80..28, scale: log,"
        " gaps: hold 5 s, between: pchip, unit: mg}\n  two: {from: 1 - sig, gaps: mark}"
    )
    part = ", each: web, at_most: 8 /s, merge: loudest, pitch: web.y from 0..9 to 100..900 Hz"
    more = "cues: [{each: web, rest: 2 s, mark: x}, {when: web.y > 3, mark: z}]\n"
    file = written(tmp_path, source, signals, part, more)
    file.write_text(file.read_text().replace("module: static", "module: wasps"))
    score = read(file)
    again = read_text(text_of(score), str(file), folder=tmp_path)
    assert again.sources == score.sources
    assert [s.name for s in again.signals] == ["sig", "two"]
    assert again.parts == score.parts
    one, other = (
        [(s.source, s.range, s.scale, s.gaps, s.hold_s, s.between, s.unit) for s in made.signals]
        for made in (again, score)
    )
    assert one == other


def test_the_same_data_give_the_same_samples(tmp_path):
    table(tmp_path, TIME, RAMP)
    file = written(tmp_path, SOURCE, "sig: {from: web.x}", ", level: sig to -40..-10 dB")
    piece = lullaby.load(file)
    whole = piece.render(24000, to_s=3.0, jobs=1).samples
    again = lullaby.load(file).render(24000, to_s=3.0, jobs=2).samples
    np.testing.assert_array_equal(whole, again)
    assert piece.performance == lullaby.load(file).performance
    table(tmp_path, TIME, RAMP[::-1])
    assert piece.performance != lullaby.load(file).performance
    assert piece.score.known.files != lullaby.load(file).score.known.files
