"""The tones of an audio legend: what values of a signal sound like in a piece, one after the other.

They are made by the piece's own parts with their own settings, as they stand half a minute into a
stay, when all that glides is there; only the signal is held at the values that are shown, and
everything else that is data at its middle.  What smooths a value has come to rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.context import LegendDef, Shown
from lullaby.model.curve import Constant, Curve, Each, inside, remade
from lullaby.model.following import Touchable
from lullaby.model.performance import Desk, Run, Strikes
from lullaby.model.score import Score
from lullaby.model.signal import Known, Nodes, Signal, signals_in
from lullaby.model.value import names_in
from lullaby.units import MICRO

TONE_S, REST_S, PAUSE_S, RAMP_S = 1.2, 0.4, 1.2, 0.03
LEAD_S = 0.5
SLOW_S = 5.0  # of a tone where values are heard by how often something sounds
COUNTED = "density"  # what such parameters are called
SETTLED_S = 30.0  # of a stay: what glides in has come
INSIDE = ("before", "after")
PITCH = "pitch_hz"
CALM = {"surrender": 0.8, "panic": 0.1}  # what the arcs are while tones are shown; others 0.5


@dataclass(frozen=True)
class Group:
    """The tones of one signal: from when, and its values, 0..1."""

    signal: str
    at_s: float
    shares: Floats
    tone_s: float = TONE_S

    @property
    def each_s(self) -> float:
        """Return how long it is from tone to tone."""
        return self.tone_s + REST_S

    @property
    def length_s(self) -> float:
        """Return how long they last."""
        return len(self.shares) * self.each_s

    def shown(self, signal: Signal, part: str) -> list[Shown]:
        """Return each tone with what it stands for."""
        return [
            Shown(
                self.signal,
                part,
                self.at_s + i * self.each_s,
                float(share),
                signal.said(float(share)),
            )
            for i, share in enumerate(self.shares)
        ]


def groups(
    known: Known, wanted: LegendDef, heard: Mapping[str, set[str]], from_s: float
) -> list[Group]:
    """Return the tones of the signals in ``heard``, one signal after the other.

    ``heard``: by what parameters each of them is heard.
    """
    made = []
    for name in wanted.signals:
        if name in heard:
            counted = all(parameter.startswith(COUNTED) for parameter in heard[name])
            tone_s = SLOW_S if counted else TONE_S
            made.append(Group(name, from_s, _shares(known.signals[name], wanted), tone_s))
            from_s += made[-1].length_s + PAUSE_S
    return made


def _shares(signal: Signal, wanted: LegendDef) -> Floats:
    if signal.scale.words:  # each word is one
        count = len(signal.scale.words)
        return np.linspace(0.0, 1.0, count) if count > 1 else np.array([0.5])
    tones = np.linspace(0.0, 1.0, wanted.tones)
    if signal.scale.levels is not None:
        last = signal.scale.levels - 1
        return np.unique(np.floor(tones * last + 0.5) / last)
    values = [] if signal.rolling_s is not None else sorted(wanted.tick_values)
    ticks = [float(signal.scale.share(v)) for v in values]
    return np.concatenate([tones, [u for u in ticks if 0.0 < u < 1.0]])


def speaker(runs: Sequence[Run], arcs: Mapping[str, Curve], name: str) -> Run | None:
    """Return the first run that follows a signal by itself; who does by pitch says it best."""
    for run in runs:
        pitch = run.settings.curves.get(PITCH)
        if pitch is not None and name in signals_in([pitch], arcs)[0]:
            return run
    return next((run for run in runs if following(run, arcs, name)), None)


def following(run: Run, arcs: Mapping[str, Curve], name: str) -> set[str]:
    """Return the parameters of a run that follow a signal by themselves."""
    curves = {
        **run.settings.curves,
        "level_db": run.level_each or run.desk.level_db,
        "pan": run.pan_each or run.desk.pan,
    }
    return {p for p, curve in curves.items() if name in signals_in([curve], arcs)[0]}


def told(run: Run, group: Group, arcs: Mapping[str, Curve]) -> Run:
    """Return the run that sounds the tones of a signal as another run would sound its values."""
    name, shares = group.signal, group.shares
    tone_s, begins = group.tone_s, np.arange(len(shares), dtype=np.float64) * group.each_s
    digest = f"legend {name} {shares.tolist()}"
    edges = (begins[:, None] + np.array([0.0, RAMP_S, tone_s - RAMP_S, tone_s])).ravel()
    gate = Nodes(f"{digest} gate", edges, np.tile([0.0, 1.0, 1.0, 0.0], len(shares)))

    def put(curve: Curve) -> Curve:
        if any(isinstance(inner, Each) for inner in inside(curve)):
            return _held(curve, name, Constant(float(np.median(shares))), arcs)
        settled = np.asarray(SETTLED_S)
        values = [
            float(_held(curve, name, Constant(float(share)), arcs)(settled)) for share in shares
        ]
        if len(set(values)) == 1:
            return Constant(values[0])
        return Nodes(f"{digest} {values}", begins, np.asarray(values), "step")

    settings = type(run.settings)(
        {n: put(c) for n, c in run.settings.curves.items()}, run.settings.fixed
    )
    desk = Desk(
        level_db=put(run.desk.level_db),
        fade=gate if run.strikes is None else Constant(1.0),
        pan=put(run.desk.pan),
        sends_db={bus: put(curve) for bus, curve in run.desk.sends_db.items()},
    )
    strikes = None
    if run.strikes is not None:
        strikes = Strikes(digest, begins, np.arange(len(begins), dtype=np.int64))
    return replace(
        run,
        name=f"legend {name}",
        start_us=round(group.at_s * MICRO),
        end_us=round((group.at_s + group.length_s) * MICRO),
        settings=settings,
        desk=desk,
        pan_each=None if run.pan_each is None else put(run.pan_each),
        level_each=None if run.level_each is None else put(run.level_each),
        strikes=strikes,
        asked=(),
        told=True,
    )


def _held(curve: Curve, name: str, value: Curve, arcs: Mapping[str, Curve]) -> Curve:
    def change(inner: Curve) -> Curve | None:
        if isinstance(inner, Signal):
            return value if inner.name == name else Constant(0.5)
        if isinstance(inner, Nodes):
            return Constant(float(np.median(inner.values)))
        if isinstance(inner, Touchable) and inner.name in arcs:
            return Constant(CALM.get(inner.name, 0.5))
        if isinstance(inner, Touchable):  # no hand and no stream moves what is shown
            return remade(inner.source, change)
        return None

    return remade(curve, change)


def inside_us(score: Score) -> int:
    """Return how long the legend takes in the piece itself: whole seconds, 0 without one."""
    found = inside_groups(score, 0.0)
    if not found:
        return 0
    end_s = found[-1].at_s + found[-1].length_s + PAUSE_S
    return math.ceil(end_s) * MICRO


def inside_groups(score: Score, from_s: float) -> list[Group]:
    """Return the tones that sound in the piece itself, where its legend begins at ``from_s``."""
    wanted, known = score.legend, score.known
    if wanted is None or known is None or wanted.place not in INSIDE:
        return []
    return groups(known, wanted, _named(score), from_s + LEAD_S)


def _named(score: Score) -> dict[str, set[str]]:
    # Whatever any part may follow by itself, anywhere in the piece, and with what.
    stays = [stay for scene in score.scenes for stay in scene.play]
    said = [values for part in score.parts for values in (part.settings, part.preset_settings)]
    said += [values for stay in stays for values in (stay.settings, stay.preset_settings)]
    heard: dict[str, set[str]] = {}
    for values in said:
        for parameter, value in values.items():
            for name in names_in(value):
                heard.setdefault(name, set()).add(parameter)
    return heard
