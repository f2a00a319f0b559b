"""The scale of a signal, from what its score says and what its data are."""

from __future__ import annotations

import numpy as np

from lullaby.data.faults import fault
from lullaby.data.sliding import slid
from lullaby.model.chance import Floats
from lullaby.model.scale import Scale, as_numbers, quantiles
from lullaby.model.table import SignalDef

AUTO = (2.0, 98.0)  # percentiles
MOST_VALUES = 1000  # of an ordinal scale
MOST_WORDS = 100  # of a nominal one: more is no set of names


def scale_of(one: SignalDef, known: Floats, words: tuple[str, ...], *, joined: bool) -> Scale:
    """Return a signal's scale; ``known``: its values, none of them missing.

    ``words``: of a nominal signal; ``joined``: it is made from signals and nothing else, so 0..1.
    Raises ScoreError for a scale that cannot be.
    """
    if one.scale == "nominal":
        if len(words) > MOST_WORDS:
            message = (
                f"signal '{one.name}': {len(words)} different words; {MOST_WORDS} are the most"
            )
            raise fault(one.place("scale"), message)
        return Scale("nominal", 0.0, len(words) - 1.0, words=words)
    if one.scale == "ordinal":
        return _ordinal(one, known)
    low, high = _ends(one, known, joined=joined)
    table = quantiles(known, low, high) if one.scale == "quantile" else ()
    if one.scale == "log" and min(low, high) <= 0.0:
        message = f"signal '{one.name}': its range {low:.6g}..{high:.6g} reaches 0"
        raise fault(one.place("scale"), f"{message}; 'scale: symlog' can, or state a range over 0")
    if one.mid is not None and not min(low, high) < one.mid < max(low, high):
        message = f"signal '{one.name}': 'mid' {one.mid:.6g} lies outside {low:.6g}..{high:.6g}"
        raise fault(one.place("mid"), message)
    return Scale(one.scale, low, high, table, one.power, one.mid, one.levels)


def stated(one: SignalDef) -> Scale:
    """Return the scale of a signal whose data are still to come: what the score says of it."""
    if one.rolling_s is not None:  # any ends: each value comes with its own
        return Scale(one.scale, 1.0, 2.0, power=one.power, levels=one.levels)
    return scale_of(one, np.array(one.range or (0.0, 1.0)), one.values, joined=False)


def rolled(one: SignalDef, scale: Scale, time: Floats, values: Floats) -> tuple[Scale, Floats]:
    """Return the scale that rolls, with its ends at each row, and the values' shares by it."""
    assert one.rolling_s is not None
    low, high = (slid(time, values, end, one.rolling_s) for end in ("min", "max"))
    moving = Scale(scale.kind, low, high, power=scale.power, levels=scale.levels)
    return moving, moving.share(values)


def _ends(one: SignalDef, known: Floats, *, joined: bool) -> tuple[float, float]:
    if one.range is not None:
        return one.range
    if one.rolling_s is not None:
        return float(known.min()), float(known.max())
    if joined:
        return 0.0, 1.0
    low, high = np.percentile(known, AUTO)
    if low == high:  # nearly constant: all there is
        low, high = known.min(), known.max()
    return float(low), float(high)


def _ordinal(one: SignalDef, known: Floats) -> Scale:
    values = as_numbers(one.values)
    if values:
        low, high = values[0], values[-1]
        return Scale("ordinal", low, high, tuple(sorted(values)), levels=one.levels)
    low, high = one.range or (float(known.min()), float(known.max()))
    least, most = min(low, high), max(low, high)
    inside = known[(known >= least) & (known <= most)]
    table = np.unique(np.concatenate((inside, (least, most))))
    if len(table) > MOST_VALUES:
        message = f"signal '{one.name}': {len(table)} different values; {MOST_VALUES} are the most"
        raise fault(one.place("scale"), f"{message}, 'scale: quantile' takes any number")
    return Scale("ordinal", low, high, tuple(table.tolist()), levels=one.levels)
