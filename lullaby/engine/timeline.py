"""Where things lie in a piece: scene after scene, each visit with its place in microseconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lullaby.engine.gliding import Unplaced, drawn, laid
from lullaby.model.chance import Chance, named
from lullaby.model.legend import inside_us
from lullaby.model.pulse import Pulse
from lullaby.model.score import SceneDef, Score, Tuning
from lullaby.model.value import Time
from lullaby.units import MICRO, seconds_to_micros

MOST_VISITS = 10_000
MOST_VISITS_A_DAY = 100_000
MOST_S = 7 * 24 * 3600
DAY_US = 24 * 3600 * MICRO


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in a scene."""

    scene: SceneDef
    number: int  # how often the scene was played before
    start_us: int
    length_us: int
    fade_us: int
    clock: Pulse
    tuning: Tuning
    told: bool = False  # it is the legend's, not one of the score's

    @property
    def name(self) -> str:
        """Return the path of this visit, which names its draws."""
        return f"{self.scene.name}/{self.number}"

    @property
    def end_us(self) -> int:
        """Return where the next visit begins."""
        return self.start_us + self.length_us


def seconds(time: Time, clock: Pulse, length_s: float, key: int, from_s: float = 0.0) -> float:
    """Return a time in seconds; ``length_s`` is what a share is of and what the end is.

    ``from_s``: where it begins, which matters for beats where the tempo glides.
    """
    amount = drawn(time, key)
    if time.unit in ("beat", "bar"):
        beats = amount * (clock.beats_a_bar if time.unit == "bar" else 1.0)
        if time.from_end and clock.glides:
            return clock.seconds(clock.beats(length_s) + beats)
        value = clock.lasting(beats, from_s)
    else:
        value = amount * (length_s if time.unit == "share" else 1.0)
    return length_s + value if time.from_end else value


def piece_clock(score: Score) -> Pulse:
    """Return the pulse of the piece itself."""
    return laid(score.clock, score.clock.bpm, None, named(score.seed, "clock"))


def endless(score: Score) -> bool:
    """Return whether a piece never comes to its end with its seed."""
    if not any(scene.next for scene in score.scenes):
        return False
    return any(count > MOST_VISITS for count, _ in enumerate(_order(score), 1))


def lead_us(score: Score) -> int:
    """Return where the piece itself begins: after a legend that stands before it."""
    before = score.legend is not None and score.legend.place == "before"
    return inside_us(score) if before else 0


class Course:
    """The visits of a piece in order, as far as they have been asked for.

    A legend in the piece is a visit of its own, before or after all others.
    """

    def __init__(self, score: Score) -> None:
        self.visits: list[Visit] = []
        self.ended = False  # it came to the end of the piece
        self._score, self._order = score, _order(score)
        self._end_us, self._clock, self._tuning = 0, piece_clock(score), score.tuning
        self._seen: dict[str, int] = {}
        self.lead_us = self.own_end_us = lead_us(score)
        if self.lead_us:
            self._tell(self.lead_us, score.scenes[0].tuning or score.tuning, 0)

    def grow(self, until_us: int | None = None) -> None:
        """Lay out every visit that begins before a place; None: all.

        Raises ScoreError for a piece without an end and no place, or one longer than seven days.
        """
        most = MOST_VISITS if until_us is None else MOST_VISITS_A_DAY * (1 + until_us // DAY_US)
        while not self.ended and (until_us is None or self._end_us < until_us):
            scene = next(self._order, None)
            if scene is None:
                self.ended = True
                told_us = 0 if self.lead_us else inside_us(self._score)
                if told_us and self.visits:  # once the last parts have faded
                    fade_us = self.visits[-1].fade_us
                    self._tell(told_us + fade_us, self._tuning, fade_us)
                return
            if len(self.visits) >= most:
                raise self._score.refused(scene.where, _too_many(until_us is None))
            self._visit(scene)
            if until_us is None and self._end_us > MOST_S * MICRO:
                raise self._score.refused(scene.where, "the piece is longer than 7 days")

    def _visit(self, scene: SceneDef) -> None:
        score, at_us = self._score, self._end_us
        self._tuning = scene.tuning or self._tuning
        number = self._seen.get(scene.name, 0)
        self._seen[scene.name] = number + 1
        key = named(score.seed, "scene", scene.name, number)
        clock = _begun(score, scene, self._clock, key) if scene.clock else self._clock
        length_us = max(1, seconds_to_micros(seconds(scene.length, clock, 0.0, key)))
        fade_us = seconds_to_micros(seconds(scene.fade, clock, length_us / MICRO, key))
        self.visits.append(Visit(scene, number, at_us, length_us, fade_us, clock, self._tuning))
        self._clock = clock.moved(length_us / MICRO)
        self._end_us = self.own_end_us = at_us + length_us

    def _tell(self, length_us: int, tuning: Tuning, fade_us: int) -> None:
        scene = SceneDef("legend", Time(length_us / MICRO, "s"))
        at_us, clock = self._end_us, self._clock
        self.visits.append(Visit(scene, 0, at_us, length_us, fade_us, clock, tuning, True))
        self._end_us += length_us


def visits(score: Score, until_us: int | None = None) -> tuple[Visit, ...]:
    """Return the visits of a piece in order; those that begin before ``until_us``, if it is given.

    Raises ScoreError for a piece without an end and no ``until_us``, or one longer than seven days.
    """
    course = Course(score)
    course.grow(until_us)
    return tuple(course.visits)


def _begun(score: Score, scene: SceneDef, before: Pulse, key: int) -> Pulse:
    assert scene.clock is not None
    amount, unit = drawn(scene.length, key), scene.length.unit
    beats_a_bar = scene.clock.beats_a_bar
    whole = (
        (amount, "s") if unit == "s" else (amount * (beats_a_bar if unit == "bar" else 1.0), "beat")
    )
    try:
        return laid(scene.clock, before.bpm, whole, named(score.seed, "clock", scene.name))
    except Unplaced:
        message = "in 'clock', a time counted from the end wants the unit of 'for'"
        raise score.refused(scene.where, message) from None


def _too_many(whole: bool) -> str:
    if whole:
        return "the piece has no end, or more than 10000 scenes; an endless one needs a length"
    return f"more than {MOST_VISITS_A_DAY} scenes a day"


def _order(score: Score) -> Iterator[SceneDef]:
    by_name = {scene.name: i for i, scene in enumerate(score.scenes)}
    i = 0
    seen: dict[str, int] = {}
    while i < len(score.scenes):
        scene = score.scenes[i]
        for _ in range(scene.repeat):
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
