"""Everything compiled and loaded before the first sound, so that nothing has to be later."""

from __future__ import annotations

import gc
import sys

import numpy as np

from lullaby.engine.busway import Rack
from lullaby.engine.composer import composer
from lullaby.engine.hands import Hands
from lullaby.engine.player import Player
from lullaby.live.ring import Ring
from lullaby.model.performance import Performance, Run
from lullaby.model.take import Take
from lullaby.units import STEP

FRAMES = 1024
LOOK_S = 60.0  # a run without an event in this time from its start is warmed without one
# The default of 5 ms starves whoever makes sound as soon as another thread is busy.
SWITCH_S = 0.0005


def warm(performance: Performance, sample_rate: int) -> None:
    """Run every kind of voice and effect of a performance for a moment, for nobody."""
    from lullaby.dsp.mixing import add_ramped, ramp, rotate, widen

    hands = Hands(Take(sample_rate), live=True)
    Ring(sample_rate, 0.1).read(np.zeros((STEP, 2), np.float32))
    block, grid = np.zeros((2, FRAMES), np.float32), np.ones(FRAMES // STEP + 1)
    add_ramped(block, np.zeros_like(block), grid)
    for change in (ramp, rotate, widen):
        change(block, grid)
    seen: set[type] = set()
    for run in performance.runs:
        if type(run.settings) not in seen:
            seen.add(type(run.settings))
            _play(performance, run, sample_rate, hands)
    for bus in performance.buses:
        for effect in bus.effects:
            if type(effect) not in seen:
                seen.add(type(effect))
                Rack(effect, sample_rate, hands).process(np.zeros_like(block), 0)


def _play(performance: Performance, run: Run, sample_rate: int, hands: Hands) -> None:
    # A part that fails here will fail again, behind its guard.
    try:
        compose = composer(performance, run, sample_rate, hands)
        events = compose((0.0, LOOK_S))
        first_s = float(events["at_s"][0]) if len(events) else 0.0
        frame = round(first_s * sample_rate) // STEP * STEP
        player = Player(compose, sample_rate, frame, hands, live=True)
        player.render(np.zeros((2, FRAMES), np.float32), frame)
    except Exception:
        return


def steady() -> None:
    """Set the interpreter up for sound: nothing old is collected again, threads take turns."""
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(SWITCH_S)
