"""Signals mean what they say: they can be turned back, keep order, and gaps are never values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lullaby.data.bins import binned
from lullaby.data.lagging import lagged
from lullaby.data.sliding import slid, spread
from lullaby.data.steps import Series, stepped
from lullaby.errors import ScoreError
from lullaby.model.scale import SCALES, Scale, quantiles
from lullaby.model.table import Step
from tests.data.pieces import known, rows, signal

RANGES = {
    "linear": (-3.0, 8.0),
    "log": (0.5, 4000.0),
    "symlog": (-100.0, 1000.0),
    "sqrt": (0.0, 90.0),
    "pow": (-3.0, 8.0),
    "nominal": (0.0, 6.0),
}
WORDS = ("a", "b", "c", "d", "e", "f", "g")


def scale(kind, turned):
    if kind == "quantile":
        values = np.random.default_rng(3).normal(0.0, 1.0, 400) ** 3
        low, high = float(values.min()), float(values.max())
        table = quantiles(values, low, high)
        return Scale(kind, *((high, low) if turned else (low, high)), table)
    if kind == "ordinal":
        table = (1.0, 2.0, 5.0, 100.0, 1000.0)
        return Scale(kind, *((1000.0, 1.0) if turned else (1.0, 1000.0)), table)
    low, high = RANGES[kind]
    words = WORDS if kind == "nominal" else ()
    return Scale(kind, *((high, low) if turned else (low, high)), power=2.0, words=words)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("kind", SCALES)
def test_every_scale_can_be_turned_back_and_keeps_order(kind, turned):
    made = scale(kind, turned)
    least, most = sorted((made.low, made.high))
    x = made.table[:: 1 + len(made.table) // 50] if made.table else np.linspace(least, most, 50)
    x = np.arange(7.0) if made.words else x
    u = made.share(np.asarray(x))
    assert (np.sign(np.diff(u)) == (-1.0 if turned else 1.0)).all()
    assert made.share(made.low) == 0.0
    assert made.share(made.high) == 1.0
    assert made.value(0.0) == made.low
    assert made.value(1.0) == made.high
    np.testing.assert_allclose(made.value(u), x, rtol=1e-9, atol=1e-9)
    assert np.isnan(made.share(np.nan))


@given(
    st.sampled_from(["linear", "log", "symlog", "sqrt", "pow"]),
    st.floats(1e-3, 1e5),
    st.floats(1e-3, 1e5),
    st.floats(0.0, 1.0),
    st.sampled_from([None, 0.02, 0.3, 0.9]),
    st.sampled_from([0.5, 1.0, 3.0]),
)
def test_any_range_can_be_turned_back(kind, low, high, u, mid, power):
    assume(abs(low - high) > 1e-6 * max(low, high))
    made = Scale(kind, low, high, power=power)
    if mid is not None:
        made = replace(made, mid=float(made.value(mid)))
        assert made.share(made.mid) == pytest.approx(0.5, abs=1e-6)
    assert made.share(made.value(u)) == pytest.approx(u, abs=1e-6)


def test_a_signal_is_its_data_in_their_own_unit(tmp_path):
    t = np.arange(0.0, 60.0, 1.0)
    x = 20.0 * 200.0 ** (0.5 - 0.5 * np.cos(t / 7.0))
    made = signal(tmp_path, rows(t, x), "from: web.x, range: 4000..20, scale: log, unit: ms")
    at_s = t * 60.0 / 59.0  # from the first row to the last over the minute
    np.testing.assert_allclose(made.data(made(at_s)), x, rtol=1e-5)
    assert made.polarity == "down"
    assert made.unit == "ms"


@pytest.mark.parametrize("between", ["linear", "step", "pchip"])
def test_nothing_between_two_values_lies_outside_them(tmp_path, between):
    x = np.array([0, 0, 10, 10, 10, 0, 5, 5.1, 9, 0.0])
    made = signal(tmp_path, rows(range(10), x), f"from: web.x, range: 0..10, between: {between}")
    t = np.linspace(0.0, 60.0, 5000)
    u = made(t)
    i = np.minimum((t / (60.0 / 9.0)).astype(int), 8)
    assert (u >= np.minimum(x[i], x[i + 1]) / 10.0 - 1e-6).all()
    assert (u <= np.maximum(x[i], x[i + 1]) / 10.0 + 1e-6).all()
    np.testing.assert_array_equal(made(t[::7]), u[::7])  # any moment, alone or with others
    assert float(made(t[1234])) == u[1234]


def test_pchip_is_rounder_than_straight_lines(tmp_path):
    x = 5.0 + 5.0 * np.sin(np.arange(0, 12, 0.5))
    text = rows(range(len(x)), x)
    t = np.linspace(10.0, 50.0, 4000)
    bends = [
        np.abs(np.diff(signal(tmp_path, text, f"from: web.x, between: {how}")(t), 2)).max()
        for how in ("linear", "pchip")
    ]
    assert bends[1] < 0.1 * bends[0]


def test_a_bin_is_known_at_its_end_and_heard_one_later(tmp_path):
    x = np.where(np.arange(60) == 30, 10.0, 0.0)
    for between, late in [("step", 0.0), ("linear", 1.0), ("pchip", 2.0)]:
        made = signal(
            tmp_path,
            rows(range(60), x),
            f"from: web.x, steps: [max per 1 s], range: 0..10, between: {between}",
            "for: 59 s",
        )
        t = np.arange(0.0, 40.0, 0.01)
        heard = t[made(t) >= 1.0 - 1e-9][0]
        assert heard == pytest.approx(31.0 + late, abs=0.011)
        assert (made(t[t < 31.0]) == 0.0).all()  # never before it was known
        assert made.late_s == late


def test_peaks_are_not_lost_where_rows_are_denser_than_ears(tmp_path):
    t = np.arange(0.0, 60.0, 0.0005)
    x = np.zeros(len(t))
    x[77_777] = 1.0
    made = signal(tmp_path, rows(t, x), "from: web.x, range: 0..1")
    assert len(made.nodes.at_s) < 10_000
    assert made(np.arange(0.0, 60.0, 64 / 48000)).max() > 0.5


GAP = np.where((np.arange(120) >= 50) & (np.arange(120) < 80), np.nan, 5.0 + np.arange(120) % 7)


@pytest.mark.parametrize(
    ("gaps", "begin", "end"),
    [("hold", 29.5, 40.0), ("hold 4 s", 26.5, 40.0), ("silence", 25.0, 40.0)],
)
def test_a_gap_is_silent_and_holds_its_last_value(tmp_path, gaps, begin, end):
    made = signal(
        tmp_path, rows(range(120), GAP), f"from: web.x, gaps: {gaps}, range: 0..12", "for: 59.5 s"
    )
    assert made.present is not None
    t = np.arange(0.0, 59.5, 0.05)
    silent = t[made.present(t) < 0.03]
    assert silent[0] == pytest.approx(begin, abs=0.16)
    assert silent[-1] == pytest.approx(end, abs=0.16)
    inside = made.data(made(np.arange(25.0, 39.0, 0.1)))
    np.testing.assert_allclose(inside, GAP[49])  # never zero, never the floor


def test_a_gap_may_be_bridged_or_marked(tmp_path):
    entry = "from: web.x, gaps: {}, range: 0..12"
    made = signal(tmp_path, rows(range(120), GAP), entry.format("linear"), "for: 59.5 s")
    assert made.present is None
    middle = 0.5 * (GAP[49] + GAP[80])
    assert float(made.data(made(0.5 * (24.5 + 40.0)))) == pytest.approx(middle)
    made = signal(tmp_path, rows(range(120), GAP), entry.format("mark"), "for: 59.5 s")
    assert made.report["gaps_s"] == [(25.0, 40.0)]


def test_rows_that_are_not_there_are_a_gap_too(tmp_path):
    t = np.concatenate((np.arange(0, 30), np.arange(60, 90)))
    made = signal(tmp_path, rows(t, t % 5.0), "from: web.x, gaps: silence", "for: 89 s")
    (gap,) = made.report["gaps_s"]
    assert gap == pytest.approx((30.0, 60.0))


def test_an_empty_bin_is_missing_but_counts_as_no_event(tmp_path):
    text = rows([0, 1, 2, 50, 51, 59], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    mean = signal(tmp_path, text, "from: web.x, steps: [mean per 10 s]")
    entry = "from: web.x, steps: [count per 10 s], range: 0..3"
    count = signal(tmp_path, text, entry, "for: 59 s")
    assert mean.report["missing"] == pytest.approx(4 / 6)
    assert count.report["missing"] == 0.0
    assert float(count(np.float64(30.0))) == 0.0
    assert count.present is None


def test_auto_is_the_second_to_the_98th_percentile_and_says_so(tmp_path):
    x = np.arange(101.0)
    made = signal(tmp_path, rows(range(101), x), "from: web.x")
    assert (made.scale.low, made.scale.high) == (2.0, 98.0)
    assert not made.report["stated"]
    assert made.report["clipped"] == pytest.approx(4 / 101)


def test_a_constant_lies_in_the_middle_with_a_note(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n" + rows(range(9), np.full(9, 7.0)))
    found = known(tmp_path, "{file: d.csv, time: t}", "s0: {from: web.x}")
    assert float(found.signals["s0"](3.0)) == 0.5
    assert float(found.signals["s0"].data(0.5)) == 7.0
    assert found.notes == ("signal 's0': its range has no width (7): all maps to 0.5",)


def test_signals_are_joined_where_they_have_values(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n" + rows(range(60), np.arange(60.0)))
    entries = (
        "s0: {from: 0.5 * s1 + 0.5 * (1 - s2)}\n"
        "  s1: {from: web.x, range: 0..59}\n  s2: {from: 59 - web.x, range: 0..59}"
    )
    found = known(tmp_path, "{file: d.csv, time: t, for: 59 s}", entries).signals
    t = np.arange(0.0, 59.0, 1.0)
    np.testing.assert_allclose(found["s0"](t), found["s1"](t), atol=1e-9)


def test_missing_can_be_followed_by_name(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n" + rows(range(120), GAP))
    found = known(
        tmp_path, "{file: d.csv, time: t, for: 59.5 s}", "s0: {from: web.x, gaps: silence}"
    )
    gone = found.missing["s0.missing"]
    assert gone(np.array([10.0, 30.0, 50.0])).tolist() == [0.0, 1.0, 0.0]


# The steps against the plainest way to write them.

values = st.lists(
    st.one_of(st.floats(-1e4, 1e4), st.just(float("nan"))), min_size=1, max_size=40
).map(np.array)
gaps_s = st.lists(st.floats(0.0, 5.0), min_size=40, max_size=40)

STATS = {
    "mean": np.mean,
    "median": np.median,
    "sum": np.sum,
    "count": len,
    "min": np.min,
    "max": np.max,
    "first": lambda x: x[0],
    "last": lambda x: x[-1],
    "p95": lambda x: np.percentile(x, 95),
    "p12.5": lambda x: np.percentile(x, 12.5),
}


def plainly(what, x):
    x = x[~np.isnan(x)]
    if not len(x):
        return 0.0 if what in ("sum", "count") else np.nan
    return float(STATS[what](x))


@pytest.mark.parametrize("what", STATS)
@settings(max_examples=30, deadline=None)
@given(values, gaps_s)
def test_bins(what, x, gaps):
    t = np.cumsum(gaps)[: len(x)]
    ends, found = binned(t, x, what, 4.0, 0.0)
    expected = [plainly(what, x[(t >= end - 4.0) & (t < end)]) for end in ends]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("what", STATS)
@settings(max_examples=30, deadline=None)
@given(values, gaps_s)
def test_windows(what, x, gaps):
    t = np.cumsum(gaps)[: len(x)]
    found = slid(t, x, what, 6.0)
    expected = [plainly(what, x[: i + 1][t[: i + 1] > now - 6.0]) for i, now in enumerate(t)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-5)


@settings(max_examples=30, deadline=None)
@given(values, gaps_s)
def test_a_lag_is_one_pole_from_row_to_row(x, gaps):
    t = np.cumsum(gaps)[: len(x)]
    found, y, before = lagged(t, x, 3.0), None, 0.0
    for now, value, got in zip(t, x, found, strict=True):
        if np.isnan(value):
            assert np.isnan(got)
            continue
        y = value if y is None else y + (value - y) * (1.0 - np.exp(-(now - before) / 3.0))
        before = now
        assert got == pytest.approx(y, rel=1e-9, abs=1e-9)


CAUSAL = [
    Step("per", "p95", (4.0,)),
    Step("per", "minmax", (4.0,)),
    Step("over", "mean", (6.0,)),
    Step("over", "p95", (6.0,)),
    Step("over", "max", (6.0,)),
    Step("lag", "", (3.0,)),
    Step("late", "", (3.0,)),
    Step("diff"),
    Step("total"),
    Step("zscore", "", (9.0,)),
    Step("clip", "", (-5.0, 5.0)),
]


@pytest.mark.parametrize("step", CAUSAL, ids=lambda s: f"{s.kind} {s.what}")
@settings(max_examples=30, deadline=None)
@given(values, gaps_s, st.integers(1, 40))
def test_what_comes_later_changes_not_a_bit_of_what_was(step, x, gaps, count):
    t = np.cumsum(gaps)[: len(x)]
    some = stepped(Series(t[:count], x[:count]), (step,), 0.0)
    whole = stepped(Series(t, x), (step,), 0.0)
    done = some.time < t[:count][-1] if step.kind == "per" else np.ones(len(some.time), bool)
    if step.what == "minmax":  # both points of a bin are known at its end
        done &= np.repeat(some.time[::2] < t[:count][-1], 2)
    np.testing.assert_array_equal(some.values[done], whole.values[: len(done)][done])
    np.testing.assert_array_equal(some.time[done], whole.time[: len(done)][done])


def test_minmax_keeps_the_order_of_what_came(tmp_path):
    ends, found = binned(np.arange(8.0), np.array([3, 1, 9, 2, 9, 4, 1, 5.0]), "minmax", 4.0, 0.0)
    assert found.tolist() == [1.0, 9.0, 9.0, 1.0]
    assert ends.tolist() == [4.0, 6.0, 8.0, 10.0]


def test_the_other_steps():
    t, x = np.arange(6.0), np.array([1.0, 2.0, np.nan, 4.0, 8.0, 8.0])
    run = lambda *steps: stepped(Series(t, x), steps, 0.0).values  # noqa: E731
    np.testing.assert_array_equal(run(Step("diff")), [np.nan, 1, np.nan, 2, 4, 0])
    np.testing.assert_array_equal(run(Step("total")), [1, 3, np.nan, 7, 15, 23])
    np.testing.assert_array_equal(run(Step("clip", "", (2.0, 5.0))), [2, 2, np.nan, 4, 5, 5])
    np.testing.assert_allclose(run(Step("detrend"))[[0, 4]].sum(), 0.0, atol=2.0)
    score = run(Step("zscore"))
    assert np.nanmean(score) == pytest.approx(0.0, abs=1e-12)
    assert np.nanstd(score) == pytest.approx(1.0)
    mean, deviation = spread(t, x, 3.0)
    assert (mean[4], deviation[4]) == (6.0, 2.0)


def test_a_line_is_gone_after_detrend():
    t = np.arange(50.0)
    out = stepped(Series(t, 3.0 * t - 8.0), (Step("detrend"),), 0.0).values
    np.testing.assert_allclose(out, 0.0, atol=1e-9)


def test_arithmetic_takes_what_is_no_number_as_missing(tmp_path):
    x = np.array([-1.0, 0.0, 1.0, 100.0] * 3)
    made = signal(tmp_path, rows(range(12), x), "from: web.x, steps: [log10(x)], range: 0..2")
    assert made.report["missing"] == 0.5
    made = signal(
        tmp_path,
        rows(range(12), x),
        "from: web.x, steps: [sqrt(abs(x)) ^ 2 + min(x | 0), max(x | 2)], range: 0..100",
    )
    assert made.report["least"] == 2.0


FIXTURE = [HealthCheck.function_scoped_fixture]
BAD = [
    ("from: web.y", "d.csv has no column 'y' (known: t, x)"),
    ("from: web.x - 5, scale: log", "reaches 0; 'scale: symlog' can"),
    ("from: web.x, steps: [mean per 1 ms]", "bins of this width; 5000000 are the most"),
    ("from: web.x, steps: [log10(0 - 1 - abs(x))]", "has no value: all of it is missing"),
]


@pytest.mark.parametrize(("entry", "message"), BAD)
def test_a_signal_that_cannot_be_is_told_at_its_place(tmp_path, entry, message):
    (tmp_path / "d.csv").write_text("t,x\n" + rows([0, 1e6, 2e6, 3e6], [0.0, 1.0, 2.0, 3.0]))
    with pytest.raises(ScoreError) as caught:
        known(tmp_path, "{file: d.csv, time: t, for: 9 s}", f"s0: {{{entry}}}")
    (finding,) = caught.value.findings
    assert message in finding.message
    assert finding.line == 5


MORE = ["levels: 5", "range: rolling 7 s", "range: 0..10, mid: 2", "range: rolling 4 s, levels: 3"]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    values,
    gaps_s,
    st.sampled_from(
        [
            "x > 2 or x < 1",
            "",
            "mean per 3 s",
            "lag 2 s",
            "diff",
            "zscore over 9 s",
            "minmax per 2 s",
        ]
    ),
    st.sampled_from([f"scale: {k}" for k in SCALES if k != "pow"] + ["scale: pow 2.5", *MORE]),
    st.sampled_from(["hold", "hold 2 s", "linear", "silence", "drop", "mark"]),
    st.sampled_from(["linear", "step", "pchip"]),
    st.sampled_from(["keep", "mean", "error"]),
)
def test_any_table_through_any_steps_is_a_curve_or_a_clear_line(
    tmp_path, x, gaps, step, kind, gap, between, doubles
):
    t = np.cumsum(gaps)[: len(x)]
    if "nominal" in kind:
        step, between = "late 2 s", "step"
    entry = f"from: web.x, steps: [{step}], {kind}, gaps: {gap}, between: {between}"
    try:
        made = signal(tmp_path, rows(t, x), entry, f"for: 60 s, doubles: {doubles}")
    except ScoreError as error:
        found = error.findings
    else:
        found = ()
    if found:
        assert len(found) == 1
        return
    u = made(np.linspace(-5.0, 70.0, 400))
    assert ((u >= 0.0) & (u <= 1.0)).all()
    shares = made.scale.share(made.scale.value(u))
    whole = made.scale.kind in ("quantile", "ordinal") or made.scale.levels
    if not whole and made.scale.low != made.scale.high:
        np.testing.assert_allclose(shares, u, atol=1e-5)
