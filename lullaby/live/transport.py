"""Going about in a piece: seek, scene by scene, around a loop, and home after a time.

Everything here runs in the thread that makes sound, but for catching up, which is done aside.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from lullaby.engine.engine import Engine
from lullaby.live.aside import Aside
from lullaby.live.deck import CROSS_S, Deck
from lullaby.model.performance import Performance, Span
from lullaby.model.take import Take
from lullaby.units import MICRO

BACK_S = 2.0  # later than this in a scene, "previous" goes to its start
LEAD_S = 20.0  # a loop's next turn is made ready this long before it is wanted

Post = Callable[[Callable[[], None]], None]


class Transport:
    """Where to go next.

    ``post`` runs something in the thread that makes sound; ``start(performance, at_s, take)``
    returns an engine there.
    """

    def __init__(
        self,
        deck: Deck,
        aside: Aside,
        post: Post,
        start: Callable[[Performance, float, Take], Engine],
    ) -> None:
        self._deck, self._aside, self._post, self._start = deck, aside, post, start
        self._goal_s: float | None = None  # where a seek will come out
        self._asked = 0  # counts what was asked for: only the newest seek arrives
        self.loop: Span | None = None
        self._turn: Engine | None = None  # ready at the loop's start
        self._preparing = False
        self.home_frames: int | None = None  # heard until the last fade begins
        self.fade_s = 0.0
        self._heard = 0

    @property
    def place_s(self) -> float:
        """Return where we are, or where the seek under way leads."""
        return self._deck.position_s if self._goal_s is None else self._goal_s

    def seek(self, place_s: float) -> None:
        """Go to a place, as soon as an engine has caught up there."""
        performance = self._deck.engine.performance
        first_s = performance.scenes[0].start_us / MICRO if performance.scenes else 0.0
        place_s = min(max(first_s, place_s), max(0.0, performance.length_us / MICRO - 0.001))
        self._goal_s = place_s
        self._asked += 1
        asked, take = self._asked, self._deck.held_take()
        if self.loop is not None and not _inside(self.loop, place_s):
            self.end_loop()

        def catch_up() -> None:
            if asked == self._asked:
                engine = self._start(performance, place_s, take)
                self._post(lambda: self._arrive(engine, asked))

        self._aside.put("seek", catch_up)

    def next_scene(self) -> None:
        """Go to the start of the next scene, if there is one."""
        later = [s for s in self._scenes if s.start_us > self.place_s * MICRO + 1.0]
        if later:
            self.seek(later[0].start_us / MICRO)

    def previous_scene(self) -> None:
        """Go to the start of this scene; from its first two seconds, of the one before."""
        before = self.place_s - (BACK_S if self._goal_s is None else 0.001)
        earlier = [s for s in self._scenes if s.start_us < max(before, 1e-6) * MICRO]
        self.seek(earlier[-1].start_us / MICRO if earlier else 0.0)

    def loop_scene(self, span: Span) -> None:
        """Play one scene again and again, from now on."""
        self.end_loop()
        if not _inside(span, self.place_s):
            self.seek(span.start_us / MICRO)
        self.loop = span

    def end_loop(self) -> None:
        """Go on after the scene."""
        if self._turn is not None:
            self._turn.close()
        self.loop, self._turn, self._preparing = None, None, False

    def go_home(self, after_s: float, fade_s: float) -> None:
        """End the session after a time that is heard; its last ``fade_s`` fade."""
        rate = self._deck.sample_rate
        self.fade_s = min(fade_s, after_s)
        self.home_frames = round((after_s - self.fade_s) * rate)

    def swapped(self) -> None:
        """Take note that the performance is another one now."""
        if self._turn is not None:
            self._turn.close()
        self._turn, self._preparing = None, False
        waiting_s = self._deck.drop_next()
        goal_s = self._goal_s if self._goal_s is not None else waiting_s
        if goal_s is not None:
            self.seek(goal_s)
        if self.loop is not None:
            same = [s for s in self._scenes if _name(s) == _name(self.loop)]
            self.loop = same[0] if same else None

    def tick(self, frames: int) -> None:
        """Look at the time; ``frames`` were made since the last look."""
        deck = self._deck
        if self.home_frames is not None and deck.running:
            self._heard += frames
            if self._heard >= self.home_frames:
                self.home_frames = None
                deck.leave(self.fade_s)
        if self.loop is None or self._goal_s is not None:
            return
        left_s = (self.loop.start_us + self.loop.length_us) / MICRO - deck.position_s
        if left_s < LEAD_S and self._turn is None and not self._preparing:
            self._prepare(self.loop)
        if left_s <= CROSS_S / 2 and self._turn is not None:
            turn, self._turn = self._turn, None
            deck.switch(turn)

    def _prepare(self, span: Span) -> None:
        self._preparing = True
        performance, take = self._deck.engine.performance, self._deck.held_take()

        def catch_up() -> None:
            engine = self._start(performance, span.start_us / MICRO, take)
            self._post(lambda: self._prepared(engine, span, performance))

        self._aside.put("loop", catch_up)

    def _prepared(self, engine: Engine, span: Span, performance: Performance) -> None:
        if span == self.loop and performance is self._deck.engine.performance:
            self._turn, self._preparing = engine, False
        else:
            engine.close()

    def _arrive(self, engine: Engine, asked: int) -> None:
        if asked != self._asked or engine.performance is not self._deck.engine.performance:
            engine.close()
            return
        self._goal_s = None
        self._deck.switch(engine)

    @property
    def _scenes(self) -> tuple[Span, ...]:
        return self._deck.engine.performance.scenes


def scene_at(performance: Performance, place_s: float) -> int:
    """Return which scene a place lies in; behind the end, the last one."""
    starts = [scene.start_us for scene in performance.scenes]
    return max(0, bisect_right(starts, place_s * MICRO) - 1)


def _inside(span: Span, place_s: float) -> bool:
    return span.start_us <= place_s * MICRO < span.start_us + span.length_us


def _name(span: Span) -> tuple[str, int]:
    return span.name, span.visit
