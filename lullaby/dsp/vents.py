"""Vents: noise of molten rock through filters and a bank of glass, eight side by side.

Of one white noise a lane makes a churn (a band of brown noise), a hiss (a high-pass whose spectrum
rises by 6 dB an octave), and what excites four resonators: complex poles, each of whose power is
that of the noise whatever its pitch and ring.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp import vent_steering as steering
from lullaby.dsp.filters import flushed, svf
from lullaby.dsp.kernel import kernel
from lullaby.dsp.noise import key32, white
from lullaby.dsp.obsidian import COLDEST_HZ
from lullaby.dsp.oscillators import step_of
from lullaby.dsp.partials import sing
from lullaby.units import STEP

I32 = np.int32
LANES = 8  # all are at work whoever sounds: fewer would be done one by one
RUN = 4  # frames that a lane does at once; coefficients stand still for them
MODES, RAMPED = steering.MODES, steering.RAMPED
BROWN_HZ, BROWN_Q = 42.0, 0.55  # under it there is nothing to hear, and nothing to move a cone
HISS_Q, TOP_Q, CHURN_Q = 0.707, 0.6, 0.6

STATES = 17  # of filters and resonators, and the last noise
MEMORY = steering.MEMORY | {"states": f"{STATES}f8"}

# Rows of g, float64, LANES each: states, then what is ramped, then its slopes.
BROWN, LOW, HIGH, TOP, LAST, RESONANT = (i * LANES for i in (0, 2, 4, 6, 8, 9))
RAMPS, SLOPES = STATES * LANES, (STATES + RAMPED) * LANES
ROWS = STATES + 2 * RAMPED
AT_LOW, BY_LOW = (first + steering.LOW_G * LANES for first in (RAMPS, SLOPES))
AT_TOP, BY_TOP = (first + steering.TOP_G * LANES for first in (RAMPS, SLOPES))
AT_CHURN, BY_CHURN = (first + steering.CHURN_G * LANES for first in (RAMPS, SLOPES))
AT_HISS, BY_HISS = (first + steering.HISS_G * LANES for first in (RAMPS, SLOPES))
AT_OUT, BY_OUT = (first + steering.OUT_G * LANES for first in (RAMPS, SLOPES))
AT_MODES, BY_MODES = (first + steering.MODE_G * LANES for first in (RAMPS, SLOPES))
AT_POLES, BY_POLES = (first + steering.POLE_RE * LANES for first in (RAMPS, SLOPES))


@kernel
def board(
    v: int, p: Any, g: Any, heard: Any, event: Any, m: Any, then: Any, grid: int, rate: int
) -> None:
    """Lay an event into lane ``v`` for the step from ``grid``, and sing its tones."""
    p[v], p[v + LANES] = I32(key32(np.uint64(event.key))), I32(grid - m.start)
    for j in range(STATES):
        g[v + j * LANES] = m.states[j]
    for j in range(RAMPED):
        g[v + RAMPS + j * LANES] = m.ramp[j]
    was, chord = m.tones.copy(), steering.tones_of(event)
    steering.steer(event, m, then, m.ramp, m.tones, grid + STEP, rate)
    for j in range(RAMPED):
        g[v + SLOPES + j * LANES] = (m.ramp[j] - g[v + RAMPS + j * LANES]) / STEP
    for j in range(MODES + 1):
        hz = then.root_hz * (chord[j])
        step = step_of(hz, rate)
        a, b = was[j], m.tones[j]
        if a > 0.0 or b > 0.0:
            left, right = (m.left, m.right) if j < MODES else (0.7071 * m.whole, 0.7071 * m.whole)
            sing(heard, m.phases[j], step, 0, a * left, a * right, b * left, b * right)
        m.phases[j] = (m.phases[j] + STEP * step) % 4294967296


@kernel
def leave(v: int, g: Any, m: Any) -> None:
    """Carry what a lane remembers to the next step."""
    for j in range(STATES):
        m.states[j] = flushed(g[v + j * LANES])


@kernel
def clear(v: int, p: Any, g: Any) -> None:
    """Make a lane silent."""
    p[v] = p[v + LANES] = 0
    for j in range(ROWS):
        g[v + j * LANES] = 0.0


@kernel
def burn(width: int, p: Any, g: Any, x: Any, y: Any, fixed: Any) -> None:
    """Fill ``x`` with one step of every lane's noise, and ``y`` with its churn and hiss.

    ``width``: LANES, but no number the compiler knows, as it would take vectors apart.
    """
    b1, b2, b3, h1, h2, h3, hk = fixed
    for first in range(0, STEP, RUN):
        n, x_out, y_out = np.float64(first), x[LANES * first :], y[LANES * first :]
        for v in range(width):
            key, frame = p[v], p[v + LANES] + I32(first)
            br, bs, lr, ls = g[v + BROWN], g[v + BROWN + LANES], g[v + LOW], g[v + LOW + LANES]
            hr, hs, tr, ts = g[v + HIGH], g[v + HIGH + LANES], g[v + TOP], g[v + TOP + LANES]
            last = g[v + LAST]
            low_g = g[v + AT_LOW] + n * g[v + BY_LOW]
            top_g = g[v + AT_TOP] + n * g[v + BY_TOP]
            low_1 = 1.0 / (1.0 + low_g * (low_g + 1.0 / CHURN_Q))
            top_1 = 1.0 / (1.0 + top_g * (top_g + 1.0 / TOP_Q))
            churn, churn_by = g[v + AT_CHURN] + n * g[v + BY_CHURN], g[v + BY_CHURN]
            hiss, hiss_by = g[v + AT_HISS] + n * g[v + BY_HISS], g[v + BY_HISS]
            for i in range(RUN):
                noise = np.float64(white(key, frame + I32(i)))
                # Brown: the band-pass of its low corner; churn: a low-pass of it.
                v3 = noise - bs
                band = b1 * br + b2 * v3
                low = bs + b2 * br + b3 * v3
                br, bs = 2.0 * band - br, 2.0 * low - bs
                band = low_1 * (lr + low_g * (band - ls))
                low = ls + low_g * band
                lr, ls = 2.0 * band - lr, 2.0 * low - ls
                out = low * (churn + i * churn_by)
                # Hiss: rising by 6 dB an octave, over its high-pass and under its low-pass.
                steep = noise - last
                last = noise
                v3 = steep - hs
                band = h1 * hr + h2 * v3
                low = hs + h2 * hr + h3 * v3
                hr, hs = 2.0 * band - hr, 2.0 * low - hs
                band = top_1 * (tr + top_g * (steep - hk * band - low - ts))
                low = ts + top_g * band
                tr, ts = 2.0 * band - tr, 2.0 * low - ts
                x_out[LANES * i + v] = noise
                y_out[LANES * i + v] = out + low * (hiss + i * hiss_by)
            g[v + BROWN], g[v + BROWN + LANES], g[v + LOW], g[v + LOW + LANES] = br, bs, lr, ls
            g[v + HIGH], g[v + HIGH + LANES], g[v + TOP], g[v + TOP + LANES] = hr, hs, tr, ts
            g[v + LAST] = last


@kernel
def ring(width: int, states: Any, re: Any, im: Any, gain: Any, slopes: Any, x: Any, y: Any) -> None:
    """Add one step of one mode of every lane to ``y``, excited by the noise ``x``.

    ``states``: its two numbers, LANES each; ``re``, ``im`` and ``gain``: pole and excitation, each
    with its slope a frame in ``slopes``, 4 LANES apart.
    """
    for first in range(0, STEP, RUN):
        n, x_in, y_out = np.float64(first), x[LANES * first :], y[LANES * first :]
        for v in range(width):
            a, b = states[v], states[v + LANES]
            c, d = re[v] + n * slopes[v], im[v] + n * slopes[v + MODES * LANES]
            e = gain[v] + n * slopes[v + 2 * MODES * LANES]
            for i in range(RUN):
                more = c * a - d * b + e * x_in[LANES * i + v]
                b = c * b + d * a
                a = more
                y_out[LANES * i + v] += b
            states[v], states[v + LANES] = a, b


@kernel
def silent(g: Any) -> Any:
    """Return whether no glass sounds, nor will in this step."""
    total = 0.0
    for v in range(2 * MODES * LANES):
        total += abs(g[v + RESONANT])
    for v in range(MODES * LANES):
        total += abs(g[v + AT_MODES]) + abs(g[v + BY_MODES])
    return total == 0.0


@kernel
def run(width: int, p: Any, g: Any, x: Any, y: Any, fixed: Any) -> None:
    """Fill ``y`` with one step of every lane, ``LANES`` a frame; ``x``, as long, is used up."""
    burn(width, p, g, x, y, fixed)
    if silent(g):
        return
    apart = MODES * LANES
    for j in range(MODES):
        at = AT_POLES + j * LANES
        states, slopes = g[RESONANT + 2 * j * LANES :], g[BY_POLES + j * LANES :]
        ring(width, states, g[at:], g[at + apart :], g[at + 2 * apart :], slopes, x, y)


@kernel
def fixed_filters(sample_rate: int) -> Any:
    """Return the coefficients of the filters that stand still: brown, then the hiss's high-pass."""
    b1, b2, b3, _ = svf(BROWN_HZ, BROWN_Q, sample_rate)
    h1, h2, h3, hk = svf(COLDEST_HZ, HISS_Q, sample_rate)
    return b1, b2, b3, h1, h2, h3, hk


@kernel
def mixed(y: Any, n: int, g: Any, left: Any, right: Any, heard: Any) -> None:
    """Add the first ``n`` lanes to both sides, each under the fade of its ends."""
    for i in range(STEP):
        a, b = 0.0, 0.0
        for v in range(n):
            out = y[LANES * i + v] * (g[v + AT_OUT] + i * g[v + BY_OUT])
            a += out * left[v]
            b += out * right[v]
        heard[0, i] += np.float32(a)
        heard[1, i] += np.float32(b)
