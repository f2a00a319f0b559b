"""A whole measurement: loudness of a piece and of each of its scenes, features, the arc index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lullaby.measure.arc import (
    SLOW,
    ArcReading,
    Judgement,
    SceneReading,
    Stretch,
    arc_reading,
    judge,
    medians,
)
from lullaby.measure.block import checked_block
from lullaby.measure.breathing import breathing
from lullaby.measure.features import ROW, Ear
from lullaby.measure.loudness import Loudness, LoudnessMeter

LONGEST_BREATHING_S = 3600  # a longer whole is not one scene, and its spectrum would be large


@dataclass(frozen=True)
class SceneMeasured:
    """One scene: its own loudness, and its features if it has a whole second of them."""

    scene: Stretch
    loudness: Loudness
    reading: SceneReading | None


@dataclass(frozen=True)
class Measurement:
    """What was measured of a sound.

    ``rows``: one row (``features.ROW``) a second, none where loudness alone was asked for;
    ``values``: the median of each feature over all of it; ``scenes``: those that were heard.
    """

    frames: int
    sample_rate: int
    channels: int
    loudness: Loudness
    rows: NDArray[np.void]
    arc: ArcReading
    values: dict[str, float]
    scenes: tuple[SceneMeasured, ...]

    @property
    def duration_s(self) -> float:
        """Return how long it is."""
        return self.frames / self.sample_rate

    @property
    def index(self) -> float | None:
        """Return the median of the arc index, 0 calm to 1 panic; None without a row."""
        return float(np.median(self.arc.index)) if len(self.rows) else None

    def judged(self, panic: ArrayLike, surrender: ArrayLike) -> Judgement:
        """Return whether it sounds as written: the arcs, one value for each row (``judge``)."""
        return judge(self.rows, [scene.scene for scene in self.scenes], panic, surrender)


class Listener:
    """Hears a stream of blocks of any length and measures it, and its scenes, in bounded memory.

    ``scenes`` follow one another in time. ``loudness_only`` leaves the features out, which is
    several times faster. Raises UsageError for what cannot be measured.
    """

    def __init__(
        self,
        channels: int,
        sample_rate: int,
        scenes: Sequence[Stretch] = (),
        *,
        loudness_only: bool = False,
    ) -> None:
        self.channels, self.sample_rate = channels, sample_rate
        self._ear = None if loudness_only else Ear(channels, sample_rate)
        self._meter = LoudnessMeter(channels, sample_rate) if self._ear is None else self._ear.meter
        self._rows: list[NDArray[np.void]] = []
        self._scenes = [scene for scene in scenes if scene.length_s > 0]
        self._read: list[Loudness] = []  # of the scenes that are over
        self._scene_meter = LoudnessMeter(channels, sample_rate)
        self.frames = 0

    def add(self, block: ArrayLike) -> None:
        """Hear a block of shape (channels, frames)."""
        checked = checked_block(block, self.channels)
        if self._ear is None:
            self._meter.add(checked)
        else:
            self._rows.append(self._ear.add(checked))
        self._add_to_scenes(checked)
        self.frames += checked.shape[1]

    def finish(self) -> Measurement:
        """Return what was measured."""
        if self._ear is not None:
            self._rows.append(self._ear.finish())
        rows = np.concatenate([np.zeros(0, ROW), *self._rows])
        scenes = list(self._heard_scenes())
        arc = arc_reading(rows, [scene for scene, _ in scenes])
        readings = {reading.scene: reading for reading in arc.scenes}
        return Measurement(
            self.frames,
            self.sample_rate,
            self.channels,
            self._meter.read(),
            rows,
            arc,
            _values(rows),
            tuple(SceneMeasured(scene, read, readings.get(scene)) for scene, read in scenes),
        )

    def _frame(self, time_s: float) -> int:
        return round(time_s * self.sample_rate)

    def _add_to_scenes(self, block: NDArray[np.float32]) -> None:
        here, last = self.frames, self.frames + block.shape[1]
        while here < last and len(self._read) < len(self._scenes):
            scene = self._scenes[len(self._read)]
            first, end = self._frame(scene.start_s), self._frame(scene.start_s + scene.length_s)
            here = max(here, first)
            until = min(end, last)
            if here < until:
                self._scene_meter.add(block[:, here - self.frames : until - self.frames])
                here = until
            if end > last:
                return
            self._read.append(self._scene_meter.read())
            self._scene_meter = LoudnessMeter(self.channels, self.sample_rate)

    def _heard_scenes(self) -> list[tuple[Stretch, Loudness]]:
        heard = list(zip(self._scenes, self._read, strict=False))
        if len(heard) < len(self._scenes):
            scene = self._scenes[len(heard)]
            if self._frame(scene.start_s) < self.frames:  # the sound ends within it
                heard.append((scene, self._scene_meter.read()))
        return heard


def listened(samples: ArrayLike, sample_rate: int, scenes: Sequence[Stretch] = ()) -> Measurement:
    """Return the measurement of a whole clip of shape (channels, frames)."""
    block = checked_block(samples)
    listener = Listener(block.shape[0], sample_rate, scenes)
    listener.add(block)
    return listener.finish()


def _values(rows: NDArray[np.void]) -> dict[str, float]:
    if not len(rows):
        return {}
    values = medians(rows)
    if len(rows) <= LONGEST_BREATHING_S:
        breath = breathing(rows["envelope"])
        if breath is not None:
            values[SLOW] = breath.slow_percent
    return values
