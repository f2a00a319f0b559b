"""What a cue asks for, with its words; who gives way to whom; which loops stand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lullaby.engine.arrange import arrange
from lullaby.errors import ScoreError
from lullaby.model.value import Following, Number, Range, Reset
from lullaby.score import read_text, schema, strips
from lullaby.score.origins import Origins, asked
from lullaby.score.write import written
from tests.score.broken import HALF, LOOP
from tests.score.test_values import FRAME
from tests.score.test_write import bare

STING = (
    "pitch: A5, gain: -3 dB, over: 2..4 s, bend: 1 st, venom: panic to 0.2..0.8, times: 2, "
    "both: true, where: back, cry: Zone 7 is gone."
)
TWO = """\
lullaby: 1
seed: 4
arc: {panic: 0.25, surrender: 0}
parts:
  a: {module: wasps}
  b: {module: hum, level: -6 dB, duck: {a: 4 dB}}
scenes:
  - {scene: one, for: 10 s, play: {a: enter, b: {enter: 5 s}}}
  - {scene: two, for: 10 s, fade: 2 s, keep: all, play: {b: {duck: {a: -> 10 dB over 4 s}}}}
  - {scene: three, for: 10 s, fade: 2 s, keep: all, play: {b: {duck: {a: reset}}}}
