"""Pieces without an end: looked at for a while, rendered for as long as is asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import Call


def test_check_shows_the_first_ten_minutes(call: Call) -> None:
    answer = call("check", "loop")
    assert answer.code == 0
    last = answer.out.splitlines()[-1]
    assert last == "150 scenes, 10:00 of a piece without an end, seed 3"


def test_check_shows_as_much_as_is_asked(call: Call) -> None:
    found = json.loads(call("check", "loop", "--for", "1min", "--json").out)
    assert (found["length_s"], found["endless"], len(found["scenes"])) == (60.0, True, 15)
    assert json.loads(call("check", "test", "--json").out)["endless"] is False


@pytest.mark.parametrize("command", ["render", "events"])
def test_a_length_is_wanted(call: Call, command: str) -> None:
    answer = call(command, "loop")
    assert (answer.code, answer.out) == (2, "")
    assert answer.err == "error: this piece has no end: say how long, such as --for 10min\n"


def test_a_length_is_more_than_nothing(call: Call) -> None:
    assert (
        call("render", "loop", "--for", "0").err == "error: --for wants a length, such as 10min\n"
    )


def test_it_is_rendered_for_that_long_and_fades(call: Call) -> None:
    assert call("render", "loop", "--for", "5s", "-o", "a.wav", "-q").code == 0
    samples, rate = soundfile.read("a.wav")
    assert 6.0 <= len(samples) / rate < 8.0  # the fade of its scene is a second
    assert abs(samples[: 5 * rate]).max() > 0.01


def test_from_and_to_are_a_length_as_well(call: Call) -> None:
    place = ("--from", "2", "--to", "4", "--bits", "32f", "-q")
    assert call("render", "loop", *place, "-o", "a.wav").code == 0
    assert call("render", "loop", "--for", "60", *place, "-o", "b.wav").code == 0
    a, b = soundfile.read("a.wav")[0], soundfile.read("b.wav")[0]
    assert len(a) == 2 * 48000
    assert (a == b).all()


def test_events_go_on_as_long_as_is_asked(call: Call) -> None:
    lines = call("events", "loop", "--for", "20s").out.splitlines()
    assert 15.0 < float(lines[-1].split()[0]) < 21.0


def test_a_piece_that_ends_can_be_left_before(call: Call) -> None:
    assert call("check", "test", "--for", "6s").out.splitlines()[-1] == "2 scenes, 0:06, seed 3"


def test_it_is_measured_for_as_long_as_is_asked(call: Call) -> None:
    assert call("measure", "loop", "--loudness").code == 2
    answer = call("measure", "loop", "--for", "5s", "--loudness", "--json", "-q")
    assert answer.code == 0
    assert 5.0 <= json.loads(answer.out)["duration_s"] < 8.0


def test_it_is_drawn_for_as_long_as_is_asked(call: Call) -> None:
    assert call("picture", "loop", "-o", "a.png").code == 2
    assert call("picture", "loop", "--for", "5s", "-o", "a.png", "-q").code == 0
    assert Path("a.png").stat().st_size > 10_000


@pytest.mark.parametrize("command", ["measure", "picture"])
def test_a_sound_file_has_its_own_length(call: Call, command: str) -> None:
    soundfile.write("a.wav", np.zeros((48000, 2)), 48000)
    answer = call(command, "a.wav", "--for", "5s")
    assert answer.code == 2
    assert "--for is of a score" in answer.err
