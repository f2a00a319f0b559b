"""Where things lie in a piece: scene after scene, each visit with its place in microseconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lullaby.errors import Finding, ScoreError
from lullaby.model.chance import Chance, named
from lullaby.model.score import Clock, SceneDef, Score, Where
from lullaby.model.value import Time
from lullaby.units import MICRO, seconds_to_micros

MOST_VISITS = 10_000
MOST_S = 7 * 24 * 3600


@dataclass(frozen=True)
class Visit:
    """One stay in a scene."""

    scene: SceneDef
    number: int  # how often the scene was played before
    start_us: int
    length_us: int
    fade_us: int
    clock: Clock

    @property
    def name(self) -> str:
        """Return the path of this visit, which names its draws."""
        return f"{self.scene.name}/{self.number}"

    @property
    def end_us(self) -> int:
        """Return where the next visit begins."""
        return self.start_us + self.length_us


def seconds(time: Time, clock: Clock, length_s: float, key: int) -> float:
    """Return a time in seconds; ``length_s`` is what a share is of and what the end is."""
    unit = {
        "s": 1.0,
        "beat": 60.0 / clock.bpm,
        "bar": 60.0 / clock.bpm * clock.beats_a_bar,
        "share": length_s,
    }[time.unit]
    amount = time.amount
    if time.until is not None:
        amount = float(Chance(key).uniform("time", amount, time.until))
    if time.spread:
        amount += float(Chance(key).uniform("time", -time.spread, time.spread))
    value = amount * unit
    return length_s + value if time.from_end else value


def visits(score: Score) -> tuple[Visit, ...]:
    """Return the visits of a piece that ends, in order.

    Raises ScoreError for a piece without an end, or one longer than seven days.
    """
    made: list[Visit] = []
    at_us, clock = 0, score.clock
    seen: dict[str, int] = {}
    for scene in _order(score):
        clock = scene.clock or clock
        number = seen.get(scene.name, 0)
        seen[scene.name] = number + 1
        key = named(score.seed, "scene", scene.name, number)
        length_us = seconds_to_micros(seconds(scene.length, clock, 0.0, key))
        fade_us = seconds_to_micros(seconds(scene.fade, clock, length_us / MICRO, key))
        made.append(Visit(scene, number, at_us, length_us, fade_us, clock))
        at_us += length_us
        if at_us > MOST_S * MICRO:
            raise _refused(scene.where, "the piece is longer than 7 days", score)
    return tuple(made)


def _order(score: Score) -> Iterator[SceneDef]:
    by_name = {scene.name: i for i, scene in enumerate(score.scenes)}
    i, count = 0, 0
    seen: dict[str, int] = {}
    while i < len(score.scenes):
        scene = score.scenes[i]
        for _ in range(scene.repeat):
            count += 1
            if count > MOST_VISITS:
                raise _refused(
                    scene.where, "the piece has no end; endless pieces need a length", score
                )
            yield scene
        if not scene.next:
            i += 1
            continue
        number = seen.get(scene.name, 0)
        seen[scene.name] = number + 1
        chance = Chance(named(score.seed, "next", scene.name, number))
        goal = scene.next[int(chance.choice("next", len(scene.next)))]
        if goal == "stop":
            return
        i = by_name[goal]


def _refused(where: Where, message: str, score: Score) -> ScoreError:
    return ScoreError([Finding(where.file or score.path, where.line, where.column, message)])
