"""Any spelling of a signal, right or wrong, over any table is a curve or a clear line."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lullaby.data import resolved
from lullaby.errors import ScoreError
from lullaby.score import read
from lullaby.score.write import written as text_of
from tests.data.pieces import written

NUMBERS = st.one_of(
    st.sampled_from(["0", "1", "2", "2.5", "3", "8", "1e-9"]),
    st.sampled_from(["-3", "1e9", "404", "x", "", "nan", "9" * 41]),
)
ATOMS = st.one_of(
    st.sampled_from(["web.x", "web.x", "1", "0", "2.5"]),
    st.sampled_from(["web.w", "x", "s0", "web", "1e308", "(", "not"]),
)
SIGNS = ["+", "-", "*", "/", "^", "<", "<=", ">", ">=", "==", "!=", "and", "or"]
KINDS = ["linear", "log", "symlog", "sqrt", "quantile", "ordinal", "nominal", "pow", "noun"]
FORMULAS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(SIGNS), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("not {}".format),
        inner.map("-{}".format),
        inner.map("sqrt({})".format),
        st.tuples(inner, inner).map(lambda two: f"max({two[0]} | {two[1]})"),
    ),
    max_leaves=5,
)
LISTS = st.lists(st.one_of(NUMBERS, st.sampled_from(["ok", "slow", "[a]", "{a: b}", "~"])))
RANGES = st.one_of(
    st.sampled_from(["auto", "0..9", "9..0", "0..0", "rolling 9 s", "rolling", "rolling 0 s"]),
    st.tuples(NUMBERS, NUMBERS).map("..".join),
    LISTS.map(lambda found: f"[{', '.join(found)}]"),
)
SCALES = st.one_of(
    st.sampled_from(KINDS),
    NUMBERS.map("pow {}".format),
)
STEPS = st.one_of(
    FORMULAS.map(lambda text: text.replace("web.x", "x")),
    st.sampled_from(["mean per 3 s", "last per 4 s", "max over 5 s", "late 2 s", "lag 1 s"]),
)
ENTRIES = st.fixed_dictionaries(
    {"from": st.one_of(st.sampled_from(["web.x", "web.w"]), FORMULAS)},
    optional={
        "steps": st.lists(STEPS, max_size=3).map(lambda found: f"[{', '.join(found)}]"),
        "range": RANGES,
        "scale": SCALES,
        "mid": NUMBERS,
        "levels": NUMBERS,
        "gaps": st.sampled_from(["hold", "linear", "silence", "drop", "mark"]),
        "between": st.sampled_from(["linear", "step", "pchip"]),
    },
)
ONES = st.sampled_from(["web.x", "web.x > 1", "web.x * 2 + 1", "sqrt(abs(web.x))"])
GOOD = st.one_of(
    st.fixed_dictionaries(
        {"from": ONES},
        optional={
            "steps": st.sampled_from(["[mean per 3 s]", "[lag 1 s, late 2 s]", "[x ^ 2, diff]"]),
            "range": st.sampled_from(["0..9", "9..0", "rolling 4 s", "rolling 90 d"]),
            "scale": st.sampled_from(["symlog", "sqrt", "pow 2", "pow 0.3"]),
            "levels": st.sampled_from(["2", "7", "1000"]),
            "gaps": st.sampled_from(["hold 3 s", "silence", "drop", "mark"]),
        },
    ),
    st.fixed_dictionaries(
        {"from": ONES, "mid": st.sampled_from(["2", "0.001"]), "range": st.just("0..9")},
        optional={"levels": st.just("3"), "scale": st.sampled_from(["pow 3", "quantile"])},
    ),
    st.fixed_dictionaries(
        {"from": st.just("web.w"), "scale": st.just("nominal")},
        optional={"range": st.just("[a, b, ab, '4']"), "gaps": st.just("drop")},
    ),
    st.fixed_dictionaries(
        {"from": ONES, "scale": st.just("ordinal")},
        optional={"range": st.sampled_from(["[0, 1, 2.5]", "9..0"]), "gaps": st.just("drop")},
    ),
)
CELLS = st.lists(
    st.tuples(
        st.integers(0, 30),
        st.sampled_from(["0", "1", "2.5", "-3", "1e300", "NA", "inf", ""]),
        st.text("ab4,"),
    ),
    max_size=12,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None
)
@given(st.one_of(GOOD, ENTRIES), CELLS, st.sampled_from(["keep", "mean", "keep", "error"]))
def test_any_spelling_is_a_curve_or_a_clear_line(tmp_path, entry, cells, doubles):
    lines = [f"{t},{x},{w.replace(',', '')}" for t, x, w in cells]
    (tmp_path / "d.csv").write_text("t,x,w\n" + "\n".join(lines) + "\n")
    said = ", ".join(f"{key}: {value}" for key, value in entry.items())
    source = f"{{file: d.csv, time: t, for: 20 s, doubles: {doubles}}}"
    file = written(tmp_path, source, f"s0: {{{said}}}")
    try:
        score = read(file)
        (tmp_path / "again.yaml").write_text(text_of(score))
        again = read(tmp_path / "again.yaml")
        assert (again.signals, again.sources) == (score.signals, score.sources)
        made = resolved(score).known.signals["s0"]
    except ScoreError as error:
        found = error.findings
    else:
        found = []
    if found:
        assert all(finding.message and finding.line for finding in found)
        return
    u = made(np.linspace(-5.0, 25.0, 200))
    assert ((u >= 0.0) & (u <= 1.0)).all()
    values = made.data(u, np.linspace(-5.0, 25.0, 200))
    assert np.isfinite(values).all()
    assert all(made.said(float(share)) for share in u[:3])


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    st.sampled_from(["", ", range: 0..3", ", scale: ordinal", ", range: rolling 9 s"]),
    FORMULAS,
)
def test_any_arithmetic_gives_numbers_or_a_clear_line(tmp_path, more, formula):
    (tmp_path / "d.csv").write_text("t,x,w\n0,1,2\n1,,3\n2,5,4\n3,-1e300,0\n4,0,0\n")
    file = written(tmp_path, "{file: d.csv, time: t}", f"s0: {{from: {formula}{more}}}")
    try:
        made = resolved(read(file)).known.signals["s0"]
    except ScoreError:
        return
    u = made(np.linspace(0.0, 4.0, 50))
    assert ((u >= 0.0) & (u <= 1.0)).all()
