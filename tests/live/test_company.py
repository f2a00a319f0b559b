"""What goes along with a session: controllers and OSC that touch it, streams, MIDI beside it."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lullaby.errors import DeviceError, ScoreError
from lullaby.live import company as company_file
from lullaby.live.company import Company, Wishes
from tests.live.fake import Stage
from tests.live.fakes import FakeIn, FakeOut


def until(true: Callable[[], Any], for_s: float = 5.0) -> None:
    end_s = time.monotonic() + for_s
    while not true():
        assert time.monotonic() < end_s
        time.sleep(0.01)


@pytest.fixture
def stage() -> Any:
    made = Stage()
    yield made
    made.close()


@pytest.fixture
def inputs(monkeypatch: pytest.MonkeyPatch) -> list[FakeIn]:
    opened: list[FakeIn] = []

    def open_input(name: str, heard: Any) -> FakeIn:
        opened.append(FakeIn(name, heard))
        return opened[-1]

    monkeypatch.setattr(company_file, "open_input", open_input)
    return opened


def test_a_controller_is_learnt_and_takes_an_arc(stage: Stage, inputs: list[FakeIn]) -> None:
    with Company(stage.session, Wishes(midi_in=("nano",))) as company:
        stage.play(0.2)
        assert company.learn("panic") == "move a controller: it takes panic"
        assert company.learn("nothing") == "nothing cannot be held"
        for value in (10, 20):
            inputs[0].say(bytes([0xB0, 71, value]))
        (panic,) = [a for a in stage.session.status().arcs if a.name == "panic"]
        there = round(panic.now * 127)
        for value in (there, min(127, there + 20)):
            inputs[0].say(bytes([0xB0, 71, value]))
        stage.play(0.2)
        (panic,) = [a for a in stage.session.status().arcs if a.name == "panic"]
        assert panic.touched
        assert panic.now == pytest.approx(min(127, there + 20) / 127)
    assert inputs[0].closed


def test_without_a_port_learning_says_how_to_get_one(stage: Stage) -> None:
    with Company(stage.session, Wishes()) as company:
        assert company.learn("panic") == "no controllers: play with --midi-in NAME"


def test_osc_touches_and_moves_a_session(stage: Stage) -> None:
    builder = pytest.importorskip("pythonosc.osc_message_builder")

    def message(address: str, *values: Any) -> bytes:
        made = builder.OscMessageBuilder(address)
        for value in values:
            made.add_arg(value)
        return bytes(made.build().dgram)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Company(stage.session, Wishes(osc_port=port)) as company:
        assert company._osc is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            for packet in (
                message("/arc/panic", 0.25),
                message("/arc/nothing", 1.0),
                message("/seek", 4.0),
                b"\xff" * 50,
            ):
                mouth.sendto(packet, ("127.0.0.1", port))
            counts = company._osc.osc.counts
            until(lambda: sum(counts.values()) == 4)
        assert counts["done"] == 2
        stage.play(1.0)
        status = stage.session.status()
        assert status.position_s > 4.0
        assert next(a.now for a in status.arcs if a.name == "panic") == 0.25


def test_osc_at_a_port_that_is_taken_is_told_and_nothing_stays_open(stage: Stage) -> None:
    pytest.importorskip("pythonosc")
    out = FakeOut()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(DeviceError, match=f"OSC cannot listen at 127.0.0.1:{port}"):
            Company(stage.session, Wishes(osc_port=port, midi_out=(out,)))
    assert out.closed


def test_midi_goes_along_and_ends_with_the_session(stage: Stage) -> None:
    out = FakeOut()
    with Company(stage.session, Wishes(midi_out=(out,), clock=True)):
        stage.play(0.2)
        until(lambda: any(message[0] in (0xFA, 0xFB) for message in out.sent))
        until(lambda: any(message[0] & 0xF0 == 0x90 for message in out.sent))
        stage.session.pause()
        stage.play(0.3)
        until(lambda: any(message[0] == 0xFC for message in out.sent))
    sounding: set[tuple[int, int]] = set()
    for message in (m for m in out.sent if len(m) == 3):
        kind, place = message[0] & 0xF0, (message[0] & 0x0F, message[1])
        if kind == 0x90 and message[2]:
            sounding.add(place)
        elif kind in (0x80, 0x90):
            sounding.discard(place)
    assert not sounding
    assert out.closed


class Lines:
    """A stream that says what a test puts in."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []
        self.closed = False

    def lines(self) -> list[bytes]:
        said, self.waiting = self.waiting, []
        return said

    def close(self) -> None:
        self.closed = True


WATCH = """
lullaby: 1
title: Watch
data: {web: {file: none.csv, time: t, columns: {ms: ms}}}
signals: {load: {from: web.ms, range: 0..100, gaps: hold 5 s}}
parts: {pad: {module: harmony, level: load to -30..-10 dB}}
scenes: [{scene: one, for: 20 s, play: {pad: enter}}]
"""


def test_a_stream_is_heard_in_the_part_that_follows_it(tmp_path: Any) -> None:
    import lullaby

    path = tmp_path / "watch.yaml"
    path.write_text(WATCH)
    with pytest.raises(ScoreError, match=r"none\.csv': there is no such file"):
        lullaby.load(path)
    score = lullaby.load(path, fed=["web"]).score  # a stream needs no file
    stage, feed = Stage(score, fed=frozenset({"web"})), Lines()
    company = Company(stage.session, Wishes(feeds={"web": feed}))
    feed.waiting.append(b"ms\n")
    levels = []
    for value in (b"5\n", b"95\n"):
        for _ in range(24):
            feed.waiting.append(value)
            company.tend()
            heard = stage.play(0.25)
        levels.append(10.0 * np.log10(np.mean(heard**2) + 1e-20))
    company.close()
    stage.close()
    assert levels[1] - levels[0] == pytest.approx(18.0, abs=4.0)
    assert feed.closed


def test_a_stream_goes_on_where_the_piece_goes_back(tmp_path: Any) -> None:
    import lullaby

    path = tmp_path / "watch.yaml"
    path.write_text(WATCH.replace("range: 0..100,", "range: 0..100, steps: [mean per 1 s],"))
    score = lullaby.load(path, fed=["web"]).score
    stage, feed = Stage(score, fed=frozenset({"web"})), Lines()
    company = Company(stage.session, Wishes(feeds={"web": feed}))
    feed.waiting.append(b"ms\n")

    def fed(value: bytes) -> float:
        for _ in range(16):
            feed.waiting.append(value)
            company.tend()
            stage.play(0.25)
        return stage.session.deck.held["load"]

    assert fed(b"20\n") == pytest.approx(0.2)
    stage.session.seek(0.0)
    assert fed(b"80\n") == pytest.approx(0.8)
    assert stage.session.status().position_s < 5.0
    assert stage.session.piece.files == [path]  # what is fed is not watched as a file
    company.close()
    stage.close()


def test_what_ends_midi_is_told(stage: Stage) -> None:
    out = FakeOut()
    with Company(stage.session, Wishes(midi_out=(out,))) as company:
        assert company._out is not None
        company._out.failed = ValueError("no more wire")
        company.tend()
        assert stage.session.status().trouble == ("MIDI has ended: no more wire",)
        assert str(company.failed) == "no more wire"
