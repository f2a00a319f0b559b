"""How much of a score is read: limits that only a call may raise, never the score."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Sizes above which a score is refused before anything is made of it."""

    bytes_a_file: int = 1 << 20
    bytes_in_all: int = 8 << 20
    includes: int = 64
    include_depth: int = 8
    depth: int = 32
    nodes: int = 50_000
    bytes_a_scalar: int = 64 << 10
    letters_a_value: int = 4096
    tokens_a_value: int = 256
    brackets: int = 16
    digits: int = 40
    exponent: int = 8
    strips: int = 1024  # parts and buses
