"""Tables of all kinds become the same columns; what is wrong with one is said in a line."""

from __future__ import annotations

import gzip
import io
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lullaby.data import Limits
from lullaby.data.cells import numbers
from lullaby.data.dates import seconds
from lullaby.data.records import text_column
from lullaby.errors import ScoreError
from tests.data.pieces import known

TIMES = [0.0, 1.0, 2.5, 4.0]
VALUES = [3.25, -1.0, 1200.5, 7e-3]
PART = ", level: web.x from 0..1 to -40..-20 dB"


def read(folder, data):
    found = known(folder, data, part=PART)
    rows = found.rows["web"]
    return rows.at_us / 1e6, rows.columns["x"], found.notes


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


RECORDS = [{"t": t, "x": x} for t, x in zip(TIMES, VALUES, strict=True)]
PLAIN = "t,x\n0,3.25\n1,-1\n2.5,1200.5\n4,7e-3\n"
FILES = {
    "plain": ("d.csv", PLAIN.encode(), ""),
    "crlf": ("d.csv", PLAIN.replace("\n", "\r\n").encode(), ""),
    "no last newline": ("d.csv", PLAIN.rstrip().encode(), ""),
    "a BOM": ("d.csv", b"\xef\xbb\xbf" + PLAIN.encode(), ""),
    "UTF-16": ("d.csv", PLAIN.encode("utf-16"), ""),
    "latin-1": ("d.csv", PLAIN.replace("\n", ",\xe9\n").encode("latin-1"), ", encoding: latin-1"),
    "gz": ("d.csv.gz", gzip.compress(PLAIN.encode()), ""),
    "tabs": ("d.tsv", PLAIN.replace(",", "\t").encode(), ""),
    "semicolons": ("d.csv", PLAIN.replace(",", ";").encode(), ""),
    "bars": ("d.txt", PLAIN.replace(",", "|").encode(), ""),
    "decimal comma": ("d.csv", PLAIN.replace(",", ";").replace(".", ",").encode(), ""),
    "quotes": ("d.csv", b't,"x",name\n0,"3.25","a, b\nc"\n1,-1,""""\n2.5,1200.5,\n4,7e-3,x\n', ""),
    "comments and blanks": ("d.csv", ("# made by hand\n\n" + PLAIN + "\n\n").encode(), ""),
    "spaces": ("d.csv", PLAIN.replace(",", " , ").encode(), ""),
    "json": ("d.json", json.dumps(RECORDS).encode(), ""),
    "json of lists": ("d.json", json.dumps({"t": TIMES, "x": VALUES}).encode(), ""),
    "json lines": ("d.jsonl", "\n".join(map(json.dumps, RECORDS)).encode(), ""),
    "npy fields": (
        "d.npy",
        npy(np.array(list(zip(TIMES, VALUES, strict=True)), [("t", "f8"), ("x", "f4")])),
        "",
    ),
}


@pytest.mark.parametrize("kind", FILES)
def test_every_kind_of_table_reads_the_same(tmp_path, kind):
    name, content, more = FILES[kind]
    (tmp_path / name).write_bytes(content)
    at_s, x, _ = read(tmp_path, f"{{file: {name}, time: t{more}}}")
    np.testing.assert_array_equal(at_s, TIMES)
    np.testing.assert_allclose(x, VALUES, rtol=1e-6 if name == "d.npy" else 0)


def test_a_bare_array_has_numbered_columns_and_a_rate(tmp_path):
    (tmp_path / "d.npy").write_bytes(npy(np.array([VALUES, TIMES]).T))
    at_s, x, _ = read(tmp_path, "{file: d.npy, rate: 4 /s, columns: {x: c1}}")
    np.testing.assert_array_equal(at_s, [0.0, 0.25, 0.5, 0.75])
    np.testing.assert_array_equal(x, VALUES)


def test_a_table_without_a_header_has_numbered_columns_too(tmp_path):
    (tmp_path / "d.csv").write_text(PLAIN[4:])
    _, x, notes = read(tmp_path, "{file: d.csv, time: c1, columns: {x: c2}}")
    np.testing.assert_array_equal(x, VALUES)
    assert "no header" in notes[0]


