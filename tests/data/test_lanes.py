"""Data in a MIDI file and in the legend: they decode back, and sound as they do in the piece."""

from __future__ import annotations

import mido
import numpy as np

import lullaby
from lullaby.measure import reading_back
from lullaby.units import ratio_to_cents
from tests.data.pieces import rows

SCORE = """\
lullaby: 1
data:
  web: {file: d.csv, time: t, for: 60 s}
signals:
  a: {from: web.x, range: 10..20, unit: ms}
parts:
  line: {module: data_voice, pitch: a to A2..A4, level: -6 dB}
  dots: {module: data_voice, each: web, pitch: web.x from 10..20 to A3..A5}
scenes: [{scene: x, for: 60 s, fade: 1 s, play: {line: enter, dots: enter}}]
cues: [{when: a > 0.7, back: 0.1, mark: high}]
midi: {a: {cc: 74, part: line}}
legend: {of: [a], tones: 3, ticks: {time: 20 s, value: [12]}}
"""
T = np.arange(0.0, 60.1, 1.0)
X = 15.0 + 4.5 * np.sin(T / 7.0)


def piece(folder):
    body = rows(T, X)
    (folder / "d.csv").write_text("t,x\n" + body)
    (folder / "piece.yaml").write_text(SCORE)
    return lullaby.load(folder / "piece.yaml")


def test_a_lane_decodes_back_to_the_data(tmp_path):
    made = piece(tmp_path)
    made.midi(tmp_path / "x.mid")
    file = mido.MidiFile(tmp_path / "x.mid")
    found, texts, here_s, tempo = [], [], 0.0, 500000
    for track in file.tracks:
        here = 0
        for message in track:
            here += message.time
            if message.type == "set_tempo":
                tempo = message.tempo
            if message.type == "control_change" and message.control == 74:
                here_s = mido.tick2second(here, file.ticks_per_beat, tempo)
                found.append((here_s, message.value))
            if message.type == "text":
                texts.append(message.text)
    at_s, values = np.array(found).T
    t = np.arange(0.5, 59.5, 0.25)
    heard = values[np.searchsorted(at_s, t, side="right") - 1] / 127.0
    assert np.abs(heard - made.score.known.signals["a"](t)).max() <= 1.0 / 127.0
    assert any("CC 74: a 10..20 ms" in text for text in texts)


def test_markers_stand_at_thresholds_and_ticks(tmp_path):
    marks = [(m.name, m.at_us / 1e6) for m in piece(tmp_path).performance.marks]
    signal = piece(tmp_path).score.known.signals["a"]
    for name, at_s in marks:
        if name == "high":
            assert abs(float(signal(at_s)) - 0.7) < 1e-3
    assert [at for name, at in marks if name.startswith("web ")][:2] == [0.0, 20.0]


def test_the_legend_s_tones_are_the_piece_s(tmp_path):
    made = piece(tmp_path)
    told, caption = made.legend()
    stem = told.stems({"line"})["line"]
    at_s = np.array([0.5 + 0.6 + 1.6 * i for i in range(4)])
    found = reading_back.pitch_hz(stem, 48000, at_s, 80.0, 600.0)
    shares = np.array([0.0, 0.5, 1.0, 0.2])
    assert np.abs(ratio_to_cents(found / (110.0 * 4.0**shares))).max() < 10.0
    level = reading_back.level_db(stem, 48000, at_s, 0.8)
    whole = reading_back.level_db(made.stems({"line"})["line"], 48000, np.array([30.0]), 8.0)
    assert np.abs(level - whole).max() < 0.5 + 0.2  # and what the K-weighting settles
    for word in ("10 ms", "15 ms", "20 ms", "12 ms"):
        assert word in caption
    assert "0.5 s" in caption
