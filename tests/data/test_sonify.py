"""A table heard with no score; what an ear has of it; ranges kept for other data."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner

import lullaby
from lullaby.cli import lullaby as command
from lullaby.errors import UsageError
from lullaby.score.grammar import RESERVED

WAVE = 50.0 + 40.0 * np.sin(np.arange(200) / 15.0)


def ran(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def written(folder, head, *columns):
    lines = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
    (folder / "d.csv").write_text("\n".join([head, *lines]) + "\n")
    return folder / "d.csv"


def test_an_array_is_a_piece():
    piece = lullaby.sonify(WAVE, length_s=20.0)
    assert 40.0 < piece.duration_s < 60.0
    assert list(piece.score.known.signals) == ["value"]
    sound = piece.render(24000, to_s=3.0).samples
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() > 0.003
    assert "module: data_voice" in piece.text


def test_what_is_made_is_faithful():
    (check,) = lullaby.sonify(WAVE, length_s=40.0).verify()
    assert check.passes, check.failures
    assert check.data_95 < 8.0


class Series:
    """As pandas has it, as far as it matters."""

    name = "load"
    index = np.arange("2020-01-01", "2020-01-11", dtype="datetime64[D]")

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)

    def __len__(self):
        return len(self.values)

    def to_numpy(self):
        return self.values


def test_a_series_brings_its_name_and_its_times():
    piece = lullaby.sonify(Series(np.arange(10.0)))
    assert piece.score.sources[0].time == "time"
    assert list(piece.score.known.signals) == ["load"]
    assert piece.score.known.spans["data"].last - piece.score.known.spans["data"].first == 9 * 86400


def test_times_and_columns_are_found(tmp_path):
    days = np.arange("2020-01-01", "2020-07-19", dtype="datetime64[D]").astype(str)
    file = written(tmp_path, "day,place,a,flat,b c", days, ["x"] * 200, WAVE, [3] * 200, WAVE[::-1])
    done = ran("sonify", file, "--print-score")
    assert done.exit_code == 0, done.output
    assert 'time: "day"' in done.output
    assert '"a"' in done.output
    assert 'b_c: "b c"' in done.output
    assert "flat" not in done.output
    (tmp_path / "made.yaml").write_text(done.output)
    assert lullaby.load(tmp_path / "made.yaml").duration_s > 20.0


def test_the_command_writes_a_file(tmp_path):
    file = written(tmp_path, "t,x", np.arange(200), WAVE)
    out = tmp_path / "x.wav"
    done = ran("sonify", file, "-o", out, "--for", "2", "-q")
    assert done.exit_code == 0, done.output
    assert out.stat().st_size > 1e6
    again = ran("sonify", file, "-o", out, "-n")
    assert isinstance(again.exception, UsageError)


@pytest.mark.parametrize("word", sorted(RESERVED))
def test_a_column_may_have_any_name(tmp_path, word):
    piece = lullaby.sonify(written(tmp_path, f"t,{word}", np.arange(200), WAVE))
    assert len(piece.score.known.signals) == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (("--y", "z"), "there is no column 'z' (known: t, x, w)"),
        (("--y", "w"), "column 'w' holds no numbers"),
        (("--x", "w"), "column 'w' holds neither numbers nor dates"),
    ],
)
def test_a_wrong_column_is_told(tmp_path, call, message):
    file = written(tmp_path, "t,x,w", np.arange(200), WAVE, ["q"] * 200)
    done = ran("sonify", file, *call)
    assert done.exit_code != 0
    assert message in str(done.exception)


def test_nothing_to_hear_is_told(tmp_path):
    with pytest.raises(UsageError, match="no column of numbers that change"):
        lullaby.sonify(written(tmp_path, "t,x", np.arange(50), [1] * 50))
    with pytest.raises(UsageError, match="no such file"):
        lullaby.sonify(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="empty or differ in length"):
        lullaby.sonify({"a": np.zeros(3), "b": np.zeros(4)})


SCORE = """\
lullaby: 1
data: {web: {file: d.csv, time: t, for: 60 s}}
signals: {a: {from: web.x}}
arc: {panic: a to 0.4..0.6}
parts: {p: {module: data_voice, pitch: a to A2..A3}}
scenes: [{scene: x, for: 60 s, play: {p: enter}}]
"""


def test_a_lock_keeps_what_the_ends_mean(tmp_path):
    written(tmp_path, "t,x", np.arange(200), WAVE)
    score = tmp_path / "piece.yaml"
    score.write_text(SCORE)
    before = lullaby.load(score).score.known.signals["a"].scale
    assert ran("data", "lock", score).exit_code == 0
    written(tmp_path, "t,x", np.arange(200), 0.5 * WAVE)  # next week
    known = lullaby.load(score).score.known
    assert known.signals["a"].scale == before
    assert any("not the file the lock was made of" in note for note in known.notes)
    assert ran("data", "lock", score, "-y").exit_code == 0
    assert lullaby.load(score).score.known.signals["a"].scale.high == pytest.approx(
        before.high / 2.0, rel=1e-6
    )


@pytest.mark.parametrize("text", ["[]", "{", '{"signals": {"a": {"range": "x"}}, "files": {}}'])
def test_a_broken_lock_is_told(tmp_path, text):
    written(tmp_path, "t,x", np.arange(200), WAVE)
    (tmp_path / "piece.yaml").write_text(SCORE)
    (tmp_path / "piece.lock.json").write_text(text)
    with pytest.raises(UsageError, match=r"piece.lock.json: this is no lock"):
        lullaby.load(tmp_path / "piece.yaml")


def test_what_an_ear_has_of_it_is_explained(tmp_path):
    written(tmp_path, "t,x", np.arange(200), WAVE)
    (tmp_path / "piece.yaml").write_text(SCORE)
    done = ran("data", "explain", tmp_path / "piece.yaml")
    assert done.exit_code == 0, done.output
    assert "p.pitch: 48 levels an ear tells apart" in done.output
    assert "warning: arc 'panic' uses" in done.output
    ran("data", "lock", tmp_path / "piece.yaml")
    assert json.loads((tmp_path / "piece.lock.json").read_text())["signals"]["a"]["range"]
