"""A stream is heard as it comes; its take renders to the same samples; nothing looks ahead."""

from __future__ import annotations

import io
import json
import socket
import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from lullaby.data import Live, opened, resolved
from lullaby.data.feeds import Reader, Tail
from lullaby.data.live import CELL_S
from lullaby.data.online import Chain
from lullaby.data.steps import Series, stepped
from lullaby.engine.arrange import arrange
from lullaby.engine.engine import Engine
from lullaby.errors import ScoreError, UsageError
from lullaby.model.table import Step
from lullaby.score import read
from lullaby.score.formula import formula
from lullaby.score.limits import Limits
from tests.data.pieces import written
from tests.data.test_signals import CAUSAL, gaps_s, values

RATE, SECONDS = 16000, 14.0
FED = frozenset({"web"})


class Script:
    """A feed that gives lines when they are due."""

    def __init__(self, *lines):
        self.due = list(lines)

    def lines(self):
        out, self.due = self.due, []
        return out

    def close(self):
        pass


def fed_score(folder, signals, part="", more=""):
    (folder / "d.csv").write_text("t,x\n0,1\n")
    return read(written(folder, "{file: d.csv, time: t}", signals, part, more))


ALL = [*CAUSAL, Step("formula", formula=formula("abs(x) ^ 0.5 + 1", Limits()))]


