"""Run an effect over a sound as the engine does: curves at grid points, stretches of any length."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lullaby.model.curve import Constant, Curve
from lullaby.model.effect import Effect
from lullaby.model.event import record
from lullaby.units import STEP

RATE = 48000


def effect(kind: type[Effect], fixed: Mapping[str, Any] | None = None, **values: Any) -> Effect:
    """Return settings; a number stands still, a curve moves."""
    curves = {k: v if isinstance(v, Curve) else Constant(float(v)) for k, v in values.items()}
    return kind(curves, fixed)


def table(settings: Effect, start_frame: int, frames: int, rate: int = RATE) -> Any:
    """Return the rows of a stretch."""
    t = np.arange(start_frame // STEP, (start_frame + frames) // STEP + 1) * (STEP / rate)
    rows = np.zeros(len(t), record(dict.fromkeys(settings.params(), "f8")))
    for name, curve in settings.curves.items():
        rows[name] = curve(t)
    return rows


def processed(
    settings: Effect,
    sound: Any,
    start_frame: int = 0,
    stretches: Iterable[int] | int = 8192,
    rate: int = RATE,
    processor: Any = None,
) -> Any:
    """Return what the effect makes of a sound, shape (2, frames), which is left as it is."""
    out = np.array(sound, np.float32)
    running = settings.processor(rate) if processor is None else processor
    lengths = iter(stretches) if not isinstance(stretches, int) else None
    first = 0
    while first < out.shape[1]:
        n = stretches if lengths is None else next(lengths)
        n = min(n, out.shape[1] - first)
        at = start_frame + first
        block = np.ascontiguousarray(out[:, first : first + n])
        running.process(block, at, table(settings, at, n, rate))
        out[:, first : first + n] = block
        first += n
    return out


def frames(length_s: float, rate: int = RATE) -> int:
    """Return a length in frames, a multiple of 64."""
    return int(np.ceil(length_s * rate / STEP)) * STEP


def impulse(length_s: float, at: int = 0, rate: int = RATE) -> Any:
    """Return one frame of 1 on both sides."""
    sound = np.zeros((2, frames(length_s, rate)), np.float32)
    sound[:, at] = 1.0
    return sound


def noise(length_s: float, seed: int = 1, level: float = 0.2) -> Any:
    """Return white noise, another on each side."""
    made = np.random.default_rng(seed).standard_normal((2, frames(length_s)))
    return (level * made).astype(np.float32)


def tone(frequency_hz: float, length_s: float, level: float = 0.5, fade_s: float = 0.2) -> Any:
    """Return a sine on both sides, faded in."""
    t = np.arange(frames(length_s)) / RATE
    swell = 0.5 - 0.5 * np.cos(np.pi * np.clip(t / fade_s, 0.0, 1.0))
    return np.tile((level * swell * np.sin(2.0 * np.pi * frequency_hz * t)).astype("f4"), (2, 1))
