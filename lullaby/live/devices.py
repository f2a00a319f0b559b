"""Which outputs there are, and a tone through one of them."""

from __future__ import annotations

import math
import time
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lullaby.errors import DeviceError
from lullaby.live.keeper import Card
from lullaby.live.ring import Ring
from lullaby.live.speakers import SoundCard, agreed_rate, found, offered, portaudio, probe
from lullaby.units import db_to_gain, note_to_hz

TONE_DB = -20.0
TONE_S = 1.0
FADE_S = 0.1
STUCK_S = 5.0  # without a frame taken, nothing comes out


@dataclass(frozen=True)
class Output:
    """One output as PortAudio lists it; ``latency_s`` is what it has at its calmest."""

    number: int
    name: str
    system: str  # ALSA, JACK, Core Audio, ...
    channels: int
    default: bool
    sample_rate: int  # its own
    sample_rates: tuple[int, ...]  # of the usual ones, those it takes in stereo
    latency_s: float


def outputs() -> list[Output]:
    """Return every output.  Raises DeviceError where PortAudio is missing or broken."""
    probe()
    sounddevice = portaudio()
    default = _default(sounddevice)
    systems = [api["name"] for api in sounddevice.query_hostapis()]
    return [
        Output(
            number=info["index"],
            name=info["name"],
            system=systems[info["hostapi"]],
            channels=info["max_output_channels"],
            default=info["index"] == default,
            sample_rate=round(info["default_samplerate"]),
            sample_rates=tuple(offered(info)),
            latency_s=round(info["default_high_output_latency"], 4),
        )
        for info in sounddevice.query_devices()
        if info["max_output_channels"] > 0
    ]


def as_json(output: Output) -> dict[str, Any]:
    """Return an output as plain values."""
    return asdict(output)


def tone(sample_rate: int) -> Any:
    """Return a soft tone left, then a higher one right, float32, shape (2, frames)."""
    frames = round(TONE_S * sample_rate)
    at_s = np.arange(frames) / sample_rate
    gain = np.minimum(1.0, np.minimum(at_s, TONE_S - at_s) / FADE_S) * db_to_gain(TONE_DB)
    sides = np.zeros((2, 2 * frames), np.float32)
    for side, octave in enumerate((4, 5)):
        wave = np.sin(2.0 * math.pi * note_to_hz("A", "", octave) * at_s)
        sides[side, side * frames : (side + 1) * frames] = gain * wave
    return sides


def play_tone(card: Card) -> None:
    """Play the tone to its end.  Raises DeviceError where the card takes no sound."""
    sound = tone(card.sample_rate)
    rest = np.zeros((2, card.sample_rate // 2), np.float32)
    ring = Ring(card.sample_rate, 2.0 * TONE_S + 1.0)
    ring.write(np.concatenate((sound, rest), axis=1))
    ring.close()
    card.start(ring)
    filled, since_s = ring.filled, time.monotonic()
    try:
        while ring.filled:
            if ring.filled < filled:
                filled, since_s = ring.filled, time.monotonic()
            elif time.monotonic() - since_s > STUCK_S:
                raise DeviceError(f"{card.name} does not take any sound")
            time.sleep(0.02)
    finally:
        card.close()


def card_of(device: str | None) -> SoundCard:
    """Return the card of an output.  Raises DeviceError, UsageError."""
    probe()
    info = found(device)
    return SoundCard(info, agreed_rate(info, None))


def _default(sounddevice: Any) -> int:
    try:
        return int(sounddevice.query_devices(None, "output")["index"])
    except Exception:
        return -1
