"""The bank of saws: each voice is a saw through its filter at its place, whoever sings too."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp import saws
from lullaby.dsp.filters import svf_response
from lullaby.dsp.kernel import LANES
from lullaby.dsp.panning import placed
from lullaby.units import STEP, gain_to_db

RATE = 48000
FRAMES = 1 << 15


def sung(voices, frames=FRAMES):
    """Sing voices by lane, each giving (pitch, cutoff, q, azimuth) at a time in seconds."""
    turns, slopes, filters, heard = saws.bank()
    for v, voice in voices.items():
        pitch_hz, cutoff_hz, q, _ = voice(0.0)
        saws.board(v, turns, slopes, filters, v << 27, pitch_hz, RATE)
        saws.tune(v, filters, cutoff_hz, q, RATE)
    out = np.zeros((2, frames), np.float32)
    for first in range(0, frames, STEP):
        for v, voice in voices.items():
            pitch_hz, cutoff_hz, q, azimuth_deg = voice((first + STEP) / RATE)
            left, right = placed(0.0, azimuth_deg, 1.0)
            saws.aim(v, turns, slopes, filters, pitch_hz, cutoff_hz, q, left, right, RATE)
        saws.sing(LANES, turns, slopes, filters, heard)
        saws.add(LANES, heard, out, first)
    return out


def swept(v):
    def voice(t):
        turn = np.sin(2 * np.pi * (t / 4 + v / LANES))
        return 1000.0 + 600.0 * turn, 2400.0 - 1600.0 * turn, 2.0, -80.0 + 5.0 * v

    return voice


@pytest.mark.parametrize("pitch_hz", [400.7, 1600.3])
def test_a_voice_is_a_saw_through_its_low_pass_without_images(pitch_hz):
    sound = sung({0: lambda t: (pitch_hz, 2000.0, 2.0, 0.0)})[0, 4096 : 4096 + 16384]
    bins = np.abs(np.fft.rfft(sound * np.kaiser(16384, 20.0)))
    hz = np.arange(len(bins)) * RATE / 16384
    k = np.arange(1, int(min(9600.0 / pitch_hz, 8.0)))  # where the saw itself is flat
    response = np.abs(svf_response("low", 2000.0, 2.0, RATE, pitch_hz * k))
    levels = [bins[np.abs(hz - n * pitch_hz) < 20.0].max() * n for n in k]
    wanted_db = gain_to_db(response / response[0])
    assert np.abs(gain_to_db(np.array(levels) / levels[0]) - wanted_db).max() < 1.2
    off = np.abs(hz - np.round(hz / pitch_hz) * pitch_hz) > 40.0
    assert gain_to_db(bins[off & (hz > 40.0)].max() / bins.max()) < -75.0


def test_power_is_the_same_wherever_a_voice_stands():
    powers = [
        (sung({0: lambda t, a=a: (440.0, 2000.0, 1.0, a)}, 8192)[:, 1024:] ** 2).sum()
        for a in (-90.0, -30.0, 0.0, 90.0)
    ]
    assert np.ptp(powers) / np.mean(powers) < 1e-4


def test_a_full_bank_is_the_sum_of_its_voices():
    together = sung({v: swept(v) for v in range(LANES)}, 2048)
    alone = sum(sung({v: swept(v)}, 2048).astype(np.float64) for v in range(LANES))
    assert np.abs(together).max() > 1.0
    assert np.abs(together - alone).max() < 1e-4
