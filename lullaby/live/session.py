"""A session on the speakers: one score, playing, with everything that can be done to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from math import inf
from types import TracebackType
from typing import Any, Self

from lullaby.engine.engine import Engine
from lullaby.engine.fed_cues import Called, noted
from lullaby.engine.mixer import Mixer
from lullaby.errors import DeviceError, LullabyError, UsageError
from lullaby.live.aside import Aside
from lullaby.live.deck import Deck
from lullaby.live.keeper import Card, Keeper
from lullaby.live.meters import PartMeters
from lullaby.live.picture import arcs_of, parts_of, scenes_of
from lullaby.live.piece import LivePiece
from lullaby.live.plan import Plan
from lullaby.live.producer import Moment, Producer
from lullaby.live.recorder import Recorder
from lullaby.live.reload import Watch, place_after, watching
from lullaby.live.ring import Ring
from lullaby.live.status import Status
from lullaby.live.transport import Transport, scene_at
from lullaby.live.warm import steady, warm
from lullaby.model.performance import Performance
from lullaby.model.score import Score
from lullaby.model.take import Take
from lullaby.units import MICRO, gain_to_db

CROSS_S = 0.5  # between what a reload changes
RISE_S = 0.3  # fade in, where a session begins inside a piece
HURRY_S = 0.05  # fade out, where nobody wants to wait
TEND_S = 0.1
TROUBLES = 8


class Session:
    """A running piece.  Everything may be called from any thread, and answers at once.

    What is asked is heard one ring (``plan.ahead_s``) later.  ``card`` is what plays; ``reopen``
    gives another one where it is lost.
    """

    def __init__(
        self,
        score: Score,
        plan: Plan,
        card: Card,
        reopen: Callable[[], Card] | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan, self.sample_rate, self._now = plan, card.sample_rate, now
        self.piece = LivePiece(score, plan.seed, plan.from_s, plan.fed)
        performance = self.piece.performance
        if plan.from_s >= max(performance.length_us / MICRO, 1e-3):
            raise UsageError("--from lies behind the end of the piece")
        looped = None if plan.loop is None else self.piece.scene(plan.loop)
        from_s = plan.from_s
        if looped is not None and not 0 <= from_s * MICRO - looped.start_us < looped.length_us:
            from_s = looped.start_us / MICRO
        self._from_s = from_s
        warm(performance, self.sample_rate)
        engine = self._started(performance, from_s, Take(self.sample_rate))
        self._levels = PartMeters()
        self.deck = Deck(engine, plan.volume_db, self._levels.add)
        rise_s = plan.rise_s if plan.rise_s is not None else (RISE_S if from_s > 0.0 else 0.0)
        if rise_s > 0.0:
            self.deck.door.place = 0.0
            self.deck.door.to(1.0, rise_s)
        self.ring = Ring(self.sample_rate, plan.ahead_s)
        self._aside = Aside(self._failed_aside, threaded=plan.threads)
        self.transport = Transport(self.deck, self._aside, self._post, self._started)
        self.transport.loop = looped
        if plan.for_s is not None:
            self.transport.go_home(plan.for_s, plan.fade_s)
        self.recorder: Recorder | None = None
        if plan.record is not None:
            title, seed = self.piece.score.title, self.piece.score.seed
            self.recorder = Recorder(plan.record, self.sample_rate, seed, title, plan.software)
        self.producer = Producer(
            self.deck,
            self.ring,
            self.transport,
            self._levels,
            self._record,
            stretch_for(plan.ahead_s),
        )
        self.keeper = Keeper(card, self.ring, reopen or _gone, now)
        self._closed = threading.Event()
        self._threads: list[threading.Thread] = []
        self._begun_s = now()
        self._muted: frozenset[str] = frozenset()
        self._soloed: frozenset[str] = frozenset()
        self.reloads, self.last_reload = 0, ""
        self._trouble: dict[str, str] = {}
        self._scenes: tuple[Performance, Any] = (performance, scenes_of(performance))
        self._moment: Moment | None = None
        self._reading = threading.Lock()
        self._extending = False
        self._blended_s = -inf  # until when a reload crossfades

    def __enter__(self) -> Self:
        """Start to play, where it does not yet."""
        if not self._threads:
            self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End at once."""
        self.close()

    def start(self) -> None:
        """Fill the ring and start the card.  Raises DeviceError, and then leaves no file."""
        while self.producer.step():
            pass
        if self.plan.threads:
            steady()
        try:
            self.keeper.card.start(self.ring)
        except DeviceError:
            if self.recorder is not None:
                self.recorder.discard()
                self.recorder = None
            raise
        self._begun_s = self._now()
        if self.plan.threads:
            self._thread(self.producer.run, "producer")
            self._thread(self._tend, "keeper")
            if self.plan.watch:
                watch = Watch(self.piece.files)
                self._thread(lambda: watching(watch, self.reload, self._closed), "watch")

    def wait(self, for_s: float | None = None) -> bool:
        """Wait until all is heard, or for a time; return whether it is over."""
        end_s = None if for_s is None else self._now() + for_s
        while not self.over:
            left_s = 0.05 if end_s is None else min(0.05, end_s - self._now())
            if left_s <= 0.0:
                return False
            time.sleep(left_s)
        return True

    @property
    def over(self) -> bool:
        """Return whether everything was heard, or making sound has failed."""
        return (self.producer.done and self.ring.filled == 0) or self.producer.failed is not None

    def close(self) -> None:
        """End at once, and complete the recording.  Raises OutputError where that fails."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._aside.close()
        self.producer.close()
        for thread in self._threads:
            thread.join(timeout=5.0)
        self.keeper.close()
        self.deck.close()
        if self.recorder is not None:
            self.recorder.finish()

    def pump(self) -> None:
        """Do by hand what threads do: catch up, make sound until the ring is full."""
        self._aside.do_now()
        while self.producer.step():
            self._aside.do_now()
        self._look_ahead()

    def play(self) -> None:
        """Go on."""
        self._post(self.deck.play)

    def pause(self) -> None:
        """Stand still, after a short fade."""
        self._post(self.deck.pause)

    def toggle(self) -> None:
        """Play or pause."""
        self._post(lambda: self.deck.pause() if self.deck.running else self.deck.play())

    def seek(self, place_s: float) -> None:
        """Go to a place in the piece; it is heard once an engine has caught up there."""
        self._post(lambda: self.transport.seek(place_s))

    def next_scene(self) -> None:
        """Go to the next scene."""
        self._post(self.transport.next_scene)

    def previous_scene(self) -> None:
        """Go to the start of this scene, or of the one before."""
        self._post(self.transport.previous_scene)

    def loop_scene(self, name: str | None) -> None:
        """Play a scene again and again; None ends that.  Raises UsageError for no such scene."""
        if name is None:
            self._post(self.transport.end_loop)
        else:
            span = self.piece.scene(name)
            self._post(lambda: self.transport.loop_scene(span))

    def loop_here(self) -> None:
        """Loop the scene that plays, or end a loop."""

        def turn() -> None:
            performance = self.deck.engine.performance
            if self.transport.loop is not None:
                self.transport.end_loop()
            elif performance.scenes:
                at = scene_at(performance, self.transport.place_s)
                self.transport.loop_scene(performance.scenes[at])

        self._post(turn)

    def touch(self, name: str, value: float) -> None:
        """Hold an arc (0 to 1) or a parameter (``part.parameter``, in its own unit) at a value.

        Raises UsageError for what cannot be held.
        """
        if name not in self.piece.names:
            raise UsageError(f"nothing here is called {name!r}")
        if not -1e12 < value < 1e12:  # false for NaN, too
            raise UsageError(f"{name} cannot be {value}")
        if "." not in name:
            value = min(1.0, max(0.0, value))
        self._post(lambda: self._touch(name, value))

    def touch_all(self, touches: Sequence[tuple[str, float | None]]) -> None:
        """Hold names at values, or let them go (None), all at one moment; unknown ones are left.

        Besides what ``touch`` takes: the names of streams, at 1 for each row that came.
        """
        known = self.piece.names | self.piece.streamed
        order = [(n, v) for n, v in touches if n in known and (v is None or -1e12 < v < 1e12)]

        def hold() -> None:
            for name, value in order:
                self._touch(name, value)

        if order:
            self._post(hold)

    def release(self, name: str) -> None:
        """Let go: it is as written again."""
        self._post(lambda: self._touch(name, None))

    def release_all(self) -> None:
        """Let everything go."""
        self._post(self.deck.release_all)

    def mute(self, part: str, muted: bool | None = None) -> None:
        """Silence a part, or not; None turns it around.  Raises UsageError for no such part."""
        self._check_part(part)
        on = part not in self._muted if muted is None else muted
        self._muted = self._muted | {part} if on else self._muted - {part}
        self._silence()

    def solo(self, part: str, soloed: bool | None = None) -> None:
        """Hear only the soloed parts; None turns it around.  Raises UsageError for no such part."""
        self._check_part(part)
        on = part not in self._soloed if soloed is None else soloed
        self._soloed = self._soloed | {part} if on else self._soloed - {part}
        self._silence()

    def panic(self) -> None:
        """Be silent, now and gently: let everything go and pause."""
        self._post(lambda: self.deck.pause(HURRY_S))
        self.release_all()

    def reload(self) -> None:
        """Read the score again; a wrong one changes nothing but the trouble shown."""
        self._aside.put("reload", self._reload)

    def quit(self, fade_s: float | None = None) -> None:
        """Fade out and end; ``over`` once that is heard."""
        over_s = self.plan.fade_s if fade_s is None else fade_s
        self._post(lambda: self.deck.leave(over_s))

    @property
    def take(self) -> tuple[float, Take]:
        """Return what hands did since the start or the last seek, and from where it counts."""
        return self.deck.from_s, noted(self.deck.engine.take, self.piece.called)

    def call(self, piece: LivePiece, called: Sequence[Called], late: Callable[[], object]) -> None:
        """Let cues of streams go off; ``late`` is called if it is too late for their times.

        What is arranged anew for it is arranged in the calling thread.
        """
        engine, made = self.deck.engine, piece.calling(called)
        known = {type(run.settings) for run in piece.performance.runs}
        if not known.issuperset(type(run.settings) for run in made.performance.runs):
            warm(made.performance, self.sample_rate)
        amended = engine.amended(made.performance)
        first_us = min(one.at_us for one in called)

        def hand_over() -> None:
            if self.piece.score is not piece.score or self.deck.engine is not engine:
                return  # played on from another place, or another score, since
            between = self.piece is not piece  # something else was arranged meanwhile
            if between or not engine.amend(made.performance, amended, first_us):
                late()
                return
            self.piece = made
            self.transport.swapped()

        self._post(hand_over)

    def tell(self, who: str, trouble: str) -> None:
        """Show a trouble of something that goes along; nothing where it is over."""
        self._trouble.pop(who, None)
        if trouble:
            self._trouble[who] = trouble

    def status(self) -> Status:
        """Return how things stand, at the moment that is heard."""
        with self._reading:
            return self._status()

    def _status(self) -> Status:
        moments, played = self.producer.moments, self.ring.played
        while len(moments) > 1 and moments[0].frame <= played:
            self._moment = moments.popleft()
        moment = self._moment or (moments[0] if moments else None)
        performance = moment.performance if moment else self.piece.performance
        position_s = moment.position_s if moment else self._from_s
        if moment is not None and moment.state in ("playing", "fading"):
            ahead = min(moment.frame - played, self.producer.block)
            position_s = max(0.0, position_s - ahead / self.sample_rate)
        if self._scenes[0] is not performance:
            self._scenes = (performance, scenes_of(performance))
        state = "ended" if self.over else moment.state if moment else "playing"
        keeper, piece = self.keeper, self.piece
        loop = self.transport.loop
        failed = set(self.deck.engine.muted)
        return Status(
            title=piece.score.title,
            seed=piece.score.seed,
            state="lost" if keeper.lost else state,
            position_s=position_s,
            length_s=None if piece.endless else performance.length_us / MICRO,
            scene=scene_at(performance, position_s),
            scenes=self._scenes[1],
            looping=None if loop is None else loop.name,
            arcs=arcs_of(piece, performance, position_s, dict(self.deck.held)),
            parts=parts_of(performance, moment, self._muted, self._soloed, failed),
            momentary_lufs=moment.momentary_lufs if moment else float("-inf"),
            short_term_lufs=moment.short_term_lufs if moment else float("-inf"),
            true_peak_dbtp=moment.true_peak_dbtp if moment else float("-inf"),
            limiter_db=-abs(moment.reduction_db) if moment else 0.0,
            load=self.producer.load,
            ring=self.ring.filled / self.ring.frames,
            ahead_s=self.ring.frames / self.sample_rate,
            underruns=self.ring.underruns,
            uptime_s=self._now() - self._begun_s,
            device=keeper.card.name,
            device_losses=keeper.losses,
            recording=None if self.recorder is None else str(self.recorder.path),
            last_reload=self.last_reload or None,
            trouble=self._troubles(),
            true_peak_max_dbtp=float(gain_to_db(self.producer.highest)),
            sample_rate=self.sample_rate,
            reloads=self.reloads,
            silent_s=self.ring.silent_frames / self.sample_rate,
        )

    def _troubles(self) -> tuple[str, ...]:
        said = list(self._trouble.copy().values())  # which other threads change
        said += list(dict.fromkeys(self.deck.engine.messages[-TROUBLES:]))
        if self.keeper.why:
            said.append(self.keeper.why)
        if self.recorder is not None and self.recorder.trouble:
            said.append(self.recorder.trouble)
        if self.producer.failed is not None:
            said.append(f"making sound failed: {self.producer.failed}")
        return tuple(said[-TROUBLES:])

    def _started(self, performance: Performance, at_s: float, take: Take) -> Engine:
        stretch = stretch_for(self.plan.ahead_s)
        engine = Engine(
            performance, self.sample_rate, start_s=at_s, live=True, take=take, stretch=stretch
        )
        engine.ready()
        return engine

    def _post(self, order: Callable[[], object]) -> None:
        self.producer.post(lambda: (order(), None)[1])

    def _touch(self, name: str, value: float | None) -> None:
        self.deck.touch(name, value)

    def _check_part(self, part: str) -> None:
        if part not in self.piece.performance.parts:
            raise UsageError(f"there is no part {part!r}")

    def _silence(self) -> None:
        parts = set(self.deck.engine.performance.parts)
        gone = set(self._muted)
        if self._soloed:
            gone |= parts - self._soloed
        self._post(lambda: self.deck.silence(gone))

    def _record(self, block: Any, moment: Moment) -> None:
        if self.recorder is not None:
            scenes = moment.performance.scenes
            at = scene_at(moment.performance, moment.position_s)
            self.recorder.add(block, scenes[at].name if scenes else "")

    def _reload(self) -> None:
        try:
            piece = self.piece.again()
            warm(piece.performance, self.sample_rate)
        except LullabyError as error:
            self._trouble["reload"] = str(error)
            return
        engine = self.deck.engine
        place_s = place_after(engine.performance, piece.performance, self.deck.position_s)
        prepared = engine, engine.prepare(piece.performance, place_s=place_s)
        self._post(lambda: self._swap(piece, CROSS_S, prepared))

    def _swap(
        self,
        piece: LivePiece,
        cross_s: float,
        prepared: tuple[Engine, Mixer] | None = None,
    ) -> None:
        old, new = self.deck.engine.performance, piece.performance
        place_s = place_after(old, new, self.deck.position_s)
        self.deck.swap(new, cross_s, place_s, prepared)
        self.piece = piece
        self._blended_s = self._now() + 2.0 * cross_s + 1.0
        self.transport.swapped()
        self.reloads += 1
        self.last_reload = time.strftime("%H:%M:%S")
        self._trouble.pop("reload", None)
        if self._soloed:
            self._silence()
        self._extending = False

    def _extend(self, piece: LivePiece) -> None:
        self.deck.extend(piece.performance)
        self.piece = piece
        self.transport.swapped()
        self._extending = False

    def _look_ahead(self) -> None:
        # An endless piece is laid out further long before it comes to its horizon.
        place_s, piece = self.deck.position_s, self.piece
        if self._extending or piece.until_s is None or self._now() < self._blended_s:
            return

        def extend() -> None:
            longer = piece.further(place_s)

            def go_on() -> None:
                if longer is not None and self.piece is piece:
                    self._extend(longer)
                self._extending = False  # where it is another piece since, another time

            self._post(go_on)

        self._extending = True
        self._aside.put("extend", extend)

    def _tend(self) -> None:
        while not self._closed.wait(TEND_S):
            self.keeper.tend()
            self._look_ahead()

    def _failed_aside(self, name: str, error: Exception) -> None:
        self._trouble[name] = f"{name} failed: {error}"

    def _thread(self, run: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()


def stretch_for(ahead_s: float) -> int:
    """Return how many frames to make at a time: the longer the ring, the less work they are."""
    return 4096 if ahead_s >= 1.0 else 2048 if ahead_s >= 0.3 else 1024


def _gone() -> Card:
    raise DeviceError("the sound card is gone")
