"""The audio legend: what low, middle and high values of each signal sound like in the piece.

The tones are made by the piece's own parts with their own settings; only the signal is held at
the values that are shown, and everything else that is data at its middle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lullaby.model.context import LegendDef
from lullaby.model.curve import Constant, Curve, remade
from lullaby.model.following import Touchable
from lullaby.model.performance import Desk, Mark, Performance, Run, Span, Strikes
from lullaby.model.signal import Known, Nodes, Signal, led, signals_in
from lullaby.units import MICRO

TONE_S, REST_S, PAUSE_S, RAMP_S = 1.2, 0.4, 1.2, 0.03
LEAD_S = 0.5
PITCH = "pitch_hz"


@dataclass(frozen=True)
class Shown:
    """One tone of the legend: from when, and which data value it stands for."""

    signal: str
    part: str
    at_s: float
    share: float
    text: str  # "500 ms"


def legend(performance: Performance, wanted: LegendDef) -> tuple[Performance, list[Shown]]:
    """Return the legend as a small performance of its own, with what each tone means.

    A signal that no part follows by itself has no tones.
    """
    known = performance.known or Known()
    runs: list[Run] = []
    shown: list[Shown] = []
    here_s = LEAD_S
    for name in wanted.signals:
        signal = known.signals[name]
        run = _speaker(performance, name)
        if run is None:
            continue
        shares = _shares(signal, wanted)
        length_s = len(shares) * (TONE_S + REST_S)
        for i, share in enumerate(shares):
            at_s = here_s + i * (TONE_S + REST_S)
            shown.append(Shown(name, run.part, at_s, float(share), signal.said(float(share))))
        runs.append(_told(run, name, known, shares, here_s, length_s, performance.arcs))
        here_s += length_s + PAUSE_S
    length_us = round(here_s * MICRO)
    made = replace(
        performance,
        title=f"{performance.title}: legend",
        runs=tuple(runs),
        scenes=(Span("legend", 0, length_us),),
        marks=tuple(Mark(f"{s.signal} {s.text}", round(s.at_s * MICRO)) for s in shown),
        length_us=length_us,
    )
    return made, shown


def caption(performance: Performance, wanted: LegendDef, shown: list[Shown]) -> str:
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
    for one in shown:
        lines.append(f"{one.at_s:6.1f} s  {one.signal} {one.text}")
    return "\n".join(lines) + "\n"


def _shares(signal: Signal, wanted: LegendDef) -> Any:
    tones = np.linspace(0.0, 1.0, wanted.tones)
    values = [v for v in wanted.tick_values if 0.0 < float(signal.scale.share(v)) < 1.0]
    return np.concatenate([tones, [float(signal.scale.share(v)) for v in sorted(values)]])


def _speaker(performance: Performance, name: str) -> Run | None:
    # Who says it by pitch says it best.
    by_pitch = [r for r in performance.runs if name in _followed(r, performance.arcs, PITCH)]
    for run in by_pitch or performance.runs:
        curves = [*run.settings.curves.values(), run.desk.level_db, run.desk.pan]
        curves += [c for c in (run.level_each, run.pan_each) if c is not None]
        if name in signals_in(curves, performance.arcs)[0]:
            return run
    return None


def _followed(run: Run, arcs: Mapping[str, Curve], parameter: str) -> set[str]:
    curve = run.settings.curves.get(parameter)
    return set() if curve is None else set(signals_in([curve], arcs)[0])


def _told(
    run: Run,
    name: str,
    known: Known,
    shares: Any,
    at_s: float,
    length_s: float,
    arcs: Mapping[str, Curve],
) -> Run:
    begins = np.arange(len(shares), dtype=np.float64) * (TONE_S + REST_S)
    digest = f"legend {name} {shares.tolist()}"
    held = Nodes(digest, begins, np.asarray(shares, np.float64), "step")
    edges = (begins[:, None] + np.array([0.0, RAMP_S, TONE_S - RAMP_S, TONE_S])).ravel()
    gate = Nodes(f"{digest} gate", edges, np.tile([0.0, 1.0, 1.0, 0.0], len(shares)))
    middle = run.start_us / MICRO

    def told(inner: Curve) -> Curve | None:
        if isinstance(inner, Signal):
            return held if inner.name == name else Constant(0.5)
        if isinstance(inner, Nodes):
            return Constant(float(np.median(inner.values)))
        if isinstance(inner, Touchable) and inner.name in arcs:
            return Constant({"surrender": 0.8, "panic": 0.1}.get(inner.name, 0.5))
        return None

    def put(curve: Curve) -> Curve:
        return remade(curve, told)

    settings = type(run.settings)(
        {n: put(c) for n, c in run.settings.curves.items()}, run.settings.fixed
    )
    desk = Desk(
        level_db=put(run.desk.level_db),
        fade=gate if run.strikes is None else Constant(1.0),
        pan=put(run.desk.pan),
        sends_db={bus: put(led(c, middle)) for bus, c in run.desk.sends_db.items()},
    )
    strikes = None
    if run.strikes is not None:
        strikes = Strikes(digest, begins, np.arange(len(begins), dtype=np.int64))
    return replace(
        run,
        start_us=round(at_s * MICRO),
        end_us=round((at_s + length_s) * MICRO),
        settings=settings,
        desk=desk,
        pan_each=None if run.pan_each is None else put(run.pan_each),
        level_each=None if run.level_each is None else put(run.level_each),
        strikes=strikes,
    )
