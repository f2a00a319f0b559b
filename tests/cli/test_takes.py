"""``render --take``: what hands did in a session, from the file, to the sample."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from lullaby import Piece
from lullaby.engine.engine import Engine
from lullaby.model.take import Take, Touch
from lullaby.model.take_text import Recorded
from lullaby.outputs.takes import save
from tests.cli import launch
from tests.cli.conftest import Call


def session(from_s: float = 0.0) -> tuple[np.ndarray, Recorded]:
    piece = Piece(launch.read("test"))
    blocks = []
    with Engine(piece.performance, live=True, start_s=from_s) as engine:
        for i in range(300):
            if i == 40:
                engine.touch("panic", 0.123456789)
                engine.touch("a.rate", 18.7)
            elif i == 90:
                engine.touch("c.level", -30.0)
            elif i == 150:
                engine.touch("panic", None)
            blocks.append(engine.read(1000))
        return np.concatenate(blocks, axis=1), Recorded(engine.take, piece.seed, "T", from_s)


def test_the_file_renders_to_the_session_s_samples(call: Call, tmp_path: Path) -> None:
    for from_s in (0.0, 2.0):
        heard, recorded = session(from_s)
        save(tmp_path / "one.take", recorded)
        answer = call("render", "test", "--take", "one.take", "--bits", "32f", "-o", "a.wav", "-y")
        assert (answer.code, answer.err.count("warning")) == (0, 0)
        samples, rate = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
        assert rate == 48000
        assert np.array_equal(samples.T[:, : heard.shape[1]], heard)
    assert call("render", "test", "--bits", "32f", "-o", "b.wav").code == 0
    other, _ = soundfile.read(tmp_path / "b.wav", dtype="float32", always_2d=True)
    assert not np.array_equal(samples[:100_000], other[:100_000])


def test_a_take_of_something_else_is_refused(call: Call, tmp_path: Path) -> None:
    take = Take(44100)
    take.add(Touch(1, "nobody", 1.0))
    save(tmp_path / "one.take", Recorded(take, 3))
    save(tmp_path / "two.take", Recorded(take, 4))
    answer = call("render", "test", "--take", "one.take")
    assert (answer.code, answer.err) == (
        2,
        "error: one.take: was taken at 44100 Hz, not 48000: give --rate 44100\n",
    )
    answer = call("render", "test", "--take", "two.take", "--rate", 44100)
    assert (answer.code, answer.err) == (
        2,
        "error: two.take: is of seed 4, not 3: give --seed 4\n",
    )
    answer = call("render", "test", "--take", "one.take", "--rate", 44100, "--to", "0.1", "-q")
    assert answer.code == 0
    assert answer.err == "warning: one.take: the piece has no nobody to touch\n"
    (tmp_path / "bad.take").write_text("lullaby take 1\nseed 3\nrate 48000\n\nx\n")
    answer = call("render", "test", "--take", "bad.take")
    assert answer.code == 2
    assert answer.err.startswith("bad.take:5:1: a touch is a grid point")
    assert call("render", "test", "--take", "none.take").code == 2
