"""Long pieces: a stretch of one is what the whole has there, whatever was laid out before."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine import layout as layout_file
from lullaby.engine import windows
from lullaby.engine.arrange import arrange, stretch
from lullaby.engine.layout import Layout
from lullaby.errors import ScoreError
from lullaby.model.performance import Performance, Run
from lullaby.score import read_text

HOUR_US = 3600 * 10**6

# Everything that may hang on what was before: values from where they are, factors of themselves,
# cues that set, kick, repeat and wait for a level, parts that never leave, lags, resets, tunings.
TEXT = """lullaby: 1
seed: 5
clock: {bpm: 70}
arc: {panic: 0.4, surrender: 0.2, heat: 0.5, mood: 1 - panic lag 2 s}
buses: {room: {effect: delay, feedback: mood to 0.1..0.4}}
parts:
  choir: {module: harmony, send: {room: -6 dB}, level: -12 dB, pan: walk -0.5..0.5 per 7 s}
  radio: {module: static, duck: {choir: 3 dB}, level: heat to -30..-20 dB lag 4 s}
  towers: {module: sirens, level: -20 dB, pitch: each A2..A4}
scenes:
  - scene: intro
    for: 20 s
    arc: {surrender: -> 0.5}
    play: {choir: {enter: over 3 s, level: -> -20 dB}}
  - scene: out
    for: 20..40 s
    keep: all
    arc: {panic: -> 0.8 over 50 s}
    play: {radio: enter, choir: {pan: -> 0.3 over 10 s}}
    cues:
      - {at: [3 s, 25 s], kick: {panic: 0.2 over 8 s}, do: choir.strike, mark: hit}
      - {at: 6 s, set: {heat: 0.1..0.9, room.feedback: -> 0.3 over 30 s}}
      - {every: 2 beats, set: {radio.pan: -0.5..0.5}}
    next: pick out | there | home
  - scene: there
    for: 15 s
    keep: [choir, towers]
    tuning: {root: A2, scale: dorian}
    arc: {panic: -> panic * 0.5 over 4 s}
    play: {towers: {enter: 2 s over 1 s}, choir: {level: -> level - 1 dB over 3 s}}
    mix: {room: {level: -3 dB}}
    cues:
      - {every: 4..7 s, do: all.sigh}
      - {when: panic > 0.5, back: 0.1, rest: 3 s, do: radio.crack, kick: {heat: 0.2 over 5 s}}
    next: pick out | home
  - scene: home
    for: 10 s
    keep: all
    arc: {panic: 0.3, heat: reset}
    play: {choir: {pan: reset, level: reset}}
    next: pick out | there
cues:
  - {every: 40..90 s, kick: {panic: 0.2 over 9 s}, mark: wave}
  - {when: panic > 0.6, back: 0.05, rest: 20 s, set: {towers.level: -> -15 dB over 9 s}}
"""
SCORE = read_text(TEXT)


@pytest.fixture(scope="module")
def whole() -> Performance:
    """Return two hours, laid out at once and with nothing left out."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout_file, "MANY", 10**9)
        return arrange(SCORE, 7200.0)


def differences(a: Run, b: Run, from_s: float) -> list[str]:
    t = np.linspace(max(0.0, from_s), (a.end_us - a.start_us) / 1e6, 1500)
    assert (a.key, a.end_us, a.into, a.leaders) == (b.key, b.end_us, b.into, b.leaders)
    curves = {
        **{name: (curve, b.settings.curves[name]) for name, curve in a.settings.curves.items()},
        **{n: (getattr(a.desk, n), getattr(b.desk, n)) for n in ("level_db", "fade", "pan")},
        **{n: (curve, b.desk.sends_db[n]) for n, curve in a.desk.sends_db.items()},
        **{n: (curve, b.desk.ducks_db[n]) for n, curve in a.desk.ducks_db.items()},
    }
    found = [n for n, (x, y) in curves.items() if n != "pitch_hz" and not same(x, y, t)]
    later = [[one for one in run.asked if one.at_s > from_s] for run in (a, b)]
    return found + ([] if later[0] == later[1] else ["asked"])


def same(x: object, y: object, t: np.ndarray) -> bool:
    return np.array_equal(x(t), y(t), equal_nan=True)  # type: ignore[operator]


def check(part: Performance, whole: Performance, from_us: int) -> None:
    there = {(r.part, r.name, r.start_us): r for r in whole.runs if r.end_us > from_us}
    assert there.keys() == {(r.part, r.name, r.start_us) for r in part.runs}
    for run in part.runs:
        other = there[run.part, run.name, run.start_us]
        assert not differences(run, other, (from_us - run.start_us) / 1e6), (run.part, run.name)
    t = np.linspace(from_us / 1e6, 7200.0, 20_000)
    for name, arc in whole.arcs.items():
        assert same(arc, part.arcs[name], t), name
    for bus, other_bus in zip(whole.buses, part.buses, strict=True):
        assert same(bus.level_db, other_bus.level_db, t)
        for name, curve in bus.effects[0].curves.items():
            assert same(curve, other_bus.effects[0].curves[name], t), name
    assert part.marks == tuple(mark for mark in whole.marks if mark.at_us >= from_us)
    assert part.scenes == tuple(s for s in whole.scenes if s.start_us + s.length_us > from_us)


def test_a_stretch_is_what_the_whole_has_there(whole: Performance) -> None:
    grown = Layout(SCORE)
    for minutes in range(5, 121, 5):
        grown.further(minutes * 60 * 10**6)
    part = stretch(grown, HOUR_US, 2 * HOUR_US)
    assert grown.back_us < HOUR_US
    assert len(part.runs) < 0.7 * len(whole.runs)
    check(part, whole, HOUR_US)


def test_letting_go_of_what_is_over_changes_nothing(whole: Performance) -> None:
    made = arrange(SCORE, 7200.0)
    check(made, whole, 0)


def size(performance: Performance) -> int:
    """Return how many pieces the arcs of a performance are made of."""
    from lullaby.model.curve import inside

    return sum(
        1 for run in performance.runs[-1:] for c in run.settings.curves.values() for _ in inside(c)
    )


def test_a_stretch_is_no_larger_later_than_at_first() -> None:
    grown = Layout(SCORE)
    sizes = []
    for hours in (3, 9):
        from_us = (hours - 2) * HOUR_US
        part = stretch(grown, from_us, hours * HOUR_US)
        sizes.append((len(part.runs), size(part), len(part.scenes)))
    for early, late in zip(*sizes, strict=True):
        assert late < 1.6 * early


def test_an_hour_has_no_more_cues_than_an_hour_may_have() -> None:
    text = """lullaby: 1
parts: {a: {module: static}}
scenes: [{scene: on, for: 1 h, keep: all, play: {a: enter}, next: on}]
cues: [{every: 200 ms, mark: tick}]
"""
    assert len(arrange(read_text(text), 5400.0).marks) == 26_999
    with pytest.raises(ScoreError, match="cues go off more than 20000 times an hour"):
        arrange(read_text(text.replace("200", "100")), 5400.0)


def test_a_long_lag_is_looked_back_for(whole: Performance) -> None:
    slow = read_text(TEXT.replace("lag 2 s", "lag 5 min"))
    assert windows.back_us(slow, []) - windows.back_us(SCORE, []) == 20 * 298 * 10**6
