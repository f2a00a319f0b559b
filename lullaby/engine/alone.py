"""One module on its own: how it is heard, measured and tested outside any score."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lullaby.engine.composer import Composer
from lullaby.engine.hands import Hands
from lullaby.engine.player import Player
from lullaby.model.chance import named
from lullaby.model.curve import Constant, Curve
from lullaby.model.module import Module
from lullaby.model.performance import MASTER, Desk, Run
from lullaby.model.take import Take
from lullaby.units import STEP, seconds_to_micros


def alone(
    module: type[Module],
    settings: Mapping[str, float | Curve] | None = None,
    fixed: Mapping[str, Any] | None = None,
    *,
    seed: int = 1,
    length_s: float = 3600.0,
) -> Run:
    """Return a run of a module with settings given as numbers or curves, and nothing else."""
    curves = {
        name: value if isinstance(value, Curve) else Constant(float(value))
        for name, value in (settings or {}).items()
    }
    unity = Constant(1.0)
    return Run(
        part="alone",
        name="alone",
        key=named(seed, "alone", "alone"),
        start_us=0,
        end_us=seconds_to_micros(length_s),
        settings=module(curves, fixed),
        desk=Desk(Constant(0.0), unity, Constant(0.0)),
        into=MASTER,
    )


def rendered(
    run: Run, length_s: float, sample_rate: int = 48000, *, start_s: float = 0.0, block: int = 8192
) -> NDArray[np.float32]:
    """Return the sound of a run, dry and before the desk, shape (2, frames)."""
    frames = -(-round(length_s * sample_rate) // STEP) * STEP
    first = round(start_s * sample_rate) // STEP * STEP
    hands = Hands(Take(sample_rate))
    player = Player(Composer(run, sample_rate, hands, {}), sample_rate, first, hands)
    out = np.zeros((2, frames), np.float32)
    for done in range(0, frames, block):
        player.render(out[:, done : min(done + block, frames)], first + done)
    return out
