"""A piece at a port in real time: it follows a source of time, and stops without a trace."""

from __future__ import annotations

import io
import time
from types import SimpleNamespace
from typing import cast

import pytest

from lullaby.live.beside import Beside
from lullaby.live.guard import BYE, Guard, Guarded, guarded, watch
from lullaby.live.kept import Kept
from lullaby.live.midi_out import MidiOut
from lullaby.live.ports import Lost
from lullaby.live.steady import Steady
from tests.live.fakes import FakeOut, FakePorts
from tests.live.pieces import small_stream
from tests.live.wired import hanging


def test_it_plays_in_real_time_and_ends_by_itself() -> None:
    stream, port = small_stream(), FakeOut()
    out = MidiOut(stream, [port], clock=True)
    begun_s = time.perf_counter()
    out.alone(stream.end_s - 0.5)
    assert out.ended.wait(10.0)
    assert time.perf_counter() - begun_s >= 0.5
    out.stop()
    out.stop()
    assert port.closed
    assert hanging(port.sent) == set()
    assert 10 <= port.sent.count(b"\xf8") <= 13  # 24 a second
    assert [m[:1] for m in port.sent if m[0] in (0xF2, 0xFA, 0xFB, 0xFC)] == [
        b"\xf2",
        b"\xfb",
        b"\xfc",
    ]


def test_from_the_very_start_nothing_is_left_out() -> None:
    stream, port = small_stream(), FakeOut()
    out = MidiOut(stream, [port], clock=True, offset_s=-0.05)
    out.alone()
    time.sleep(0.4)
    out.stop()
    assert port.sent[0] == b"\xfa"
    first = [m for row in stream.rows for m in row.messages][:5]
    music = [m for m in port.sent if m[0] < 0xF0]
    assert music[:5] == first


def test_it_follows_where_the_source_goes() -> None:
    stream, port = small_stream(), FakeOut()
    place = [1.0]
    begun_s = time.perf_counter()
    out = MidiOut(stream, [port], clock=True)
    out.start(1.0, lambda: place[0] + time.perf_counter() - begun_s)
    time.sleep(0.15)
    place[0] = 7.0
    time.sleep(0.4)
    out.pause()
    assert hanging(port.sent) == set()
    quiet = len(port.sent)
    time.sleep(0.1)
    assert len(port.sent) == quiet
    positions = [m[1] | m[2] << 7 for m in port.sent if m[0] == 0xF2]
    assert positions[0] == 4
    assert 28 <= positions[-1] <= 31
    assert out.stalls == 0
    out.stop()


def test_a_stall_is_not_made_up_for_in_a_burst() -> None:
    stream, port = small_stream(), FakeOut()
    out = MidiOut(stream, [port], clock=True)
    with out._lock:  # what a process that is stopped looks like from inside
        out.alone(0.0)
        time.sleep(1.2)
    time.sleep(0.2)
    out.stop()
    assert port.sent.count(b"\xf8") < 10
    assert port.sent[0] == b"\xfa"
    assert any(m[0] == 0xF2 for m in port.sent)


def test_another_stream_goes_on_at_the_same_place() -> None:
    port = FakeOut()
    out = MidiOut(small_stream(), [port])
    out.alone(2.0)
    time.sleep(0.25)
    out.load(small_stream(seed=4))
    time.sleep(0.1)
    out.panic()
    out.stop()
    assert hanging(port.sent) == set()


