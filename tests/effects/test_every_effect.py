"""What holds for every effect that is there, now or later."""

from __future__ import annotations

from itertools import chain, repeat
from typing import Any

import numpy as np
import pytest

from lullaby.effects import EFFECTS
from lullaby.model.curve import Constant, Curve, Lfo, Ramp
from lullaby.model.effect import Effect
from lullaby.model.sheet import Param
from lullaby.units import STEP, db_to_gain
from tests.effects.running import RATE, effect, frames, impulse, noise, processed, tone

NAMES = list(EFFECTS)
EVERY_PARAM = [(name, p) for name in NAMES for p in EFFECTS[name].params()]
LONG_S = 14.0  # no test waits longer than this for a tail


def short(kind: type[Effect], **values: Any) -> Effect:
    """Return an effect with defaults, but a tail that a test can wait for."""
    tame = {"decay_s": 0.6, "time_s": 0.13}
    return effect(kind, **({k: v for k, v in tame.items() if k in kind.params()} | values))


def moving(p: Param, over_s: float) -> Curve:
    """Return a parameter that swings through a good part of its range."""
    low, high = p.low, p.high
    if p.log:
        middle = np.sqrt(low * high)
        low, high = max(low, middle / 4.0), min(high, middle * 4.0)
    return Lfo("sine", low, high, over_s, log=p.log)


def all_moving(kind: type[Effect]) -> Effect:
    curves = {n: moving(p, 0.7 + 0.2 * i) for i, (n, p) in enumerate(kind.params().items())}
    return effect(kind, **curves)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_is(name: str) -> None:
    kind = EFFECTS[name]
    assert kind.title().endswith((".", "?"))
    for p in kind.params().values():
        assert p.doc.endswith(".")
        assert p.low < p.high
        assert np.isfinite([p.low, p.high]).all()
        assert not p.log or p.high / p.low > 2.0
    for f in kind.fixed_params().values():
        assert f.doc.endswith(".")
    settings = kind()
    assert 0.0 <= settings.gap_s() <= max(settings.tail_s(), 10.0)
    assert settings.hears_from_s() >= 0.0


@pytest.mark.parametrize("name", NAMES)
def test_silence_goes_in_and_comes_out(name: str) -> None:
    out = processed(EFFECTS[name](), np.zeros((2, 8192), np.float32))
    assert not out.any()


@pytest.mark.parametrize("name", NAMES)
def test_an_impulse_decays_to_silence_within_the_tail(name: str) -> None:
    settings = short(EFFECTS[name])
    out = processed(settings, impulse(settings.tail_s() + 1.0))
    assert np.isfinite(out).all()
    assert np.abs(out).max() > 1e-3
    assert np.abs(out).max() <= 1.5
    after = frames(settings.tail_s()) + STEP
    assert np.abs(out[:, after:]).max() < db_to_gain(-90.0)


@pytest.mark.parametrize("name", NAMES)
def test_loud_noise_is_gone_after_the_tail(name: str) -> None:
    settings = short(EFFECTS[name])
    sound = noise(settings.tail_s() + 2.0, level=0.25)
    stop = frames(1.0)
    sound[:, stop:] = 0.0
    out = processed(settings, sound)
    assert np.abs(out[:, : stop + frames(settings.gap_s())]).max() > 0.01
    assert np.abs(out[:, stop + frames(settings.tail_s()) :]).max() < db_to_gain(-90.0)


@pytest.mark.parametrize(("name", "param"), EVERY_PARAM)
@pytest.mark.parametrize("end", ["low", "high"])
def test_both_ends_of_every_parameter_are_safe(name: str, param: str, end: str) -> None:
    kind = EFFECTS[name]
    out = processed(effect(kind, **{param: getattr(kind.params()[param], end)}), noise(2.0))
    assert np.isfinite(out).all()
    assert np.abs(out).max() < 4.0  # the noise itself peaks at 1
    # The noise's own mean is 0.2 / sqrt(96000) = 0.0007; echoes may add up twenty of it.
    assert np.abs(out.mean(axis=1)).max() < 3e-3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("all_move", [False, True])
