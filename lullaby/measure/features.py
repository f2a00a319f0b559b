"""What an ear would say of a sound, second by second: one row of numbers for each."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lullaby.measure.block import checked_block
from lullaby.measure.breathing import ENVELOPE_HZ
from lullaby.measure.harmonicity import Harmonicity
from lullaby.measure.loudness import Loudness, LoudnessMeter, lufs
from lullaby.measure.onsets import Onsets
from lullaby.measure.roughness import rough_index
from lullaby.measure.sharpness import sharpness_acum
from lullaby.measure.spectrum import centroid_hz, flatness_db, high_db, spectrum
from lullaby.units import power_to_db

ROW: Final = np.dtype(
    [
        ("at_s", np.float64),  # where the second begins
        ("loudness_lufs", np.float64),  # short-term: the last 3 s, or what there was of them
        ("sharpness_acum", np.float64),
        ("rough_index", np.float64),
        ("centroid_hz", np.float64),
        ("high_db", np.float64),  # above 2 kHz re all
        ("flatness_db", np.float64),
        ("onsets_per_s", np.float64),
        ("hnr_db", np.float64),  # the last 10 s
        ("crest_db", np.float64),
        ("envelope", np.float32, (ENVELOPE_HZ,)),  # root mean square, for ``breathing``
    ]
)
SHORT_TERM_TENTHS: Final = 30
LEAST_REST_S: Final = 0.5  # a last second that is shorter has no row


class Ear:
    """Hears a stream block by block and gives a row of ``ROW`` for every whole second.

    A full-scale sine stands for 94 dB SPL. It holds the unfinished second, 10 s of small history
    and the meter's one number for every 100 ms. Silence reads -inf LUFS, -120 dB (``high_db``,
    ``flatness_db``) and 0 in all else. Raises UsageError for what cannot be measured.
    """

    def __init__(self, channels: int, sample_rate: int) -> None:
        self.meter = LoudnessMeter(channels, sample_rate)
        self.sample_rate = sample_rate
        self.channels = channels
        self._rest = np.zeros((channels, 0), np.float32)
        self._harmonicity = Harmonicity(sample_rate)
        self._onsets = Onsets(channels, sample_rate)
        self._rows = 0

    @property
    def loudness(self) -> Loudness:
        """Loudness and true peak of all whole seconds heard so far."""
        return self.meter.read()

    def add(self, block: ArrayLike) -> NDArray[np.void]:
        """Hear a block (channels, frames) of any length; return the rows it completes."""
        checked = checked_block(block, self.channels)
        heard = np.concatenate((self._rest, checked), axis=1)
        seconds = heard.shape[1] // self.sample_rate
        rows = np.zeros(seconds, ROW)
        for i in range(seconds):
            rows[i] = self._row(heard[:, i * self.sample_rate : (i + 1) * self.sample_rate])
        self._rest = heard[:, seconds * self.sample_rate :].copy()
        return rows

    def finish(self) -> NDArray[np.void]:
        """Return the row of the unfinished second, if it is half a second or more; else none."""
        rest, self._rest = self._rest, self._rest[:, :0]
        if rest.shape[1] < LEAST_REST_S * self.sample_rate:
            if rest.shape[1]:
                self.meter.add(rest)
            return np.zeros(0, ROW)
        rows = np.zeros(1, ROW)
        rows[0] = self._row(rest)
        return rows

    def _row(self, frame: NDArray[np.float32]) -> tuple[Any, ...]:
        frame = np.ascontiguousarray(frame)
        self.meter.add(frame)
        seconds = frame.shape[1] / self.sample_rate
        heard = spectrum(frame, self.sample_rate)
        squares = (frame.astype(np.float64) ** 2).mean(axis=0)
        row = (
            float(self._rows),
            lufs(float(np.mean(self.meter.last_tenths(SHORT_TERM_TENTHS)))),
            sharpness_acum(heard),
            rough_index(frame, self.sample_rate),
            centroid_hz(heard),
            high_db(heard),
            flatness_db(heard),
            len(self._onsets.add(frame)) / seconds,
            self._harmonicity.add(frame),
            _crest_db(frame, squares),
            _envelope(squares),
        )
        self._rows += 1
        return row


def features(samples: ArrayLike, sample_rate: int) -> NDArray[np.void]:
    """Return the rows (dtype ``ROW``, one a second) of a whole clip (channels, frames)."""
    block = checked_block(samples)
    ear = Ear(block.shape[0], sample_rate)
    return np.concatenate((ear.add(block), ear.finish()))


def _crest_db(frame: NDArray[np.float32], squares: NDArray[np.float64]) -> float:
    mean = float(squares.mean())
    return float(power_to_db(float(np.abs(frame).max()) ** 2 / mean)) if mean > 0 else 0.0


def _envelope(squares: NDArray[np.float64]) -> NDArray[np.float32]:
    edges = np.linspace(0, len(squares), ENVELOPE_HZ + 1).round().astype(np.int64)
    means = np.add.reduceat(squares, edges[:-1]) / np.diff(edges)
    return np.sqrt(means).astype(np.float32)
