"""A plan on a real card, or on nobody."""

from __future__ import annotations

from dataclasses import replace

from lullaby.errors import UsageError
from lullaby.live.keeper import Card
from lullaby.live.nobody import Nobody
from lullaby.live.plan import Plan
from lullaby.live.session import Session
from lullaby.live.speakers import SoundCard, agreed_rate, found, probe, refresh
from lullaby.model.score import Score

LEAST_AHEAD_S, MOST_AHEAD_S = 0.1, 30.0


def opened(score: Score, plan: Plan) -> Session:
    """Return a session that is ready to start.

    Raises DeviceError where there is no such card or it refuses the sample rate, ScoreError,
    UsageError and OutputError for the rest of the plan.
    """
    if not LEAST_AHEAD_S <= plan.ahead_s <= MOST_AHEAD_S:
        raise UsageError(f"--ahead is {LEAST_AHEAD_S} s to {MOST_AHEAD_S:.0f} s")
    if plan.device == "none":
        rate = plan.sample_rate or 48000
        return Session(score, plan, Nobody(rate), lambda: Nobody(rate))
    probe()
    info = found(plan.device)
    rate = agreed_rate(info, plan.sample_rate)

    def again() -> Card:
        refresh()
        return SoundCard(found(plan.device), rate)

    return Session(score, replace(plan, sample_rate=rate), SoundCard(info, rate), again)
