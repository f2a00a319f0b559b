"""Lets the cues go off that wait for a stream, while a session plays."""

from __future__ import annotations

import time
from collections.abc import Mapping

from lullaby.engine.engine import Engine
from lullaby.engine.fed_cues import Called, Waiting
from lullaby.engine.firing import HOUR_US, LEAST_US, MOST_FIRINGS, Watch
from lullaby.engine.hands import HELD_S, bound
from lullaby.engine.timeline import seconds
from lullaby.errors import LullabyError
from lullaby.live.piece import LivePiece
from lullaby.live.session import Session
from lullaby.model.chance import named
from lullaby.units import MICRO, STEP, seconds_to_micros

LEAD_S, MOST_LEAD_S = 0.35, 20.0  # to arrange and hand over what must be known a cell ahead


class Caller:
    """Looks, each time it is asked, at what has been played since, and at the rows that came."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._engine: Engine | None = None
        self._watches: dict[tuple[int, str], Watch] = {}
        self._free_us: dict[tuple[int, str], int] = {}
        self._late: list[int] = []  # cues that came too late to be handed over, to try again
        self._lead_s = LEAD_S

    def tend(self, rows: Mapping[str, int]) -> None:
        """Call what has to go off; ``rows``: how many came of each source since the last time."""
        session = self._session
        piece, engine = session.piece, session.deck.engine
        if not piece.waiting or not session.deck.running:
            return
        if engine is not self._engine:  # the start, a seek, a loop's turn
            self._engine, self._watches, self._free_us = engine, {}, {}
        now_us = engine.mixer.frame // STEP * STEP * MICRO // engine.sample_rate
        found, self._late = self._late, []
        for waiting in piece.waiting:
            if waiting.stretch.visit.start_us <= now_us < waiting.stretch.end_us:
                found += self._found(piece, engine, waiting, now_us, rows)
        room = MOST_FIRINGS // 2 * (1 + now_us // HOUR_US) - len(piece.called)
        if found[:room]:
            at_us = now_us + round((HELD_S + self._lead_s) * MICRO)
            called = [Called(at_us, number) for number in dict.fromkeys(found[:room])]
            begun_s = time.monotonic()
            try:
                session.call(piece, called, lambda: self._late.extend(found))
                # A long piece takes its time to be arranged: then the next go off later.
                spent_s = time.monotonic() - begun_s
                self._lead_s = min(max(self._lead_s, LEAD_S + 2.0 * spent_s), MOST_LEAD_S)
            except LullabyError as error:  # such as more gestures than a part can be asked for
                session.tell("cues", str(error))

    def _found(
        self, piece: LivePiece, engine: Engine, one: Waiting, now_us: int, rows: Mapping[str, int]
    ) -> list[int]:
        key = (one.number, one.stretch.path)
        if one.cue.each:
            if not rows.get(one.cue.each) or now_us < self._free_us.get(key, 0):
                return []
            self._free_us[key] = now_us + self._rest_us(piece, one)
            return [one.number]
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = Watch(one.cue, one.stretch, piece.score.seed)
            watch.begin(seconds_to_micros(self._session.deck.from_s))
        known = piece.score.known
        assert known is not None
        curves = {**known.curves(), **piece.performance.arcs}
        curve = bound(curves[watch.name], engine.hands, 0, engine.sample_rate, held=False)
        at_us = watch.next(curve, now_us)
        if at_us is None:
            watch.pass_by(curve, now_us)
            return []
        watch.fired(at_us)
        return [one.number]

    def _rest_us(self, piece: LivePiece, one: Waiting) -> int:
        if one.cue.rest is None:
            return LEAST_US
        visit = one.stretch.visit
        key = named(piece.score.seed, one.stretch.path, one.cue.text, "rest")
        rest_s = seconds(one.cue.rest, visit.clock, visit.length_us / MICRO, key)
        return max(LEAST_US, seconds_to_micros(rest_s))
