"""How a module is asked and heard on its own, for the laws that hold for all of them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lullaby.engine.alone import alone, rendered
from lullaby.engine.composer import Composer
from lullaby.engine.hands import Hands
from lullaby.model.curve import Constant, Curve, Ramp
from lullaby.model.event import Events, record
from lullaby.model.module import Module
from lullaby.model.take import Take
from lullaby.units import STEP

RATE = 48000

Settings = Mapping[str, "float | Curve"]


def heard(
    module: type[Module], settings: Settings | None = None, length_s: float = 8.0, **more: object
) -> np.ndarray:
    """Return the sound of a module alone from the start of its run, shape (2, frames)."""
    seed = int(more.pop("seed", 1))  # type: ignore[call-overload]
    return rendered(alone(module, settings, seed=seed), length_s, RATE, **more)  # type: ignore[arg-type]


def composed(
    module: type[Module],
    window: tuple[float, float],
    settings: Settings | None = None,
    seed: int = 1,
) -> Events:
    """Return the events of a window."""
    run = alone(module, settings, seed=seed)
    return Composer(run, RATE, Hands(Take(RATE)), {})(window)


def one_event(module: type[Module], row: Events) -> np.ndarray:
    """Return the sound of one event (an array of one row), from its first frame to its last."""
    settings = module()
    voice = settings.voice(RATE)
    memory = record({"key": "u8", "start": "i8", "end": "i8"} | dict(voice.memory))
    state = np.zeros(1, memory)
    state["key"] = row["key"]
    state["start"] = np.round(row["at_s"] * RATE)
    state["end"] = state["start"] + np.round(row["duration_s"] * RATE)
    start, end = int(state["start"][0]), int(state["end"][0])
    first = start // STEP * STEP
    frames = -(-(end - first) // STEP) * STEP + STEP
    back = -(-int(voice.looks_back_s * RATE) // STEP)
    grid = np.arange(first // STEP - back, (first + frames) // STEP + 1)
    table = np.zeros(len(grid), record(dict.fromkeys(module.params(), "f8")))
    for name, curve in settings.curves.items():
        table[name] = curve(grid * (STEP / RATE))
    out = np.zeros((2, frames), np.float32)
    voice.render(out, first, table, row, state)
    return out[:, start - first : end - first]


def moving(low: float, high: float, length_s: float, log: bool = False) -> Curve:
    """Return a curve that goes from one value to another in a time."""
    return Ramp(Constant(low), Constant(high), 0.0, length_s, "linear", log)


def grid_roughness(sound: np.ndarray) -> float:
    """Return how much larger the steps into a grid point are than all others, as an RMS ratio.

    Parameters that are held over 64 frames instead of moving jump at grid points: zipper noise.
    """
    bent = np.diff(sound.astype(np.float64), 2, axis=1)  # a line has none: kinks and jumps remain
    place = (np.arange(bent.shape[1]) + 2) % STEP
    at_grid = bent[:, (place == 0) | (place == 1)]
    return float(np.sqrt(np.mean(at_grid**2) / np.mean(bent**2)))
