"""The arc of a piece as it is heard: from panic to calm, as one number a second.

The bands were drawn from a prototype (one voice of everything, one seed): they show whether a
piece moves the way it was written, not what a listener feels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lullaby.errors import UsageError
from lullaby.measure.breathing import Breathing, breathing

OPEN = math.inf


@dataclass(frozen=True)
class Band:
    """Where one feature lies in panic and in calm, (lowest, highest) each."""

    feature: str
    panic: tuple[float, float]
    calm: tuple[float, float]

    def edges(self) -> tuple[float, float]:
        """Return the edge of panic and of calm that face each other."""
        if self.panic[0] > self.calm[1]:
            return self.panic[0], self.calm[1]
        return self.panic[1], self.calm[0]

    def index(self, value: Any) -> Any:
        """Return 0 at calm to 1 at panic, straight between the facing edges."""
        panic, calm = self.edges()
        return np.clip((np.asarray(value, np.float64) - calm) / (panic - calm), 0.0, 1.0)


BANDS: Final = (
    Band("loudness_lufs", (-17.0, -12.0), (-30.0, -23.0)),
    Band("sharpness_acum", (1.6, OPEN), (-OPEN, 0.9)),
    Band("rough_index", (0.35, OPEN), (-OPEN, 0.20)),
    Band("centroid_hz", (3000.0, OPEN), (-OPEN, 800.0)),
    Band("high_db", (-10.0, OPEN), (-OPEN, -30.0)),
    Band("flatness_db", (-14.0, OPEN), (-OPEN, -35.0)),
    Band("onsets_per_s", (6.0, OPEN), (-OPEN, 1.2)),
    Band("hnr_db", (-OPEN, 2.0), (10.0, OPEN)),
    Band("slow_percent", (-OPEN, 10.0), (50.0, OPEN)),
    Band("crest_db", (16.0, OPEN), (-OPEN, 12.5)),
)
SLOW = "slow_percent"  # the one feature of a whole scene, and not of a second
BREATH_HZ: Final = (0.08, 0.12)  # in calm, the slow movement must peak here
PANIC_AT, CALM_AT = 0.85, 0.15  # what the written arcs call a scene of panic, or a calm one
LEAST_MET: Final = 8
PANIC_INDEX, CALM_INDEX = 0.75, 0.25
LEAST_CORRELATION: Final = 0.8
MEAN_S: Final = 10
FROZEN_INDEX: Final = 0.4


@dataclass(frozen=True)
class Stretch:
    """A named stretch of the piece, in seconds from its start."""

    name: str
    start_s: float
    length_s: float


@dataclass(frozen=True)
class SceneReading:
    """A stretch as it was heard: the median of each feature and of the index."""

    scene: Stretch
    values: dict[str, float]  # without SLOW where the stretch is shorter than 30 s
    breath: Breathing | None
    index: float
    meets_panic: frozenset[str]
    meets_calm: frozenset[str]


@dataclass(frozen=True)
class ArcReading:
    """The arc index of every second (0 calm, 1 panic) and the scenes that have a whole second."""

    index: NDArray[np.float64]
    scenes: tuple[SceneReading, ...]


@dataclass(frozen=True)
class Judgement:
    """Whether a piece sounds the way its arcs are written."""

    heard: ArcReading
    panic: tuple[SceneReading, ...]  # the scenes written as panic
    calm: tuple[SceneReading, ...]
    correlation: float  # Spearman, index against written panic, 10 s means
    failures: tuple[str, ...] = field(default=())  # a line each; none when the piece passes

    @property
    def passes(self) -> bool:
        """True when nothing failed."""
        return not self.failures


def arc_reading(rows: NDArray[np.void], scenes: Sequence[Stretch]) -> ArcReading:
    """Return the index of every row (dtype ``features.ROW``) and the medians of every scene.

    The index is the mean over BANDS; the slow share, one value a scene, joins where a scene is
    30 s or longer.
    """
    parts = [band.index(rows[band.feature]) for band in BANDS if band.feature != SLOW]
    total, count = np.sum(parts, axis=0), np.full(len(rows), float(len(parts)))
    slow = next(band for band in BANDS if band.feature == SLOW)
    heard = []
    for scene in scenes:
        inside = _seconds(rows, scene)
        breath = breathing(rows["envelope"][inside])
        if breath is not None:
            total[inside] += slow.index(breath.slow_percent)
            count[inside] += 1
        heard.append((scene, inside, breath))
    index = total / count
    return ArcReading(
        index,
        tuple(
            _scene_reading(scene, rows[inside], breath, index[inside])
            for scene, inside, breath in heard
            if inside.any()
        ),
    )


def _seconds(rows: NDArray[np.void], scene: Stretch) -> NDArray[np.bool_]:
    # only seconds that lie within, so that no scene is judged by its neighbour
    at = rows["at_s"]
    within: NDArray[np.bool_] = (at >= scene.start_s - 1e-6) & (
        at + 1 <= scene.start_s + scene.length_s + 1e-6
    )
    return within


def _scene_reading(
    scene: Stretch, rows: NDArray[np.void], breath: Breathing | None, index: NDArray[np.float64]
) -> SceneReading:
    values = medians(rows)
    if breath is not None:
        values[SLOW] = breath.slow_percent
    meets_panic, meets_calm = set(), set()
    for band in BANDS:
        value = values.get(band.feature)
        if value is None:
            continue
        if band.panic[0] <= value <= band.panic[1]:
            meets_panic.add(band.feature)
        if band.calm[0] <= value <= band.calm[1]:
            meets_calm.add(band.feature)
    if breath is not None and not BREATH_HZ[0] <= breath.peak_hz <= BREATH_HZ[1]:
        meets_calm.discard(SLOW)
    return SceneReading(
        scene, values, breath, _median(index), frozenset(meets_panic), frozenset(meets_calm)
    )


def medians(rows: NDArray[np.void]) -> dict[str, float]:
    """Return the median of every feature that has one value a second; ``rows``: one or more."""
    return {band.feature: _median(rows[band.feature]) for band in BANDS if band.feature != SLOW}


def _median(values: NDArray[np.float64]) -> float:
    # the upper of two middles: their mean would be -inf - -inf for silence
    return float(np.sort(values)[len(values) // 2])


def judge(
    rows: NDArray[np.void], scenes: Sequence[Stretch], panic: ArrayLike, surrender: ArrayLike
) -> Judgement:
    """Return whether a piece passes, with a line for every way in which it does not.

    ``panic`` and ``surrender``: the written arcs, 0..1, one value for each second of ``rows``.
    (a) scenes written as panic (panic >= 0.85, surrender 0, as medians) meet 8 of the 10 bands of
    panic, calm ones (panic <= 0.15, surrender >= 0.85) 8 of calm; (b) the index is over 0.75 in
    panic and under 0.25 in calm; (c) it follows the written panic with a rank correlation of 0.8.
    """
    written = _written(panic, "panic", len(rows)), _written(surrender, "surrender", len(rows))
    heard = arc_reading(rows, scenes)
    kinds: dict[str, list[SceneReading]] = {"panic": [], "calm": []}
    for reading in heard.scenes:
        inside = _seconds(rows, reading.scene)
        hot, given = (_median(curve[inside]) for curve in written)
        if hot >= PANIC_AT and given <= 1e-6:
            kinds["panic"].append(reading)
        if hot <= CALM_AT and given >= PANIC_AT:
            kinds["calm"].append(reading)
    correlation = spearman(_means(heard.index), _means(written[0]))
    failures = [line for kind, readings in kinds.items() for line in _failures_of(kind, readings)]
    if correlation < LEAST_CORRELATION:
        failures.append(
            f"the index follows the written panic with a rank correlation of {correlation:.2f}: "
            f"{LEAST_CORRELATION} or more would be right"
        )
    return Judgement(
        heard, tuple(kinds["panic"]), tuple(kinds["calm"]), correlation, tuple(failures)
    )


def _written(curve: ArrayLike, name: str, seconds: int) -> NDArray[np.float64]:
    values: NDArray[np.float64] = np.asarray(curve, np.float64)
    if values.shape != (seconds,) or not np.isfinite(values).all():
        raise UsageError(
            f"the arc '{name}' has shape {values.shape}: right would be {seconds} numbers, "
            "one for each second measured"
        )
    return values


def _failures_of(kind: str, readings: Sequence[SceneReading]) -> list[str]:
    if not readings:
        return [f"no scene is written as {kind}, so nothing can be said of it"]
    lines = []
    for reading in readings:
        met = reading.meets_panic if kind == "panic" else reading.meets_calm
        if len(met) < LEAST_MET:
            missed = ", ".join(
                f"{band.feature} {reading.values[band.feature]:.4g}"
                for band in BANDS
                if band.feature not in met and band.feature in reading.values
            )
            lines.append(
                f"scene '{reading.scene.name}' meets {len(met)} of {len(BANDS)} bands of {kind}, "
                f"{LEAST_MET} would be right; not met: {missed}"
            )
        if kind == "panic" and not reading.index > PANIC_INDEX:
            bound = f"over {PANIC_INDEX}"
        elif kind == "calm" and not reading.index < CALM_INDEX:
            bound = f"under {CALM_INDEX}"
        else:
            continue
        lines.append(
            f"scene '{reading.scene.name}' has an index of {reading.index:.2f}: "
            f"{bound} would be right"
        )
    return lines


def frozen(piece: Judgement, control: ArcReading) -> tuple[str, ...]:
    """Return a line for every calm scene that would be calm without surrender; none passes.

    ``control`` is heard from the same piece with surrender held at 0 and panic as written. Where
    its index is under 0.4, the piece has only been faded, and its calm proves nothing.
    """
    if not piece.calm:
        return ("no scene is written as calm, so the frozen control says nothing",)
    held = {reading.scene: reading for reading in control.scenes}
    lines = []
    for reading in piece.calm:
        still = held.get(reading.scene)
        if still is None:
            lines.append(f"scene '{reading.scene.name}' is missing from the frozen control")
        elif still.index < FROZEN_INDEX:
            lines.append(
                f"scene '{reading.scene.name}' has an index of {still.index:.2f} with surrender "
                f"held at 0: {FROZEN_INDEX} or more would show that it is not only faded"
            )
    return tuple(lines)


def spearman(one: ArrayLike, other: ArrayLike) -> float:
    """Return the rank correlation of two series; 0 where one of them never changes."""
    x, y = _ranks(np.asarray(one, np.float64)), _ranks(np.asarray(other, np.float64))
    x, y = x - x.mean() if len(x) else x, y - y.mean() if len(y) else y
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / scale if scale > 0 else 0.0


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: NDArray[np.float64] = (last - (counts - 1) / 2)[which]
    return ranks


def _means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    whole = len(values) // MEAN_S
    means: NDArray[np.float64] = values[: whole * MEAN_S].reshape(whole, MEAN_S).mean(axis=1)
    return means
