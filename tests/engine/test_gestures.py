"""What a part is asked for is a pure function of the score: any window, any start, live or not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lullaby.engine.arrange import arrange
from lullaby.engine.listing import events
from lullaby.errors import ScoreError
from lullaby.model.gesture import Asking, Bend, Gesture, Swing, knows
from lullaby.model.gesture import rows as table
from lullaby.model.module import Module
from lullaby.model.score import Cue
from lullaby.model.sheet import leader, param
from lullaby.model.value import Name, Number, Time
from tests.engine.asked import SIGH, STRIKE, Bells, Sigh, Strike, piece, rows
from tests.engine.piece import stems, whole

FRAMES = 12 * 48000


def struck(performance, number=0):
    return [e for e in rows(performance, "bells", (0.0, 20.0), number) if e["duration_s"] == 2.0]


def test_a_strike_brings_its_events_and_moves_no_other():
    plain, asked = arrange(piece()), arrange(piece(STRIKE))
    before, after = (rows(p, "bells", (0.0, 12.0)) for p in (plain, asked))
    assert len(after) == len(before) + 12
    rest = after[~np.isin(after["key"], [e["key"] for e in struck(asked)])]
    assert rest.tobytes() == before.tobytes()
    for at_s in (1.25, 5.5, 5.75):
        mine = [e for e in struck(asked) if 0.0 <= e["at_s"] - at_s < 1.0]
        assert len(mine) >= 4


def test_words_are_drawn_once_a_firing():
    pitches = {round(float(e["pitch_hz"]), 6) for e in struck(arrange(piece(STRIKE)))}
    assert len(pitches) == 3
    assert all(500.0 <= p <= 700.0 for p in pitches)
    again = {round(float(e["pitch_hz"]), 6) for e in struck(arrange(piece(STRIKE)))}
    assert pitches == again


@pytest.mark.parametrize("seed", [1, 2])
def test_windows_cut_anywhere_give_the_same_bytes(seed):
    both = replace(STRIKE, do=("bells.strike", "replies.strike"))
    performance = arrange(piece(both, SIGH))
    rng = np.random.default_rng(seed)
    cuts = [0.0, *np.sort(rng.uniform(0.0, 9.0, 25)), 9.0]
    for part in ("bells", "replies"):
        pieces = np.concatenate([rows(performance, part, w) for w in pairwise(cuts)])
        assert pieces.tobytes() == rows(performance, part, (0.0, 9.0)).tobytes()
        assert len(pieces) > 0


def test_a_composer_sees_what_it_is_asked_for():
    at_s = rows(arrange(piece(replace(STRIKE, do=("replies.strike",)))), "replies", (0.0, 4.5))
    assert list(at_s["at_s"][at_s["pitch_hz"] == 100.0]) == [1.25]


@pytest.mark.parametrize(
    ("cue", "expected"),
    [
        (Cue(every=Time(2.0), do=("bells.strike",), text="e"), [2.0, 4.0, 6.0, 8.0, 10.0]),
        (Cue(when=("panic", ">", 0.25), do=("bells.strike",), text="w"), [3.0]),
        (Cue(at=(Time(-2.0, from_end=True),), do=("bells.strike",), text="a"), [10.0]),
    ],
)
def test_every_kind_of_cue_asks(cue, expected):
    found = [
        run.start_us / 1e6 + asking.at_s
        for run in arrange(piece(cue)).runs
        for asking in run.asked
        if run.part == "bells"
    ]
    assert found == pytest.approx(expected, abs=2e-6)


def test_a_word_that_follows_an_arc_has_its_value_at_the_firing():
    cue = Cue(
        at=(Time(3.0), Time(6.0)), do=("all.sigh",), text="s", words={"depth_db": Name("panic")}
    )
    (run,) = (r for r in arrange(piece(cue)).runs if r.part == "bells")
    assert [a.words[1] for a in run.asked] == pytest.approx([0.25, 0.5])


def test_what_comes_of_a_gesture_does_not_hang_on_when_the_part_came():
    # The same firing in a run that began earlier: the same draws, the same gaps.
    made = piece(STRIKE)
    late = replace(made, scenes=(replace(made.scenes[0], length=Time(3.5)), *made.scenes[1:]))
    a, b = struck(arrange(made)), struck(arrange(late))
    assert [e["pitch_hz"] for e in a] == [e["pitch_hz"] for e in b]
    assert [e["at_s"] for e in a] == [e["at_s"] for e in b]


def test_a_sigh_sinks_and_comes_back():
    plain, asked = (
        next(r for r in arrange(p).runs if r.part == "bells") for p in (piece(), piece(SIGH))
    )
    t = np.array([1.9, 2.0, 4.0, 6.0, 7.0])
    softer = plain.desk.level_db(t) - asked.desk.level_db(t)
    assert softer == pytest.approx([0.0, 0.0, 12.0, 0.0, 0.0])
    fall = asked.settings.curves["pitch_hz"](t) / plain.settings.curves["pitch_hz"](t)
    assert fall == pytest.approx([1.0, 1.0, 0.5, 1.0, 1.0])
    bright = asked.settings.curves["bright"](t)
    assert bright.max() == 1.0  # kept in its range
    assert bright[-1] == pytest.approx(0.1)


def test_sighs_add_up_and_hang_on_nothing_but_time():
    swing = Swing(2.0, -10.0, 4.0, turn=0.5)
    t = np.linspace(0.0, 8.0, 4001)
    assert swing(t).min() == pytest.approx(-10.0)
    assert np.abs(np.diff(swing(t))).max() < 0.02  # no jump
    assert np.array_equal(swing(t)[::7], swing(t[::7]))
    assert swing.bounds() == (-10.0, 0.0)


def test_a_part_that_does_not_play_answers_and_only_answers():
    performance = arrange(piece(replace(STRIKE, at=(Time(9.5),))))
    playing, alone = (r for r in performance.runs if r.part == "bells")
    assert (playing.steady, alone.steady) == (True, False)
    found = rows(performance, "bells", (0.0, 20.0), 1)
    assert len(found) == 4
    assert all(found["duration_s"] == 2.0)
    heard = stems(performance, 13 * 48000)["stem dull"]
    assert np.abs(heard[:, round(9.4 * 48000) : round(9.49 * 48000)]).max() < 1e-4
    assert np.abs(heard[:, 480000:528000]).max() > 0.01


def test_a_piece_left_early_fades_what_answers():
    made = piece(replace(STRIKE, at=(Time(9.5),)))
    alone = [r for r in arrange(made, 10.0).runs if not r.steady]
    assert [r.end_us for r in alone] == [11_000_000]  # left at 10 s, over the scene's fade
    longer = [r for r in arrange(made, 11.0).runs if not r.steady]
    assert [(r.name, r.key, r.asked) for r in alone] == [(r.name, r.key, r.asked) for r in longer]


def test_the_listing_has_them_at_their_times():
    listed = dict(events(arrange(piece(STRIKE)), 5.0, 7.0))["bells"]
    assert np.sum(listed["duration_s"] == 2.0) == 8


@pytest.mark.parametrize("options", [{"stretch": 64 * 7}, {"stretch": 65536, "jobs": 3}])
def test_asked_or_giving_way_the_samples_hang_on_no_stretch(options):
    performance = arrange(piece(STRIKE, SIGH, replace(STRIKE, at=(Time(9.5),), text="late")))
    plain = stems(performance, FRAMES)
    other = stems(performance, FRAMES, **options)
    for name, sound in plain.items():
        assert np.array_equal(sound, other[name]), name


def test_live_is_the_same_as_the_file():
    performance = arrange(piece(STRIKE, SIGH))
    assert np.array_equal(whole(performance, live=True)[:, :FRAMES], whole(performance)[:, :FRAMES])


@pytest.mark.parametrize("start_s", [3.3, 6.01])
def test_any_moment_can_be_the_start(start_s):
    performance = arrange(piece(STRIKE, SIGH))
    first = round(start_s * 48000)
    part = stems(performance, 96000, start_s=start_s)
    full = stems(performance, first + 96000)
    for name in ("stem under", "stem replies"):  # behind no effect: exact
        assert np.array_equal(part[name], full[name][:, first:])


def test_texts_are_in_the_rows():
    (run,) = (r for r in arrange(piece(STRIKE)).runs if r.part == "bells")
    made = table(Strike, run.asked)
    assert made["cry"][0] == "hark"
    assert made.dtype["cry"].kind == "U"
    assert table(Strike, ())["cry"].shape == (0,)


def test_declarations_are_checked():
    with pytest.raises(ValueError, match="over_s is no word of it"):
        type(
            "Odd", (Gesture,), {"bends": (Bend("level_db", "depth_db"),), "depth_db": Sigh.depth_db}
        )
    with pytest.raises(ValueError, match="a word cannot be a leader"):
        type("Odd", (Gesture,), {"after": leader(1.0, "Whom.")})
    with pytest.raises(ValueError, match="bends bright, which is not there"):
        type("Odd", (Module,), {"gestures": knows(sigh=Sigh)})
    with pytest.raises(ValueError, match="a parameter and a gesture"):
        type("Odd", (Bells,), {"sigh": leader(1.0, "Whom.")})
    words = {"over_s": param(1.0, "s", (0.0, 2.0), "How long."), "depth_db": Sigh.depth_db}
    with pytest.raises(ValueError, match="longer than nothing"):
        type("Odd", (Gesture,), {"bends": (Bend("level_db", "depth_db"),), **words})


def test_an_asking_far_out_is_kept_in_range():
    cue = Cue(at=(Time(1.0),), do=("bells.sigh",), text="s", words={"depth_db": Number(99.0)})
    (run,) = (r for r in arrange(piece(cue)).runs if r.part == "bells")
    assert run.asked == (Asking("sigh", 1.0, run.asked[0].key, (4.0, 40.0, 1200.0)),)


def test_too_much_asked_is_refused_before_it_is_made(monkeypatch):
    often = Cue(every=Time(0.015), do=("bells.strike",), text="often")
    with pytest.raises(ScoreError, match="part 'bells' is asked more than 50 times within a sec"):
        arrange(piece(often))
    arrange(piece(replace(often, every=Time(0.021))))
    monkeypatch.setattr("lullaby.engine.asking.MOST_ASKINGS", 4)
    with pytest.raises(ScoreError, match="cues ask for more than 4 gestures"):
        arrange(piece(SIGH, STRIKE))


def test_a_whole_day_of_sighs_is_soon_laid_out():
    made = piece(Cue(every=Time(30.0), do=("all.sigh",), text="sighs"))
    long = replace(made, scenes=(replace(made.scenes[0], length=Time(86400.0)),))
    performance = arrange(long)
    asked = [len(r.asked) for r in performance.runs]
    assert asked == [2879, 0, 2879]
    level = performance.runs[0].desk.level_db(np.array([80_000.0, 80_012.0]))
    assert level[1] < level[0] - 1.0
