"""Hands, mute, solo and what a screen is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lullaby.engine.engine import Engine
from lullaby.errors import UsageError
from lullaby.live.report import as_json, write_status
from lullaby.model.take_text import Recorded
from lullaby.outputs.takes import load, save
from tests.engine.piece import performed, stems
from tests.live.fake import Stage


def test_a_session_with_hands_renders_again_from_its_take(tmp_path: Path) -> None:
    stage = Stage()
    heard = [stage.play(1.5)]
    stage.session.touch("panic", 0.9)
    heard.append(stage.play(1.0))
    stage.session.touch("c.bright", 0.7)
    heard.append(stage.play(1.5))
    stage.session.release_all()
    heard.append(stage.play(3.0))
    from_s, take = stage.session.take
    save(tmp_path / "evening.take", Recorded(take, 7, "Evening", from_s))
    recorded = load(tmp_path / "evening.take")
    again = recorded.take
    assert recorded.from_s == from_s == 0.0
    together = np.concatenate(heard, axis=1)
    with Engine(performed(), take=again) as engine:
        assert np.array_equal(together, engine.read(together.shape[1]))
    with Engine(performed()) as engine:
        assert not np.array_equal(together, engine.read(together.shape[1]))


def test_hands_go_along_when_seeking() -> None:
    stage = Stage()
    stage.session.touch("panic", 0.6)
    stage.play(0.5)
    stage.session.seek(5.0)
    stage.play(0.6)
    (panic,) = [arc for arc in stage.session.status().arcs if arc.name == "panic"]
    assert (panic.now, panic.touched) == (0.6, True)
    assert panic.written != 0.6
    from_s, take = stage.session.take
    assert from_s == 5.0
    frame = round(stage.session.status().position_s * 48000)
    heard = stage.play(0.5)
    with Engine(performed(), take=take) as engine:
        straight = engine.read(frame + heard.shape[1])[:, frame:]
    assert np.abs(heard - straight).max() < 1e-4


def test_what_cannot_be_held_is_refused() -> None:
    stage = Stage()
    for name, value in (("pnaic", 0.5), ("c.brigth", 0.5), ("panic", float("nan"))):
        with pytest.raises(UsageError):
            stage.session.touch(name, value)
    for change in (stage.session.mute, stage.session.solo):
        with pytest.raises(UsageError, match="there is no part 'd'"):
            change("d")
    stage.session.touch("panic", 7.0)
    stage.play(0.1)
    assert stage.session.deck.held == {"panic": 1.0}


def test_mute_and_solo_take_parts_out_of_the_mix() -> None:
    whole, frames = stems(performed(), 3 * 48000), slice(2 * 48000, 3 * 48000)
    stage = Stage()
    stage.session.mute("a")
    muted = stage.play(3.0)[:, frames]
    only_c = whole["stem c"][:, frames][:, : muted.shape[1]]
    assert np.abs(only_c).max() < 0.8  # the limiter leaves it alone
    assert np.corrcoef(muted.ravel(), only_c.ravel())[0, 1] > 0.999
    stage = Stage()
    stage.session.solo("c")
    stage.play(1.0)
    assert [p.soloed for p in stage.session.status().parts if p.name == "c"] == [True]
    stage.session.solo("c")
    stage.session.mute("a", False)
    stage.play(1.0)
    frame = round(stage.now_s * 48000)
    heard = stage.play(0.5)
    with Engine(performed()) as engine:
        straight = engine.read(frame + heard.shape[1])[:, frame:]
    assert np.abs(heard - straight).max() < 1e-4  # but for what rings in the buses


def test_meters_show_what_is_heard_and_when() -> None:
    stage = Stage(ahead_s=2.0)
    status = stage.session.status()
    assert status.position_s == 0.0
    assert status.ring == pytest.approx(1.0, abs=0.05)
    heard = stage.play(3.0)
    status = stage.session.status()
    assert status.position_s == pytest.approx(3.0, abs=0.1)
    levels = {part.name: part for part in status.parts}
    assert levels["b"].sounding is False
    assert levels["c"].sounding is True
    assert -60.0 < levels["c"].rms_db < levels["c"].peak_db < 0.0
    peak_db = 20 * np.log10(np.abs(heard).max())
    assert peak_db - 0.1 <= status.true_peak_max_dbtp
    from lullaby.measure.loudness import LoudnessMeter

    meter = LoudnessMeter(2, 48000)
    meter.add(heard)
    assert status.short_term_lufs == pytest.approx(meter.short_term_lufs, abs=1.0)


def test_the_status_file_is_json(tmp_path: Path) -> None:
    import json

    stage = Stage()
    stage.play(0.5)
    write_status(tmp_path / "status.json", stage.session.status())
    read = json.loads((tmp_path / "status.json").read_text())
    assert read == json.loads(json.dumps(as_json(stage.session.status())))
    assert (read["state"], read["underruns"], read["title"]) == ("playing", 0, "Test")
    assert list(tmp_path.iterdir()) == [tmp_path / "status.json"]


def test_panic_is_silence_with_nothing_held() -> None:
    stage = Stage()
    stage.session.touch("panic", 1.0)
    stage.play(2.0)
    stage.session.panic()
    stage.play(0.3)
    assert not stage.play(0.5).any()
    assert stage.session.deck.held == {}
