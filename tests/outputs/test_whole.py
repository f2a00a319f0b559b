"""A file is whole or absent, whatever the disk does and whenever it does it."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from lullaby.errors import OutputError, UsageError
from lullaby.outputs import files, wav, whole
from lullaby.outputs.render import render
from tests.outputs.sounds import RATE, Playback, noise

STREAMS = {"master": noise(9000), "stem_a": noise(9000, seed=2), "stem_b": noise(9000, seed=3)}


def form(bits: str = "24") -> files.Form:
    return files.Form(RATE, bits, 5, "title", "lullaby")


def make(sound: Path | None, stems: Path | None, bits: str = "24", **streams: Any) -> Any:
    source = Playback(**(streams or STREAMS))
    targets = files.targets(sound, stems, ["a", "b"])
    with files.made_folder(stems):
        return render(source, form(bits).writers(targets), block=1000)


def failure(sound: Path, stems: Path | None) -> str | None:
    try:
        make(sound, stems)
    except OutputError as error:
        return str(error)
    return None


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_an_older_file_stands_until_the_new_one_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "a.wav"
    target.write_bytes(b"older")
    writer = form().writer("master", target)
    writer.write(STREAMS["master"], 0)
    assert target.read_bytes() == b"older"
    assert (tmp_path / "a.wav.part").stat().st_size > 50_000
    writer.finish()
    assert target.read_bytes() == b"older"
    whole.commit([writer.part])
    assert soundfile.info(target).frames == 9000
    assert list(tree(tmp_path)) == ["a.wav"]


def test_what_a_killed_render_left_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.wav.part").write_bytes(b"stale" * 100_000)
    make(tmp_path / "a.wav", None)
    assert list(tree(tmp_path)) == ["a.wav"]
    assert soundfile.info(tmp_path / "a.wav").frames == 9000


def test_a_link_in_the_way_of_the_part_is_not_written_through(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    (tmp_path / "a.wav.part").symlink_to(precious)
    make(tmp_path / "a.wav", None)
    assert precious.read_bytes() == b"mine"


class Faulty:
    """Fails the n-th call of the system that a render makes, whichever that is."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, fail_at: int) -> None:
        self.calls, self.fail_at = 0, fail_at
        for owner, name in [
            (Path, "replace"),
            (os, "fsync"),
            (wav._File, "write"),
            (wav._File, "patch"),
        ]:
            monkeypatch.setattr(owner, name, self._wrapped(getattr(owner, name), owner))

    def _wrapped(self, real: Any, owner: Any) -> Any:
        def call(*arguments: Any) -> Any:
            self.calls += 1
            if self.calls == self.fail_at:
                error = OSError(errno.ENOSPC, "No space left on device")
                if owner is wav._File:
                    with whole.told(arguments[0]._target):
                        raise error
                raise error
            return real(*arguments)

        return call


