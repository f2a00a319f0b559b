"""A score written back reads equal; the schema allows what the reader reads."""

from __future__ import annotations

import json
from dataclasses import replace

from lullaby.score import read_text, schema
from lullaby.score.write import written
from tests.score.test_values import FRAME


def bare(score):
    def cues(all_cues):
        return tuple(replace(c, text="") for c in all_cues)

    scenes = tuple(replace(s, cues=cues(s.cues)) for s in score.scenes)
    return replace(score, cues=cues(score.cues), scenes=scenes)


def test_a_written_score_reads_equal():
    text = FRAME.format(
        part="level: -12 dB, voices: 3, say: ['A: b', c], reversed: true, pitch: A4 ~10 cents, "
        "cutoff: panic from 0.4..1 smooth to 0.2..4 kHz lag 2 s, send: {hall: -9 dB}, "
        "pan: each -0.7..0.7",
        stay="enter: 2 s ~10% over 1 bar, leave: 80% over 3..5 s, cutoff: -> cutoff * 0.35 at 40%",
        cue="{at: [3 s, -2 s], set: {a.cutoff: -> 4 kHz over 2 s, panic: 0.2}, "
        "kick: {panic: 0.3 over 8 s}, mark: 'x: y'}",
    )
    score = read_text(text)
    again = read_text(written(score))
    assert bare(again) == bare(score)
    assert written(again) == written(score)


def test_cues_that_wait_and_notes_read_equal_again():
    for cue in (
        "{every: 40..90 s, mark: x}",
        "{when: panic < 0.25, back: 0.05, rest: 2..4 s, kick: {panic: 0.3 over 8 s}}",
    ):
        text = FRAME.format(part="pitch: each A2..Bb4", stay="pitch: C#3..A4", cue=cue)
        score = read_text(text)
        again = read_text(written(score))
        assert bare(again) == bare(score)
        assert "A2..A#4" in written(score)


def test_the_schema_names_every_parameter_with_its_range(monkeypatch):
    from lullaby.score import strips

    monkeypatch.setattr(schema, "MODULES", strips.MODULES)
    monkeypatch.setattr(schema, "EFFECTS", strips.EFFECTS)
    made = schema.schema()
    json.dumps(made)
    branches = made["properties"]["parts"]["additionalProperties"]["anyOf"]
    (wasps,) = [b for b in branches if b["properties"]["module"]["const"] == "wasps"]
    assert wasps["properties"]["voices"]["maximum"] == 64
    assert "20..20000 Hz" in wasps["properties"]["cutoff"]["description"]
    assert wasps["additionalProperties"] is False


def test_a_tempo_that_glides_and_what_follows_it_read_equal_again():
    score = read_text(
        """\
lullaby: 1
clock: {bpm: 60 -> 90 over 1:00, meter: 6/8}
parts: {a: {module: wasps}}
scenes:
  - scene: one
    for: 8 bars
    clock: {bpm: 54 hold 2 beats -> 90 smooth -> 40 at -1 bar step}
    play: {a: {pitch: 200..300 /beat, pulse: 1..2 /beat, attack: "1 beat -> 3 beats"}}
  - {scene: two, for: 8 bars, clock: {bpm: -> 30}, play: {a: {attack: 1 bar ~10%}}}
"""
    )
    assert bare(read_text(written(score))) == bare(score)
