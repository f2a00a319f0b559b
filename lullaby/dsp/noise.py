"""Noise that is a function of a key and a frame: any frame can be asked for, in any order."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.dsp.kernel import inlined

U32 = np.uint32


@inlined
def hashed(key: Any, i: Any) -> Any:
    """Return 32 well-mixed bits of a counter under a key, both uint32 (lowbias32, Wellons 2018).

    Thirty-two bits wide, so that eight lanes fit one vector; for everything that is not drawn at
    every frame use ``lullaby.dsp.kernel.uniform``.
    """
    x = U32(U32(i) * U32(0x9E3779B1)) ^ U32(key)
    x = U32(x ^ U32(x >> U32(16)))
    x = U32(x * U32(0x21F0AAAD))
    x = U32(x ^ U32(x >> U32(15)))
    x = U32(x * U32(0xD35A2D97))
    return U32(x ^ U32(x >> U32(15)))


@inlined
def white(key: Any, i: Any) -> Any:
    """Return frame ``i`` of white noise: float32, uniform in -1..1, power 1/3 (-4.8 dB)."""
    return np.float32(np.int32(hashed(key, i))) * np.float32(2.0**-31)


@inlined
def key32(key: Any) -> Any:
    """Return 32 bits of an event's 64-bit key."""
    return U32((key ^ (key >> np.uint64(32))) & np.uint64(0xFFFFFFFF))
