"""The limiter: nothing above the ceiling between the samples either, and no bit touched below."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from lullaby.dsp.limiter import limit, limiter_latency_frames, limiter_state
from lullaby.dsp.true_peak import BEND, LIFT, WORST_RISE, true_peak, true_peak_state
from lullaby.units import gain_to_db

RATE = 48000
CEILING_DB = -1.0


def limited(sound: np.ndarray, block: int = 4096, rate: int = RATE) -> np.ndarray:
    state = limiter_state(sound.shape[0], rate)
    tail = np.zeros((sound.shape[0], limiter_latency_frames(rate)), np.float32)
    out = np.concatenate((sound, tail), axis=1).astype(np.float32)
    for at in range(0, out.shape[1], block):
        part = np.ascontiguousarray(out[:, at : at + block])
        limit(part, state, rate, CEILING_DB)
        out[:, at : at + block] = part
    return out[:, limiter_latency_frames(rate) :]


def true_peak_db(sound: np.ndarray) -> float:
    """Return the peak sixteen times oversampled: another way than the limiter's own."""
    fine = resample_poly(sound.astype(np.float64), 16, 1, axis=1, window=("kaiser", 9.0))
    return float(gain_to_db(np.abs(fine).max()))


def traps() -> dict[str, np.ndarray]:
    n = np.arange(RATE)
    rng = np.random.default_rng(1)
    step = np.where(n % 4800 < 2400, 1.0, -1.0)
    click = np.zeros(RATE)
    click[::1013] = 3.0
    burst = 0.5 * np.sin(2 * np.pi * n / 6)
    burst[20000:20016] = 2.0 * np.sin(2 * np.pi * n[:16] / 4 + np.pi / 4)
    return {
        "noise": rng.uniform(-4.0, 4.0, RATE),
        "steps": 2.0 * step,
        "clicks": click,
        "a quarter of the rate between its samples": 2.0 * np.sin(np.pi * n / 2 + np.pi / 4),
        "a burst": burst,
        "a tone that grows": 0.9 * np.sin(2 * np.pi * 997 * n / RATE) * np.linspace(0, 8, RATE),
    }


@pytest.mark.parametrize("name", list(traps()))
def test_the_true_peak_stays_under_the_ceiling(name: str) -> None:
    sound = np.stack([traps()[name]] * 2)
    assert true_peak_db(sound) > 0.0
    assert true_peak_db(limited(sound)) <= CEILING_DB + 0.1


@pytest.mark.parametrize("octaves_down", [0, 1, 2, 4])
def test_no_peak_lies_above_what_the_samples_allow(octaves_down: int) -> None:
    # What says that peaks need not be looked for must never be wrong.
    for seed in range(20):
        rng = np.random.default_rng(seed)
        coarse = rng.choice([-1.0, 1.0], (1, 512 >> octaves_down))
        sound = resample_poly(coarse, 1 << octaves_down, 1, axis=1).astype(np.float32)
        highest = float(true_peak(np.pad(sound, ((0, 0), (200, 200))), true_peak_state(1))[0])
        padded = np.pad(sound[0].astype(np.float64), 200)
        sample, bend = np.abs(padded).max(), np.abs(np.diff(padded, 2)).max()
        assert sample <= highest <= min(WORST_RISE * sample, LIFT * (sample + BEND * bend))


def test_what_lies_below_is_the_same_bit_for_bit_and_late_as_stated() -> None:
    n = np.arange(RATE)
    sound = np.stack([0.7 * np.sin(0.05 * n), 0.3 * np.cos(0.31 * n)]).astype(np.float32)
    assert np.array_equal(limited(sound), sound)


@pytest.mark.parametrize("block", [1, 64, 127, 1000, 48000])
def test_blocks_are_inaudible(block: int) -> None:
    sound = np.stack([traps()["a burst"], traps()["noise"] * 0.4]).astype(np.float32)
    sound = sound[:, 15000:25000]
    assert np.array_equal(limited(sound, block), limited(sound, 4096))


def test_both_channels_are_turned_down_together() -> None:
    n = np.arange(RATE)
    loud = np.where((n > 20000) & (n < 28000), 3.0, 0.1) * np.sin(0.2 * n)
    out = limited(np.stack([loud, 0.2 * np.sin(0.03 * n)]))
    quiet_gain = np.abs(out[1, 23000:26000]).max() / 0.2
    assert gain_to_db(quiet_gain) == pytest.approx(CEILING_DB - 0.6 - gain_to_db(3.0), abs=0.6)


def test_it_lets_go() -> None:
    n = np.arange(2 * RATE)
    sound = np.where(n < RATE // 2, 2.0, 0.3) * np.sin(0.1 * n)
    out = limited(np.stack([sound, sound]))
    assert np.allclose(out[:, -RATE // 4 :], sound[-RATE // 4 :], atol=1e-3)


def test_what_is_not_finite_becomes_silence() -> None:
    sound = np.full((2, 4096), 0.1, np.float32)
    sound[0, 1000], sound[1, 2000], sound[0, 3000] = np.nan, np.inf, -np.inf
    out = limited(sound)
    assert np.isfinite(out).all()
    assert out[0, 1000] == out[1, 2000] == out[0, 3000] == 0.0


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-1e4, 1e4, width=32), min_size=64, max_size=400),
    st.integers(1, 300),
)
def test_anything_at_all_stays_under_the_ceiling(values: list[float], block: int) -> None:
    sound = np.repeat(np.asarray(values, np.float32)[None], 2, axis=0)
    out = limited(sound, block)
    assert np.abs(out).max() <= 10 ** (CEILING_DB / 20) + 1e-6
