"""Takes on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from lullaby.errors import ScoreError, UsageError
from lullaby.model.take import Take, Touch
from lullaby.model.take_text import Recorded
from lullaby.outputs.takes import load, save


def test_a_take_is_whole_or_absent(tmp_path: Path) -> None:
    take = Take(48000)
    take.add(Touch(3, "panic", 0.25))
    path = tmp_path / "one.take"
    save(path, Recorded(take, 9, "T"))
    assert [p.name for p in tmp_path.iterdir()] == ["one.take"]
    assert load(path).take.rows == take.rows
    before = path.read_bytes()
    take.add(Touch(4, "no name", 1.0))
    with pytest.raises(ValueError, match="no name"):
        save(path, Recorded(take, 9))
    assert path.read_bytes() == before
    with pytest.raises(UsageError, match="there is no folder"):
        save(tmp_path / "no" / "one.take", Recorded(Take(48000), 9))


def test_what_is_no_take_is_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such take"):
        load(tmp_path / "none.take")
    bad = tmp_path / "bad.take"
    bad.write_bytes(b"lullaby take 1\nseed \xff\n")
    with pytest.raises(ScoreError, match=r"bad\.take:2:1: is no text in UTF-8"):
        load(bad)
