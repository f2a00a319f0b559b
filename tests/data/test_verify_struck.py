"""Rows that are struck and read back one by one; and what cannot be told apart is not made up."""

from __future__ import annotations

import numpy as np
import pytest

import lullaby
from lullaby.errors import UsageError
from lullaby.outputs.verifying import CONTROLS, checked

RATE = 24000
SCORE = """\
lullaby: 1
data:
  quakes:
    {{file: d.csv, time: t, columns: {{mag: x, lon: y, deep: z}}, at: {at_s} s, for: {for_s} s}}
signals:
  size: {{from: quakes.mag, range: 0..1}}
  depth: {{from: quakes.deep, range: 0..1}}
parts:
  stones: {{module: data_voice, each: quakes{part}}}
scenes: [{{scene: x, for: {end_s} s, fade: 3 s, play: {{stones: enter}}}}]
verify: {{{verify}}}
"""
ALL = ", pitch: size to A5..A2, level: quakes.deep from 0..1 to -12..0 dB, decay: 3 s"
ALL += ", pan: quakes.lon from -180..180 to -0.9..0.9"
VERIFY = "stones.pitch: faithful, stones.level: faithful, stones.pan: faithful"


def written(folder, t, part=ALL, verify=VERIFY, at_s=0.0):
    dice = np.random.default_rng(5)
    n = len(t)
    table = zip(t, dice.random(n), dice.uniform(-180, 180, n), dice.random(n), strict=True)
    rows = [f"{a:.4f},{x:.5f},{y:.3f},{z:.5f}\n" for a, x, y, z in table]
    (folder / "d.csv").write_text("t,x,y,z\n" + "".join(rows))
    for_s = float(t[-1] - t[0])
    end_s = at_s + for_s + 1.0
    text = SCORE.format(part=part, verify=verify, at_s=at_s, for_s=for_s, end_s=end_s)
    (folder / "piece.yaml").write_text(text)
    return lullaby.load(folder / "piece.yaml")


def times(count, least_s=0.07, mean_s=0.2):
    return np.cumsum(least_s + np.random.default_rng(2).exponential(mean_s - least_s, count))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    piece = written(tmp_path_factory.mktemp("struck"), times(60))
    return piece, piece.stems({"stones"}, RATE), {}


def read(made, control="", stems=None):
    piece, sound, tones = made
    known = tones if stems is None else {}
    return checked(piece.performance, piece.score.verify, stems or sound, RATE, control, known)


def test_rows_that_ring_into_each_other_are_read_back_one_by_one(made):
    for check in read(made):
        assert check.passes, (check.name, check.failures)
        assert check.coverage == 1.0
        assert check.onset_ms < 10.0
        assert len(check.at_s) >= 50
    pitch, level, pan = read(made)
    assert pitch.error_95 < 5.0
    assert level.error_95 < 0.5
    assert pan.error_95 < 0.03
    assert pitch.data_95 < 0.01  # in magnitudes, of 1


@pytest.mark.parametrize("control", CONTROLS)
def test_rows_as_they_are_not_are_refused(made, control):
    assert [check.name for check in read(made, control) if check.passes] == []


def test_tones_beside_their_time_fail(tmp_path):
    # 30 ms late: every tone is found and right, and begins too late.
    piece = written(tmp_path, times(20), at_s=4.0)
    late = {"stones": np.pad(piece.stems({"stones"}, RATE)["stones"], ((0, 0), (720, 0)))}
    for check in read((piece, late, {})):
        (failure,) = check.failures
        assert failure.startswith("onsets off by 3")


def test_a_row_that_is_not_heard_counts_against_what_is_covered(made):
    sound = made[1]["stones"].copy()
    sound[:, 3 * RATE : 5 * RATE] = 0.0
    pitch, *_ = read(made, stems={"stones": sound})
    assert pitch.coverage < 0.95
    assert any("coverage" in failure for failure in pitch.failures)


def test_rows_are_compared_as_they_were_merged(tmp_path):
    # 40 a second, in threes: of each cell the loudest is heard, and read.
    t = np.sort(np.concatenate([np.arange(0.1, 9.0, 0.25) + off for off in (0.0, 0.01, 0.025)]))
    piece = written(tmp_path, t, ALL + ", at_most: 4 /s, merge: loudest")
    stems = piece.stems({"stones"}, RATE)
    for check in checked(piece.performance, piece.score.verify, stems, RATE):
        assert check.passes, (check.name, check.failures)
        assert len(check.at_s) < len(t) / 2.5
    mean = written(tmp_path, t, ALL + ", at_most: 4 /s, merge: mean")
    for check in checked(mean.performance, mean.score.verify, mean.stems({"stones"}, RATE), RATE):
        assert check.passes, (check.name, check.failures)


def test_rows_too_dense_to_be_told_apart_are_not_made_up(tmp_path):
    t = np.arange(200) * 0.02
    piece = written(tmp_path, t, verify="stones.pitch: faithful")
    (check,) = checked(piece.performance, piece.score.verify, piece.stems({"stones"}, RATE), RATE)
    assert check.coverage < 0.9
    assert not check.passes


@pytest.mark.parametrize(
    ("verify", "message"),
    [
        ("stones.cutoff: {rank: 0.9}", "of a part with 'each' pitch, level and pan are read back"),
        ("stones.density: faithful", "of a part with 'each' pitch, level and pan are read back"),
        ("stones.pan: faithful", "'stones.pan' follows no data"),
    ],
)
def test_what_no_row_says_cannot_be_verified(tmp_path, verify, message):
    piece = written(tmp_path, times(20), ", pitch: size to A5..A2", verify)
    with pytest.raises(UsageError, match=message):
        piece.verify(sample_rate=RATE)
