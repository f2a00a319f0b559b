"""A tuning as files for synthesizers: Scala's scale and keyboard map, and Live's ``.ascl``.

https://www.huygens-fokker.org/scala/scl_format.html, ``.../help.htm#mappings``; Ableton's ASCL
Specification, which is a scale with its reference pitch in comments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from lullaby.model.score import Tuning
from lullaby.outputs.midi_tracks import ascii_text
from lullaby.units import hz_to_midi

NEAR_CENTS = 0.005  # what is nearer to a key than this is on it
PLAIN = 100_000  # the largest denominator written as a fraction
KEYS = 128
MIDDLE_OCTAVE = 4  # of the reference pitch; which keys play it is set in Live


def tunings(visited: Sequence[Tuning]) -> list[Tuning]:
    """Return the tunings that keys alone do not give, each once; the plain default is none."""
    found: list[Tuning] = []
    for tuning in visited:
        if tuning != Tuning() and tuning not in found and not on_keys(tuning):
            found.append(tuning)
    return found


def on_keys(tuning: Tuning) -> bool:
    """Return whether all tones are keys of a keyboard in 12 equal steps, A4 at 440 Hz."""
    pitches = [float(hz_to_midi(tuning.root_hz * ratio)) for ratio in tuning.ratios]
    return all(100.0 * abs(p - round(p)) < NEAR_CENTS for p in pitches)


def scale(tuning: Tuning, title: str) -> str:
    """Return the ``.scl``: every tone over the first, the last being where it repeats.

    A list of tones that does not repeat ends with its highest.
    """
    steps = steps_of(tuning)
    lines = [ascii_text(title), f" {len(steps)}", "!", *(f" {_said(step)}" for step in steps)]
    return "\n".join(["! lullaby", "!", *lines, ""])


def keyboard(tuning: Tuning) -> str:
    """Return the ``.kbm``: the first tone on the key nearest to it, at its own frequency."""
    key = root_key(tuning)
    steps = steps_of(tuning)
    first, last = (0, KEYS - 1) if tuning.repeats else (key, min(key + len(steps), KEYS - 1))
    said = [
        ("size of the map: 0, one key a tone", "0"),
        ("first key", str(first)),
        ("last key", str(last)),
        ("key of the first tone", str(key)),
        ("key of the frequency", str(key)),
        ("its frequency in Hz", f"{tuning.root_hz * tuning.ratios[0]:.9f}"),
        ("tone after which it repeats", str(len(steps))),
    ]
    return "".join(f"! {what}\n{value}\n" for what, value in said)


def live_scale(tuning: Tuning, title: str) -> str:
    """Return the ``.ascl``: the scale, with the frequency of its first tone for Live."""
    hz = tuning.root_hz * tuning.ratios[0]
    return scale(tuning, title) + f"!\n! @ABL REFERENCE_PITCH {MIDDLE_OCTAVE} 0 {hz:.9f}\n"


def root_key(tuning: Tuning) -> int:
    """Return the key the first tone is put on."""
    nearest = round(float(hz_to_midi(tuning.root_hz * tuning.ratios[0])))
    return min(max(nearest, 0), KEYS - 1)


def steps_of(tuning: Tuning) -> list[float]:
    """Return the ratios over the first tone, as a scale lists them."""
    first = tuning.ratios[0]
    steps = [ratio / first for ratio in tuning.ratios[1:]]
    return [*steps, 2.0] if tuning.repeats or not steps else steps


def _said(ratio: float) -> str:
    plain = Fraction(ratio).limit_denominator(PLAIN)
    if abs(float(plain) / ratio - 1.0) < 1e-12:
        return f"{plain.numerator}/{plain.denominator}"
    return f"{1200.0 * math.log2(ratio):.6f}"
