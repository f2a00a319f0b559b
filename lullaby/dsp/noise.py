"""Noise that is a function of a key and a frame: any frame can be asked for, in any order."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba.extending import intrinsic

from lullaby.dsp.kernel import inlined

U32 = np.uint32


def _hashed(_typing: Any, _key: Any, _i: Any) -> Any:
    """Return 32 well-mixed bits of a counter under a key, all uint32 (lowbias32, Wellons 2018).

    Thirty-two bits wide, so that eight lanes fit one vector; for everything that is not drawn at
    every frame use ``lullaby.dsp.kernel.uniform``.
    """

    def emit(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        # Written out, as products of 32 bits would be reckoned in 64, at three times the cost.
        key, i = given
        x = builder.xor(builder.mul(i, i.type(0x9E3779B1)), key)
        for shift, factor in ((16, 0x21F0AAAD), (15, 0xD35A2D97)):
            x = builder.mul(builder.xor(x, builder.lshr(x, x.type(shift))), x.type(factor))
        return builder.xor(x, builder.lshr(x, x.type(15)))

    return numba.uint32(numba.uint32, numba.uint32), emit


hashed: Any = intrinsic(_hashed)


@inlined
def white(key: Any, i: Any) -> Any:
    """Return frame ``i`` of white noise: float32, uniform in -1..1, power 1/3 (-4.8 dB)."""
    return np.float32(np.int32(hashed(U32(key), U32(i)))) * np.float32(2.0**-31)


@inlined
def key32(key: Any) -> Any:
    """Return 32 bits of an event's 64-bit key."""
    return U32((key ^ (key >> np.uint64(32))) & np.uint64(0xFFFFFFFF))
