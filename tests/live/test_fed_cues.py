"""Cues that wait for a stream go off as it plays, and from the take to the same samples."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from lullaby import Piece
from lullaby.cli import lullaby as command
from lullaby.data import resolved
from lullaby.engine.arrange import arrange, stretch
from lullaby.engine.engine import Engine
from lullaby.engine.fed_cues import Called
from lullaby.engine.layout import Layout
from lullaby.errors import Finding, ScoreError
from lullaby.live.company import Company, Wishes
from lullaby.live.piece import LivePiece
from lullaby.live.plan import Plan
from lullaby.live.session import Session
from lullaby.model.take_text import Recorded, read, written
from lullaby.outputs.takes import save
from lullaby.score import read_text
from tests.data.test_live import FED, Script

RATE, PERIOD, TEND = 16000, 800, 4000  # frames
SCORE = """\
lullaby: 1
data:
  web: {file: none.csv, time: t}
signals:
  busy: {from: web.x, range: 0..100, gaps: hold}
arc: {panic: 0.8 * busy}
buses: {hall: {effect: hall, decay: 2 s}}
parts:
  line:
    {module: data_voice, pitch: A3, level: -12 dB, cutoff: panic to 300..3000 Hz,
     send: {hall: -6 dB}}
  rain: {module: data_voice, sustain: 0, density: panic to 2..12 /s}
  bell: {module: data_voice, pitch: E5}
scenes:
  - {scene: one, for: 12 s, play: {line: enter, rain: enter}}
  - {scene: two, for: 12 s, keep: all}
cues:
  - {%s}
