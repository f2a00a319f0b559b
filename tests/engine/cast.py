"""Small modules and effects for tests of the engine: real kernels, known arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import kernel, uniform
from lullaby.model.chance import Chance
from lullaby.model.effect import Effect, Processor
from lullaby.model.event import Events, Followed, columns
from lullaby.model.module import Module, Voice
from lullaby.model.sheet import leader, param, surrender
from lullaby.model.streams import Window, poisson
from lullaby.units import STEP

MEMORY = {"low": "f8"}


@kernel
def pings(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Decaying sines with a little keyed noise through a one-pole filter that has memory."""
    for s in range(out.shape[1] // STEP):
        grid = start_frame + s * STEP
        now, then = curves[s], curves[s + 1]
        for e in range(len(events)):
            m, event = state[e], events[e]
            if m.start >= grid + STEP or m.end <= grid:
                continue
            low = m.low
            for i in range(STEP):
                n = grid + i - m.start
                if n < 0 or grid + i >= m.end:
                    continue
                t = n / sample_rate
                bright = now.bright + (then.bright - now.bright) * i / STEP
                noise = uniform(m.key, n) - 0.5
                x = np.sin(2 * np.pi * event.pitch_hz * t) * np.exp(-3.0 * t) + bright * noise
                low += 0.2 * (x - low)
                rest = (m.end - grid - i) / (m.end - m.start)
                y = 0.1 * low * min(1.0, 20.0 * rest) * min(1.0, n / 48.0)
                out[0, s * STEP + i] += np.float32(y * (0.5 - event.azimuth_deg / 180.0))
                out[1, s * STEP + i] += np.float32(y * (0.5 + event.azimuth_deg / 180.0))
            m.low = low


class Pings(Module):
    """Pings at random times."""

    rate_per_s = param(3.0, "/s", (0.1, 20.0), "Mean rate.", log=True)
    pitch_hz = param(440.0, "Hz", (50.0, 4000.0), "Pitch.", log=True, each=True)
    bright = param(0.1, "ratio", (0.0, 1.0), "Noise in it.")
    surrender = surrender()
    adds = columns("nothing")

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        at_s, own = poisson(chance.of("pings"), self.rate_per_s, 20.0, window)
        return self.events(
            at_s,
            own,
            duration_s=own.uniform("length", 0.3, 3.0),
            pitch_hz=self.pitch_hz(at_s, own) * (1.0 + 0.1 * own.uniform("detune")),
            azimuth_deg=own.uniform("place", -60.0, 60.0),
        )

    def voice(self, sample_rate: int) -> Voice:
        return Voice(pings, MEMORY, sample_rate)


class Echoes(Pings):
    """Answers every event of the part it follows, a moment later."""

    after = leader(2.0, "Whom it answers.")

    def compose(self, window: Window, chance: Chance, followed: Followed) -> Events:
        if "after" not in followed:
            return self.events(np.zeros(0), Chance(np.zeros(0, np.uint64)))
        led = followed["after"](window)
        own = Chance(led["key"] ^ chance.key)
        at_s = led["at_s"] + own.uniform("wait", 0.1, 2.0)
        kept = (at_s >= window[0]) & (at_s < window[1])
        order = np.lexsort((own.key[kept], at_s[kept]))
        own = Chance(own.key[kept][order])
        return self.events(
            at_s[kept][order],
            own,
            duration_s=0.5,
            pitch_hz=led["pitch_hz"][kept][order] * 2.0,
        )


class Smear(Effect):
    """A one-pole low-pass with memory."""

    amount = param(0.3, "ratio", (0.01, 1.0), "How much of the new.")

    def processor(self, sample_rate: int) -> Processor:
        return _Smear()

    def hears_from_s(self) -> float:
        return 0.2


class _Smear:
    def __init__(self) -> None:
        self.state = {"y": np.zeros(2)}

    def process(self, block: Any, start_frame: int, curves: Events) -> None:
        smear(block, curves, self.state["y"])


@kernel
def smear(block: Any, curves: Any, y: Any) -> None:
    for s in range(len(curves) - 1):
        for i in range(STEP):
            a = curves[s].amount + (curves[s + 1].amount - curves[s].amount) * i / STEP
            for c in range(2):
                y[c] += a * (block[c, s * STEP + i] - y[c])
                block[c, s * STEP + i] = np.float32(y[c])
