"""Dither is there, at its theoretical level, and knows neither blocks nor where a render began."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.outputs.quantise import Quantiser, packed
from tests.outputs.sounds import RATE, noise

N = 200_000


def sine(frames: int, gain: float, frequency_hz: float = 997.0) -> np.ndarray:
    t = np.arange(frames) / RATE
    wave = (gain * np.sin(2 * np.pi * frequency_hz * t)).astype(np.float32)
    return np.stack([wave, wave])


@pytest.mark.parametrize(("bits", "level_dbfs"), [("16", -93.3), ("24", -141.5)])
@pytest.mark.parametrize("gain", [0.0, 4 / 32768, 0.5])
def test_the_error_of_a_file_is_that_of_triangular_dither(
    bits: str, level_dbfs: float, gain: float
) -> None:
    exact = sine(N, gain)
    steps = Quantiser(bits, 3)(exact, 0).T / float(1 << (int(bits) - 1))
    error = steps - exact.astype(np.float64)
    level = 20 * np.log10(np.sqrt(np.mean(error**2)) * np.sqrt(2))  # of a full-scale sine
    assert level == pytest.approx(level_dbfs, abs=0.1)


@pytest.mark.parametrize("offset", [0.0, 0.25, 0.5])
def test_the_noise_does_not_move_with_the_sound_under_it(offset: float) -> None:
    still = np.full((2, N), offset / 32768, np.float32)
    error = Quantiser("16", 3)(still, 0) - offset
    assert np.mean(error) == pytest.approx(0.0, abs=0.005)
    assert np.var(error) == pytest.approx(0.25, rel=0.02)


def test_a_faint_tone_has_no_harmonics() -> None:
    # A tone of 4 steps: without dither its third harmonic is 39 dB under it.
    frames = 1 << 18
    steps = Quantiser("16", 1)(sine(frames, 4 / 32768), 0)[:, 0]
    spectrum = np.abs(np.fft.rfft(steps * np.hanning(frames)))
    where = [round(k * 997.0 * frames / RATE) for k in (1, 3, 5)]
    tone, third, fifth = (spectrum[i - 3 : i + 4].max() for i in where)
    assert 20 * np.log10(tone / third) > 55
    assert 20 * np.log10(tone / fifth) > 55


def test_channels_and_stems_have_their_own_dither() -> None:
    silence = np.zeros((2, N), np.float32)
    mix, stem = Quantiser("16", 1)(silence, 0), Quantiser("16", 1, "stem a")(silence, 0)
    assert abs(np.corrcoef(mix[:, 0], mix[:, 1])[0, 1]) < 0.01
    assert abs(np.corrcoef(mix[:, 0], stem[:, 0])[0, 1]) < 0.01


@pytest.mark.parametrize("size", [1, 7, 64, 1023])
def test_blocks_do_not_show(size: int) -> None:
    sound = noise(5000)
    whole = Quantiser("16", 9)(sound, 0)
    cut = [Quantiser("16", 9)(sound[:, i : i + size], i) for i in range(0, 5000, size)]
    assert np.array_equal(np.concatenate(cut), whole)


def test_a_later_start_has_the_dither_of_its_place() -> None:
    sound = noise(5000)
    assert np.array_equal(
        Quantiser("24", 9)(sound[:, 1234:], 1234), Quantiser("24", 9)(sound, 0)[1234:]
    )


@pytest.mark.parametrize("bits", ["16", "24", "32f"])
def test_what_is_no_number_becomes_silence(bits: str) -> None:
    sound = noise(1000)
    sound[0, 10], sound[1, 20], sound[0, 30] = np.nan, np.inf, -np.inf
    quantiser = Quantiser(bits, 1)
    made = quantiser(sound, 0).T
    full = 1.0 if bits == "32f" else float(1 << (int(bits) - 1))
    assert quantiser.spoilt == 3
    assert np.isfinite(made).all()
    assert np.abs(made[[0, 1, 0], [10, 20, 30]] / full).max() < 1e-4


def test_over_full_scale_is_clipped_and_counted() -> None:
    loud = np.array([[1.5, -1.5, 0.0], [0.0, 0.0, 2.0]], np.float32)
    quantiser = Quantiser("16", 1)
    made = quantiser(loud, 0)
    assert quantiser.clipped == 3
    assert made[0, 0] == 32767
    assert made[1, 0] == -32768
    assert made[2, 1] == 32767


def test_24_bits_are_packed_little_end_first() -> None:
    steps = np.array([[0x123456, -1], [-0x800000, 1]], np.int32)
    assert packed(steps, "24") == bytes.fromhex("563412ffffff000080010000")
