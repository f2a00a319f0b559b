"""``check`` and ``explain`` say what became of the data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lullaby.cli import main
from tests.data.pieces import rows, written


@pytest.fixture
def ran(capsys):
    def run(*words):
        assert main([str(word) for word in words]) == 0
        return capsys.readouterr().out

    return run


def piece(folder):
    t = np.arange(0.0, 100.0, 1.0)
    x = np.where((t > 40) & (t < 60), np.nan, 20.0 + t)
    (folder / "d.csv").write_text("t,x\n" + rows(t, x))
    entry = "p: {from: web.x, range: 100..20, gaps: silence, unit: ms}"
    return written(folder, "{file: d.csv, time: t, for: 50 s}", entry)


def test_check_says_what_signals_mean(tmp_path, ran):
    lines = ran("check", piece(tmp_path)).splitlines()
    assert lines[-3:] == [
        "data web: 100 rows, 0 s to 99 s, at 0..50 s of the piece",
        "signal p: 100..20 ms, linear, a higher value is lower, 81 points, 1.62 a second,"
        " 19 % missing, 23.5 % outside, uses 100 % of its range, silent in 1 gap",
        "note: signal 'p': 23 % of its values lie outside its range",
    ]


def test_check_gives_programs_the_figures(tmp_path, ran):
    found = json.loads(ran("check", piece(tmp_path), "--json"))["data"]
    assert found["sources"]["web"]["rows"] == 100
    assert len(found["sources"]["web"]["digest"]) == 32
    signal = found["signals"]["p"]
    assert (signal["low"], signal["high"], signal["unit"]) == (100.0, 20.0, "ms")
    assert signal["polarity"] == "down"
    assert round(signal["missing"], 2) == 0.19


def test_explain_draws_a_signal_in_its_own_unit(tmp_path, ran):
    lines = ran("explain", piece(tmp_path), "p").splitlines()
    assert lines[0].startswith("signal p: 100..20 ms")
    assert lines[1].startswith(" 20 ms ┤")
    assert any(line.startswith("100 ms ┤") for line in lines)


def test_explain_tells_of_more_levels_than_can_be_heard(tmp_path, ran):
    file = piece(tmp_path)
    text = file.read_text().replace("gaps: silence,", "levels: 100,")
    part = "{module: data_voice, pitch: p to A2..A3, level: p to -40..-10 dB}"
    file.write_text(text.replace("{module: static}", part))
    lines = ran("data", "explain", file).splitlines()
    assert "  warning: p has 100 levels, more than pitch can tell apart" in lines
    file.write_text(file.read_text().replace("levels: 100", "levels: 12"))
    assert not any("can tell apart" in line for line in ran("data", "explain", file).splitlines())


def test_check_says_what_rolls_and_what_words_there_are(tmp_path, ran):
    file = piece(tmp_path)
    text = file.read_text().replace("range: 100..20, gaps: silence", "range: rolling 1 min")
    file.write_text(text.replace("signals:\n", "signals:\n  w: {from: web.x > 60}\n"))
    found = ran("check", file)
    assert "signal p: the least of the last 60 s to the greatest of the last 60 s (ms)" in found
    assert "signal w: 0..1, linear" in found
    assert json.loads(ran("check", file, "--json"))["data"]["signals"]["p"]["rolling_s"] == 60.0
