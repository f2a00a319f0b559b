"""A score saved while it plays."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import lullaby.score
from lullaby.engine.engine import Engine
from lullaby.errors import Finding, ScoreError
from lullaby.live.open import opened
from lullaby.live.plan import Plan
from lullaby.live.reload import Watch, place_after, watching
from lullaby.model.score import Score
from lullaby.model.value import Number
from tests.engine.piece import performed, score
from tests.live.fake import Stage

Saves = Callable[[Score | Exception], None]


@pytest.fixture
def saves(monkeypatch: pytest.MonkeyPatch) -> Saves:
    """Return a way to save another score under the name of the one that plays."""

    def save(made: Score | Exception) -> None:
        def read(path: object, **_: object) -> Score:
            if isinstance(made, Exception):
                raise made
            return replace(made, path="piece.yaml")

        monkeypatch.setattr(lullaby.score, "read", read)

    return save


def staged() -> Stage:
    return Stage(replace(score(), path="piece.yaml"))


def longer_first(length_s: float) -> Score:
    made = score()
    first, *rest = made.scenes
    return replace(
        made, scenes=(replace(first, length=replace(first.length, amount=length_s)), *rest)
    )


def test_saving_the_same_changes_no_sample(saves: Saves) -> None:
    stage = staged()
    heard = [stage.play(2.0)]
    saves(score())
    stage.session.reload()
    heard.append(stage.play(3.0))
    together = np.concatenate(heard, axis=1)
    with Engine(performed()) as engine:
        assert np.array_equal(together, engine.read(together.shape[1]))
    assert stage.session.status().reloads == 1
    assert stage.session.status().last_reload is not None


def test_a_change_is_heard_within_half_a_second_beyond_the_ring(saves: Saves) -> None:
    made = score()
    a, b, c = made.parts
    changed = replace(made, parts=(a, b, replace(c, settings={"level_db": Number(-60.0)})))
    stage = staged()
    stage.play(2.0)
    saves(changed)
    stage.session.reload()
    stage.play(0.1 + 0.5 + 0.05)
    heard = stage.play(1.0)
    frame = round(stage.now_s * 48000) - heard.shape[1]
    with Engine(performed(changed)) as engine:
        straight = engine.read(frame + heard.shape[1])[:, frame:]
    assert np.abs(heard - straight).max() < 1e-4


def test_a_broken_save_plays_on_and_says_where(saves: Saves) -> None:
    stage = staged()
    first = stage.play(1.0)
    saves(ScoreError([Finding("piece.yaml", 7, 3, "unknown parameter 'densty'")]))
    stage.session.reload()
    heard = np.concatenate((first, stage.play(1.0)), axis=1)
    (trouble,) = stage.session.status().trouble
    assert trouble.startswith("piece.yaml:7:3: unknown parameter 'densty'")
    with Engine(performed()) as engine:
        assert np.array_equal(heard, engine.read(heard.shape[1]))
    saves(score())
    stage.session.reload()
    stage.play(0.2)
    assert stage.session.status().trouble == ()


def test_a_longer_scene_before_now_keeps_the_place_in_this_one(saves: Saves) -> None:
    stage = staged()
    stage.play(6.0)  # two seconds into the second scene
    saves(longer_first(7.0))
    stage.session.reload()
    stage.play(0.5)
    status = stage.session.status()
    assert status.scenes[status.scene].name == "two"
    assert status.position_s == pytest.approx(9.5, abs=0.2)


def test_what_is_held_stays_held_when_the_place_moves(saves: Saves) -> None:
    stage = staged()
    stage.play(5.0)
    stage.session.touch("panic", 0.9)
    stage.play(0.5)
    saves(longer_first(2.0))  # earlier than where the hand came in
    stage.session.reload()
    stage.play(0.5)
    assert stage.session.deck.engine.hands.held(1 << 40) == {"panic": 0.9}
    stage.session.touch("panic", 0.2)  # and can be moved there
    stage.play(0.5)
    assert [arc.now for arc in stage.session.status().arcs if arc.name == "panic"] == [0.2]


def test_in_real_time_a_save_is_heard_and_nothing_runs_dry(tmp_path: Path) -> None:
    path = tmp_path / "piece.yaml"
    text = (Path(__file__).parents[2] / "scores" / "hello.yaml").read_text()
    path.write_text(text)
    session = opened(lullaby.score.read(path), Plan(device="none", watch=True, ahead_s=1.0))
    with session:
        session.wait(0.3)
        path.write_text(text.replace("Hello", "Goodbye"))
        _until(lambda: session.reloads == 1)
        assert session.status().title == "Goodbye"
        path.write_text(text + "\nwrong: [")
        _until(lambda: bool(session.status().trouble))
        assert f"{path}:20:" in session.status().trouble[0]
        assert session.status().state == "playing"
        session.quit(0.1)
        assert session.wait(10.0)
    assert session.reloads == 1


def _until(there: Callable[[], bool]) -> None:
    end = time.monotonic() + 20.0
    while not there():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_where_to_go_on() -> None:
    old, new = performed(), performed(longer_first(7.0))
    assert place_after(old, old, 5.0) is None
    assert place_after(old, new, 3.0) is None
    assert place_after(old, new, 5.0) == pytest.approx(8.0)
    assert place_after(performed(longer_first(8.0)), old, 6.0) == pytest.approx(3.0)
    made = score()
    gone = performed(replace(made, scenes=made.scenes[:1]))
    assert place_after(old, gone, 9.0) == pytest.approx(3.0)


def test_a_file_is_seen_when_it_is_whole_and_different(tmp_path: Path) -> None:
    path = tmp_path / "piece.yaml"
    path.write_text("one")
    watch = Watch([path])
    assert not watch.look()
    path.write_text("half")
    assert not watch.look()
    path.write_text("half and whole")
    assert not watch.look()
    assert watch.look()
    assert not watch.look()
    (tmp_path / "new").write_text("replaced")
    (tmp_path / "new").replace(path)
    assert not watch.look()
    assert watch.look()
    path.touch()
    assert not watch.look()
    assert not watch.look()
    path.unlink()
    assert not watch.look()
    assert not watch.look()


def test_watching_tells_of_a_save(tmp_path: Path) -> None:
    path = tmp_path / "piece.yaml"
    path.write_text("one")
    told, closed, watch = threading.Event(), threading.Event(), Watch([path])
    thread = threading.Thread(target=watching, args=(watch, told.set, closed))
    thread.start()
    time.sleep(0.02)
    path.write_text("two")
    assert told.wait(10.0)
    closed.set()
    thread.join(10.0)
