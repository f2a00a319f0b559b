"""MIDI clock and time code: what a sequencer that follows would make of them."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from lullaby.live.beat_clock import BeatClock
from lullaby.live.timecode import Timecode
from lullaby.model.score import Clock
from lullaby.outputs.midi_tempo import TempoMap


def tempo(bpm: float = 120.0, length_s: float = 7200.0) -> TempoMap:
    return TempoMap([(0, Clock(bpm))], round(length_s * 1e6))


def test_start_and_the_next_pulse_is_beat_0() -> None:
    clock = BeatClock(tempo())
    assert clock.due_s == inf
    assert clock.locate(0.0) == [b"\xfa"]
    assert clock.due_s == 0.0
    assert [clock.pulse() for _ in range(3)] == [[b"\xf8"]] * 3
    assert clock.halt() == [b"\xfc"]
    assert clock.halt() == []
    assert clock.due_s == inf


def test_24_pulses_a_quarter_without_drift() -> None:
    clock = BeatClock(tempo(97.3))
    clock.locate(0.0)
    due_s = []
    for _ in range(24 * 5000):
        due_s.append(clock.due_s)
        clock.pulse()
    ideal_s = np.arange(len(due_s)) * 60.0 / 97.3 / 24.0
    assert np.abs(np.array(due_s) - ideal_s).max() < 0.0003


@pytest.mark.parametrize("position_s", [0.01, 1.0, 61.3, 599.999])
def test_elsewhere_the_next_sixteenth_is_said_and_continued_as_it_is_reached(
    position_s: float,
) -> None:
    clock = BeatClock(tempo())
    ((status, low, high),) = clock.locate(position_s)
    sixteenth = low | high << 7
    assert status == 0xF2
    assert sixteenth == int(np.ceil(position_s / 0.125 - 1e-9))
    assert clock.due_s == pytest.approx(sixteenth * 0.125)
    assert clock.pulse() == [b"\xfb", b"\xf8"]
    assert clock.pulse() == [b"\xf8"]


def test_beyond_what_a_song_position_can_say_the_clock_is_silent() -> None:
    clock = BeatClock(tempo())
    assert clock.locate(16384 * 0.125) == []
    assert clock.due_s == inf
    assert clock.halt() == []


def frames_of(said: list[bytes]) -> tuple[int, int, int, int, int]:
    (message,) = said
    assert message[:5] == bytes.fromhex("f07f7f0101")
    assert message[-1] == 0xF7
    hours = message[5]
    return hours >> 5, hours & 31, message[6], message[7], message[8]


@pytest.mark.parametrize(
    ("rate", "position_s", "shown"),
    [
        ("24", 3661.5, (0, 1, 1, 1, 12)),
        ("25", 59.96, (1, 0, 0, 59, 24)),
        ("30", 0.0, (3, 0, 0, 0, 0)),
        ("25", 25 * 3600.0, (1, 1, 0, 0, 0)),
        # Drop frame: after 0:59;29 comes 1:00;02, each tenth minute 0 is there; an hour is an hour.
        ("29.97df", 1799.5 * 1001 / 30000, (2, 0, 0, 59, 29)),
        ("29.97df", 1800.5 * 1001 / 30000, (2, 0, 1, 0, 2)),
        ("29.97df", 17982.5 * 1001 / 30000, (2, 0, 10, 0, 0)),
        ("29.97df", 3600.02, (2, 1, 0, 0, 0)),
    ],
)
def test_a_full_frame_says_where_it_is(
    rate: str, position_s: float, shown: tuple[int, ...]
) -> None:
    assert frames_of(Timecode(rate).locate(position_s)) == shown


@pytest.mark.parametrize(
    ("rate", "fps"), [("24", 24), ("25", 25), ("29.97df", 29.97003), ("30", 30)]
)
def test_eight_quarter_frames_make_the_time_the_first_was_sent_at(rate: str, fps: float) -> None:
    code = Timecode(rate)
    code.locate(100.03)
    assert 100.03 <= code.due_s < 100.03 + 2.0 / fps + 1e-9
    for _ in range(20):
        first_s, nibbles = code.due_s, []
        for piece in range(8):
            ((status, data),) = code.quarter()
            assert (status, data >> 4) == (0xF1, piece)
            nibbles.append(data & 0x0F)
        values = [nibbles[i] | nibbles[i + 1] << 4 for i in (0, 2, 4, 6)]
        full = frames_of(Timecode(rate).locate(first_s + 1e-6))
        assert (full[4], full[3], full[2], full[0] << 5 | full[1]) == tuple(values)
        assert code.due_s - first_s == pytest.approx(2.0 / fps, rel=1e-4)
    code.halt()
    assert code.due_s == inf
