"""W5 choir: 16 glottal voices, vibrato 5.5 Hz, through five resonances each, panned; and soloists.

Prints the real-time factor on one core, by processor time, and ns a frame and voice, best of many
blocks.  The bar, the best engine measured on this workload, is 66 times real time; the goal is five
times that.  Then the full child's voice, all resonances of the band and the nose, of five soloists
and of one.
Run: ``python benchmarks/w5_voice.py``.
"""

from __future__ import annotations

from time import thread_time

import numpy as np

from lullaby.dsp import formants, glottis
from lullaby.dsp.kernel import kernel
from lullaby.dsp.singing import KEPT, MOVING, add, sing, source, speak, workplace
from lullaby.engine.alone import alone, rendered
from lullaby.modules.lullaby import Lullaby
from lullaby.units import STEP

SAMPLE_RATE, RUNS, BLOCK = 48000, 500, 4096
VOICES, RESONANCES, SOLOISTS = 16, 5, 5
BAR, GOAL = 66.0, 330.0


@kernel
def choir(out, controls, kept, past, table, pans):
    """One block of all voices: glottis, resonances one after the other, added."""
    lanes, work = kept.shape[1], workplace(0, past.shape[0])
    for s in range(out.shape[1] // STEP):
        now, then = controls[s], controls[s + 1]
        source(now, then, kept, table, work)
        speak(lanes, now, then, past, work)
        add(work[5], pans, work[3], out, s * STEP)


def controls(steps, lanes, sections):
    """Return controls for a block: pitch by vibrato, a mouth that goes from a to o."""
    made = np.zeros((steps + 1, MOVING + 2 * sections, lanes))
    t = np.arange(steps + 1)[:, None] * (STEP / SAMPLE_RATE)
    v = np.arange(lanes)
    hz = 220.0 * 2.0 ** (v / 12.0) * (1.0 + 0.016 * np.sin(2.0 * np.pi * (5.5 * t + v / lanes)))
    made[:, 0] = hz * (2.0**32 / SAMPLE_RATE)
    made[:, 1], made[:, 2], made[:, 3] = 1.0, 1.3, 0.05
    made[:, 4], made[:, 5] = 0.006, 0.05
    way = np.linspace(0.0, 1.0, steps + 1)
    mouth = formants.blended(formants.vowel("AA"), formants.vowel("AO"), way)
    full, wide = formants.tract(mouth, 1.0, hz[:, 0], formants.sections(SAMPLE_RATE))
    skip = 2 if sections == RESONANCES else 0
    filters = formants.resonators(full, wide, float(SAMPLE_RATE))[:, :, skip : skip + sections]
    made[:, MOVING:] = filters.reshape(steps + 1, -1)[:, :, None]
    return made


def kept(lanes):
    made = np.zeros((KEPT, lanes), np.int64)
    made[3] = np.arange(lanes) * 7919
    made[4] = glottis.mip_for(600.0, SAMPLE_RATE) * glottis.ROW
    made[5] = int(0.7 * 2**32)
    return made


def best(run, frames):
    run()  # compiles
    best_s = np.inf
    for _ in range(RUNS):
        begun = thread_time()
        run()
        best_s = min(best_s, thread_time() - begun)
    return frames / SAMPLE_RATE / best_s, best_s / frames * 1e9


def main():
    table = glottis.wavetable()
    angle = np.linspace(0.1, 1.4, VOICES)
    pans = np.array([np.cos(angle), np.sin(angle)], np.float32)
    made, state = controls(BLOCK // STEP, VOICES, RESONANCES), kept(VOICES)
    past, out = np.zeros((RESONANCES, 2, VOICES)), np.zeros((2, BLOCK), np.float32)

    def sung():
        out[:] = 0.0
        choir(out, made, state, past, table, pans)

    factor, ns = best(sung, BLOCK)
    print(f"W5 choir, {VOICES} voices: {factor:.0f} x real time on one core")
    print(f"  {ns / VOICES:.2f} ns a frame and voice, best of {RUNS} blocks")
    print(
        f"  {factor / BAR:.1f} x the bar ({BAR:.0f}), {factor / GOAL:.2f} of the goal ({GOAL:.0f})"
    )
    for lanes in (SOLOISTS, 1):
        sections = formants.sections(SAMPLE_RATE) + 2
        made_full, state_full = controls(BLOCK // STEP, lanes, sections), kept(lanes)
        past_full = np.zeros((sections, 2, lanes))
        heard = np.zeros((BLOCK, lanes), np.float32)

        def soloists(c=made_full, k=state_full, p=past_full, h=heard):
            sing(h, c, k, p, table)

        factor, ns = best(soloists, BLOCK)
        print(f"full voice, {sections} sections, {lanes} at once: {factor:.0f} x real time")
    rendered(alone(Lullaby), 2.0, SAMPLE_RATE)  # compiles
    begun = thread_time()
    rendered(alone(Lullaby), 10.0, SAMPLE_RATE)
    print(f"module lullaby, one child and its room: {10.0 / (thread_time() - begun):.0f} x")


if __name__ == "__main__":
    main()
