"""Play, pause, seek, scenes, loops and the end, as they are heard."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.engine import Engine
from lullaby.errors import UsageError
from tests.engine.piece import performed, score, whole
from tests.live.fake import Stage

LATE_S = 0.4  # the ring, a block, and every fade of the door


def level(block: np.ndarray) -> float:
    return float(np.abs(block).max(initial=0.0))


def straight(from_s: float, frames: int) -> np.ndarray:
    with Engine(performed(), start_s=from_s) as engine:
        return engine.read(frames)


def test_what_is_heard_is_what_a_file_holds() -> None:
    stage = Stage()
    heard = stage.play(15.0)
    file = whole(performed())
    assert np.array_equal(heard[:, : file.shape[1]], file)
    assert level(heard[:, file.shape[1] :]) == 0.0
    assert stage.session.over
    assert stage.session.status().state == "ended"
    assert stage.session.status().underruns == 0


def test_a_pause_is_silence_and_goes_on_where_it_was() -> None:
    stage = Stage()
    stage.play(2.0)
    stage.session.pause()
    stage.play(LATE_S)
    at = stage.session.status().position_s
    assert level(stage.play(1.0)) == 0.0
    assert stage.session.status().state == "paused"
    assert stage.session.status().position_s == at
    stage.session.toggle()
    stage.play(LATE_S)
    place = stage.session.status().position_s
    assert at < place < at + LATE_S
    assert level(stage.play(1.0)) > 0.0


def test_a_seek_is_the_piece_from_there() -> None:
    stage = Stage()
    stage.play(1.0)
    stage.session.seek(5.0)
    stage.play(LATE_S)
    frame = round(stage.session.status().position_s * 48000)
    assert 5.0 * 48000 < frame < 5.5 * 48000
    heard = stage.play(1.0)
    file = straight(0.0, frame + 48000)[:, frame:]
    # Voices are exact, effects as good as.
    assert np.abs(heard[:, :40_000] - file[:, :40_000]).max() < 1e-4


def test_of_two_seeks_the_last_counts_and_a_paused_one_is_silent() -> None:
    stage = Stage()
    stage.session.pause()
    stage.play(LATE_S)
    stage.session.seek(9.0)
    stage.session.seek(6.0)
    assert level(stage.play(LATE_S)) == 0.0
    assert stage.session.status().position_s == pytest.approx(6.0, abs=0.1)
    stage.session.play()
    stage.play(1.0)
    assert stage.session.status().position_s == pytest.approx(6.9, abs=0.2)


def test_scenes_are_stepped_through() -> None:
    stage = Stage()
    stage.play(0.5)
    session = stage.session
    session.next_scene()
    session.next_scene()  # before the first has arrived
    stage.play(LATE_S)
    assert session.status().scenes[session.status().scene].name == "three"
    session.next_scene()  # there is none
    stage.play(LATE_S)
    assert session.status().scene == 2
    session.previous_scene()  # from the first seconds of a scene
    stage.play(2.8)
    assert session.status().scene == 1
    session.previous_scene()  # from later in it
    stage.play(LATE_S)
    assert session.status().scene == 1
    assert session.status().position_s == pytest.approx(4.3, abs=0.3)


def test_a_loop_stays_in_its_scene_and_ends_when_let_go() -> None:
    stage = Stage()
    stage.session.loop_scene("two")
    stage.play(LATE_S)
    for _ in range(30):
        stage.play(0.4)
        assert stage.session.status().looping == "two"
        assert 3.9 < stage.session.status().position_s < 8.1
    stage.session.loop_scene(None)
    stage.play(5.0)
    assert stage.session.status().looping is None
    assert stage.session.status().position_s > 8.1 or stage.session.over


def test_no_scene_of_that_name() -> None:
    stage = Stage()
    with pytest.raises(UsageError, match=r"there is no scene 'tow'.*two"):
        stage.session.loop_scene("tow")
    with pytest.raises(UsageError, match="behind the end"):
        Stage(from_s=100.0)


def test_for_a_time_with_a_fade() -> None:
    stage = Stage(for_s=4.0, fade_s=2.0)
    heard = stage.play(5.0)
    file = straight(0.0, 5 * 48000)
    assert np.array_equal(heard[:, : 2 * 48000 - 2048], file[:, : 2 * 48000 - 2048])
    before, after = slice(int(3.5 * 48000), int(3.9 * 48000)), slice(int(4.1 * 48000), None)
    assert 0.0 < level(heard[:, before]) < 0.3 * level(file[:, before])
    assert level(heard[:, after]) == 0.0
    assert stage.session.over


def test_quitting_fades_and_is_over() -> None:
    stage = Stage()
    stage.play(2.0)
    stage.session.quit(0.5)
    stage.play(0.3)
    assert stage.session.status().state == "fading"
    stage.play(1.2)
    assert stage.session.over


def test_an_endless_piece_is_laid_out_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from lullaby.live import piece
    from lullaby.model.score import Stay
    from tests.engine.piece import A

    monkeypatch.setattr(piece, "HORIZON_S", 6.0)
    monkeypatch.setattr(piece, "NEAR_S", 3.0)
    made = score()
    one = replace(made.scenes[0], next=("one",), play=(Stay("a"),))
    stage = Stage(replace(made, parts=(A,), scenes=(one,)))
    assert stage.session.status().length_s is None
    heard = stage.play(20.0)
    from lullaby.engine.arrange import arrange

    file = whole(arrange(replace(made, parts=(A,), scenes=(one,)), 40.0))
    assert np.array_equal(heard[:, : 19 * 48000], file[:, : 19 * 48000])


WANDERING = """lullaby: 1
seed: 5
arc: {panic: 0.4, surrender: 0.2}
buses: {room: {effect: delay, feedback: panic to 0.1..0.4, level: -6 dB}}
parts:
  choir: {module: harmony, send: {room: -6 dB}, level: -18 dB, pan: walk -0.5..0.5 per 7 s}
  radio: {module: static, duck: {choir: 3 dB}, level: panic to -40..-24 dB lag 0.5 s}