def test_stretches_are_inaudible(name: str, all_move: bool) -> None:
    kind = EFFECTS[name]
    settings, sound = all_moving(kind) if all_move else kind(), noise(1.5)
    whole = processed(settings, sound, 64 * 1000, 8192)
    rng = np.random.default_rng(3)
    at_random = chain((STEP * int(n) for n in rng.integers(1, 40, 200)), repeat(4096))
    for stretches in (64, 256, 1024, at_random):
        assert np.array_equal(whole, processed(settings, sound, 64 * 1000, stretches))


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_of_its_memory_goes_on_the_same(name: str) -> None:
    settings, sound = all_moving(EFFECTS[name]), noise(1.5)
    half = frames(0.7)
    first = settings.processor(RATE)
    processed(settings, sound[:, :half], 0, processor=first)
    saved = {k: v.copy() for k, v in first.state.items()}
    played = processed(settings, sound[:, half:], half, processor=first)
    second = settings.processor(RATE)
    assert second.state.keys() == saved.keys()
    for k, v in saved.items():
        second.state[k][...] = v
    assert np.array_equal(played, processed(settings, sound[:, half:], half, processor=second))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("moves", [False, True])
def test_any_moment_can_be_the_start(name: str, moves: bool) -> None:
    kind = EFFECTS[name]
    settings = short(kind)
    if moves:
        span = {
            n: Ramp(c, Constant(c.bounds()[0] * 0.8 + 0.2 * p.high), 0.3, 2.0)
            for (n, p), c in zip(kind.params().items(), settings.curves.values(), strict=True)
            if n not in ("decay_s", "feedback", "time_s")
        }
        settings = short(kind, **span)
    late = frames(1.0)
    before = frames(settings.hears_from_s())
    assert before < frames(LONG_S)
    sound = noise((late + before) / RATE + 1.0, level=1.0)  # as loud as a bus ever is: +12 dBFS
    whole = processed(settings, sound)
    from_there = processed(settings, sound[:, late:], late)
    a, b = whole[:, late + before :], from_there[:, before:]
    assert np.abs(a).max() > 0.1
    assert np.abs(a - b).max() < db_to_gain(-80.0)


@pytest.mark.parametrize(("name", "param"), EVERY_PARAM)
def test_a_moving_parameter_does_not_click(name: str, param: str) -> None:
    kind = EFFECTS[name]
    p = kind.params()[param]
    sound = tone(220.0, 4.0, level=0.3)
    moved = processed(effect(kind, **{param: moving(p, 3.0)}), sound)
    # What is above 5 kHz is what a click or a zip adds to a sine of 220 Hz; a step of the size of
    # the sine would be at -20 dB, a 64-frame staircase in the gain at -50.
    assert high_part(moved) < 0.3 * db_to_gain(-66.0)


def high_part(sound: Any) -> float:
    """Return the peak of what a sound has above 5 kHz after its first second."""
    spectrum = np.fft.rfft(sound * np.hanning(sound.shape[1]))
    spectrum[:, : int(5000.0 * sound.shape[1] / RATE)] = 0.0
    return float(np.abs(np.fft.irfft(spectrum))[:, RATE // 2 :].max())


@pytest.mark.parametrize(("name", "off"), [(n, p) for n, p in EVERY_PARAM if p in ("wet", "depth")])
def test_turned_off_it_changes_nothing(name: str, off: str) -> None:
    sound = noise(0.5)
    assert np.array_equal(processed(effect(EFFECTS[name], **{off: 0.0}), sound), sound)


@pytest.mark.parametrize("name", NAMES)
def test_one_side_alone_is_heard(name: str) -> None:
    sound = noise(1.0)
    sound[1] = 0.0
    out = processed(effect(EFFECTS[name]), sound)
    assert np.abs(out[0]).max() > 0.01
