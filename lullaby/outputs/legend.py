"""The audio legend beside a piece, and what it says in words wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lullaby.model.context import LegendDef, Shown
from lullaby.model.legend import LEAD_S, PAUSE_S, following, groups, speaker, told
from lullaby.model.performance import Mark, Performance, Span
from lullaby.model.signal import Known
from lullaby.units import MICRO


def legend(performance: Performance, wanted: LegendDef) -> tuple[Performance, list[Shown]]:
    """Return the legend as a small performance of its own, with what each tone means.

    A signal that no part follows by itself has no tones.
    """
    known = performance.known or Known()
    speakers = {
        name: run
        for name in wanted.signals
        if (run := speaker(performance.runs, performance.arcs, name)) is not None
    }
    arcs = performance.arcs
    firsts = {run.part: run for run in reversed(performance.runs)}.values()
    heard = {
        name: {p for run in (*firsts, speakers[name]) for p in following(run, arcs, name)}
        for name in speakers
    }
    made = groups(known, wanted, heard, LEAD_S)
    runs = tuple(told(speakers[g.signal], g, arcs) for g in made)
    shown = [s for g in made for s in g.shown(known.signals[g.signal], speakers[g.signal].part)]
    end_s = made[-1].at_s + made[-1].length_s + PAUSE_S if made else LEAD_S
    length_us = round(end_s * MICRO)
    separate = replace(
        performance,
        title=f"{performance.title}: legend",
        runs=runs,
        scenes=(Span("legend", 0, length_us),),
        marks=tuple(Mark(f"{s.signal} {s.text}", round(s.at_s * MICRO)) for s in shown),
        length_us=length_us,
    )
    return separate, shown


def caption(performance: Performance, wanted: LegendDef, shown: Sequence[Shown]) -> str:
    """Return what is heard, in lines of text."""
    known = performance.known or Known()
    lines = [performance.title]
    for name, span in known.spans.items():
        place = f"{span.at_s:g} to {span.at_s + span.length_s:g} s"
        lines.append(f"{len(known.rows[name].at_us)} rows of {name} are heard from {place}.")
    for name in wanted.signals:
        signal = known.signals[name]
        ends = [signal.said(u) for u in (0.0, 1.0)]
        parts = ", ".join(dict.fromkeys(s.part for s in shown if s.signal == name)) or "the mood"
        lines.append(f"{name}: {parts}, from {ends[0]} to {ends[1]}.")
    if wanted.speech == "auto":
        lines.append("Nothing of this is spoken: there is no voice for a legend yet.")
    for one in shown:
        lines.append(f"{one.at_s:6.1f} s  {one.signal} {one.text}")
    return "\n".join(lines) + "\n"