@pytest.mark.parametrize("older", [True, False])
@pytest.mark.parametrize("with_stems", [True, False])
def test_each_call_may_fail_and_nothing_half_done_stands(
    tmp_path: Path, older: bool, with_stems: bool
) -> None:
    failed = 0
    for n in range(1, 500):
        place = tmp_path / str(n)
        place.mkdir()
        stems = place / "stems" if with_stems else None
        if older:
            (place / "a.wav").write_bytes(b"older a")
            if stems:
                stems.mkdir()
                (stems / "mix.wav").write_bytes(b"older mix")
                (stems / "notes.txt").write_bytes(b"somebody's")
        before = tree(place)
        with pytest.MonkeyPatch.context() as monkeypatch:
            faulty = Faulty(monkeypatch, n)
            message = failure(place / "a.wav", stems)
        if faulty.calls < n:
            break
        failed += 1
        if message is None:  # only the syncing of a folder may fail in silence
            assert soundfile.info(place / "a.wav").frames == 9000
            continue
        assert "the disk is full; nothing was written under this name" in message
        assert tree(place) == before, n
        assert older or not stems or not stems.exists()
    assert failed >= (40 if with_stems else 13)
    assert soundfile.info(place / "a.wav").frames == 9000
    wanted = {"a.wav"}
    if with_stems:
        wanted |= {"stems/mix.wav", "stems/a.wav", "stems/b.wav"}
        wanted |= {"stems/notes.txt"} if older else set()
    assert tree(place).keys() == wanted


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs limits of a Unix process")
@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_a_full_disk_is_one_plain_line(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"a.{ending}").write_bytes(b"older")
    program = (
        "import resource, sys, pathlib\n"
        "from tests.outputs.test_whole import make\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (30000, 30000))\n"
        f"make(pathlib.Path({str(tmp_path)!r}) / 'a.{ending}', None)\n"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    last = answer.stderr.strip().splitlines()[-1]
    assert answer.returncode == 1
    assert last.startswith(f"lullaby.errors.OutputError: {tmp_path}/a.{ending}: the ")
    assert last.endswith("; nothing was written under this name")
    assert tree(tmp_path) == {f"a.{ending}": b"older"}


def test_no_room_is_said_before_the_first_sample(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 100_000_000})
    monkeypatch.setattr(whole.shutil, "disk_usage", lambda folder: usage)
    files.check_room(tmp_path, 1, 48000 * 60, "24")
    with pytest.raises(OutputError, match=r"needs about 4\.21 GB, 0\.10 GB are free; nothing"):
        files.check_room(tmp_path, 2, 48000 * 3600 * 2, "24")


@pytest.mark.parametrize(
    ("name", "bits", "message"),
    [
        ("a", "24", "give the name an ending, .wav or .flac"),
        ("a.mp3", "24", "a sound is written as .wav or .flac, not '.mp3'"),
        ("a.flac", "32f", "FLAC holds 16 or 24 bits; float needs a .wav"),
        ("none/a.wav", "24", "there is no folder"),
        ("folder.wav", "24", "is a folder; give the name of a file"),
        ("a.wav", "20", "bits are 16, 24, 32f, not '20'"),
    ],
)
def test_wrong_names_are_told_apart(tmp_path: Path, name: str, bits: str, message: str) -> None:
    (tmp_path / "folder.wav").mkdir()
    with pytest.raises(UsageError, match=message.replace(".", r"\.")):
        files.check_sound(tmp_path / name, bits)


def test_names_of_stems_are_safe_and_differ_everywhere(tmp_path: Path) -> None:
    names = ["mix", "A", "a", "../../etc/x", "..", "con\n", "größe", "x" * 300]
    paths = files.stem_paths(tmp_path, names, ".wav")
    assert list(paths) == ["master", *(f"stem {n}" for n in names)]
    plain = [p.name for p in paths.values()]
    assert plain[:4] == ["mix.wav", "mix-2.wav", "A.wav", "a-2.wav"]
    assert len({p.casefold() for p in plain}) == len(plain)
    assert all(p.parent == tmp_path for p in paths.values())
    assert all(not p.startswith(".") and "/" not in p and len(p) < 80 for p in plain)


def test_the_sound_may_not_lie_where_a_stem_goes(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="a stem has this name; give another"):
        files.targets(tmp_path / "st" / ".." / "st" / "a.wav", tmp_path / "st", ["a"])


@pytest.mark.parametrize(("bits", "subtype"), [("16", "PCM_16"), ("24", "PCM_24")])
def test_flac_holds_the_samples_of_the_wav(tmp_path: Path, bits: str, subtype: str) -> None:
    make(tmp_path / "a.wav", None, bits)
    make(tmp_path / "a.flac", None, bits)
    one, _ = soundfile.read(tmp_path / "a.wav", dtype="int32")
    other, _ = soundfile.read(tmp_path / "a.flac", dtype="int32")
    assert np.array_equal(one, other)
    with soundfile.SoundFile(tmp_path / "a.flac") as file:
        assert (file.subtype, file.title) == (subtype, "title")
    assert tree(tmp_path).keys() == {"a.wav", "a.flac"}
