"""What a session shows of itself: one frozen picture, made by the session, read by any screen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PartStatus:
    """How a part stands.

    ``peak_db`` and ``rms_db`` in dBFS over the last tenth of a second; ``failed`` says the guard
    took it off.
    """

    name: str
    peak_db: float
    rms_db: float
    sounding: bool
    muted: bool
    soloed: bool
    failed: bool


@dataclass(frozen=True)
class ArcStatus:
    """An arc as written and as it is: both 0..1, equal unless a hand (``touched``) holds it."""

    name: str
    written: float
    now: float
    touched: bool
    cc: int | None = None


@dataclass(frozen=True)
class SceneStatus:
    """One visit to a scene: from where to where in the piece, in seconds."""

    name: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Status:
    """A session at the moment that is heard (the ring's length behind what is rendered).

    ``state`` is one of ``playing paused fading lost ended``; times in s of the piece except
    ``uptime_s``; ``load`` is seconds of processor per second of sound, ``ring`` the share of the
    ring that is filled; loudness in LUFS, peaks in dBTP (``true_peak_dbtp`` of the last 3 s,
    ``true_peak_max_dbtp`` of the session), ``limiter_db`` the reduction, 0 or below; ``silent_s``
    what was missing in all underruns.
    """

    title: str
    seed: int
    state: str
    position_s: float
    length_s: float | None
    scene: int
    scenes: tuple[SceneStatus, ...]
    looping: str | None
    arcs: tuple[ArcStatus, ...]
    parts: tuple[PartStatus, ...]
    momentary_lufs: float
    short_term_lufs: float
    true_peak_dbtp: float
    limiter_db: float
    load: float
    ring: float
    ahead_s: float
    underruns: int
    uptime_s: float
    device: str
    device_losses: int
    recording: str | None
    last_reload: str | None
    trouble: tuple[str, ...] = field(default_factory=tuple)
    true_peak_max_dbtp: float = float("-inf")
    sample_rate: int = 48000
    reloads: int = 0
    silent_s: float = 0.0
