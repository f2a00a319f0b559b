"""A part that gives way is softer exactly while the other one sounds, and glides there and back."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lullaby.engine.arrange import arrange
from lullaby.engine.engine import Engine
from lullaby.model.presence import ATTACK_S, RELEASE_S, merged, presence
from lullaby.model.score import Cue, PartDef, Stay
from lullaby.model.value import Number, Point, Points, Time
from tests.engine.asked import Bells, piece
from tests.engine.piece import scene, stems

LATE = Cue(at=(Time(6.0),), do=("bells.strike",), words={"times": 1}, text="late")


def answering(**stay: object):
    """Bells that sound only where they are asked, and a part under them for 12 s."""
    made = piece(LATE)
    scenes = (
        scene("one", [Stay("under")], 4.0),
        scene("two", [Stay("under", **stay)], 4.0),  # type: ignore[arg-type]
        scene("three", [Stay("under")], 4.0),
    )
    return replace(made, scenes=scenes)


def plain(made):
    def bare(scene):
        return replace(scene, play=tuple(replace(stay, ducks={}) for stay in scene.play))

    parts = tuple(replace(p, ducks={}) for p in made.parts)
    return replace(made, parts=parts, scenes=tuple(map(bare, made.scenes)))


def gains_db(made, frames=576000, **options):
    """Return what giving way does to the part, a value a step of 64 frames."""
    a, b = (stems(arrange(m), frames, **options)["stem under"] for m in (plain(made), made))
    a, b = (x[:, : frames // 64 * 64].reshape(2, -1, 64).astype(np.float64) for x in (a, b))
    power, shared = (a * a).sum(axis=(0, 2)), (a * b).sum(axis=(0, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(power > 1e-9, 20.0 * np.log10(shared / power), np.nan)


def begun_s():
    performance = arrange(answering())
    (run,) = (r for r in performance.runs if r.part == "bells")
    from tests.engine.asked import rows

    (event,) = rows(performance, "bells", (0.0, 9.0))
    return run.start_us / 1e6 + float(event["at_s"])


def test_it_is_softer_while_the_other_sounds():
    found, at = gains_db(answering()), begun_s()

    def mean(first_s, last_s):
        return float(np.nanmean(found[round(first_s * 750) : round(last_s * 750)]))

    assert mean(0.5, at - 0.01) == pytest.approx(0.0, abs=1e-3)
    assert mean(at + ATTACK_S + 0.01, at + 1.99) == pytest.approx(-12.0, abs=0.01)
    assert mean(at + 2.0 + RELEASE_S + 0.01, 11.0) == pytest.approx(0.0, abs=1e-3)
    assert -11.0 < mean(at + 0.01, at + ATTACK_S) < -3.0
    assert -9.0 < mean(at + 2.0, at + 2.0 + RELEASE_S) < -3.0


def test_it_glides():
    # The steepest step of a smooth rise over 50 ms: 1.5 times even, in steps of 1.33 ms.
    steps = np.abs(np.diff(gains_db(answering())))
    assert np.nanmax(steps) < 12.0 * 1.5 * (64 / 48000) / ATTACK_S * 1.2


def test_the_leader_and_all_others_are_as_they_were():
    made = answering()
    a, b = stems(arrange(made), 480000), stems(arrange(plain(made)), 480000)
    assert np.array_equal(a["stem bells"], b["stem bells"])
    assert not np.array_equal(a["stem under"], b["stem under"])
    alone = replace(made, cues=(), parts=made.parts[1:])
    alone = replace(alone, parts=tuple(replace(p, ducks={}) for p in alone.parts))
    assert np.array_equal(stems(arrange(alone), 480000)["stem under"], b["stem under"])


def test_a_leader_fading_in_is_given_way_to_slowly():
    made = piece()
    made = replace(
        made,
        parts=(PartDef("bells", Bells, settings={"rate_per_s": Number(20.0)}), *made.parts[1:]),
        scenes=(
            scene("one", [Stay("under")], 2.0),
            replace(scene("two", [Stay("under"), Stay("bells")], 8.0), fade=Time(6.0)),
        ),
    )
    found = gains_db(made, 9 * 48000)
    early, later = (float(np.nanmedian(found[s * 750 : s * 750 + 300])) for s in (3, 8))
    assert -7.0 < early < -1.0
    assert later == pytest.approx(-12.0, abs=0.2)


def test_scenes_say_how_much():
    found = gains_db(
        answering(ducks={"bells": Points(None, (Point(Number(24.0), over=Time(1.0)),))})
    )
    at = begun_s() + 0.1
    assert float(np.nanmean(found[round(at * 750) : round((at + 1.5) * 750)])) == pytest.approx(
        -24.0, abs=0.05
    )


def test_sends_go_down_with_it():
    made = answering()
    bells, under, replies = made.parts
    sent = replace(made, parts=(bells, replace(under, sends={"room": Number(0.0)}), replies))
    a, b = (stems(arrange(m), 480000)["stem room"] for m in (plain(sent), sent))
    first = round((begun_s() + 0.3) * 48000)
    part = slice(first, first + 48000)
    ratio = np.sqrt(np.mean(b[:, part] ** 2) / np.mean(a[:, part] ** 2))
    assert 20.0 * np.log10(ratio) == pytest.approx(-12.0, abs=0.3)


def test_a_reload_glides_to_another_depth():
    made = answering()
    deeper = tuple(replace(p, ducks={k: Number(30.0) for k in p.ducks}) for p in made.parts)
    heard = []
    for other in (made, replace(made, parts=deeper)):
        with Engine(arrange(made), stems=True, stretch=1024) as engine:
            read = [engine.read_all(round((begun_s() + 0.5) * 48000))["stem under"]]
            engine.swap(arrange(other), crossfade_s=0.5)
            read.append(engine.read_all(72000)["stem under"])
        heard.append(np.concatenate(read, axis=1))
    same, deep = heard
    first = round((begun_s() + 0.5) * 48000)
    assert np.array_equal(same[:, :first], deep[:, :first])
    late = slice(first + 36000, first + 48000)
    ratio = np.sqrt(np.mean(deep[:, late] ** 2) / np.mean(same[:, late] ** 2))
    assert 20.0 * np.log10(ratio) == pytest.approx(-18.0, abs=0.3)


def test_a_session_with_hands_on_the_leader_renders_again_from_its_take():
    made = piece(LATE)
    sparse = replace(made.parts[0], settings={"rate_per_s": Number(0.2)})
    performance = arrange(replace(made, parts=(sparse, *made.parts[1:])))
    heard = []
    with Engine(performance, live=True, stretch=256, stems=True) as engine:
        for i in range(60):
            if i == 12:
                engine.touch("bells.rate", 20.0)
            if i == 40:
                engine.touch("bells.rate", None)
            heard.append(engine.read_all(4801)["stem under"])
        take = engine.take
    with Engine(performance, take=take, jobs=2, stems=True) as engine:
        again = engine.read_all(60 * 4801)["stem under"]
    assert np.array_equal(np.concatenate(heard, axis=1), again)
    with Engine(performance, stems=True) as engine:
        untouched = engine.read_all(60 * 4801)["stem under"]
    assert np.abs(untouched - again).max() > 0.005  # more bells, more giving way


def test_a_snapshot_goes_on_where_it_was():
    performance = arrange(piece(LATE))
    with Engine(performance, stems=True, stretch=8192) as engine:
        engine.read_all(200_000)
        saved = engine.snapshot()
        on = engine.read_all(200_000)["stem under"]
    with Engine(performance, stems=True, stretch=1024) as engine:
        engine.restore(saved)
        assert np.array_equal(engine.read_all(200_000)["stem under"], on)


def test_stretches_that_touch_are_one():
    at_s, end_s = np.array([5.0, 0.0, 1.0, 2.0]), np.array([6.0, 1.5, 2.0, 4.0])
    starts, ends = merged(at_s, end_s)
    assert list(starts) == [0.0, 5.0]
    assert list(ends) == [4.0, 6.0]
    t = np.linspace(0.2, 3.9, 100)
    assert np.array_equal(presence(t, (starts, ends)), np.ones(100))
    none = merged(np.zeros(0), np.zeros(0))
    assert np.array_equal(presence(t, none), np.zeros(100))


def test_presence_is_the_same_however_it_is_asked():
    rng = np.random.default_rng(3)
    at_s = np.sort(rng.uniform(0.0, 60.0, 60))
    spans = merged(at_s, at_s + rng.uniform(0.01, 0.8, 60))
    t = np.arange(0, 60.0, 64 / 48000)
    full = presence(t, spans)
    assert full.max() == 1.0
    assert 0.1 < full.mean() < 0.9
    for i in range(0, len(t), 1117):
        part = t[i : i + 501]
        kept = [x[spans[1] > part[0] - RELEASE_S] for x in spans]
        assert np.array_equal(presence(part, (kept[0], kept[1])), full[i : i + 501])


class Clack(Bells):
    """What is struck, and rings on for two seconds."""

    presses_s = 0.04


def test_under_what_is_struck_it_gives_way_for_an_instant():
    made = answering()
    parts = tuple(replace(p, module=Clack) if p.name == "bells" else p for p in made.parts)
    found, at = gains_db(replace(made, parts=parts)), begun_s()

    def mean(first_s, last_s):
        return float(np.nanmean(found[round(first_s * 750) : round(last_s * 750)]))

    assert mean(0.5, at - 0.01) == pytest.approx(0.0, abs=1e-3)
    assert mean(at + 0.008, at + 0.038) == pytest.approx(-12.0, abs=0.1)
    assert -9.0 < mean(at + 0.045, at + 0.095) < -2.0
    assert mean(at + 0.11, 11.0) == pytest.approx(0.0, abs=1e-3)