scenes:
  - scene: intro
    for: 3 s
    arc: {surrender: -> 0.5}
    play: {choir: {enter: over 1 s, level: -> -20 dB}}
  - scene: out
    for: 4..6 s
    keep: all
    arc: {panic: -> 0.8 over 7 s, surrender: 0.1..0.9}
    play: {radio: enter, choir: {pan: -> 0.3 over 3 s}}
    cues: [{at: [1 s, 2 s], kick: {panic: 0.2 over 4 s}, do: choir.strike}]
    next: pick out | home
  - scene: home
    for: 5 s
    keep: [choir]
    arc: {panic: -> panic * 0.5 over 2 s, surrender: -> 0.2}
    play: {choir: {level: -> level - 0.5 dB over 2 s}}
    mix: {room: {level: -9..-6 dB}}
    next: pick out | home
cues:
  - {every: 5..9 s, kick: {panic: 0.2 over 3 s}}
  - {when: panic > 0.6, back: 0.05, rest: 4 s, set: {choir.pan: -0.2}}
"""


def test_a_piece_without_an_end_sounds_the_same_however_it_is_laid_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lullaby.engine import layout, windows
    from lullaby.engine.arrange import arrange
    from lullaby.live import piece
    from lullaby.score import read_text

    made = read_text(WANDERING)
    file = whole(arrange(made, 90.0))
    for name, value in (("HORIZON_S", 25.0), ("NEAR_S", 12.0), ("BEHIND_S", 8.0)):
        monkeypatch.setattr(piece, name, value)
    # So that what is long over is let go after seconds already.
    monkeypatch.setattr(windows, "ALWAYS_S", 3.0)
    monkeypatch.setattr(layout, "MANY", 4)
    monkeypatch.setattr(layout, "CHUNK_US", 7_000_000)
    stage = Stage(made)
    heard = stage.play(70.0)
    shown = stage.session.piece.performance
    assert shown.scenes[0].start_us > 30e6  # the beginning is forgotten
    assert stage.session.piece.until_s > 80.0
    assert np.array_equal(heard, file[:, : heard.shape[1]])
    stage.session.seek(0.0)  # as far back as is known
    stage.play(3.0)
    assert stage.session.status().position_s >= shown.scenes[0].start_us / 1e6
    assert not stage.session.status().trouble
