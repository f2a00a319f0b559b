"""A checked score becomes a performance: runs, curves and buses, and not a sample of sound."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from lullaby.engine.arcs import Arcs, beside
from lullaby.engine.asking import Askings, unsaid
from lullaby.engine.firing import Firing, Stretch, fired
from lullaby.engine.follows import check_circles
from lullaby.engine.rows import Reader, gap_marks, presence
from lullaby.engine.stays import Presence, spans
from lullaby.engine.ticks import ticks
from lullaby.engine.timeline import Visit, endless, piece_clock, visits
from lullaby.engine.untimed import check_times
from lullaby.engine.weave import Change, Loom, Within, kicked, spoken
from lullaby.engine.windows import AFTER_US, MANY, Said, back_us
from lullaby.model.chance import named
from lullaby.model.curve import Constant, Curve, Each, Ramp, inside
from lullaby.model.following import Arithmetic, Clipped, Kick, Touchable
from lullaby.model.gesture import Asking, bent, swings
from lullaby.model.performance import Bus, Desk, Mark, Performance, Run, Span
from lullaby.model.score import ArcDef, BusDef, Cue, PartDef, Score
from lullaby.model.sheet import Master, Sheet, Strip
from lullaby.model.signal import Known, led, signals_in
from lullaby.model.value import Number, Value
from lullaby.units import MICRO, seconds_to_micros

UNITY = Constant(1.0)
EVER: Within = (-inf, inf)
MOST_DUCK_DB = 60.0


def arrange(score: Score, until_s: float | None = None) -> Performance:
    """Return the performance of a score: a pure function of the score and its seed.

    With ``until_s`` the piece is laid out up to there and fades as it does at its end; a piece
    without an end needs it.  Before that, another ``until_s`` changes nothing.
    Raises ScoreError for what only shows when the piece is laid out in time.
    """
    return _Arranger(score, until_s).performance()


@dataclass(frozen=True)
class _Stay:
    span: Presence
    asked: tuple[Asking, ...]
    name: str = ""  # with one it is not playing: it only answers


class _Arranger:
    def __init__(self, score: Score, until_s: float | None) -> None:
        self.score = score
        if (score.sources or score.signals) and score.known is None:
            raise ValueError("the data of a score are read (data.resolved) before it is arranged")
        self.known = score.known or Known()
        self.endless = endless(score)
        self.clock = piece_clock(score)
        until_us = None if until_s is None else seconds_to_micros(until_s)
        laid = visits(score, until_us if self.endless else None)
        self.whole_us = laid[-1].end_us if laid else 0
        self.length_us = self.whole_us if until_us is None else min(self.whole_us, until_us)
        self.visits = tuple(v for v in laid if v.start_us < max(1, self.length_us))
        tunings = [(v.start_us, v.tuning) for v in self.visits] or [(0, score.tuning)]
        self.tunings = [t for i, t in enumerate(tunings) if i == 0 or t[1] != tunings[i - 1][1]]
        check_circles(score)
        if self.endless:
            check_times(score)
        self.back_us = back_us(score, self.visits) if len(self.visits) > MANY else inf
        self.said = Said(score, self.visits, ())
        firings = fired(score, tuple(self._cues()), self._arcs_after)
        self.said = Said(score, self.visits, firings)
        self._arcs: dict[int, Arcs] = {}  # by origin: many runs begin together

    def performance(self) -> Performance:
        score = self.score
        arcs = dict(self.arcs(0, EVER))
        self.askings = Askings(score, self.said.firings, self._loom(0, "", arcs, EVER), self.visits)
        runs = list(self.runs())
        return Performance(
            title=score.title,
            seed=score.seed,
            runs=tuple(runs),
            buses=tuple(self.bus(bus, arcs) for bus in _in_order(score)),
            master=self.master(arcs),
            ceiling_dbtp=score.master.ceiling_dbtp,
            scenes=tuple(_span(v, self.length_us) for v in self.visits),
            marks=self._marks(),
            arcs=arcs,
            length_us=self.length_us,
            known=score.known,
            lanes=score.lanes,
            channels={part.name: part.midi for part in score.parts if part.midi},
            tail_s=score.master.tail_s,
        )

    def _marks(self) -> tuple[Mark, ...]:
        made = [Mark(f.cue.mark, f.at_us) for f in self.said.firings if f.cue.mark]
        gaps = [m for m in gap_marks(self.known) if m.at_us < self.length_us]
        gaps += [m for m in ticks(self.known, self.score.legend) if m.at_us < self.length_us]
        return tuple(sorted([*made, *gaps], key=lambda mark: mark.at_us))

    def arcs(self, origin_us: int, within: Within) -> Arcs:
        """Return the arcs, in the time of an origin, as far as they are asked for."""

        def woven(arc: ArcDef, others: Mapping[str, Curve]) -> Curve:
            name = arc.name
            loom = self._loom(origin_us, f"arc {name}", others, within)
            curve = loom.woven(name, arc.value, self.said.arcs[name], home=self._home())
            curve = kicked(
                curve,
                [
                    Kick(loom.relative(k.at_us), k.depth, k.over_s)
                    for k in self.said.kicks(name, within)
                ],
            )
            return Touchable(name, Clipped(curve, 0.0, 1.0))

        return Arcs(self.score, woven)

    def runs(self) -> Iterator[Run]:
        """Yield the runs of all parts, part for part and in time."""
        found = [(part, self._stays(part)) for part in self.score.parts]
        ends: dict[int, int] = {}
        for _, stays in found:
            for stay in stays:
                enter_us, end_us = stay.span.enter_us, stay.span.end_us
                ends[enter_us] = max(ends.get(enter_us, 0), end_us)
        for part, stays in found:
            for stay in stays:
                origin_us = stay.span.enter_us
                within = self._within(origin_us, ends[origin_us])
                if origin_us not in self._arcs:
                    self._arcs[origin_us] = self.arcs(origin_us, within)
                yield self._run(part, stay, within)

    def _stays(self, part: PartDef) -> list[_Stay]:
        found = list(spans(self.score.seed, self.visits, part.name, self.length_us))
        asked = self.askings.of(part, found)
        made = [_Stay(p, a) for p, a in zip(found, asked, strict=True)]
        for span, name, askings in self.askings.between(part, found, self.length_us):
            made.append(_Stay(span, askings, name))
        return sorted(made, key=lambda stay: stay.span.enter_us)

    def _within(self, from_us: int, to_us: int) -> Within:
        return from_us - self.back_us, to_us + (AFTER_US if self.back_us < inf else inf)

    def bus(self, bus: BusDef, arcs: Mapping[str, Curve]) -> Bus:
        """Return a bus with its effect settled, in piece time."""
        loom = self._loom(0, f"bus {bus.name}", arcs, EVER)
        effects = []
        if bus.effect is not None:
            own = {**bus.preset_settings, **bus.settings}
            curves = self._curves(loom, bus.effect, own, self._mixed(bus.name))
            effects.append(bus.effect(curves, bus.fixed, arcs, bus.name))
        level = {"level_db": bus.level or Number(0.0)}
        desk = Strip(self._curves(loom, Strip, level, self._mixed(bus.name)), owner=bus.name)
        sends = {
            name: loom.woven(f"send {name}", value, [], home=self._home())
            for name, value in bus.sends.items()
        }
        return Bus(bus.name, tuple(effects), bus.into, desk.level_db, sends)

    def master(self, arcs: Mapping[str, Curve]) -> Master:
        """Return the settings of the last bus."""
        loom = self._loom(0, "bus master", arcs, EVER)
        curves = self._curves(loom, Master, self.score.master.settings, self._mixed("master"))
        return Master(curves, owner="master")

    def _home(self) -> Change:
        # Where a thing's own value is spoken: in the time of the piece, drawn once.
        length_us = None if self.endless else self.whole_us
        return Change(0, length_us, 0, Number(0.0), "", self.clock)

    def _loom(self, origin_us: int, owner: str, arcs: Mapping[str, Curve], within: Within) -> Loom:
        data = {n: led(c, origin_us / MICRO) for n, c in self.known.curves().items()}
        return Loom(self.score.seed, origin_us, owner, beside(arcs, data), self.tunings, within)

    def _curves(
        self,
        loom: Loom,
        sheet: type[Sheet],
        own: Mapping[str, Value],
        changes: Mapping[str, Sequence[Change]],
        begun_us: int | None = None,
    ) -> dict[str, Curve]:
        made: dict[str, Curve] = {}
        for name, p in sheet.params().items():
            if name not in own and name not in changes:
                continue
            base = own[name] if name in own else unsaid(p, sheet, loom.arcs)
            made[name] = loom.woven(
                name,
                base,
                changes.get(name, []),
                log=p.log,
                begun_us=begun_us,
                home=self._home(),
            )
        return made

    def _mixed(self, bus: str) -> dict[str, list[Change]]:
        changes = {n: list(said) for n, said in self.said.buses.get(bus, {}).items()}
        self._add_set(bus, changes)
        return changes

    def _run(self, part: PartDef, stay: _Stay, within: Within) -> Run:
        score, span, asked = self.score, stay.span, stay.asked
        path, origin_us = stay.name or span.first.name, span.enter_us
        arcs = self._arcs[origin_us]
        rows = Reader(score, part, self.known, arcs) if part.each else None
        merged = rows.means(origin_us) if rows else {}
        loom = self._loom(origin_us, f"part {part.name}", {**arcs, **merged}, within)
        changes: dict[str, list[Change]] = {}
        sends: dict[str, list[Change]] = {}
        ducks: dict[str, list[Change]] = {}
        for visit, told in span.stays:
            said = {**told.preset_settings, **told.settings}
            for into, values in ((changes, said), (sends, told.sends), (ducks, told.ducks)):
                for key, value in values.items():
                    into.setdefault(key, []).append(spoken(visit, value))
        end_us = span.end_us
        self._add_set(part.name, changes, span.first.start_us, end_us)
        own = {**part.preset_settings, **part.settings}
        begun_us = span.first.start_us
        curves = self._curves(loom, part.module, own, changes, begun_us)
        settings = part.module(curves, part.fixed, arcs, part.name)
        gestures = [
            (kind, [a for a in asked if a.gesture == n]) for n, kind in part.module.gestures.items()
        ]
        for key, p in part.module.params().items():
            settings.curves[key] = bent(settings.curves[key], p, swings(key, gestures))
        strip = Strip(self._curves(loom, Strip, own, changes, begun_us), owner=part.name)
        pan, level = strip.pan, strip.level_db
        each = _has_each(pan)
        fade = _fade(loom, span)
        read = [*settings.curves.values(), pan, level]
        if rows is None:
            for present in presence(read, arcs, self.known, origin_us / MICRO):
                fade = Arithmetic("*", fade, present)
        else:
            each = each or any(signals_in([pan], arcs))
        level_each = rows is not None and any(signals_in([level], arcs))
        desk = Desk(
            level_db=bent(
                Constant(0.0) if level_each else level,
                Strip.level_db,
                swings("level_db", gestures),
            ),
            fade=fade,
            pan=Constant(0.0) if each else pan,
            sends_db=self._goals(loom, "send", part.sends, sends, -120.0, begun_us),
            ducks_db={
                leader: Clipped(curve, 0.0, MOST_DUCK_DB)
                for leader, curve in self._goals(
                    loom, "duck", part.ducks, ducks, 0.0, begun_us
                ).items()
            },
        )
        leaders = {
            n: settings.fixed[n]
            for n, f in part.module.fixed_params().items()
            if f.kind == "leader" and settings.fixed[n]
        }
        return Run(
            part=part.name,
            name=path,
            key=named(score.seed, part.name, path),
            start_us=origin_us,
            end_us=end_us,
            settings=settings,
            desk=desk,
            into=part.into,
            pan_each=pan if each else None,
            level_each=level if level_each else None,
            strikes=None if rows is None else rows.strikes(origin_us, end_us, level, read),
            leaders=leaders,
            reaches_s={n: part.module.fixed_params()[n].reach_s for n in leaders},
            asked=asked,
            steady=not stay.name,
        )

    def _goals(
        self,
        loom: Loom,
        what: str,
        own: Mapping[str, Value],
        changes: Mapping[str, Sequence[Change]],
        otherwise_db: float,
        begun_us: int,
    ) -> dict[str, Curve]:
        # Levels by the name of another thing: sends by bus, ducks by part.
        return {
            goal: loom.woven(
                f"{what} {goal}",
                own.get(goal, Number(otherwise_db)),
                changes.get(goal, []),
                begun_us=begun_us,
                home=self._home(),
            )
            for goal in dict.fromkeys([*own, *changes])
        }

    def _cues(self) -> Iterator[tuple[Cue, Stretch]]:
        if not self.visits:
            return
        first = self.visits[0]
        length_us = self.length_us if self.endless else self.whole_us
        whole = replace(first, start_us=0, length_us=length_us, clock=self.clock)
        last_us = inf if self.length_us == self.whole_us else self.length_us
        for cue in self.score.cues:
            yield cue, Stretch(whole, "piece", self.length_us, last_us)
        for visit in self.visits:
            for cue in visit.scene.cues:
                yield cue, Stretch(visit, visit.name, min(visit.end_us, self.length_us), last_us)

    def _arcs_after(self, firings: tuple[Firing, ...]) -> Mapping[str, Curve]:
        self.said = Said(self.score, self.visits, firings)
        return {**self.known.curves(), **self.arcs(0, EVER)}

    def _add_set(
        self,
        owner: str,
        changes: dict[str, list[Change]],
        first_us: int = 0,
        end_us: int | None = None,
    ) -> None:
        # A part that comes anew starts from its own values: what cues set before is over.
        for name, found in self.said.settings(owner):
            first = bisect_left(found, first_us, key=lambda c: c.start_us)
            last = len(found)
            if end_us is not None:
                last = bisect_left(found, end_us, key=lambda c: c.start_us)
            if found[first:last]:
                changes.setdefault(name, []).extend(found[first:last])


def _span(visit: Visit, end_us: int) -> Span:
    length_us = min(visit.end_us, end_us) - visit.start_us
    length_s, clock = length_us / MICRO, visit.clock
    first, last = (round(float(bpm), 6) for bpm in clock.tempo([0.0, length_s]))
    bars = clock.beats(length_s) / clock.beats_a_bar
    return Span(visit.scene.name, visit.start_us, length_us, visit.number, (first, last), bars)


def _has_each(curve: Curve) -> bool:
    return any(isinstance(inner, Each) for inner in inside(curve))


def _fade(loom: Loom, span: Presence) -> Curve:
    arrive_s = loom.relative(span.enter_us)
    depart_s = loom.relative(span.leave_us)
    arrive = Ramp(Constant(0.0), UNITY, arrive_s, arrive_s + span.enter_over_us / MICRO, "arrive")
    depart = Ramp(UNITY, Constant(0.0), depart_s, depart_s + span.leave_over_us / MICRO, "depart")
    return Arithmetic("*", arrive, depart)


def _in_order(score: Score) -> list[BusDef]:
    """Return the buses so that each stands before every bus it sends to."""
    todo, done = {bus.name: bus for bus in score.buses}, []
    while todo:
        fed = {goal for bus in todo.values() for goal in (bus.into, *bus.sends) if goal in todo}
        ready = [bus for name, bus in todo.items() if name not in fed]
        if not ready:
            bus = next(iter(todo.values()))
            raise score.refused(bus.where, f"bus '{bus.name}' feeds itself in a circle")
        for bus in ready:
            done.append(bus)
            del todo[bus.name]
    return done
