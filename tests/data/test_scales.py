"""Scales that bend, step, count words or roll: what 0, 0.5 and 1 mean, and the way back."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lullaby.data import Live, resolved
from lullaby.data.lock import lock_path, lock_text
from lullaby.data.report import figures, signal_line
from lullaby.engine.arrange import arrange
from lullaby.errors import ScoreError, UsageError
from lullaby.score import read
from lullaby.score.write import written as text_of
from tests.data.pieces import known, rows, score, signal, written

T = np.arange(0.0, 61.0)
SOURCE = "{file: d.csv, time: t, for: 60 s}"


def stated(folder, *cells):
    """Write a table of a time, a word and a number a row."""
    lines = [f"{t},{word},{x}" for t, (word, x) in enumerate(cells)]
    (folder / "d.csv").write_text("t,status,x\n" + "\n".join(lines) + "\n")


def test_a_power_spreads_the_high_values(tmp_path):
    made = signal(tmp_path, rows(T, T), "from: web.x, range: 0..60, scale: pow 2")
    np.testing.assert_allclose(made(T), (T / 60.0) ** 2, atol=1e-9)
    np.testing.assert_allclose(made.data(made(T)), T, atol=1e-6)
    crossing = signal(tmp_path, rows(T, T - 30.0), "from: web.x, range: -30..30, scale: pow 3")
    assert crossing(30.0) == pytest.approx(0.5)
    root = signal(tmp_path, rows(T, T), "from: web.x, range: 0..60, scale: pow 0.5")
    plain = signal(tmp_path, rows(T, T), "from: web.x, range: 0..60, scale: sqrt")
    np.testing.assert_allclose(root(T), plain(T), atol=1e-12)


@pytest.mark.parametrize("ends", ["0..60", "60..0"])
@pytest.mark.parametrize("scale", ["linear", "symlog", "pow 2", "quantile"])
def test_half_is_what_mid_says(tmp_path, ends, scale):
    made = signal(tmp_path, rows(T, T), f"from: web.x, range: {ends}, scale: {scale}, mid: 12")
    u = made(T)
    assert made(12.0) == pytest.approx(0.5, abs=1e-9)
    assert sorted((float(u[0]), float(u[-1]))) == [0.0, 1.0]
    assert (np.diff(u) * (1.0 if ends == "0..60" else -1.0) > 0.0).all()
    if scale == "linear":  # bent, not broken
        assert np.abs(np.diff(np.log(np.abs(np.diff(u))))).max() < 0.15
    np.testing.assert_allclose(made.data(u), T, atol=1e-6)
    assert "half at 12" in signal_line(made)


def test_a_middle_outside_what_was_found_is_told(tmp_path):
    with pytest.raises(ScoreError) as caught:
        signal(tmp_path, rows(T, T), "from: web.x, mid: 99")
    (finding,) = caught.value.findings
    assert "'mid' 99 lies outside 1.2..58.8" in finding.message
    assert (finding.line, finding.column) == (5, len("  s0: {from: web.x, mid: ") + 1)


def test_levels_are_steps_from_one_end_to_the_other(tmp_path):
    made = signal(tmp_path, rows(T, T), "from: web.x, range: 0..60, levels: 5")
    assert sorted(set(made(np.linspace(0.0, 60.0, 999)).tolist())) == [0.0, 0.25, 0.5, 0.75, 1.0]
    np.testing.assert_array_equal(made.data(np.array([0.0, 0.2, 0.3, 1.0])), [0, 15, 15, 60])
    assert np.abs(made.data(made(T)) - T).max() <= 7.5  # half a level
    assert "5 levels" in signal_line(made)
    glided = signal(tmp_path, rows(T, T), "from: web.x, range: 0..60, levels: 5, between: linear")
    assert len(set(glided(np.linspace(0.0, 60.0, 999)).tolist())) > 50


def test_levels_lie_evenly_after_the_bend(tmp_path):
    made = signal(tmp_path, rows(T, T), "from: web.x, range: 0..60, mid: 12, levels: 3")
    np.testing.assert_allclose(made.data(np.array([0.0, 0.5, 1.0])), [0.0, 12.0, 60.0])
    assert set(made(T).tolist()) == {0.0, 0.5, 1.0}


def test_ordinal_spaces_the_values_there_are_evenly(tmp_path):
    x = np.array([1, 2, 5, 1000, 2, 1, 5.0])
    made = signal(tmp_path, rows(range(7), x), "from: web.x, scale: ordinal, between: step")
    shares = {1.0: 0.0, 2.0: 1 / 3, 5.0: 2 / 3, 1000.0: 1.0}
    np.testing.assert_allclose(made(np.arange(7) * 10.0), [shares[v] for v in x.tolist()])
    np.testing.assert_allclose(made.data(made(np.arange(7) * 10.0)), x)
    assert "ordinal, 4 levels" in signal_line(made)
    turned = signal(tmp_path, rows(range(7), x), "from: web.x, scale: ordinal, range: 1000..1")
    assert (turned(0.0), turned(30.0)) == (1.0, 0.0)
    listed = signal(
        tmp_path, rows(range(7), x), "from: web.x, scale: ordinal, range: [1, 2, 3, 4, 5]"
    )
    assert listed(20.0) == 1.0
    assert listed.report["clipped"] == pytest.approx(1 / 7)


def test_ordinal_is_for_few_values(tmp_path):
    t = np.arange(0.0, 1500.0)
    with pytest.raises(ScoreError, match="1500 different values; 1000 are the most, 'scale: quant"):
        signal(tmp_path, rows(t, t + 0.5), "from: web.x, scale: ordinal")


def test_words_have_levels_of_their_own_sorted_unless_listed(tmp_path):
    words = ["ok", "ok", "slow", "down", "NA", "ok", "slow"]
    stated(tmp_path, *((w, i) for i, w in enumerate(words)))
    made = known(tmp_path, SOURCE, "s0: {from: web.status, scale: nominal, gaps: silence}")
    s0 = made.signals["s0"]
    at_s = np.array([0.0, 20.0, 30.0, 50.0, 60.0])
    np.testing.assert_allclose(s0(at_s), [0.5, 1.0, 0.0, 0.5, 1.0])
    assert [s0.said(float(u)) for u in s0(at_s)] == ["ok", "slow", "down", "ok", "slow"]
    np.testing.assert_array_equal(s0.data(s0(at_s)), [1, 2, 0, 1, 2])
    assert s0.scale.words == ("down", "ok", "slow")
    assert "'down', 'ok', 'slow' (found, sorted), nominal, 3 levels" in signal_line(s0)
    json.dumps(figures(made))
    entry = "s0: {from: web.status, scale: nominal, range: [ok, slow, gone]}"
    made = known(tmp_path, SOURCE, entry)
    s0 = made.signals["s0"]
    assert (float(s0(0.0)), float(s0(20.0))) == (0.0, 0.5)
    assert float(s0(35.0)) == 0.5  # 'down' is not in it: nothing new is heard
    (note,) = made.notes
    assert note == "signal 's0': 1 rows hold words outside its range ('down')"


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "npy"])
def test_words_are_the_same_in_every_kind_of_table(tmp_path, kind):
    codes = [200, 404, 200, 500, 404]
    if kind == "csv":
        text = "".join(f"{t},{c}{'.0' if t == 2 else ''}\n" for t, c in enumerate(codes))
        (tmp_path / "d.csv").write_text("t,status\n" + text)
    elif kind == "json":
        found = [{"t": t, "status": c} for t, c in enumerate(codes)]
        (tmp_path / "d.json").write_text(json.dumps(found))
    elif kind == "jsonl":
        found = [{"t": t, "status": str(c)} for t, c in enumerate(codes)]
        (tmp_path / "d.jsonl").write_text("\n".join(map(json.dumps, found)))
    else:
        table = np.array(list(enumerate(codes)), [("t", "f8"), ("status", "i8")])
        np.save(tmp_path / "d.npy", table)
    source = f"{{file: d.{kind}, time: t, for: 4 s}}"
    made = known(tmp_path, source, "s0: {from: web.status, scale: nominal}").signals["s0"]
    assert made.scale.words == ("200", "404", "500")
    np.testing.assert_array_equal(made(np.arange(5.0)), [0.0, 0.5, 0.0, 1.0, 0.5])
    np.testing.assert_array_equal(made.data(made(np.arange(5.0))), codes)  # words that are numbers
    np.testing.assert_array_equal(made.data(np.array([np.nan, 0.9])), [np.nan, 500.0])


def test_a_column_can_be_words_and_numbers_and_may_be_binned(tmp_path):
    stated(tmp_path, *(("200" if i % 3 else "404", i) for i in range(30)))
    signals = "s0: {from: web.status, scale: nominal, steps: [last per 3 s]}\n"
    signals += "  s1: {from: web.status, range: 200..404}"
    made = known(tmp_path, SOURCE.replace("60 s", "29 s"), signals).signals
    assert set(made["s0"](np.linspace(4.0, 28.0, 99)).tolist()) == {0.0}
    assert (float(made["s1"](3.0)), float(made["s1"](4.0))) == (1.0, 0.0)


TOO_MANY = [
    ("w{i}", 101, "", "signal 's0': 101 different words; 100 are the most"),
    ("w{i}", 10_001, ", range: [w1, w2]", "column 'status': more than 10000 different words"),
    ("x" * 65, 3, "", "column 'status': 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...': a word has at"),
    ("", 3, "", "signal 's0' has no value: all of it is missing"),
    ("NA", 3, ", range: [a, b]", "signal 's0' has no value: all of it is missing"),
    ("c", 3, ", range: [a, b]", "signal 's0' has no value: all of it is missing"),
]


@pytest.mark.parametrize(("word", "count", "more", "message"), TOO_MANY)
def test_what_are_no_words_is_told_at_its_place(tmp_path, word, count, more, message):
    stated(tmp_path, *((word.format(i=i), i) for i in range(count)))
    with pytest.raises(ScoreError) as caught:
        known(tmp_path, SOURCE, f"s0: {{from: web.status, scale: nominal{more}}}")
    (finding,) = caught.value.findings
    assert message in finding.message
    assert finding.line == 5


def test_words_of_a_ragged_or_empty_table(tmp_path):
    lines = ["t,status", *(f"{t},ok" for t in range(38)), "38", "39,down,down"]
    (tmp_path / "d.csv").write_text("\n".join(lines))
    made = known(tmp_path, SOURCE, "s0: {from: web.status, scale: nominal}")
    assert made.signals["s0"].scale.words == ("down", "ok")
    assert "2 rows have more or fewer cells than the header" in made.notes[0]
    for text, message in [("", "the table is empty"), ("t,status\n", "the table has no rows")]:
        (tmp_path / "d.csv").write_text(text)
        with pytest.raises(ScoreError, match=message):
            known(tmp_path, SOURCE, "s0: {from: web.status, scale: nominal}")


def test_one_word_is_the_middle_with_a_note(tmp_path):
    stated(tmp_path, ("ok", 1), ("ok", 2), ("ok", 3))
    made = known(tmp_path, SOURCE, "s0: {from: web.status, scale: nominal}")
    assert float(made.signals["s0"](20.0)) == 0.5
    assert made.notes == ("signal 's0': its value never changes ('ok')",)


def ends(t, x, width_s):
    """Return the least and the greatest of the window at each row, the slow way."""
    return np.array([(x[w].min(), x[w].max()) for w in ((t > a - width_s) & (t <= a) for a in t)]).T


@pytest.mark.parametrize("scale", ["linear", "log", "sqrt", "symlog", "pow 2"])
def test_a_rolling_range_is_that_of_the_window_just_past(tmp_path, scale):
    x = 50.0 + T + 20.0 * np.sin(T / 3.0)
    made = signal(tmp_path, rows(T, x), f"from: web.x, range: rolling 12 s, scale: {scale}")
    low, high = ends(T, x, 12.0)
    u = made(T)
    np.testing.assert_array_equal(u[x == high][1:], 1.0)
    np.testing.assert_array_equal(u[(x == low) & (low < high)], 0.0)
    assert u[0] == 0.5  # nothing to compare with yet
    if scale == "linear":
        np.testing.assert_allclose(u[1:], ((x - low) / np.maximum(high - low, 1e-9))[1:])
    np.testing.assert_allclose(made.data(u, T), x, rtol=1e-9)
    assert np.isnan(made.data(u)).all()  # a share alone means nothing
    assert made.report["clipped"] == 0.0
    assert "the least of the last 12 s to the greatest of the last 12 s" in signal_line(made)


def test_what_comes_later_does_not_move_a_rolling_range(tmp_path):
    x = np.cumsum(np.random.default_rng(5).normal(size=61))
    entry = "from: web.x, range: rolling 15 s"
    whole = signal(tmp_path, rows(T, x), entry)(np.arange(0.0, 40.0, 0.25))
    part = signal(tmp_path, rows(T[:41], x[:41]), entry, "for: 40 s")(np.arange(0.0, 40.0, 0.25))
    np.testing.assert_array_equal(part, whole)


def test_a_window_with_one_row_is_told(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n" + rows(T * 60.0, T))
    made = known(tmp_path, SOURCE, "s0: {from: web.x, range: rolling 30 s}")
    assert made.notes == ("signal 's0': no two of its values lie within 30 s: all are 0.5",)


def test_rows_without_a_known_word_are_not_struck(tmp_path):
    stated(tmp_path, *((w, i) for i, w in enumerate(["ok", "", "slow", "odd", "ok", "NA"])))
    file = written(tmp_path, SOURCE, "s0: {from: web.status, scale: nominal, range: [ok, slow]}")
    part = "{module: data_voice, each: web, pitch: s0 to A2..A4}"
    file.write_text(file.read_text().replace("{module: static}", part))
    (run,) = arrange(resolved(read(file))).runs
    assert run.strikes.index.tolist() == [0, 2, 4]
    hz = run.settings.curves["pitch_hz"](run.strikes.at_s)
    np.testing.assert_allclose(hz, [110.0, 440.0, 110.0])


def test_words_show_nothing_a_terminal_would_obey(tmp_path):
    stated(tmp_path, ("\x1b[31mred", 0), ("b", 1))
    made = known(tmp_path, SOURCE, "s0: {from: web.status, scale: nominal}").signals["s0"]
    assert made.said(0.0) == "?[31mred"
    assert "\x1b" not in signal_line(made)


class Script:
    """Lines that come when they are due."""

    def __init__(self):
        self.due = []

    def lines(self):
        made, self.due = self.due, []
        return made

    def close(self):
        pass


LIVE = [
    "{from: web.x, range: rolling 7 s}",
    "{from: web.x, range: rolling 5 s, scale: pow 2, levels: 4}",
    "{from: web.x, range: 0..40, mid: 10}",
    "{from: web.x, range: 40..0, scale: pow 0.5}",
    "{from: web.x, range: [0, 5, 40], scale: ordinal}",
    "{from: web.status, range: [ok, slow, down], scale: nominal}",
    "{from: web.x > 12 and web.x < 30}",
    "{from: web.x, steps: [not x > 12]}",
    "{from: web.x, range: 0..40, gaps: drop, steps: [lag 2 s]}",
]


@pytest.mark.parametrize("entry", LIVE)
def test_a_stream_gives_what_the_file_gives(tmp_path, entry):
    random = np.random.default_rng(9)
    cells = [
        (("ok", "slow", "down", "?")[i], "" if i == 3 else f"{x:.3f}")
        for i, x in zip(random.integers(0, 4, 40), random.uniform(0.0, 40.0, 40), strict=True)
    ]
    cells[0] = ("ok", "3.5")
    stated(tmp_path, *cells)
    asked = "s0: " + entry.replace("}", ", between: step}")
    source = SOURCE.replace("60 s", "39 s")
    whole = known(tmp_path, source, asked).signals["s0"]
    feed = Script()
    live = Live(read(written(tmp_path, source, asked)), {"web": feed})
    feed.due = [b"t,status,x"]
    heard = 0.0
    for t, (word, x) in enumerate(cells):
        feed.due.append(f"{t},{word},{x}".encode())
        heard = dict(live.advance(float(t))).get("s0", heard)
        assert heard == pytest.approx(float(whole(t + 1e-6)), abs=1e-9)


def test_dropped_rows_are_not_there_at_all(tmp_path):
    x = np.array([0.0, 10.0, *[np.nan] * 40, 30.0, 40.0])
    t = np.arange(44.0)
    made = signal(tmp_path, rows(t, x), "from: web.x, range: 0..40, gaps: drop", "for: 43 s")
    assert made.present is None
    assert float(made(21.5)) == pytest.approx(0.5)  # straight over
    held = signal(
        tmp_path, rows(t, x), "from: web.x, range: 0..40, gaps: drop, between: step", "for: 43 s"
    )
    assert float(held(41.0)) == 0.25
    round_ = signal(
        tmp_path, rows(t, x), "from: web.x, range: 0..40, gaps: drop, between: pchip", "for: 43 s"
    )
    assert 0.25 < float(round_(10.0)) < float(round_(30.0)) < 0.75
    (tmp_path / "d.csv").write_text("t,x\n" + rows(t, x))
    entry = "s0: {from: web.x, range: 0..40, gaps: drop, steps: [mean over 5 s]}"
    made = known(tmp_path, "{file: d.csv, time: t, for: 43 s}", entry)
    assert len(made.signals["s0"].nodes.at_s) == 4  # a window at each row that is there
    assert float(made.missing["s0.missing"](20.0)) == 0.0


DOUBLES = "t,x,status\n0,1,a\n1,2,a\n1,4,b\n1,,\n2,,c\n2,,\n3,9,a\n"


def test_rows_of_one_time_are_joined_by_their_mean(tmp_path):
    (tmp_path / "d.csv").write_text(DOUBLES)
    signals = "s0: {from: web.x, range: 0..10}\n  s1: {from: web.status, scale: nominal}"
    made = known(tmp_path, "{file: d.csv, time: t, doubles: mean}", signals)
    rows_ = made.rows["web"]
    np.testing.assert_array_equal(rows_.at_us, [0, 1_000_000, 2_000_000, 3_000_000])
    np.testing.assert_array_equal(rows_.columns["x"], [1.0, 3.0, np.nan, 9.0])
    np.testing.assert_array_equal(made.signals["s1"](np.arange(4.0)), [0.0, 0.5, 1.0, 0.0])
    assert "3 rows have the time of the row before; joined with it by their mean" in made.notes[0]


def test_rows_of_one_time_can_be_refused(tmp_path):
    (tmp_path / "d.csv").write_text(DOUBLES)
    with pytest.raises(ScoreError) as caught:
        known(tmp_path, "{file: d.csv, time: t, doubles: error}", "s0: {from: web.x}")
    (finding,) = caught.value.findings
    assert "d.csv: 3 rows have the time of the row before, the first at 1 s" in finding.message
    assert finding.line == 3
    (tmp_path / "d.csv").write_text("t,x\n0,1\n1,2\n")
    assert known(tmp_path, "{file: d.csv, time: t, doubles: error}", "s0: {from: web.x}")


def test_a_stream_cannot_wait_for_doubles(tmp_path):
    (tmp_path / "d.csv").write_text(DOUBLES)
    made = read(
        written(tmp_path, "{file: d.csv, doubles: mean}", "s0: {from: web.x, range: 0..1}"),
        fed=frozenset({"web"}),
    )
    with pytest.raises(ScoreError, match="those of a stream sound as they come"):
        resolved(made, fed=frozenset({"web"}))


TRUTHS = [
    ("web.x > 5 and web.x <= 7", lambda x: (x > 5) & (x <= 7)),
    ("web.x == 3 or not web.x != 4", lambda x: (x == 3) | (x == 4)),
    ("(web.x > 5) * web.x / 10 >= 0.7", lambda x: x >= 7),
    ("max(web.x > 8 | web.x < 2)", lambda x: (x > 8) | (x < 2)),
]


@pytest.mark.parametrize(("formula", "wanted"), TRUTHS)
def test_comparisons_are_1_and_0_and_missing_stays_missing(tmp_path, formula, wanted):
    x = np.array([*range(10), np.nan, 9.0])
    source = "{file: d.csv, time: t, for: 11 s}"
    (tmp_path / "d.csv").write_text("t,x\n" + rows(range(12), x))
    for entry in (f"from: {formula}", f"from: web.x, steps: [{formula.replace('web.x', 'x')}]"):
        one = f"s0: {{{entry}, range: 0..1, between: step}}"
        made = known(tmp_path, source, one).signals["s0"]
        np.testing.assert_array_equal(made(np.arange(10.0)), wanted(x[:10]).astype(float))
        assert made.report["missing"] == pytest.approx(1 / 12)


def test_a_comparison_is_from_0_to_1_by_itself(tmp_path):
    x = np.zeros(60)
    x[30] = 9.0
    made = signal(tmp_path, rows(range(60), x), "from: web.x > 3")
    assert (made.scale.low, made.scale.high) == (0.0, 1.0)
    assert set(made(np.linspace(0.0, 60.0, 999)).tolist()) == {0.0, 1.0}  # not glided over
    joined = "s0: {from: web.x, range: 0..9}\n  s1: {from: s0 > 0.5 or s0 < 0}"
    (tmp_path / "d.csv").write_text("t,x\n" + rows(range(60), x))
    both = known(tmp_path, "{file: d.csv, time: t, for: 59 s}", joined).signals
    assert (float(both["s1"](30.0)), float(both["s1"](32.0))) == (1.0, 0.0)


LOCKED = [
    ("from: web.status, scale: nominal", [("ok", 1), ("slow", 2)], [("down", 1), ("slow", 2)]),
    ("from: web.x, scale: ordinal", [("a", 1), ("a", 2), ("a", 5)], [("a", 2), ("a", 3)]),
    ("from: web.x, scale: pow 2, mid: 3", [("a", 1), ("a", 9)], [("a", 2), ("a", 7)]),
]


@pytest.mark.parametrize(("entry", "first", "then"), LOCKED)
def test_a_lock_keeps_what_next_week_s_values_mean(tmp_path, entry, first, then):
    stated(tmp_path, *first)
    made = score(tmp_path, SOURCE, f"s0: {{{entry}}}")
    lock_path(made).write_text(lock_text(made))
    stated(tmp_path, *then)
    after = score(tmp_path, SOURCE, f"s0: {{{entry}}}")
    was, now = (one.known.signals["s0"].scale for one in (made, after))
    shares = np.linspace(0.0, 1.0, 3)
    np.testing.assert_allclose(now.value(shares), was.value(shares), atol=1e-9)
    assert (now.words, now.table) == (was.words, was.table)


def test_nothing_that_rolls_is_locked(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n" + rows(T, T))
    made = score(tmp_path, SOURCE, "s0: {from: web.x, range: rolling 9 s}")
    with pytest.raises(UsageError, match="no signal has a range to lock: quantiles and rolling"):
        lock_text(made)
    both = "s0: {from: web.x, range: rolling 9 s}\n  s1: {from: web.x}"
    assert list(json.loads(lock_text(score(tmp_path, SOURCE, both)))["signals"]) == ["s1"]


WRITTEN = [
    "from: web.x, range: rolling 24 h, scale: pow 2.5, levels: 8",
    "from: web.x, range: 0..10, mid: 6.5, levels: 3, between: linear",
    "from: web.status, scale: nominal, range: [ok, 'a, b', '200'], gaps: drop",
    "from: web.x, scale: ordinal, range: [5, 2, 1], between: step",
    "from: web.x > 3 and not web.x == 4, steps: [x == 1 or x < 0]",
]


@pytest.mark.parametrize("entry", WRITTEN)
def test_a_signal_is_written_as_it_is_read(tmp_path, entry):
    source = "{file: d.csv, time: t, for: 60 s, doubles: mean}"
    stated(tmp_path, ("ok", 1))
    made = read(written(tmp_path, source, f"s0: {{{entry}}}"))
    again = tmp_path / "again.yaml"
    again.write_text(text_of(made))
    found = read(again)
    assert found.signals == made.signals
    assert found.sources == made.sources
