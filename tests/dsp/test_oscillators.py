"""Oscillators: in tune, clean, and never drifting."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.dsp.kernel import kernel
from lullaby.dsp.oscillators import polyblep_saw, sine, step_of, wide_blep_saw, wrapped
from lullaby.units import gain_to_db, ratio_to_cents

RATE = 48000
FRAMES = 1 << 16
F32 = np.float32


@kernel
def two_frame_saw(step, per_step, frames):
    y, p = np.zeros(frames, np.float32), np.int32(0)
    for i in range(frames):
        y[i] = polyblep_saw(F32(p) * F32(2.0**-31), per_step)
        p = np.int32(p + step)
    return y


@kernel
def eight_frame_saw(step, per_step, frames):
    y, p = np.zeros(frames, np.float32), np.int32(0)
    for i in range(frames):
        y[i] = wide_blep_saw(F32(p) * F32(2.0**-31), per_step)
        p = np.int32(p + step)
    return y


@kernel
def sines(x):
    y = np.zeros(len(x), np.float32)
    for i in range(len(x)):
        y[i] = sine(x[i])
    return y


def spectrum_of(saw, pitch_hz):
    step = int(step_of(pitch_hz, RATE))
    sound = saw(np.int32(step), F32(2.0**31 / step), FRAMES)
    # Kaiser 20: side lobes below -150 dB, so that what is found between harmonics is alias.
    return np.abs(np.fft.rfft(sound * np.kaiser(FRAMES, 20.0)))


def peak_hz(bins, near_hz):
    k = round(near_hz * FRAMES / RATE)
    k = k - 8 + int(bins[k - 8 : k + 9].argmax())
    a, b, c = np.log(bins[k - 1 : k + 2])
    return (k + 0.5 * (a - c) / (a - 2 * b + c)) * RATE / FRAMES


def alias_db(bins, pitch_hz):
    """Return the strongest line that is no harmonic, above 20 Hz, re the first harmonic."""
    hz = np.arange(len(bins)) * RATE / FRAMES
    off = np.abs(hz - np.round(hz / pitch_hz) * pitch_hz) > 10.0
    return float(gain_to_db(bins[off & (hz > 20.0)].max() / bins.max()))


@pytest.mark.parametrize("saw", [two_frame_saw, eight_frame_saw])
@pytest.mark.parametrize("pitch_hz", [55.0, 440.0, 1234.5, 4000.3])
def test_a_saw_is_within_a_cent(saw, pitch_hz):
    found = peak_hz(spectrum_of(saw, pitch_hz), pitch_hz)
    assert abs(float(ratio_to_cents(found / pitch_hz))) < 1.0


@pytest.mark.parametrize("pitch_hz", [100.3, 400.7, 777.7, 1234.5, 1600.3, 2503.7])
def test_images_of_the_wide_saw_are_below_minus_seventy_five(pitch_hz):
    assert alias_db(spectrum_of(eight_frame_saw, pitch_hz), pitch_hz) < -75.0


def test_two_frames_are_not_enough_for_sirens():
    # Why modules use the wide one: the reason must stay true for the docstring to stay.
    assert alias_db(spectrum_of(two_frame_saw, 1600.3), 1600.3) > -40.0


@pytest.mark.parametrize("pitch_hz", [110.3, 440.7])
def test_harmonics_of_the_wide_saw_are_those_of_a_saw(pitch_hz):
    bins = spectrum_of(eight_frame_saw, pitch_hz)
    for k in range(2, int(9600.0 / pitch_hz)):
        at = round(k * pitch_hz * FRAMES / RATE)
        level_db = gain_to_db(bins[at - 8 : at + 9].max() * k / bins.max())
        assert abs(level_db) < 1.2, f"harmonic {k}"


def test_a_saw_has_no_mean_and_spans_full_scale():
    step = 1 << 24  # 256 frames a cycle, exactly
    sound = eight_frame_saw(np.int32(step), F32(2.0**31 / step), 256 * 16)
    assert abs(float(sound.mean(dtype=np.float64))) < 1e-3 + 0.5 / 256
    assert 0.95 < np.abs(sound).max() < 1.2


def test_the_sine_is_within_its_stated_error():
    x = np.linspace(-1.0, 1.0, 100_001, dtype=np.float32)
    error = np.abs(sines(x) - np.sin(np.pi * x.astype(np.float64)))
    assert error.max() < 5e-7


@pytest.mark.parametrize("phase", [0, 1, 2**31 - 1, 2**31, -(2**31), 2**32 + 5, -7 * 2**32 - 3])
def test_phases_wrap_as_whole_numbers(phase):
    assert wrapped(phase) == np.int64(phase).astype(np.int32)


def test_a_pitch_step_is_the_nearest_whole_number():
    assert step_of(12000.0, RATE) == 2**30
    assert step_of(RATE / 2.0**32, RATE) == 1
    assert step_of(0.49 * RATE / 2.0**32, RATE) == 0
