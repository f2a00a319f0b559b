"""What goes out over a port: in order, within the ceiling, and nothing left hanging."""

from __future__ import annotations

import random
from pathlib import Path

import mido
import numpy as np
import pytest

from lullaby import Piece
from lullaby.live.beat_clock import BeatClock
from lullaby.live.sequencer import Sequencer
from lullaby.live.timecode import Timecode
from lullaby.live.wire import Wire
from lullaby.outputs.midi_budget import CEILING
from lullaby.outputs.midi_stream import CONTROL, OFF, ON, Due, control
from tests.engine.piece import score
from tests.live.fakes import FakeOut
from tests.live.pieces import small_stream
from tests.live.wired import hanging


class Stamped(FakeOut):
    """Keeps when each message was sent, on a clock turned by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.now_s = 0.0
        self.at_s: list[float] = []

    def send(self, message: bytes) -> None:
        super().send(message)
        self.at_s.append(self.now_s)


def run(
    sequencer: Sequencer, port: Stamped, from_s: float, to_s: float, step_s: float = 0.0
) -> float:
    at_s = from_s
    while at_s < to_s:
        next_s = min(max(sequencer.due_s(at_s), at_s + step_s), to_s)
        port.now_s += next_s - at_s
        at_s = next_s
        sequencer.advance(at_s, port.now_s)
    return at_s


def made(mpe: str = "off", sync: bool = False) -> tuple[Sequencer, Stamped]:
    stream, port = small_stream(mpe), Stamped()
    wires = [Wire(port)] + [Wire(Stamped()) for _ in range(stream.ports - 1)]
    clock = BeatClock(stream.tempo) if sync else None
    return Sequencer(stream, wires, clock, Timecode("25") if sync else None), port


def test_the_whole_piece_comes_out_in_order_and_on_time() -> None:
    sequencer, port = made()
    sequencer.locate(0.0, 0.0)
    run(sequencer, port, 0.0, sequencer.stream.end_s)
    planned = [m for row in sequencer.stream.rows for m in row.messages]
    assert len(planned) > 100
    assert port.sent == planned
    times_s = [row.at_s for row in sequencer.stream.rows for _ in row.messages]
    assert np.allclose(port.at_s, times_s)
    assert hanging(port.sent) == set()


def test_the_stream_is_the_file_s(tmp_path: Path) -> None:
    """The notes and controllers are those of the MIDI file, tick for tick."""
    piece = Piece(score())
    piece.midi(tmp_path / "a.mid")
    expected = []
    for track in mido.MidiFile(tmp_path / "a.mid").tracks:
        tick = 0
        for message in track:
            tick += message.time
            if not message.is_meta and message.type != "control_change":
                expected.append((tick / 960.0, bytes(message.bytes())))  # 60 bpm
    sent = [(r.at_s, m) for r in small_stream().rows for m in r.messages if m[0] & 0xF0 != 0xB0]
    assert len(sent) > 50
    assert sorted(sent) == sorted(expected)


def test_at_one_moment_notes_end_first_then_begin_then_controllers() -> None:
    for row, after in zip(small_stream().rows, small_stream().rows[1:], strict=False):
        assert (row.at_s, row.rank) <= (after.at_s, after.rank)


@pytest.mark.parametrize("mpe", ["off", "single", "split"])
def test_in_the_middle_a_receiver_stands_as_if_it_had_heard_all(mpe: str) -> None:
    whole, port = made(mpe)
    whole.locate(0.0, 0.0)
    run(whole, port, 0.0, 5.0)
    late, other = made(mpe)
    late.locate(5.0, 5.0)
    late.advance(5.0, 5.0)

    def state(sent: list[bytes]) -> tuple[object, object]:
        controls = {m[:2]: m[2] for m in sent if m[0] & 0xF0 == 0xB0 and m[1] < 96}
        return controls, hanging(sent)

    controls, notes = state(port.sent)
    assert state(other.sent)[0] == controls
    assert notes
    assert state(other.sent)[1] <= notes  # but for those with nothing left to sound


def test_random_stops_and_seeks_leave_nothing_hanging() -> None:
    chance = random.Random(5)
    sequencer, port = made(sync=True)
    begun = 0
    for _ in range(200):
        at_s = chance.uniform(-0.1, sequencer.stream.end_s)
        sequencer.locate(at_s, port.now_s)
        at_s = run(sequencer, port, at_s, at_s + chance.uniform(0.0, 1.5), step_s=0.003)
        begun += len(hanging(port.sent))
        if chance.random() < 0.7:
            sequencer.halt(at_s, port.now_s)
            assert hanging(port.sent) == set()
            assert sequencer.wires[0].held.notes == {}
    assert begun > 50


def test_a_stop_puts_bend_pedal_and_controllers_back() -> None:
    sequencer, port = made("split")
    sequencer.locate(2.0, 2.0)
    channels = {m[0] & 0x0F for m in port.sent}
    port.sent.clear()
    sequencer.halt(2.0, 2.0)
    for channel in channels:
        for message in ("40 00", "7b 00", "79 00"):
            assert bytes((0xB0 | channel, *bytes.fromhex(message))) in port.sent
        assert bytes((0xE0 | channel, 0, 64)) in port.sent


def test_clock_and_time_code_go_before_the_notes_of_the_moment() -> None:
    sequencer, port = made(sync=True)
    sequencer.locate(0.0, 0.0)
    assert port.sent[:2] == [b"\xfa", bytes.fromhex("f07f7f010120000000f7")]
    port.sent.clear()
    sequencer.advance(0.0, 0.0)
    assert port.sent[:2] == [b"\xf8", b"\xf1\x00"]
    run(sequencer, port, 0.0, 4.0)
    assert port.sent.count(b"\xf8") == 4 * 24 + 1
    assert sum(m[0] == 0xF1 for m in port.sent) == 4 * 100 + 1


def test_no_second_carries_more_than_the_ceiling_but_every_note_ends() -> None:
    port = Stamped()
    wire = Wire(port)
    chance = random.Random(1)
    on: list[tuple[float, int, int]] = []
    for i in range(4000):
        at_s = i * 0.001
        port.now_s = at_s
        for end_s, channel, key in [n for n in on if n[0] <= at_s]:
            wire.put(Due(at_s, OFF, 0, (bytes((0x80 | channel, key, 0)),)), at_s)
            on.remove((end_s, channel, key))
        channel, key = chance.randrange(16), chance.randrange(128)
        if not any(n[1:] == (channel, key) for n in on):
            wire.put(Due(at_s, ON, 0, (bytes((0x90 | channel, key, 9)),)), at_s)
            on.append((at_s + 0.2, channel, key))
        wire.put(Due(at_s, CONTROL, 0, (control(channel, chance.randrange(64), i % 128),)), at_s)
    at_s = np.array(port.at_s)
    free = [m for m in port.sent if m[0] & 0xF0 != 0x80]
    last = np.searchsorted(at_s, at_s + 0.9999)
    offs = np.cumsum([m[0] & 0xF0 == 0x80 for m in port.sent])
    busiest = (last - np.arange(len(at_s))).max()
    assert busiest <= CEILING + (offs[last - 1] - offs).max()
    assert wire.skipped > 1000
    assert len(free) <= 4 * CEILING + CEILING
    for end_s, channel, key in on:
        wire.put(Due(end_s, OFF, 0, (bytes((0x80 | channel, key, 0)),)), 9.0)
    assert hanging(port.sent) == set()


def test_of_a_controller_that_waits_only_the_newest_value_is_sent() -> None:
    port = Stamped()
    wire = Wire(port)
    for i in range(CEILING + 50):
        wire.put(Due(0.0, CONTROL, 0, (control(0, 7, i % 128),)), 0.0)
    assert len(port.sent) == CEILING
    assert wire.waits
    wire.flush(0.5)
    assert len(port.sent) == CEILING
    wire.flush(1.01)
    assert port.sent[CEILING:] == [control(0, 7, (CEILING + 49) % 128)]


def test_panic_reaches_all_sixteen_channels() -> None:
    port = Stamped()
    Wire(port).panic(0.0)
    expected = {bytes((0xB0 | ch, cc, 0)) for ch in range(16) for cc in (120, 121, 123)}
    assert set(port.sent) == expected
