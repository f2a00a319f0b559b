"""``lullaby render``: the file that was asked for, or none and a reason."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lullaby import Piece
from tests.cli import launch
from tests.cli.conftest import Call, environment
from tests.engine.piece import performed, stems, whole

RATE = 48000


def tree(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        if p.is_file()
        else ""
        for p in folder.rglob("*")
    }


def read(path: Path, dtype: str = "float32") -> np.ndarray:
    return soundfile.read(path, dtype=dtype, always_2d=True)[0].T


def test_the_file_holds_the_samples_of_the_engine(call: Call, tmp_path: Path) -> None:
    answer = call("render", "test", "-o", "a.wav", "--bits", "32f", "--quiet")
    assert (answer.code, answer.out, answer.err) == (0, "", "")
    assert np.array_equal(read(tmp_path / "a.wav"), whole(performed()))
    assert list(tree(tmp_path)) == ["a.wav"]


def test_blocks_and_threads_are_inaudible(call: Call, tmp_path: Path) -> None:
    for name, more in [("a", ()), ("b", ("--block", 1777, "--jobs", 3)), ("c", ("--jobs", 1))]:
        assert call("render", "test", "-o", f"{name}.wav", "--to", "4.5", *more).code == 0
    assert len(set(tree(tmp_path).values())) == 1


def test_a_window_is_the_cut_of_the_whole(call: Call, tmp_path: Path) -> None:
    call("render", "test", "-o", "a.wav", "--bits", "16")
    call("render", "test", "-o", "b.wav", "--bits", "16", "--from", "0:04", "--to", "6.5s")
    cut = read(tmp_path / "b.wav", "int16")
    expected = read(tmp_path / "a.wav", "int16")[:, 4 * RATE : round(6.5 * RATE)]
    assert cut.shape == expected.shape
    # The smear of a bus is caught up to under -80 dBFS: at most a few steps of 16 bits.
    assert np.abs(cut.astype(int) - expected).max() <= 4


def test_a_scene_is_named(call: Call, tmp_path: Path) -> None:
    answer = call("render", "test", "-o", "two.wav", "--scene", "two")
    assert answer.code == 0
    assert answer.out.startswith("wrote two.wav: 0:04.0, 48000 Hz, 24 bit, peak -")
    assert soundfile.info(tmp_path / "two.wav").frames == 4 * RATE


def test_without_a_name_the_file_is_called_like_the_score(call: Call, tmp_path: Path) -> None:
    assert call("render", "test", "--to", "1").code == 0
    assert list(tree(tmp_path)) == ["test.wav"]


def test_stems_are_whole_and_sum_to_the_mix_before_the_master(call: Call, tmp_path: Path) -> None:
    answer = call("render", "test", "--stems", "st", "--bits", "32f", "--to", "5")
    assert answer.code == 0
    assert set(tree(tmp_path / "st")) == {
        f"{n}.wav" for n in ("mix", "a", "b", "c", "dull", "room")
    }
    heard = stems(performed(), 5 * RATE)
    for name in ("a", "b", "c", "dull", "room"):
        assert np.array_equal(read(tmp_path / "st" / f"{name}.wav"), heard[f"stem {name}"])
    assert np.array_equal(read(tmp_path / "st" / "mix.wav"), heard["master"])


def test_flac_by_its_name(call: Call, tmp_path: Path) -> None:
    assert call("render", "test", "-o", "a.flac", "--to", "2", "--rate", "44100").code == 0
    info = soundfile.info(tmp_path / "a.flac")
    assert (info.format, info.subtype, info.samplerate) == ("FLAC", "PCM_24", 44100)


def test_scenes_and_marks_are_in_the_file(call: Call, tmp_path: Path) -> None:
    call("render", "test", "-o", "a.wav", "--to", "5")
    data = (tmp_path / "a.wav").read_bytes()
    assert [data.count(word + b"\0") for word in (b"one", b"a mark", b"two", b"three")] == [
        1,
        1,
        1,
        0,
    ]


def test_a_seed_is_another_piece_and_random_says_which(call: Call, tmp_path: Path) -> None:
    drawn = call("render", "test", "-o", "a.wav", "--to", "2", "--seed", "random", "-q")
    seed = drawn.err.split()[1]
    assert drawn.err == f"seed {seed}\n"
    call("render", "test", "-o", "b.wav", "--to", "2", "--seed", seed)
    call("render", "test", "-o", "c.wav", "--to", "2")
    hashes = tree(tmp_path)
    assert hashes["a.wav"] == hashes["b.wav"] != hashes["c.wav"]


def test_a_file_in_the_way_stays(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"mine")
    before = tree(tmp_path)
    for more in ((), ("-n",), ("-n", "-y")):
        answer = call("render", "test", "-o", "a.wav", *more)
        assert answer.code == 2
        assert answer.err == "error: a.wav: is already there; -y replaces it\n"
    assert tree(tmp_path) == before
    assert call("render", "test", "-o", "a.wav", "--to", "1", "-y").code == 0
    assert soundfile.info(tmp_path / "a.wav").frames == RATE


@pytest.mark.parametrize(("typed", "code"), [("y", 0), ("n", 2)])
def test_on_a_terminal_it_asks(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    (tmp_path / "a.wav").write_bytes(b"mine")
    monkeypatch.setattr("lullaby.cli.rendering._can_ask", lambda: True)
    asked: list[str] = []

    def confirm(question: str, **options: object) -> bool:
        asked.append(question)
        return typed == "y"

    monkeypatch.setattr("click.confirm", confirm)
    answer = call("render", "test", "-o", "a.wav", "--to", "1")
    assert asked == ["a.wav: is already there; replace it?"]
    assert answer.code == code
    assert ((tmp_path / "a.wav").read_bytes() == b"mine") is (code == 2)


def test_a_dry_run_writes_nothing(call: Call, tmp_path: Path) -> None:
    answer = call("render", "test", "-o", "a.wav", "--dry-run", "--from", "2", "--to", "12")
    assert answer.code == 0
    assert answer.out == (
        "would write a.wav: 0:10 and its tail, 48000 Hz, 24 bit, about 2.9 MB as WAV\n"
    )
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "a.mp3"], "a.mp3: a sound is written as .wav or .flac, not '.mp3'"),
        (["-o", "no/a.wav"], "no/a.wav: there is no folder no"),
        (["-o", "a.flac", "--bits", "32f"], "a.flac: FLAC holds 16 or 24 bits; float needs a .wav"),
        (["--scene", "tow"], "there is no scene 'tow' (did you mean 'two'?)"),
        (["--scene", "two", "--to", "3"], "give either --scene or --from and --to"),
        (["--from", "1:00"], "--from 1:00 is behind the end at 0:12"),
        (["--from", "5", "--to", "0:05"], "--to 0:05 is not after --from 0:05"),
        (["--stems", "file"], "file: is not a folder; stems are several files"),
    ],
)
def test_a_wrong_call_is_one_line_and_touches_nothing(
    call: Call, tmp_path: Path, arguments: list[str], message: str
) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    before = tree(tmp_path)
    answer = call("render", "test", *arguments)
    assert (answer.code, answer.out, answer.err) == (2, "", f"error: {message}\n")
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "soon"], "Invalid value for '--to': 'soon' is no time; write 1:30, 90 or 90s"),
        (["--from", "-1"], "Invalid value for '--from': '-1' is no time; write 1:30, 90 or 90s"),
        (
            ["--from", "1:75"],
            "Invalid value for '--from': '1:75' is no time",
        ),
        (["--bits", "20"], "Invalid value for '--bits': '20' is not one of '16', '24', '32f'."),
        (
            ["--seed", "x"],
            "Invalid value for '--seed': 'x' is no seed; write a whole number from 0",
        ),
        (["--nope"], "No such option"),
    ],
)
def test_a_wrong_option_names_itself(
    call: Call, tmp_path: Path, arguments: list[str], message: str
) -> None:
    answer = call("render", "test", *arguments)
    assert answer.code == 2
    assert answer.err.splitlines()[0].startswith(f"error: {message.rstrip('.')}")
    assert answer.err.splitlines()[1] == "see: lullaby render --help"
    assert tree(tmp_path) == {}


def test_a_wrong_score_writes_nothing(call: Call, tmp_path: Path) -> None:
    answer = call("render", "wrong", "-o", "a.wav")
    assert answer.code == 2
    assert "unknown parameter 'densty'" in answer.err
    assert tree(tmp_path) == {}


def test_more_than_twelve_hours_want_a_word(call: Call) -> None:
    answer = call("render", "endless", "--dry-run")
    assert (answer.code, answer.err) == (
        2,
        "error: this is 13.0 hours of sound; --long allows it\n",
    )
    assert call("render", "endless", "--dry-run", "--long").code == 0


def test_a_muted_part_is_said_and_the_rest_is_written(call: Call, tmp_path: Path) -> None:
    answer = call("render", "broken", "-o", "a.wav", "--bits", "32f")
    assert answer.code == 1
    assert answer.err.splitlines()[-1] == (
        "error: part 'bad' failed and was muted; the rest was written"
    )
    assert answer.err.count("not finite or far too loud") == 1
    assert np.array_equal(read(tmp_path / "a.wav"), whole(performed()))


def test_no_room_is_exit_1_before_the_first_sample(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1_000_000})
    monkeypatch.setattr("lullaby.outputs.whole.shutil.disk_usage", lambda folder: usage)
    answer = call("render", "test", "-o", "a.wav", "-q")
    assert answer.code == 1
    assert answer.err.endswith("needs about 0.07 GB, 0.00 GB are free; nothing was written\n")
    assert tree(tmp_path) == {}


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [
        (signal.SIGINT, 130, "stopped; nothing was written"),
        (signal.SIGTERM, 143, "told to end; nothing was written"),
    ],
)
def test_a_signal_leaves_nothing_under_the_name(
    tmp_path: Path, number: int, code: int, message: str
) -> None:
    (tmp_path / "a.wav").write_bytes(b"older")
    call = "render long -o a.wav --stems st -y --quiet"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.launch", *call.split()],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    part = tmp_path / "a.wav.part"
    for _ in range(600):  # until it has begun to write
        if part.exists() and part.stat().st_size > 1_000_000:
            break
        assert process.poll() is None
        time.sleep(0.1)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.strip()) == (code, message)
    assert (tmp_path / "a.wav").read_bytes() == b"older"
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav"]


def test_python_writes_the_same_file(call: Call, tmp_path: Path) -> None:
    call("render", "test", "-o", "a.wav", "--to", "2")
    Piece(launch.read("test")).write(tmp_path / "b.wav", to_s=2.0)
    assert (tmp_path / "a.wav").read_bytes() == (tmp_path / "b.wav").read_bytes()


def test_the_first_run_says_that_it_compiles(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lullaby.dsp.kernel.CACHE", tmp_path / "cache")
    first = call("render", "test", "-o", "a.wav", "--to", "0.5")
    again = call("render", "test", "-o", "b.wav", "--to", "0.5")
    # b enters later, so its module is still to come.
    rest = call("render", "test", "-o", "c.wav", "--from", "4", "--to", "4.5")
    last = call("render", "test", "-o", "d.wav", "--to", "0.5")
    line = "compiling kernels of {}: once on this machine, later runs start at once\n"
    assert first.err == line.format("3 modules and effects")
    assert again.err == line.format("1 module and effect")
    assert rest.err == line.format("1 module and effect")
    assert last.err == ""