"""


class ByHand:
    """A card whose time passes when the test reads the ring."""

    name, sample_rate = "by hand", RATE

    def start(self, ring):
        pass

    def active(self):
        return True

    def close(self):
        pass


class Played:
    """A session played by hand; ``rows``: what comes in each quarter of a second."""

    def __init__(self, folder, cue, rows, seconds=16.0, seek=None):
        self.score = resolved(read_text(SCORE % cue, folder=folder, fed=FED), fed=FED)
        feed, now = Script(b"t,x"), [0.0]
        plan = Plan(threads=False, fed=FED, ahead_s=0.1)
        session = Session(self.score, plan, ByHand(), now=lambda: now[0])
        company = Company(session, Wishes(feeds={"web": feed}))
        session.start()
        out, heard = np.zeros((PERIOD, 2), np.float32), []
        for frame in range(0, round(seconds * RATE), PERIOD):
            now[0] = frame / RATE
            if frame % TEND == 0:
                feed.due += rows(frame / RATE)
                if seek is not None and frame == seek[0] * RATE:
                    session.seek(seek[1])
                company.tend()
            session.pump()
            session.ring.read(out)
            heard.append(out.T.copy())
        self.heard = np.concatenate(heard, axis=1)
        self.from_s, take = session.take
        self.take = read(written(Recorded(take, 0))).take
        self.performance, self.called = session.piece.performance, session.piece.called
        self.trouble = session.status().trouble
        company.close()
        session.close()

    @property
    def times(self):
        return [one.at_us / 1e6 for one in self.called]

    def again(self, **how):
        with Piece(self.score).engine(RATE, take=self.take, **how) as engine:
            return engine.read(self.heard.shape[1])


def jump(at_s, low=10, high=90):
    return lambda t: [b"0,%d" % (high if any(a <= t < b for a, b in at_s) else low)]


CUES = {
    "do": "when: busy > 0.5, do: bell.strike, with: {pitch: E5, ring: 2 s}",
    "kick": "when: busy > 0.5, kick: {panic: 0.4 over 3 s}",
    "set": "when: busy > 0.5, set: {line.pitch: -> E4 over 1 s, hall.decay: 6 s}",
    "arc": "when: panic > 0.5, do: [line.sigh, rain.strike], mark: hot",
    "column": "when: web.x > 50, do: bell.strike, mark: over",
    "each": "each: web, rest: 2 s, do: bell.strike",
}


@pytest.fixture(scope="module")
def without(tmp_path_factory):
    """Return what is heard where no cue goes off."""
    folder = tmp_path_factory.mktemp("without")
    return Played(folder, "at: 23 s, mark: x", jump([(4.0, 6.0), (9.0, 11.0)]), seconds=12.0)


@pytest.mark.parametrize("cue", CUES.values(), ids=CUES)
def test_it_goes_off_and_the_take_gives_the_same_samples(tmp_path, cue, without):
    played = Played(tmp_path, cue, jump([(4.0, 6.0), (9.0, 11.0)]), seconds=12.0)
    assert len(played.times) >= 2
    np.testing.assert_array_equal(played.heard, played.again())
    np.testing.assert_array_equal(played.heard, played.again(stretch=4096, jobs=2))
    first = round(played.times[0] * RATE) - 2000  # the limiter looks ahead
    assert np.array_equal(played.heard[:, :first], without.heard[:, :first])
    assert not np.array_equal(played.heard, without.heard)


def test_it_goes_off_a_moment_after_the_crossing(tmp_path):
    played = Played(tmp_path, "when: busy > 0.5, mark: over", jump([(4.0, 6.0)]))
    (at_s,) = played.times
    assert 4.25 < at_s < 5.1
    assert [(m.name, m.at_us / 1e6) for m in played.performance.marks] == [("over", at_s)]


def test_hysteresis_and_rest_are_those_of_any_cue(tmp_path):
    # From 55 down to 45 and up again: with `back` that is no way back.
    wobble = jump([(2.0, 3.0), (4.0, 5.0), (6.0, 7.0)], 45, 55)
    assert len(Played(tmp_path, "when: busy > 0.5, mark: x", wobble).times) == 3
    assert len(Played(tmp_path, "when: busy > 0.5, back: 0.1, mark: x", wobble).times) == 1
    assert len(Played(tmp_path, "when: busy > 0.5, rest: 3 s, mark: x", wobble).times) == 2
    assert len(Played(tmp_path, "when: busy < 0.5, mark: x", wobble).times) == 3
    each = Played(tmp_path, "each: web, rest: 4 s, mark: x", wobble, seconds=12.5).times
    assert len(each) == 3
    assert (np.diff(each) >= 3.99).all()


def test_after_a_seek_the_take_still_gives_what_was_heard(tmp_path):
    played = Played(tmp_path, CUES["set"], jump([(2.0, 3.0), (9.0, 10.0)]), seek=(6.0, 14.0))
    assert played.from_s == pytest.approx(14.0, abs=0.01)
    with Piece(played.score).engine(RATE, take=played.take, start_s=played.from_s) as engine:
        again = engine.read(12 * RATE)
    tail = played.heard[:, -2 * RATE :]
    places = range(again.shape[1] - tail.shape[1])
    shift = next(i for i in places if np.array_equal(again[:, i : i + 64], tail[:, :64]))
    np.testing.assert_array_equal(tail, again[:, shift : shift + tail.shape[1]])


def test_the_command_renders_the_take_of_a_stream(tmp_path):
    # The table of the score is not there, and need not be.
    rows = jump([(2.0, 3.0)])
    played = Played(tmp_path, "each: web, rest: 2 s, do: bell.strike", rows, seconds=6.0)
    (tmp_path / "piece.yaml").write_text(SCORE % "each: web, rest: 2 s, do: bell.strike")
    save(tmp_path / "session.take", Recorded(played.take, played.score.seed))
    out = tmp_path / "again.wav"
    options = ["--take", str(tmp_path / "session.take"), "--rate", str(RATE), "--bits", "32f"]
    done = CliRunner().invoke(
        command, ["render", str(tmp_path / "piece.yaml"), "-o", str(out), "--to", "6s", *options]
    )
    assert done.exit_code == 0, done.output
    assert "warning" not in done.output
    again, _ = soundfile.read(out, dtype="float32")
    np.testing.assert_array_equal(again.T[:, : 6 * RATE], played.heard)


def test_what_has_been_composed_is_not_amended(tmp_path):
    score = resolved(read_text(SCORE % CUES["kick"], folder=tmp_path, fed=FED), fed=FED)
    with Engine(arrange(score), RATE, live=True) as engine:
        engine.read(3 * RATE)
        for at_us, wanted in ((3_000_000, False), (3_200_000, False), (3_600_000, True)):
            made = arrange(score, None, [Called(at_us, 0)])
            assert engine.amend(made, engine.amended(made), at_us) is wanted
            assert (engine.performance is made) is wanted


def test_a_cue_that_asks_too_much_is_told_and_plays_on(tmp_path, monkeypatch):
    def refuse(piece, called):
        raise ScoreError([Finding("piece.yaml", 17, 3, "too much")])

    monkeypatch.setattr(LivePiece, "calling", refuse)
    played = Played(tmp_path, CUES["do"], jump([(2.0, 3.0)]), seconds=5.0)
    assert played.times == []
    assert "too much" in played.trouble[0]
    assert np.abs(played.heard[:, -RATE:]).max() > 1e-3


def test_a_cue_handed_over_too_late_is_tried_again(tmp_path, monkeypatch):
    real, turned = Engine.amend, []

    def late(self, performance, amended, from_us):
        if not turned:
            turned.append(from_us)
            return False
        return real(self, performance, amended, from_us)

    monkeypatch.setattr(Engine, "amend", late)
    played = Played(tmp_path, CUES["kick"], jump([(2.0, 3.0)]), seconds=8.0)
    (at_s,) = played.times
    assert turned[0] / 1e6 < at_s < turned[0] / 1e6 + 0.6
    np.testing.assert_array_equal(played.heard, played.again())


ENDLESS = """\
lullaby: 1
data: {web: {file: none.csv, time: t}}
signals: {busy: {from: web.x, range: 0..100, gaps: hold}}
arc: {panic: 0.3, heat: 0.2, surrender: 0.1}
parts:
  line: {module: data_voice, pitch: A3, cutoff: heat to 300..3000 Hz}
  towers: {module: sirens, level: -20 dB}