def test_an_uneven_source_is_evened_out() -> None:
    now = [0.0]
    block_s = 0.0213
    steady = Steady(lambda: now[0] // block_s * block_s, lambda: now[0])
    places = []
    for i in range(20000):
        now[0] = i * 0.001
        places.append(steady())
    away = [place - i * 0.001 for i, place in enumerate(places)][5000:]
    assert max(away) - min(away) < 0.001
    assert abs(sum(away) / len(away) + block_s / 2) < 0.002  # half a block behind: no drift
    assert not steady.jumped()
    now[0] += 3.0
    now[0] -= 0.0
    steady()
    assert not steady.jumped()


def test_beside_a_session_it_starts_pauses_and_ends_with_it() -> None:
    port = FakeOut()
    state = [False, 1.0]
    beside = Beside(
        MidiOut(small_stream(), [port], clock=True), lambda: (state[0], state[1]), threaded=False
    )
    beside.tend()
    assert port.sent == []
    state[0] = True
    beside.tend()
    time.sleep(0.1)
    assert any(m[0] == 0xF2 for m in port.sent)
    state[0] = False
    beside.tend()
    assert port.sent.count(b"\xfc") == 1
    assert hanging(port.sent) == set()
    beside.close()
    assert port.closed


def test_a_beginning_that_is_seen_late_is_still_the_beginning() -> None:
    port = FakeOut()
    beside = Beside(
        MidiOut(small_stream(), [port], clock=True), lambda: (True, 0.09), threaded=False
    )
    beside.tend()
    time.sleep(0.1)
    beside.close()
    assert port.sent.count(b"\xfa") == 1
    assert not any(m[0] == 0xF2 or m == b"\xfb" for m in port.sent)


def told(*messages: bytes, port: int = 0) -> bytes:
    return b"".join(bytes((port, len(message))) + message for message in messages)


def test_the_guard_ends_what_a_killed_player_left(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = FakeOut(), FakeOut()
    said = told(b"\x93\x40\x50", b"\x93\x43\x50", b"\x83\x40\x00") + told(b"\x95\x30\x50", port=1)
    monkeypatch.setattr(time, "sleep", lambda wait_s: None)
    assert watch(io.BytesIO(said), [first, second])
    assert first.sent[0] == bytes((0x83, 0x43, 64))
    assert second.sent[0] == bytes((0x85, 0x30, 64))
    for port in (first, second):
        assert port.sent.count(b"\xb3\x78\x00") == 3  # a period that is lost loses one of them
    # A server that is deaf after the death hears the note-offs later.
    assert first.sent[-1] == bytes((0x83, 0x43, 64))
    first.sent.clear()
    assert not watch(io.BytesIO(said + BYE), [first, second])
    assert first.sent == []
    assert watch(io.BytesIO(said[:-2]), [first, second])  # cut in the middle of a message


def test_last_words_are_said_three_times() -> None:
    port = FakeOut()
    out = MidiOut(small_stream(), [port])
    out.alone(2.0)
    time.sleep(0.25)
    key = sorted(hanging(port.sent))[0]
    before = len(port.sent)
    out.stop()
    assert port.sent[before:].count(bytes((0x80 | key[0], key[1], 64))) == 3


def test_a_guard_that_has_no_ports_is_none() -> None:
    ports, watched = guarded([FakeOut("nowhere")], 5.0)
    assert not watched
    assert [type(port) for port in ports] == [FakeOut]


def test_what_fails_in_the_middle_ends_every_note() -> None:
    port = FakeOut()
    out = MidiOut(small_stream(), [port])
    out.alone(2.0)
    time.sleep(0.25)
    assert hanging(port.sent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(out._sequencer, "advance", lambda *at: 1 // 0)
        assert out.ended.wait(5.0)
    assert isinstance(out.failed, ZeroDivisionError)
    assert hanging(port.sent) == set()
    assert port.closed


def test_a_guarded_port_that_comes_back_tells_its_owner() -> None:
    library, called = FakePorts("synth"), []
    guard = cast(Guard, SimpleNamespace(see=lambda port, message: None, close=lambda: None))
    port = Guarded(Kept(library, "synth", look_s=0.01), guard, 0, set())
    port.returned = lambda: called.append("back")
    library.opened[0].broken = True
    with pytest.raises(Lost):
        port.send(b"\x90\x40\x40")
    end_s = time.perf_counter() + 5.0
    while not called and time.perf_counter() < end_s:
        time.sleep(0.01)
    port.close()
    assert called == ["back"]
