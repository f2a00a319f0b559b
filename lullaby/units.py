"""Conversions between the units of sound and time: the only place with 440.0 or log10.

Every function takes a number or an array and returns the same shape.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

STEP: Final = 64  # frames between two grid points of absolute time
A4_HZ: Final = 440.0
A4_MIDI: Final = 69
MICRO: Final = 1_000_000  # places in a piece are whole microseconds, so that they add exactly


def db_to_gain(level_db: Any) -> Any:
    """Return the linear factor of a level in dB."""
    return 10.0 ** (np.asarray(level_db, np.float64) / 20.0)


def gain_to_db(gain: Any) -> Any:
    """Return the level in dB of a linear factor; 0 gives -inf."""
    with np.errstate(divide="ignore"):
        return 20.0 * np.log10(np.abs(np.asarray(gain, np.float64)))


def power_to_db(power: Any) -> Any:
    """Return the level in dB of a mean square; 0 gives -inf."""
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10(np.asarray(power, np.float64))


def cents_to_ratio(cents: Any) -> Any:
    """Return the frequency ratio of an interval in cents."""
    return 2.0 ** (np.asarray(cents, np.float64) / 1200.0)


def ratio_to_cents(ratio: Any) -> Any:
    """Return the interval in cents of a frequency ratio > 0."""
    return 1200.0 * np.log2(np.asarray(ratio, np.float64))


def midi_to_hz(note: Any) -> Any:
    """Return the frequency of a MIDI note number (69 = A4 = 440 Hz)."""
    return A4_HZ * 2.0 ** ((np.asarray(note, np.float64) - A4_MIDI) / 12.0)


def hz_to_midi(frequency_hz: Any) -> Any:
    """Return the (fractional) MIDI note number of a frequency > 0."""
    return A4_MIDI + 12.0 * np.log2(np.asarray(frequency_hz, np.float64) / A4_HZ)


def seconds_to_frames(time_s: float, sample_rate: int) -> int:
    """Return the nearest frame of a time."""
    return round(time_s * sample_rate)


def seconds_to_micros(time_s: float) -> int:
    """Return a time in whole microseconds, the exact unit of places in a piece."""
    return round(time_s * MICRO)


def micros_to_grid(time_us: int, sample_rate: int) -> int:
    """Return the nearest grid point (every 64th frame) of a time in microseconds, exactly."""
    return (2 * time_us * sample_rate + MICRO * STEP) // (2 * MICRO * STEP)


def clock(time_s: float, digits: int = 0) -> str:
    """Return a time as ``m:ss`` or ``h:mm:ss``, with ``digits`` decimals."""
    scaled = round(abs(time_s) * 10**digits)
    whole, part = divmod(scaled, 10**digits)
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    if digits:
        text += f".{part:0{digits}d}"
    return f"-{text}" if time_s < 0 and scaled else text


def critical_bandwidth_hz(frequency_hz: Any) -> Any:
    """Return the critical bandwidth 1.72 f^0.65 Hz (Plomp and Levelt 1965, power-law fit)."""
    return 1.72 * np.asarray(frequency_hz, np.float64) ** 0.65


NOTE_STEPS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


def note_to_hz(letter: str, accidental: str, octave: int) -> float:
    """Return the frequency of a note such as A, '#' or 'b' or '', 4 (A4 = 440 Hz)."""
    step = NOTE_STEPS[letter] + {"#": 1, "b": -1, "": 0}[accidental]
    return A4_HZ * math.pow(2.0, (12 * (octave + 1) + step - A4_MIDI) / 12.0)
