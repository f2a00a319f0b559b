"""A part struck by the rows of a stream: as it plays, and from its take to the same samples."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.data import Live, resolved
from lullaby.data.live import CELL_S
from lullaby.engine.arrange import arrange
from lullaby.engine.engine import Engine
from lullaby.measure.struck_tones import struck_tones
from lullaby.score import read_text
from tests.data.test_live import FED, RATE, Script

SCORE = """\
lullaby: 1
data:
  web: {file: none.csv, time: t}
signals:
  busy: {from: web.y, range: 0..100}
parts:
  stones:
    {module: data_voice, each: web%s, pitch: web.x from 0..100 to A3..A5, decay: 0.5 s,
     panic: 0, surrender: 0}
scenes: [{scene: whole, for: 20 s, fade: 0 s, play: {stones: enter}}]
"""


def played(folder, cells, more="", seconds=8.0, stretch=None):
    """Play a session with what comes in each cell; return its sound, its take and the piece."""
    text = SCORE % more
    score = resolved(read_text(text, folder=folder, fed=FED), fed=FED)
    performance, feed = arrange(score), Script(b"t,x,y")
    live, heard = Live(score, {"web": feed}), []
    with Engine(performance, RATE, live=True, stretch=stretch) as engine:
        for k in range(int(seconds / CELL_S)):
            feed.due += cells.get(k, [])
            for name, value in live.advance(k * CELL_S):
                engine.touch(name, value)
            heard.append(engine.read(round(CELL_S * RATE)))
        return np.concatenate(heard, axis=1), engine.take, performance


def again(performance, take, frames, **how):
    with Engine(performance, RATE, take=take, **how) as engine:
        return engine.read(frames)


def hz(x):
    return 220.0 * 4.0 ** (x / 100.0)


def tones(sound):
    return struck_tones(sound, RATE, 150.0, 1200.0)


def test_a_row_sounds_soon_after_it_came_with_its_own_values(tmp_path):
    cells = {4: [b"0,50,1"], 8: [b"0,0,1"], 12: [b"0,100,1"], 16: [b"0,25,1"]}
    heard, *_ = played(tmp_path, cells)
    found = tones(heard)
    late = found.at_s - np.array([1.0, 2.0, 3.0, 4.0])
    assert (late > 0.2).all()
    assert (late < 0.5).all()
    np.testing.assert_allclose(found.pitch_hz, [hz(x) for x in (50, 0, 100, 25)], rtol=1e-3)


def test_rows_that_came_together_sound_one_after_the_other(tmp_path):
    heard, *_ = played(tmp_path, {4: [b"0,10,1", b"0,90,1", b"0,50,1"]})
    found = tones(heard)
    np.testing.assert_allclose(found.pitch_hz, [hz(x) for x in (10, 90, 50)], rtol=1e-3)
    np.testing.assert_allclose(np.diff(found.at_s), CELL_S / 3.0, atol=0.01)


def test_a_row_without_what_is_read_of_it_does_not_sound(tmp_path):
    heard, *_ = played(tmp_path, {4: [b"0,,1"], 8: [b"0,30,"]})
    np.testing.assert_allclose(tones(heard).pitch_hz, [hz(30)], rtol=1e-3)


@pytest.mark.parametrize(
    "more",
    [
        "",
        ", at_most: 6 /s, merge: loudest, level: web.y from 0..100 to -20..0 dB",
        ", at_most: 3 /s, merge: mean, pan: web.y from 0..100 to -1..1",
        ", at_most: 2 /s, merge: nearest, level: busy to -20..0 dB, pan: each -1..1",
    ],
)
def test_the_take_gives_the_same_samples(tmp_path, more):
    dice = np.random.default_rng(3)
    cells = {
        k: [b"0,%d,%d" % tuple(dice.integers(0, 100, 2)) for _ in range(dice.integers(0, 6))]
        for k in range(2, 28)
    }
    heard, take, performance = played(tmp_path, cells, more)
    assert np.abs(heard).max() > 1e-3
    frames = heard.shape[1]
    np.testing.assert_array_equal(heard, again(performance, take, frames))
    np.testing.assert_array_equal(heard, again(performance, take, frames, stretch=4096, jobs=2))
    with Engine(performance, RATE, take=take, start_s=4.0) as engine:
        np.testing.assert_array_equal(heard[:, 4 * RATE :], engine.read(frames - 4 * RATE))
    assert np.abs(again(performance, None, frames)).max() == 0.0


def test_the_loudest_of_a_cell_is_heard(tmp_path):
    more = ", at_most: 1 /s, merge: loudest, level: web.y from 0..100 to -20..0 dB"
    heard, *_ = played(tmp_path, {8: [b"0,10,5", b"0,90,99", b"0,50,40"]}, more)
    found = tones(heard)
    np.testing.assert_allclose(found.pitch_hz, [hz(90)], rtol=1e-3)
    assert 3.2 < found.at_s[0] < 3.6  # a second later than it would without


def test_the_mean_of_a_cell_is_heard(tmp_path):
    heard, *_ = played(tmp_path, {8: [b"0,10,5", b"0,90,99"]}, ", at_most: 1 /s, merge: mean")
    np.testing.assert_allclose(tones(heard).pitch_hz, [hz(50)], rtol=1e-3)
