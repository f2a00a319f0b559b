"""OSC comes in from anybody: what it asks for is done, and nothing else happens."""

from __future__ import annotations

import math
import random
import socket
import struct
import sys
import time

import pytest

from lullaby.errors import DeviceError
from lullaby.live.hold import Control
from lullaby.live.osc_in import LARGEST, Bucket, Osc, OscIn
from lullaby.live.osc_words import Words
from tests.live.sessions import Diary

pytest.importorskip("pythonosc", reason="needs python-osc")

CONTROLS = {
    "panic": Control("panic"),
    "a.rate": Control("a.rate", 0.5, 50.0, "/s", log=True),
    "gone": Control("gone"),
}
SCENES = {"one": 0.0, "two": 4.5}


def text(said: str) -> bytes:
    raw = said.encode() + b"\0"
    return raw + b"\0" * (-len(raw) % 4)


def message(where: str, *given: object) -> bytes:
    tags, data = ",", b""
    for one in given:
        if isinstance(one, bool):
            tags += "T" if one else "F"
        elif isinstance(one, int):
            tags, data = tags + "i", data + struct.pack(">i", one)
        elif isinstance(one, float):
            tags, data = tags + "f", data + struct.pack(">f", one)
        else:
            tags, data = tags + "s", data + text(str(one))
    return text(where) + text(tags) + data


def bundle(*parts: bytes) -> bytes:
    head = b"#bundle\0" + struct.pack(">Q", 1)
    return head + b"".join(struct.pack(">i", len(part)) + part for part in parts)


def made() -> tuple[Osc, Diary]:
    diary = Diary()
    return Osc(Words(diary, CONTROLS, SCENES), Bucket(1e9)), diary


@pytest.mark.parametrize(
    ("packet", "did"),
    [
        (message("/arc/panic", 0.25), ("touch", "panic", 0.25)),
        (message("/arc/panic", 1), ("touch", "panic", 1.0)),
        (message("/arc/panic", 7.5), ("touch", "panic", 1.0)),  # kept in the range
        (message("/part/a/rate", 12.0), ("touch", "a.rate", 12.0)),
        (message("/part/a/rate", -3.0), ("touch", "a.rate", 0.5)),
        (message("/release/arc/panic"), ("release", "panic")),
        (message("/release/part/a/rate", 1.0), ("release", "a.rate")),
        (message("/release"), ("release_all",)),
        (message("/play"), ("play",)),
        (message("/pause", 1), ("pause",)),
        (message("/panic"), ("panic",)),
        (message("/seek", 12.5), ("seek", 12.5)),
        (message("/seek", -1.0), ("seek", 0.0)),
        (message("/scene", "two"), ("seek", 4.5)),
        (message("/scene/next"), ("next_scene",)),
        (message("/scene/previous"), ("previous_scene",)),
    ],
)
def test_what_each_address_does(packet: bytes, did: tuple[object, ...]) -> None:
    osc, diary = made()
    osc.hear(packet)
    assert diary.did == [did]
    assert osc.counts == {"done": 1}


@pytest.mark.parametrize(
    "packet",
    [
        message("/arc/panic", math.nan),
        message("/arc/panic", math.inf),
        message("/arc/panic", True),
        message("/arc/panic", "1"),
        message("/arc/panic"),
        message("/arc/panic", 0.1, 0.2),
        message("/arc/nobody", 0.5),
        message("/arc/*", 0.5),
        message("/arc/gone", 0.5),
        message("/part/a/__class__", 0.5),
        message("/seek", math.nan),
        message("/scene", "three"),
        message("/scene", 1),
        message("/play", "now"),
        message("/quit"),
    ],
)
def test_what_is_not_right_is_refused_and_counted(packet: bytes) -> None:
    osc, diary = made()
    osc.hear(packet)
    assert diary.did == []
    assert osc.counts == {"refused": 1}


def test_a_button_let_go_does_nothing() -> None:
    osc, diary = made()
    osc.hear(message("/play", 0.0))
    assert diary.did == []


def test_bundles_are_taken_apart_but_not_without_end() -> None:
    osc, diary = made()
    osc.hear(bundle(message("/play"), bundle(message("/arc/panic", 0.5))))
    assert len(diary.did) == 2
    deep = message("/play")
    for _ in range(100):
        deep = bundle(deep)
    osc.hear(deep)
    osc.hear(bundle(*[message("/play")] * 200))
    osc.hear(b"\0" * (LARGEST + 1))
    assert len(diary.did) == 2
    assert osc.counts["too large"] == 3


def test_random_and_mangled_packets_raise_nothing_and_touch_nothing_out_of_range() -> None:
    osc, diary = made()
    chance = random.Random(7)
    good = [
        message("/arc/panic", 0.5),
        message("/seek", 3.0),
        message("/scene", "two"),
        bundle(message("/part/a/rate", 2.0), message("/play")),
    ]
    for _ in range(6000):
        packet = bytearray(chance.choice(good))
        for _ in range(chance.randrange(1, 5)):
            packet[chance.randrange(len(packet))] = chance.randrange(256)
        osc.hear(bytes(packet[: chance.randrange(len(packet) + 1)]))
        osc.hear(chance.randbytes(chance.randrange(64)))
    assert osc.counts["unreadable"] > 1000
    assert osc.counts["failed"] == 0
    for what, *given in diary.did:
        if what == "touch":
            control = CONTROLS[given[0]]
            assert control.low <= given[1] <= control.high
        elif what == "seek":
            assert 0.0 <= given[0] <= 7 * 86400.0


def test_too_many_packets_are_dropped() -> None:
    now = [0.0]
    diary = Diary()
    osc = Osc(Words(diary, CONTROLS, SCENES), Bucket(100.0, lambda: now[0]))
    for _ in range(300):
        osc.hear(message("/play"))
    assert len(diary.did) == 100
    now[0] = 0.5
    for _ in range(300):
        osc.hear(message("/play"))
    assert len(diary.did) == 150
    assert osc.counts["too many"] == 450


def test_it_listens_on_this_machine_and_to_whom_it_may() -> None:
    osc, diary = made()
    door = OscIn(osc, 0)
    assert door.host == "127.0.0.1"
    other, nothing = made()
    closed = OscIn(other, 0, allowed=frozenset({"10.0.0.9"}))
    with pytest.raises(DeviceError, match="cannot listen"):
        OscIn(made()[0], door.port)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        end_s = time.perf_counter() + 5.0
        while not (diary.did and other.counts) and time.perf_counter() < end_s:
            out.sendto(message("/arc/panic", 0.5), ("127.0.0.1", door.port))
            out.sendto(message("/arc/panic", 0.5), ("127.0.0.1", closed.port))
            time.sleep(0.01)
    door.close()
    closed.close()
    assert diary.did[0] == ("touch", "panic", 0.5)
    assert nothing.did == []
    assert set(other.counts) == {"not allowed"}


def test_without_the_library_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pythonosc.osc_packet", None)
    with pytest.raises(DeviceError, match=r"pip install 'lullaby\[osc\]'"):
        made()
