"""The running piece before the last bus: strips and buses, a stretch at a time.

Sums are always in the order of the score, so neither threads nor the length of a stretch show.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lullaby.engine.busway import Busway
from lullaby.engine.composer import composer, identity
from lullaby.engine.ducking import Leaders, ducking
from lullaby.engine.hands import Hands
from lullaby.engine.part_faders import PartFaders
from lullaby.engine.player import Player
from lullaby.engine.relay import Relay, ready
from lullaby.engine.strip import Sounded, Strip
from lullaby.model.chance import Floats
from lullaby.model.curve import Constant, Curve, Ramp
from lullaby.model.performance import MASTER, Performance, Run
from lullaby.units import STEP, micros_to_grid

CATCH_UP = 1024
AHEAD = 2  # stretches that parts are played before they are mixed, where nothing comes between
STALE_S = 2.0  # what was made ready longer ago than this is made again


@dataclass(frozen=True)
class Mixed:
    """A stretch of sound before the last bus: the mix, and what it is the sum of."""

    mix: Any  # float32, (2, frames)
    stems: Mapping[str, Any]  # by name of part or bus; those that go to master sum to the mix


@dataclass(frozen=True)
class _Begun:
    """A stretch of all parts, perhaps still being played."""

    frame: int
    frames: int
    strips: Sequence[Any]  # in a snapshot their places
    sounds: Sequence[Future[Sounded]]
    new: frozenset[int] = frozenset()  # the places among them of those that begin to play


class Mixer:
    """Strips and buses of a performance at one place; places are frames, multiples of 64."""

    def __init__(
        self,
        performance: Performance,
        sample_rate: int,
        frame: int,
        hands: Hands,
        *,
        live: bool = False,
        pool: Executor | None = None,
    ) -> None:
        self.performance, self.sample_rate, self.frame = performance, sample_rate, frame
        self._hands, self._live, self._pool = hands, live, pool
        self._leaders = self._led(performance)
        self.buses = {b.name: Busway(b, sample_rate, hands) for b in performance.buses}
        self.strips: dict[int, Strip] = {}
        self.ahead = pool is not None and not live
        self._begun: deque[_Begun] = deque()
        self._relay = None if pool is None else Relay(pool)
        self._ghosts: list[Strip] = []
        self.levels: dict[str, float] = {}
        self.faders = PartFaders(sample_rate)
        self.tap: Callable[[str, Any], None] | None = None  # sees every part as it is summed
        self.messages: list[str] = []
        self.muted: set[str] = set()
        ends_us = [(r.start_us, r.end_us) for r in performance.runs]
        self._frames = np.array(
            [[micros_to_grid(us, sample_rate) * STEP for us in pair] for pair in ends_us], np.int64
        ).reshape(-1, 2)

    @property
    def ended(self) -> bool:
        """Return whether no run is left to sound."""
        return bool(np.all(self._frames[:, 1] <= self.frame)) and not self._ghosts

    def render(self, frames: int, stems: bool = False) -> Mixed:
        """Return the next stretch: ``frames`` (a multiple of 64), or what a snapshot had begun."""
        from lullaby.dsp.mixing import ramp

        begun = self._begun.popleft() if self._begun else self._begin(self.frame, frames)
        played, frame = self._finish(begun), self.frame
        self._pass(begun.frames)
        # Where no hand and no reload can come between, the parts play on while buses are mixed:
        # two stretches on, so that those who are done with one need not wait for the slowest.
        while self.ahead and len(self._begun) < AHEAD:
            at = self._begun[-1].frame + self._begun[-1].frames if self._begun else self.frame
            self._begun.append(self._begin(at, frames))
        frames = begun.frames
        for bus in self.buses.values():
            bus.begin(frames)
        inputs = {name: bus.block for name, bus in self.buses.items()}
        inputs[MASTER] = mix = np.zeros((2, frames), np.float32)
        kept: dict[str, Any] = {}
        if stems:
            kept = {n: np.zeros((2, frames), np.float32) for n in self.performance.parts}
        gains = self.faders.next(frames)
        for run, sound in played:
            if run.part in gains:
                ramp(sound.block, gains[run.part])
            if self.tap is not None:
                self.tap(run.part, sound.block)
            self._add(inputs, run.into, sound.sent, sound.block)
            self.levels[run.part] = _peak(sound.block)
            if stems:
                kept[run.part] += sound.block
        for name, bus in self.buses.items():
            bus.process(frame)
            self._add(inputs, bus.bus.into, bus.sends(frame, frames), bus.block)
            self.levels[name] = _peak(bus.block)
            if stems:
                kept[name] = bus.block
        return Mixed(mix, kept)

    def _begin(self, frame: int, frames: int) -> _Begun:
        new = frozenset(n for n, i in enumerate(self._due(frame, frames)) if i not in self.strips)
        strips = [*self._present(frame, frames), *self._ghosts]
        if self._relay is None:
            sounds = [ready(strip.render(frame, frames)) for strip in strips]
        else:
            sounds = [self._relay.render(strip, frame, frames) for strip in strips]
        return _Begun(frame, frames, strips, sounds, new)

    def _finish(self, begun: _Begun) -> list[tuple[Run, Sounded]]:
        muted = set(self.muted)  # by now, which one that began to play ahead could not know
        played = []
        for i, (strip, future) in enumerate(zip(begun.strips, begun.sounds, strict=True)):
            sound = future.result()
            if strip.given_up or (i in begun.new and strip.run.part in muted):
                strip.give_up()
                sound = replace(sound, block=np.zeros_like(sound.block), messages=())
            self.messages += sound.messages
            if sound.muted:
                self.muted.add(strip.run.part)
            played.append((strip.run, sound))
        return played

    def _pass(self, frames: int) -> None:
        self.frame += frames
        self._ghosts = [g for g in self._ghosts if self._fading(g)]
        for i in [i for i, s in self.strips.items() if s.last_frame <= self.frame]:
            del self.strips[i]

    def prepared(self, performance: Performance, moved: int) -> Mixer:
        """Return another performance ready to be swapped in: what is new in it has caught up.

        ``moved``: how many frames later the same moment is there.  May be called beside a thread
        that renders; the swap may come a little later.
        """
        new = Mixer(performance, self.sample_rate, self.frame + moved, self._hands, live=self._live)
        new._pool, new._relay = self._pool, self._relay
        heirs = self._heirs(new, moved)
        due = [j for j in new._due(new.frame, STEP) if j not in heirs]
        new.strips = {j: new._strip(j, new.frame) for j in due}
        return new

    def swap(
        self,
        performance: Performance,
        crossfade_s: float,
        frame: int | None = None,
        prepared: Mixer | None = None,
    ) -> None:
        """Play another performance from here on: what is the same goes on, the rest crossfades.

        ``frame`` is the place in the new performance (where it is, if not given).
        Raises ValueError where parts are played ahead.
        """
        if self.ahead:
            raise ValueError("only a live engine, or one with jobs=1, takes another performance")
        old, moved = self, (self.frame if frame is None else frame) - self.frame
        new = prepared or self.prepared(performance, moved)
        ready, new.strips = new._caught_up(self.frame + moved), {}
        heirs = self._heirs(new, moved)
        self._leaders = self._led(performance)  # new ones: hands may have moved since
        for j in new._due(new.frame, STEP):
            if j in heirs:
                new.strips[j] = old._inherited(old.strips[heirs[j]], performance, j, crossfade_s)
            else:
                strip = ready.get(j) or new._strip(j, new.frame)
                strip.swap = _ramp(strip, new.frame, crossfade_s, 0.0, 1.0)
                new.strips[j] = strip
        gone = [s for i, s in old.strips.items() if i not in heirs.values()]
        for strip in gone:
            strip.swap = _ramp(strip, old.frame, crossfade_s, 1.0, 0.0)
        self._crossfade_buses(new, crossfade_s)
        self.performance, self.buses, self.strips = performance, new.buses, new.strips
        self._frames = new._frames
        self._ghosts = [*self._ghosts, *gone]
        if moved:
            for ghost in self._ghosts:
                ghost.first_frame += moved
                ghost.last_frame += moved
            self.frame = new.frame

    def amended(self, performance: Performance) -> Mixer:
        """Return a mixer of a performance that is this one up to a place still to come."""
        new = Mixer(performance, self.sample_rate, self.frame, self._hands, live=self._live)
        olds = {identity(strip.run) for strip in list(self.strips.values())}
        for j in new._due(new.frame, STEP):
            if identity(performance.runs[j]) in olds:
                new.strips[j] = new._made(performance, performance.runs[j], 0, resumed=True)
        return new

    def extend(self, performance: Performance, made: Mixer | None = None) -> None:
        """Go on in the same piece laid out further: all that sounds goes on as it was.

        ``made``: what ``amended`` returned for it a moment ago.  Raises ValueError where parts are
        played ahead.
        """
        if self.ahead:
            raise ValueError("only a live engine, or one with jobs=1, takes another performance")
        new = made or Mixer(performance, self.sample_rate, self.frame, self._hands, live=self._live)
        ready, new.strips = new.strips, {}
        self._leaders = self._led(performance)
        places = {identity(run): j for j, run in enumerate(performance.runs)}
        for old in self.strips.values():
            j = places[identity(old.run)]
            strip = ready.get(j) or self._made(performance, performance.runs[j], 0, resumed=True)
            strip.go_on(old)
            new.strips[j] = strip
        for name, bus in new.buses.items():
            bus.go_on(self.buses[name])
        self.performance, self.buses, self.strips = performance, new.buses, new.strips
        self._frames = new._frames

    def snapshot(self) -> dict[str, Any]:
        """Return copies of everything that has changed since the mixer was made."""
        place = {id(strip): i for i, strip in self.strips.items()}
        begun = [
            replace(b, strips=[place[id(s)] for s in b.strips], sounds=[*map(_copied, b.sounds)])
            for b in self._begun
        ]
        return {
            "begun": begun,
            "frame": self.frame,
            "muted": sorted(self.muted),
            "strips": {i: strip.snapshot() for i, strip in self.strips.items()},
            "buses": {name: bus.snapshot() for name, bus in self.buses.items()},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a snapshot of a mixer of the same performance."""
        self.frame, self.muted = state["frame"], set(state["muted"])
        self.strips = {}
        for i, saved in state["strips"].items():
            self.strips[i] = self._strip(i, self.frame, resumed=True)
            self.strips[i].restore(saved)
            if self.strips[i].run.part in self.muted:
                self.strips[i].give_up()
        for name, saved in state["buses"].items():
            self.buses[name].restore(saved)
        self._begun.clear()
        for b in state["begun"]:
            strips = [self.strips[i] for i in b.strips]
            self._begun.append(replace(b, strips=strips, sounds=[*map(_copied, b.sounds)]))

    def _due(self, frame: int, frames: int) -> list[int]:
        first, last = self._frames[:, 0], self._frames[:, 1]
        due = np.flatnonzero((first < frame + frames) & (last > frame))
        return [int(i) for i in due]

    def _present(self, frame: int, frames: int) -> list[Strip]:
        due = self._due(frame, frames)
        new = [i for i in due if i not in self.strips]
        made = self._each(new, lambda i: self._strip(i, frame))
        for i, strip in zip(new, made, strict=True):
            self.strips[i] = strip
            if strip.run.part in self.muted:
                strip.give_up()
        return [self.strips[i] for i in due]

    def _strip(self, i: int, frame: int, resumed: bool = False) -> Strip:
        run = self.performance.runs[i]
        return self._made(self.performance, run, frame, resumed)

    def _made(self, performance: Performance, run: Run, frame: int, resumed: bool) -> Strip:
        first = micros_to_grid(run.start_us, self.sample_rate) * STEP
        player = Player(
            composer(performance, run, self.sample_rate, self._hands),
            self.sample_rate,
            frame - first,
            self._hands,
            live=self._live,
            resumed=resumed,
        )
        giving_way = ducking(self._leaders, run, self.sample_rate, self._hands)
        return Strip(player, self.sample_rate, self._hands, giving_way)

    def _led(self, performance: Performance) -> Leaders:
        return Leaders(performance, self.sample_rate, self._hands, live=self._live)

    def _inherited(self, old: Strip, performance: Performance, j: int, fade_s: float) -> Strip:
        run = performance.runs[j]
        strip = self._made(performance, run, 0, resumed=True)
        strip.restore(old.snapshot())
        strip.player.go_on(old.player)
        if run.desk != old.run.desk:
            place_s = (self.frame - old.first_frame) / self.sample_rate
            strip.come_from(old, place_s, fade_s)
        return strip

    def _heirs(self, new: Mixer, moved: int) -> dict[int, int]:
        heirs = {}
        for i, strip in list(self.strips.items()):
            for j, run in enumerate(new.performance.runs):
                if run.same_sound(strip.run) and new._frames[j, 0] - strip.first_frame == moved:
                    heirs[j] = i
                    break
        return heirs

    def _caught_up(self, frame: int) -> dict[int, Strip]:
        # What was made ready for a moment ago plays on to this one, for nobody.
        begun, self.frame = self.frame, frame
        if not begun <= frame <= begun + STALE_S * self.sample_rate:
            return {}
        for strip in self.strips.values():
            for here in range(begun, frame, CATCH_UP):
                strip.render(here, min(CATCH_UP, frame - here))
        return self.strips

    def _crossfade_buses(self, new: Mixer, fade_s: float) -> None:
        for name, bus in new.buses.items():
            old = self.buses.get(name)
            if old is None:
                continue
            places_s = self.frame / self.sample_rate, new.frame / self.sample_rate
            bus.come_from(old, *places_s, fade_s)
            if [r.effect for r in old.racks] == [r.effect for r in bus.racks]:
                bus.restore(old.snapshot())
            else:
                at_s = new.frame / self.sample_rate
                away = Ramp(Constant(1.0), Constant(0.0), at_s, at_s + fade_s, "smooth")
                bus.crossfade(old.racks, away)

    def _fading(self, ghost: Strip) -> bool:
        at_s = (self.frame - ghost.first_frame) / self.sample_rate
        return ghost.last_frame > self.frame and float(ghost.swap(np.asarray(at_s))) > 0.0

    def _each(self, things: Iterable[Any], do: Callable[[Any], Any]) -> list[Any]:
        if self._pool is None:
            return [do(thing) for thing in things]
        return list(self._pool.map(do, things))

    def _add(
        self, inputs: Mapping[str, Any], into: str, sends: Mapping[str, Floats], block: Any
    ) -> None:
        from lullaby.dsp.mixing import add_ramped

        inputs.get(into, inputs[MASTER])[...] += block
        for bus, gains in sends.items():
            if bus in inputs and bool(np.any(gains > 0.0)):
                add_ramped(inputs[bus], block, gains)


def _copied(future: Future[Sounded]) -> Future[Sounded]:
    sound = future.result()
    return ready(replace(sound, block=sound.block.copy(), sent=dict(sound.sent)))


def _peak(block: Any) -> float:
    return float(max(block.max(), -block.min())) if block.size else 0.0


def _ramp(strip: Strip, frame: int, length_s: float, first: float, last: float) -> Curve:
    at_s = (frame - strip.first_frame) / strip.player.sample_rate
    shape = "arrive" if last > first else "depart"
    return Ramp(Constant(first), Constant(last), at_s, at_s + length_s, shape)
