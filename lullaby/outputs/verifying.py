"""The round trip: from the stems of a piece back to its data, and how far off that is.

Each parameter named under ``verify`` is read back from its part's own sound and compared with what
the raw data ask for: of a part that sounds on ten times a second, of one with ``each`` row by row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lullaby.errors import UsageError
from lullaby.measure.struck_tones import Tones
from lullaby.model.chance import Floats
from lullaby.model.context import VerifyDef
from lullaby.model.performance import MASTER, Performance, Run
from lullaby.model.signal import Known
from lullaby.outputs import flowing, striking
from lullaby.outputs.asked_for import in_data
from lullaby.outputs.untruths import CONTROLS
from lullaby.outputs.verify_check import Check, compared, judged

__all__ = ["CONTROLS", "Check", "checked", "stems_of"]

LEAST_READ = 10  # times or rows


def stems_of(performance: Performance, parts: set[str]) -> Performance:
    """Return the same piece with these parts alone, dry and without buses."""
    leads = {leader for run in performance.runs if run.part in parts for leader in run.leaders}
    runs = tuple(
        replace(run, into=MASTER, desk=replace(run.desk, sends_db={}))
        for run in performance.runs
        if run.part in parts or run.part in leads
    )
    return replace(performance, runs=runs, buses=())


def checked(
    performance: Performance,
    verify: tuple[VerifyDef, ...],
    stems: Mapping[str, Any],
    sample_rate: int,
    control: str = "",
    tones: dict[str, Tones] | None = None,
) -> list[Check]:
    """Return a check for every entry of ``verify``; ``stems``: (2, frames) by part.

    ``tones`` keeps what is heard in a stem for another call with the same stems.
    ``control``: compare with shuffled, shifted or flipped data, or with another column; such a
    check must fail.  Raises UsageError for what cannot be measured.
    """
    known = {} if tones is None else tones
    return [
        _checked(performance, one, stems[one.part], sample_rate, control, known) for one in verify
    ]


def _checked(
    performance: Performance,
    one: VerifyDef,
    sound: Any,
    sample_rate: int,
    control: str,
    tones: dict[str, Tones],
) -> Check:
    known = performance.known or Known()
    runs = [run for run in performance.runs if run.part == one.part and run.steady]
    if not runs:
        raise UsageError(f"part '{one.part}' never plays, so '{one.name}' cannot be verified")
    if runs[0].strikes is not None:
        if one.part not in tones:
            tones[one.part] = striking.tones_of(sound, sample_rate, runs)
        length_s = np.shape(sound)[1] / sample_rate
        return _struck(performance, runs, one, tones[one.part], length_s, control)
    found = [flowing.Flowing(performance, run, one, known, control) for run in runs]
    at_s, wanted = _joined(one, [(f.at_s, f.wanted) for f in found])
    heard = flowing.heard(one.parameter, sound, sample_rate, at_s, wanted, found[0].span)
    check = compared(one, at_s, wanted, heard, control)
    return judged(one, _in_data(replace(check, locked_cents=found[0].snapped), found[0]))


def _struck(
    performance: Performance,
    runs: Sequence[Run],
    one: VerifyDef,
    tones: Tones,
    length_s: float,
    control: str,
) -> Check:
    known = performance.known or Known()
    found = [striking.Struck(performance, run, one, known, control, length_s) for run in runs]
    at_s, wanted = _joined(one, [(f.at_s, f.wanted) for f in found])
    heard, off_ms = striking.heard(one.parameter, tones, at_s, wanted)
    check = compared(one, at_s, wanted, heard, control)
    check = replace(check, onset_ms=off_ms, locked_cents=found[0].snapped)
    return judged(one, _in_data(check, found[0]))


def _joined(one: VerifyDef, read: Sequence[tuple[Floats, Floats]]) -> tuple[Floats, Floats]:
    at_s, wanted = (np.concatenate(column) for column in zip(*read, strict=True))
    if len(at_s) < LEAST_READ:
        raise UsageError(f"'{one.name}': there are no data long enough to be verified")
    return at_s, wanted


def _in_data(check: Check, reading: flowing.Flowing | striking.Struck) -> Check:
    # In data units, where the unit of the parameter has a zero of its own.
    assert check.wanted is not None
    assert check.heard is not None
    if check.kind not in ("pitch", "pan", "density"):
        return check
    there = np.isfinite(check.heard)
    follows = (reading.curve, reading.signals, reading.columns)
    meant, unit = in_data(*follows, check.wanted[there])
    told, _ = in_data(*follows, check.heard[there])
    if meant is None or told is None or not len(meant):
        return check
    off = np.abs(told - meant)
    return replace(
        check,
        data_median=float(np.median(off)),
        data_95=float(np.percentile(off, 95)),
        data_unit=unit,
        signal=next(iter(reading.signals), ""),
        data_heard=in_data(*follows, check.heard)[0],
    )
