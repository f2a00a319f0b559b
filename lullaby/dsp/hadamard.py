"""The orthogonal matrix that scatters the lines of a reverb into one another."""

from __future__ import annotations

from typing import Any

from lullaby.dsp.kernel import kernel
from lullaby.units import STEP


@kernel
def scatter(y: Any) -> None:
    """Multiply a step of all lines by the Hadamard matrix, but for its factor 1/sqrt(lines).

    ``y``: (lines, 64), lines a power of 2; done in place, as a fast Walsh-Hadamard transform.
    """
    lines = y.shape[0]
    half = 1
    while half < lines:
        for first in range(0, lines, 2 * half):
            for j in range(first, first + half):
                for i in range(STEP):
                    a, b = y[j, i], y[j + half, i]
                    y[j, i] = a + b
                    y[j + half, i] = a - b
        half *= 2
