"""A card that is lost, and the ring that runs dry."""

from __future__ import annotations

import numpy as np
import pytest

from lullaby.engine.engine import Engine
from lullaby.live.ring import Ring
from tests.engine.piece import performed
from tests.live.fake import FakeCard, Stage


def noise(frames: int) -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.5, 0.5, (2, frames)).astype(np.float32)


def read(ring: Ring, frames: int) -> np.ndarray:
    out = np.full((frames, 2), 9.0, np.float32)
    ring.read(out)
    return out.T


def test_a_ring_gives_back_what_went_in() -> None:
    ring, sent, got = Ring(48000, 0.1), noise(48000), []
    for at in range(0, 48000, 480):
        ring.write(sent[:, at : at + 480])
        got.append(read(ring, 480))
    assert np.array_equal(np.concatenate(got, axis=1), sent)
    assert ring.underruns == 0


def test_running_dry_is_a_short_fade_counted_once() -> None:
    ring = Ring(48000, 0.1)
    ring.write(np.full((2, 1000), 0.8, np.float32))
    read(ring, 900)
    dry = read(ring, 1000)
    assert np.array_equal(dry[:, :100], np.full((2, 100), np.float32(0.8)))
    assert np.abs(np.diff(dry)).max() < 0.8 / 400
    assert np.abs(dry[:, 600:]).max() == 0.0
    assert not read(ring, 500).any()
    assert (ring.underruns, ring.silent_frames) == (1, 1400)


def test_after_running_dry_it_rises_again_from_silence_and_nothing_is_lost() -> None:
    ring = Ring(48000, 0.1)
    read(ring, 600)
    ring.write(np.full((2, 500), 0.8, np.float32))
    assert not read(ring, 100).any()  # too little to go on with
    ring.write(np.full((2, 2000), 0.8, np.float32))
    heard = read(ring, 1000)
    assert heard[0, 0] < 0.01
    assert np.abs(np.diff(heard)).max() < 0.8 / 400
    assert np.all(heard[:, 500:] == np.float32(0.8))
    assert ring.filled == 1500


def test_the_end_is_no_underrun() -> None:
    ring = Ring(48000, 0.1)
    ring.write(noise(100))
    ring.close()
    read(ring, 200)
    assert ring.underruns == 0


def test_the_compiled_callback_does_the_same() -> None:
    import ctypes

    from lullaby.dsp.ring import compiled_callback

    one, other, sent = Ring(48000, 0.1), Ring(48000, 0.1), noise(1500)
    callback = compiled_callback()
    call = ctypes.CFUNCTYPE(
        ctypes.c_int32,
        *(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64),
        *(ctypes.c_void_p, ctypes.c_uint64, ctypes.c_void_p),
    )(callback.address)
    for ring in (one, other):
        ring.write(sent)
    for _ in range(4):
        out = np.full((512, 2), 9.0, np.float32)
        assert call(None, out.ctypes.data, 512, None, 0, one.memory.ctypes.data) == 0
        assert np.array_equal(out.T, read(other, 512))
    assert np.array_equal(one.memory, other.memory)


def test_a_lost_card_keeps_time_and_fades_in_when_it_is_back() -> None:
    there = {"is": False}

    def card() -> FakeCard:
        made = FakeCard()
        made.gone = not there["is"]
        return made

    stage = Stage(cards=card)
    stage.play(2.0)
    stage.card.gone = True
    stage.play(3.0)
    assert stage.session.status().state == "lost"
    assert stage.session.status().device_losses == 1
    assert "still gone" in " ".join(stage.session.status().trouble)
    there["is"] = True
    stage.play(3.0)
    status = stage.session.status()
    assert (status.state, status.trouble) == ("playing", ())
    assert status.position_s == pytest.approx(stage.now_s, abs=0.2)
    heard = np.concatenate(stage.heard, axis=1)
    back = int(np.flatnonzero(np.abs(heard[:, 3 * 48000 :]).max(axis=0))[0]) + 3 * 48000
    assert np.abs(heard[:, back : back + 24]).max() < 0.1 * np.abs(heard[:, back:]).max()
    # It is the piece again, sample for sample, wherever it is.
    frame = stage.session.ring.played
    with Engine(performed()) as engine:
        straight = engine.read(frame)
    assert np.array_equal(heard[:, -24_000:], straight[:, -24_000:])


def test_tries_become_rarer() -> None:
    tries: list[float] = []

    def card() -> FakeCard:
        tries.append(stage.now_s)
        made = FakeCard()
        made.gone = True
        return made

    stage = Stage(cards=card)
    stage.play(0.5)
    stage.card.gone = True
    stage.play(40.0)
    waits = np.diff(tries)
    assert np.allclose(waits, [1.0, 2.0, 4.0, 8.0, 16.0][: len(waits)], atol=0.1)
    assert len(waits) >= 4
