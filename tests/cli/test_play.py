"""``play`` and ``devices``, as a person or a system calls them."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.cli.conftest import Call, environment
from tests.engine.piece import performed, whole


def playing(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start a session on nobody and wait until it plays."""
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.launch", "play", *arguments, "--device", "none"],
        env=environment(),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stderr is not None
    assert "playing" in running.stderr.readline()
    return running


def test_a_recording_of_a_session_is_the_file(call: Call, tmp_path: Path) -> None:
    arguments = ("--device", "none", "--no-tui", "--for", "2", "--fade", "0.5")
    answer = call("play", "test", *arguments, "--record", "heard.wav")
    assert (answer.code, answer.out) == (0, "")
    first, second = answer.err.splitlines()[:2]
    assert first == "playing Test on none, 48000 Hz"
    assert second.startswith("0:00/0:11  playing  [one]")
    heard, rate = soundfile.read(tmp_path / "heard.wav", dtype="float32")
    assert rate == 48000
    assert np.array_equal(heard[:70_000].T, whole(performed())[:, :70_000])
    assert list(tmp_path.iterdir()) == [tmp_path / "heard.wav"]


def test_the_log_and_the_status_tell_what_happened(call: Call, tmp_path: Path) -> None:
    arguments = ("--device", "none", "--headless", "--for", "1.5", "--volume", "-6")
    answer = call("play", "broken", *arguments, "--log", "play.log", "--status", "status.json")
    assert answer.code == 0
    log = (tmp_path / "play.log").read_text()
    assert "playing Test on none" in log
    assert "part 'bad' is not finite" in log
    status = json.loads((tmp_path / "status.json").read_text())
    assert (status["state"], status["underruns"], status["device"]) == ("ended", 0, "none")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["play.log", "status.json"]


def test_a_part_that_fails_for_good_is_an_exit_of_one(call: Call) -> None:
    answer = call("play", "broken", "--device", "none", "--no-tui", "--for", "4")
    assert answer.code == 1
    assert "error: part 'bad' failed and was muted" in answer.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("test", "--loop", "tow"), "there is no scene 'tow' (did you mean"),
        (("test", "--ahead", "0.01"), "--ahead is 0.1 s to 30 s"),
        (("test", "--from", "5:00"), "--from lies behind the end"),
        (("test", "--for", "0"), "--for wants a length"),
        (("test", "--volume", "3"), "-60"),
        (("test", "--record", "heard.mp3"), ".wav or .flac"),
        (("test", "--record", "there.wav"), "there.wav: is already there; -y replaces it"),
        (("wrong",), "unknown parameter 'densty'"),
    ],
)
def test_a_wrong_call_plays_nothing(
    arguments: tuple[str, ...], said: str, call: Call, tmp_path: Path
) -> None:
    (tmp_path / "there.wav").write_text("old")
    answer = call("play", *arguments, "--device", "none", "--no-tui")
    assert answer.code == 2
    assert said in answer.err
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_fades_out_and_completes_the_file(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    running = playing(tmp_path, "long", "--no-tui", "--fade", "0.5", "--record", "heard.wav")
    time.sleep(2.5)
    running.send_signal(number)
    _, err = running.communicate(timeout=20)
    assert running.returncode == code
    assert "Traceback" not in err
    heard, _ = soundfile.read(tmp_path / "heard.wav", dtype="float32")
    assert len(heard) > 2.5 * 48_000
    assert np.abs(heard).max() > 0.01
    assert np.abs(heard[-20_000:]).max() == 0.0
    assert [p.name for p in tmp_path.iterdir()] == ["heard.wav"]


def test_a_second_signal_stops_at_once(tmp_path: Path) -> None:
    running = playing(tmp_path, "long", "--no-tui", "--fade", "5min", "--record", "heard.wav")
    running.send_signal(signal.SIGINT)
    assert running.stderr is not None
    assert any("fading out" in line for line in iter(running.stderr.readline, ""))
    time.sleep(0.2)
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=10)
    assert running.returncode == 130
    assert soundfile.info(tmp_path / "heard.wav").frames > 0


@pytest.mark.skipif(sys.platform == "win32", reason="wants a pseudo-terminal")
def test_a_terminal_shows_the_session_and_q_ends_it(tmp_path: Path) -> None:
    pytest.importorskip("textual")
    import os
    import pty
    import select

    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        asked = ["-m", "tests.cli.launch", "play", "test", "--device", "none", "--fade", "0.3"]
        sized = environment() | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "30"}
        os.execve(sys.executable, [sys.executable, *asked], sized)
    shown, asked_to_end, end_s = b"", False, time.monotonic() + 60.0
    while time.monotonic() < end_s:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # it has ended
                break
        if not asked_to_end and b"dropouts" in shown:
            os.write(terminal, b"q")
            asked_to_end = True
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    for word in (b"Test", b"playing", b"panic", b"loudness", b"fading out"):
        assert word in shown