scenes:
  - scene: one
    for: 20..40 s
    keep: all
    arc: {panic: -> 0.8 over 15 s}
    play: {line: enter, towers: enter}
    cues: [{when: busy > 0.5, rest: 2 s, kick: {panic: 0.2 over 6 s}, do: line.strike}]
    next: pick one | two
  - {scene: two, for: 15 s, keep: [line], arc: {panic: -> 0.1}, next: pick one | two}
cues:
  - {when: busy > 0.9, rest: 2 s, set: {heat: 0.1..0.9, line.level: -> -9 dB over 3 s}, mark: hot}
  - {every: 7..12 s, kick: {heat: 0.1 over 3 s}}
"""


def values(performance, t):
    made = {name: arc(t) for name, arc in performance.arcs.items()}
    for run in performance.runs:
        here = t - run.start_us / 1e6
        for name in ("level_db", "fade"):
            made[run.part, run.name, name] = getattr(run.desk, name)(here)
        made[run.part, run.name, "asked"] = np.array([one.at_s for one in run.asked])
    made["marks"] = np.array([mark.at_us for mark in performance.marks])
    return made


@pytest.mark.parametrize("more", ["", "  - {when: panic > 0.7, mark: hot}\n"])
def test_a_call_lays_out_no_more_than_it_must(tmp_path, more):
    score = resolved(read_text(ENDLESS + more, folder=tmp_path, fed=FED), fed=FED)
    whole, until_us = Layout(score), 600 * 10**6
    stretch(whole, 0, until_us)
    calls = [
        [Called(100_001_333, 0)],
        [Called(250_500_000, 3 if more else 2), Called(250_500_000, 0)],
    ]
    now = whole
    for called in calls:
        now = now.calling(called)
    assert (now.course is whole.course) == (not more)  # a crossing may hang on what was called
    made = values(stretch(now, 0, until_us), np.linspace(0.0, 600.0, 6001))
    again = Layout(score, [one for called in calls for one in called])
    wanted = values(stretch(again, 0, until_us), np.linspace(0.0, 600.0, 6001))
    assert made.keys() == wanted.keys()
    for name, value in wanted.items():
        assert np.array_equal(made[name], value), name
    plain = values(stretch(Layout(score), 0, until_us), np.linspace(0.0, 600.0, 6001))
    assert not np.array_equal(plain["heat"], made["heat"])
    assert not np.array_equal(plain["panic"], made["panic"])
    # What goes on from there is laid out with what was called, too.
    later = np.linspace(600.0, 1500.0, 9001)
    one, other = (stretch(each, until_us, 1500 * 10**6) for each in (now, again))
    for name, value in values(other, later).items():
        assert np.array_equal(values(one, later)[name], value), name


def test_what_was_laid_out_meanwhile_is_not_lost_to_the_piece_with_a_call(tmp_path):
    score = resolved(read_text(ENDLESS, folder=tmp_path, fed=FED), fed=FED)
    before, first_us, until_us = Layout(score), 600 * 10**6, 1500 * 10**6
    stretch(before, 0, first_us)
    called = [Called(100_001_333, 0)]
    after = before.calling(called)
    stretch(before, 0, until_us)  # while the other waits to be handed over
    t = np.linspace(0.0, 1500.0, 15_001)
    made = values(stretch(after, 0, until_us), t)
    wanted = values(stretch(Layout(score, called), 0, until_us), t)
    for name, value in wanted.items():
        assert np.array_equal(made[name], value), name
    # Nor is anything of the other's.
    plain = values(stretch(Layout(score), 0, until_us), t)
    kept = values(stretch(before, 0, until_us), t)
    for name, value in plain.items():
        assert np.array_equal(kept[name], value), name
