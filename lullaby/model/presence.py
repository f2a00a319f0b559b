"""When a part is heard, by its events: what makes another one softer while it sounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lullaby.model.chance import Floats
from lullaby.model.curve import Curve, eased, kept
from lullaby.model.module import Module

ATTACK_S, RELEASE_S = 0.05, 0.5  # how long a part takes to give way, and to come back


@dataclass(frozen=True)
class Manner:
    """How fast a part gives way, and how fast it comes back, at most in ``RELEASE_S``."""

    attack_s: float = ATTACK_S
    release_s: float = RELEASE_S


STANDING, STRUCK = Manner(), Manner(0.004, 0.06)

Spans = tuple[Floats, Floats]  # from, to (s): rising, none touching another


def merged(at_s: Floats, end_s: Floats) -> Spans:
    """Return the stretches in which at least one of some events sounds."""
    order = np.argsort(at_s, kind="stable")
    at_s, last_s = at_s[order], np.maximum.accumulate(end_s[order])
    begins = np.ones(len(at_s), np.bool_)
    begins[1:] = at_s[1:] > last_s[:-1]
    return at_s[begins], last_s[np.append(begins[1:], True)[: len(at_s)]]


def manner(module: Module) -> Manner:
    """Return how others give way to a module: to what is struck in an instant, and back again."""
    return STRUCK if module.presses_s else STANDING


def ends(module: Module, at_s: Floats, duration_s: Floats) -> Floats:
    """Return until when events of a module hold others down (s)."""
    return at_s + (np.minimum(duration_s, module.presses_s) if module.presses_s else duration_s)


def presence(t: Floats, spans: Spans, manner: Manner = STANDING) -> Floats:
    """Return how far a part is there, 0..1: up from where a stretch begins, down from its end.

    Wants every event that ends later than ``RELEASE_S`` before the first time.
    """
    out = np.zeros(np.shape(t))
    if not out.size:
        return out
    low, high = float(np.min(t)) - RELEASE_S, float(np.max(t))
    for start_s, end_s in zip(*spans, strict=True):
        if end_s <= low or start_s >= high:
            continue
        up = kept((np.minimum(t, end_s) - start_s) / manner.attack_s)
        down = kept((t - end_s) / manner.release_s)
        out = np.maximum(out, eased(up, "smooth") * (1.0 - eased(down, "smooth")))
    return out


def heard(
    t: Floats, spans: Spans, fade: Curve, length_s: float, manner: Manner = STANDING
) -> Floats:
    """Return how far one run is there at times of its own: its presence under its fade.

    The fade counts up to where coming back begins, so that a run that is cut off lets go softly.
    """
    return presence(t, spans, manner) * fade(np.minimum(t, max(0.0, length_s - RELEASE_S)))
