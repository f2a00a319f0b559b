"""``lullaby midi --port`` and ``lullaby panic``: what they play, say and refuse."""

from __future__ import annotations

import sys

import pytest

from lullaby.cli import midi_live
from lullaby.live import ports
from tests.cli.conftest import Call
from tests.live.fakes import FakePorts
from tests.live.wired import hanging


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> FakePorts:
    made = FakePorts("Grand Piano:0", "Strings:1", "Choir:2", "Brass:3")
    monkeypatch.setattr(ports, "backend", lambda: made)
    monkeypatch.setattr(midi_live, "with_guard", lambda ports: ports)
    return made


def test_it_plays_to_a_port_and_says_what_it_did(call: Call, library: FakePorts) -> None:
    answer = call("midi", "test", "--port", "piano", "--from", "11.6s", "--clock", "--mtc", "25")
    assert answer.code == 0
    (port,) = library.opened
    assert port.closed
    assert answer.out.startswith(f"played {len(port.sent)} messages, late by ")
    assert "a: channel 1 of Grand Piano:0" in answer.err
    assert any(m[0] & 0xF0 == 0x90 for m in port.sent)
    assert hanging(port.sent) == set()
    assert {m[0] for m in port.sent} >= {0xF0, 0xF1, 0xF2, 0xF8, 0xFB, 0xFC}


def test_no_file_is_written(call: Call, library: FakePorts, tmp_path: object) -> None:
    from pathlib import Path

    assert call("midi", "test", "--virtual", "--port", "mine", "--from", "11.9s", "-q").code == 0
    assert library.made_virtual == ["mine"]
    assert list(Path(str(tmp_path)).iterdir()) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--port", "tuba"], "there is no MIDI output with 'tuba' in its name; there are: 'Grand"),
        (["--port", "piano", "-o", "a.mid"], "give either -o for a file or --port to play"),
        (["--port", "piano", "--from", "1:00"], "--from 1:00 is behind the end at 0:12"),
        (["--clock"], "go with --port or --virtual"),
        (["--offset", "5"], "go with --port or --virtual"),
    ],
)
def test_a_wrong_call_is_told(
    call: Call, library: FakePorts, options: list[str], says: str
) -> None:
    answer = call("midi", "test", *options)
    assert (answer.code, answer.out) == (2, "")
    assert says in answer.err


def test_too_few_ports_for_the_layout(
    call: Call, library: FakePorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lullaby.model.module import Midi
    from tests.engine.cast import Pings

    monkeypatch.setattr(Pings, "midi", Midi(pitch="bend"))
    answer = call("midi", "test", "--port", "piano", "--mpe", "single")
    assert answer.code == 2
    assert "ports, not 1: give --port once for each, or --mpe off" in answer.err


def test_panic_silences_all_or_the_named(call: Call, library: FakePorts) -> None:
    answer = call("panic")
    assert answer.out.splitlines() == [f"silenced {name}" for name in library.names]
    for port in library.opened:
        assert len(set(port.sent)) == 48
        assert port.closed
    library.opened.clear()
    assert call("panic", "strings", "-q").out == ""
    assert [port.name for port in library.opened] == ["Strings:1"]
    assert call("panic", "tuba").code == 2
    library.names.clear()
    assert call("panic").out == "there are no MIDI outputs\n"


def test_without_a_library_files_go_on_working(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rtmidi", "rtmidi2"):
        monkeypatch.setitem(sys.modules, name, None)
    answer = call("panic")
    assert answer.code == 1
    assert answer.err.startswith("error: MIDI ports want python-rtmidi: pip install")
    assert call("midi", "test", "--port", "x").code == 1
    assert call("midi", "test", "-o", "a.mid").code == 0


def test_where_nobody_guards_it_is_said(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    made = FakePorts("Grand Piano:0")
    monkeypatch.setattr(ports, "backend", lambda: made)
    answer = call("midi", "test", "--port", "piano", "--from", "11.9s", "-q")
    assert answer.code == 0
    assert "warning: nobody guards Grand Piano:0: if this is killed, notes may hang" in answer.err
