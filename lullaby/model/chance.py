"""Chance by name and number: any value of it can be asked for, in any order.

The i-th number of a key is ``mix(key + i)``; a key is a hash of the path that says what it is for.
Nothing is ever drawn from a sequence, so no draw depends on the draws before it.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
STRIDE = np.uint64(0x9E3779B97F4A7C15)
FACTORS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
SHIFTS = (np.uint64(30), np.uint64(27), np.uint64(31))
ALL_BITS = (1 << 64) - 1
BELOW_UNIT = np.uint64(11)  # bits that a float64 of 0..1 has no place for


def mix(z: Any) -> Words:
    """Return 64 well-mixed bits for each counter (splitmix64: Steele, Lea, Flood 2014)."""
    z = np.asarray(z, np.uint64)
    if not z.ndim:
        return np.asarray(_mixed(int(z)), np.uint64)
    z = z + STRIDE
    z ^= z >> SHIFTS[0]
    z *= FACTORS[0]
    z ^= z >> SHIFTS[1]
    z *= FACTORS[1]
    z ^= z >> SHIFTS[2]
    words: Words = z
    return words


def _mixed(z: int) -> int:
    # One counter by itself: faster so, and numpy would warn where a single number wraps.
    z = (z + int(STRIDE)) & ALL_BITS
    z = ((z ^ (z >> 30)) * int(FACTORS[0])) & ALL_BITS
    z = ((z ^ (z >> 27)) * int(FACTORS[1])) & ALL_BITS
    return z ^ (z >> 31)


@lru_cache(1 << 16)  # a piece without an end names new things for ever
def named(*path: object) -> int:
    """Return the 64-bit key of a path such as ``(seed, "far", "dusk/0")`` (blake2b)."""
    text = "\x1f".join(map(str, path)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


class Chance:
    """One key or an array of keys; each draw has a name, so a new draw moves no other."""

    def __init__(self, key: Words | int) -> None:
        self.key: Words = np.asarray(key, np.uint64)

    def of(self, name: str) -> Chance:
        """Return the chance for one purpose, with its own key."""
        return Chance(mix(self.key ^ np.uint64(named(name))))

    def at(self, index: Any) -> Chance:
        """Return a chance for each whole number in ``index``, along a new last axis."""
        counter = np.asarray(index, np.int64).astype(np.uint64)
        return Chance(mix(self.key[..., None] + counter))

    def uniform(self, name: str, low: float = 0.0, high: float = 1.0) -> Floats:
        """Return a number for each key, ``low <= x < high``."""
        if self.key.ndim:
            words: Any = mix(self.key + np.uint64(named(name))) >> BELOW_UNIT
        else:
            words = np.uint64(_mixed(int(self.key) + named(name)) >> 11)
        x: Floats = low + (high - low) * (words * np.float64(2.0**-53))
        return x

    def normal(self, name: str) -> Floats:
        """Return a number for each key of mean 0 and deviation 1 (Box and Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(f"{name} radius")))
        x: Floats = radius * np.cos(2.0 * np.pi * self.uniform(f"{name} angle"))
        return x

    def choice(self, name: str, count: int) -> NDArray[np.int64]:
        """Return a whole number for each key, ``0 <= i < count``."""
        return np.floor(self.uniform(name) * count).astype(np.int64)