@pytest.mark.parametrize("step", ALL, ids=lambda s: f"{s.kind} {s.what}")
@settings(max_examples=30, deadline=None)
@given(values, gaps_s)
def test_steps_one_by_one_are_the_steps_of_the_whole(step, x, gaps):
    t = np.cumsum(gaps)[: len(x)]
    steps = (step, Step("lag", "", (2.0,)))
    chain = Chain(steps)
    got = [point for row in zip(t.tolist(), x.tolist(), strict=True) for point in chain.push(*row)]
    got += chain.passed(float(t[-1]) + 4.0)
    whole = stepped(Series(t, x), steps, 0.0)
    count = len(whole.time)
    np.testing.assert_allclose([p[0] for p in got[:count]], whole.time, rtol=1e-12)
    np.testing.assert_allclose([p[1] for p in got[:count]], whole.values, rtol=1e-7, atol=1e-5)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Play a live session: what comes in each cell, then what was heard and the take."""
    folder = tmp_path_factory.mktemp("session")
    score = resolved(
        fed_score(
            folder,
            "p: {from: web.x, steps: [max per 1 s], range: 0..100, gaps: hold 2 s}",
            ", level: p to -40..-10 dB lag 0.1 s",
            "arc: {panic: 0.9 * p rise 1 s fall 4 s}\n",
        ),
        fed=FED,
    )
    performance, feed = arrange(score), Script(b"t,x")
    live = Live(score, {"web": feed})
    heard, touched = [], []
    cell = round(CELL_S * RATE)
    with Engine(performance, RATE, live=True) as engine:
        for k in range(int(SECONDS / CELL_S)):
            feed.due += [] if 16 <= k < 40 else [b"0,%d" % (k % 40 * 2)]
            for name, value in live.advance(k * CELL_S):
                engine.touch(name, value)
                touched.append((k * CELL_S, name, value))
            heard.append(engine.read(cell))
        take = engine.take
    return performance, np.concatenate(heard, axis=1), take, touched


def test_the_take_of_a_session_renders_to_its_samples(session):
    performance, heard, take, _ = session
    assert np.abs(heard).max() > 1e-3
    with Engine(performance, RATE, take=take, stretch=4096) as engine:
        again = engine.read(heard.shape[1])
    np.testing.assert_array_equal(heard, again)
    with Engine(performance, RATE, stretch=4096) as engine:
        assert np.abs(engine.read(heard.shape[1])).max() == 0.0  # without it nothing was known


def test_a_stream_is_silent_before_its_first_value_and_when_it_falls_silent(session):
    _, heard, _, touched = session
    level = [np.abs(heard[:, round(a * RATE) : round(b * RATE)]).max() for a, b in ((0, 1), (3, 5))]
    assert level[0] == 0.0 < level[1]
    gone = [(at, value) for at, name, value in touched if name == "p.missing"]
    assert gone == [(1.0, 0.0), (6.25, 1.0), (11.0, 0.0)]
    quiet = np.abs(heard[:, round(6.5 * RATE) : round(10.9 * RATE)]).max()
    assert quiet <= level[1] * 10 ** (-30 / 20)


def test_rows_are_read_by_name_and_picked(tmp_path):
    (tmp_path / "d.csv").write_text("t,x\n")
    data = "{file: d.csv, time: t, columns: {ms: latency}, where: ms >= 0}"
    score = read(written(tmp_path, data, "p: {from: web.ms, range: 0..10}"))
    feed = Script(b"\xef\xbb\xbft;latency", b"1;5", b"2;-3", b"rubbish", b"3;oops")
    live = Live(score, {"web": feed})
    assert live.advance(1.0) == [("p", 0.5), ("p.missing", 0.0), ("web.ms", 5.0)]
    assert live.strange == 1
    assert live.advance(2.0) == []
    feed.due = [b'{"latency": 7.5, "t": 3}', b"{", b"[" * 9999]
    assert live.advance(3.0) == [("p", 0.75), ("web.ms", 7.5)]
    assert live.advance(3.0 + 20.5) == [("p.missing", 1.0)]


CANNOT = [
    ("from: web.x", "a stream has no percentiles yet; state its range: 20..400"),
    ("from: web.x, scale: ordinal", "a stream's values are not known yet; state them: range: [1"),
    ("from: web.x, scale: nominal", "a stream's words are not known yet; state them: range: [ok"),
    ("from: web.x, range: 0..1, scale: quantile", "a stream has no quantiles yet"),
    ("from: web.x, range: 0..1, gaps: linear", "'gaps: linear' looks ahead"),
    ("from: web.x, range: 0..1, steps: [detrend]", "'detrend' looks ahead; with a stream say zsco"),
    ("from: web.x, range: 0..1, steps: [zscore]", "'zscore' looks ahead; with a stream say zscore"),
]


@pytest.mark.parametrize(("entry", "message"), CANNOT)
def test_what_looks_ahead_is_refused_with_a_stream(tmp_path, entry, message):
    score = fed_score(tmp_path, f"p: {{{entry}}}")
    resolved(score) if "range" not in entry else None
    with pytest.raises(ScoreError) as caught:
        resolved(score, fed=FED)
    (finding,) = caught.value.findings
    assert message in finding.message
    assert finding.line == 5


def test_what_cannot_be_streamed_is_told(tmp_path):
    score = fed_score(
        tmp_path,
        "p: {from: web.x, range: 0..1}\n  q: {from: 1 - p}",
        more="cues: [{each: web, mark: x}]\n",
    )
    with pytest.raises(ScoreError) as caught:
        resolved(score, fed=FED)
    assert [(f.line, f.message) for f in caught.value.findings] == [
        (6, "signal 'q': signals of a stream are joined in an arc"),
        (7, "a cue for each row of the stream 'web' wants a rest: say rest: 2 s"),
    ]
    with pytest.raises(UsageError, match="no source of this name"):
        resolved(score, fed=frozenset({"wob"}))


def test_a_cue_that_waits_for_a_stream_goes_off_by_no_guess(tmp_path):
    cues = "cues: [{when: p < 0.5, mark: x}, {each: web, rest: 2 s, mark: y}, {at: 3 s, mark: z}]\n"
    score = fed_score(tmp_path, "p: {from: web.x, range: 0..1}", more=cues)
    assert [m.name for m in arrange(resolved(score, fed=FED)).marks] == ["z"]


def test_a_column_of_a_stream_is_followed(tmp_path):
    part = ", level: web.x from 0..100 to -60..-10 dB"
    (tmp_path / "d.csv").write_text("t,x\n0,1\n")
    score = resolved(read(written(tmp_path, "{file: d.csv, time: t}", part=part)), fed=FED)
    feed = Script(b"t,x", b"0,0")
    live, loud = Live(score, {"web": feed}), []
    with Engine(arrange(score), RATE, live=True) as engine:
        for k in range(4):
            for name, value in live.advance(float(k)):
                engine.touch(name, value)
            loud.append(np.abs(engine.read(RATE)).max())
            feed.due = [b"0,100"]
    assert loud[3] > 30.0 * loud[0] > 0.0


def soon(feed, count):
    found = []
    for _ in range(200):
        found += feed.lines()
        if len(found) >= count:
            break
        time.sleep(0.01)
    return found


def test_standard_input_gives_lines():
    assert soon(Reader(io.BytesIO(b"a,b\r\n1,2\n3")), 3) == [b"a,b", b"1,2", b"3"]


def test_a_file_is_followed_from_its_end_with_its_header(tmp_path):
    file = tmp_path / "log.csv"
    file.write_text("a,b\n1,2\n")
    feed = Tail(file)
    assert feed.lines() == [b"a,b"]
    with file.open("a") as out:
        out.write("3,4\n5,")
        out.flush()
        assert feed.lines() == [b"3,4"]
        out.write("6\n")
    assert feed.lines() == [b"5,6"]
    file.write_text("a,b\n")  # begun anew
    assert feed.lines() == [b"a,b"]
    other = tmp_path / "new.csv"
    other.write_text("7,8\n")
    other.replace(file)
    assert feed.lines() == [b"7,8"]
    feed.close()
    with pytest.raises(UsageError):
        Tail(tmp_path)
    with pytest.raises(UsageError):
        Tail(tmp_path / "nothing.csv")


def test_datagrams_come_from_this_machine_alone():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name, feed = opened(f"web=udp:{port}")
    assert name == "web"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(b"1,2\n3,4", ("127.0.0.1", port))
    assert soon(feed, 2) == [b"1,2", b"3,4"]
    with pytest.raises(UsageError):
        opened(f"web=udp:{port}")
    feed.close()


def test_osc_messages_are_rows_and_rubbish_is_none() -> None:
    builder = pytest.importorskip("pythonosc.osc_message_builder")
    bundles = pytest.importorskip("pythonosc.osc_bundle_builder")

    def message(address: str, *values: object) -> Any:
        made = builder.OscMessageBuilder(address)
        for value in values:
            made.add_arg(value)
        return made.build()

    bundle = bundles.OscBundleBuilder(bundles.IMMEDIATELY)
    bundle.add_content(message("/web/ms", 7.5))
    bundle.add_content(message("/web/code", 200))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name, feed = opened(f"web=osc:{port}")
    assert name == "web"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
        for packet in (
            message("/ms", 12).dgram,
            message("/ms", "twelve").dgram,
            message("/ms", float("nan")).dgram,
            b"\xff" * 40,
            b"#bundle\0" * 400,
            bundle.build().dgram,
        ):
            mouth.sendto(packet, ("127.0.0.1", port))
    rows = []
    end_s = time.monotonic() + 5.0
    while len(rows) < 2 and time.monotonic() < end_s:
        rows += [json.loads(line) for line in feed.lines()]
    feed.close()
    assert rows == [{"ms": 12.0}, {"ms": 7.5, "code": 200.0}]


@pytest.mark.parametrize(
    "text", ["web", "web=", "=stdin", "web=udp:0", "web=http://x", "web=tail:"]
)
def test_no_other_stream_is_opened(text):
    with pytest.raises(UsageError):
        opened(text)