def test_parquet(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(arrow.table({"t": TIMES, "x": VALUES}), tmp_path / "d.parquet")
    _, x, _ = read(tmp_path, "{file: d.parquet, time: t}")
    np.testing.assert_array_equal(x, VALUES)


@pytest.mark.parametrize(
    "dates",
    [
        ("2020-02-28T23:59:59.5Z", "2020-03-01T00:00:01Z"),
        ("2020-02-28 23:59:59.5", "2020-03-01 00:00:01"),
        ("2020-02-29T01:59:59.5+02:00", "2020-02-29T20:30:01-0330"),
        ("28.02.2020 23:59:59.5", "01.03.2020 00:00:01"),
        ("2020/02/28 23:59:59,5", "2020/03/01 00:00:01"),
    ],
)
def test_dates_are_times(tmp_path, dates):
    (tmp_path / "d.csv").write_text("t;x\n" + "".join(f"{d};1\n" for d in dates))
    found = known(tmp_path, "{file: d.csv, time: t, for: 60 s}", part=PART)
    span = found.spans["web"]
    assert span.calendar
    assert span.last - span.first == 86401.5


def test_rows_are_picked_by_comparisons_and_by_time(tmp_path):
    (tmp_path / "d.csv").write_text("t,x,y\n0,1,5\n1,2,\n2,3,5\n3,4,6\n4,5,5\n")
    found = known(
        tmp_path,
        "{file: d.csv, time: t, where: not (y == 5 and x < 3) and y >= 5, span: [0, 3]}",
        part=PART,
    )
    np.testing.assert_array_equal(found.rows["web"].columns["x"], [3.0, 4.0])


def test_what_is_missing_is_counted_never_zero(tmp_path):
    cells = ["1", "", "NA", "nan", "-", "inf", "null", "oops", "-999", "2"]
    lines = "".join(f"{i},{c}\n" for i, c in enumerate(cells * 5))
    (tmp_path / "d.csv").write_text("t,x\n" + lines.replace("oops", "3", 4))
    _, x, notes = read(tmp_path, '{file: d.csv, time: t, missing: ["-999"]}')
    known_values = x[~np.isnan(x)]
    assert set(known_values.tolist()) == {1.0, 2.0, 3.0}
    assert len(known_values) == 14
    assert "1 cells of 'x' are no numbers, so missing (row 48: 'oops')" in notes[0]


def test_rows_out_of_order_are_sorted_and_doubles_follow_each_other(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n2,3\n0,1\n0,2\n")
    at_s, x, notes = read(tmp_path, "{file: d.csv, time: t}")
    np.testing.assert_array_equal(at_s, [0.0, 1e-6, 2.0])
    np.testing.assert_array_equal(x, [1.0, 2.0, 3.0])
    assert [note.partition(": ")[2] for note in notes] == [
        "its rows are not in order of time; sorted",
        "1 rows have the time of the row before",
    ]


FIXTURE = [HealthCheck.function_scoped_fixture]
BAD = {
    "empty": (b"", "the table is empty"),
    "only blanks": (b"\n\n  \n", "the table is empty"),
    "only a header": (b"t,x\n", "the table has no rows"),
    "a NUL": (b"t,x\n0,\0\n", "this is no text (a NUL byte in it); name its encoding if it is"),
    "an open quote": (b't,x\n0,"1\n1,2\n', "a quote is opened and never closed"),
    "ragged": (b"t,x\n0,1,2\n1\n2,3\n", "2 of 3 rows have more or fewer cells than the header has"),
    "no such column": (b"t,value\n0,1\n", "d.csv has no column 'x' (known: t, value)"),
    "twice the column": (b"t,x,x\n0,1,2\n", "d.csv has more than one column 'x'"),
    "text": (b"t,x\n0,a\n1,b\n", "100 % of its cells are no number (row 1: 'a'; row 2: 'b')"),
    "versions": (b"t,x\n0,1.2.3\n1,1-2\n", "100 % of its cells are no number"),
    "no times": (b"t,x\nlong ago,1\n", "100 % of its cells are no time (row 1: 'long ago')"),
    "blank times": (b"t,x\n,1\n,2\n", "2 of 2 rows have no time"),
    "two ways to read": (b"t,x\n01/02/2020,1\n", "the date '01/02/2020' may be read two ways"),
    "escapes": (b"t,x\n0,\x1b[31m\n", "row 1: '?[31m'"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_table_is_told_in_a_line_at_its_place(tmp_path, kind):
    content, message = BAD[kind]
    (tmp_path / "d.csv").write_bytes(content)
    with pytest.raises(ScoreError) as caught:
        read(tmp_path, "{file: d.csv, time: t}")
    (finding,) = caught.value.findings
    assert message in finding.message
    assert finding.line in (3, 4)
    assert finding.source
    assert "\n" not in finding.message


JSONS = ["{", "3", "[]", '{"t": [1], "x": [1, 2]}', "[" * 100_000, '"x"', "[1e999]"]


@pytest.mark.parametrize("text", JSONS)
def test_bad_json_is_told(tmp_path, text):
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(ScoreError):
        read(tmp_path, "{file: d.json, time: t}")


def test_broken_binary_files_are_told(tmp_path):
    import pickle

    class Evil:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was loaded",))

    out = io.BytesIO()
    np.save(out, np.array([Evil()], object), allow_pickle=True)
    for name, content in [
        ("d.npy", out.getvalue()),
        ("e.npy", pickle.dumps(Evil())),
        ("f.csv.gz", b"\x1f\x8b broken"),
        ("g.npy", npy(np.zeros((2, 2, 2)))),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ScoreError) as caught:
            read(tmp_path, f"{{file: {name}, time: t}}")
        assert len(caught.value.findings) == 1


LIMITS = [
    (Limits(bytes_a_file=1 << 20), "t,x\n" + "0,1\n" * 300_000, "more than 1 MiB"),
    (Limits(rows=100), "t,x\n" + "0,1\n" * 101, "more than 100 rows"),
    (Limits(columns=3), "t,x,y,z\n0,1,2,3\n", "more than 3 columns"),
    (Limits(bytes_a_field=1 << 10), "t,x\n0," + "9" * 2000 + "\n", "a field of more than 1 KiB"),
]


@pytest.mark.parametrize(("limits", "text", "message"), LIMITS)
def test_limits_are_kept(tmp_path, limits, text, message):
    (tmp_path / "d.csv").write_text(text)
    with pytest.raises(ScoreError, match=message):
        known(tmp_path, "{file: d.csv, time: t}", part=PART, limits=limits)
    (tmp_path / "d.csv.gz").write_bytes(gzip.compress(text.encode()))
    with pytest.raises(ScoreError, match=message.replace("more than 1 MiB", "1 MiB")):
        known(tmp_path, "{file: d.csv.gz, time: t}", part=PART, limits=limits)


def stamps(cells):
    times, bad = seconds(text_column(cells))
    return times.tolist(), bad.tolist()


def test_dates_are_those_of_the_calendar():
    days = np.arange("1890-01-01", "2110-01-01", 37, "datetime64[D]")
    times, bad = stamps([str(day) for day in days])
    assert not any(bad)
    assert times == (days.astype(int) * 86400.0).tolist()


NO_DATES = [
    *("2020-02-30", "2021-02-29", "1900-02-29", "2018-13-01", "2018-00-01", "2018-1-3", "20180131"),
    *("2018-01-31T25:00", "2018-01-31T01:60", "2018-01-31T01:49:59+xx:00", "2018-01-31T01:49:5"),
    *("today", "now", "NaT", "-2018-01-01", "12", "2018-01-31T", "2018-01-31T01:49:59."),
]


@pytest.mark.parametrize("count", [1, 5000])
def test_what_is_no_date_is_told_however_many_there_are(count):
    for cell in NO_DATES:
        times, bad = stamps([cell, "2020-02-29"] * count)
        assert bad == [True, False] * count, cell
        assert times[1] == 1582934400.0


decimals = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    st.integers(-(10**18), 10**18).map(str),
)


@given(st.lists(decimals, min_size=1, max_size=30))
def test_a_number_is_read_to_the_last_bit(cells):
    found, bad = numbers(text_column(cells), ".", ())
    assert not bad.any()
    expected = [float(c) for c in cells]
    np.testing.assert_array_equal(found, [e if np.isfinite(e) else np.nan for e in expected])


@given(st.lists(st.text(max_size=60), min_size=1, max_size=20))
def test_no_cell_is_anything_but_a_number_missing_or_bad(cells):
    found, bad = numbers(text_column(cells), ".", ())
    assert np.isnan(found[bad]).all()
    for cell, value in zip(cells, found, strict=True):
        if not np.isnan(value):
            assert float(cell) == value
            assert cell.isascii()
            assert "_" not in cell
    times, bad = seconds(text_column(cells))
    assert np.isnan(times[bad]).all()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_a_clear_line(tmp_path, content):
    (tmp_path / "d.csv").write_bytes(b"t,x\n" + content)
    try:
        at_s, x, _ = read(tmp_path, "{file: d.csv, time: t, for: 10 s}")
    except ScoreError as error:
        found = error.findings
    else:
        found = ()
    if found:
        assert len(found) == 1
        return
    assert len(at_s) == len(x) > 0
    assert (np.diff(at_s) > 0).all()


OUTSIDE = ["../d.csv", "/etc/passwd", "~/d.csv", "$HOME/d.csv", "d.csv/", "x/../d.csv"]


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_path_out_of_the_folder_is_refused(tmp_path, name):
    (tmp_path / "d.csv").write_text(PLAIN)
    folder = tmp_path / "inner"
    folder.mkdir()
    with pytest.raises(ScoreError):
        known(folder, f"{{file: {name}, time: t}}", part=PART)


def test_a_link_out_of_the_folder_and_a_folder_are_refused(tmp_path):
    (tmp_path / "d.csv").write_text(PLAIN)
    folder = tmp_path / "inner"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "d.csv")
    (folder / "folder.csv").mkdir()
    for name, message in [("link.csv", "outside"), ("folder.csv", "no regular file")]:
        with pytest.raises(ScoreError, match=message):
            known(folder, f"{{file: {name}, time: t}}", part=PART)
