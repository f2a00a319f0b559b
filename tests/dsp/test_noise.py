"""Noise drawn by key and frame: flat, of known power, and different under every key."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import welch

from lullaby.dsp.kernel import kernel
from lullaby.dsp.noise import hashed, key32, white

FRAMES = 1 << 20
KEYS = (0, 1, 2, 0x9E3779B1, 0xFFFFFFFF)  # neighbours, the counter's own multiplier, the ends


@kernel
def fill(out, key, first):
    for i in range(len(out)):
        out[i] = white(np.uint32(key), np.uint32(first + i))


@kernel
def words(out, key, first):
    for i in range(len(out)):
        out[i] = hashed(np.uint32(key), np.uint32(first + i))


@kernel
def short(key):
    return key32(key)


def noise(key: int, frames: int = FRAMES, first: int = 0) -> np.ndarray:
    out = np.zeros(frames, np.float32)
    fill(out, key, first)
    return out


@pytest.mark.parametrize("key", KEYS)
def test_white_is_white(key: int) -> None:
    _, power = welch(noise(key).astype(np.float64), nperseg=512)
    flat = power[2:-2]
    # 4,000 segments: a bin strays by 1.6 %, the worst of 250 by five times that.
    assert np.abs(flat / flat.mean() - 1.0).max() < 0.1


@pytest.mark.parametrize("key", KEYS)
def test_white_fills_its_range_evenly(key: int) -> None:
    x = noise(key).astype(np.float64)
    assert -1.0 <= x.min() < -0.9999
    assert 0.9999 < x.max() <= 1.0
    assert abs(x.mean()) < 5.0 * 0.577 / np.sqrt(FRAMES)
    assert (x**2).mean() == pytest.approx(1.0 / 3.0, rel=5e-3)
    count, _ = np.histogram(x, 64, (-1.0, 1.0))
    assert np.abs(count / (FRAMES / 64) - 1.0).max() < 0.05  # 6 sigma


@pytest.mark.parametrize("lag", [1, 2, 3, 64, 4096])
def test_frames_know_nothing_of_each_other(lag: int) -> None:
    x = noise(5)
    assert abs(np.corrcoef(x[lag:], x[:-lag])[0, 1]) < 0.005


def test_keys_know_nothing_of_each_other() -> None:
    rows = np.array([noise(key, 1 << 17) for key in KEYS])
    # Shifted against each other, too: one key must not be another one a moment later.
    spectra = np.fft.rfft(rows.astype(np.float64), 1 << 18)
    for a in range(len(KEYS)):
        for b in range(a):
            cross = np.fft.irfft(spectra[a] * np.conj(spectra[b]))
            assert np.abs(cross).max() < 6.5 * np.sqrt(1 << 17) / 3.0


def test_any_frame_can_be_asked_for_alone() -> None:
    whole = noise(9, 4096)
    assert np.array_equal(noise(9, 100, 1234), whole[1234:1334])


def test_every_bit_of_a_word_is_a_fair_coin() -> None:
    out = np.zeros(1 << 17, np.uint32)
    words(out, 3, 0)
    share = ((out[:, None] >> np.arange(32, dtype=np.uint32)) & 1).mean(axis=0)
    assert np.abs(share - 0.5).max() < 5.0 * 0.5 / np.sqrt(1 << 17)


def test_both_halves_of_an_event_s_key_count() -> None:
    keys = [short(np.uint64(k)) for k in (1, 1 << 32, 3 << 40, 0xFFFFFFFF, 0xFFFFFFFE)]
    assert keys[0] == keys[1] == 1
    assert len(set(keys)) == 4