cues: [%s]
"""


def cue(text):
    return read_text(FRAME.format(part="label: x", stay="", cue=text)).scenes[1].cues[0]


def test_the_words_of_a_gesture_are_typed_by_its_declaration():
    found = cue("{at: 5 s, do: a.sting, with: {" + STING + "}}")
    assert found.do == ("a.sting",)
    assert found.words == {
        "pitch_hz": Number(880.0),
        "gain_db": Number(-3.0),
        "over_s": Range(2.0, 4.0),
        "bend_cents": Number(100.0),
        "venom": Following(*_following()),
        "times": 2,
        "both": True,
        "where": "back",
        "cry": "Zone 7 is gone.",
    }


def _following():
    found = cue("{at: 5 s, do: a.sting, with: {venom: panic to 0.2..0.8}}").words["venom"]
    assert found.target_range == (0.2, 0.8)
    return tuple(getattr(found, name) for name in found.__dataclass_fields__)


def test_one_two_and_all_may_be_asked():
    assert cue("{at: 5 s, do: [a.sting, a.sigh], with: {over: 2 s}}").do == ("a.sting", "a.sigh")
    assert cue("{at: 5 s, do: all.sigh}").words == {}


def run_of(text, part):
    return [r for r in arrange(read_text(TWO % text)).runs if r.part == part]


def test_a_firing_reaches_the_run_in_its_own_time_with_all_words():
    (run,) = run_of("{at: 12 s, do: b.sigh, with: {over: 3 s}}", "b")
    (asking,) = run.asked
    assert (asking.gesture, asking.at_s, asking.words) == ("sigh", 7.0, (3.0, 6.0))


def test_words_are_worked_out_as_the_cue_goes_off():
    (run,) = run_of("{at: [2 s, 3 s], do: a.sting, with: {over: 2..4 s, where: back}}", "a")
    first, second = (dict(zip(NAMES, asking.words, strict=True)) for asking in run.asked)
    assert 2.0 <= first["over_s"] <= 4.0
    assert first["over_s"] != second["over_s"]
    assert first["where"] == 2.0
    assert first["venom"] == 0.75  # follows panic, the other way round
    assert (first["times"], first["both"], first["cry"]) == (3.0, 0.0, "")


NAMES = ("pitch_hz", "gain_db", "over_s", "bend_cents", "venom", "times", "both", "where", "cry")


def test_all_asks_those_who_sound_and_know_it():
    text = "{at: [2 s, 7 s], do: all.sigh}, {at: 3 s, do: all.sting}"
    assert [a.at_s for r in run_of(text, "b") for a in r.asked] == [2.0]
    asked_a = [(a.gesture, a.at_s) for r in run_of(text, "a") for a in r.asked]
    assert sorted(asked_a) == [("sigh", 2.0), ("sigh", 7.0), ("sting", 3.0)]


@pytest.mark.parametrize(
    "text", [STING, "over: walk 1..2 s per 9 s, venom: pick 0 | 1", "cry: 'a: b'"]
)
def test_a_score_that_asks_reads_equal_again(text):
    score = read_text(
        TWO
        % f"{{every: 3 s, do: [a.sting], with: {{{text}}}}}, {{at: 1 s, do: [all.sigh, b.sigh]}}"
    )
    again = read_text(written(score))
    assert bare(again) == bare(score)
    assert written(again) == written(score)
    assert score.parts[1].ducks == {"a": Number(4.0)}
    assert score.scenes[2].play[0].ducks == {"a": Reset()}


WORDS = {
    "pitch": st.sampled_from(["A4", "1..2 kHz", "pick A4 | B4", "440 Hz ~10 cents"]),
    "gain": st.sampled_from(
        ["-6 dB", "-6..0 dB", "panic to -20..0 dB", "lfo sine -3..3 dB per 9 s"]
    ),
    "over": st.sampled_from(["2 s", "1.5..3 s", "0:03", "min(2 s | 1 s)"]),
    "venom": st.sampled_from(
        ["0.5", "40%", "panic", "1 - surrender", "panic ^ 2", "walk 0..1 per 3 s"]
    ),
    "times": st.integers(1, 9).map(str),
    "both": st.sampled_from(["true", "false"]),
    "where": st.sampled_from(["left", "right", "back"]),
    "cry": st.text(max_size=30).filter(lambda t: t.isprintable() and t.strip() == t and t != ""),
}


@given(
    words=st.fixed_dictionaries({}, optional=WORDS),
    targets=st.sampled_from(["a.sting", "[a.sting]", "all.sting"]),
)
@settings(max_examples=30, deadline=None)
def test_any_words_read_equal_again(words, targets):
    def quoted(text):
        return "'" + text.replace("'", "''") + "'"

    given_words = {k: quoted(v) if k == "cry" else v for k, v in words.items()}
    said = ", ".join(f"{k}: {v}" for k, v in given_words.items())
    score = read_text(TWO.replace("%s", f"{{at: 2 s, do: {targets}, with: {{{said}}}}}"))
    assert len(score.cues[0].words) == len(words)
    assert bare(read_text(written(score))) == bare(score)


def test_a_part_that_is_not_playing_answers_by_itself():
    text = "lullaby: 1\nparts: {a: {module: wasps}, b: {module: hum}}\ncues: [%s]\n"
    text += (
        "scenes: [{scene: x, for: 20 s, play: {b: enter}}, {scene: y, for: 9 s, play: {a: enter}}]"
    )
    found = arrange(read_text(text % "{at: [3 s, 6 s], do: [a.sting, a.sigh]}"))
    alone, playing = (r for r in found.runs if r.part == "a")
    assert (alone.steady, playing.steady) == (False, True)
    assert [(a.gesture, a.at_s) for a in alone.asked] == [("sting", 0.0), ("sting", 3.0)]
    assert alone.start_us == 3_000_000
    assert alone.end_us >= 11_000_000
    assert not [r for r in arrange(read_text(text % "{at: 3 s, do: a.sigh}")).runs if not r.steady]


def test_how_much_softer_moves_as_scenes_say():
    import numpy as np

    (run,) = run_of("", "b")
    depth = run.desk.ducks_db["a"]
    at = depth(np.array([9.9, 12.0, 14.0, 19.9, 22.0, 29.0]) - 5.0)
    assert np.allclose(at, [4.0, 7.0, 10.0, 10.0, 4.0, 4.0])


def test_where_how_much_softer_comes_from_is_told():
    score = read_text(TWO % "")
    (found,) = asked(score, "b.duck.a")
    said = [(o.by, o.scene, o.text) for o in Origins(score).of(found)]
    assert said == [
        ("part", "", "4 dB"),
        ("scene", "two", "-> 10 dB over 4 s"),
        ("scene", "three", "reset"),
    ]


@pytest.mark.parametrize(
    "loop",
    [
        LOOP % ("", "{at: 3 s, " + HALF % "" + "}", "arc: {heat: 1},", "drift"),  # set in the loop
        LOOP % ("", "{at: 3 s, " + HALF % "" + "}", "arc: {heat: -> 1},", "drift"),
        LOOP % ("{at: 3 s, " + HALF % "" + "}", "", "", "drift"),  # once in the piece
        LOOP % ("", "{at: 3 s, set: {heat: -> 0.2 over 1 s}}", "", "drift"),  # not from its own
        LOOP % ("", "{at: 3 s, kick: {heat: -0.2 over 1 s}}", "", "drift"),  # a kick fades
        (LOOP % ("", "{at: 3 s, " + HALF % "" + "}", "", "stop")).replace(
            "pick drift | tide", "tide"
        ),
    ],
)
def test_loops_that_stand(loop):
    assert read_text(loop).scenes


def test_circles_of_a_score_made_in_code_are_refused():
    score = read_text(TWO % "")
    a, b = score.parts
    round_about = replace(score, parts=(replace(a, ducks={"b": Number(3.0)}), b))
    with pytest.raises(ScoreError, match="part 'a' follows itself in a circle: a -> b -> a"):
        arrange(round_about)


def test_the_schema_completes_gestures(monkeypatch):
    monkeypatch.setattr(schema, "MODULES", strips.MODULES)
    monkeypatch.setattr(schema, "EFFECTS", strips.EFFECTS)
    found = schema.schema()["properties"]["cues"]["items"]["properties"]
    assert "wasps.sting: They sting" in found["do"]["description"]
    assert found["with"] == {"type": "object"}
    parts = schema.schema()["properties"]["parts"]["additionalProperties"]["anyOf"]
    assert all("duck" in branch["properties"] for branch in parts)
