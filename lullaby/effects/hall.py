"""A hall: a feedback delay network as a send's target or an insert."""

from __future__ import annotations

from typing import Any

from lullaby.model.effect import Effect, Processor
from lullaby.model.event import Events
from lullaby.model.sheet import Follow, param, surrender

SETTLING_S = 0.12  # the diffusers ringing out, at any size
LONGEST_LINE_S = 0.147  # at size 1, sway included
GLIDE_S_PER_S = 0.25  # how fast a predelay moves: 1.25 of the pitch while it does


class Hall(Effect):
    """A hall that grows as the city lets go: from a dry street to a long, dark, open space.

    With surrender the decay goes from 0.8 to 6 s, the damping from 6 to 2.5 kHz and the predelay
    from 5 to 40 ms, where the score does not say otherwise.  A steady sound is as loud in a long
    hall as in a short one.  Feedback delay network: Stautner and Puckette 1982; Jot and Chaigne
    1991.
    """

    surrender = surrender("0 a dry street, 1 a long dark hall.")
    decay_s = param(
        1.5,
        "s",
        (0.2, 30.0),
        "Time to fall by 60 dB, at low frequencies.",
        log=True,
        follows=Follow("surrender", target=(0.8, 6.0), shape="ease-in"),
    )
    damping_hz = param(
        5000.0,
        "Hz",
        (200.0, 20000.0),
        "Frequency that decays twice as fast.",
        log=True,
        follows=Follow("surrender", target=(6000.0, 2500.0)),
    )
    predelay_s = param(
        0.02,
        "s",
        (0.0, 0.25),
        "Wait before the hall answers; it moves like a tape, by a quarter of its speed at most.",
        follows=Follow("surrender", target=(0.005, 0.04)),
    )
    size = param(1.0, "ratio", (0.5, 2.0), "How far the walls are; moving, it bends the pitch.")
    wet = param(1.0, "ratio", (0.0, 1.0), "Share of the hall: 0 only the sound, 1 only the hall.")

    def processor(self, sample_rate: int) -> Processor:
        """Return an empty hall."""
        return _Hall(sample_rate, type(self).predelay_s.high, type(self).size.high)

    def hears_from_s(self) -> float:
        """Return the time to fall by 92 dB, plus predelay, its glide, and the way through a line.

        From the upper bound of the decay: what hands do beyond it, they do within their take.
        """
        low_s, high_s = self.predelay_s.bounds()
        glide_s = (high_s - low_s) / GLIDE_S_PER_S
        return self.decay_s.bounds()[1] * (80.0 + 12.0) / 60.0 + self.gap_s() + glide_s

    def gap_s(self) -> float:
        """Return the longest way from the input to the first echo."""
        longest = self.size.bounds()[1] * LONGEST_LINE_S
        return self.predelay_s.bounds()[1] + longest + SETTLING_S


class _Hall:
    def __init__(self, sample_rate: int, longest_predelay_s: float, largest: float) -> None:
        from lullaby.dsp.fdn import at_rest, hall

        self._hall, self._sample_rate = hall, float(sample_rate)
        self.state = at_rest(sample_rate, longest_predelay_s, largest)

    def process(self, block: Any, start_frame: int, curves: Events) -> None:
        self._hall(block, start_frame, self._sample_rate, curves, *self.state.values())
