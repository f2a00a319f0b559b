"""Numbers that are dealt out, not drawn: every hand of a few holds them evenly."""

from __future__ import annotations

from typing import Any

import numpy as np

from lullaby.model.chance import Chance, Floats

HAND = 16


def dealt(chance: Chance, k: Any, own: Chance, name: str) -> Floats:
    """Return a number 0 <= x < 1 for each whole number ``k``, whose own chance is ``own``.

    Of every ``HAND`` in a row, each lies in another sixteenth, in an order of chance: no seed has
    only small or only large ones, and what a rare large one does to a sum strays much less.
    """
    hand, place = np.divmod(np.asarray(k, np.int64), HAND)
    hands, which = np.unique(hand, return_inverse=True)
    order = chance.of(name).at(hands).at(np.arange(HAND)).uniform("order")
    rank = np.argsort(np.argsort(order, axis=1), axis=1)
    x: Floats = (rank[which, place] + own.uniform(name)) / HAND
    return x
