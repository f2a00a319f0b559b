"""A checked score becomes a performance: runs, curves and buses, and not a sample of sound."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from lullaby.engine.arcs import Arcs
from lullaby.engine.asking import Askings, unsaid
from lullaby.engine.fed_cues import Called
from lullaby.engine.fed_rows import fed_strikes
from lullaby.engine.layout import Layout
from lullaby.engine.legends import legend_runs, presences
from lullaby.engine.rows import Reader, gap_marks, presence
from lullaby.engine.stays import Presence, spans
from lullaby.engine.ticks import ticks
from lullaby.engine.timeline import Visit
from lullaby.engine.weave import Change, Loom, Within, spoken
from lullaby.engine.windows import AFTER_US
from lullaby.model.chance import named
from lullaby.model.context import Shown
from lullaby.model.curve import Constant, Curve, Each, Ramp, inside
from lullaby.model.following import Arithmetic, Clipped
from lullaby.model.gesture import Asking, bent, swings
from lullaby.model.performance import Bus, Desk, Mark, Performance, Run, Span
from lullaby.model.score import BusDef, PartDef, Score
from lullaby.model.sheet import Master, Sheet, Strip
from lullaby.model.signal import signals_in
from lullaby.model.value import Number, Value
from lullaby.units import MICRO, seconds_to_micros

UNITY = Constant(1.0)
MOST_DUCK_DB = 60.0


def arrange(
    score: Score, until_s: float | None = None, called: Sequence[Called] = ()
) -> Performance:
    """Return the performance of a score: a pure function of the score and its seed.

    With ``until_s`` the piece is laid out up to there and fades as it does at its end; a piece
    without an end needs it.  Before that, another ``until_s`` changes nothing.  ``called``: when
    cues went off that wait for a stream.
    Raises ScoreError for what only shows when the piece is laid out in time.
    """
    return whole(Layout(score, called), until_s)


def whole(layout: Layout, until_s: float | None = None) -> Performance:
    """Return all of a piece of which nothing is laid out yet."""
    length_us = layout.to_the_end(None if until_s is None else seconds_to_micros(until_s))
    return _Arranger(layout, length_us).performance()


def stretch(layout: Layout, from_us: int, until_us: int) -> Performance:
    """Return a stretch of an endless piece: all of it that is heard from a place on.

    It is what ``arrange`` would make of the piece up to ``until_us``, without what is over by then.
    """
    layout.further(until_us)
    return _Arranger(layout, until_us, from_us).performance()


@dataclass(frozen=True)
class _Stay:
    span: Presence
    asked: tuple[Asking, ...]
    name: str = ""  # with one it is not playing: it only answers


class _Arranger:
    def __init__(self, layout: Layout, length_us: int, from_us: int = 0) -> None:
        self.layout, self.score, self.known = layout, layout.score, layout.known
        self.length_us, self.from_us = length_us, from_us
        visits = layout.course.visits
        self.visits = visits[: bisect_left(visits, max(1, length_us), key=lambda v: v.start_us)]
        # Of what an endless piece would do later, one that is left knows nothing.
        self.last_us = length_us - 1 if layout.endless else inf
        self.within = layout.within(from_us, self.last_us)
        found = layout.said.firings
        if layout.endless:  # else what is said for after the end happens, too
            found = found[: bisect_left(found, length_us, key=lambda f: f.at_us)]
        self.firings = found
        self._arcs: dict[int, Arcs] = {}  # by origin: many runs begin together

    def performance(self) -> Performance:
        score = self.score
        arcs = dict(self.layout.arcs(0, self.within))
        loom = self.layout.loom(0, "", arcs, self.within)
        self.askings = Askings(score, self.firings, loom, self.visits, self.within[0])
        runs = list(self.runs())
        speakers, from_us = self._speakers(runs), self._legend_us()
        legend, shown = legend_runs(score, speakers, arcs, from_us, self.length_us)
        return Performance(
            title=score.title,
            seed=score.seed,
            runs=(*runs, *legend),
            buses=tuple(self.bus(bus, arcs) for bus in _in_order(score)),
            master=self.master(arcs),
            ceiling_dbtp=score.master.ceiling_dbtp,
            scenes=tuple(_span(v, self.length_us) for v in self.visits if v.end_us > self.from_us),
            marks=self._marks(shown),
            arcs=arcs,
            length_us=self.length_us,
            known=score.known,
            lanes=score.lanes,
            channels={part.name: part.midi for part in score.parts if part.midi},
            tail_s=score.master.tail_s,
            legend=shown,
        )

    def _speakers(self, runs: list[Run]) -> Sequence[Run]:
        layout, score = self.layout, self.score
        told = [v for v in layout.course.visits if v.told and v.end_us > self.from_us]
        if not told:
            return ()
        if (
            not layout.endless
            and self.length_us >= told[-1].end_us == layout.course.visits[-1].end_us
        ):
            return runs
        made = []
        for part, span in presences(score, layout.course.lead_us, endless=layout.endless):
            within = layout.within(span.enter_us, span.end_us + AFTER_US)
            if span.enter_us not in self._arcs:
                self._arcs[span.enter_us] = layout.arcs(span.enter_us, within)
            made.append(self._run(part, _Stay(span, ()), within))
        return made

    def _legend_us(self) -> int:
        # Where the tones of a legend that sounds in the piece begin.
        course = self.layout.course
        return next((v.start_us + v.fade_us for v in course.visits if v.told), course.lead_us)

    def _marks(self, shown: tuple[Shown, ...]) -> tuple[Mark, ...]:
        firings = self.firings[bisect_left(self.firings, self.from_us, key=lambda f: f.at_us) :]
        made = [Mark(f.cue.mark, f.at_us) for f in firings if f.cue.mark]
        made += [Mark(f"{s.signal} {s.text}", seconds_to_micros(s.at_s)) for s in shown]
        gaps = [m for m in gap_marks(self.known) if m.at_us < self.length_us]
        gaps += [m for m in ticks(self.known, self.score.legend) if m.at_us < self.length_us]
        return tuple(sorted([*made, *gaps], key=lambda mark: mark.at_us))

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
                within = self.layout.within(
                    max(origin_us, self.from_us), min(ends[origin_us] + AFTER_US, self.last_us)
                )
                if origin_us not in self._arcs:
                    self._arcs[origin_us] = self.layout.arcs(origin_us, within)
                yield self._run(part, stay, within)

    def _stays(self, part: PartDef) -> list[_Stay]:
        found = list(spans(self.score.seed, self.visits, part.name, self.length_us))
        asked = self.askings.of(part, found)
        made = [_Stay(p, a) for p, a in zip(found, asked, strict=True)]
        for span, name, askings in self.askings.between(part, found, self.length_us):
            made.append(_Stay(span, askings, name))
        heard = [stay for stay in made if stay.span.end_us > self.from_us]
        return sorted(heard, key=lambda stay: stay.span.enter_us)

    def bus(self, bus: BusDef, arcs: Mapping[str, Curve]) -> Bus:
        """Return a bus with its effect settled, in piece time."""
        loom = self.layout.loom(0, f"bus {bus.name}", arcs, self.within)
        effects = []
        if bus.effect is not None:
            own = {**bus.preset_settings, **bus.settings}
            curves = self._curves(loom, bus.effect, own, self._mixed(bus.name))
            effects.append(bus.effect(curves, bus.fixed, arcs, bus.name))
        level = {"level_db": bus.level or Number(0.0)}
        desk = Strip(self._curves(loom, Strip, level, self._mixed(bus.name)), owner=bus.name)
        sends = {
            name: loom.woven(f"send {name}", value, [], home=self.layout.home())
            for name, value in bus.sends.items()
        }
        return Bus(bus.name, tuple(effects), bus.into, desk.level_db, sends)

    def master(self, arcs: Mapping[str, Curve]) -> Master:
        """Return the settings of the last bus."""
        loom = self.layout.loom(0, "bus master", arcs, self.within)
        curves = self._curves(loom, Master, self.score.master.settings, self._mixed("master"))
        return Master(curves, owner="master")

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
                home=self.layout.home(),
            )
        return made

    def _mixed(self, bus: str) -> dict[str, list[Change]]:
        changes = {n: list(said) for n, said in self.layout.said.buses.get(bus, {}).items()}
        self._add_set(bus, changes)
        return changes

    def _run(self, part: PartDef, stay: _Stay, within: Within) -> Run:
        score, span, asked = self.score, stay.span, stay.asked
        path, origin_us = stay.name or span.first.name, span.enter_us
        arcs = self._arcs[origin_us]
        lead_us, streamed = self.layout.course.lead_us, part.each in self.known.fed
        rows = None
        if part.each and not streamed:
            rows = Reader(score, part, self.known, arcs, lead_us)
        merged = rows.means(origin_us) if rows else {}
        loom = self.layout.loom(origin_us, f"part {part.name}", {**arcs, **merged}, within)
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
        fed = fed_strikes(part, read, arcs) if streamed else None
        if not part.each:
            for present in presence(read, arcs, self.known, origin_us / MICRO):
                fade = Arithmetic("*", fade, present)
        each = each or (bool(part.each) and _follows(part, pan, arcs))
        level_each = bool(part.each) and _follows(part, level, arcs)
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
            fed=fed,
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
                home=self.layout.home(),
            )
            for goal in dict.fromkeys([*own, *changes])
        }

    def _add_set(
        self,
        owner: str,
        changes: dict[str, list[Change]],
        first_us: int = 0,
        end_us: int | None = None,
    ) -> None:
        # A part that comes anew starts from its own values: what cues set before is over.
        for name, found in self.layout.said.settings(owner):
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


def _follows(part: PartDef, curve: Curve, arcs: Mapping[str, Curve]) -> bool:
    # Whether it reads signals or columns: of a row, then, not of the moment.
    return any(signals_in([curve], arcs)) or bool(fed_strikes(part, [curve], arcs).needs)


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
