"""Magma: vents that churn and hiss, bubbles, spits, ticks of what contracts, drops of glass."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import vent_steering, vents
from lullaby.dsp.approximate import octaves
from lullaby.dsp.bars import breathed
from lullaby.dsp.grains import windowed
from lullaby.dsp.kernel import kernel, uniform
from lullaby.dsp.oscillators import step_of, wrapped
from lullaby.dsp.panning import placed
from lullaby.dsp.partials import eased_between, sing
from lullaby.dsp.struck import T60, struck
from lullaby.units import STEP

I32 = np.int32
MEMORY = vents.MEMORY | {"phase": "i8", "step": "i8"}
VENT, POP, SPIT, TICK, DROP = range(5)  # kinds of event

OVERTONES = (1.0, 0.30, 0.08)  # of a bubble: its neck is not a sphere
POP_RISE_S, STOP_S = 0.004, 0.012
SKIN_S, SKIN_GAIN = 0.004, 0.22  # the skin that breaks, at 7 times the pitch
SKIN = 7.0
SPIT_GRAINS = 7
SPIT_HZ, SPIT_OCTAVES = 4000.0, 1.585  # to 12 kHz
GLASS = (1.0, 2.32, 4.25)
GLASS_GAINS, GLASS_RINGS = (0.7, 0.5, 0.35), (1.0, 0.6, 0.4)
DROP_TONES, DROP_GAINS, DROP_RINGS = (1.0, 2.0, 4.0), (1.0, 0.2, 0.05), (1.0, 0.5, 0.2)


@kernel
def bubble(event: Any, since_s: float, sample_rate: int) -> Any:
    """Return the pitch (Hz) of a bubble and its gain, by time since its event began.

    It rises as it nears the surface; backward it sinks, swells and stops.
    """
    if since_s <= 0.0 or since_s >= event.duration_s:
        return event.pitch_hz, 0.0
    t = since_s
    if event.backward > 0.0:
        t = event.duration_s - since_s
    hz = event.pitch_hz * (1.0 + event.rise * (1.0 - np.exp(-event.damping * t)))
    gain = np.exp(-event.damping * t) * eased_between(t, 0.0, POP_RISE_S)
    if event.backward > 0.0:
        hz *= np.exp2(-event.sinks_cents / 1200.0 * since_s / event.duration_s)
        gain *= eased_between(t, 0.0, STOP_S) * eased_between(since_s, 0.0, 0.1 * event.duration_s)
    return hz, gain * eased_between(event.duration_s - since_s, 0.0, STOP_S)


@kernel
def pop(heard: Any, event: Any, m: Any, grid: int, sample_rate: int) -> None:
    """Add one step of a bubble."""
    since_s = grid / sample_rate - event.at_s
    hz, gain = bubble(event, since_s, sample_rate)
    to_hz, to_gain = bubble(event, since_s + STEP / sample_rate, sample_rate)
    if m.step == 0:
        m.step = step_of(hz, sample_rate)
        # Polarity by chance, and a start where what follows has no mean.
        turn = 0.25 + 0.5 * (uniform(np.uint64(event.key), 1) < 0.5)
        m.phase = np.int64((turn + 1.0) * 4294967296.0) % 4294967296
    bend = (step_of(to_hz, sample_rate) - m.step + STEP // 2) // STEP
    for j in range(len(OVERTONES)):
        n = j + 1
        a, b = gain**n * OVERTONES[j], to_gain**n * OVERTONES[j]
        if a > 1e-4 or b > 1e-4:
            sing(
                heard,
                n * m.phase,
                n * m.step,
                n * bend,
                a * m.left,
                a * m.right,
                b * m.left,
                b * m.right,
            )
    m.phase = (m.phase + STEP * m.step + STEP * (STEP - 1) // 2 * bend) % 4294967296
    m.step += STEP * bend
    if event.backward == 0.0:
        left, right = SKIN_GAIN * m.left, SKIN_GAIN * m.right
        skin_hz = SKIN * event.pitch_hz
        struck(heard, grid - m.start, skin_hz, SKIN_S, 0.0006, left, right, 1.0, sample_rate)


@kernel
def spit(heard: Any, event: Any, m: Any, since: Any, sample_rate: int) -> None:
    """Add one step of a spit: so many sines at once in one window that it is noise."""
    key, one_over = np.uint64(event.key), 1.0 / (event.duration_s * sample_rate)
    for j in range(SPIT_GRAINS):
        hz = SPIT_HZ * octaves(SPIT_OCTAVES * (j + uniform(key, 2 * j)) / SPIT_GRAINS)
        if hz > 0.45 * sample_rate:
            continue
        phase = I32(wrapped(int(uniform(key, 2 * j + 1) * 4294967296.0)))
        step = I32(wrapped(step_of(hz, sample_rate)))
        windowed(heard[0], heard[1], I32(since), one_over, phase, step, (m.left, m.right))


@kernel
def glass(
    heard: Any, event: Any, m: Any, since: Any, before: float, after: float, sample_rate: int
) -> None:
    """Add one step of a tick of contracting glass, or of a drop of it on a tone of the chord."""
    ticks = event.kind == TICK
    for j in range(3):
        over = GLASS[j] if ticks else DROP_TONES[j]
        g = before * (GLASS_GAINS[j] if ticks else DROP_GAINS[j])
        decay_s = event.ring_s * (GLASS_RINGS[j] if ticks else DROP_RINGS[j]) / T60
        left, right, to = g * m.left, g * m.right, after / before
        hz = event.pitch_hz * over
        struck(heard, since, hz, decay_s, event.rise_s, left, right, to, sample_rate)


@kernel
def single(heard: Any, event: Any, m: Any, now: Any, then: Any, grid: int, rate: int) -> None:
    """Add one step of an event that is no vent."""
    if m.begun == 0:
        m.begun = 1
        m.left, m.right = placed(event.level_db, event.azimuth_deg, event.distance_m)
    if event.kind == POP:
        pop(heard, event, m, grid, rate)
    elif event.kind == SPIT:
        spit(heard, event, m, grid - m.start, rate)
    else:
        before, after = breathed(now, grid, rate), breathed(then, grid + STEP, rate)
        glass(heard, event, m, grid - m.start, before, after, rate)


@kernel
def render(
    out: Any, start_frame: int, sample_rate: int, curves: Any, events: Any, state: Any
) -> None:
    """Add all of the magma to ``out``, shape (2, frames)."""
    heard = np.zeros((2, STEP), np.float32)
    p, g = np.zeros(2 * vents.LANES, np.int32), np.zeros(vents.ROWS * vents.LANES)
    x, y = np.zeros(vents.LANES * STEP), np.zeros(vents.LANES * STEP)
    who = np.zeros(vents.LANES, np.int64)
    left, right = np.zeros(vents.LANES), np.zeros(vents.LANES)
    fixed = vents.fixed_filters(sample_rate)
    for s in range(out.shape[1] // STEP):
        grid, n = start_frame + s * STEP, 0
        now, then = curves[s], curves[s + 1]
        heard[:] = np.float32(0.0)
        for e in range(len(events)):
            event, m = events[e], state[e]
            if m.start < grid + STEP and m.end > grid:
                if event.kind == VENT:
                    if m.begun == 0:
                        vent_steering.begin(event, m, now, grid, sample_rate)
                    vents.board(n, p, g, heard, event, m, then, grid, sample_rate)
                    left[n], right[n], who[n] = m.left, m.right, e
                    n += 1
                else:
                    single(heard, event, m, now, then, grid, sample_rate)
            if n == vents.LANES or (n > 0 and e == len(events) - 1):  # a tile is full, or the last
                for v in range(n, vents.LANES):
                    vents.clear(v, p, g)
                vents.run(max(n, vents.LANES), p, g, x, y, fixed)
                vents.mixed(y, n, g, left, right, heard)
                for v in range(n):
                    vents.leave(v, g, state[who[v]])
                n = 0
        for i in range(STEP):
            out[0, s * STEP + i] += heard[0, i]
            out[1, s * STEP + i] += heard[1, i]
