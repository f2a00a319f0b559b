"""A real PortAudio with a JACK server that has no sound card."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

import lullaby
from tests.live import jack

ROOT = Path(__file__).parents[2]


def started(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "lullaby", *arguments],
        env={**environment, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def offset(part: np.ndarray, whole: np.ndarray) -> int:
    """Return where a stretch lies in a sound, both of one channel."""
    n = 1 << int(np.ceil(np.log2(len(part) + len(whole))))
    found = np.fft.irfft(np.fft.rfft(whole, n) * np.conj(np.fft.rfft(part, n)), n)
    return int(np.argmax(found[: len(whole)]))


def test_what_comes_out_of_a_sound_card_is_the_file_sample_for_sample(tmp_path: Path) -> None:
    jack.wanted()
    length_s = 6
    lullaby.load("hello").write(tmp_path / "file.wav", bits="32f", to_s=length_s)
    with jack.server(tmp_path) as environment:
        call = ("play", "hello", "--no-tui", "--for", f"{length_s + 4}")
        playing = started(environment, *call, "--record", str(tmp_path / "heard.wav"))
        with playing, jack.recording(environment, tmp_path / "out.wav", length_s):
            out, err = playing.communicate(timeout=120)
    assert (playing.returncode, out) == (0, "")
    assert "playing" in err
    file, _ = soundfile.read(tmp_path / "file.wav", dtype="float32")
    heard, _ = soundfile.read(tmp_path / "heard.wav", dtype="float32")
    taken, _ = soundfile.read(tmp_path / "out.wav", dtype="float32")
    assert np.array_equal(heard[: len(file)], file)
    # The recorder joins a moment after the start, so what it has is a stretch of the file.
    probe = taken[48_000 : 48_000 + 16_384, 0]
    first = offset(probe, file[:, 0]) - 48_000
    begin, length = max(0, -first), min(len(taken), len(file) - first)
    assert length - begin > 3 * 48_000
    assert np.array_equal(taken[begin:length], file[first + begin : first + length])


def test_devices_are_listed_and_tested(tmp_path: Path) -> None:
    jack.wanted()
    with jack.server(tmp_path, rate=44100) as environment:
        listed = started(environment, "devices", "--json")
        out, _ = listed.communicate(timeout=120)
        (device,) = [d for d in json.loads(out) if "JACK" in d["system"]]
        assert (device["sample_rate"], device["sample_rates"]) == (44100, [44100])
        tone = started(environment, "devices", "--test", str(device["number"]))
        _, err = tone.communicate(timeout=120)
        assert (tone.returncode, "left, then right" in err) == (0, True)
        refused = started(environment, "play", "hello", "--rate", "48000", "--no-tui")
        _, err = refused.communicate(timeout=120)
        assert refused.returncode == 1
        assert "does not play 48000 Hz; it offers 44100" in err
        taken = started(environment, "play", "hello", "--for", "1", "--no-tui")
        _, err = taken.communicate(timeout=120)
        assert taken.returncode == 0
        assert "44100 Hz" in err


@pytest.mark.parametrize(
    ("stub", "said"),
    [
        ("raise ModuleNotFoundError(\"No module named 'sounddevice'\")", "pip install"),
        ("raise OSError('PortAudio library not found')", "apt-get install libportaudio2"),
        ("import os; os.abort()", "ends with signal 6"),
        ("def query_devices(*a): return []\nPortAudioError = ValueError", "no sound output"),
    ],
)
def test_without_portaudio_there_is_one_clear_line(stub: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "sounddevice.py").write_text(stub)
    done = subprocess.run(
        [sys.executable, "-m", "lullaby", "play", "hello", "--no-tui"],
        env={"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": "", "HOME": str(Path.home())},
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
