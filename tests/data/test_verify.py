"""The round trip: data into sound and back; and data as they are not, which must be refused."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

import lullaby
from lullaby.cli import lullaby as command
from lullaby.errors import ScoreError, UsageError
from lullaby.outputs.verifying import CONTROLS, checked
from lullaby.score import read_text
from tests.data.pieces import rows

SCORE = """\
lullaby: 1
data:
  web: {file: d.csv, time: t, for: 60 s}
signals:
  a: {from: web.x, range: 0..1}
  b: {from: web.y, range: 0..1}
parts:
  line: {module: data_voice, pitch: a to A2..A4, pan: b to -0.8..0.8}
  tone: {module: data_voice, roughness: 0, level: a to -24..0 dB, breath: 0}
  spark: {module: data_voice, sustain: 0, density: b to 1..12 /s}
  glow: {module: data_voice, pitch: A3, detune: 0 cents, cutoff: a to 200..2500 Hz}
scenes:
  - scene: x
    for: 60 s
    fade: 1 s
    play: {line: enter, tone: enter, spark: enter, glow: enter}
verify:
  line.pitch: 60 cents
  line.pan: 0.1
  tone.level: 1.5 dB
  spark.density: 5%
  glow.cutoff: {rank: 0.9}
"""
T = np.arange(0.0, 60.1, 0.5)
SHAPES = {
    "smooth": 0.5 - 0.45 * np.cos(T / 7.0) * np.cos(T / 23.0),
    "walk": np.clip(0.5 + np.cumsum(np.random.default_rng(3).normal(0, 0.03, len(T))), 0.02, 0.98),
    "decay": np.exp(-T / 20.0) * (1.0 - 0.5 * np.sin(T / 2.5)),
}
OTHER = 0.5 + 0.45 * np.sin(T / 5.0)


@pytest.fixture(scope="module", params=list(SHAPES))
def made(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    text = "t,x,y\n" + "".join(
        f"{t},{x:.5f},{y:.5f}\n" for t, x, y in zip(T, SHAPES[request.param], OTHER, strict=True)
    )
    (folder / "d.csv").write_text(text)
    (folder / "piece.yaml").write_text(SCORE)
    piece = lullaby.load(folder / "piece.yaml")
    return piece, piece.stems({"line", "tone", "spark", "glow"})


def test_every_channel_is_read_back(made):
    piece, stems = made
    for check in checked(piece.performance, piece.score.verify, stems, 48000):
        assert check.passes, (check.name, check.failures)


@pytest.mark.parametrize("control", CONTROLS)
def test_data_as_they_are_not_are_refused(made, control):
    piece, stems = made
    found = checked(piece.performance, piece.score.verify, stems, 48000, control)
    assert [check.name for check in found if check.passes] == []


def small(folder, part, verify, more="gaps: hold"):
    text = SCORE[: SCORE.index("parts:")].replace("range: 0..1}", "range: 0..1, " + more + "}")
    text += f"parts: {{p: {{module: data_voice, {part}}}}}\n"
    text += "scenes: [{scene: x, for: 60 s, play: {p: enter}}]\n" + f"verify: {{{verify}}}\n"
    (folder / "piece.yaml").write_text(text)
    return folder / "piece.yaml"


def table(folder, x):
    body = rows(T, x).splitlines()
    text = "t,x,y\n" + "".join(f"{row},{y:.4f}\n" for row, y in zip(body, OTHER, strict=True))
    (folder / "d.csv").write_text(text)


def test_a_gap_is_silent_and_never_a_value(tmp_path):
    x = SHAPES["smooth"].copy()
    x[(T > 20.0) & (T < 40.0)] = np.nan
    table(tmp_path, x)
    file = small(tmp_path, "pitch: a to A2..A4", "p.pitch: faithful", "gaps: silence")
    stem = lullaby.load(file).stems({"p"})["p"].astype(np.float64)
    inside, beside = stem[:, 25 * 48000 : 38 * 48000], stem[:, 8 * 48000 : 18 * 48000]
    assert np.mean(inside**2) < 1e-3 * np.mean(beside**2)


def test_a_marked_gap_breathes(tmp_path):
    x = SHAPES["smooth"].copy()
    x[(T > 20.0) & (T < 40.0)] = np.nan
    table(tmp_path, x)
    part = "preset: no-data, level: a.missing to -90..-6 dB"
    stem = lullaby.load(small(tmp_path, part, "", "gaps: mark")).stems({"p"})["p"]
    inside, beside = stem[:, 25 * 48000 : 38 * 48000], stem[:, 8 * 48000 : 18 * 48000]
    assert np.mean(inside**2) > 1e3 * np.mean(beside**2)


def test_a_sweeping_column_does_not_move_another(tmp_path):
    # The level is data, held still; the pitch of the same part sweeps through two octaves.
    table(tmp_path, np.full(len(T), 0.5))
    part = "roughness: 0, level: a to -24..0 dB, breath: 0"
    still = lullaby.load(small(tmp_path, part, "")).stems({"p"})["p"].astype(np.float64)
    moved = lullaby.load(small(tmp_path, part + ", pitch: b to A2..A4", "")).stems({"p"})["p"]
    from lullaby.measure.reading_back import level_db

    at_s = np.arange(8.0, 50.0, 1.0)
    apart = level_db(moved, 48000, at_s, 2.0) - level_db(still, 48000, at_s, 2.0)
    assert np.abs(apart).max() < 1.0


def test_a_locked_pitch_may_be_off_by_half_a_step(tmp_path):
    table(tmp_path, SHAPES["smooth"])
    file = small(tmp_path, "pitch: a to A2..A4 snap", "p.pitch: faithful")
    scale = "tuning: {root: A2, scale: pentatonic}\n"
    file.write_text(file.read_text().replace("parts:", scale + "parts:"))
    (check,) = lullaby.load(file).verify()
    assert check.error_95 > 60.0
    assert check.passes, check.failures


def test_the_command_ends_with_1_where_data_are_lost(tmp_path):
    table(tmp_path, SHAPES["smooth"])
    good = small(tmp_path, "pitch: a to A2..A4", "p.pitch: faithful")
    done = CliRunner().invoke(command, ["data", "verify", str(good)])
    assert done.exit_code == 0, done.output
    assert "p.pitch: ok" in done.output
    bad = small(tmp_path, "pitch: a to A2..A4 lag 8 s", "p.pitch: faithful")
    done = CliRunner().invoke(command, ["data", "verify", str(bad)])
    assert done.exit_code == 1
    assert "95 % error" in done.output


def test_what_follows_no_data_cannot_be_verified(tmp_path):
    table(tmp_path, SHAPES["smooth"])
    with pytest.raises(UsageError, match=r"'p.pitch' follows no data"):
        lullaby.load(small(tmp_path, "pitch: A3", "p.pitch: faithful")).verify()
    with pytest.raises(UsageError, match="names nothing under 'verify'"):
        lullaby.load(small(tmp_path, "pitch: A3", "")).verify()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("verify: {q.pitch: 60 cents}", "unknown part 'q'"),
        ("verify: {p.pitsch: 60 cents}", "has no 'pitsch' (did you mean 'pitch'?"),
        ("verify: {p.decay: 1}", "'decay' cannot be read back from sound"),
        ("verify: {p.pitch: 3 dB}", "how far 'pitch' may be off is written 60 cents, or faithful"),
        ("verify: {p.pitch: {rank: 3}}", "'rank' goes from 0 to 1"),
        ("midi: {q: {cc: 3}}", "'midi' names a signal; unknown 'q'"),
        ("midi: {a: {cc: 128}}", "'cc' goes from 0 to 119"),
        ("midi: {a: {part: p}}", "'a' wants a 'cc'"),
        ("legend: {of: [q]}", "unknown signal 'q'"),
        ("legend: {ticks: {time: 3 Hz}}", "data time wants s, ms, min, h or d"),
    ],
)
def test_a_broken_key_is_told(tmp_path, entry, message):
    table(tmp_path, SHAPES["smooth"])
    text = small(tmp_path, "pitch: A3", "").read_text().replace("verify: {}", entry)
    with pytest.raises(ScoreError) as caught:
        read_text(text, folder=tmp_path)
    assert message in str(caught.value)
